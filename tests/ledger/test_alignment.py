"""Findings of the alignment, reference files and changes in Cleo: kept, chained, provable."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import create_engine, text

from airflow_provider_sagex3_cleo.errors import ImpossibleTransition, LedgerUnusable, LostRace
from airflow_provider_sagex3_cleo.ledger import Ledger, alignment, audit, cleo_changes, database, reference_files
from airflow_provider_sagex3_cleo.ledger.alignment import FindingRow, Seen
from airflow_provider_sagex3_cleo.ledger.states import ChangeState, FindingState, InterchangeState
from tests.ledger.making import World

ROOT = Path(database.__file__).parent


def seen(number: int = 1, **more: str) -> Seen:
    values = {
        "kind": "missing", "severity": "alarm", "agreement": f"s{number}-850", "code": f"S{number}",
        "subject": f"suppliers S{number}", "sentence": "it is not there",
    }  # fmt: skip
    return Seen(**{**values, **more})


def ran(world: World, run_id: str, *found: Seen, judged: Any = lambda row: True) -> list[FindingRow]:
    with world.ledger.begin() as db:
        alignment.record(db, world.source, found, judged=judged, run_id=run_id, actor="test")
        audit.seal(db, run_id, "test")
    with world.ledger.reading() as db:
        report = audit.verify(db)
        assert report.ok, report.faults
        return alignment.of_run(db, world.source, run_id)


def shown(rows: list[FindingRow]) -> list[tuple[str, FindingState, str]]:
    return [(row.subject, row.state, row.opened_run) for row in rows]


def test_a_finding_is_new_then_stands_then_is_resolved_then_comes_again(world: World) -> None:
    (first,) = ran(world, "r1", seen())
    assert (first.first_run, first.last_run, first.resolved_at) == ("r1", "r1", None)
    (standing,) = ran(world, "r2", seen())
    assert (standing.opened_run, standing.last_run, standing.first_seen) == ("r1", "r2", first.first_seen)
    (resolved,) = ran(world, "r3")
    assert resolved.state is FindingState.RESOLVED
    assert resolved.resolved_at is not None
    assert ran(world, "r4") == []
    (again,) = ran(world, "r5", seen())
    assert shown([again]) == [("suppliers S1", FindingState.OPEN, "r5")]
    assert (again.first_run, again.resolved_at) == ("r1", None)


def test_a_finding_that_turns_into_an_alarm_keeps_its_beginning_and_says_the_new_sentence(world: World) -> None:
    ran(world, "r1", seen(severity="warning"))
    (row,) = ran(world, "r2", seen(sentence="it is live now"))
    assert (row.first_run, row.opened_run, row.severity, row.sentence) == ("r1", "r1", "alarm", "it is live now")


def test_what_a_run_could_not_see_is_not_resolved_by_it(world: World) -> None:
    ran(world, "r1", seen(1), seen(2, subject="connection ACME"))
    rows = ran(world, "r2", judged=lambda row: not row.subject.startswith("connection"))
    assert shown(rows) == [
        ("connection ACME", FindingState.OPEN, "r1"),
        ("suppliers S1", FindingState.RESOLVED, "r1"),
    ]


def test_a_run_that_is_repeated_records_the_same(world: World) -> None:
    ran(world, "r1", seen(1), seen(2))
    assert shown(ran(world, "r1", seen(1), seen(2))) == [
        ("suppliers S1", FindingState.OPEN, "r1"),
        ("suppliers S2", FindingState.OPEN, "r1"),
    ]


def stored(world: World, name: str = "suppliers_1.csv", content: bytes = b"a,b\n") -> reference_files.ReferenceFileRow:
    with world.ledger.begin() as db:
        return reference_files.store(
            db, world.source, entity="suppliers", format="csv", schema_name="suppliers/1", folder="ref",
            file_name=name, records=1, content=content, run_id="r1", actor="test",
        )  # fmt: skip


def test_a_reference_file_keeps_its_bytes_and_its_story_and_cannot_be_sent_twice(world: World) -> None:
    file = stored(world)
    stored_, sending, sent = InterchangeState.STORED, InterchangeState.SENDING, InterchangeState.SENT
    with world.ledger.begin() as db:
        reference_files.move(db, file.id, stored_, sending, "upload begins", run_id="r1", actor="test")
        reference_files.move(db, file.id, sending, sent, "201", run_id="r1", actor="test")
        assert reference_files.data(db, file.id) == b"a,b\n"
        assert reference_files.unfinished(db, world.source) == []
        assert reference_files.count(db, world.source, "suppliers", "csv") == 1
    with pytest.raises(LostRace), world.ledger.begin() as db:
        reference_files.move(db, file.id, sending, sent, "again", run_id="r2", actor="test")
    with pytest.raises(ImpossibleTransition), world.ledger.begin() as db:
        reference_files.move(db, file.id, sent, sending, "again", run_id="r2", actor="test")


def test_a_file_that_was_given_up_is_not_the_latest(world: World) -> None:
    first, second = stored(world), stored(world, "suppliers_2.csv", b"c,d\n")
    with world.ledger.begin() as db:
        reference_files.move(
            db, second.id, InterchangeState.STORED, InterchangeState.VOIDED, "replaced", run_id="r1", actor="test"
        )
        found = reference_files.latest(db, world.source, "suppliers", "csv", "ref")
    assert found is not None
    assert found.id == first.id


@pytest.mark.parametrize(
    ("statement", "sentence"),
    [
        ("UPDATE sxc_alignment_finding SET code = 'S9'", "finding 1 (missing s1-850 suppliers S1): what it is about"),
        ("UPDATE sxc_alignment_finding SET state = 'resolved'", "its state 'resolved' is not what its last event says"),
        ("DELETE FROM sxc_alignment_finding", "finding 1: the row is gone"),
        ("UPDATE sxc_reference_file SET folder = 'else'", "reference file 1 (suppliers_1.csv): its facts"),
        ("UPDATE sxc_reference_file SET data = :data", "reference file 1 (suppliers_1.csv): the bytes of the file"),
        ("UPDATE sxc_cleo_change SET change = '{}'", "cleo change 1 (connection ACME): what was asked was changed"),
    ],
)
def test_the_audit_names_what_was_changed_behind_the_ledgers_back(world: World, statement: str, sentence: str) -> None:
    ran(world, "r1", seen())
    stored(world)
    with world.ledger.begin() as db:
        change = cleo_changes.ask(
            db, world.source, object="connection", name="ACME", change='{"enabled": false}', why="it ended",
            plan="p", run_id="r1", actor="person",
        )  # fmt: skip
        cleo_changes.end(db, change, ChangeState.DONE, "200", run_id="r1", actor="person")
        assert audit.verify(db).ok
        db.execute(text(statement), {"data": b"x"} if ":data" in statement else {})
        assert any(sentence in fault for fault in audit.verify(db).faults)


@pytest.fixture
def old(url: str) -> str:
    """A ledger as the release before left it, with a finding's source in it."""
    engine = create_engine(url, future=True)
    config = Config()
    config.set_main_option("script_location", str(ROOT / "migrations"))
    with engine.begin() as db:
        config.attributes["connection"] = db
        command.upgrade(config, "r0001")
    engine.dispose()
    return url


def test_a_ledger_of_the_release_before_is_widened_and_nothing_in_it_changes(old: str) -> None:
    with pytest.raises(LedgerUnusable, match=r"older \(r0001\) than this code.*ledger upgrade"):
        Ledger.open(old)
    engine = create_engine(old, future=True)
    with engine.begin() as db:
        before = db.execute(text("SELECT uuid, oldest_code FROM sxc_ledger")).one()
    engine.dispose()
    with Ledger.open(old, migrate=True) as ledger:
        assert (ledger.uuid, "r0001") == tuple(before)
        with ledger.reading() as db:  # the code before still finds all it needs
            assert db.execute(text("SELECT oldest_code FROM sxc_ledger")).scalar() == "r0001"
            assert audit.verify(db).ok
