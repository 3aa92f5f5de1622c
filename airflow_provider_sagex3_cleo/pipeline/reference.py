"""Reference records: entities of which nothing is sent are landed like any other, and kept.

Each version ends as mapped, "kept as reference", and supersedes the one before it. Two records that claim one code or
one value that must be unique (a bar code) are held, each with a sentence that names the other.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Any

from airflow_provider_sagex3_cleo.errors import Action, ProviderError
from airflow_provider_sagex3_cleo.ledger import kept, versions
from airflow_provider_sagex3_cleo.ledger.database import Ledger
from airflow_provider_sagex3_cleo.ledger.states import VersionState
from airflow_provider_sagex3_cleo.ledger.versions import VersionMove, VersionRow
from airflow_provider_sagex3_cleo.pipeline.extract import bind
from airflow_provider_sagex3_cleo.pipeline.run import PipelineSettings, Run
from airflow_provider_sagex3_cleo.sagex3.reader import Record
from airflow_provider_sagex3_cleo.sagex3.spec import EntitySpec

__all__ = ["KEPT", "keep", "latest_records"]

log = logging.getLogger(__name__)

KEPT = "kept as reference"
ROWS_AT_ONCE = 200
WHOLE = MappingProxyType({"part": 0, "of": 1})

#: Whose record it is, for people who look for a partner.
_PARTNER = {"suppliers": "BPSNUM", "customers": "BPCNUM", "addresses": "BPANUM", "supplier_invoices": "BPR"}

_Mark = tuple[str, str]  # column, value
_KEY = ""  # the mark of the key itself


def keep(
    ledger: Ledger, run: Run, *, spec: EntitySpec, settings: PipelineSettings, part: Mapping[str, int] = WHOLE
) -> dict[str, Any]:
    """Keep all versions of one part that landed since; returns lineage counts.

    A version and what it supersedes are one transaction. Held duplicates are looked at again by each call, so that they
    are kept once one of them is corrected. Memory holds the values that must be unique, of the records that are due.

    Raises: LostRace where another run was faster; the retried task finds them done."""
    source_id = bind(ledger, settings)
    claims = _claims(ledger, source_id, spec, part)
    counts: Counter[str] = Counter()
    for rows in _due(ledger, source_id, spec, part):
        moves = [_decided(row, spec, claims) for row in rows]
        now_kept = [(row.key, row.id) for row, move in zip(rows, moves, strict=True) if move.to is VersionState.MAPPED]
        with ledger.begin() as db:
            versions.settle(db, run.run_id, run.actor, moves)
            counts["superseded"] += kept.supersede_older(
                db, source_id, spec.name, now_kept, run_id=run.run_id, actor=run.actor
            )
        counts.update(str(move.to) for move in moves)
    found = {name: count for name, count in sorted(counts.items()) if count}
    log.info("%s: %s.", spec.name, ", ".join(f"{n} {name}" for name, n in found.items()) or "nothing was due")
    return {"run_id": run.run_id, "part": part["part"], "of": part["of"], "counts": found}


def latest_records(ledger: Ledger, source_id: int, entity: str) -> Iterator[Record]:
    """Yield the version in force of each key, by key; memory holds one page.

    A record that is held is not among them, but the version of it that was kept before is. A record deleted in Sage X3
    stays in force: no list shows a deletion."""
    for each in kept.latest(ledger, source_id, entity):
        yield Record.load(each.payload)


def _due(ledger: Ledger, source_id: int, spec: EntitySpec, part: Mapping[str, int]) -> Iterator[list[VersionRow]]:
    after = 0
    while True:
        with ledger.reading() as db:
            rows = versions.due(
                db, source_id, spec.name, part=part["part"], parts=part["of"], cause_hash=spec.hash,
                source_now=datetime.now(UTC), after_id=after, limit=ROWS_AT_ONCE,
            )  # fmt: skip
        if not rows:
            return
        yield rows
        after = rows[-1].id


def _claims(ledger: Ledger, source_id: int, spec: EntitySpec, part: Mapping[str, int]) -> Mapping[_Mark, list[str]]:
    """Which keys claim each mark of the records that are due; nothing is read where none is."""
    claims: dict[_Mark, list[str]] = {}
    for rows in _due(ledger, source_id, spec, part):
        for row in rows:
            claims.update((mark, []) for mark in _marks(Record.load(row.payload), spec))
    if claims:
        for each in kept.latest(ledger, source_id, spec.name, kept.CURRENT):
            for mark in _marks(Record.load(each.payload), spec):
                if mark in claims:
                    claims[mark].append(each.key)
    return claims


def _marks(record: Record, spec: EntitySpec) -> list[_Mark]:
    """What no other record may have: the code as a person reads it, and the values of unique columns."""
    values = [(column, record.fields.get(column)) for column in spec.unique]
    return [(_KEY, "".join(record.key.split()).casefold()), *((c, str(v)) for c, v in values if v is not None)]


def _decided(row: VersionRow, spec: EntitySpec, claims: Mapping[_Mark, list[str]]) -> VersionMove:
    record = Record.load(row.payload)
    owner = _PARTNER.get(spec.name)
    partner = None if owner is None else str(record.fields.get(owner) or "") or None
    try:
        _ = record.lines  # refuses a record that is not whole
    except ProviderError as problem:
        if problem.action is not Action.QUARANTINE:
            raise
        return VersionMove(
            row.id, VersionState.QUARANTINED, problem.sentence, remedy=problem.remedy or None, partner=partner
        )
    for column, value in _marks(record, spec):
        others = [key for key in claims.get((column, value), ()) if key != record.key]
        if others:
            what = f"{column} {value}" if column else "the code"
            return VersionMove(
                row.id, VersionState.HELD,
                f"{spec.name} {record.key} and {others[0]} have {what} in common; nobody can tell which one it names",
                remedy="correct one of the two in Sage X3: both are looked at again by each run",
                field=column or spec.key[0], value=value, partner=partner,
            )  # fmt: skip
    return VersionMove(row.id, VersionState.MAPPED, KEPT, partner=partner)
