"""Suppliers, customers and products to Cleo as files, a new one only where the content changed.

Name and bytes are kept in the ledger before the first byte leaves, so a run that stops anywhere is taken up with the
same file. An upload without an answer is settled by looking: presence proves, and absence proves only where nobody
picks files up (`reference_pickup`).
"""

from __future__ import annotations

import json
import logging
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from airflow_provider_sagex3_cleo import errors as e
from airflow_provider_sagex3_cleo.cleo.client import CleoClient
from airflow_provider_sagex3_cleo.ledger import reference_files as rows
from airflow_provider_sagex3_cleo.ledger import runs, sql
from airflow_provider_sagex3_cleo.ledger.database import Ledger
from airflow_provider_sagex3_cleo.ledger.reference_files import ReferenceFileRow
from airflow_provider_sagex3_cleo.ledger.states import InterchangeState
from airflow_provider_sagex3_cleo.mapping.reference_rows import SCHEMAS, ReferenceSchema, reference_rows
from airflow_provider_sagex3_cleo.pipeline.csv_out import csv_bytes
from airflow_provider_sagex3_cleo.pipeline.extract import bind
from airflow_provider_sagex3_cleo.pipeline.looking import Seen, look
from airflow_provider_sagex3_cleo.pipeline.reference import latest_records
from airflow_provider_sagex3_cleo.pipeline.run import PipelineSettings, Run
from airflow_provider_sagex3_cleo.sagex3.reader import Record

__all__ = ["FORMATS", "ReferenceFilesRefused", "ReferenceFilesUnsettled", "reference_files"]

log = logging.getLogger(__name__)

LOCK = "reference_files"
TRIES = 3
LISTED = 20

_S = InterchangeState
_Values = Sequence[Sequence[str | bool | None]]


class ReferenceFilesRefused(e.Fail):
    """Cleo refused one or more reference files; the others went."""

    default_remedy = "mend what the reasons name; the next run sends what is left"


class ReferenceFilesUnsettled(e.Retry):
    """Whether a reference file arrived could not be found out now; trying again is safe."""


def _csv(schema: ReferenceSchema, values: _Values, guard: bool) -> bytes:
    whole = ([schema.name, str(schema.version), *map(_cell, row)] for row in values)
    return csv_bytes(schema.header, whole, guard=guard)


def _cell(value: str | bool | None) -> str | None:
    return ("true" if value else "false") if isinstance(value, bool) else value


def _jsonl(schema: ReferenceSchema, values: _Values, guard: bool) -> bytes:
    encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode
    fixed = (schema.name, schema.version)
    lines = (encode(dict(zip(schema.header, (*fixed, *row), strict=True))) for row in values)
    return "".join(f"{line}\n" for line in lines).encode()


#: How a file can be written, by the ending of its name.
FORMATS: dict[str, Callable[[ReferenceSchema, _Values, bool], bytes]] = {"csv": _csv, "jsonl": _jsonl}


@dataclass
class _Sending:
    """One run of reference files."""

    run: Run
    ledger: Ledger
    cleo: CleoClient
    settings: PipelineSettings
    source_id: int
    counts: Counter[str] = field(default_factory=Counter)
    refused: list[str] = field(default_factory=list)
    unsettled: list[str] = field(default_factory=list)

    def move(self, file: ReferenceFileRow, was: InterchangeState, to: InterchangeState, why: str) -> None:
        with self.ledger.begin() as db:
            rows.move(db, file.id, was, to, why, run_id=self.run.run_id, actor=self.run.actor)
        if to is not _S.SENDING:
            log.info("%s/%s: %s (%s)", file.folder, file.file_name, to.value, why)

    def hold_lock(self) -> None:
        """One run at a time writes reference files. Raises: LedgerBusy."""
        with self.ledger.begin() as db:
            mine = runs.lock(db, self.source_id, LOCK, self.run.run_id, self.settings.lease_s)
        if not mine:
            raise e.LedgerBusy("another run sends reference files now", system="ledger",
                               remedy="nothing to do: the task is retried when the other run is done")  # fmt: skip


def reference_files(
    run: Run,
    *,
    ledger: Ledger,
    cleo: CleoClient,
    settings: PipelineSettings,
) -> dict[str, Any]:
    """Send each reference file whose content is not what was sent last; returns lineage counts.

    A file holds all records of one entity. An empty list is never sent: it is more likely a lost right than the truth.

    Raises:
        ReferenceFilesRefused: Cleo refused a file; the others went.
        ReferenceFilesUnsettled: whether a file arrived is unknown now, or Cleo failed; a retry settles it.
        LedgerBusy: another run sends reference files."""
    source_id = bind(ledger, settings)
    sending = _Sending(run, ledger, cleo, settings, source_id)
    if not settings.reference_folder:
        log.info("No reference files: the setting reference_folder names no folder of Cleo.")
        return {"run_id": run.run_id, "counts": {}}
    sending.hold_lock()
    try:
        for entity in settings.reference_entities:
            _entity(sending, SCHEMAS[entity], latest_records(ledger, source_id, entity))
    finally:
        with ledger.begin() as db:
            runs.unlock(db, source_id, LOCK, run.run_id)
    if sending.refused:
        raise ReferenceFilesRefused("; ".join(sending.refused + sending.unsettled), system="cleo", record=run.run_id)
    if sending.unsettled:
        raise ReferenceFilesUnsettled("; ".join(sending.unsettled), system="cleo", record=run.run_id)
    return {"run_id": run.run_id, "counts": dict(sorted(sending.counts.items())), "requests": cleo.meter.requests}


def _entity(sending: _Sending, schema: ReferenceSchema, records: Iterable[Record]) -> None:
    made = reference_rows(schema, records)
    for sentence in made.held[:LISTED]:
        log.warning("%s", sentence)
    if made.held:
        sending.counts["held_records"] += len(made.held)
    if not made.rows:
        log.warning(
            "No %s are landed: no file is sent. Run `sagex3-cleo baseline --entity %s`.", schema.name, schema.name
        )
        return
    for format in sending.settings.reference_formats:
        content = FORMATS[format](schema, made.rows, sending.settings.reference_guard)
        _file(sending, schema, format, content, len(made.rows))


def _file(sending: _Sending, schema: ReferenceSchema, format: str, content: bytes, records: int) -> None:
    """Send one content, unless it is what was sent last."""
    folder, digest = sending.settings.reference_folder, sql.sha256(content)
    with sending.ledger.reading() as db:
        last = rows.latest(db, sending.source_id, schema.name, format, folder)
        number = rows.count(db, sending.source_id, schema.name, format) + 1
    if last is not None and last.state is not _S.SENT:
        state = _settle(sending, last, wanted=last.sha256 == digest)
        if state not in (_S.SENT, _S.VOIDED):
            return
        last = last if state is _S.SENT else None
    if last is not None and last.sha256 == digest:
        sending.counts["unchanged"] += 1
        return
    with sending.ledger.begin() as db:
        file = rows.store(
            db, sending.source_id, entity=schema.name, format=format, schema_name=schema.title, folder=folder,
            file_name=f"{schema.name}_v{schema.version}_{number:06d}_{digest[:12]}.{format}", records=records,
            content=content, run_id=sending.run.run_id, actor=sending.run.actor,
        )  # fmt: skip
    _upload(sending, file, content, _S.STORED)


def _settle(sending: _Sending, file: ReferenceFileRow, *, wanted: bool) -> InterchangeState | None:
    """Take up what an earlier run left behind; its state then, None where it is unknown.

    Args:
        wanted: its content is still the right one; otherwise it is given up unless it arrived."""
    with sending.ledger.reading() as db:
        content = rows.data(db, file.id)
    if file.state is _S.SENDING:
        state = _by_sight(sending, file, content, "a sender stopped before the outcome was known", tries=0)
        if state is not _S.IN_DOUBT or wanted:
            return state
    elif file.state is _S.IN_DOUBT:
        if look(sending.cleo, file.folder, file.file_name, content) == "same":
            sending.move(file, _S.IN_DOUBT, _S.SENT, "found on Cleo")
            return _S.SENT
        if wanted:
            sending.counts["in_doubt"] += 1
            return _S.IN_DOUBT
    elif wanted:
        return _upload(sending, file, content, file.state)
    was = file.state if file.state is not _S.SENDING else _S.IN_DOUBT
    sending.move(file, was, _S.VOIDED, "replaced by a newer content")
    return _S.VOIDED


def _upload(
    sending: _Sending, file: ReferenceFileRow, content: bytes, was: InterchangeState, tries: int = 0
) -> InterchangeState | None:
    """Send the kept bytes under their name, once, and keep the outcome; None where it stays unknown."""
    sending.hold_lock()
    if was is not _S.SENDING:
        sending.move(file, was, _S.SENDING, "upload begins")
    name = f"{file.folder}/{file.file_name}"
    try:
        done = sending.cleo.upload(
            file.folder, file.file_name, content, deadline_s=sending.settings.upload_deadline_s
        )  # fmt: skip
    except (e.AnswerLost, e.AlreadyThere) as problem:
        return _by_sight(sending, file, content, str(problem), tries=tries + 1,
                         told_it_is_there=isinstance(problem, e.AlreadyThere))  # fmt: skip
    except e.ProviderError as problem:
        sending.move(file, _S.SENDING, _S.REFUSED, str(problem))
        sending.counts["refused"] += 1
        (sending.unsettled if isinstance(problem, e.Retry) else sending.refused).append(f"{name}: {problem}")
        return _S.REFUSED
    note = f"Cleo answered {done.status}"
    if done.stored_name and done.stored_name != file.file_name:
        note += f" and stored it as {done.stored_name}"
    elif sending.settings.read_back or tries:
        seen = look(sending.cleo, file.folder, file.file_name, content)
        note += f"; looked: {seen}"
        if seen in ("other", "part"):
            return _doubt(sending, file, f"{note}, so the file there is not what was sent")
    return _sent(sending, file, note)


def _by_sight(
    sending: _Sending, file: ReferenceFileRow, content: bytes, why: str, *, tries: int, told_it_is_there: bool = False
) -> InterchangeState | None:
    """Settle an unknown outcome by what is on Cleo under the file's name."""
    seen: Seen = look(sending.cleo, file.folder, file.file_name, content)
    if seen == "same":
        return _sent(sending, file, f"{why}; found on Cleo")
    if seen == "other" or (seen == "part" and told_it_is_there):
        note = f"{why}; a file of this name with other content is on Cleo"
        sending.move(file, _S.SENDING, _S.REFUSED, note)
        sending.counts["refused"] += 1
        sending.refused.append(f"{file.folder}/{file.file_name}: {note}; remove it there")
        return _S.REFUSED
    if seen in ("absent", "part") and not told_it_is_there:
        if sending.settings.reference_pickup == "may":
            return _doubt(sending, file, f"{why}; looked: {seen}, but this folder is emptied by others")
        if tries < TRIES:
            log.warning("%s/%s: %s; the same bytes go again.", file.folder, file.file_name, why)
            return _upload(sending, file, content, _S.SENDING, tries + 1)
    sending.counts["unknown"] += 1
    sending.unsettled.append(f"{file.folder}/{file.file_name}: {why}; looked: {seen}")
    return None


def _sent(sending: _Sending, file: ReferenceFileRow, why: str) -> InterchangeState:
    sending.move(file, _S.SENDING, _S.SENT, why)
    sending.counts["sent"] += 1
    return _S.SENT


def _doubt(sending: _Sending, file: ReferenceFileRow, why: str) -> InterchangeState:
    sending.move(file, _S.SENDING, _S.IN_DOUBT, why)
    sending.counts["in_doubt"] += 1
    log.error("%s/%s is in doubt; it is not sent again by itself.", file.folder, file.file_name)
    return _S.IN_DOUBT
