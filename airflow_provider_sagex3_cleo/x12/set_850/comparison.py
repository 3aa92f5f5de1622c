"""Every value of the document is looked for in the 850 that was read, and nothing else may be there in its place."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

from airflow_provider_sagex3_cleo.documents import NamedDate, OrderLine, Party, PurchaseOrder, summed
from airflow_provider_sagex3_cleo.documents.charges import AllowanceOrCharge
from airflow_provider_sagex3_cleo.x12.comparing import Pair, SetComparison, differences, joined, plain
from airflow_provider_sagex3_cleo.x12.model import Finding, SetBody
from airflow_provider_sagex3_cleo.x12.reader import TransactionSet
from airflow_provider_sagex3_cleo.x12.set_850.reading import ReadLine, ReadOrder, read_back
from airflow_provider_sagex3_cleo.x12.set_850.rules import Rules850, Terms
from airflow_provider_sagex3_cleo.x12.set_reading import ReadCharge

__all__ = ["OrderComparison", "compare"]


def compare(order: PurchaseOrder, rules: Rules850, source: TransactionSet | SetBody) -> list[Finding]:
    """One finding (`value-differs`) for each value that the read 850 does not say as the document does; empty if equal.

    `element` names the document's field, `found` and `expected` the two values."""
    return differences(OrderComparison(order, rules, read_back(source)).pairs())


class OrderComparison(SetComparison):
    """The pairs of values of one order."""

    def __init__(self, order: PurchaseOrder, rules: Rules850, read: ReadOrder) -> None:
        super().__init__(rules)
        self.order, self.rules, self.read = order, rules, read
        self.note_place = ("MSG", 1) if rules.release == "004010" else ("MTX", 2)

    def pairs(self) -> Iterator[Pair]:
        order, rules, read = self.order, self.rules, self.read
        yield "purpose", rules.purpose, read.purpose
        yield "drop_ship", rules.type_of(order), read.type
        yield "number", order.number.strip(), read.number
        yield "order_date", order.order_date, read.order_date
        yield from self.heading()
        yield "lines", len(order.lines), len(read.lines)
        for index, (line, found) in enumerate(zip(order.lines, read.lines, strict=False)):
            yield from self.differing(f"lines[{index}]", self.line(line, found))
        yield from self.totals([line.quantity for line in order.lines])

    def heading(self) -> Iterator[Pair]:
        """What stands between the first segment and the lines."""
        order, rules, read = self.order, self.rules, self.read
        yield "currency", order.currency if rules.currency else "", read.currency
        references = self.referred(
            (
                (rules.vendor_reference, order.vendor_number),
                (rules.contract_reference, order.contract),
                (rules.internal_reference, order.internal_reference),
                *((rules.references.get(r.name), r.value) for r in order.references),
            )
        )
        yield "references", references, read.references
        yield "allowances", self.charges(order.allowances), read.charges
        yield from self.contact()
        yield from self.terms()
        yield "requested_date", self.dates(order.requested_date, order.dates), read.dates
        yield "notes", self.noted(rules.note_reference, order.notes), (read.note_references, joined(read.notes))
        yield from self.parties(self.roles(), read.parties)

    def differing(self, place: str, pairs: Iterable[Pair]) -> Iterator[Pair]:
        """The pairs that differ, under their place: names are made for faults only, an order has hundreds of pairs."""
        for field, expected, value in pairs:
            if expected != value:
                yield f"{place}.{field}", expected, value

    def contact(self) -> Iterator[Pair]:
        contact, found = self.order.buyer.contact, self.read.contacts.get("BD", {})
        wanted = contact if self.rules.contact else None
        for kind, value in (
            ("name", self.free(wanted.name if wanted else None, "name", ("PER", 2))),
            ("TE", ((wanted.phone if wanted else None) or "").strip()),
            ("EM", ((wanted.email if wanted else None) or "").strip()),
        ):
            yield f"buyer.contact.{kind}", value, found.get(kind, "")

    def terms(self) -> Iterator[Pair]:
        expected: dict[int, str] = {}
        if self.rules.terms is not None and self.order.terms:
            terms = self.rules.terms.get(self.order.terms, Terms())
            parts = {1: terms.kind, 2: terms.basis, 3: plain(terms.discount_percent)}
            parts |= {5: plain(terms.discount_days), 7: plain(terms.net_days)}
            parts[12] = self.free(terms.description, "description", ("ITD", 12))
            expected = {n: x for n, x in parts.items() if x}
        yield "terms", expected, self.read.terms

    def roles(self) -> dict[str, tuple[str, Party]]:
        order = self.order
        rules = self.rules
        given = (
            (rules.buyer_role, "buyer", order.buyer),
            (rules.seller_role, "supplier", order.supplier),
            (rules.ship_to_role, "ship_to", None if order.distributed else order.ship_to),
            (rules.bill_to_role, "bill_to", order.bill_to),
        )
        return {role: (field, party) for role, field, party in given if role and party}

    def line(self, line: OrderLine, found: ReadLine) -> Iterator[Pair]:
        yield "quantity", line.quantity, found.quantity
        yield from self.values(line, found)
        yield from self.details(line, found)

    def values(self, line: OrderLine, found: ReadLine) -> Iterator[Pair]:
        """What the first segment of a line says beside the quantity."""
        yield "number", str(line.number), found.number
        yield "unit", line.unit, found.unit
        yield "unit_price", line.unit_price, found.unit_price
        yield "price_basis", self.rules.price_basis or "", found.price_basis
        yield "item", self.items(line.item), found.items

    def details(self, line: OrderLine, found: ReadLine) -> Iterator[Pair]:
        """What follows the first segment of a line."""
        rules = self.rules
        yield "item.description", self.described(line.item), joined(found.descriptions)
        yield "references", self.line_references(line), found.references
        yield "requested_date", self.dates(line.requested_date if rules.line_dates else None, line.dates), found.dates
        if line.note or found.note_references or found.notes:  # most lines have none of these
            notes = self.noted(rules.note_reference, line.note.splitlines() if line.note else ())
            yield "note", notes, (found.note_references, joined(found.notes))
        if line.allowances or found.charges:
            yield "allowances", self.charges(line.allowances), found.charges
        if line.destinations or found.destinations:
            yield self.destined(line.destinations, line.unit, found.destinations)
        if line.schedule or found.schedule:
            days = summed((part.requested_date, part.quantity) for part in line.schedule)
            schedule = [(quantity, line.unit, rules.schedule_qualifier, day) for day, quantity in days.items()]
            yield "schedule", schedule, found.schedule
        role = rules.line_role
        yield "ship_to", [role] if line.ship_to else [], list(found.parties)
        if line.ship_to and role in found.parties:
            yield from self.party(line.ship_to, found.parties[role], "ship_to")

    def line_references(self, line: OrderLine) -> dict[str, str]:
        given = [(self.rules.line_references.get(each.name), each.value) for each in line.references]
        return self.referred(given) if given else {}

    def charges(self, charges: Sequence[AllowanceOrCharge]) -> list[ReadCharge]:
        rules = self.rules
        methods = rules.allowance_method, rules.charge_method
        return [self.charged(charge, methods, rules.percent_basis) for charge in charges]

    def totals(self, quantities: Sequence[Decimal]) -> Iterator[Pair]:
        """The totals over lines of these quantities."""
        order, rules, read = self.order, self.rules, self.read
        yield "line count", str(len(quantities)), read.line_count
        whole = bool(quantities) and all(q >= 0 and q % 1 == 0 for q in quantities)
        hashed = sum(quantities, Decimal(0)) % 10**10 if rules.hash_total and whole else None
        yield "hash total", hashed, read.hash_total
        cents = (order.total * 100).to_integral_value(ROUND_HALF_UP)  # half a cent counts as one
        amounts: Mapping[str, Decimal] = {"TT": cents / 100} if rules.amount_total else {}
        yield "total", amounts, read.amounts

    def dates(self, requested: date | None, more: Sequence[NamedDate]) -> dict[str, date]:
        rules = self.rules
        said = {rules.date_qualifier: requested} if rules.date_qualifier and requested else {}
        return {**said, **{rules.dates[x.name]: x.day for x in more if x.name in rules.dates}}
