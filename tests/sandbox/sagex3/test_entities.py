"""Every entity by both transports: what is read is what the sandbox has, whole, once, and in order."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from airflow_provider_sagex3_cleo import errors as e
from airflow_provider_sagex3_cleo.sagex3.describe import Schema, describe
from airflow_provider_sagex3_cleo.sagex3.reader import KeyStamp, Reader, Record
from airflow_provider_sagex3_cleo.sagex3.sessions import open_transport
from airflow_provider_sagex3_cleo.sagex3.settings import SageX3Settings
from airflow_provider_sagex3_cleo.sagex3.spec import EntitySpec, load_specs
from airflow_provider_sagex3_cleo.sandbox.run import Sandbox

Open = Callable[..., Any]
SPECS = load_specs()
KEPT = ["addresses", "customers", "gl_accounts", "products", "supplier_invoices", "suppliers", "units"]
NEW = [*KEPT, "sales_invoices", "sales_orders"]
TABLES = {
    "suppliers": ("BPSUPPLIER", "BPARTNER"),
    "customers": ("BPCUSTOMER", "BPARTNER"),
    "addresses": ("BPADDRESS",),
    "products": ("ITMMASTER",),
    "gl_accounts": ("GACCOUNT",),
    "units": ("TABUNIT",),
}


def listed(reader: Reader, spec: EntitySpec, **window: Any) -> dict[str, datetime]:
    """Each key with its latest stamp, over all sources."""
    window.setdefault("lower", None)
    found: dict[str, datetime] = {}
    for source in reader.sources(spec):
        rows = [row for page in reader.key_pages(spec, source, **window) for row in page.rows]
        assert rows == sorted(rows, key=lambda row: row.stamp)
        for row in rows:
            found[row.key] = max(row.stamp, found.get(row.key, row.stamp))
    return found


def in_sandbox(sandbox: Sandbox, entity: str) -> dict[str, dict[str, Any]]:
    """The rows of an entity as the sandbox has them, by key."""
    world = sandbox.world
    if entity == "supplier_invoices":
        return {
            number: {**bill.accounting, **bill.purchase, "UPDDATTIM": stamp(bill.accounting, bill.purchase)}
            for number, bill in world.purchases.bills.items()
        }
    if entity == "sales_invoices":
        return {
            number: {**each.accounting, **each.sale, "UPDDATTIM": stamp(each.accounting, each.sale)}
            for number, each in world.sales.invoices.items()
        }
    if entity == "sales_orders":
        return {number: order.header for number, order in world.sales.orders.items()}
    first, *other = TABLES[entity]
    found = {}
    for key, row in world.references.tables[first].items():
        if first == "BPADDRESS" and row["BPATYP"] != 1:
            continue
        beside = world.references.tables[other[0]][key] if other else row
        found[key] = {**beside, **row, "UPDDATTIM": stamp(beside, row)}
    return found


def stamp(one: Mapping[str, Any], other: Mapping[str, Any]) -> datetime:
    return max(one["UPDDATTIM"], other["UPDDATTIM"])


def plain(value: Any) -> Any:
    """A value of the sandbox as a record spells it."""
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%dT%H:%M:%SZ}"
    if isinstance(value, date):
        return value.isoformat() if value.year >= 1900 else None
    if isinstance(value, Decimal):
        text = format(value, "f")
        return text.rstrip("0").rstrip(".") if "." in text else text
    if isinstance(value, str):
        return None if value.startswith("0000") else value.strip() or None
    return value


@pytest.mark.parametrize("entity", NEW)
def test_a_full_read_gives_the_rows_of_the_sandbox(sandbox: Sandbox, reader: Open, entity: str) -> None:
    spec, opened = SPECS[entity], reader(page_size=70)
    rows = in_sandbox(sandbox, entity)
    keys = listed(opened, spec)
    assert sorted(keys) == sorted(rows)
    records = list(opened.details(spec, sorted(rows)))
    assert [record.key for record in records] == sorted(rows)
    for record in records:
        shown = {name: record.fields[name] for name, column in spec.columns.items() if not column.slots}
        assert shown == {name: plain(rows[record.key][name]) for name in shown}
        assert record.stamp >= keys[record.key] or spec.lines is not None
        assert Record.load(record.canonical()) == record


@pytest.mark.parametrize("entity", NEW)
def test_both_transports_give_the_same_records(sandbox: Sandbox, rest: Open, graphql: Open, entity: str) -> None:
    spec, one, other = SPECS[entity], rest(), graphql()
    keys = listed(one, spec)
    assert keys == listed(other, spec)
    pairs = zip(one.details(spec, sorted(keys)), other.details(spec, sorted(keys)), strict=True)
    assert [(a.key, b.canonical()) for a, b in pairs if a.canonical() != b.canonical()] == []


def test_a_supplier_invoice_arrives_with_all_its_lines(sandbox: Sandbox, reader: Open) -> None:
    spec, purchases = SPECS["supplier_invoices"], sandbox.world.purchases
    long = purchases.new_supplier_invoice("S0001", lines=230)
    empty = purchases.new_supplier_invoice("S0001", lines=0)
    found, none = reader(details_size=2).details(spec, [long, empty])
    lines = purchases.describe_supplier_invoice(long)["lines"]
    assert [line["PIDLIN"] for line in found.lines] == [row["PIDLIN"] for row in lines]
    assert [line["AMTNOTLIN"] for line in found.lines] == [plain(row["AMTNOTLIN"]) for row in lines]
    assert (found.fields["TAX"], none.fields["TAX"], none.lines) == (["USE"], [], ())


def test_an_array_keeps_its_places_though_empty_ones_are_not_shown(sandbox: Sandbox, reader: Open) -> None:
    code = sandbox.world.references.new_product("PACKED-1", "Example", PCU2="PAL", PCUSTUCOE2="480")
    (record,) = reader().details(SPECS["products"], [code])
    assert record.fields["PCU"] == [None, None, "PAL"]
    assert record.fields["PCUSTUCOE"] == [None, None, "480"]
    sandbox.world.delete(code)


def test_partners_that_are_something_else_are_no_suppliers(sandbox: Sandbox, reader: Open) -> None:
    """BPARTNER is polled for suppliers; customers and carriers have rows in it too."""
    opened, spec = reader(), SPECS["suppliers"]
    rows = [row.key for page in opened.key_pages(spec, "BPARTNER", lower=None) for row in page.rows]
    assert sorted(rows) == sorted(sandbox.world.references.tables["BPSUPPLIER"])


def test_a_change_of_the_partner_alone_is_a_change_of_the_supplier(sandbox: Sandbox, reader: Open) -> None:
    opened, spec = reader(), SPECS["suppliers"]
    sandbox.clock.advance(5)
    before = sandbox.clock.now() - timedelta(seconds=1)
    sandbox.world.references.change_record("BPARTNER", "S0003", LAN="FRE")
    assert listed(opened, spec, lower=before).keys() == {"S0003"}
    (record,) = opened.details(spec, ["S0003"])
    assert record.fields["LAN"] == "FRE"
    assert record.stamp >= before


def test_a_key_of_several_parts_with_odd_characters_is_found_again(sandbox: Sandbox, reader: Open) -> None:
    references = sandbox.world.references
    references.new_supplier("O'NEIL & 1", "Example O'Neil", BPAADD="ORD")
    spec, key = SPECS["addresses"], "1~O'NEIL & 1~ORD"
    try:
        (record,) = reader().details(spec, [key])
        assert (record.key, record.fields["BPANUM"]) == (key, "O'NEIL & 1")
        assert [record.key for record in reader().details(SPECS["suppliers"], ["O'NEIL & 1"])] == ["O'NEIL & 1"]
    finally:
        sandbox.world.delete("O'NEIL & 1")


@pytest.mark.parametrize("entity", KEPT)
def test_a_record_deleted_between_list_and_read_is_left_out(sandbox: Sandbox, reader: Open, entity: str) -> None:
    spec, opened = SPECS[entity], reader()
    keys = sorted(listed(opened, spec))[:2]
    gone = "~".join(["9GONE"] * len(spec.key)) if entity != "addresses" else "1~S0001~GONE"
    assert [record.key for record in opened.details(spec, [keys[0], gone, keys[1]])] == keys


@pytest.mark.parametrize("kind", ["maintenance", "cut_body", "duplicate_rows", "reset", "login_page"])
@pytest.mark.parametrize("entity", KEPT)
def test_a_fault_that_passes_costs_a_repeat_and_no_record(
    sandbox: Sandbox, reader: Open, entity: str, kind: str
) -> None:
    spec, opened = SPECS[entity], reader(page_size=90)
    opened.transport.backoff_base = 0.01
    keys = sorted(listed(opened, spec))
    sandbox.x3.fault(kind, "(xtrem/api|/api1/)", times=1)
    assert sorted(listed(opened, spec)) == keys
    sandbox.x3.fault(kind, "(xtrem/api|/api1/)", times=1)
    assert [record.key for record in opened.details(spec, keys[:3])] == keys[:3]


@pytest.mark.parametrize("entity", KEPT)
def test_a_page_cut_off_without_a_sign_loses_no_key(sandbox: Sandbox, reader: Open, entity: str) -> None:
    spec, opened = SPECS[entity], reader(page_size=50)
    keys = listed(opened, spec)
    sandbox.x3.fault("truncated_page", "(xtrem/api|/api1/)", after=1, times=1)
    assert listed(opened, spec) == keys


@pytest.mark.parametrize("entity", KEPT)
def test_what_stays_wrong_is_an_error_and_never_an_empty_list(sandbox: Sandbox, reader: Open, entity: str) -> None:
    opened = reader(attempts=1)
    sandbox.x3.fault("wrong_json", "(xtrem/api|/api1/)", times=None)
    with pytest.raises(e.ProviderError):
        listed(opened, SPECS[entity])
    with pytest.raises(e.ProviderError):
        list(opened.details(SPECS[entity], ["A~B~C"]))


@pytest.mark.parametrize("entity", KEPT)
def test_the_probe_finds_every_column(sandbox: Sandbox, reader: Open, entity: str) -> None:
    lines = reader().probe(SPECS[entity])
    assert [line for line in lines if not line.ok] == []
    assert lines[-1].found == "all columns are there"


def test_an_array_that_may_not_be_read_is_refused_not_empty(sandbox: Sandbox, graphql: Open) -> None:
    sandbox.x3.graphql.settings.denied = ["product.packingUnits"]
    with pytest.raises(e.RequestRejected, match="packingUnits"):
        list(graphql(attempts=1).details(SPECS["products"], ["ITM00001"]))


@pytest.mark.parametrize("entity", KEPT)
def test_by_business_date_they_are_refused_with_the_remedy(sandbox: Sandbox, reader: Open, entity: str) -> None:
    spec = SPECS[entity]
    with pytest.raises(e.SettingFault, match="by cursor"):
        list(reader().key_pages(spec, spec.sources[0], lower=None, by="business_date"))


@pytest.fixture
def schema(settings: Callable[..., SageX3Settings], sandbox: Sandbox) -> Schema:
    given = settings(transport="graphql", auth="connected_app")
    return Schema(given, open_transport(given))


@pytest.mark.parametrize("entity", NEW)
def test_describe_finds_every_name_of_the_specification(schema: Schema, entity: str) -> None:
    spec, found = SPECS[entity], describe(SPECS[entity], schema)
    assert (found.lines, found.differs, found.missing) == ([], {}, [])
    assert found.same == len(spec.columns) + len(spec.lines.columns if spec.lines else {})


def test_describe_finds_a_column_of_the_second_header_and_of_an_array(schema: Schema, tmp_path: Path) -> None:
    site = tmp_path / "site.yaml"
    wrong = {"AMTATI": "total", "TAX": '"id.taxes[].code"'}
    site.write_text("sales_invoices:\n  columns:\n" + "".join(f"    {n}: {{graphql: {p}}}\n" for n, p in wrong.items()))
    found = describe(load_specs(site)["sales_invoices"], schema)
    assert found.differs["columns"] == {
        "AMTATI": {"graphql": "id.totalAmountIncludingTax"},
        "TAX": {"graphql": "id.taxes[].tax.code"},
    }


def test_where_a_node_has_no_stamp_the_other_headers_list_serves_for_both(
    sandbox: Sandbox, graphql: Open, tmp_path: Path
) -> None:
    site = tmp_path / "site.yaml"
    site.write_text(
        "sales_invoices:\n  columns: {UPDDATTIM: {graphql: id._updateStamp}}\n  graphql:\n    beside: null\n"
        "    sources:\n      SINVOICEV: {root: x3InvoicingData, node: customerInvoiceHeader, record_key: id}\n"
        "      SINVOICE: {node: null, record_key: null, root: null, same_as: SINVOICEV}\n"
    )
    spec, opened = load_specs(site)["sales_invoices"], graphql()
    number = sandbox.world.sales.new_invoice("C0001", lines=2)
    assert opened.sources(spec) == ("SINVOICEV", "SINVOICED")
    assert number in listed(opened, spec)
    (record,) = opened.details(spec, [number])
    assert (record.key, len(record.lines)) == (number, 2)


def test_rows_that_share_a_stamp_are_read_on_in_order_of_the_key(sandbox: Sandbox, reader: Open) -> None:
    opened, spec = reader(page_size=50), SPECS["products"]
    rows: list[KeyStamp] = [row for page in opened.key_pages(spec, "ITMMASTER", lower=None) for row in page.rows]
    assert max(sum(other.stamp == row.stamp for other in rows) for row in rows) >= 130
    assert len({row.key for row in rows}) == len(rows) == len(sandbox.world.references.tables["ITMMASTER"])
