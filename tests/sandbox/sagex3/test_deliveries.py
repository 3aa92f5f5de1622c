"""Deliveries by REST: lines counted by their list, packs and bills of lading beside them, whatever goes wrong."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from airflow_provider_sagex3_cleo.errors import NotFound, PageLoop, Retry
from airflow_provider_sagex3_cleo.sagex3.reader import Record
from airflow_provider_sagex3_cleo.sagex3.spec import Column, ColumnType, EntitySpec, load_specs
from airflow_provider_sagex3_cleo.sandbox.run import Sandbox

Open = Callable[..., Any]


@pytest.fixture(scope="session")
def spec() -> EntitySpec:
    """Deliveries as they come with the package."""
    return load_specs()["deliveries"]


def test_a_record_holds_lines_orders_packs_contents_and_the_bill(
    sandbox: Sandbox, rest: Open, spec: EntitySpec
) -> None:
    deliveries = sandbox.world.deliveries
    number = deliveries.new_delivery("C0001", lines=3, packs=2, bill=True)
    (record,) = rest().details(spec, [number])
    shown = deliveries.describe_delivery(number)
    assert [line["SDDLIN"] for line in record.lines] == [1000, 2000, 3000]
    assert [row["SCCCOD"] for row in record.related["packs"].values()] == [p["SCCCOD"] for p in shown["packs"]]
    inside = {(row["VCRLIN"], row["PACNUM"]) for row in record.related["pack_items"].values()}
    assert inside == {(row["VCRLIN"], row["PACNUM"]) for row in shown["contents"]}
    bill = record.related["bills_of_lading"][shown["bill"]["BOLNUM"]]
    assert bill["PRONUM"] == shown["bill"]["PRONUM"]
    (order,) = record.related["sales_orders"].values()
    assert [line["SAUSTUCOE"] for line in order["lines"]] == [f"{line['SAUSTUCOE']:f}" for line in shown["lines"]]
    assert Record.load(record.canonical()) == record


def test_packs_of_other_documents_are_not_ours(sandbox: Sandbox, rest: Open, spec: EntitySpec) -> None:
    deliveries = sandbox.world.deliveries
    number = deliveries.new_delivery("C0001", packs=2)
    for row in (deliveries.deliveries[number].packs[1], *deliveries.deliveries[number].contents):
        row["VCRTYP"] = 3
    (record,) = rest().details(spec, [number])
    assert [row["PACNUM"] for row in record.related["packs"].values()] == ["0001"]
    assert record.related["pack_items"] == {}


def test_long_packing_is_read_to_its_end_page_by_page(sandbox: Sandbox, rest: Open, spec: EntitySpec) -> None:
    deliveries = sandbox.world.deliveries
    number = deliveries.new_delivery("C0001", lines=23, packs=12)
    for paging in ("keyset", "next"):
        (record,) = rest(page_size=5, paging=paging).details(spec, [number])
        assert len(record.related["packs"]) == 12
        assert len(record.related["pack_items"]) == 23
        assert len(record.lines) == 23


@pytest.mark.parametrize("source", ["SDELIVERY", "SDELIVERYD", "SPACK", "SPACKD", "BILLLADH"])
def test_every_table_lists_keys_of_the_delivery(sandbox: Sandbox, rest: Open, spec: EntitySpec, source: str) -> None:
    lower = sandbox.clock.now().replace(microsecond=0)
    number = sandbox.world.deliveries.new_delivery("C0001", packs=1, bill=True)
    keys = {row.key for page in rest().key_pages(spec, source, lower=lower) for row in page.rows}
    assert number in keys


def test_a_bill_names_every_delivery_on_it_with_the_bills_own_stamp(
    sandbox: Sandbox, rest: Open, spec: EntitySpec
) -> None:
    deliveries = sandbox.world.deliveries
    numbers = [deliveries.new_delivery("C0001", lines=1) for _ in range(7)]
    bill = deliveries.new_bill_of_lading(numbers)
    sandbox.clock.advance(60)
    lower = sandbox.clock.now().replace(microsecond=0)
    deliveries.edit_bill_of_lading(bill, PRONUM="NEW")
    pages = list(rest(page_size=3).key_pages(spec, "BILLLADH", lower=lower))
    assert {row.key for page in pages for row in page.rows} == set(numbers)
    stamps = {row.stamp for page in pages for row in page.rows}
    assert stamps == {deliveries.bills[bill]["UPDDATTIM"]}


def test_the_stamp_is_the_latest_of_all_that_belongs_to_the_delivery(
    sandbox: Sandbox, rest: Open, spec: EntitySpec
) -> None:
    deliveries = sandbox.world.deliveries
    number = deliveries.new_delivery("C0001", packs=1, bill=True)
    bill = deliveries.describe_delivery(number)["bill"]["BOLNUM"]
    (before,) = rest().details(spec, [number])
    moves: tuple[Callable[[], Any], ...] = (
        lambda: deliveries.edit_delivery_line(number, 2000),
        lambda: deliveries.edit_pack(number, 1, PCK="PAL"),
        lambda: deliveries.edit_bill_of_lading(bill, TRAILER="7"),
    )
    for move in moves:
        sandbox.clock.advance(60)
        move()
        (after,) = rest().details(spec, [number])
        assert after.stamp > before.stamp
        before = after


def test_a_site_without_packs_and_bills_reads_the_rest_and_asks_for_nothing_else(
    sandbox: Sandbox, rest: Open, tmp_path: Path
) -> None:
    site = tmp_path / "entities.yaml"
    site.write_text("deliveries:\n  sources: [SDELIVERY, SDELIVERYD]\n  attached: null\n", encoding="utf-8")
    spec = load_specs(site)["deliveries"]
    number = sandbox.world.deliveries.new_delivery("C0001", packs=1, bill=True)
    sandbox.x3.server.clear_log()
    (record,) = rest().details(spec, [number])
    assert set(record.related) == {"sales_orders"}
    assert not sandbox.x3.server.log(path="SPACK|BILL")
    assert len(record.lines) == 3


def test_a_class_that_the_site_does_not_have_is_named_with_the_way_out(
    sandbox: Sandbox, rest: Open, spec: EntitySpec
) -> None:
    packs = replace(spec.attached["packs"], cls="YPACK")
    odd = replace(spec, attached={**spec.attached, "packs": packs})
    number = sandbox.world.deliveries.new_delivery("C0001")
    with pytest.raises(NotFound) as caught:
        list(rest().details(odd, [number]))
    assert "set it to null there where this site does without it" in str(caught.value)
    broken = [line for line in rest().probe(odd) if not line.ok]
    assert [line.name for line in broken] == ["REST YPACK list (packs)"]
    assert "YPACK under `attached`" in broken[0].remedy


def test_a_column_that_a_list_does_not_show_is_named(sandbox: Sandbox, rest: Open, spec: EntitySpec) -> None:
    packs = spec.attached["packs"]
    wider = replace(packs, columns={**packs.columns, "YSEAL": Column("YSEAL", ColumnType("text"))})
    odd = replace(spec, attached={**spec.attached, "packs": wider})
    (broken,) = [line for line in rest().probe(odd) if not line.ok]
    assert broken.name == "REST SPACK list (packs)"
    assert "SPACK.YSEAL: the list does not show this column" in broken.found


def test_the_probe_finds_every_column(sandbox: Sandbox, rest: Open, spec: EntitySpec) -> None:
    lines = rest().probe(spec)
    assert [line for line in lines if not line.ok] == []
    assert [line.name for line in lines][-3:] == [
        "REST SPACK list (packs)", "REST SPACKD list (pack_items)", "REST BILLLADH list (bills_of_lading)",
    ]  # fmt: skip


def test_lines_that_are_missing_in_the_detail_are_never_taken_for_all(
    sandbox: Sandbox, rest: Open, spec: EntitySpec
) -> None:
    number = sandbox.world.deliveries.new_delivery("C0001", lines=4)
    sandbox.x3.fault("truncated_page", rf"SDELIVERY\('{number}", times=1)
    (record,) = rest().details(spec, [number])
    assert len(record.lines) == 4
    sandbox.x3.fault("truncated_page", rf"SDELIVERY\('{number}", times=None)
    (record,) = rest().details(spec, [number])
    assert record.fault == "the list of lines shows 4, but 2 were read"


@pytest.mark.parametrize("path", ["SPACK$", "SPACKD$", "BILLLADH$", "SDELIVERYD$"])
@pytest.mark.parametrize("kind", ["truncated_page", "duplicate_rows", "cut_body", "error", "maintenance", "reset"])
def test_one_bad_answer_about_packs_or_bills_changes_no_record(
    sandbox: Sandbox, rest: Open, spec: EntitySpec, path: str, kind: str
) -> None:
    number = sandbox.world.deliveries.new_delivery("C0001", lines=4, packs=2, bill=True)
    (good,) = rest().details(spec, [number])
    if (kind, path) == ("truncated_page", "BILLLADH$"):
        return  # half of one row is none: an empty list, which nothing tells from a bill that is gone
    sandbox.x3.fault(kind, path)
    (seen,) = rest().details(spec, [number])
    assert seen == good
    assert seen.canonical() == good.canonical()


@pytest.mark.parametrize("path", ["SPACK$", "SPACKD$", "BILLLADH$"])
@pytest.mark.parametrize("kind", ["login_page", "wrong_json"])
def test_answers_that_stay_bad_stop_the_reading(
    sandbox: Sandbox, rest: Open, spec: EntitySpec, path: str, kind: str
) -> None:
    number = sandbox.world.deliveries.new_delivery("C0001", packs=2, bill=True)
    sandbox.x3.fault(kind, path, times=None)
    with pytest.raises(Retry):
        list(rest(attempts=1).details(spec, [number]))


def test_a_next_link_that_leads_back_is_not_followed_here(sandbox: Sandbox, rest: Open, spec: EntitySpec) -> None:
    number = sandbox.world.deliveries.new_delivery("C0001", lines=4, packs=2, bill=True)
    (good,) = rest().details(spec, [number])
    sandbox.x3.fault("loop_next", "(SPACK|SPACKD|SDELIVERYD)$", times=3)
    assert list(rest(page_size=2).details(spec, [number])) == [good]


def test_a_list_that_shows_the_same_rows_for_ever_is_left(sandbox: Sandbox, rest: Open, spec: EntitySpec) -> None:
    number = sandbox.world.deliveries.new_delivery("C0001", packs=2)
    body = json.dumps({"$resources": [{"PACNUM": "0001", "PACSEQ": 1, "SCCCOD": "", "UPDDATTIM": None}]})
    sandbox.x3.fault(
        "status", "SPACK$", status=200, body=body, headers={"Content-Type": "application/json"}, times=None
    )
    with pytest.raises(PageLoop, match="the same rows came again"):
        list(rest(attempts=1).details(spec, [number]))
