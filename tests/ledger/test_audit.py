"""The audit: it proves itself, and names what was changed behind the ledger's back."""

from __future__ import annotations

import zlib

import pytest
from sqlalchemy import text

from airflow_provider_sagex3_cleo.ledger import audit, documents, interchanges, versions
from airflow_provider_sagex3_cleo.ledger.audit import AuditReport
from airflow_provider_sagex3_cleo.ledger.states import DocState, InterchangeState, VersionState
from airflow_provider_sagex3_cleo.ledger.versions import VersionMove
from tests.ledger.making import RUN, T0, World


def whole_story(world: World) -> None:
    """Two runs: three orders, one file, an order held, everything sealed."""
    first, second = world.ready("PO1", "PO2")
    world.land("PO3")
    world.settle(VersionMove(world.due()[0].id, VersionState.HELD, "unit unknown", cause_hash="c1"))
    with world.ledger.begin() as db:
        audit.seal(db, RUN, "report")
    held = world.lease()
    file = world.store(held, first, second, run_id="run-2")
    with world.ledger.begin() as db:
        move, run = {"lease": held, "run_id": "run-2"}, "run-2"
        interchanges.move(db, file, InterchangeState.STORED, InterchangeState.SENDING, "upload begins", **move)
        interchanges.move(db, file, InterchangeState.SENDING, InterchangeState.SENT, "201", **move)
        documents.transition_many(
            db, [first, second], DocState.SENDING, DocState.SENT, "201", run_id=run, actor="deliver", lease=held
        )
        audit.seal(db, run, "report")


def verified(world: World) -> AuditReport:
    with world.ledger.reading() as db:
        return audit.verify(db)


def tamper(world: World, *statements: str, **values: object) -> None:
    with world.ledger.begin() as db:
        for statement in statements:
            wanted = {name: value for name, value in values.items() if f":{name}" in statement}
            assert db.execute(text(statement), wanted).rowcount > 0


def test_a_whole_story_is_proved_from_its_rows(world: World) -> None:
    whole_story(world)
    report = verified(world)
    assert report.ok, report.faults
    assert (report.subjects, report.seals, report.unsealed) == (6, 2, 0)
    # 3 landed, 2 mapped, 1 held, 2 created; 2 sending, 1 stored, 2 moves of the file, 2 sent
    assert report.events == 15


def test_events_of_a_run_under_way_are_no_fault_and_a_quiet_run_is_sealed_too(world: World) -> None:
    world.land("PO1")
    assert (verified(world).ok, verified(world).unsealed) == (True, 1)
    with world.ledger.begin() as db:
        first = audit.seal(db, RUN, "report")
        second = audit.seal(db, RUN, "report")
    assert (first.events, second.events, second.previous) == (1, 0, first.hash)
    assert verified(world).ok


ZIPPED = zlib.compress(b"something else")
TAMPERED = [
    ("UPDATE sxc_event SET why = 'another reason' WHERE subject = 'document' AND subject_id = 1 AND seq = 2",
     "document 1 (purchase_orders PO1): event 2 was changed"),
    ("UPDATE sxc_event SET actor = 'nobody' WHERE subject = 'record_version' AND subject_id = 3 AND seq = 1",
     "record version 3 (purchase_orders PO3): event 1 was changed"),
    ("UPDATE sxc_event SET detail = NULL WHERE subject = 'record_version' AND subject_id = 1 AND seq = 2",
     "record version 1 (purchase_orders PO1): event 2 was changed"),
    ("DELETE FROM sxc_event WHERE subject = 'document' AND subject_id = 1 AND seq = 2",
     "document 1 (purchase_orders PO1): event 2 is missing"),
    ("DELETE FROM sxc_event WHERE subject = 'document' AND subject_id = 1 AND seq = 3",
     "document 1 (purchase_orders PO1): event 3 is missing"),
    ("DELETE FROM sxc_event WHERE subject = 'record_version' AND subject_id = 3",
     "record version 3 (purchase_orders PO3): all its events are missing"),
    ("UPDATE sxc_record_version SET payload = :zipped WHERE id = 2",
     "record version 2 (purchase_orders PO2): the payload is not the one that was landed (SHA-256 differs)"),
    ("UPDATE sxc_record_version SET sha256 = :hash WHERE id = 2",
     "record version 2 (purchase_orders PO2): its key, stamp or hash was changed"),
    ("UPDATE sxc_record_version SET state = 'unchanged' WHERE id = 3",
     "record version 3 (purchase_orders PO3): its state 'unchanged' is not what its last event says ('held')"),
    ("UPDATE sxc_document SET body = :junk WHERE id = 2",
     "document 2 (purchase_orders PO2): the body is not the one that was written (SHA-256 differs)"),
    ("UPDATE sxc_document SET partner = '0077' WHERE id = 2",
     "document 2 (purchase_orders PO2): its facts (key, partner, number, agreement, hashes ...) were changed"),
    ("UPDATE sxc_document SET state = 'ready' WHERE id = 2",
     "document 2 (purchase_orders PO2): its state 'ready' is not what its last event says ('sent')"),
    ("UPDATE sxc_interchange SET data = :zipped",
     "interchange 1 (850_0042_000000001.edi): the bytes of the file are not the ones that were written"),
    ("UPDATE sxc_interchange SET isa = 7",
     "interchange 1 (850_0042_000000001.edi): its facts (name, folder, numbers, documents) were changed"),
    ("DELETE FROM sxc_document_in_interchange WHERE document_id = 2",
     "interchange 1 (850_0042_000000001.edi): its facts (name, folder, numbers, documents) were changed"),
    ("DELETE FROM sxc_seal WHERE number = 1", "seal 1 is missing"),
    ("DELETE FROM sxc_seal WHERE number = 2", "seal 2 is missing"),
    ("UPDATE sxc_seal SET run_id = 'other' WHERE number = 2", "seal 2 was changed"),
    ("UPDATE sxc_event SET seal_id = NULL WHERE seal_id = 1 AND subject = 'document' AND subject_id = 1",
     "seal 1 (run scheduled__2026-11-24T06:00:00+00:00): its events are not the 8 it sealed"),
]  # fmt: skip


@pytest.mark.parametrize(("statement", "sentence"), TAMPERED, ids=[statement[:60] for statement, _ in TAMPERED])
def test_each_change_behind_the_ledgers_back_is_named(sqlite_world: World, statement: str, sentence: str) -> None:
    whole_story(sqlite_world)
    tamper(sqlite_world, statement, zipped=ZIPPED, junk=b"not even packed", hash="0" * 64)
    report = verified(sqlite_world)
    assert not report.ok
    assert any(sentence in fault for fault in report.faults), report.faults


def test_whoever_deletes_an_event_and_mends_the_row_is_betrayed_by_the_seal(world: World) -> None:
    whole_story(world)
    tamper(
        world,
        "UPDATE sxc_document SET state = 'sending', chain_seq = 2, chain_hash = (SELECT hash FROM sxc_event"
        " WHERE subject = 'document' AND subject_id = 1 AND seq = 2) WHERE id = 1",
        "DELETE FROM sxc_event WHERE subject = 'document' AND subject_id = 1 AND seq = 3",
    )
    assert verified(world).faults == ["seal 2 (run run-2): its events are not the 7 it sealed"]


def test_a_row_deleted_with_its_events_is_betrayed_by_the_seal(world: World) -> None:
    whole_story(world)
    tamper(
        world,
        "DELETE FROM sxc_event WHERE subject = 'record_version' AND subject_id = 3",
        "DELETE FROM sxc_record_version WHERE id = 3",
    )
    assert any("seal 1" in fault for fault in verified(world).faults)


def test_a_row_deleted_alone_is_betrayed_by_its_events(world: World) -> None:
    whole_story(world)
    tamper(world, "DELETE FROM sxc_record_version WHERE id = 3")
    assert verified(world).faults == ["record version 3: the row is gone"]


def test_the_payload_that_is_proved_is_the_payload_that_landed(world: World) -> None:
    whole_story(world)
    with world.ledger.reading() as db:
        row = versions.get(db, 1)
    assert row is not None
    assert row.stamp == T0
    assert b"PO1" in row.payload
