"""Several functional groups in one file: each with a number of its own, answered by itself."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from airflow_provider_sagex3_cleo.ledger import Ledger, audit, numbers
from airflow_provider_sagex3_cleo.ledger.trace import trace
from airflow_provider_sagex3_cleo.sandbox import partner as p
from airflow_provider_sagex3_cleo.sandbox.run import Sandbox
from airflow_provider_sagex3_cleo.story import tell
from airflow_provider_sagex3_cleo.x12 import reader
from tests.sandbox.pipeline.conftest import START, Scene
from tests.support.scene import acknowledge


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[Scene]:
    with Sandbox(7, orders=60, supplier_count=40, start=START, frozen=True) as sandbox:
        scene = Scene(tmp_path, sandbox)
        scene.place = replace(scene.place, options={"ack_folders": (p.INBOUND,)})
        scene.edit_agreement(scene.supplier, r"\Z", "\ndocuments_per_interchange: 5\ndocuments_per_group: 2\n")
        scene.baseline()
        yield scene


def sent(scene: Scene, count: int) -> list[str]:
    """New orders of the supplier, sent; their numbers in the order of the file."""
    scene.world.new_orders(count, supplier=scene.supplier, lines=2)
    scene.run()
    return scene.orders_in_cleo()[-count:]


def group_alone(data: bytes, turn: int) -> bytes:
    """The file as if it had this group (from 0) alone."""
    (interchange,) = reader.read(data)
    lines = data.decode().splitlines() if data.count(b"\n") > 10 else data.decode().replace("~", "~\n").splitlines()
    starts = [n for n, line in enumerate(lines) if line.startswith("GS")]
    assert len(starts) == len(interchange.groups)
    end = next(n for n in range(starts[turn], len(lines)) if lines[n].startswith("GE"))
    return "".join([lines[0], *lines[starts[turn] : end + 1], lines[-1]]).encode()


def states(scene: Scene, orders: list[str]) -> list[str]:
    return [scene.documents(each)[-1].state.value for each in orders]


def test_a_file_has_as_many_groups_as_it_needs_each_under_the_next_number(scene: Scene) -> None:
    sent(scene, 7)
    files = [reader.read(row.data)[0] for row in scene.journal()]
    assert [[len(group.sets) for group in each.groups] for each in files] == [[2, 2, 1], [2]]
    assert [[int(group.control) for group in each.groups] for each in files] == [[1, 2, 3], [4]]
    assert [each.trailer.elements[1] for each in files] == ["3", "1"]


def test_each_group_is_answered_by_itself(scene: Scene) -> None:
    orders = sent(scene, 5)
    (row,) = scene.journal()
    partner = p.Partner(scene.sandbox.cleo.store)
    partner.put(p.reject([p.Place("PO1", 3, "7")])(p.Sent(group_alone(row.data, 1))))
    acknowledge(scene.place, "ack-1")
    assert states(scene, orders) == ["sent", "sent", "rejected", "rejected", "sent"]
    with Ledger.open(scene.place.ledger_url) as ledger, ledger.reading() as db:
        file = trace(db, orders[0])[0].documents[0].files[0].row
        became = [numbers.state_of(db, 1, file.sender, file.receiver, "GS", number) for number in (1, 2, 3)]
        assert became == ["used", "acknowledged", "used"]
    partner.answer(p.accept())
    acknowledge(scene.place, "ack-2")
    assert states(scene, orders) == ["accepted", "accepted", "rejected", "rejected", "accepted"]


def test_a_group_is_found_by_its_number_and_the_audit_proves_it(scene: Scene) -> None:
    orders = sent(scene, 5)
    with Ledger.open(scene.place.ledger_url) as ledger:
        with ledger.reading() as db:
            found = [story for story in trace(db, "3") if story.key in orders]
            assert [story.key for story in found] == [orders[4]]
            assert any("GS06 3, ST02 0005" in line for line in tell(found[0]))
            assert audit.verify(db).ok
        with ledger.begin() as db:
            db.exec_driver_sql("UPDATE sxc_document_in_interchange SET gs = 2 WHERE gs = 3")
        with ledger.reading() as db:
            (fault,) = audit.verify(db).faults
            assert "its facts (name, folder, numbers, documents) were changed" in fault


def test_numbers_of_all_groups_are_void_when_a_refused_file_changes(scene: Scene) -> None:
    refused = scene.sandbox.cleo.server.fault("status", "/", method="PUT", status=403, times=None, body="{}")
    orders = scene.world.new_orders(5, supplier=scene.supplier, lines=2)
    scene.run()
    scene.sandbox.cleo.server.faults.clear(refused)
    scene.world.edit_line(orders[0], 1000, QTYUOM="55")
    scene.run()
    assert scene.run().green
    assert sorted(scene.orders_in_cleo()) == sorted(orders)
    with Ledger.open(scene.place.ledger_url) as ledger, ledger.reading() as db:
        file = trace(db, orders[0])[0].documents[-1].files[-1].row
        became = [numbers.state_of(db, 1, file.sender, file.receiver, "GS", number) for number in range(1, 7)]
    assert became == ["voided"] * 3 + ["used"] * 3
