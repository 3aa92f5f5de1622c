"""What a user sees of purchase orders on their way: only what has to move moves."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from airflow_provider_sagex3_cleo.errors import WatermarkFault
from tests.sandbox.pipeline.conftest import START, Scene, sets_of


def test_a_first_run_without_baseline_sends_nothing_and_names_the_command(scene: Scene) -> None:
    outcome = scene.run()
    assert not outcome.green
    assert isinstance(outcome.problems[0], WatermarkFault)
    assert "sagex3-cleo baseline" in str(outcome.problems[0])
    assert scene.journal() == []
    assert scene.x3_requests() == []


def test_new_orders_arrive_once_in_their_partners_folder_and_five_more_runs_send_nothing(scene: Scene) -> None:
    scene.baseline()
    new = scene.world.new_orders(12, lines=4)
    assert scene.run().counts["sent"] == 12
    assert sorted(scene.orders_in_cleo()) == sorted(new)
    for row in scene.journal():
        assert row.name.startswith("850_")
        assert row.folder.lower().startswith(scene.world.get(scene.orders_in_cleo()[0]).header["BPSNUM"][:1].lower())
    for _ in range(5):
        outcome = scene.run()
        assert outcome.green
        assert outcome.counts["sent"] == 0
    assert len(scene.journal()) == 12


def test_values_in_the_file_are_those_of_sage_x3(scene: Scene) -> None:
    scene.baseline()
    number = scene.world.new_order(scene.supplier, lines=3)
    scene.run()
    (transaction_set,) = sets_of(scene.journal()[0].data)
    order = scene.world.get(number)
    po1 = [s.elements for s in transaction_set.segments if s.elements[0] == "PO1"]
    assert [line[1] for line in po1] == ["1000", "2000", "3000"]
    for segment, line in zip(po1, order.lines, strict=True):
        assert float(segment[2]) * float(segment[4]) == pytest.approx(float(line.q["LINAMT"]), abs=0.011)


def test_a_quiet_poll_asks_each_table_once_moves_the_watermark_and_leaves_files_alone(scene: Scene) -> None:
    scene.baseline()
    scene.world.new_orders(2)
    scene.run()
    scene.advance(600)
    scene.run()
    before = scene.variables.get("sagex3_cleo_watermark_sagex3_default_purchase_orders")
    scene.sandbox.x3.server.clear_log()
    scene.advance(600)
    outcome = scene.run()
    assert outcome.green
    assert outcome.extract is not None
    assert len(scene.x3_requests()) == 3  # PORDER, PORDERQ, PORDERP; Basic needs no login call
    assert scene.variables.get("sagex3_cleo_watermark_sagex3_default_purchase_orders") != before
    assert len(scene.journal()) == 2


def test_the_second_window_fetches_details_of_changed_orders_only(scene: Scene) -> None:
    scene.baseline()
    first = scene.world.new_orders(6)
    scene.run()
    scene.sandbox.x3.server.clear_log()
    fresh = scene.world.new_order(scene.supplier)
    scene.world.edit_line(first[0], 1000, QTYUOM="99")
    scene.run()
    details = [row.path for row in scene.x3_requests(r"PORDER\('")]
    assert len(details) == 2
    assert {number for number in [fresh, first[0]] if any(number in path for path in details)} == {fresh, first[0]}


def test_a_line_edit_without_a_header_stamp_is_found_and_never_sent_as_a_second_850(scene: Scene) -> None:
    scene.baseline()
    number = scene.world.new_order(scene.supplier)
    scene.run()
    scene.world.edit_line(number, 1000, header_stamp=False, QTYUOM="77")
    outcome = scene.run()
    assert outcome.counts["held"] == 1
    held = scene.held()[number]
    assert "changed after sending, 860 not available" in held.reason
    assert held.remedy
    assert scene.orders_in_cleo() == [number]


def test_receipts_and_the_closing_of_a_fully_received_order_send_nothing(scene: Scene) -> None:
    scene.baseline()
    number = scene.world.new_order(scene.supplier)
    scene.run()
    scene.world.receive(number)
    assert scene.run().counts["unchanged"] == 1
    scene.world.close(number)
    assert scene.run().counts["unchanged"] == 1
    assert scene.held() == {}
    assert scene.orders_in_cleo() == [number]


def test_an_order_cancelled_after_sending_is_held_and_says_so(scene: Scene) -> None:
    scene.baseline()
    number = scene.world.new_order(scene.supplier)
    scene.run()
    scene.world.cancel(number)
    scene.run()
    assert "cancelled after sending, 860 not available" in scene.held()[number].reason


def test_an_edit_that_is_taken_back_ends_unchanged(scene: Scene) -> None:
    scene.baseline()
    number = scene.world.new_order(scene.supplier)
    price = scene.world.line(number, 1000).p["NETPRI"]
    scene.run()
    scene.world.edit_line(number, 1000, NETPRI=str(price + 1))
    scene.run()
    assert number in scene.held()
    scene.world.edit_line(number, 1000, NETPRI=str(price))
    assert scene.run().counts["unchanged"] == 1
    assert scene.held() == {}


def test_an_unsigned_order_waits_and_goes_when_it_is_signed(scene: Scene) -> None:
    scene.baseline()
    number = scene.world.new_order(scene.supplier, header={"APPFLG": 1})
    assert scene.run().counts["waiting"] == 1
    assert scene.journal() == []
    scene.world.sign(number)
    assert scene.run().counts["sent"] == 1
    assert scene.orders_in_cleo() == [number]


def test_a_partly_closed_order_never_sent_goes_with_its_open_lines(scene: Scene) -> None:
    scene.baseline()
    number = scene.world.new_order(scene.supplier, lines=3)
    scene.world.close_line(number, 2000)
    scene.run()
    (transaction_set,) = sets_of(scene.journal()[0].data)
    assert [s.elements[1] for s in transaction_set.segments if s.elements[0] == "PO1"] == ["1000", "3000"]


def test_an_order_closed_before_it_was_sent_sends_nothing(scene: Scene) -> None:
    scene.baseline()
    number = scene.world.new_order(scene.supplier)
    scene.world.cancel(number)
    scene.run()
    assert scene.journal() == []
    assert scene.held() == {}


def test_edits_within_the_settle_time_coalesce_into_one_850(scene: Scene) -> None:
    scene.place = replace(scene.place, options={"settle_s": 600})
    scene.baseline()
    number = scene.world.new_order(scene.supplier)
    assert scene.run().counts["settling"] == 1
    scene.advance(300)
    scene.world.edit_line(number, 1000, QTYUOM="41")
    assert scene.run().counts["settling"] == 1
    scene.advance(700)
    assert scene.run().counts["sent"] == 1
    (transaction_set,) = sets_of(scene.journal()[0].data)
    assert next(s.elements[2] for s in transaction_set.segments if s.elements[0] == "PO1") == "41"


def test_a_partner_without_agreement_is_not_for_edi_and_enrolling_later_flushes_no_history(scene: Scene) -> None:
    scene.baseline()
    other = next(code for code in scene.world.suppliers if code not in {s.code for s in scene.world.enrolled()})
    scene.world.new_order(other)
    assert scene.run().counts["not_for_edi"] == 1
    template = (scene.agreements / "partners" / f"{scene.supplier.lower()}.yaml").read_text()
    text = template.replace(f"partner: {scene.supplier}", f"partner: {other}")
    text = text.replace(scene.supplier.lower(), other.lower()).replace(scene.supplier, other)
    (scene.agreements / "partners" / f"{other}.yaml").write_text(text)
    assert scene.run().counts["sent"] == 0
    assert scene.journal() == []


def test_a_held_order_goes_by_itself_when_its_unit_is_added(scene: Scene) -> None:
    scene.baseline()
    number = scene.world.new_order(scene.supplier, lines=1, line_values=[{"UOM": "PAL", "PUU": "PAL", "UOMPUUCOE": 1}])
    good = scene.world.new_order(scene.supplier)
    assert scene.run().counts == {"mapped": 1, "held": 1, "sent": 1}
    held = scene.held()[number]
    assert "PAL" in held.reason
    assert "tables.yaml" in (held.remedy or "")
    assert scene.orders_in_cleo() == [good]
    tables = scene.agreements / "tables.yaml"
    tables.write_text(tables.read_text().replace("units:", "units:\n  PAL: PL", 1))
    assert scene.run().counts["sent"] == 1
    assert scene.orders_in_cleo() == [good, number]


@pytest.mark.parametrize("transport", ["rest", "graphql"])
def test_a_150_line_order_arrives_whole(scene: Scene, transport: str) -> None:
    if transport == "graphql":
        app = scene.sandbox.access()["sagex3"]["connected_app"]
        extra = {**scene.place.sagex3["extra"], "transport": "graphql", "auth": "connected_app", **app}
        scene.place = replace(scene.place, sagex3={**scene.place.sagex3, "extra": extra})
    scene.baseline()
    scene.world.new_order(scene.supplier, lines=150)
    outcome = scene.run()
    assert outcome.problems == []
    (transaction_set,) = sets_of(scene.journal()[0].data)
    assert sum(s.elements[0] == "PO1" for s in transaction_set.segments) == 150


def test_a_late_commit_inside_the_lookback_is_found(scene: Scene) -> None:
    scene.baseline()
    scene.run()
    scene.advance(60)
    number = scene.world.late_commit(75, scene.supplier)  # its stamp is older than the watermark
    scene.run(settled=False)
    scene.run()
    assert scene.orders_in_cleo() == [number]


def test_a_later_commit_is_found_by_the_daily_run_which_leaves_the_watermark_alone(scene: Scene) -> None:
    scene.baseline()
    scene.advance(7200)
    scene.run()
    number = scene.world.late_commit(5000, scene.supplier)
    scene.run()
    assert scene.journal() == []
    mark = scene.variables.path.read_text()
    day = START.replace(hour=0)
    outcome = scene.run(kind="daily", window_from=day, window_to=day + timedelta(days=1))
    assert outcome.problems == []
    assert scene.orders_in_cleo() == [number]
    assert scene.variables.path.read_text() == mark


def test_a_backfill_by_business_date_never_sends_a_second_time(scene: Scene) -> None:
    scene.baseline()
    new = scene.world.new_orders(4)
    scene.run()
    day = START.replace(hour=0)
    window: dict[str, Any] = {"window_from": day, "window_to": day + timedelta(days=1)}
    outcome = scene.run(kind="backfill", select_by="business_date", **window)
    assert outcome.problems == []
    assert sorted(scene.orders_in_cleo()) == sorted(new)


def test_a_cleared_run_reuses_its_frozen_window(scene: Scene) -> None:
    scene.baseline()
    scene.world.new_orders(3)
    first = scene.run("again")
    scene.world.new_orders(3)
    second = scene.run("again")
    assert first.extract is not None
    assert second.extract is not None
    assert second.extract["window"] == first.extract["window"]
    assert len(scene.journal()) == 3
    assert scene.run().counts["sent"] == 3


def test_a_stage_test_agreement_sends_usage_t_to_the_test_folder(scene: Scene) -> None:
    scene.edit_agreement(scene.supplier, r"^stage: live", "stage: test")
    scene.edit_agreement(scene.supplier, r"^test_folder: .*", "test_folder: testing")
    scene.sandbox.cleo.store.folder("testing")
    scene.baseline()
    scene.world.new_order(scene.supplier)
    scene.run()
    (row,) = scene.journal()
    assert row.folder == "testing"
    assert row.data[102:103] == b"T"


def test_a_baseline_that_stopped_half_way_is_resumed_and_fetches_only_what_is_missing(scene: Scene) -> None:
    scene.sandbox.x3.fault("error", r"PORDER\('", after=25, times=None)
    with pytest.raises(Exception, match="500"):
        scene.baseline()
    scene.sandbox.x3.server.faults.clear()
    scene.sandbox.x3.server.clear_log()
    scene.baseline()
    assert 0 < len(scene.x3_requests(r"PORDER\('")) <= 60 - 20
    assert scene.run().green
    assert scene.journal() == []
