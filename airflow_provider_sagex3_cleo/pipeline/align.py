"""Align: compare suppliers and customers of Sage X3, the agreements and Cleo; keep what does not fit; report it."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Final

from airflow_provider_sagex3_cleo import errors as e
from airflow_provider_sagex3_cleo.cleo.client import CleoClient
from airflow_provider_sagex3_cleo.ledger import alignment as rows
from airflow_provider_sagex3_cleo.ledger import audit, now, queries, reference_files, versions
from airflow_provider_sagex3_cleo.ledger.alignment import FindingRow, Seen
from airflow_provider_sagex3_cleo.ledger.database import Ledger
from airflow_provider_sagex3_cleo.ledger.states import FindingState
from airflow_provider_sagex3_cleo.mapping.known_values import PARTNER_CODES, known_partner
from airflow_provider_sagex3_cleo.partners import Book
from airflow_provider_sagex3_cleo.partners import alignment as sides
from airflow_provider_sagex3_cleo.partners.alignment import ENTITY_OF, Alignment, CleoObject, CleoView, X3Partner
from airflow_provider_sagex3_cleo.pipeline.csv_out import write_csv
from airflow_provider_sagex3_cleo.pipeline.extract import bind
from airflow_provider_sagex3_cleo.pipeline.reference import latest_records
from airflow_provider_sagex3_cleo.pipeline.report import LISTED, refuse_red
from airflow_provider_sagex3_cleo.pipeline.run import PipelineSettings, Run
from airflow_provider_sagex3_cleo.sagex3.reader import Reader, Record
from airflow_provider_sagex3_cleo.sagex3.spec import EntitySpec

__all__ = [
    "CSV_COLUMNS",
    "ENTITY",
    "Compared",
    "PartnersMisaligned",
    "align",
    "alignment_report",
    "cleo_view",
    "compare",
    "status_of",
]

log = logging.getLogger(__name__)

#: What runs of this kind are filed under, beside the entities of Sage X3.
ENTITY = "partners"

CSV_COLUMNS: Final = (
    "status", "severity", "kind", "agreement", "code", "subject", "sentence", "first_seen", "last_seen", "resolved_at",
)  # fmt: skip


class PartnersMisaligned(e.Fail):
    """A live agreement points to nobody: Sage X3 or Cleo does not have what it names."""

    default_remedy = "do what the remedies say; the finding is resolved by the next run that does not see it any more"


@dataclass(frozen=True)
class Compared:
    """What one comparison gave, which partner entities it could see, and of which of them all records are landed."""

    alignment: Alignment
    view: CleoView
    entities: tuple[str, ...]
    landed: frozenset[str]

    def not_enrolled(self) -> Iterator[str]:
        """One sentence per entity: how many partners are in no agreement."""
        for entity, count in self.alignment.not_enrolled.items():
            if entity in self.landed:
                yield f"{count} of {self.alignment.partners[entity]} {entity} are active and in no agreement."
            else:
                yield f"No {entity} are landed: how many are in no agreement is shown after the first run of the DAG."

    def judged(self, row: FindingRow) -> bool:
        """Whether this comparison could see what a finding is about."""
        what, _, name = row.subject.partition(" ")
        if what in PARTNER_CODES:
            return what in self.entities
        if what in ("connection", "user"):
            return what in self.view.read
        return what != "folder" or self.view.folders.get(name, False) is not None


def align(
    run: Run,
    *,
    reader: Reader,
    ledger: Ledger,
    cleo: CleoClient,
    specs: Mapping[str, EntitySpec],
    book: Book,
    settings: PipelineSettings,
) -> dict[str, Any]:
    """Compare the three sides and keep the findings; returns counts.

    Raises: errors of the reader and of Cleo; nothing is kept then, and nothing counts as resolved."""
    source_id = bind(ledger, settings)
    compared = compare(source_id, reader=reader, ledger=ledger, cleo=cleo, specs=specs, book=book, settings=settings)
    found = compared.alignment
    with ledger.begin() as db:
        rows.record(
            db, source_id, [_seen(each) for each in found.mismatches], judged=compared.judged, run_id=run.run_id,
            actor=run.actor,
        )  # fmt: skip
    for sentence in compared.not_enrolled():
        log.info("%s", sentence)
    return {
        "run_id": run.run_id,
        "findings": len(found.mismatches),
        "alarms": len(found.alarms),
        "partners": dict(found.partners),
        "not_enrolled": dict(found.not_enrolled),
        "requests": {"sagex3": reader.meter.requests, "cleo": cleo.meter.requests},
    }


def _seen(each: sides.Mismatch) -> Seen:
    return Seen(each.kind, each.severity, each.agreement, each.code, each.subject, each.sentence)


def compare(
    source_id: int,
    *,
    reader: Reader,
    ledger: Ledger,
    cleo: CleoClient,
    specs: Mapping[str, EntitySpec],
    book: Book,
    settings: PipelineSettings,
    at: datetime | None = None,
) -> Compared:
    """The comparison alone: writes nothing. Partners of agreements are read again from Sage X3, because its lists show
    what changed and never what is gone."""
    if at is None:
        with ledger.reading() as db:
            at = now(db)
    on = at.date()
    entities = tuple(each for each in PARTNER_CODES if each in settings.partner_entities and each in specs)
    current = [a for a in book.agreements if sides.current(a, on)]
    view = cleo_view(cleo, [a.target_folder for a in current if a.stage != "setup" and a.target_folder], settings)

    landed_entities: set[str] = set()

    def partners() -> Iterator[X3Partner]:
        for entity in entities:
            codes = {a.partner for a in current if ENTITY_OF[a.role] == entity}
            fresh = {record.key: record for record in reader.details(specs[entity], sorted(codes))}
            landed: set[str] = set()
            for record in latest_records(ledger, source_id, entity):
                landed_entities.add(entity)
                if record.key in codes:
                    landed.add(record.key)
                    yield _partner(record, fresh.get(record.key), source_id, ledger)
                else:
                    yield _partner(record, record)
            for code in sorted(fresh.keys() - landed):
                yield _partner(fresh[code], fresh[code])

    found = sides.align(
        partners(), book, view, on=on, entities=entities, match=settings.align_match, ignore=settings.align_ignore
    )
    return Compared(found, view, entities, frozenset(landed_entities))


def _partner(
    landed: Record, now_there: Record | None, source_id: int | None = None, ledger: Ledger | None = None
) -> X3Partner:
    """A partner as Sage X3 has it now, with the name it was first read with where the ledger is given."""
    entity = landed.entity
    fields = (now_there or landed).fields
    partner, first = known_partner(entity, fields), None
    if ledger is not None and source_id is not None:
        with ledger.reading() as db:
            payload = versions.first_payload(db, source_id, entity, landed.key)
        first = known_partner(entity, Record.load(payload).fields).name if payload is not None else None
    return X3Partner(
        entity, str(fields.get(PARTNER_CODES[entity]) or landed.key), partner.name, partner.active, first,
        there=now_there is not None,
    )  # fmt: skip


def cleo_view(cleo: CleoClient, folders: Iterable[str], settings: PipelineSettings) -> CleoView:
    """What Cleo lets us see. A tenant without the routes, or without the right to them, is no fault: nothing is said of
    its connections or users then."""
    objects: list[CleoObject] = []
    read = set()
    for kind, listed in (("connection", _connections), ("user", _users)):
        try:
            objects += listed(cleo)
        except (e.NotFound, e.RightMissing) as problem:
            log.info("Cleo shows no %ss: %s", kind, problem.sentence)
        else:
            read.add(kind)
    wanted = sorted(set(folders)) if settings.align_folders else []
    return CleoView(tuple(objects), frozenset(read), {folder: cleo.has_folder(folder) for folder in wanted})


def _connections(cleo: CleoClient) -> list[CleoObject]:
    return [
        CleoObject("connection", c.alias, c.enabled, c.ready, c.not_ready_reason, c.partner_id, c.path)
        for c in cleo.connections()
    ]


def _users(cleo: CleoClient) -> list[CleoObject]:
    return [CleoObject("user", u.username, u.enabled, u.ready, u.not_ready_reason, path=u.path) for u in cleo.users()]


# --- report -----------------------------------------------------------------------------------------------------------
def alignment_report(
    run: Run, *, ledger: Ledger, settings: PipelineSettings, upstream: Mapping[str, str]
) -> dict[str, Any]:
    """Say what is new, what stands and what is resolved; write the CSV where a folder is set; seal; returns counts.

    Raises:
        RunWasRed: a task before it failed.
        PartnersMisaligned: a live agreement points to nobody."""
    source_id = bind(ledger, settings)
    with ledger.begin() as db:
        seal = audit.seal(db, run.run_id, run.actor)
    with ledger.reading() as db:
        found = rows.of_run(db, source_id, run.run_id)
        files = reference_files.of_run(db, source_id, run.run_id)
        held = [row for entity in settings.partner_entities for row in queries.held(db, source_id, entity)]
    counts = dict.fromkeys(("new", "standing", "resolved"), 0)
    for row in found:
        counts[status_of(row, run.run_id)] += 1
    log.info("Partners: %s.", ", ".join(f"{count} {name}" for name, count in counts.items()))
    for row in found[:LISTED]:
        level = logging.INFO if row.state is FindingState.RESOLVED else logging.WARNING
        log.log(level, "%s", "  ".join((status_of(row, run.run_id), row.severity, row.kind, row.sentence)))
    if len(found) > LISTED:
        log.warning("... and %d more (`sagex3-cleo partners align` shows all).", len(found) - LISTED)
    for file in files:
        log.info("Reference file %s/%s: %s, %d records.", file.folder, file.file_name, file.state.value, file.records)
    for waiting in held[:LISTED]:
        log.warning("%s %s: %s %s.", waiting.state.value, waiting.key, waiting.reason, waiting.remedy or "")
    if settings.align_csv_folder is not None:
        path = write_csv(settings.align_csv_folder / "alignment.csv", CSV_COLUMNS, _cells(found, run.run_id))
        log.info("Written to %s.", path)
    refuse_red(run, upstream)
    alarms = [row for row in found if row.state is FindingState.OPEN and row.severity == "alarm"]
    if alarms:
        listed = "; ".join(row.sentence.rstrip(".") for row in alarms[:10])
        raise PartnersMisaligned(f"{len(alarms)} alarms: {listed}", record=run.run_id)
    return {
        "run_id": run.run_id,
        "entity": run.entity,
        "counts": counts,
        "files": len(files),
        "held": len(held),
        "seal": seal.hash,
    }


def status_of(row: FindingRow, run_id: str) -> str:
    """new, standing or resolved, as this run saw it."""
    if row.state is FindingState.RESOLVED:
        return "resolved"
    return "new" if row.opened_run == run_id else "standing"


def _cells(found: Iterable[FindingRow], run_id: str) -> Iterator[list[str | None]]:
    for row in found:
        told: dict[str, Any] = asdict(row) | {"status": status_of(row, run_id)}
        for column in ("first_seen", "last_seen", "resolved_at"):
            told[column] = told[column].isoformat(timespec="seconds") if told[column] else None
        yield [told[column] for column in CSV_COLUMNS]
