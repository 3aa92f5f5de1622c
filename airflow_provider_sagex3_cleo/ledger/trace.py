"""The whole story of a document: where it came from, what was sent, when, by whom, and why."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Table, select
from sqlalchemy.engine import Connection
from sqlalchemy.sql import Select

from airflow_provider_sagex3_cleo.ledger import acknowledgments, attempts, documents, interchanges, schema
from airflow_provider_sagex3_cleo.ledger.sql import in_parts
from airflow_provider_sagex3_cleo.ledger.states import VersionState

__all__ = ["DocumentStory", "EventRow", "FileStory", "Story", "VersionStory", "trace"]

_V, _D, _I, _E = schema.record_version.c, schema.document.c, schema.interchange.c, schema.event.c
_IN = schema.document_in_interchange.c

Key = tuple[int, str, str]  # source, entity, key


@dataclass(frozen=True)
class EventRow:
    """One change of state: who, what, when, why."""

    at: datetime
    run_id: str
    actor: str
    was: str | None
    now: str
    why: str
    detail: Mapping[str, Any]


@dataclass(frozen=True)
class VersionStory:
    """One version of the record as it was read from X3, and what was decided about it. `key` is the record's own."""

    id: int
    key: str
    stamp: datetime
    state: VersionState
    landed_run: str
    landed_at: datetime
    reason: str | None
    remedy: str | None
    field: str | None
    value: str | None
    agreement: str | None
    partner: str | None
    sha256: str
    events: tuple[EventRow, ...]


@dataclass(frozen=True)
class FileStory:
    """One file that carried the document: its numbers (`gs` of its group, `st` its own), every try to hand it over, and
    what the partner said about it or about the file as a whole."""

    row: interchanges.InterchangeRow
    gs: int | None
    st: str
    position: int
    attempts: tuple[attempts.AttemptRow, ...]
    events: tuple[EventRow, ...]
    acknowledgments: tuple[acknowledgments.AckRow, ...] = ()


@dataclass(frozen=True)
class DocumentStory:
    """One document with the files that carried it."""

    row: documents.DocumentRow
    files: tuple[FileStory, ...]
    events: tuple[EventRow, ...]


@dataclass(frozen=True)
class Story:
    """Everything about one record of X3, or about the records of one load: their versions and our documents, oldest
    first."""

    source_id: int
    entity: str
    key: str
    versions: tuple[VersionStory, ...]
    documents: tuple[DocumentStory, ...]


def trace(db: Connection, term: str, *, limit: int = 20) -> list[Story]:
    """The stories found by number, key, file name, control number (ISA13 or GS06) or partner, in this order; newest
    first. Where all that gives nothing: by the last part of a composite key, such as an account without its chart.

    At most `limit` stories; an unknown term gives none."""
    keys = _find(db, term.strip(), limit)
    versions = _versions(db, keys)
    docs = _documents(db, keys)
    return [Story(*key, tuple(versions[key]), tuple(docs[key])) for key in keys]


def _find(db: Connection, term: str, limit: int) -> list[Key]:
    """Keys that the term names: its own first, then those of a file or a partner; of each the newest documents first,
    then records without a document."""
    of_document = (_D.source_id, _D.entity, _D.key)
    by_file = (
        select(*of_document)
        .join(schema.document_in_interchange, _IN.document_id == _D.id)
        .join(schema.interchange, _I.id == _IN.interchange_id)
    )
    documents_of, newest = select(*of_document), _D.id.desc()
    versions_of = select(_V.source_id, _V.entity, _V.key).order_by(_V.id.desc())
    queries: list[Select[Any]] = [documents_of.where(_D[name] == term).order_by(newest) for name in ("number", "key")]
    queries.append(versions_of.where(_V.key == term))
    files = [by_file.where(_I.file_name == term)]
    if term.isascii() and term.isdigit() and len(term) <= 9:
        number = int(term)
        files += [by_file.where(column == number) for column in (_I.isa, _I.gs, _IN.gs)]
    queries += [query.order_by(newest) for query in files]
    queries += [documents_of.where(_D.partner == term).order_by(newest), versions_of.where(_V.partner == term)]
    found: dict[Key, None] = {}
    for query in queries if term else ():
        for source_id, entity, key in db.execute(query.limit(limit)):
            found.setdefault((source_id, entity, key))
    if term and not found:  # no index serves this: only where nothing else was found
        ending = versions_of.where(_V.key.endswith(f"~{term}", autoescape=True))
        found = dict.fromkeys((source_id, entity, key) for source_id, entity, key in db.execute(ending.limit(limit)))
    return list(found)[:limit]


def _grouped(keys: Iterable[Key]) -> dict[tuple[int, str], list[str]]:
    groups = defaultdict(list)
    for source_id, entity, key in keys:
        groups[source_id, entity].append(key)
    return groups


def _versions(db: Connection, keys: Iterable[Key]) -> dict[Key, list[VersionStory]]:
    names = [name for name in VersionStory.__dataclass_fields__ if name != "events"]
    rows: list[tuple[Key, Any]] = []
    for (source_id, entity), some in _grouped(keys).items():
        for part in in_parts(some):
            query = select(*(_V[name] for name in names)).where(_V.source_id == source_id, _V.entity == entity)
            of_load = query.add_columns(_V.load.label("about")).where(_V.load.in_(part), _V.document_id.is_not(None))
            own = query.add_columns(_V.key.label("about")).where(_V.key.in_(part))
            for each in (own, of_load):
                rows += (((source_id, entity, row.about), row) for row in db.execute(each.order_by(_V.id)))
    events = _events(db, "record_version", [row.id for _, row in rows])
    stories: dict[Key, list[VersionStory]] = defaultdict(list)
    for about, row in rows:
        values = {name: row._mapping[name] for name in names}
        values["state"] = VersionState(row.state)
        stories[about].append(VersionStory(**values, events=events[row.id]))
    return stories


def _documents(db: Connection, keys: Iterable[Key]) -> dict[Key, list[DocumentStory]]:
    rows: list[tuple[Key, documents.DocumentRow]] = []
    for (source_id, entity), some in _grouped(keys).items():
        for key, found in documents.for_keys(db, source_id, entity, some).items():
            rows += (((source_id, entity, key), row) for row in found)
    ids = sorted({row.id for _, row in rows})
    files, events = _files(db, ids), _events(db, "document", ids)
    stories: dict[Key, list[DocumentStory]] = defaultdict(list)
    for about, row in rows:
        stories[about].append(DocumentStory(row, tuple(files[row.id]), events[row.id]))
    return stories


def _files(db: Connection, document_ids: Sequence[int]) -> dict[int, list[FileStory]]:
    links = _by_ids(db, schema.document_in_interchange, "document_id", document_ids)
    ids = sorted({link.interchange_id for link in links})
    events = _events(db, "interchange", ids)
    tries = attempts.of_many(db, ids)
    rows = {row.id: row for row in interchanges.get_many(db, ids)}
    said = acknowledgments.of_interchanges(db, ids)
    stories: dict[int, list[FileStory]] = defaultdict(list)
    for link in sorted(links, key=lambda link: link.interchange_id):
        file_id = link.interchange_id
        mine = [
            row for row in said if row.interchange_id == file_id and row.document_id in (None, link.document_id)
        ]  # fmt: skip
        story = FileStory(
            rows[file_id], link.gs or rows[file_id].gs, link.st, link.position, tuple(tries.get(file_id, ())),
            events[file_id], tuple(mine),
        )  # fmt: skip
        stories[link.document_id].append(story)
    return stories


def _by_ids(db: Connection, table: Table, column: str, ids: Sequence[int]) -> list[Any]:
    return [row for part in in_parts(ids) for row in db.execute(select(table).where(table.c[column].in_(part)))]


def _events(db: Connection, subject: str, ids: Sequence[int]) -> dict[int, tuple[EventRow, ...]]:
    names = ("at", "run_id", "actor", "was", "now", "why")
    found: dict[int, list[EventRow]] = defaultdict(list)
    for part in in_parts(ids):
        query = select(schema.event).where(_E.subject == subject, _E.subject_id.in_(part))
        for row in db.execute(query.order_by(_E.subject_id, _E.seq)):
            values = {name: row._mapping[name] for name in names}
            found[row.subject_id].append(EventRow(**values, detail=json.loads(row.detail) if row.detail else {}))
    return defaultdict(tuple, {subject_id: tuple(rows) for subject_id, rows in found.items()})
