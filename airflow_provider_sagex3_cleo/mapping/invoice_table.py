"""The mapping of sales invoices as a table for people; docs/mapping-810.md is made of it."""

from __future__ import annotations

from airflow_provider_sagex3_cleo.mapping.table import MappingRow, page

__all__ = ["invoice_mapping_page", "invoice_mapping_table"]


def invoice_mapping_table() -> tuple[MappingRow, ...]:
    """Every value of an 810 with its origin, in the order of the set."""
    return _TABLE


_TABLE = (
    MappingRow(("INVDAT",), "invoice_date", "BIG01", "missing: quarantined; also decides which agreement rules it"),
    MappingRow(("NUM",), "number", "BIG02", "longer than 22: held, never cut"),
    MappingRow(
        ("lines.SOHNUM", "orders.ORDDAT"), "order_date", "BIG03", "the day the sales order was entered in Sage X3"
    ),
    MappingRow(
        ("orders.CUSORDREF",),
        "order_number",
        "BIG04",
        "of the sales orders that the lines bill; none: held, unless `order_number: optional`; several: held, unless "
        "`several_orders` says how",
    ),
    MappingRow(
        ("INVTYP",),
        "kind",
        "BIG07",
        "1 goes; 2 and 4 (credits) with `credit_notes`; 3 (debit note) with `debit_notes: send`; 5 (proforma) never; "
        "BIG07 of an invoice: `type`",
    ),
    MappingRow(("CUR",), "currency", "CUR02", "ISO 4217, or by table `currencies`; not two decimals: held"),
    MappingRow(
        (),
        "vendor_number",
        "REF02 (IA)",
        "`vendor_number` of the agreement, else the customer's own with `our_numbers_from` of tables.yaml; qualifier: "
        "`vendor_reference`",
    ),
    MappingRow(
        ("INVREF", "CPY", "SALFCY", "BPCORD"),
        "references",
        "REF02 (CT, DP, JB, YD, 19)",
        "with `references`: what Sage X3 has by its word there, or a text; empty: left out, or held where required",
    ),
    MappingRow(("INVNUM",), "original_invoice", "REF02 (OI)", "of a credit note; qualifier: `reference`"),
    MappingRow((), "remit_to", "N1 to N4 (RI)", "`remit_to` of our identity; N101: `remit_to_role`"),
    MappingRow(
        (
            "BPAADD",
            "BPDNAM0",
            "BPDNAM1",
            "BPDADDLIG0",
            "BPDADDLIG1",
            "BPDADDLIG2",
            "BPDCTY",
            "BPDSAT",
            "BPDPOSCOD",
            "BPDCRY",
        ),
        "ship_to",
        "N1 to N4 (ST)",
        "id: `addresses`; N101: `ship_to_role`; no name, or no address at all: Sage X3's, with `parties_from` of "
        "tables.yaml",
    ),
    MappingRow(
        ("BPCINV", "BPRNAM0", "BPRNAM1", "BPAADDLIG0", "BPAADDLIG1", "BPAADDLIG2", "CTY", "SAT", "POSCOD", "CRY"),
        "bill_to",
        "N1 to N4 (BT)",
        "id: `party`; N101: `bill_to_role`; country ISO 3166-1, or by table `countries`; no name, or no address at "
        "all: Sage X3's, with `parties_from` of tables.yaml",
    ),
    MappingRow(
        ("CPY", "SALFCY"),
        "seller",
        "N1 to N4 (SE)",
        "our identity of company and site; id: `shown_ids`, or with `our_numbers_from` of tables.yaml our number at "
        "the customer; N101: `seller_role`",
    ),
    MappingRow(("PTE",), "terms", "ITD", "only with `terms: send`; by table `terms`"),
    MappingRow(
        ("SIHTEX1", "SIHTEX2"),
        "notes",
        "MSG01, NTE02",
        "with `notes`; NTE with `note_segment: NTE`; more than ten MSG, or a hundred NTE: held",
    ),
    MappingRow(("lines.SIDLIN",), "lines.number", "IT101", "or the customer's line, with `line_id: order`"),
    MappingRow(
        ("lines.QTY",),
        "lines.quantity",
        "IT102",
        "not above zero: quarantined; more decimals than the unit has: held, with `unit_decimals` of tables.yaml",
    ),
    MappingRow(("lines.SAU",), "lines.unit", "IT103", "`units` of the agreement, else table `units`"),
    MappingRow(
        ("lines.NETPRINOT", "lines.NETPRI", "PRITYP"),
        "lines.unit_price",
        "IT104",
        "NETPRI where NETPRINOT is empty and prices are without tax (PRITYP 1)",
    ),
    MappingRow(("lines.AMTNOTLIN",), "lines.amount", "", "quantity x price must equal it within 0.01, else held"),
    MappingRow(
        ("lines.SOPLIN", "lines.SOQSEQ", "orders.lines.SOPLIN", "orders.lines.SOQSEQ", "orders.lines.ITMREFBPC"),
        "lines.item.buyer",
        "IT107 (BP, IN, PI, CB, SK)",
        "the customer's own number, from the sales order, else table `items`; order: `items`",
    ),
    MappingRow(("lines.ITMREF",), "lines.item.vendor", "IT107 (VP, VN, VC, VA)", "order: `items`"),
    MappingRow((), "lines.item.gtin", "IT107 (UP, EN, UK, EO)", "table `items`"),
    MappingRow((), "lines.item.manufacturer", "IT107 (MG)", "table `items`"),
    MappingRow(
        ("lines.ITMDES",),
        "lines.item.description",
        "PID05",
        "with `line_descriptions`; empty: the product's, with `descriptions_from` of tables.yaml",
    ),
    MappingRow(
        ("lines.GROPRI", *(f"lines.DISCRGVAL{n}" for n in range(1, 10)), "lines.AMTNOTLIN"),
        "lines.allowances",
        "SAC",
        "with `discounts: gross_with_sac`: IT104 is GROPRI, and the discounts (table `discount_columns`) make it "
        "AMTNOTLIN to the cent, else held; prices with tax: held",
    ),
    MappingRow(("lines.SOHNUM",), "lines.references", "REF02 (CO, JB, SO)", "with `line_references`"),
    MappingRow(("orders.lines.LINORDNUM",), "lines.order_line", "REF02", "with `order_line_reference`"),
    MappingRow(("lines.SIDTEX",), "lines.note", "REF03", "with `line_note_reference`: a line of an 810 has no N9"),
    MappingRow(
        ("orders.lines.BPAADD",),
        "lines.destinations",
        "SDQ",
        "where the lines' sales orders are for several places: with `line_ship_to: sdq` (the heading then names none), "
        "or held; id: `addresses`",
    ),
    MappingRow(
        ("orders.lines.BPAADD",),
        "lines.ship_to",
        "N1 (ST)",
        "the same with `line_ship_to: n1`, of lines whose place is not the invoice's own; N101: `ship_to_role`",
    ),
    MappingRow(
        ("AMTATI",),
        "total",
        "TDS01",
        "Sage X3's own; lines, elements and taxes must add up to it to the cent, else held",
    ),
    MappingRow(
        ("TAX", "BASTAX", "AMTTAX"), "taxes", "TXI", "table `taxes`, or `taxes` of the agreement; no entry: held"
    ),
    MappingRow(
        ("INVDTA", "INVDTAAMT", "INVDTATYP"),
        "allowances",
        "SAC",
        "table `charges`, or `charges` of the agreement; no entry: held; a percentage is worked out on the lines",
    ),
    MappingRow(("INVSTA",), "", "", "3 (posted) goes; 1 waits"),
    MappingRow(("AMTNOT",), "", "", "compared when a posted invoice was stamped again"),
    MappingRow(("BPAINV",), "", "", "finds the agreement (`order_address`), and an address by `parties_from`"),
)


def invoice_mapping_page() -> str:
    """The page docs/mapping-810.md."""
    return page(
        "From a sales invoice of Sage X3 to the 810",
        (
            "Generated from `airflow_provider_sagex3_cleo.mapping.invoice_table`; a test keeps both equal. Columns are",
            "those of SINVOICEV and SINVOICE, of SINVOICED as `lines.`, and of the sales orders that the lines bill",
            "(SORDER, SORDERQ, SORDERP) as `orders.`; keys in `code` belong to the agreement (docs/agreements.md).",
        ),
        "810",
        _TABLE,
    )
