"""A process that dies anywhere: every order arrives once, or is shown as in doubt; never twice."""

from __future__ import annotations

import os
import re
import signal
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from airflow_provider_sagex3_cleo.ledger import Ledger, audit
from airflow_provider_sagex3_cleo.ledger.states import DocState
from airflow_provider_sagex3_cleo.sandbox.run import Sandbox
from tests.sandbox.pipeline.conftest import START, Scene, sets_of, values
from tests.support.process import start
from tests.support.scene import ENTITY

KILLS, LOAD_KILLS = 42, 12
DONE = {DocState.SENT, DocState.IN_DOUBT}


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[Scene]:
    with Sandbox(11, orders=10, supplier_count=30, start=START, frozen=True) as sandbox:
        scene = Scene(tmp_path, sandbox)
        options = {"lease_s": 1.0, "run_lock_s": 0.3, "upload_deadline_s": 0.5}
        scene.place = replace(scene.place, options=options)
        scene.baseline()
        yield scene


def new_orders(scene: Scene, count: int) -> list[str]:
    made = scene.world.new_orders(count, supplier=scene.supplier, lines=2)
    scene.advance(30)
    return made


def settle(scene: Scene, run_id: str, orders: list[str], *, entity: str = ENTITY) -> None:
    """Start new processes, with no clean-up in between, until a run is green and every order has its end."""
    deadline = time.monotonic() + 60
    turn, out = 0, ""
    while True:
        assert time.monotonic() < deadline, f"not settled: {out}"
        turn += 1
        out = start(scene.place, f"{run_id}.{turn}", scene.folder, entity=entity).finish()
        if "green" in out and all(scene.documents(k) and scene.documents(k)[-1].state in DONE for k in orders):
            return
        time.sleep(0.1)  # the dead one's lease runs out on the database's clock, which a test cannot move


@pytest.mark.parametrize("pickup", ["never", "may"])
def test_killed_anywhere_every_order_arrives_once_or_is_in_doubt(scene: Scene, pickup: str) -> None:
    scene.pickup(pickup)
    orders = new_orders(scene, 3)
    out = start(scene.place, "count", scene.folder).finish()
    assert "green" in out, out
    calls = int(out.split()[0])
    assert calls > KILLS
    kills = 0
    for turn in range(KILLS):
        fresh = new_orders(scene, 3)
        process = start(scene.place, f"kill-{turn}", scene.folder, kill_at=1 + turn * calls // KILLS)
        process.finish()
        kills += process.killed
        settle(scene, f"after-{turn}", fresh)
        orders += fresh
    assert kills >= 40

    arrived = scene.orders_in_cleo()
    doubtful = {key for key in orders if scene.documents(key)[-1].state is DocState.IN_DOUBT}
    contents = {(row.folder, row.name): row.data for row in scene.journal()}
    assert all(row.data == contents[row.folder, row.name] for row in scene.journal()), "one name, one content"
    assert len(contents) == len(set(arrived)), "one order, one file name"
    assert all(len(scene.documents(key)) == 1 for key in orders), "no second document"
    if pickup == "never":
        assert not doubtful
        assert set(arrived) == set(orders)
        files = scene.sandbox.cleo.store.files(f"{scene.supplier.lower()}-850")
        assert len(files) == len(orders)
    else:
        assert set(arrived) | doubtful == set(orders)
        assert len(arrived) == len(set(arrived)), "nothing uploaded twice"
    ledger = Ledger.open(scene.place.ledger_url)
    with ledger.reading() as db:
        assert audit.verify(db).faults == []
    ledger.close()


def test_killed_while_cleo_gives_the_envelope_every_order_arrives_once_under_one_number(scene: Scene) -> None:
    scene.pickup("never")
    scene.edit_agreement(scene.supplier, r"^pickup: never$", "pickup: never\nenvelope: cleo")
    scene.place = replace(scene.place, options={**scene.place.options, "cleo_envelope": "sets"})
    orders = new_orders(scene, 3)
    calls = int(start(scene.place, "count", scene.folder).finish().split()[0])
    for turn in range(6):  # the last third of a run: claims, uploads, outcomes
        fresh = new_orders(scene, 3)
        process = start(scene.place, f"kill-{turn}", scene.folder, kill_at=calls * 2 // 3 + turn * calls // 20)
        process.finish()
        assert process.killed
        settle(scene, f"after-{turn}", fresh)
        orders += fresh
    contents = {row.name: row.data for row in scene.journal()}
    assert all(row.data == contents[row.name] for row in scene.journal()), "one name, one content"
    sent = [re.findall(rb"BEG\*00\*\w+\*(\w+)", data)[0].decode() for data in contents.values()]
    assert sorted(sent) == sorted(orders)
    assert [int(name[-13:-4]) for name in sorted(contents)] == list(range(1, len(orders) + 1)), "no number is lost"
    assert {scene.documents(key)[-1].state for key in orders} == {DocState.SENT}


def test_killed_anywhere_a_load_arrives_once_and_whole(tmp_path: Path) -> None:
    with Sandbox(11, orders=4, supplier_count=30, start=START, frozen=True) as sandbox:
        scene = Scene(tmp_path, sandbox, entity="deliveries")
        scene.place = replace(scene.place, options={"lease_s": 1.0, "run_lock_s": 0.3, "upload_deadline_s": 0.5})
        scene.edit_agreement("C0001", r"^shipment:$", "shipment:\n  per: load")
        scene.pickup("never")
        scene.baseline()
        bills: dict[str, list[str]] = {}
        kills = 0

        def new_load() -> list[str]:
            new = sandbox.world.deliveries.new_delivery
            numbers = [new("C0001", lines=2, header={"BPTNUM": "EXPARCEL"}) for _ in range(3)]
            bills[sandbox.world.deliveries.new_bill_of_lading(numbers)] = numbers
            scene.advance(30)
            return numbers

        new_load()
        calls = int(start(scene.place, "count", scene.folder, entity="deliveries").finish().split()[0])
        for turn in range(LOAD_KILLS):
            fresh = new_load()
            kill_at = calls // 3 + turn * (calls - calls // 3) // LOAD_KILLS  # from the first landing on
            process = start(scene.place, f"kill-{turn}", scene.folder, kill_at=kill_at, entity="deliveries")
            process.finish()
            kills += process.killed
            settle(scene, f"after-{turn}", fresh, entity="deliveries")
        assert kills >= LOAD_KILLS - 2
        contents = {row.name: row.data for row in scene.journal()}
        assert all(row.data == contents[row.name] for row in scene.journal()), "one name, one content"
        sent = {values(each, "BSN")[0][2]: each for data in contents.values() for each in sets_of(data)}
        assert sorted(sent) == sorted(bills)
        assert len(contents) == len(bills), "nothing told twice"
        assert all(len(values(each, "LIN")) == 6 for each in sent.values())
        with Ledger.open(scene.place.ledger_url) as ledger, ledger.reading() as db:
            assert audit.verify(db).faults == []


def test_a_sender_stopped_beyond_its_lease_and_continued_makes_no_second_number(scene: Scene) -> None:
    scene.pickup("never")
    (number,) = new_orders(scene, 1)
    scene.sandbox.cleo.server.fault("delay", "/authentication", seconds=5)
    process = start(scene.place, "sleeper", scene.folder)
    deadline = time.monotonic() + 30
    while not any(fault["met"] for fault in scene.sandbox.cleo.server.faults.listing()):  # waits for its login
        assert time.monotonic() < deadline
        time.sleep(0.02)
    os.kill(process.pid, signal.SIGSTOP)
    try:
        settle(scene, "other", [number])
    finally:
        os.kill(process.pid, signal.SIGCONT)
    process.finish()
    assert scene.documents(number)[-1].state is DocState.SENT
    assert set(scene.orders_in_cleo()) == {number}
    assert len({row.name for row in scene.journal()}) == 1
    assert len({row.data for row in scene.journal()}) == 1
    assert scene.run().green
