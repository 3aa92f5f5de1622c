"""What people ask: where is PO 4711, and what did this run do?"""

from __future__ import annotations

import time
from datetime import timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.event import listen

from airflow_provider_sagex3_cleo.ledger import attempts, documents, interchanges, lanes, queries, versions
from airflow_provider_sagex3_cleo.ledger.states import AttemptOutcome, DocState, InterchangeState, VersionState
from airflow_provider_sagex3_cleo.ledger.versions import VersionMove
from tests.ledger.making import ENTITY, RUN, T0, World


def send(world: World, *keys: str) -> int:
    ids = world.ready(*keys)
    held = world.lease()
    file = world.store(held, *ids)
    with world.ledger.begin() as db:
        interchanges.move(
            db, file, InterchangeState.STORED, InterchangeState.SENDING, "upload begins", lease=held, run_id=RUN
        )
        attempt = attempts.start(db, file, lease=held, run_id=RUN, worker="worker-1")
        attempts.finish(db, attempt, AttemptOutcome.SENT, "stored", 201)
        interchanges.move(db, file, InterchangeState.SENDING, InterchangeState.SENT, "201", lease=held, run_id=RUN)
        documents.transition_many(
            db, ids, DocState.SENDING, DocState.SENT, "201", run_id=RUN, actor="deliver", lease=held
        )
    return file


@pytest.mark.parametrize("term", ["PO4711", "POPO4711", " 850_0042_000000001.edi ", "1", "000000001", "0042"])
def test_an_order_is_found_by_whatever_one_has_in_hand(world: World, term: str) -> None:
    send(world, "PO4711")
    world.land("PO4711", stamp=T0 + timedelta(minutes=5))
    with world.ledger.reading() as db:
        (story,) = queries.trace(db, term)
    assert (story.entity, story.key) == (ENTITY, "PO4711")
    assert [(each.state, each.landed_run) for each in story.versions] == [
        (VersionState.MAPPED, RUN),
        (VersionState.LANDED, RUN),
    ]
    (document,) = story.documents
    assert [(event.was, event.now, event.actor) for event in document.events] == [
        (None, "ready", "transform"),
        ("ready", "sending", "deliver"),
        ("sending", "sent", "deliver"),
    ]
    (file,) = document.files
    assert (file.row.file_name, file.row.isa, file.row.gs, file.st) == ("850_0042_000000001.edi", 1, 1, "0001")
    assert [(each.outcome, each.http_status) for each in file.attempts] == [(AttemptOutcome.SENT, 201)]
    assert [event.now for event in file.events] == ["stored", "sending", "sent"]


def test_a_held_record_without_a_document_is_found_too_with_its_reason(world: World) -> None:
    world.land("PO1")
    held = VersionMove(world.due()[0].id, VersionState.HELD, "unit 'PAL' unknown", "add PAL", partner="0042")
    world.settle(held)
    with world.ledger.reading() as db:
        for term in ("PO1", "0042"):
            (story,) = queries.trace(db, term)
            assert (story.versions[0].reason, story.versions[0].remedy) == ("unit 'PAL' unknown", "add PAL")
            assert story.versions[0].events[-1].detail == {"partner": "0042", "remedy": "add PAL"}
        for term in ("", "PO2", "99", "no.edi"):
            assert queries.trace(db, term) == []


def test_a_run_is_counted_by_outcome(world: World) -> None:
    send(world, "PO1", "PO2")
    world.ready("PO3")
    world.land("PO4", "PO5", "PO6", "PO7")
    four, five, six, seven = world.due()
    world.settle(
        VersionMove(four.id, VersionState.HELD, "unit unknown", cause_hash="c1"),
        VersionMove(five.id, VersionState.NOT_FOR_EDI, "no agreement", partner="0077"),
        VersionMove(six.id, VersionState.WAITING, "not signed", cause_hash="c1"),
        VersionMove(seven.id, VersionState.UNCHANGED, "only receipts"),
    )
    (refused,) = world.ready("PO8")
    with world.ledger.begin() as db:
        held = db.execute(text("SELECT lease FROM sxc_lane")).scalar_one()
    file = world.store(held, refused)
    with world.ledger.begin() as db:
        for was, to in (
            (InterchangeState.STORED, InterchangeState.SENDING),
            (InterchangeState.SENDING, InterchangeState.REFUSED),
        ):
            interchanges.move(db, file, was, to, "403", lease=held, run_id=RUN)
        documents.transition(
            db, refused, DocState.SENDING, DocState.READY, "403", run_id=RUN, actor="deliver", lease=held
        )
    world.land("PO9", run_id="another")
    with world.ledger.reading() as db:
        found = queries.counts(db, world.source, ENTITY, RUN)
        standing = queries.standing(db, world.source)
    assert {outcome: count for outcome, count in found.items() if count} == {
        "landed": 8,
        "mapped": 4,
        "sent": 2,
        "ready": 1,
        "refused": 1,
        "held": 1,
        "not_for_edi": 1,
        "waiting": 1,
        "unchanged": 1,
    }
    assert {"quarantined", "in_doubt", "blocked", "superseded"} <= found.keys()
    assert standing.documents == {"sent": 2, "ready": 2}
    assert standing.interchanges == {"sent": 1, "refused": 1}
    assert standing.versions["landed"] == 1


COPY = """
INSERT INTO {table} ({columns})
WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 50000)
SELECT {values} FROM {table}, n WHERE {table}.id = 1
"""


def multiply(world: World) -> None:
    """50,000 more orders with a file each, as the database itself can make them."""
    changed = {
        "sxc_record_version": {"id": "i + 100", "key": "'K' || i", "partner": "'P' || (i % 300)"},
        "sxc_document": {
            "id": "i + 100",
            "key": "'K' || i",
            "number": "'N' || i",
            "partner": "'P' || (i % 300)",
            "version_id": "i + 100",
        },
        "sxc_interchange": {"id": "i + 100", "file_name": "'F' || i", "isa": "i + 100", "gs": "i + 100"},
        "sxc_event": {"id": "i + 100", "subject": "'document'", "subject_id": "i + 100", "seq": "1"},
    }
    with world.ledger.begin() as db:
        for table, new in changed.items():
            names = [row.name for row in db.execute(text(f"PRAGMA table_info({table})"))]
            values = ", ".join(new.get(name, f'{table}."{name}"') for name in names)
            columns = ", ".join(f'"{name}"' for name in names)
            db.execute(text(COPY.format(table=table, columns=columns, values=values)))
        links = "INSERT INTO sxc_document_in_interchange SELECT id, id, '0001', 1, NULL FROM sxc_interchange"
        db.execute(text(f"{links} WHERE id > 100"))


def test_fifty_thousand_orders_are_searched_within_fifty_milliseconds(sqlite_world: World) -> None:
    send(sqlite_world, "PO4711")
    multiply(sqlite_world)
    with sqlite_world.ledger.reading() as db:
        for term, stories in (("K49000", 1), ("N49000", 1), ("F49000", 1), ("000049100", 1), ("P7", 20), ("none", 0)):
            times = []
            for _ in range(3):
                started = time.perf_counter()
                found = queries.trace(db, term)
                times.append(time.perf_counter() - started)
            assert len(found) == stories
            assert min(times) < 0.05, (term, times)


def test_what_is_due_is_found_by_its_index_alone(sqlite_world: World) -> None:
    sqlite_world.ready("PO1")
    held = sqlite_world.lease()
    asked: list[str] = []
    with sqlite_world.ledger.reading() as db:
        listen(db.engine, "before_cursor_execute", lambda *seen: asked.append(seen[2]))
        versions.due(db, sqlite_world.source, ENTITY, part=1, parts=3, cause_hash="c1", source_now=T0, after_id=7)
        versions.due_count(db, sqlite_world.source, ENTITY, "c1", T0)
        queries.held(db, sqlite_world.source, ENTITY)
        documents.ready_in_lane(db, sqlite_world.lane, 50)
        interchanges.unfinished(db, sqlite_world.lane)
        lanes.due(db, sqlite_world.source, ["850"])
        lanes.seconds_left(db, sqlite_world.lane, held)
        plans = [
            row[3]
            for statement in list(asked)
            for row in db.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", (None,) * statement.count("?"))
        ]
    for table in ("sxc_record_version", "sxc_document", "sxc_interchange"):
        steps = [plan for plan in plans if f" {table}" in plan]
        assert steps
        assert all("INDEX" in step or "PRIMARY KEY" in step for step in steps), steps
        assert not [plan for plan in plans if "TEMP B-TREE FOR ORDER BY" in plan]
