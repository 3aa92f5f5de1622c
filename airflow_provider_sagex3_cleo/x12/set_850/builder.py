"""Purchase order -> body of an 850. Never cuts, never guesses: what does not fit is held with a sentence."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from decimal import ROUND_HALF_UP, Decimal, localcontext

from airflow_provider_sagex3_cleo import errors as e
from airflow_provider_sagex3_cleo.documents import NamedDate, OrderLine, PurchaseOrder, summed
from airflow_provider_sagex3_cleo.documents.charges import AllowanceOrCharge
from airflow_provider_sagex3_cleo.x12.building import Row, SetBuilder, day, row, whole_sum
from airflow_provider_sagex3_cleo.x12.model import SetBody
from airflow_provider_sagex3_cleo.x12.set_850.rules import Rules850
from airflow_provider_sagex3_cleo.x12.set_rules import OTHER_DECIMALS

__all__ = ["OrderBuilder", "build"]

ORDER_NOTES, LINE_NOTES = "ORDER NOTES", "LINE NOTES"
CENT = Decimal("0.01")


def build(order: PurchaseOrder, rules: Rules850) -> SetBody:
    """The body of the 850 (BEG to CTT or AMT) that says what the order says.

    Raises:
        NotRepresentable: a value does not fit its element (too long, foreign character, delimiter, code not in use).
        UnknownItem: a line has none of the references in `rules.item_order`.
        UnmappedValue: an identifier kind or payment terms are in no table.
    Source: 850 structure of both releases (tables/*.json); conventions in docs/x12.md."""
    builder = OrderBuilder(order, rules)
    return builder.body("850", "PO", builder.rows())


class OrderBuilder(SetBuilder):
    """One order on its way into segments."""

    def __init__(self, order: PurchaseOrder, rules: Rules850, item_segment: str = "PO1", item_place: int = 6) -> None:
        super().__init__(rules, item_segment, item_place, "MSG" if rules.release == "004010" else "MTX")
        self.order, self.rules = order, rules

    def rows(self) -> Iterator[Row]:
        order = self.order
        yield self.beginning()
        yield from self.heading()
        for index, line in enumerate(order.lines):
            yield from self.line(line, f"lines[{index}]")
        yield from self.totals([line.quantity for line in order.lines])

    def heading(self) -> Iterator[Row]:
        """What stands between the first segment and the lines."""
        order, rules = self.order, self.rules
        if rules.currency:
            yield ("CUR", "BY", self.id(order.currency, "CUR", 2, "currency"))
        yield from self.references(
            (
                (rules.vendor_reference, order.vendor_number, "vendor_number"),
                (rules.contract_reference, order.contract, "contract"),
                (rules.internal_reference, order.internal_reference, "internal_reference"),
                *((rules.references.get(r.name), r.value, f"references.{r.name}") for r in order.references),
            )
        )
        yield from self.contact()
        yield from self.charges(order.allowances, "allowances")
        yield from self.terms()
        yield from self.dates(order.requested_date, order.dates)
        yield from self.notes(rules.note_reference, order.notes, ORDER_NOTES, "GEN", "notes")
        for role, party, field, key in (
            (rules.buyer_role, order.buyer, "buyer", "buyer_role"),
            (rules.seller_role, order.supplier, "supplier", "seller_role"),
            (rules.ship_to_role, None if order.distributed else order.ship_to, "ship_to", "ship_to_role"),
            (rules.bill_to_role, order.bill_to, "bill_to", "bill_to_role"),
        ):
            if role and party:
                yield from self.party(self.code(role, "N1", 1, key), party, field)

    def beginning(self) -> Row:
        order, rules = self.order, self.rules
        return (
            "BEG",
            self.code(rules.purpose, "BEG", 1, "purpose"),
            self.code(rules.type_of(order), "BEG", 2, "order_type"),
            self.id(order.number, "BEG", 3, "number"),
            "",
            day(order.order_date),
        )

    def contact(self) -> Iterator[Row]:
        contact = self.order.buyer.contact
        if contact is None or not self.rules.contact:
            return
        name = self.optional_free(contact.name, "PER", 2, "buyer.contact.name")
        numbers: list[str] = []
        for kind, value, field in (("TE", contact.phone, "phone"), ("EM", contact.email, "email")):
            if value and value.strip():
                numbers += [kind, self.id(value, "PER", 4, f"buyer.contact.{field}")]
        if name or numbers:
            yield row("PER", "BD", name, *numbers)

    def terms(self) -> Iterator[Row]:
        code, table = self.order.terms, self.rules.terms
        if table is None or not code:
            return
        terms = table.get(code)
        if terms is None:
            raise e.UnmappedValue("payment terms without an entry", field="terms", value=code)
        yield self.payment_terms(
            terms.kind,
            terms.basis,
            discount_percent=terms.discount_percent,
            discount_days=terms.discount_days,
            net_days=terms.net_days,
            description=terms.description,
        )

    def line(self, line: OrderLine, field: str) -> Iterator[Row]:
        rules = self.rules
        basis = rules.price_basis and self.code(rules.price_basis, "PO1", 5, "price_basis")
        yield (
            "PO1",
            self.id(str(line.number), "PO1", 1, f"{field}.number"),
            self.number(line.quantity, "PO1", 2, f"{field}.quantity"),
            self.code(line.unit, "PO1", 3, f"{field}.unit"),
            self.number(line.unit_price, "PO1", 4, f"{field}.unit_price"),
            basis or "",
            *self.items(line.item, f"{field}.item"),  # at least one: no empty element ends the segment
        )
        yield from self.details(line, field)

    def details(self, line: OrderLine, field: str) -> Iterator[Row]:
        """What follows the first segment of a line."""
        rules = self.rules
        yield from self.described(line.item, f"{field}.item")
        if line.references:  # most lines have none of these, and an order has hundreds of lines
            yield from self.references(
                [(rules.line_references.get(r.name), r.value, f"{field}.references.{r.name}") for r in line.references]
            )
        if line.allowances:
            yield from self.charges(line.allowances, f"{field}.allowances")
        if line.destinations:
            yield from self.destinations(line.destinations, line.unit, f"{field}.destinations")
        yield from self.dates(line.requested_date if rules.line_dates else None, line.dates)
        if line.schedule:
            yield from self.schedule(line, field)
        if line.note:
            yield from self.notes(rules.note_reference, line.note.splitlines(), LINE_NOTES, "LIN", f"{field}.note")
        if line.ship_to:
            yield from self.party(rules.line_role, line.ship_to, f"{field}.ship_to")

    def dates(self, requested: date | None, more: Sequence[NamedDate]) -> Iterator[Row]:
        """A DTM for the requested date, and for each further one that the agreement asks for."""
        rules = self.rules
        if requested and rules.date_qualifier:
            yield ("DTM", self.code(rules.date_qualifier, "DTM", 1, "date_qualifier"), day(requested))
        for each in more:
            if qualifier := rules.dates.get(each.name):
                yield ("DTM", self.code(qualifier, "DTM", 1, f"dates.{each.name}"), day(each.day))

    def charges(self, charges: Sequence[AllowanceOrCharge], field: str) -> Iterator[Row]:
        rules = self.rules
        if charges and self.order.currency in OTHER_DECIMALS:
            raise e.NotRepresentable(
                "the currency does not have two decimals, as SAC implies", field="currency", value=self.order.currency,
                remedy="send net prices: `discounts: net` in the agreement",
            )  # fmt: skip
        for charge in charges:
            yield self.charged(charge, field, (rules.allowance_method, rules.charge_method), rules.percent_basis)

    def schedule(self, line: OrderLine, field: str) -> Iterator[Row]:
        """SCH: one a day."""
        for requested, quantity in summed((part.requested_date, part.quantity) for part in line.schedule).items():
            yield (
                "SCH",
                self.number(quantity, "SCH", 1, f"{field}.schedule"),
                self.code(line.unit, "SCH", 2, f"{field}.unit"),
                "",
                "",
                self.code(self.rules.schedule_qualifier, "SCH", 5, "date_qualifier"),
                day(requested),
            )

    def totals(self, quantities: Sequence[Decimal]) -> Iterator[Row]:
        """CTT over lines of these quantities, and the order's total."""
        hashed = whole_sum(quantities) if self.rules.hash_total else None
        yield row("CTT", self.number(Decimal(len(quantities)), "CTT", 1, "lines"), hashed)
        if self.rules.amount_total:
            # Six-decimal prices give totals finer than any money; CTT and the lines stay exact.
            with localcontext(prec=60):  # the default 28 digits would fail on absurd prices before we can say so
                cents = self.order.total.quantize(CENT, ROUND_HALF_UP)
            yield ("AMT", "TT", self.number(cents, "AMT", 2, "total"))
