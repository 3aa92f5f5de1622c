"""The mapping of purchase orders as a table for people; docs/mapping-850.md is made of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

__all__ = ["MappingRow", "mapping_page", "mapping_table", "page"]


@dataclass(frozen=True)
class MappingRow:
    """One way of a value: columns of Sage X3 (lines as 'lines.NAME'), field of the document, place in the set."""

    columns: tuple[str, ...]
    field: str
    element: str
    condition: str = ""


def mapping_table() -> tuple[MappingRow, ...]:
    """Every value of an 850 with its origin, in the order of the set."""
    return _TABLE


_TABLE = (
    MappingRow(("POHNUM",), "number", "BEG03", "by `po_number` of the agreement; longer than agreed: held, never cut"),
    MappingRow(
        ("ORDDAT",), "order_date", "BEG05", "missing: quarantined; also decides which agreement rules the order"
    ),
    MappingRow(("REVNUM",), "revision", "", "kept, not sent in an 850"),
    MappingRow(("CUR",), "currency", "CUR02", "ISO 4217, or by table `currencies`"),
    MappingRow(("ORDREF",), "internal_reference", "REF02 (IL)", "qualifier: `internal_reference`"),
    MappingRow((), "vendor_number", "REF02 (IA)", "`vendor_number` of the agreement; qualifier: `vendor_reference`"),
    MappingRow(
        ("POHNUM", "PJTH", "ORDREF", "BUY", "CPY", "POHFCY"),
        "references",
        "REF02 (CT, DP, JB, YD, 19)",
        "with `references`: what Sage X3 has by its word there, or a text; empty: left out, or held where required",
    ),
    MappingRow(
        ("TOTORD", "TOTLINAMT"),
        "allowances",
        "SAC",
        "with a code in `sac`: what the order's total has more or less than its lines; no code for its kind: held",
    ),
    MappingRow(("PTE",), "terms", "ITD", "only with `terms: send`; by table `terms`"),
    MappingRow(
        ("EXTRCPDAT", "lines.DEMRCPDAT", "lines.EXTRCPDAT"),
        "requested_date",
        "DTM02 (002)",
        "where all lines are wanted on the same day; qualifier: `date_qualifier`",
    ),
    MappingRow(
        ("EXTRCPDAT", "lines.DEMRCPDAT", "lines.EXTRCPDAT", "ORDDAT"),
        "dates",
        "DTM02 (001, 004, 010, 037, 038, 063, 064, 067)",
        "with `dates`: the requested, the expected or the order date, moved by days",
    ),
    MappingRow(
        ("TEX1", "TEX2"), "notes", "MSG01, MTX02", "with `notes`; MTX in 005010; a line of text is a segment or more"
    ),
    MappingRow(
        ("CPY", "POHFCY"),
        "buyer",
        "N1 (BY)",
        "our identity, identities.yaml; id: `shown_ids`, or with `our_numbers_from` of tables.yaml our number at the "
        "supplier; N101: `buyer_role`",
    ),
    MappingRow(
        ("BPSNUM", "BPRNAM0", "BPRNAM1"),
        "supplier",
        "N1, N2 (SU)",
        "id: `party`; N101: `seller_role`; no name: that of the supplier, with `parties_from` of tables.yaml",
    ),
    MappingRow(
        ("BPAADDLIG0", "BPAADDLIG1", "BPAADDLIG2", "CTY", "SAT", "POSCOD", "CRY"),
        "supplier.address",
        "N3, N4 (SU)",
        "country ISO 3166-1, or by table `countries`; none at all: Sage X3's, with `parties_from` of tables.yaml",
    ),
    MappingRow(
        ("lines.PRHFCY", "lines.FCYADD", "RCPFCY"),
        "ship_to",
        "N1 to N4 (ST)",
        "table `sites`; several places on one order: held, or by line with `line_ship_to`; id: `shown_ids`; N101: "
        "`ship_to_role`",
    ),
    MappingRow(
        ("INVFCY",),
        "bill_to",
        "N1 to N4 (BT)",
        "only with `bill_to: invoice_site`; table `sites`; N101: `bill_to_role`",
    ),
    MappingRow(("lines.POPLIN",), "lines.number", "PO101", "never renumbered"),
    MappingRow(
        ("lines.QTYUOM", "lines.QTYPUU"),
        "lines.quantity",
        "PO102",
        "QTYPUU with `quantity_unit: price`; more decimals than the unit has: held, with `unit_decimals` of "
        "tables.yaml",
    ),
    MappingRow(("lines.UOM", "lines.PUU"), "lines.unit", "PO103", "`units` of the agreement, else table `units`"),
    MappingRow(
        ("lines.NETPRI", "lines.UOMPUUCOE"),
        "lines.unit_price",
        "PO104",
        "per PO103: NETPRI x UOMPUUCOE where order unit and price unit differ; not exact: held",
    ),
    MappingRow(("lines.LINAMT",), "", "", "quantity x price must equal it within 0.01, else held"),
    MappingRow(
        ("lines.ITMREFBPS",), "lines.item.vendor", "PO107 (VP, VN, VC, VA)", "else table `items`; order: `items`"
    ),
    MappingRow(("lines.ITMREF",), "lines.item.buyer", "PO107 (BP, IN, PI, CB, SK)", "order: `items`"),
    MappingRow((), "lines.item.gtin", "PO107 (UP, EN, UK, EO)", "table `items`; the qualifier follows from the length"),
    MappingRow((), "lines.item.manufacturer", "PO107 (MG)", "table `items`"),
    MappingRow(
        ("lines.ITMDES",),
        "lines.item.description",
        "PID05",
        "with `line_descriptions`; empty: the product's, with `descriptions_from` of tables.yaml",
    ),
    MappingRow(
        ("lines.GROPRI", *(f"lines.DISCRGVAL{n}" for n in range(1, 10)), "lines.LINAMT"),
        "lines.allowances",
        "SAC",
        "with `discounts: gross_with_sac`: PO104 is GROPRI, and the discounts (table `discount_columns`) make it "
        "LINAMT to the cent, else held",
    ),
    MappingRow(
        ("lines.SOHNUM", "lines.USEPLC"), "lines.references", "REF02 (CO, JB, SO, 19)", "with `line_references`"
    ),
    MappingRow(
        ("lines.DEMRCPDAT", "lines.EXTRCPDAT", "EXTRCPDAT"),
        "lines.requested_date",
        "DTM02 (002)",
        "with `line_dates`; the first that is there",
    ),
    MappingRow(
        ("lines.DEMRCPDAT", "lines.EXTRCPDAT", "EXTRCPDAT", "ORDDAT"),
        "lines.dates",
        "DTM02 (001, 004, 010, 037, 038, 063, 064, 067)",
        "with `dates` where they name lines",
    ),
    MappingRow(("lines.LINTEX",), "lines.note", "MSG01, MTX02", "with `notes`"),
    MappingRow(("lines.PRHFCY", "lines.FCYADD"), "lines.ship_to", "N1 (ST)", "only with `line_ship_to: n1`"),
    MappingRow(
        ("lines.PRHFCY", "lines.FCYADD", "lines.QTYUOM", "lines.QTYPUU"),
        "lines.destinations",
        "SDQ",
        "only with `line_ship_to: sdq`: lines that differ in place alone are one; a place without an id: held",
    ),
    MappingRow(
        ("lines.DEMRCPDAT", "lines.EXTRCPDAT", "EXTRCPDAT", "lines.QTYUOM", "lines.QTYPUU"),
        "lines.schedule",
        "SCH",
        "only with `schedules: sch`: lines that differ in date alone are one",
    ),
    MappingRow(("APPFLG",), "", "", "3, 4, 5 (signed) go; 1, 2 wait"),
    MappingRow(("POHTYP", "BETFCY"), "", "", "2 (a contract, an order between own sites) never goes"),
    MappingRow(("CLEFLG", "lines.LINCLEFLG"), "", "", "2 (closed) does not go; of an order the open lines only"),
    MappingRow(("PRNFLG",), "", "", "with `printed_only`: 2 (printed) goes, 1 waits"),
    MappingRow(("lines.LINTYP",), "", "", "4 (material that we supply) is held"),
    MappingRow(("lines.SOHNUM",), "", "", "linked to a sales order: held, unless `drop_ship: ignore`"),
    MappingRow(("RCPFLG", "lines.RCPQTYPUU"), "", "", "what is left of a closed line, when changes are looked for"),
    MappingRow(("BPAADD",), "", "", "finds the agreement (`order_address`)"),
)


def mapping_page() -> str:
    """The page docs/mapping-850.md."""
    return page(
        "From a purchase order of Sage X3 to the 850",
        (
            "Generated from `airflow_provider_sagex3_cleo.mapping.table`; a test keeps both equal. Columns are those",
            "of PORDER, and of PORDERQ and PORDERP as `lines.`; keys in `code` belong to the agreement",
            "(docs/agreements.md).",
        ),
        "850",
        _TABLE,
    )


def page(title: str, about: Sequence[str], set_id: str, table: Sequence[MappingRow]) -> str:
    """A table as a page in Markdown."""
    rows = [
        f"| {', '.join(row.columns) or '-'} | {row.field or '-'} | {row.element or '-'} | {row.condition or '-'} |"
        for row in table
    ]
    head = (f"| Sage X3 | document | {set_id} | condition |", "|---|---|---|---|")
    return "\n".join([f"# {title}", "", *about, "", *head, *rows, ""])
