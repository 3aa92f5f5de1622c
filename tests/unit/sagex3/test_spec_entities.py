"""Entities with keys of several columns, arrays from collections, second headers: as shipped and as a site has them."""

from __future__ import annotations

from pathlib import Path

import pytest

from airflow_provider_sagex3_cleo.errors import RequestRejected, SettingFault
from airflow_provider_sagex3_cleo.sagex3.assemble import graphql_record
from airflow_provider_sagex3_cleo.sagex3.graphql_text import key_filter, record_fields, window_filter
from airflow_provider_sagex3_cleo.sagex3.keyset import Bounds, only_condition
from airflow_provider_sagex3_cleo.sagex3.spec import load_specs

SPECS = load_specs()


def _site(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "site.yaml"
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize("entity", sorted(set(SPECS) - {"deliveries"}))  # of which no public page names all
def test_every_shipped_entity_can_be_read_by_graphql_to_its_last_column(entity: str) -> None:
    spec = SPECS[entity]
    assert spec.graphql.node
    columns = [*spec.columns.values(), *(spec.lines.columns.values() if spec.lines else ())]
    assert [column.name for column in columns if column.graphql is None] == []


def test_deliveries_are_refused_by_graphql_naming_every_gate_that_has_no_name() -> None:
    spec = SPECS["deliveries"]
    assert spec.graphql_source is not None
    assert set(spec.graphql_source.sources) == {"SDELIVERY", "SDELIVERYD"}
    assert spec.unnamed == (
        "CFMFLG", "RTNSTA", "BETFCY", "PACFLG", "PRNNDE", "ARVDAT", "BPTNUM", "GROWEI", "WEU", "PACNBR", "BOLNUM",
    )  # fmt: skip
    with pytest.raises(
        SettingFault, match=r"^sagex3 CFMFLG\.graphql, RTNSTA\.graphql, BETFCY\.graphql: deliveries cannot"
    ):
        _ = spec.graphql


def test_sources_that_only_rest_shows_may_be_gone_at_a_site(tmp_path: Path) -> None:
    site = _site(tmp_path, "deliveries:\n  sources: [SDELIVERY, SDELIVERYD]\n  attached: null\n")
    spec = load_specs(site)["deliveries"]
    assert spec.graphql_source is not None
    assert spec.rest.sources.keys() == spec.graphql_source.sources.keys()


@pytest.mark.parametrize("gone", ["APPFLG", "BETFCY"])
def test_without_a_gates_column_graphql_is_refused_and_rest_is_not(tmp_path: Path, gone: str) -> None:
    site = _site(tmp_path, f"purchase_orders:\n  columns: {{{gone}: {{graphql: null}}}}\n")
    spec = load_specs(site)["purchase_orders"]
    with pytest.raises(SettingFault, match=f"{gone}.graphql.*nothing could tell what may be sent"):
        _ = spec.graphql
    assert spec.rest.sources


def test_without_a_line_gates_column_graphql_is_refused_too(tmp_path: Path) -> None:
    site = _site(tmp_path, "purchase_orders:\n  lines: {columns: {LINCLEFLG: {graphql: null}}}\n")
    with pytest.raises(SettingFault, match=r"lines\.LINCLEFLG\.graphql"):
        _ = load_specs(site)["purchase_orders"].graphql


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("products:\n  unique: [EANKOD]", "EANKOD"),
        ("products:\n  columns: {PCU: {graphql: packingUnits.code}}", "is no path of this column"),
        ("products:\n  columns: {STU: {graphql: 'units[].code'}}", "is no path of this column"),
        ("products:\n  columns: {PCU: {leader: STU}}", "an array is led by another array"),
        ("suppliers:\n  rest: {sources: {BPARTNER: {only: {BPSFLG: [2]}}}}", "neither a text, a number"),
        ("addresses:\n  graphql: {sources: {BPADDRESS: {record_key: 7}}}", "record_key"),
        ("gl_accounts:\n  business_date: DES", "is not a date column"),
        ("deliveries:\n  graphql: {rest_only: [SPACK, SPACKD]}", "source 'BILLLADH' is missing"),
        ("deliveries:\n  graphql: {rest_only: [SDELIVERY]}", "unknown name 'SDELIVERY'"),
        ("deliveries:\n  lines: {columns: {SDDLIN: {graphql: null}}}", "'lines.SDDLIN' has no GraphQL path"),
    ],
)
def test_a_fault_is_named_with_file_and_field(tmp_path: Path, text: str, sentence: str) -> None:
    with pytest.raises(SettingFault) as caught:
        load_specs(_site(tmp_path, text + "\n"))
    assert sentence in str(caught.value)
    assert ".yaml:" in str(caught.value)


def test_records_are_asked_for_by_the_columns_of_their_key() -> None:
    assert key_filter(SPECS["suppliers"], ["S1", "O'X"]) == "{code:{code:{_in:['S1','O\\'X']}}}"
    assert key_filter(SPECS["addresses"], ["1~S1~ORD", "9~S1~ORD"]) == (
        "{_or:[{entityType:'businessPartner',entity:'S1',code:'ORD'},{entityType:'9',entity:'S1',code:'ORD'}]}"
    )


def test_rows_that_do_not_count_are_left_out_by_the_list_itself() -> None:
    source = SPECS["suppliers"].graphql.sources["BPARTNER"]
    bounds = Bounds(SPECS["suppliers"], None, None, "cursor", only_condition({"BPSFLG": 2, "X": "a'b"}))
    assert window_filter(bounds, source.only) == "{_updateStamp:{_gte:'1900-01-01T00:00:00Z'},isSupplier:true}"
    assert bounds.first() == "UPDDATTIM ge @1900-01-01T00:00:00Z@ and BPSFLG eq 2 and X eq 'a''b'"


def test_the_second_headers_stamp_and_the_place_of_a_row_are_asked_for() -> None:
    fields = record_fields(SPECS["sales_invoices"])
    assert "id{id paymentTerm{code}" in fields
    assert "_updateStamp}" in fields.partition("id{")[2]
    assert "taxes{query(first:100){edges{node{tax{code} taxBasis taxAmount denormalizedIndex}}" in fields


def _product(rows: list[dict[str, object]], *, more: bool = False) -> dict[str, object]:
    query = {"edges": [{"node": row} for row in rows], "pageInfo": {"hasNextPage": more}}
    return {"code": "ITM1", "_updateStamp": "2026-11-02T12:00:00Z", "packingUnits": {"query": query}}


def test_rows_of_an_array_stand_in_their_places_whatever_their_order() -> None:
    rows = [
        {"denormalizedIndex": 3, "packingUnit": {"code": "PAL"}, "packingUnitToStockUnitConversionFactor": "480"},
        {"denormalizedIndex": 1, "packingUnit": {"code": "CTN"}, "packingUnitToStockUnitConversionFactor": "12.0"},
        {"denormalizedIndex": 4, "packingUnit": None, "packingUnitToStockUnitConversionFactor": "0"},
    ]
    record = graphql_record(SPECS["products"])(_product(rows), [])
    assert record.fields["PCU"] == ["CTN", None, "PAL"]
    assert record.fields["PCUSTUCOE"] == ["12", None, "480"]


def test_rows_without_a_place_come_in_order(tmp_path: Path) -> None:
    site = _site(tmp_path, "products:\n  graphql: {place: null}\n")
    rows: list[dict[str, object]] = [{"packingUnit": {"code": code}} for code in ("CTN", "PAL")]
    assert graphql_record(load_specs(site)["products"])(_product(rows), []).fields["PCU"] == ["CTN", "PAL"]


@pytest.mark.parametrize(
    "product",
    [
        _product([], more=True),
        _product([{"packingUnit": {"code": "CTN"}}]),  # no place
        _product([{"denormalizedIndex": 0, "packingUnit": {"code": "CTN"}}]),
        _product([{"denormalizedIndex": "1", "packingUnit": {"code": code}} for code in ("CTN", "PAL")]),
        {**_product([]), "packingUnits": None},
        {**_product([]), "packingUnits": {"query": {"edges": []}}},
    ],
)
def test_an_array_that_is_not_whole_is_refused(product: dict[str, object]) -> None:
    with pytest.raises(RequestRejected, match=r"products\.PCU"):
        graphql_record(SPECS["products"])(product, [])
