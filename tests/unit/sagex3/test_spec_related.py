"""Entities with arrays, a second header table, and records of other entities, as shipped and as a site has them."""

from __future__ import annotations

from pathlib import Path

import pytest

from airflow_provider_sagex3_cleo.errors import SettingFault
from airflow_provider_sagex3_cleo.sagex3.spec import load_specs


def _site(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "site.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def test_sales_invoices_name_their_sales_orders() -> None:
    spec = load_specs()["sales_invoices"]
    related = spec.related["sales_orders"]
    assert related.by == "SOHNUM"
    assert related.spec.name == "sales_orders"
    assert spec.rest.beside == ("SINVOICE", "SINVOICE")
    assert spec.columns["TAX"].rest_names[:2] == ("TAX0", "TAX1")
    assert spec.columns["INVDAT"].rest_names == ("INVDAT",)


def test_posted_invoices_go_unposted_wait_and_proformas_never_go() -> None:
    gates = load_specs()["sales_invoices"].gates
    assert [gates["INVSTA"].verdict(value) for value in (1, 2, 3)] == ["wait", "unknown", "send"]
    assert [gates["INVTYP"].verdict(value) for value in (1, 2, 3, 4, 5)] == ["send"] * 4 + ["never"]


def test_a_sites_change_of_sales_orders_is_a_change_of_sales_invoices(tmp_path: Path) -> None:
    site = _site(tmp_path, "sales_orders:\n  rest:\n    details: {representation: YSOH}\n")
    changed, shipped = load_specs(site)["sales_invoices"], load_specs()["sales_invoices"]
    assert changed.related["sales_orders"].spec.rest.details_representation == "YSOH"
    assert changed.hash != shipped.hash


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("related:\n    sales_orders: {by: SONUM}", "unknown column 'SONUM'"),
        ("related:\n    sales_orders: {columns: [CUSTREF]}", "CUSTREF"),
        ("related:\n    shipments: {by: SOHNUM, columns: []}", "shipments"),
        ("rest:\n    beside: {klass: SINVOICE}", "klass"),
        ("columns:\n    TAX: {slots: ten}", "TAX.slots"),
    ],
)
def test_a_fault_is_named_with_file_and_line(tmp_path: Path, text: str, sentence: str) -> None:
    with pytest.raises(SettingFault) as caught:
        load_specs(_site(tmp_path, f"sales_invoices:\n  {text}\n"))
    assert sentence in str(caught.value)
    assert "site.yaml" in str(caught.value)
