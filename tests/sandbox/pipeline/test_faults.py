"""What goes wrong on the wire or in the set-up: one clear sentence, the others go on, nothing lost, nothing doubled."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from airflow_provider_sagex3_cleo.errors import LedgerBusy, LedgerMismatch, NotJson, SettingFault, WatermarkFault
from airflow_provider_sagex3_cleo.ledger import Ledger, runs
from airflow_provider_sagex3_cleo.ledger.states import DocState
from airflow_provider_sagex3_cleo.pipeline import DeliveryIncomplete, DeliveryRefused
from airflow_provider_sagex3_cleo.pipeline import watermark as marks
from tests.sandbox.pipeline.conftest import START, Scene
from tests.support.scene import ENTITY, baseline

NAME = "sagex3_cleo_watermark_sagex3_default_purchase_orders"
UPLOADS = r"/files/"


def lane_of(scene: Scene, supplier: str) -> str:
    return f"{supplier.lower()}-850"


# Cleo:
def test_one_folder_that_answers_403_holds_back_that_lane_only_until_it_is_lifted(scene: Scene) -> None:
    scene.baseline()
    first, second = (s.code for s in scene.world.enrolled(2))
    kept = [scene.world.new_order(first) for _ in range(3)]
    free = [scene.world.new_order(second) for _ in range(2)]
    fault = scene.sandbox.cleo.server.fault(
        "status", f"{UPLOADS}{lane_of(scene, first)}/", method="PUT", status=403, times=None, body="{}"
    )
    outcome = scene.run()
    assert isinstance(outcome.problems[0], DeliveryRefused)
    assert "403" in str(outcome.problems[0])
    assert lane_of(scene, first) in str(outcome.problems[0])
    assert sorted(scene.orders_in_cleo()) == sorted(free)
    assert {scene.documents(key)[-1].state for key in kept} == {DocState.READY}
    scene.sandbox.cleo.server.faults.clear(fault)
    outcome = scene.run()
    assert outcome.green
    assert outcome.counts["sent"] == 3
    assert sorted(scene.orders_in_cleo()) == sorted(kept + free)
    names = sorted(row.name for row in scene.journal() if row.folder == lane_of(scene, first))
    assert [int(re.findall(r"(\d{9})", name)[0]) for name in names] == [1, 2, 3]  # the refused number was kept


def test_an_order_edited_while_its_upload_is_refused_voids_the_number_and_goes_once(scene: Scene) -> None:
    scene.baseline()
    number = scene.world.new_order(scene.supplier)
    fault = scene.sandbox.cleo.server.fault("status", UPLOADS, method="PUT", status=404, times=None, body="{}")
    scene.run()
    scene.world.edit_line(number, 1000, QTYUOM="55")
    scene.run()
    scene.sandbox.cleo.server.faults.clear(fault)
    scene.run()
    assert scene.run().green
    assert scene.orders_in_cleo() == [number]
    states = [document.state for document in scene.documents(number)]
    assert states == [DocState.SUPERSEDED, DocState.SENT]
    assert "000000002" in scene.journal()[0].name


@pytest.mark.parametrize("when", ["before", "during", "after"])
def test_an_upload_without_an_answer_is_settled_by_looking_where_nobody_picks_up(scene: Scene, when: str) -> None:
    scene.pickup("never")
    scene.baseline()
    number = scene.world.new_order(scene.supplier)
    scene.sandbox.cleo.cut_upload(when)
    outcome = scene.run()
    assert outcome.problems == []
    assert scene.documents(number)[-1].state is DocState.SENT
    files = scene.sandbox.cleo.store.files(lane_of(scene, scene.supplier))
    assert len(files) == 1
    assert len({row.name for row in scene.journal()}) == 1


def test_where_files_are_picked_up_an_unanswered_upload_is_in_doubt_and_never_sent_again(scene: Scene) -> None:
    scene.pickup("may")
    scene.baseline()
    number = scene.world.new_order(scene.supplier)
    scene.sandbox.cleo.store.folder(lane_of(scene, scene.supplier), pickup="at_once")
    scene.sandbox.cleo.cut_upload("after")
    scene.run()
    assert scene.documents(number)[-1].state is DocState.IN_DOUBT
    for _ in range(3):
        scene.run()
    assert len(scene.journal()) == 1


def test_a_500_on_an_upload_is_an_unknown_outcome_not_a_refusal(scene: Scene) -> None:
    scene.pickup("never")
    scene.baseline()
    number = scene.world.new_order(scene.supplier)
    scene.sandbox.cleo.server.fault("error", UPLOADS, method="PUT")
    assert scene.run().problems == []
    assert scene.orders_in_cleo() == [number]


def test_a_cleo_that_is_down_makes_the_run_red_and_the_next_one_sends(scene: Scene) -> None:
    scene.baseline()
    number = scene.world.new_order(scene.supplier)
    fault = scene.sandbox.cleo.server.fault("maintenance", "", times=None)
    outcome = scene.run()
    assert isinstance(outcome.problems[0], DeliveryIncomplete)
    scene.sandbox.cleo.server.faults.clear(fault)
    assert scene.run().green
    assert scene.orders_in_cleo() == [number]


@pytest.mark.parametrize("policy", ["overwrite", "refuse", "keep_old", "rename"])
def test_every_existing_name_policy_ends_with_the_right_bytes_under_our_name(scene: Scene, policy: str) -> None:
    scene.pickup("never")
    scene.baseline()
    scene.sandbox.cleo.store.folder(lane_of(scene, scene.supplier), existing=policy)
    number = scene.world.new_order(scene.supplier)
    scene.sandbox.cleo.cut_upload("after")
    assert scene.run().problems == []
    assert scene.documents(number)[-1].state is DocState.SENT
    assert len(scene.sandbox.cleo.store.files(lane_of(scene, scene.supplier))) == 1


def test_a_foreign_file_under_our_name_blocks_the_document_until_it_is_gone(scene: Scene) -> None:
    scene.pickup("never")
    scene.baseline()
    number = scene.world.new_order(scene.supplier)
    folder = lane_of(scene, scene.supplier)
    scene.sandbox.cleo.store.folder(folder, existing="refuse")
    name = f"850_{scene.supplier.lower()}-850_000000001.edi"
    scene.sandbox.cleo.store.place(folder, name, b"something else")
    outcome = scene.run()
    assert "other content" in str(outcome.problems[0])
    assert scene.documents(number)[-1].state is DocState.BLOCKED
    scene.sandbox.cleo.store.delete(folder, name)
    assert scene.run().green
    assert scene.documents(number)[-1].state is DocState.SENT


def test_a_token_that_expires_in_mid_run_is_renewed(scene: Scene) -> None:
    scene.baseline()
    scene.sandbox.cleo.server.fault("expired", UPLOADS, after=2)
    new = scene.world.new_orders(5)
    assert scene.run().problems == []
    assert sorted(scene.orders_in_cleo()) == sorted(new)


# Sage X3:
@pytest.mark.parametrize("kind", ["login_page", "maintenance", "redirect", "wrong_json", "cut_body"])
def test_a_page_in_place_of_data_is_never_no_new_data(scene: Scene, kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("airflow_provider_sagex3_cleo.transport.MAX_WAIT_S", 0.01)
    monkeypatch.setattr("airflow_provider_sagex3_cleo.transport._backoff", lambda state: 0.01)
    scene.baseline()
    number = scene.world.new_order(scene.supplier)
    before = scene.variables.get(NAME)
    fault = scene.sandbox.x3.fault(kind, "/PORDER$", times=None)
    outcome = scene.run()
    assert not outcome.green
    assert scene.variables.get(NAME) == before
    scene.sandbox.x3.server.faults.clear(fault)
    assert scene.run().green
    assert scene.orders_in_cleo() == [number]


@pytest.mark.parametrize("kind", ["refuse", "reset", "rate_limit", "error", "expired", "delay"])
def test_a_passing_fault_of_sage_x3_costs_nothing(scene: Scene, kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("airflow_provider_sagex3_cleo.transport._backoff", lambda state: 0.01)
    scene.baseline()
    new = scene.world.new_orders(4)
    scene.sandbox.x3.fault(kind, r"/PORDER", after=2, times=1 if kind == "expired" else 2, seconds=0)
    assert scene.run().problems == []
    assert sorted(scene.orders_in_cleo()) == sorted(new)


def test_what_is_due_is_delivered_even_when_sage_x3_is_down(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("airflow_provider_sagex3_cleo.transport._backoff", lambda state: 0.01)
    scene.baseline()
    number = scene.world.new_order(scene.supplier)
    refused = scene.sandbox.cleo.server.fault("status", UPLOADS, method="PUT", status=403, times=None, body="{}")
    scene.run()
    scene.sandbox.cleo.server.faults.clear(refused)
    scene.sandbox.x3.fault("maintenance", "", times=None)
    outcome = scene.run()
    assert isinstance(outcome.problems[0], NotJson) or "503" in str(outcome.problems[0])
    assert scene.orders_in_cleo() == [number]


def test_duplicate_rows_of_a_page_land_once(scene: Scene) -> None:
    scene.baseline()
    new = scene.world.new_orders(3)
    scene.sandbox.x3.fault("duplicate_rows", "/PORDER", times=3)
    assert scene.run().problems == []
    assert sorted(scene.orders_in_cleo()) == sorted(new)


# The watermark:
def changed(scene: Scene, **values: Any) -> None:
    mark = json.loads(scene.variables.get(NAME) or "{}")
    scene.variables.set(NAME, json.dumps({**mark, **values}))


def test_a_garbage_watermark_stops_the_run_in_one_sentence(scene: Scene) -> None:
    scene.baseline()
    scene.variables.set(NAME, "yesterday")
    problem = scene.run().problems[0]
    assert isinstance(problem, WatermarkFault)
    assert NAME in str(problem)
    assert "cannot be read" in str(problem)


def test_a_watermark_in_the_future_stops_the_run(scene: Scene) -> None:
    scene.baseline()
    changed(scene, cursor=datetime(2031, 1, 1, tzinfo=UTC).isoformat())
    problem = scene.run().problems[0]
    assert isinstance(problem, WatermarkFault)
    assert "watermark rebuild" in str(problem)


def test_a_watermark_of_another_ledger_or_source_stops_the_run(scene: Scene) -> None:
    scene.baseline()
    changed(scene, ledger="00000000-0000-0000-0000-000000000000")
    assert "another ledger" in str(scene.run().problems[0])
    scene.variables.path.unlink()
    assert "is lost; the ledger can prove it" in str(scene.run().problems[0])


def test_a_watermark_shadowed_by_the_environment_stops_the_run(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    scene.baseline()
    frozen = scene.variables.get(NAME)
    store = type(scene.variables)
    monkeypatch.setattr(store, "get", lambda self, name: frozen)
    problem = scene.run().problems[0]
    assert isinstance(problem, WatermarkFault)
    assert "shadows it" in str(problem)


def test_a_watermark_set_back_by_hand_reads_again_and_sends_nothing_twice(scene: Scene) -> None:
    scene.baseline()
    new = scene.world.new_orders(3)
    scene.run()
    changed(scene, cursor=datetime(2026, 11, 2, 11, tzinfo=UTC).isoformat())
    assert scene.run().problems == []
    assert sorted(scene.orders_in_cleo()) == sorted(new)


def test_a_watermark_round_trips() -> None:
    mark = marks.Watermark(datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC), "host:1/F", "u-u")

    class Store:
        def get(self, name: str) -> str | None:
            return mark.text()

        def set(self, name: str, text: str) -> None: ...

    assert marks.read(Store(), "x") == mark


# The set-up:
def test_a_test_x3_is_never_paired_with_a_production_cleo(scene: Scene) -> None:
    scene.baseline()
    cleo = {**scene.place.cleo, "extra": {**scene.place.cleo["extra"], "environment": "production"}}
    scene.place = replace(scene.place, cleo=cleo)
    with pytest.raises(SettingFault, match="'test' and Cleo 'production'"):
        scene.run()


def test_a_ledger_refuses_another_folder_of_sage_x3(scene: Scene) -> None:
    scene.baseline()
    extra = {**scene.place.sagex3["extra"], "folder": "COPY"}
    scene.place = replace(scene.place, sagex3={**scene.place.sagex3, "extra": extra})
    with pytest.raises(LedgerMismatch, match="belongs to Sage X3"):
        scene.run()


def test_a_baseline_that_would_leave_a_gap_before_an_agreement_begins_is_refused(scene: Scene) -> None:
    with pytest.raises(SettingFault, match="would be sent when somebody edits them"):
        baseline(scene.place, since=START + timedelta(days=3))
    assert scene.x3_requests() == []


def test_a_second_run_does_not_read_while_another_one_does(scene: Scene) -> None:
    scene.place = replace(scene.place, options={"run_lock_wait_s": 0})
    scene.baseline()
    with Ledger.open(scene.place.ledger_url) as ledger, ledger.begin() as db:
        assert runs.lock(db, 1, ENTITY, "another", 60)
    outcome = scene.run()
    assert isinstance(outcome.problems[0], LedgerBusy)
    assert "run another is reading" in str(outcome.problems[0])


def test_an_agreement_taken_away_stops_its_lane_only_and_says_which(scene: Scene) -> None:
    scene.baseline()
    first, second = (s.code for s in scene.world.enrolled(2))
    refused = scene.sandbox.cleo.server.fault("status", UPLOADS, method="PUT", status=403, times=None, body="{}")
    scene.world.new_order(first)
    scene.run()
    scene.sandbox.cleo.server.faults.clear(refused)
    other = scene.world.new_order(second)
    (scene.agreements / "partners" / f"{first.lower()}.yaml").unlink()
    outcome = scene.run()
    assert f"{first.lower()}-850 is gone" in str(outcome.problems[0])
    assert scene.orders_in_cleo() == [other]
