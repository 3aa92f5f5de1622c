"""Check: is everything there that a run needs? One line each, with the remedy where it is red. Changes nothing."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from airflow_provider_sagex3_cleo.cleo.client import CleoClient
from airflow_provider_sagex3_cleo.errors import NotFound, ProviderError, RightMissing
from airflow_provider_sagex3_cleo.ledger import windows
from airflow_provider_sagex3_cleo.ledger.database import Ledger
from airflow_provider_sagex3_cleo.partners import check as check_agreements
from airflow_provider_sagex3_cleo.partners import load_book
from airflow_provider_sagex3_cleo.pipeline import watermark as marks
from airflow_provider_sagex3_cleo.pipeline.acknowledge import inbound_folders
from airflow_provider_sagex3_cleo.pipeline.convert import envelope, file_bytes
from airflow_provider_sagex3_cleo.pipeline.extract import bind
from airflow_provider_sagex3_cleo.pipeline.flows import FLOWS
from airflow_provider_sagex3_cleo.pipeline.freshness import REMEDY, stale
from airflow_provider_sagex3_cleo.pipeline.normalise import asked_for
from airflow_provider_sagex3_cleo.pipeline.run import PipelineSettings, WatermarkStore, check_environment
from airflow_provider_sagex3_cleo.sagex3.reader import Reader
from airflow_provider_sagex3_cleo.sagex3.spec import EntitySpec
from airflow_provider_sagex3_cleo.x12 import SetBody

__all__ = ["Line", "check", "write_probes"]

CLOCK_DRIFT_S = 120.0


@dataclass(frozen=True)
class Line:
    """One line of `check`: `state` is 'ok', 'warning' or 'red'."""

    state: str
    what: str
    found: str
    remedy: str = ""


def check(
    *,
    settings: PipelineSettings,
    specs: Mapping[str, EntitySpec],
    reader: Callable[[], Reader],
    cleo: Callable[[], CleoClient],
    ledger: Callable[[], Ledger],
    watermark: WatermarkStore,
) -> Iterator[Line]:
    """Yield what works and what does not; a part that cannot even be opened is one red line, the others go on.

    Of the documents those count for whose set there is an agreement; all of them where there is none yet. Of the
    references (suppliers, products ...) those count that have been read before."""
    try:
        check_environment(settings)
        yield Line("ok", "environments", f"both connections say {settings.environment_source}")
    except ProviderError as problem:
        yield _red("environments", problem)
    folders: list[str] = []
    used = {name: spec for name, spec in specs.items() if name in FLOWS}
    kept = {
        name: spec
        for name, spec in specs.items()
        if name not in FLOWS and watermark.get(marks.variable_name(settings.conn_id, name))
    }
    findings = check_agreements(settings.agreements)
    faults = [f for f in findings if f.severity == "error"]
    for finding in findings:
        yield Line("red" if finding.severity == "error" else "warning", "agreements", str(finding),
                   "correct the file")  # fmt: skip
    if not faults:
        book = load_book(settings.agreements)
        folders = sorted({a.target_folder for a in book.agreements if a.target_folder and a.stage != "setup"})
        folders += [folder for folder in inbound_folders(book, settings) if folder not in folders]
        sets = {agreement.set_id for agreement in book.agreements}
        used = {name: spec for name, spec in used.items() if FLOWS[name].set_id in sets} or used
        yield Line("ok", "agreements", f"{len(book.agreements)} in {settings.agreements}")
        for entity in asked_for(book.tables):
            if entity not in kept:
                remedy = f"add {entity} to partner_entities, or run `sagex3-cleo baseline --entity {entity}`"
                yield Line("warning", "tables.yaml", f"asks for {entity} of Sage X3, which were never read", remedy)
    used |= kept
    yield from _check_source(used, reader)
    yield from _check_cleo(folders, cleo)
    yield from _check_ledger(settings, used, ledger, watermark)


def _red(what: str, problem: ProviderError) -> Line:
    text = str(problem)
    return Line("red", what, text, "" if problem.remedy else "see the text")


def _check_source(specs: Mapping[str, EntitySpec], opened: Callable[[], Reader]) -> Iterator[Line]:
    try:
        reader = opened()
    except ProviderError as problem:
        yield _red("Sage X3", problem)
        return
    try:
        for spec in specs.values():
            try:
                yield from _check_entity(spec, reader)
            except ProviderError as problem:
                yield _red(f"Sage X3 {spec.name}", problem)
    finally:
        reader.close()


def _check_entity(spec: EntitySpec, reader: Reader) -> Iterator[Line]:
    for each in (spec, *(related.spec for related in spec.related.values())):
        for result in reader.probe(each):
            yield Line("ok" if result.ok else "red", f"Sage X3 {result.name}", result.found, result.remedy)
    if spec.lines is not None and len(reader.sources(spec)) == 1:
        yield Line("warning", f"Sage X3 {spec.name}", "this site offers no line table by this transport",
                   "the daily sweep finds line edits that move no header stamp; switch its DAG on")  # fmt: skip
    first = next(iter(reader.key_pages(spec, reader.sources(spec)[0], lower=datetime.now(UTC))), None)
    if first is not None:
        drift = abs((first.server_time - datetime.now(UTC)).total_seconds())
        state = "warning" if drift > CLOCK_DRIFT_S else "ok"
        yield Line(state, "Sage X3 clock", f"{drift:.0f} s from ours",
                   "windows follow Sage X3's clock; set it by NTP" if state == "warning" else "")  # fmt: skip


def _check_cleo(folders: list[str], opened: Callable[[], CleoClient]) -> Iterator[Line]:
    try:
        client = opened()
    except ProviderError as problem:
        yield _red("Cleo", problem)
        return
    try:
        lines = client.check(folders)
        for line in lines:
            yield Line("ok" if line.ok else "red", line.what, line.found, line.remedy)
        if lines[0].ok:
            yield from _check_directory(client)
    finally:
        client.close()


def _check_directory(client: CleoClient) -> Iterator[Line]:
    """A Cleo without these routes, or a user without the right to them, is a note: the alignment then says nothing of
    connections and users."""
    for what, listed in (("connections", client.connections), ("users", client.users)):
        try:
            yield Line("ok", f"Cleo {what}", f"readable, {len(listed())}")
        except (NotFound, RightMissing) as problem:
            yield Line("ok", f"Cleo {what}", f"not readable ({problem.found}): left out of the alignment")
        except ProviderError as problem:
            yield Line("warning", f"Cleo {what}", problem.sentence, problem.remedy)


def _check_ledger(
    settings: PipelineSettings, specs: Mapping[str, EntitySpec], opened: Callable[[], Ledger], watermark: WatermarkStore
) -> Iterator[Line]:
    try:
        ledger = opened()
        source_id = bind(ledger, settings)
    except ProviderError as problem:
        yield _red("ledger", problem)
        return
    yield Line("ok", "ledger", f"{ledger.uuid}, bound to {settings.source} -> {settings.target}")
    for entity in specs:
        name = marks.variable_name(settings.conn_id, entity)
        with ledger.reading() as db:
            last = windows.last_certified(db, source_id, entity)
        try:
            mark = marks.check(
                marks.read(watermark, name), name=name, source=settings.source, ledger=ledger.uuid,
                landed=last.upper if last else None, source_time=datetime.now(UTC),
            )  # fmt: skip
            yield Line("ok", f"watermark {entity}", mark.cursor.isoformat())
        except ProviderError as problem:
            yield _red(f"watermark {entity}", problem)
    for each in stale(ledger, source_id, settings.freshness_h):
        if each.entity in specs:
            yield Line("red", f"freshness {each.entity}", each.sentence, REMEDY)
    ledger.close()


def write_probes(client: CleoClient, folder: str, settings: PipelineSettings) -> Iterator[Line]:
    """Upload a small file to a folder named for that, and one without envelope of ours where an agreement sends such.

    Each is read back, and deleted where the dialect can. Agreements with faults are the business of `check`."""
    yield _round_trip(client, folder, f"sagex3-cleo-probe-{secrets.token_hex(4)}.txt", _PROBE)
    if any(finding.severity == "error" for finding in check_agreements(settings.agreements)):
        return
    book = load_book(settings.agreements)
    for agreement in book.agreements:
        identity = book.identities.get(agreement.identity or next(iter(book.identities), ""))
        if agreement.envelope != "cleo" or agreement.missing() or identity is None:
            continue
        ids = replace(envelope(agreement, identity), usage="T")
        body = SetBody("850", "PO", ids.release, _PROBE_ORDER)
        form, number = settings.cleo_envelope, secrets.randbelow(999_999_999) + 1
        data = file_bytes([body], ids, {"FILE": number}, st=["0001"], at=datetime.now(UTC), form=form)
        line = _round_trip(client, folder, f"sagex3-cleo-probe-{agreement.file_name_of(number)}", data)
        if line.state == "ok":
            found = f"{line.found} without envelope of ours (cleo_envelope = {form})"
            line = replace(line, found=found, remedy=f"look in Cleo whether it put its own around {number}")
        yield line
        return


_PROBE = b"write probe of sagex3-cleo, may be deleted\n"
_PROBE_ORDER = (
    ("BEG", "00", "SA", "PROBE", "", "20000101"),
    ("PO1", "1", "1", "EA", "1", "", "VP", "PROBE"),
    ("CTT", "1"),
)


def _round_trip(client: CleoClient, folder: str, name: str, data: bytes) -> Line:
    try:
        answer = client.upload(folder, name, data)
        seen = client.read(folder, answer.stored_name or name) if client.settings.can_read else data
        if client.settings.can_delete:
            client.delete(folder, answer.stored_name or name)
    except ProviderError as problem:
        return _red(f"Cleo write {folder}", problem)
    if seen != data:
        return Line("warning", f"Cleo write {folder}", "stored, but not read back unchanged",
                    "the folder may be emptied at once: set pickup: may in its agreements")  # fmt: skip
    return Line("ok", f"Cleo write {folder}", f"stored and read back ({answer.status})")
