"""Invoice -> body of an 810. The document's total is the authority: what does not add up to it is held."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from airflow_provider_sagex3_cleo import errors as e
from airflow_provider_sagex3_cleo.documents import EXACT
from airflow_provider_sagex3_cleo.documents.charges import AllowanceOrCharge, net_of
from airflow_provider_sagex3_cleo.documents.invoice import Invoice, InvoiceLine, Tax
from airflow_provider_sagex3_cleo.x12.building import Row, SetBuilder, day, row
from airflow_provider_sagex3_cleo.x12.model import SetBody
from airflow_provider_sagex3_cleo.x12.set_810.rules import OTHER_DECIMALS, Rules810

__all__ = ["build"]

NOTES = "INVOICE NOTES"
NTE_MOST = 100
CENT = Decimal("0.01")


def build(invoice: Invoice, rules: Rules810) -> SetBody:
    """The body of the 810 (BIG to CTT) that says what the invoice says.

    Raises:
        NotRepresentable: a value does not fit its element, the parts do not add up to the total, the currency does not
            have two decimals, or it is a credit note and the agreement does not say how those are written.
        PriceMismatch: quantity x price, with the line's allowances and charges, is not the line's amount.
        UnknownItem: a line has none of the references in `rules.item_order`.
        UnmappedValue: an identifier kind is in no table.
    Source: 810 structure of both releases (tables/*.json); conventions in docs/x12.md."""
    builder = _Builder(invoice, rules)
    return builder.body("810", "IN", builder.rows())


class _Builder(SetBuilder):
    """One invoice on its way into segments."""

    def __init__(self, invoice: Invoice, rules: Rules810) -> None:
        super().__init__(rules, "IT1", 6, note_limit=10)  # N9 / MSG stays in the 810 in both releases
        self.invoice, self.rules = invoice, rules
        self.credit = rules.credit_notes if invoice.kind == "credit_note" else None
        self.sign = -1 if self.credit and self.credit.amounts == "negative" else 1

    def rows(self) -> Iterator[Row]:
        invoice, rules = self.invoice, self.rules
        self.judge()
        yield self.beginning()
        if rules.note_segment == "NTE" and rules.note_reference:
            qualifier = self.code(rules.note_reference, "NTE", 1, "note_reference")
            for text in self.texts(invoice.notes, "NTE", 2, "notes", NTE_MOST):
                yield ("NTE", qualifier, text)
        if rules.currency_role:
            speaker = self.code(rules.currency_role, "CUR", 1, "currency_role")
            yield ("CUR", speaker, self.id(invoice.currency, "CUR", 2, "currency"))
        yield from self.heading_references()
        for role, party, field in (
            (rules.remit_to_role, invoice.remit_to, "remit_to"),
            (rules.ship_to_role, None if invoice.distributed else invoice.ship_to, "ship_to"),
            (rules.bill_to_role, invoice.bill_to, "bill_to"),
            (rules.seller_role, invoice.seller, "seller"),
        ):
            if role and party:
                yield from self.party(self.code(role, "N1", 1, f"{field}_role"), party, field)
        terms = invoice.terms
        if rules.terms and terms and any(x is not None for _, x in terms):
            yield self.payment_terms(
                rules.terms_kind,
                rules.terms_basis,
                discount_percent=terms.discount_percent,
                discount_days=terms.discount_days,
                due_date=terms.due_date,
                net_days=terms.net_days,
                description=terms.description,
            )
        if rules.ship_date_qualifier and invoice.ship_date:
            qualifier = self.code(rules.ship_date_qualifier, "DTM", 1, "ship_date_qualifier")
            yield ("DTM", qualifier, day(invoice.ship_date))
        if rules.note_segment == "MSG":
            yield from self.notes(rules.note_reference, invoice.notes, NOTES, "INV", "notes")
        for index, line in enumerate(invoice.lines):
            yield from self.line(line, f"lines[{index}]")
        yield from self.summary()

    # --- what holds the whole invoice -----------------------------------------------------------------------------
    def judge(self) -> None:
        """Hold what would be said wrongly: credit notes without a convention, other currencies, totals that differ."""
        invoice = self.invoice
        if invoice.kind == "credit_note" and self.credit is None:
            raise e.NotRepresentable(
                "a credit note, and the agreement does not say how they are written", field="kind",
                value=invoice.number,
                expected="`credit_notes` in the rules of the 810", remedy="agree on sign, BIG07 and reference",
            )  # fmt: skip
        if invoice.currency in OTHER_DECIMALS and not self.rules.other_currencies:
            raise e.NotRepresentable(
                "the currency does not have two decimals, as TDS and SAC imply", field="currency",
                value=invoice.currency, remedy="ask the partner how amounts are to be written: `other_currencies`",
            )  # fmt: skip
        for index, line in enumerate(invoice.lines):
            exact = EXACT.add(EXACT.multiply(line.quantity, line.unit_price), net_of(line.allowances))
            if abs(EXACT.subtract(exact, line.amount)) > CENT:
                raise e.PriceMismatch(
                    "quantity x price with allowances and charges is not the line's amount",
                    field=f"lines[{index}].amount", value=line.amount, expected=f"{exact:f}",
                )  # fmt: skip
        taxes = invoice.taxes or [tax for line in invoice.lines for tax in line.taxes]
        total = net_of(invoice.allowances)
        for part in (*(line.amount for line in invoice.lines), *(tax.amount for tax in taxes)):
            total = EXACT.add(total, part)
        if total != invoice.total:
            raise e.NotRepresentable(
                "lines, allowances, charges and taxes do not add up to the total", field="total", value=invoice.total,
                expected=f"{total:f}", remedy="give every invoice element and tax an entry in the tables",
            )  # fmt: skip

    # --- heading --------------------------------------------------------------------------------------------------
    def beginning(self) -> Row:
        invoice = self.invoice
        kind = self.credit.type if self.credit else self.rules.invoice_type
        return row(
            "BIG",
            day(invoice.invoice_date),
            self.id(invoice.number, "BIG", 2, "number"),
            day(invoice.order_date) if invoice.order_date else None,
            self.optional_id(invoice.order_number, "BIG", 4, "order_number"),
            self.optional_id(invoice.release, "BIG", 5, "release"),
            None,
            self.code(kind, "BIG", 7, "invoice_type") if kind else None,
        )

    def heading_references(self) -> Iterator[Row]:
        invoice, rules = self.invoice, self.rules
        original = self.credit.reference if self.credit else None
        if original and not (invoice.original_invoice or "").strip():
            raise e.NotRepresentable(
                "the credited invoice is not known", field="original_invoice", value=invoice.number,
                expected=f"a number for REF*{original}", remedy="name the invoice in Sage X3",
            )  # fmt: skip
        yield from self.references(
            (
                (rules.vendor_reference, invoice.vendor_number, "vendor_number"),
                (rules.department_reference, invoice.department, "department"),
                (rules.store_reference, invoice.store, "store"),
                (original, invoice.original_invoice, "original_invoice"),
                (None if self.carrier() else rules.bill_of_lading_reference, invoice.bill_of_lading, "bill_of_lading"),
                *((rules.references.get(r.name), r.value, f"references.{r.name}") for r in invoice.references),
            )
        )

    # --- detail ---------------------------------------------------------------------------------------------------
    def line(self, line: InvoiceLine, field: str) -> Iterator[Row]:
        rules = self.rules
        basis = rules.price_basis and self.code(rules.price_basis, "IT1", 5, "price_basis")
        number = str(line.number)
        if rules.line_id == "order":
            number = self.order_line(line.order_line, line.number, "IT101", f"{field}.order_line")
        yield row(
            "IT1",
            self.id(number, "IT1", 1, f"{field}.number"),
            self.number(self.sign * line.quantity, "IT1", 2, f"{field}.quantity"),
            self.code(line.unit, "IT1", 3, f"{field}.unit"),
            self.number(line.unit_price, "IT1", 4, f"{field}.unit_price"),
            basis,
            *self.items(line.item, f"{field}.item"),
        )
        if rules.line_taxes or not self.invoice.taxes:
            for tax in line.taxes:
                yield self.tax(tax, f"{field}.taxes")
        yield from self.described(line.item, f"{field}.item")
        yield from self.references(
            (
                (rules.order_line_reference, line.order_line, f"{field}.order_line"),
                *((rules.line_references.get(r.name), r.value, f"{field}.references") for r in line.references),
            )
        )
        if rules.line_note_reference and line.note:
            qualifier = self.code(rules.line_note_reference, "REF", 1, "line_note_reference")
            for text in self.texts(line.note.splitlines(), "REF", 3, f"{field}.note"):
                yield ("REF", qualifier, "", text)
        yield from self.destinations(line.destinations, line.unit, f"{field}.destinations", self.sign)
        for charge in line.allowances:
            yield self.charge(charge, f"{field}.allowances")
        if line.ship_to:
            yield from self.party(rules.line_role, line.ship_to, f"{field}.ship_to")

    def tax(self, tax: Tax, field: str) -> Row:
        """TXI: the amount with its point (R), unlike TDS and SAC."""
        rules = self.rules
        listed = rules.jurisdiction_list if tax.jurisdiction and tax.jurisdiction.strip() else None
        rate = None if tax.rate is None else self.number(tax.rate, "TXI", 3, f"{field}.rate")
        based = rules.tax_base and rate is not None and tax.base is not None
        return row(
            "TXI",
            self.code(tax.kind, "TXI", 1, f"{field}.kind"),
            self.number(self.sign * tax.amount, "TXI", 2, f"{field}.amount"),
            rate,
            self.code(listed, "TXI", 4, "jurisdiction_list") if listed else None,
            self.id(tax.jurisdiction or "", "TXI", 5, f"{field}.jurisdiction") if listed else None,
            "1" if tax.exempt else None,
            None,
            self.number(self.sign * tax.base, "TXI", 8, f"{field}.base") if based and tax.base is not None else None,
        )

    def charge(self, charge: AllowanceOrCharge, field: str) -> Row:
        rules = self.rules
        methods = rules.allowance_method, rules.charge_method
        return self.charged(charge, field, methods, rules.percent_basis, self.sign)

    # --- summary --------------------------------------------------------------------------------------------------
    def summary(self) -> Iterator[Row]:
        """TDS, TXI, CAD, SAC, CTT: the only order that the standard allows."""
        invoice = self.invoice
        yield ("TDS", self.cents(self.sign * invoice.total, "TDS", 1, "total"))
        for tax in invoice.taxes:
            yield self.tax(tax, "taxes")
        yield from self.carrier()
        for charge in invoice.allowances:
            yield self.charge(charge, "allowances")
        yield ("CTT", self.number(Decimal(len(invoice.lines)), "CTT", 1, "lines"))

    def carrier(self) -> list[Row]:
        invoice, rules = self.invoice, self.rules
        code = self.optional_id(invoice.carrier_code, "CAD", 4, "carrier_code")
        if not rules.carrier_mode or code is None:
            return []
        number = self.optional_id(invoice.bill_of_lading, "CAD", 8, "bill_of_lading")
        qualifier = rules.bill_of_lading_reference if number else None
        mode = self.code(rules.carrier_mode, "CAD", 1, "carrier_mode")
        if qualifier:
            self.code(qualifier, "CAD", 7, "bill_of_lading_reference")
        return [row("CAD", mode, None, None, code, None, None, qualifier, number if qualifier else None)]
