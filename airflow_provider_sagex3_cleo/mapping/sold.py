"""What a sales order says of the goods that an invoice bills or a delivery ships."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from airflow_provider_sagex3_cleo.documents import ItemReferences
from airflow_provider_sagex3_cleo.mapping.order_lines import description_for, gtin_for, references
from airflow_provider_sagex3_cleo.mapping.values import Row
from airflow_provider_sagex3_cleo.partners.agreement import Agreement
from airflow_provider_sagex3_cleo.partners.tables import Tables

__all__ = ["Orders", "sold_item", "sold_line"]

Orders = Mapping[str, Mapping[str, Any]]
"""The sales orders that a record names, by number: some columns of theirs, and `lines`."""


def sold_line(row: Row, orders: Orders) -> Row:
    """The line of the sales order that this line comes from (SOHNUM, SOPLIN, SOQSEQ); empty where there is none."""
    order, line = row.text("SOHNUM"), row.data.get("SOPLIN")
    lines = [each for each in orders.get(order or "", {}).get("lines", ()) if each.get("SOPLIN") == line]
    exact = [each for each in lines if each.get("SOQSEQ") == row.data.get("SOQSEQ")]
    return Row(row.record, next(iter(exact or lines), {}), f"sales order {order} line {line} ")


def sold_item(row: Row, sold: Row, agreement: Agreement, tables: Tables) -> ItemReferences:
    """What both sides call the item of a line that ships or bills `sold`, the line of a sales order.

    Raises:
        FieldMissing: the line has no item.
        UnknownItem: a reference the agreement requires, or any usable one, is missing."""
    code = row.needed("ITMREF")
    item = tables.items.get(code)
    return references(
        row,
        agreement,
        buyer=sold.text("ITMREFBPC") or (item.vendor.get(agreement.partner) if item else None),
        vendor=code,
        gtin=gtin_for(item, agreement),
        manufacturer=item.manufacturer if item else None,
        description=description_for(row, tables),
        remedy="add the item, or the customer's own number of it, to the items table (tables.yaml)",
    )
