"""Whatever order versions arrive in, the newest of each key is the one that is due, and nothing lands twice."""

from __future__ import annotations

import itertools
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from airflow_provider_sagex3_cleo.errors import LostRace
from airflow_provider_sagex3_cleo.ledger import audit, versions
from airflow_provider_sagex3_cleo.ledger.versions import Landing
from tests.ledger.making import ENTITY, RUN, T0, World

ARRIVALS = st.lists(
    st.lists(st.tuples(st.sampled_from("ABC"), st.integers(0, 3), st.sampled_from(["x", "y"])), max_size=6),
    max_size=5,
)
serial = itertools.count()


def land(world: World, landings: list[Landing], run_id: str = RUN) -> versions.LandCounts:
    with world.ledger.begin() as db:
        return versions.land(
            db, source_id=world.source, entity=ENTITY, window_id=None, run_id=run_id, landings=landings
        )


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(arrivals=ARRIVALS)
def test_the_newest_version_of_each_key_is_due_and_all_are_kept(sqlite_world: World, arrivals: list) -> None:
    example = next(serial)
    kept: dict[tuple[str, int, str], None] = {}
    newest: dict[str, tuple[int, str]] = {}
    for arrival in arrivals:
        counts = land(
            sqlite_world,
            [Landing(f"{example}{key}", T0 + timedelta(seconds=at), text.encode()) for key, at, text in arrival],
        )
        fresh = [each for each in dict.fromkeys(arrival) if each not in kept]
        for key, at, text in fresh:
            kept[key, at, text] = None
            if at >= newest.get(key, (at, ""))[0]:
                newest[key] = (at, text)
        assert counts.landed == len(fresh)
        assert counts.known == len(arrival) - len(fresh)
    due = {row.key: row for row in sqlite_world.due(limit=1000) if row.key in {f"{example}{key}" for key in "ABC"}}
    assert {key: (row.stamp, row.payload) for key, row in due.items()} == {
        f"{example}{key}": (T0 + timedelta(seconds=at), text.encode()) for key, (at, text) in newest.items()
    }
    with sqlite_world.ledger.reading() as db:
        asked = [(f"{example}{key}", T0 + timedelta(seconds=at)) for key in "ABC" for at in range(4)]
        for pair in asked:
            latest = newest.get(pair[0][-1])
            landed = latest is not None and T0 + timedelta(seconds=latest[0]) >= pair[1]
            assert versions.unseen(db, sqlite_world.source, ENTITY, [pair]) == (set() if landed else {pair[0]})


def test_runs_that_land_the_same_records_at_once_keep_each_version_once(world: World) -> None:
    landings = [Landing(f"PO{n}", T0, b"{}") for n in range(40)]

    def run(turn: int) -> int:
        while True:  # as a retried task does
            try:
                return land(world, landings, f"run-{turn}").landed
            except LostRace:
                continue

    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(run, range(4))) == 40
    with world.ledger.reading() as db:
        report = audit.verify(db)
    assert (report.ok, report.subjects, report.events) == (True, 40, 40)
