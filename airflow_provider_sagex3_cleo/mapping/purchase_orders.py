"""Purchase orders: from a record of Sage X3 to what routing needs, the gate, and the document.

Source of the gate: Sage's rule that an order can be printed or received only when it is signed; the values are in the
entity specification (`gates`).
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from typing import Literal

from airflow_provider_sagex3_cleo.documents import EXACT, OrderLine, Party, PurchaseOrder
from airflow_provider_sagex3_cleo.documents.charges import AllowanceOrCharge
from airflow_provider_sagex3_cleo.errors import (
    AgreementIncomplete,
    FieldMissing,
    GateUnknown,
    NoLines,
    NotRepresentable,
    UnmappedValue,
)
from airflow_provider_sagex3_cleo.mapping.commercial import Fingerprint, LinePrint, commercial
from airflow_provider_sagex3_cleo.mapping.common import currency_code, mapped, need_active, need_complete
from airflow_provider_sagex3_cleo.mapping.dates import dates_of_line, dates_of_order
from airflow_provider_sagex3_cleo.mapping.discounts import gross
from airflow_provider_sagex3_cleo.mapping.gates import Gate, judged, strongest
from airflow_provider_sagex3_cleo.mapping.grouping import by_day, by_place
from airflow_provider_sagex3_cleo.mapping.order_lines import (
    is_closed,
    item_references,
    line_rows,
    need_decimals,
    priced,
    requested_date,
    unit_code,
    units_of_the_price,
)
from airflow_provider_sagex3_cleo.mapping.ourselves import our_party
from airflow_provider_sagex3_cleo.mapping.places import (
    ORDER_FROM,
    Place,
    header_party,
    line_places,
    our_site,
)
from airflow_provider_sagex3_cleo.mapping.references import ORDER_SOURCES, referred
from airflow_provider_sagex3_cleo.mapping.texts import note_of, notes_of
from airflow_provider_sagex3_cleo.mapping.values import Row
from airflow_provider_sagex3_cleo.partners.agreement import Agreement, PoNumberRules
from airflow_provider_sagex3_cleo.partners.book import Book
from airflow_provider_sagex3_cleo.partners.tables import Tables
from airflow_provider_sagex3_cleo.sagex3.reader import Record
from airflow_provider_sagex3_cleo.sagex3.spec_types import EntitySpec

__all__ = [
    "ROLE",
    "Fingerprint",
    "Gate",
    "LinePrint",
    "OrderFacts",
    "commercial",
    "facts",
    "gate",
    "po_number",
    "to_document",
]

ROLE = "supplier"  # who an order is addressed to: the order-from supplier
_NOT_PRINTED, _PRINTED = 1, 2
_LINE_KINDS = (None, 1, 2, 3)  # local menu 570: normal, parent of a kit, service; not 4, material that we supply
_REASONS = {
    ("POHTYP", "never"): "a contract, not an order",
    ("BETFCY", "never"): "an order between our own sites",
    ("CLEFLG", "closed"): "closed in Sage X3",
    ("APPFLG", "wait"): "not fully signed in Sage X3",
}


@dataclass(frozen=True)
class OrderFacts:
    """What finding the agreement needs. `order_date` is None where Sage X3 has none: the book refuses it then."""

    number: str
    company: str | None
    site: str | None
    supplier: str
    supplier_address: str | None
    order_date: date | None
    currency: str | None


def facts(record: Record) -> OrderFacts:
    """Facts of one record.

    Raises:
        FieldMissing: the order has no supplier.
        ValueUnreadable: the order date is none."""
    row = Row(record.key, record.fields)
    return OrderFacts(
        number=record.key,
        company=row.text("CPY"),
        site=row.text("POHFCY"),
        supplier=row.needed("BPSNUM"),
        supplier_address=row.text("BPAADD"),
        order_date=row.day("ORDDAT"),
        currency=row.text("CUR"),
    )


def gate(record: Record, spec: EntitySpec, agreement: Agreement | None = None) -> Gate:
    """The verdict on a record as it was landed, with the reason. Never wins over closed, closed over unknown (the
    signature of a closed order means nothing), unknown over wait.

    Args:
        spec: the entity, with the meaning of each status value.
        agreement: asks for printed orders where it says `printed_only`.

    Raises:
        ValueUnreadable: Sage X3 gave another number of lines than its header says."""
    found = judged(record, spec, _REASONS)
    if "never" in found:
        return Gate("never", found["never"])
    lines = record.lines
    open_lines = len(lines)
    for column, rule in spec.line_gates.items():
        for line in lines:
            verdict = rule.verdict(line.get(column))
            if verdict == "unknown":
                what = f"line {line.get('POPLIN')} {column} has the value {line.get(column)!r}"
                found.setdefault(verdict, f"{what}, which nobody has told us about")
            elif verdict != "send":
                open_lines -= 1
    if lines and open_lines <= 0:
        found.setdefault("closed", "all lines are closed in Sage X3")
    if agreement is not None and agreement.printed_only and (printed := record.fields.get("PRNFLG")) != _PRINTED:
        if printed == _NOT_PRINTED:
            found.setdefault("wait", f"not printed yet in Sage X3 (PRNFLG {printed})")
        else:
            found.setdefault("unknown", f"PRNFLG has the value {printed!r}, which nobody has told us about")
    return strongest(found, "signed and open")


def po_number(key: str, rules: PoNumberRules) -> str:
    """The order number the partner sees.

    Raises:
        NotRepresentable: nothing is left, or it is longer than agreed. It is never cut."""
    number = rules.prefix + (key.translate({ord(c): None for c in rules.strip}) if rules.strip else key)
    if not number or len(number) > rules.max_length:
        raise NotRepresentable(
            f"the order number has {len(number)} characters",
            system="sagex3",
            record=key,
            field="POHNUM",
            value=number,
            expected=f"1 to {rules.max_length}",
            remedy="take characters out with `po_number: strip` in the agreement, or shorten the counter in Sage X3",
        )
    return number


def to_document(record: Record, agreement: Agreement, book: Book) -> PurchaseOrder:
    """The order as it is sent for the first time: its open lines.

    Raises:
        Hold: a table, the agreement or a decision is missing; see the classes of `errors`.
        Quarantine: the record is broken in Sage X3."""
    return mapped(record, lambda: _document(record, agreement, book))


def _document(record: Record, agreement: Agreement, book: Book) -> PurchaseOrder:
    head, tables = Row(record.key, record.fields), book.tables
    need_complete(record, agreement)
    need_active(record, agreement, tables)
    number = po_number(record.key, agreement.po_number)
    order_date = head.day("ORDDAT")
    if order_date is None:
        raise FieldMissing("is empty", **head.where("ORDDAT"))
    if not record.lines:
        raise NoLines("the order has no lines", system="sagex3", record=record.key, field="lines")
    rows = [(n, row) for n, row in line_rows(record.key, record.lines) if not is_closed(row)]
    if not rows:
        raise NoLines("every line of the order is closed", system="sagex3", record=record.key, field="lines")
    places = line_places((row for _, row in rows), head, agreement, tables)
    ship_to, own = _ship_tos(record.key, rows, places, agreement)
    dates = [requested_date(row, head) for _, row in rows]
    lines = tuple(
        _line(number_, row, head, agreement, tables, dates[i], own[i]) for i, (number_, row) in enumerate(rows)
    )
    if agreement.line_ship_to == "sdq" and any(place.key != places[0].key for place in places):
        lines = by_place(lines, [row for _, row in rows], places)
    if agreement.schedules == "sch":
        lines = by_day(lines)
    return PurchaseOrder(
        number=number,
        revision=head.whole("REVNUM"),
        order_date=order_date,
        currency=currency_code(head, tables),
        buyer=_buyer(head, agreement, book),
        supplier=header_party(head, ORDER_FROM, agreement.party, tables),
        ship_to=ship_to,
        bill_to=_bill_to(head, agreement, tables),
        requested_date=dates[0] if len(set(dates)) == 1 else None,
        internal_reference=head.text("ORDREF"),
        vendor_number=agreement.vendor_number,
        terms=_terms(head, agreement),
        dates=dates_of_order([row for _, row in rows], head, agreement.dates),
        allowances=_footer(head, agreement),
        notes=notes_of(head, agreement, "TEX1", "TEX2"),
        references=referred(head, agreement.references, ORDER_SOURCES, agreement.id),
        lines=lines,
    )


def _line(
    number: int, row: Row, head: Row, agreement: Agreement, tables: Tables, requested: date | None, own: Party | None
) -> OrderLine:
    kind = row.data.get("LINTYP")
    if kind not in _LINE_KINDS:
        raise GateUnknown(
            "lines of this kind are not sent: nobody has told how",
            value=kind,
            expected="1 (normal), 2 (parent of a kit) or 3 (service)",
            remedy="order it on an order of its own, or ask for this kind of line to be supported",
            **row.where("LINTYP"),
        )
    if row.text("SOHNUM") is not None and agreement.drop_ship == "hold":
        raise AgreementIncomplete(
            "drop shipment is not configured: the line is linked to a sales order",
            value=row.text("SOHNUM"),
            remedy=f"write `drop_ship: ignore` in agreement {agreement.id} if such lines come to our own site",
            **row.where("SOHNUM"),
        )
    quantity, unit, price = priced(row, agreement)
    need_decimals(row, quantity, unit, tables.known, "QTYUOM")
    allowances: tuple[AllowanceOrCharge, ...] = ()
    if agreement.discounts == "gross_with_sac":
        per_unit = units_of_the_price(row, agreement)
        price, allowances = gross(row, quantity, per_unit, "LINAMT", agreement, tables)
    return OrderLine(
        number=number,
        item=item_references(row, agreement, tables),
        quantity=quantity,
        unit=unit_code(row, unit, agreement, tables),
        unit_price=price,
        requested_date=requested,
        ship_to=own,
        note=note_of(row, agreement, "LINTEX", agreement.notes.qualifier),
        dates=dates_of_line(row, head, agreement.dates),
        allowances=allowances,
        references=referred(row, agreement.line_references, ORDER_SOURCES, agreement.id),
    )


def _footer(head: Row, agreement: Agreement) -> tuple[AllowanceOrCharge, ...]:
    """What the order's total has more, or less, than its lines, where the agreement sends that.

    Raises:
        AgreementIncomplete: it is of a kind that the agreement has no code for."""
    codes = agreement.sac
    if codes.footer_allowance is None and codes.footer_charge is None:
        return ()
    more = EXACT.subtract(head.needed_number("TOTORD"), head.needed_number("TOTLINAMT"))
    if not more:
        return ()
    kind: Literal["allowance", "charge"] = "charge" if more > 0 else "allowance"
    code = codes.footer_charge if more > 0 else codes.footer_allowance
    if code is None:
        raise AgreementIncomplete(
            f"the order's total and its lines differ by {more:f}, and the agreement has no code for such a {kind}",
            value=head.data["TOTORD"],
            expected=str(head.data["TOTLINAMT"]),
            remedy=f"write `sac: footer_{kind}:` in agreement {agreement.id}",
            **head.where("TOTORD"),
        )
    return (AllowanceOrCharge(kind=kind, code=code, amount=EXACT.abs(more)),)


def _buyer(head: Row, agreement: Agreement, book: Book) -> Party:
    identity = book.identity(agreement, head.text("CPY"), head.text("POHFCY"))
    return our_party(identity, agreement.shown_ids.buyer, agreement, book.tables, head.where("CPY"))


def _ship_tos(
    record: str, rows: list[tuple[int, Row]], places: list[Place], agreement: Agreement
) -> tuple[Party, list[Party | None]]:
    """The order's ship-to and, line by line, one of its own where it differs and the agreement allows that."""
    main = places[0]
    if agreement.line_ship_to == "sdq" or all(place.key == main.key for place in places):
        return main.party, [None] * len(places)
    if agreement.line_ship_to == "hold":
        numbers: dict[str, list[str]] = defaultdict(list)
        for (number, _), place in zip(rows, places, strict=True):
            numbers[place.key].append(str(number))
        raise AgreementIncomplete(
            "lines go to different places: "
            + "; ".join(f"{', '.join(lines)} to {key}" for key, lines in numbers.items()),
            system="sagex3",
            record=record,
            field="PRHFCY",
            value=" ".join(numbers),
            remedy=f"write `line_ship_to: n1` in agreement {agreement.id} if the partner takes it (`sdq`: split by "
            "place), or split the order",
        )
    return main.party, [None if place.key == main.key else place.party for place in places]


def _bill_to(head: Row, agreement: Agreement, tables: Tables) -> Party | None:
    if agreement.bill_to == "none":
        return None
    site = head.needed("INVFCY")
    return our_site(head, "INVFCY", site, None, agreement, tables, agreement.shown_ids.bill_to).party


def _terms(head: Row, agreement: Agreement) -> str | None:
    if agreement.terms == "none":
        return None
    code = head.needed("PTE")
    if code not in agreement.payment_terms:
        raise UnmappedValue(
            "the payment terms are unknown",
            value=code,
            remedy=f"add {code} under `terms` in tables.yaml, or under `payment_terms` in agreement {agreement.id}",
            **head.where("PTE"),
        )
    return code
