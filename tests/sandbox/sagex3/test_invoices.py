"""Sales invoices by REST: two headers on one record, arrays as lists, and the sales orders that the lines name."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from airflow_provider_sagex3_cleo.errors import SettingFault
from airflow_provider_sagex3_cleo.sagex3.reader import Record
from airflow_provider_sagex3_cleo.sagex3.spec import EntitySpec, load_specs
from airflow_provider_sagex3_cleo.sandbox.run import Sandbox

Open = Callable[..., Any]


@pytest.fixture(scope="session")
def spec() -> EntitySpec:
    """Sales invoices as they come with the package."""
    return load_specs()["sales_invoices"]


def test_a_record_holds_both_headers_the_lines_and_what_is_kept_of_their_orders(
    sandbox: Sandbox, rest: Open, spec: EntitySpec
) -> None:
    sales = sandbox.world.sales
    number = sales.new_invoice("C0001", lines=3, charges={"1": "25.00"})
    (record,) = rest().details(spec, [number])
    shown = sales.describe_invoice(number)
    assert record.fields["INVSTA"] == 3
    assert record.fields["INVTYP"] == 1
    assert record.fields["AMTATI"] == f"{shown['header']['AMTATI']:f}".rstrip("0").rstrip(".")
    assert [line["SIDLIN"] for line in record.lines] == [1000, 2000, 3000]
    order = shown["lines"][0]["SOHNUM"]
    kept = record.related["sales_orders"][order]
    assert kept["CUSORDREF"] == sales.orders[order].header["CUSORDREF"]
    assert [line["LINORDNUM"] for line in kept["lines"]] == ["1", "2", "3"]
    assert {line["BPAADD"] for line in kept["lines"]} == {shown["header"]["BPAADD"]}
    assert set(kept) == {"CUSORDREF", "ORDDAT", "lines"}


def test_an_optional_column_that_sales_orders_do_not_show_is_left_out(
    sandbox: Sandbox, rest: Open, tmp_path: Path
) -> None:
    site = tmp_path / "site.yaml"
    site.write_text(
        "sales_orders:\n  lines:\n    columns: {YDOCK: {type: text, rest: [SORDERQ], graphql: null, optional: true}}\n"
        "sales_invoices:\n  related:\n    sales_orders: {lines: [SOPLIN, SOQSEQ, BPAADD, YDOCK]}\n"
    )
    number = sandbox.world.sales.new_invoice("C0001")
    (record,) = rest().details(load_specs(site)["sales_invoices"], [number])
    (order,) = record.related["sales_orders"].values()
    assert [set(line) for line in order["lines"]] == [{"SOPLIN", "SOQSEQ", "BPAADD"}] * 3


def test_arrays_end_with_their_last_value_whatever_a_site_has_room_for(
    sandbox: Sandbox, rest: Open, spec: EntitySpec
) -> None:
    number = sandbox.world.sales.new_invoice("C0001", charges={"1": "25.00", "3": "4.10"})
    (record,) = rest().details(spec, [number])
    assert record.fields["INVDTA"] == [1, 3]
    assert record.fields["INVDTAAMT"] == ["25", "4.1"]
    assert record.fields["TAX"] == ["NJS"]


def test_the_stamp_is_the_latest_of_both_headers_and_the_lines(sandbox: Sandbox, rest: Open, spec: EntitySpec) -> None:
    sales = sandbox.world.sales
    number = sales.new_invoice("C0001")
    (before,) = rest().details(spec, [number])
    for move in (lambda: sales.edit_invoice(number, INVNUM="X"), lambda: sales.edit_invoice_line(number, 2000)):
        sandbox.clock.advance(60)
        move()
        (after,) = rest().details(spec, [number])
        assert after.stamp > before.stamp
        before = after


def test_a_record_is_landed_and_loaded_with_its_orders(sandbox: Sandbox, rest: Open, spec: EntitySpec) -> None:
    number = sandbox.world.sales.new_invoice("C0001")
    (record,) = rest().details(spec, [number])
    assert Record.load(record.canonical()) == record
    assert Record.load(record.canonical()).related == record.related


def test_every_table_lists_keys_of_the_invoice(sandbox: Sandbox, rest: Open, spec: EntitySpec) -> None:
    number = sandbox.world.sales.new_invoice("C0001")
    lower = sandbox.clock.now().replace(microsecond=0)
    reader = rest()
    for source in spec.sources:
        keys = {row.key for page in reader.key_pages(spec, source, lower=lower) for row in page.rows}
        assert number in keys


def test_an_order_is_read_once_by_one_reader_and_again_by_the_next(
    sandbox: Sandbox, rest: Open, spec: EntitySpec
) -> None:
    sales = sandbox.world.sales
    numbers = [sales.new_invoice("C0001", lines=1) for _ in range(3)]
    order = sales.invoices[numbers[0]].lines[0]["SOHNUM"]
    for number in numbers:
        sales.invoices[number].lines[0]["SOHNUM"] = order
    sandbox.x3.server.clear_log()
    reader = rest()
    assert len(list(reader.details(spec, numbers))) == 3
    assert len(sandbox.x3.server.log(path=rf"SORDER\('{order}")) == 1
    list(rest().details(spec, numbers))
    assert len(sandbox.x3.server.log(path=rf"SORDER\('{order}")) == 2


def test_an_order_that_is_gone_is_left_out_and_the_invoice_is_there(
    sandbox: Sandbox, rest: Open, spec: EntitySpec
) -> None:
    sales = sandbox.world.sales
    number = sales.new_invoice("C0001", lines=1)
    sales.invoices[number].lines[0]["SOHNUM"] = "GONE-1"
    (record,) = rest().details(spec, [number])
    assert record.related == {"sales_orders": {}}


def test_several_sessions_give_the_same_records(sandbox: Sandbox, rest: Open, spec: EntitySpec) -> None:
    numbers = sandbox.world.sales.new_invoices(6, lines=2)
    assert list(rest().details(spec, numbers)) == list(rest(sessions=3).details(spec, numbers))


def test_an_invoice_of_accounting_only_has_no_details(sandbox: Sandbox, rest: Open, spec: EntitySpec) -> None:
    sales = sandbox.world.sales
    number = sales.new_invoice("C0001")
    invoice = sales.invoices[number]
    sales.index["SINVOICEV"].exchange({(invoice.sale["UPDDATTIM"], number, 0, 0)}, set())
    del sales.invoices[number]
    try:
        assert list(rest().details(spec, [number])) == []
    finally:
        sales.invoices[number] = invoice
        sales.index["SINVOICEV"].exchange(set(), {(invoice.sale["UPDDATTIM"], number, 0, 0)})


def test_the_probe_finds_every_column_of_invoices_and_orders(sandbox: Sandbox, rest: Open) -> None:
    for entity in ("sales_invoices", "sales_orders"):
        lines = rest().probe(load_specs()[entity])
        assert [line for line in lines if not line.ok] == []
        assert lines[-1].found == "all columns are there"


@pytest.mark.parametrize("gone", ["columns: {INVSTA: {graphql: null}}", "graphql: null"])
def test_by_graphql_nothing_is_read_where_no_gate_could_be_asked(graphql: Open, tmp_path: Path, gone: str) -> None:
    site = tmp_path / "site.yaml"
    site.write_text(f"sales_invoices:\n  {gone}\n")
    with pytest.raises(SettingFault) as caught:
        graphql().sources(load_specs(site)["sales_invoices"])
    assert "sales_invoices" in str(caught.value)
    assert "INVSTA" in str(caught.value) or "transport rest" in str(caught.value)
