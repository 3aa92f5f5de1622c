"""What a sales order says of the goods that an invoice bills or a delivery ships."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from airflow_provider_sagex3_cleo.mapping.values import Row

__all__ = ["Orders", "sold_line"]

Orders = Mapping[str, Mapping[str, Any]]
"""The sales orders that a record names, by number: some columns of theirs, and `lines`."""


def sold_line(row: Row, orders: Orders) -> Row:
    """The line of the sales order that this line comes from (SOHNUM, SOPLIN, SOQSEQ); empty where there is none."""
    order, line = row.text("SOHNUM"), row.data.get("SOPLIN")
    lines = [each for each in orders.get(order or "", {}).get("lines", ()) if each.get("SOPLIN") == line]
    exact = [each for each in lines if each.get("SOQSEQ") == row.data.get("SOQSEQ")]
    return Row(row.record, next(iter(exact or lines), {}), f"sales order {order} line {line} ")
