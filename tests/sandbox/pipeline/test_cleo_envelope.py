"""Agreements under which Cleo gives the envelope: no number of ours is used up, nothing is awaited."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner

from airflow_provider_sagex3_cleo.cleo.client import CleoClient
from airflow_provider_sagex3_cleo.cli import main
from airflow_provider_sagex3_cleo.ledger import audit, numbers
from airflow_provider_sagex3_cleo.ledger.states import DocState, NumberState
from airflow_provider_sagex3_cleo.ledger.trace import trace
from airflow_provider_sagex3_cleo.pipeline.check import write_probes
from airflow_provider_sagex3_cleo.sandbox import partner as p
from airflow_provider_sagex3_cleo.sandbox.run import Sandbox
from airflow_provider_sagex3_cleo.story import tell
from airflow_provider_sagex3_cleo.x12.validator import validate
from tests.sandbox.pipeline.conftest import START, Scene
from tests.support.scene import acknowledge

FORMS = ["file", "sets"]


@contextmanager
def begin(tmp_path: Path, form: str, entity: str = "purchase_orders") -> Iterator[Scene]:
    with Sandbox(7, orders=60, supplier_count=40, start=START, frozen=True) as sandbox:
        scene = Scene(tmp_path, sandbox, entity=entity)
        scene.place = replace(scene.place, options={"ack_folders": (p.INBOUND,), "cleo_envelope": form})
        for path in (scene.agreements / "partners").glob("*.yaml"):
            path.write_text(path.read_text() + "envelope: cleo\n")
        scene.baseline()
        yield scene


@pytest.fixture(params=FORMS)
def scene(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Scene]:
    with begin(tmp_path, request.param) as scene:
        yield scene


def number_of(scene: Scene, supplier: str, level: str, number: int) -> NumberState | None:
    ledger = scene.place.ledger()
    with ledger.reading() as db:
        found = numbers.state_of(db, 1, "ZZ:EXAMPLEDIST", f"ZZ:EXAMPLE{supplier}", level, number)
    ledger.close()
    return found


def story(scene: Scene, term: str) -> str:
    ledger = scene.place.ledger()
    with ledger.reading() as db:
        text = "\n".join(line for each in trace(db, term) for line in tell(each))
        assert audit.verify(db).ok
    ledger.close()
    return text


def test_orders_of_both_releases_leave_in_the_form_that_is_set_and_use_up_no_number_of_ours(
    scene: Scene, tmp_path: Path
) -> None:
    orders = scene.world.new_orders(9, lines=2)
    assert scene.run().green
    form = scene.place.options["cleo_envelope"]
    files = scene.journal()
    assert sorted(re.findall(rb"BEG.00.\w\w.(\w+)", b"".join(row.data for row in files))) == sorted(
        key.encode() for key in orders
    )
    for row in files:
        assert re.fullmatch(r"850_\w+-850_C\d{9}\.edi", row.name)
        assert row.data.startswith(b"ST" if form == "sets" else b"ISA")
        assert [f for f in validate(row.data) if f.severity == "error"] == []
        path = tmp_path / row.name
        path.write_bytes(row.data)
        shown = CliRunner().invoke(main, ["x12", "show", str(path)])
        assert "BEG" in shown.output
        assert CliRunner().invoke(main, ["x12", "check", str(path)]).exit_code == 0
    if form == "file":
        assert {b"*00401*" in row.data or b"|00401|" in row.data for row in files} == {True, False}
    for supplier in {row.folder.removesuffix("-850").upper() for row in files}:
        assert number_of(scene, supplier, "FILE", 1) is NumberState.USED
        assert number_of(scene, supplier, "ISA", 1) is None
        assert number_of(scene, supplier, "GS", 1) is None
    text = story(scene, orders[0])
    assert "envelope by Cleo, our no. 1, ST02 0001" in text
    assert "ISA13" not in text


def test_nothing_is_awaited_and_a_997_that_comes_all_the_same_moves_nothing(scene: Scene) -> None:
    number = scene.world.new_order(scene.supplier)
    assert scene.run().green
    done, report = acknowledge(scene.place, "ack-1", at=START + timedelta(days=30))
    assert (done["counts"], report["overdue"]) == ({}, 0)
    if scene.place.options["cleo_envelope"] == "file":
        p.Partner(scene.sandbox.cleo.store).answer(p.reject())
        assert acknowledge(scene.place, "ack-2")[0]["counts"] == {"read_files": 1, "unmatched": 1}
    assert scene.documents(number)[-1].state is DocState.SENT


def test_an_advice_that_names_the_document_is_matched_by_its_number(tmp_path: Path) -> None:
    with begin(tmp_path, "file") as scene:
        number = scene.world.new_order(scene.supplier)
        scene.run()
        p.Partner(scene.sandbox.cleo.store).answer(p.advice("TR", "price unknown", by="reference"))
        acknowledge(scene.place, "ack-1")
        assert scene.documents(number)[-1].state is DocState.REJECTED
        assert "price unknown" in story(scene, number)


@pytest.mark.parametrize("when", ["before", "during", "after"])
def test_an_upload_without_an_answer_is_settled_by_looking(scene: Scene, when: str) -> None:
    number = scene.world.new_order(scene.supplier)
    scene.sandbox.cleo.cut_upload(when)
    assert scene.run().green
    assert scene.documents(number)[-1].state is DocState.SENT
    (data,) = scene.sandbox.cleo.store.files(f"{scene.supplier.lower()}-850").values()
    assert [f for f in validate(data) if f.severity == "error"] == []
    assert len({row.name for row in scene.journal()}) == 1
    assert scene.run().counts["sent"] == 0


def test_a_refused_file_keeps_its_number_and_a_replaced_one_voids_it(scene: Scene) -> None:
    number = scene.world.new_order(scene.supplier)
    fault = scene.sandbox.cleo.server.fault("status", "/files/", method="PUT", status=404, times=None, body="{}")
    scene.run()
    scene.run()
    scene.world.edit_line(number, 1000, QTYUOM="55")
    scene.run()
    scene.sandbox.cleo.server.faults.clear(fault)
    scene.run()
    assert scene.run().green
    assert [row.name[-14:] for row in scene.journal()] == ["C000000002.edi"]
    assert number_of(scene, scene.supplier, "FILE", 1) is NumberState.VOIDED


def test_names_of_both_kinds_never_meet_when_an_agreement_changes(scene: Scene) -> None:
    first = scene.world.new_order(scene.supplier)
    scene.run()
    scene.edit_agreement(scene.supplier, "^envelope: cleo$", "envelope: ours")
    second = scene.world.new_order(scene.supplier)
    assert scene.run().green
    assert [row.name[-14:] for row in scene.journal()] == ["C000000001.edi", "_000000001.edi"]
    assert {scene.documents(key)[-1].state for key in (first, second)} == {DocState.SENT}
    assert number_of(scene, scene.supplier, "ISA", 1) is NumberState.USED


@pytest.mark.parametrize("form", FORMS)
def test_the_write_probe_makes_a_round_trip_in_the_form_that_is_set(tmp_path: Path, form: str) -> None:
    with begin(tmp_path, form) as scene:
        scene.sandbox.cleo.store.folder("probe")
        client = CleoClient(scene.place.cleo_settings())
        lines = list(write_probes(client, "probe", scene.place.settings()))
        client.close()
        assert [line.state for line in lines] == ["ok", "ok"]
        assert f"cleo_envelope = {form}" in lines[1].found
        (sample,) = [data for data in scene.sandbox.cleo.store.files("probe").values() if b"PROBE" in data]
        assert validate(sample, own=True) == []
        assert sample.startswith(b"ST" if form == "sets" else b"ISA")


@pytest.mark.parametrize("form", FORMS)
def test_invoices_go_without_an_envelope_of_ours_too(tmp_path: Path, form: str) -> None:
    with begin(tmp_path, form, "sales_invoices") as scene:
        made = scene.world.sales.new_invoices(3)
        assert scene.run().green
        assert len(scene.journal()) == len(made)
        assert all("_C0" in row.name and not validate(row.data) for row in scene.journal())
