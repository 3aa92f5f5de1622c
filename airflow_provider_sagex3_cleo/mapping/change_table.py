"""The mapping of order changes as a table for people; docs/mapping-860.md is made of it."""

from __future__ import annotations

from airflow_provider_sagex3_cleo.mapping.table import MappingRow, page

__all__ = ["change_mapping_page", "change_mapping_table"]


def change_mapping_table() -> tuple[MappingRow, ...]:
    """Every value of an 860 with its origin, in the order of the set."""
    return _TABLE


_TABLE = (
    MappingRow(
        (), "purpose", "BCH01", "04, or `purpose`; an order closed with nothing received: 01, or `cancel_purpose`"
    ),
    MappingRow((), "", "BCH02", "BEG02 of the order, or `type`"),
    MappingRow(("POHNUM",), "order.number", "BCH03", "as in the 850"),
    MappingRow((), "sequence", "BCH05", "counts the changes of the order from 1"),
    MappingRow(("ORDDAT",), "order.order_date", "BCH06", "a change of it is a change"),
    MappingRow((), "change_date", "BCH11"),
    MappingRow(("CUR",), "order.currency", "CUR02", "a change of it is a change; held without `currency`"),
    MappingRow(("PTE",), "order.terms", "ITD", "with `terms: send`; a change of it is a change"),
    MappingRow(
        (),
        "order",
        "REF, PER, DTM, N9, N1",
        "the rest of the heading, as the 850 would say it now; by itself no change",
    ),
    MappingRow(("lines.POPLIN",), "lines.line.number", "POC01", "PO101 of the 850, never renumbered"),
    MappingRow((), "lines.changes", "POC02", "`codes`, within `accepted_codes`; none fits: held"),
    MappingRow(
        ("lines.QTYUOM", "lines.QTYPUU"),
        "lines.line.quantity",
        "POC03",
        "the new quantity, or by how much it changes with `quantity: difference`; of a deleted line 0, or all of it",
    ),
    MappingRow(
        ("lines.RCPQTYPUU", "RCPFLG"),
        "lines.left_to_receive",
        "POC04",
        "quantity less what was received, never below 0",
    ),
    MappingRow(("lines.UOM", "lines.PUU"), "lines.line.unit", "POC05", "as in the 850"),
    MappingRow(("lines.NETPRI", "lines.UOMPUUCOE"), "lines.line.unit_price", "POC06", "as in the 850"),
    MappingRow(
        ("lines.ITMREF", "lines.ITMREFBPS"), "lines.line.item", "POC08 on", "as in the 850; ITMREF alone makes a change"
    ),
    MappingRow(
        ("lines.ITMDES",), "lines.line.item.description", "PID05", "with `line_descriptions`; by itself no change"
    ),
    MappingRow(
        ("lines.DEMRCPDAT", "lines.EXTRCPDAT", "EXTRCPDAT"),
        "lines.line.requested_date",
        "DTM02 (002)",
        "with `line_dates`; without it the heading says it, and several days are held; taken away: held",
    ),
    MappingRow(
        ("lines.PRHFCY", "lines.FCYADD", "RCPFCY"),
        "lines.line.ship_to",
        "N1 (ST)",
        "with `line_ship_to: n1`, where it changed or is the line's own; else the heading says it",
    ),
    MappingRow(
        ("lines.PRHFCY", "lines.FCYADD", "lines.QTYUOM", "lines.QTYPUU"),
        "lines.line.destinations",
        "SDQ",
        "with `line_ship_to: sdq`: all places of the line as it is now; an order stays split when one place is left",
    ),
    MappingRow(
        ("lines.DEMRCPDAT", "lines.EXTRCPDAT", "EXTRCPDAT", "lines.QTYUOM", "lines.QTYPUU"),
        "lines.line.schedule",
        "SCH",
        "with `schedules: sch`: all days of the line as it is now",
    ),
    MappingRow(
        ("CLEFLG", "lines.LINCLEFLG"),
        "",
        "",
        "2 (closed): the line, or the part of a split one, is cut to what was received, deleted where that is nothing, "
        "left alone where all came",
    ),
    MappingRow(
        (), "lines", "CTT", "CTT01 the number of POC; CTT02 the sum of POC03 with `hash_total`, where all are whole"
    ),
    MappingRow((), "order.total", "AMT02 (TT)", "with `amount_total`: the whole order as it is now"),
)


def change_mapping_page() -> str:
    """The page docs/mapping-860.md."""
    return page(
        "From two versions of a purchase order to the 860",
        (
            "Generated from `airflow_provider_sagex3_cleo.mapping.change_table`; a test keeps both equal. Columns are",
            "those of PORDER, and of PORDERQ and PORDERP as `lines.`; keys in `code` belong to the agreement, most of",
            "them to its `change` (docs/agreements.md). What makes a change is in `mapping.order_difference`. 860s are",
            "not sent yet.",
        ),
        "860",
        _TABLE,
    )
