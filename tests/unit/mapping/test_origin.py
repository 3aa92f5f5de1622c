"""From a place in an 856 back to the column of Sage X3 it came from."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from airflow_provider_sagex3_cleo.mapping.delivery_table import delivery_mapping_table
from airflow_provider_sagex3_cleo.mapping.origin import Origin, origin

SET: Sequence[Sequence[str]] = [
    ["BSN", "00", "SDH-1", "20260504", "1430", "0001"],
    ["HL", "1", "", "S", "1"],
    ["TD1", "CTN", "3", "", "", "", "G", "120.5", "LB"],
    ["TD5", "B", "2", "XXPA", "U", "Example Parcel"],
    ["REF", "BM", "BOL-1"],
    ["REF", "CN", "PRO-1"],
    ["DTM", "011", "20260504", "1430"],
    ["DTM", "017", "20260507"],
    ["N1", "ST", "Example Retail Store 1", "92", "0001"],
    ["N4", "Columbus", "OH", "43215", "US"],
    ["HL", "2", "1", "O", "1"],
    ["PRF", "PO-4711", "", "", "20260420"],
    ["REF", "IA", "V-1"],
    ["HL", "3", "2", "P", "1"],
    ["MAN", "GM", "00095060000000000017"],
    ["HL", "4", "3", "I", "0"],
    ["LIN", "1000", "BP", "B-1", "VP", "ITM00001"],
    ["SN1", "1000", "40", "EA", "", "50", "EA"],
    ["PID", "F", "", "", "", "Bolt, zinc"],
    ["HL", "5", "2", "P", "1"],
    ["MAN", "GM", "00095060000000000024"],
    ["CTT", "5"],
]


def found(segment: str, element: int, nth: int = 1) -> Origin:
    """The origin of an element of the n-th segment of this name, as a partner counts (ST is 1)."""
    at = [n for n, row in enumerate(SET) if row[0] == segment][nth - 1]
    return origin(delivery_mapping_table(), SET, at + 2, segment, element, line="LIN")


@pytest.mark.parametrize(
    ("segment", "element", "nth", "field", "line"),
    [
        ("BSN", 2, 1, "number", None),
        ("BSN", 4, 1, "ship_time", None),
        ("TD1", 2, 1, "packages", None),
        ("TD1", 7, 1, "weight", None),
        ("TD1", 8, 1, "weight_unit", None),
        ("TD5", 3, 1, "carrier_code", None),
        ("REF", 2, 1, "bill_of_lading", None),
        ("REF", 2, 2, "tracking_numbers", None),
        ("DTM", 2, 1, "ship_date", None),
        ("DTM", 2, 2, "expected_date", None),
        ("N1", 4, 1, "ship_to", None),
        ("N4", 2, 1, "ship_to", None),
        ("PRF", 1, 1, "orders.number", None),
        ("PRF", 4, 1, "orders.order_date", None),
        ("REF", 2, 3, "orders.vendor_number", None),
        ("MAN", 2, 1, "orders.packs.sscc", None),
        ("MAN", 2, 2, "orders.packs.sscc", None),
        ("LIN", 1, 1, "lines.number", "1000"),
        ("LIN", 3, 1, "lines.item.buyer", "1000"),
        ("LIN", 5, 1, "lines.item.vendor", "1000"),
        ("SN1", 2, 1, "lines.quantity", "1000"),
        ("SN1", 3, 1, "lines.unit", "1000"),
        ("SN1", 5, 1, "lines.ordered_quantity", "1000"),
        ("PID", 5, 1, "lines.item.description", "1000"),
    ],
)
def test_each_value_is_traced_to_its_row_of_the_mapping(
    segment: str, element: int, nth: int, field: str, line: str | None
) -> None:
    where = found(segment, element, nth)
    assert where.row is not None
    assert (where.row.field, where.line) == (field, line)


def test_levels_and_counts_are_nobodys_column() -> None:
    assert found("HL", 1).row is None
    assert found("CTT", 1).row is None
    assert found("HL", 1, 5).line is None
