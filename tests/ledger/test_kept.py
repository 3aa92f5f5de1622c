"""References in the ledger: one version of each key in force, read page by page; found again by the end of a key."""

from __future__ import annotations

from datetime import timedelta

import pytest

from airflow_provider_sagex3_cleo.errors import ImpossibleTransition
from airflow_provider_sagex3_cleo.ledger import audit, kept
from airflow_provider_sagex3_cleo.ledger.states import DocState, VersionState, check_edge
from airflow_provider_sagex3_cleo.ledger.trace import trace
from airflow_provider_sagex3_cleo.ledger.versions import VersionMove
from tests.ledger.making import ENTITY, RUN, T0, World, payload

KEYS = ["1~S1~ORD", "1~S1~PAY", "1~S10~ORD", "US~40100", "Ünï~ø", "a"]


def keep_all(world: World) -> int:
    rows = world.due()
    world.settle(*(VersionMove(row.id, VersionState.MAPPED, "kept as reference") for row in rows))
    with world.ledger.begin() as db:
        pairs = [(row.key, row.id) for row in rows]
        return kept.supersede_older(db, world.source, ENTITY, pairs, run_id=RUN, actor="test")


@pytest.mark.parametrize("at_once", [1, 2, 500])
def test_the_latest_version_of_each_key_is_yielded_once_however_many_are_read_at_a_time(
    world: World, at_once: int
) -> None:
    world.land(*KEYS)
    assert keep_all(world) == 0
    world.land(*KEYS[1:4], stamp=T0 + timedelta(minutes=1), text="new")
    assert keep_all(world) == 3
    found = list(kept.latest(world.ledger, world.source, ENTITY, at_once=at_once))
    assert sorted(each.key for each in found) == sorted(KEYS)
    assert {each.key for each in found if each.payload == payload(each.key, "new")} == set(KEYS[1:4])
    with world.ledger.reading() as db:
        assert audit.verify(db).ok


def test_a_version_that_is_not_decided_is_current_and_not_in_force(world: World) -> None:
    world.land("a")
    keep_all(world)
    world.land("a", stamp=T0 + timedelta(minutes=1), text="new")
    in_force = list(kept.latest(world.ledger, world.source, ENTITY))
    current = list(kept.latest(world.ledger, world.source, ENTITY, kept.CURRENT))
    assert [each.payload for each in in_force] == [payload("a")]
    assert [each.payload for each in current] == [payload("a", "new")]


def test_the_ids_in_force_change_with_each_version_that_is_kept_and_with_nothing_else(world: World) -> None:
    def in_force() -> list[int]:
        with world.ledger.reading() as db:
            return kept.in_force(db, world.source, ENTITY)

    assert in_force() == []
    world.land(*KEYS)
    assert in_force() == []
    keep_all(world)
    first = in_force()
    assert first == sorted(each.id for each in kept.latest(world.ledger, world.source, ENTITY))
    world.land("a", stamp=T0 + timedelta(minutes=1), text="new")
    assert in_force() == first
    keep_all(world)
    assert len(in_force()) == len(first)
    assert in_force() != first


def test_a_version_that_lands_late_does_not_take_the_place_of_a_newer_one(world: World) -> None:
    world.land("a", stamp=T0 + timedelta(minutes=1), text="new")
    keep_all(world)
    world.land("a", text="late")
    assert keep_all(world) == 0
    assert [each.payload for each in kept.latest(world.ledger, world.source, ENTITY)] == [payload("a", "new")]


def test_a_composite_key_is_found_by_its_last_part_and_only_where_nothing_else_is(world: World) -> None:
    world.land(*KEYS)
    with world.ledger.reading() as db:
        assert [story.key for story in trace(db, "40100")] == ["US~40100"]
        assert sorted(story.key for story in trace(db, "ORD")) == ["1~S10~ORD", "1~S1~ORD"]
        assert [story.key for story in trace(db, "a")] == ["a"]
        assert trace(db, "%") == trace(db, "_RD") == trace(db, "0100") == []


def test_what_was_mapped_can_be_superseded_or_looked_at_again_and_nothing_else() -> None:
    again = (VersionState.SUPERSEDED, VersionState.LANDED)  # a newer reference, a load that is put together anew
    for state in again:
        check_edge(VersionState.MAPPED, state)
    for state in VersionState:
        if state not in again:
            with pytest.raises(ImpossibleTransition):
                check_edge(VersionState.MAPPED, state)
    with pytest.raises(ImpossibleTransition):
        check_edge(DocState.SENT, DocState.SUPERSEDED)
