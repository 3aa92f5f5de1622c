"""The mapping of deliveries as a table for people; docs/mapping-856.md is made of it."""

from __future__ import annotations

from airflow_provider_sagex3_cleo.mapping.table import MappingRow, page

__all__ = ["delivery_mapping_page", "delivery_mapping_table"]


def delivery_mapping_table() -> tuple[MappingRow, ...]:
    """Every value of an 856 with its origin, in the order of the set."""
    return _TABLE


_TABLE = (
    MappingRow(("SDHNUM",), "number", "BSN02", "longer than 30: held, never cut"),
    MappingRow(
        ("SHIDAT",),
        "ship_date",
        "BSN03, DTM02 (011)",
        "missing: quarantined; also decides which agreement rules it; qualifier: `ship_date_qualifier`",
    ),
    MappingRow(("SHIHOU",), "ship_time", "BSN04, DTM03", "HHMM; empty or 0000: BSN04 is `missing_time`"),
    MappingRow(("PACNBR",), "packages", "TD102", "0: left out; TD101: `packaging`"),
    MappingRow(("GROWEI",), "weight", "TD107", "gross; 0: left out"),
    MappingRow(("WEU",), "weight_unit", "TD108", "`units` of the agreement, else table `units`"),
    MappingRow(
        ("BPTNUM", "bills_of_lading.SCAC"),
        "carrier_code",
        "TD503",
        "`carriers` of the agreement, else table `carriers`, else the SCAC of the bill of lading; no entry: held",
    ),
    MappingRow(("BPTNUM",), "carrier_mode", "TD504", "`mode` of the carrier's entry"),
    MappingRow(("BPTNUM",), "carrier_name", "TD505", "`name` of the carrier's entry"),
    MappingRow(("BOLNUM",), "bill_of_lading", "REF02 (BM)", "qualifier: `bill_of_lading_reference`"),
    MappingRow(
        ("bills_of_lading.PRONUM",),
        "tracking_numbers",
        "REF02 (CN)",
        "or the column that `tracking_field` names, of the delivery first; qualifier: `tracking_reference`",
    ),
    MappingRow(
        ("ARVDAT", "DLVDAT"),
        "expected_date",
        "DTM02 (017)",
        "ARVDAT first, and nothing where it is not read; `expected_date_qualifier`",
    ),
    MappingRow(("STOFCY",), "ship_from", "N1 to N4 (SF)", "table `sites`; N101: `ship_from_role`"),
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
        "id: `addresses`, else `party` of an agreement in the role ship_to; N101: `ship_to_role`; no name, or no "
        "address at all: Sage X3's, with `parties_from` of tables.yaml",
    ),
    MappingRow(
        ("lines.SOHNUM", "orders.CUSORDREF"),
        "orders.number",
        "PRF01",
        "one level for each customer order, lines in their order; none: held",
    ),
    MappingRow(("orders.ORDDAT",), "orders.order_date", "PRF04", "the day the sales order was entered in Sage X3"),
    MappingRow(
        (),
        "orders.vendor_number",
        "REF02 (IA)",
        "`vendor_number` of the agreement, else the customer's own with `our_numbers_from` of tables.yaml; qualifier: "
        "`vendor_reference`",
    ),
    MappingRow(
        ("packs.SCCCOD", "packs.PACNUM", "packs.PACSEQ"),
        "orders.packs.sscc",
        "MAN02 (GM, AA)",
        "with `packs`; 18 digits with a right check digit, else held; `sscc_mark`",
    ),
    MappingRow(("lines.SDDLIN",), "lines.number", "LIN01, SN101", "or the customer's line, with `line_id: order`"),
    MappingRow(
        (
            "lines.SOPLIN",
            "lines.SOQSEQ",
            "orders.lines.SOPLIN",
            "orders.lines.SOQSEQ",
            "orders.lines.ITMREFBPC",
        ),
        "lines.item.buyer",
        "LIN03 (BP, IN, PI, CB, SK)",
        "the customer's own number, from the sales order, else table `items`; order: `items`",
    ),
    MappingRow(("lines.ITMREF",), "lines.item.vendor", "LIN03 (VP, VN, VC, VA)", "order: `items`"),
    MappingRow((), "lines.item.gtin", "LIN03 (UP, EN, UK, EO)", "table `items`"),
    MappingRow((), "lines.item.manufacturer", "LIN03 (MG)", "table `items`"),
    MappingRow(
        ("lines.QTY", "lines.SAUSTUCOE", "lines.QTYSTU", "lines.STU", "orders.lines.SAUSTUCOE", "orders.lines.STU"),
        "lines.quantity",
        "SN102",
        "in the unit that was ordered, converted over stock units where they differ; not exact: held; 0: not told; "
        "below a pack, what that pack holds; a line with more decimals than its unit has: held, with `unit_decimals` "
        "of tables.yaml",
    ),
    MappingRow(
        ("orders.lines.SAU", "lines.SAU"),
        "lines.unit",
        "SN103, SN106",
        "of the sales order, else of the delivery; `units` of the agreement, else table `units`",
    ),
    MappingRow(("orders.lines.QTY",), "lines.ordered_quantity", "SN105", "with `ordered_quantities`"),
    MappingRow(("orders.lines.LINORDNUM",), "lines.order_line", "", "with `line_id: order`"),
    MappingRow(
        ("lines.ITMDES",),
        "lines.item.description",
        "PID05",
        "with `line_descriptions`; empty: the product's, with `descriptions_from` of tables.yaml",
    ),
    MappingRow(
        ("pack_items.VCRLIN", "pack_items.PACNUM", "pack_items.PACSEQ", "pack_items.QTY", "pack_items.SAU"),
        "",
        "",
        "what is in each pack; packs must hold exactly what the lines ship, each goods of one order, else held",
    ),
    MappingRow(("CFMFLG",), "", "", "2 (validated) goes; 1 waits"),
    MappingRow(("SDHCAT",), "", "", "1 (normal) goes; 2 (loan) and 3 (subcontract) never; 4 (not billable) is held"),
    MappingRow(("BETFCY",), "", "", "2 (between own sites) never goes"),
    MappingRow(("RTNSTA",), "", "", "3 (all came back) never goes"),
    MappingRow(("PACFLG", "PRNNDE"), "", "", "waits for 2 with `when: packed` or `when: printed`"),
    MappingRow(("BPCORD", "CPY", "SALFCY"), "", "", "find the agreement, with BPAADD (`order_address`)"),
)


def delivery_mapping_page() -> str:
    """The page docs/mapping-856.md."""
    return page(
        "From a delivery of Sage X3 to the 856",
        (
            "Generated from `airflow_provider_sagex3_cleo.mapping.delivery_table`; a test keeps both equal. Columns",
            "are those of SDELIVERY, of SDELIVERYD as `lines.`, of SPACK and SPACKD as `packs.` and `pack_items.`, of",
            "BILLLADH as `bills_of_lading.`, and of the sales orders that the lines ship (SORDER, SORDERQ, SORDERP) as",
            "`orders.`; keys in `code` belong to the agreement (docs/agreements.md). Lots (STOJOU) are not read.",
        ),
        "856",
        _TABLE,
    )
