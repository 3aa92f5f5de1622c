"""Every value of the document is looked for in the 810 that was read, and nothing else may be there in its place."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal

from airflow_provider_sagex3_cleo.documents import Party
from airflow_provider_sagex3_cleo.documents.invoice import AllowanceOrCharge, Invoice, InvoiceLine, Tax
from airflow_provider_sagex3_cleo.x12.comparing import Pair, SetComparison, differences, joined, plain
from airflow_provider_sagex3_cleo.x12.model import Finding, SetBody
from airflow_provider_sagex3_cleo.x12.reader import TransactionSet
from airflow_provider_sagex3_cleo.x12.set_810.reading import (
    ReadInvoice,
    ReadInvoiceLine,
    ReadTax,
    read_back,
)
from airflow_provider_sagex3_cleo.x12.set_810.rules import CreditNotes, Rules810
from airflow_provider_sagex3_cleo.x12.set_reading import ReadCharge

__all__ = ["compare"]


def compare(invoice: Invoice, rules: Rules810, source: TransactionSet | SetBody) -> list[Finding]:
    """One finding (`value-differs`) for each value that the read 810 does not say as the document does; empty if equal.

    `element` names the document's field, `found` and `expected` the two values."""
    return differences(_Comparison(invoice, rules, read_back(source)).pairs())


class _Comparison(SetComparison):
    """The pairs of values of one invoice."""

    def __init__(self, invoice: Invoice, rules: Rules810, read: ReadInvoice) -> None:
        super().__init__(rules)
        self.invoice, self.rules, self.read = invoice, rules, read
        self.credit = (rules.credit_notes or CreditNotes()) if invoice.kind == "credit_note" else None
        self.factor = -1 if self.credit and self.credit.amounts == "negative" else 1

    def pairs(self) -> Iterator[Pair]:
        invoice, rules, read = self.invoice, self.rules, self.read
        yield "number", invoice.number.strip(), read.number
        yield "invoice_date", invoice.invoice_date, read.invoice_date
        yield "order_number", (invoice.order_number or "").strip(), read.order_number
        yield "order_date", invoice.order_date, read.order_date
        yield "release", (invoice.release or "").strip(), read.release
        yield "kind", (self.credit.type if self.credit else rules.invoice_type) or "", read.type
        currency = (rules.currency_role, invoice.currency) if rules.currency_role else ("", "")
        yield "currency", currency, read.currency
        yield "references", self.references(), read.references
        yield from self.parties(self.roles(), read.parties)
        yield "terms", self.terms(), read.terms
        ship_date = invoice.ship_date if rules.ship_date_qualifier else None
        yield "ship_date", {rules.ship_date_qualifier: ship_date} if ship_date else {}, read.dates
        place = ("MSG", 1) if rules.note_segment == "MSG" else ("NTE", 2)
        notes = self.noted(rules.note_reference, invoice.notes, place)
        yield "notes", notes, (read.note_references, joined(read.notes))
        yield "lines", len(invoice.lines), len(read.lines)
        for index, (line, found) in enumerate(zip(invoice.lines, read.lines, strict=False)):
            for field, expected, value in self.line(line, found):
                if expected != value:  # names are made for faults only
                    yield f"lines[{index}].{field}", expected, value
        yield "total", self.factor * invoice.total, read.total
        yield "taxes", self.taxes(invoice.taxes), read.taxes
        yield "allowances", self.charges(invoice.allowances), read.charges
        yield "carrier", self.carrier(), read.carrier
        yield "line count", str(len(invoice.lines)), read.line_count

    def references(self) -> dict[str, str]:
        invoice, rules = self.invoice, self.rules
        return self.referred(
            (
                (rules.vendor_reference, invoice.vendor_number),
                (rules.department_reference, invoice.department),
                (rules.store_reference, invoice.store),
                (self.credit.reference if self.credit else None, invoice.original_invoice),
                (None if self.carrier() else rules.bill_of_lading_reference, invoice.bill_of_lading),
                *((rules.references.get(r.name), r.value) for r in invoice.references),
            )
        )

    def roles(self) -> dict[str, tuple[str, Party]]:
        invoice, rules = self.invoice, self.rules
        given = (
            (rules.remit_to_role, "remit_to", invoice.remit_to),
            (rules.ship_to_role, "ship_to", None if invoice.distributed else invoice.ship_to),
            (rules.bill_to_role, "bill_to", invoice.bill_to),
            (rules.seller_role, "seller", invoice.seller),
        )
        return {role: (field, party) for role, field, party in given if role and party}

    def terms(self) -> dict[int, str]:
        terms, rules = self.invoice.terms, self.rules
        if terms is None or not rules.terms or terms == type(terms)():
            return {}
        parts = {
            1: rules.terms_kind,
            2: rules.terms_basis,
            3: plain(terms.discount_percent),
            5: plain(terms.discount_days),
            6: f"{terms.due_date:%Y%m%d}" if terms.due_date else "",
            7: plain(terms.net_days),
            12: self.free(terms.description, "description", ("ITD", 12)),
        }
        return {n: x for n, x in parts.items() if x}

    def carrier(self) -> dict[int, str]:
        invoice, rules = self.invoice, self.rules
        code, number = (invoice.carrier_code or "").strip(), (invoice.bill_of_lading or "").strip()
        if not code or not rules.carrier_mode:
            return {}
        referred = {7: rules.bill_of_lading_reference, 8: number} if rules.bill_of_lading_reference and number else {}
        return {1: rules.carrier_mode, 4: code, **{n: x for n, x in referred.items() if x}}

    def line(self, line: InvoiceLine, found: ReadInvoiceLine) -> Iterator[Pair]:
        rules = self.rules
        order_line = (line.order_line or "").strip()
        yield "number", order_line if rules.line_id == "order" else str(line.number), found.number
        yield "quantity", self.factor * line.quantity, found.quantity
        yield "unit", line.unit, found.unit
        yield "unit_price", line.unit_price, found.unit_price
        yield "price_basis", rules.price_basis or "", found.price_basis
        yield "item", self.items(line.item), found.items
        yield "item.description", self.described(line.item), joined(found.descriptions)
        references = [(rules.line_references.get(r.name), r.value) for r in line.references]
        yield "order_line", self.referred(((rules.order_line_reference, order_line), *references)), found.references
        said = line.taxes if rules.line_taxes or not self.invoice.taxes else ()
        yield "taxes", self.taxes(said), found.taxes
        yield "allowances", self.charges(line.allowances), found.charges
        notes = self.noted(rules.line_note_reference, (line.note or "").splitlines(), ("REF", 3))
        yield "note", notes, (found.note_references, joined(found.notes))
        yield self.destined(line.destinations, line.unit, found.destinations, self.factor)
        role = rules.line_role
        yield "ship_to", [role] if line.ship_to else [], list(found.parties)
        if line.ship_to and role in found.parties:
            yield from self.party(line.ship_to, found.parties[role], "ship_to")

    def taxes(self, taxes: Sequence[Tax]) -> list[ReadTax]:
        return [self.tax(tax) for tax in taxes]

    def tax(self, tax: Tax) -> ReadTax:
        rules = self.rules
        jurisdiction = (tax.jurisdiction or "").strip() if rules.jurisdiction_list else ""
        listed = rules.jurisdiction_list if jurisdiction else None
        base: Decimal | None = None
        if rules.tax_base and tax.rate is not None and tax.base is not None:
            base = self.factor * tax.base
        exempt = "1" if tax.exempt else ""
        return ReadTax(tax.kind, self.factor * tax.amount, tax.rate, listed or "", jurisdiction, exempt, base)

    def charges(self, charges: Sequence[AllowanceOrCharge]) -> list[ReadCharge]:
        rules = self.rules
        methods = rules.allowance_method, rules.charge_method
        return [self.charged(charge, methods, rules.percent_basis, self.factor) for charge in charges]
