"""Sending: leases, files, attempts, control numbers; a sender that wakes up late writes nothing."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy.engine import Connection

from airflow_provider_sagex3_cleo.errors import ImpossibleTransition, LostRace
from airflow_provider_sagex3_cleo.ledger import (
    attempts,
    audit,
    baselines,
    documents,
    interchanges,
    lanes,
    numbers,
    runs,
)
from airflow_provider_sagex3_cleo.ledger.states import AttemptOutcome, DocState, InterchangeState, NumberState
from tests.ledger.making import ENTITY, RUN, World

F, D = InterchangeState, DocState
PAIR = ("US", "0042", "ISA")


def move_file(world: World, file: int, was: F, to: F, lease: str | None) -> None:
    with world.ledger.begin() as db:
        interchanges.move(db, file, was, to, "test", lease=lease, run_id=RUN)


def test_one_of_eight_threads_gets_the_lane(world: World) -> None:
    def take(turn: int) -> str | None:
        with world.ledger.begin() as db:
            return lanes.lease(db, world.lane, f"worker-{turn}", 60)

    with ThreadPoolExecutor(8) as pool:
        tokens = [token for token in pool.map(take, range(8)) if token]
    assert len(tokens) == 1
    with world.ledger.begin() as db:
        assert 55 < lanes.seconds_left(db, world.lane, tokens[0]) <= 60
        assert lanes.release(db, world.lane, tokens[0])
        assert not lanes.release(db, world.lane, tokens[0])
        assert lanes.seconds_left(db, world.lane, tokens[0]) == 0
        assert lanes.lease(db, world.lane, "next", 60) is not None


def test_a_lease_that_ended_can_be_taken_and_not_be_renewed(world: World) -> None:
    ended = world.lease(lease_s=0)
    with world.ledger.begin() as db:
        assert lanes.seconds_left(db, world.lane, ended) == 0
    with pytest.raises(LostRace, match="not ours any more"), world.ledger.begin() as db:
        lanes.renew(db, world.lane, ended, 60)
    current = world.lease(30)
    with world.ledger.begin() as db:
        lanes.renew(db, world.lane, current, 90)
        assert lanes.seconds_left(db, world.lane, current) > 80


def test_a_sender_that_wakes_up_late_writes_nothing(world: World) -> None:
    first, second = world.ready("PO1", "PO2")
    held = world.lease()
    file = world.store(held, first)
    move_file(world, file, F.STORED, F.SENDING, held)
    with world.ledger.begin() as db:
        attempt = attempts.start(db, file, lease=held, run_id=RUN, worker="stopped")
        lanes.release(db, world.lane, held)  # as if it had run out
    current = world.lease()

    writes: list[Callable[[Connection], object]] = [
        lambda db: attempts.finish(db, attempt, "sent"),
        lambda db: attempts.start(db, file, lease=held, run_id=RUN, worker="stopped"),
        lambda db: interchanges.move(db, file, F.SENDING, F.SENT, "late", lease=held, run_id=RUN),
        lambda db: documents.transition(db, first, D.SENDING, D.SENT, "late", run_id=RUN, actor="deliver", lease=held),
        lambda db: documents.transition(db, second, D.READY, D.SENDING, "x", run_id=RUN, actor="deliver", lease=held),
        lambda db: documents.transition(db, second, D.READY, D.SENDING, "x", run_id=RUN, actor="deliver"),
    ]
    for write in writes:
        with pytest.raises(LostRace, match="lease"), world.ledger.begin() as db:
            write(db)
    with pytest.raises(LostRace, match="lease"):
        world.store(held, second)

    with world.ledger.begin() as db:  # whoever has the lane now settles what the other left
        assert [row.id for row in interchanges.unfinished(db, world.lane)] == [file]
        assert attempts.close_open(db, file, "its sender stopped", lease=current) == 1
        assert interchanges.data(db, file) == b"ISA*00~"
        row = interchanges.get(db, file)
        assert row is not None
        assert row.state is F.SENDING
        found = [documents.get(db, each) for each in (first, second)]
        assert [each.state for each in found if each] == [D.SENDING, D.READY]
        assert [each.outcome for each in attempts.of(db, file)] == [AttemptOutcome.UNKNOWN]
        assert numbers.take(db, world.source, "US", "0042", "ISA", run_id=RUN) == 2  # the late one burned no number
        assert audit.verify(db).ok


def test_a_refused_file_keeps_its_documents_until_it_is_sent_or_voided(world: World) -> None:
    first, second = world.ready("PO1", "PO2")
    held = world.lease()
    file = world.store(held, first)
    move_file(world, file, F.STORED, F.SENDING, held)
    move_file(world, file, F.SENDING, F.REFUSED, held)
    with world.ledger.begin() as db:
        documents.transition(db, first, D.SENDING, D.READY, "403", run_id=RUN, actor="deliver", lease=held)
        assert [row.id for row in documents.ready_in_lane(db, world.lane, 10)] == [second]
        assert [(row.ready, row.unfinished) for row in lanes.due(db, world.source, ["850"])] == [(1, 1)]
        assert lanes.due(db, world.source, ["810"]) == []
    with world.ledger.begin() as db:
        interchanges.move(db, file, F.REFUSED, F.VOIDED, "superseded", lease=held, run_id=RUN)
        assert [row.id for row in documents.ready_in_lane(db, world.lane, 10)] == [first, second]
        assert [row.id for row in documents.in_interchange(db, file)] == [first]


def test_a_person_settles_a_file_in_doubt_without_a_lease(world: World) -> None:
    (document,) = world.ready("PO1")
    held = world.lease()
    file = world.store(held, document)
    move_file(world, file, F.STORED, F.SENDING, held)
    move_file(world, file, F.SENDING, F.IN_DOUBT, held)
    with world.ledger.begin() as db:
        documents.transition(db, document, D.SENDING, D.IN_DOUBT, "?", run_id=RUN, actor="deliver", lease=held)
    move_file(world, file, F.IN_DOUBT, F.SENT, None)
    with world.ledger.begin() as db:
        documents.transition(db, document, D.IN_DOUBT, D.SENT, "partner has it", run_id="resolve", actor="anna")
    with pytest.raises(ImpossibleTransition, match="sent -> sending is no edge"):
        move_file(world, file, F.SENT, F.SENDING, held)


def test_attempts_count_up_and_close_once(world: World) -> None:
    (document,) = world.ready("PO1")
    held = world.lease()
    file = world.store(held, document)
    with pytest.raises(LostRace, match="not being sent"), world.ledger.begin() as db:
        attempts.start(db, file, lease=held, run_id=RUN, worker="w")
    move_file(world, file, F.STORED, F.SENDING, held)
    with world.ledger.begin() as db:
        for outcome, status in ((AttemptOutcome.UNKNOWN, None), (AttemptOutcome.SENT, 201)):
            attempt = attempts.start(db, file, lease=held, run_id=RUN, worker="w")
            attempts.finish(db, attempt, outcome, "answer", status)
        tries = attempts.of(db, file)
    assert [(each.number, each.outcome, each.http_status) for each in tries] == [
        (1, AttemptOutcome.UNKNOWN, None),
        (2, AttemptOutcome.SENT, 201),
    ]
    with pytest.raises(LostRace, match="closed already"), world.ledger.begin() as db:
        attempts.finish(db, attempt, "refused")


def test_eight_threads_never_get_one_number_twice(world: World) -> None:
    def take(_: int) -> list[int]:
        with world.ledger.begin() as db:
            return [numbers.take(db, world.source, *PAIR, run_id=RUN) for _ in range(3)]

    with ThreadPoolExecutor(8) as pool:
        taken = [number for some in pool.map(take, range(8)) for number in some]
    assert sorted(taken) == list(range(1, 25))


def test_a_series_belongs_to_its_pair_and_level(world: World) -> None:
    with world.ledger.begin() as db:
        for pair in (PAIR, ("US", "0042", "GS"), ("US", "0077", "ISA"), ("0042", "US", "ISA")):
            assert numbers.take(db, world.source, *pair, run_id=RUN) == 1


def test_after_the_highest_number_comes_one_again_and_the_newest_is_meant(world: World) -> None:
    with world.ledger.begin() as db:
        assert numbers.take(db, world.source, *PAIR, run_id=RUN) == 1
        numbers.mark(db, world.source, *PAIR, 1, NumberState.USED, run_id=RUN)
        numbers.skip_to(db, world.source, *PAIR, numbers.HIGHEST - 1, run_id=RUN, reason="restored database")
        assert [numbers.take(db, world.source, *PAIR, run_id=RUN) for _ in range(3)] == [numbers.HIGHEST, 1, 2]
        assert numbers.state_of(db, world.source, *PAIR, 1) is NumberState.RESERVED
        numbers.mark(db, world.source, *PAIR, 1, NumberState.VOIDED, run_id=RUN, reason="refused and replaced")
        assert numbers.state_of(db, world.source, *PAIR, 1) is NumberState.VOIDED
        assert numbers.state_of(db, world.source, *PAIR, 3) is None


def test_numbers_never_go_back_and_are_voided_only_with_a_reason(world: World) -> None:
    with world.ledger.begin() as db:
        for _ in range(5):
            numbers.take(db, world.source, *PAIR, run_id=RUN)
        with pytest.raises(ImpossibleTransition, match="cannot jump to 3"):
            numbers.skip_to(db, world.source, *PAIR, 3, run_id=RUN, reason="x")
        with pytest.raises(ImpossibleTransition, match="without a reason"):
            numbers.mark(db, world.source, *PAIR, 5, NumberState.VOIDED, run_id=RUN)
        with pytest.raises(ImpossibleTransition, match="reserved -> acknowledged"):
            numbers.mark(db, world.source, *PAIR, 5, NumberState.ACKNOWLEDGED, run_id=RUN)
        with pytest.raises(ImpossibleTransition, match="never given"):
            numbers.mark(db, world.source, *PAIR, 6, NumberState.USED, run_id=RUN)


def test_one_run_reads_an_entity_at_a_time(world: World) -> None:
    with world.ledger.begin() as db:
        assert runs.lock(db, world.source, ENTITY, "run-1", 60)
        assert runs.lock(db, world.source, ENTITY, "run-1", 60)
        assert not runs.lock(db, world.source, ENTITY, "run-2", 60)
        assert runs.lock(db, world.source, "sales_invoices", "run-2", 60)
        hold = runs.holder(db, world.source, ENTITY)
        assert hold is not None
        assert hold.run_id == "run-1"
        assert not runs.unlock(db, world.source, ENTITY, "run-2")
        assert runs.unlock(db, world.source, ENTITY, "run-1")
        assert runs.holder(db, world.source, ENTITY) is None
        assert runs.lock(db, world.source, ENTITY, "dead", 0)
    with world.ledger.begin() as db:
        assert runs.lock(db, world.source, ENTITY, "run-2", 60)  # the dead one's time is over


def test_a_baseline_goes_on_where_it_stopped(world: World) -> None:
    with world.ledger.begin() as db:
        started = baselines.start(db, world.source, ENTITY, "baseline-1", world.window.id)
        baselines.advance(db, started.id, "2026-01-01T00:00:00Z|PO17", 500)
    with world.ledger.begin() as db:
        again = baselines.start(db, world.source, ENTITY, "baseline-2")
        assert (again.id, again.run_id, again.landed) == (started.id, "baseline-1", 500)
        assert again.position == "2026-01-01T00:00:00Z|PO17"
        baselines.advance(db, started.id, "2026-02-01T00:00:00Z|PO90", 20)
        baselines.finish(db, started.id)
        last = baselines.latest(db, world.source, ENTITY)
        assert last is not None
        assert last.landed == 520
        assert last.finished_at is not None
        assert baselines.start(db, world.source, ENTITY, "baseline-3").id != started.id
    with pytest.raises(LostRace, match="finished"), world.ledger.begin() as db:
        baselines.advance(db, started.id, "later", 1)
