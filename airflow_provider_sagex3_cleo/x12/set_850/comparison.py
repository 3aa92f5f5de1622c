"""Every value of the document is looked for in the 850 that was read, and nothing else may be there in its place.

Independent of the builder: values come from the read segments by qualifier, expectations from the document and the
agreement. The only thing both sides share is the rule how text may be mended."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal

from airflow_provider_sagex3_cleo import errors as e
from airflow_provider_sagex3_cleo.documents import OrderLine, Party, PurchaseOrder
from airflow_provider_sagex3_cleo.x12.model import Finding, SetBody
from airflow_provider_sagex3_cleo.x12.reader import TransactionSet
from airflow_provider_sagex3_cleo.x12.set_850.reading import ReadLine, ReadOrder, ReadParty, read_back
from airflow_provider_sagex3_cleo.x12.set_850.rules import (
    GTIN_LENGTHS,
    IDENTIFIER_KINDS,
    ITEM_REFERENCES,
    Rules850,
    Terms,
)
from airflow_provider_sagex3_cleo.x12.values import TextRules

__all__ = ["compare"]

Pair = tuple[str, object, object]  # field of the document, expected, found


def compare(order: PurchaseOrder, rules: Rules850, source: TransactionSet | SetBody) -> list[Finding]:
    """One finding (`value-differs`) for each value that the read 850 does not say as the document does; empty if equal.

    `element` names the document's field, `found` and `expected` the two values."""
    read = read_back(source)
    return [
        Finding(
            "error", "value-differs", f"{field} is {_show(found)}, the document says {_show(expected)}",
            element=field, found=_show(found), expected=_show(expected),
        )
        for field, expected, found in _Comparison(order, rules, read).pairs()
        if expected != found
    ]  # fmt: skip


def _show(value: object) -> str:
    return "nothing" if value in (None, "", {}, [], ([], "")) else str(value)


class _Comparison:
    """The pairs of values of one order. An absent value is '' (text), None (number, date)."""

    def __init__(self, order: PurchaseOrder, rules: Rules850, read: ReadOrder) -> None:
        self.order, self.rules, self.read = order, rules, read
        self.text: TextRules = rules.text()

    def pairs(self) -> Iterator[Pair]:
        order, rules, read = self.order, self.rules, self.read
        yield "purpose", rules.purpose, read.purpose
        yield "drop_ship", rules.drop_ship_type if order.drop_ship else rules.order_type, read.type
        yield "number", order.number.strip(), read.number
        yield "order_date", order.order_date, read.order_date
        yield "currency", order.currency if rules.currency else "", read.currency
        yield from self.references()
        yield from self.contact()
        yield from self.terms()
        yield "requested_date", self.dates(order.requested_date), read.dates
        yield "notes", self.noted(order.notes), (read.note_references, _joined(read.notes))
        yield from self.parties()
        yield "lines", len(order.lines), len(read.lines)
        for index, (line, found) in enumerate(zip(order.lines, read.lines, strict=False)):
            for field, expected, value in self.line(line, found):
                if expected != value:  # names are made for faults only: an order has hundreds of these pairs
                    yield f"lines[{index}].{field}", expected, value
        yield from self.totals()

    def references(self) -> Iterator[Pair]:
        order, rules = self.order, self.rules
        expected: dict[str, str] = {}
        for qualifier, value in (
            (rules.vendor_reference, order.vendor_number),
            (rules.contract_reference, order.contract),
            (rules.internal_reference, order.internal_reference),
        ):
            if qualifier and value and value.strip():
                expected[qualifier] = value.strip()
        yield "references", expected, self.read.references

    def contact(self) -> Iterator[Pair]:
        contact, found = self.order.buyer.contact, self.read.contacts.get("BD", {})
        wanted = contact if self.rules.contact else None
        for kind, value in (
            ("name", self.free(wanted.name if wanted else None)),
            ("TE", ((wanted.phone if wanted else None) or "").strip()),
            ("EM", ((wanted.email if wanted else None) or "").strip()),
        ):
            yield f"buyer.contact.{kind}", value, found.get(kind, "")

    def terms(self) -> Iterator[Pair]:
        expected: dict[int, str] = {}
        if self.rules.terms is not None and self.order.terms:
            terms = self.rules.terms.get(self.order.terms, Terms())
            days = (terms.discount_days, terms.net_days)
            percent = "" if terms.discount_percent is None else f"{terms.discount_percent.normalize():f}"
            parts = {1: terms.kind, 2: terms.basis, 3: percent, 12: self.free(terms.description)}
            parts |= {n: "" if x is None else str(x) for n, x in zip((5, 7), days, strict=True)}
            expected = {n: x for n, x in parts.items() if x}
        yield "terms", expected, self.read.terms

    def parties(self) -> Iterator[Pair]:
        order, found = self.order, self.read.parties
        wanted: dict[str, tuple[str, Party | None]] = {"BY": ("buyer", order.buyer), "ST": ("ship_to", order.ship_to)}
        if self.rules.seller_role:
            wanted[self.rules.seller_role] = ("supplier", order.supplier)
        if order.bill_to:
            wanted["BT"] = ("bill_to", order.bill_to)
        yield "parties", sorted(wanted), sorted(found)
        for role, (field, party) in wanted.items():
            if party and role in found:
                yield from self.party(party, found[role], field)

    def party(self, party: Party, found: ReadParty, field: str) -> Iterator[Pair]:
        # A long name goes on in N2, so N1 and N2 are compared as one text.
        names = [self.free(x) for x in (party.name, party.name2)]
        yield f"{field}.name", _joined(names), _joined([found.name, *found.more_names])
        identifier = (party.identifier or "").strip()
        kind = IDENTIFIER_KINDS.get(party.identifier_kind or "", "") if identifier else ""
        yield f"{field}.identifier", (kind, identifier), (found.id_qualifier, found.identifier)
        address = party.address
        lines = [x for x in (self.free(line) for line in (address.lines if address else ())) if x]
        yield f"{field}.address.lines", lines, found.address
        yield f"{field}.address.city", self.free(address.city if address else None), found.city
        for name in ("state", "postal_code", "country"):
            value = (getattr(address, name) if address else None) or ""
            yield f"{field}.address.{name}", value.strip(), getattr(found, name)

    def line(self, line: OrderLine, found: ReadLine) -> Iterator[Pair]:
        rules = self.rules
        yield "number", str(line.number), found.number
        yield "quantity", line.quantity, found.quantity
        yield "unit", line.unit, found.unit
        yield "unit_price", line.unit_price, found.unit_price
        yield "price_basis", rules.price_basis or "", found.price_basis
        yield "item", self.items(line), found.items
        yield "item.description", self.described(line), _joined(found.descriptions)
        yield "requested_date", self.dates(line.requested_date if rules.line_dates else None), found.dates
        yield "note", self.noted([line.note or ""]), (found.note_references, _joined(found.notes))
        yield "ship_to", ["ST"] if line.ship_to else [], list(found.parties)
        if line.ship_to and "ST" in found.parties:
            yield from self.party(line.ship_to, found.parties["ST"], "ship_to")

    def items(self, line: OrderLine) -> dict[str, str]:
        expected: dict[str, str] = {}
        for qualifier in self.rules.item_order:
            value = (getattr(line.item, ITEM_REFERENCES[qualifier]) or "").strip()
            if value and len(value) == GTIN_LENGTHS.get(qualifier, len(value)):
                expected[qualifier] = value
        return expected

    def described(self, line: OrderLine) -> str:
        return self.free(line.item.description) if self.rules.line_descriptions else ""

    def totals(self) -> Iterator[Pair]:
        order, rules, read = self.order, self.rules, self.read
        yield "line count", str(len(order.lines)), read.line_count
        quantities = [line.quantity for line in order.lines]
        whole = all(q % 1 == 0 for q in quantities)
        hashed = sum(quantities, Decimal(0)) % 10**10 if rules.hash_total and whole else None
        yield "hash total", hashed, read.hash_total
        cents = Decimal(int(order.total * 100 + Decimal("0.5")))  # half a cent counts as one
        amounts: Mapping[str, Decimal] = {"TT": cents / 100} if rules.amount_total else {}
        yield "total", amounts, read.amounts

    # --- one expectation ------------------------------------------------------------------------------------------
    def free(self, value: str | None) -> str:
        """Free text as the agreement lets it be written; text that cannot be written is looked for as it is."""
        try:
            return self.text.free(value or "", "")
        except e.NotRepresentable:
            return (value or "").strip()

    def noted(self, notes: Sequence[str]) -> tuple[list[str], str]:
        """The qualifier of the N9 and the text under it."""
        qualifier, text = self.rules.note_reference, _joined([self.free(note) for note in notes])
        return ([qualifier], text) if qualifier and text else ([], "")

    def dates(self, value: date | None) -> dict[str, date]:
        return {self.rules.date_qualifier: value} if value else {}


def _joined(parts: Sequence[str]) -> str:
    """Texts that may go on in the next segment, as one."""
    return " ".join(part for part in parts if part)
