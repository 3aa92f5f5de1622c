"""Sales invoices: from a record of Sage X3 to what routing needs, the gate, and the document.

Source of the gate: Sage's rule that posting is the final step, after which an invoice cannot be changed. The total
including tax (AMTATI) is the authority: parts that do not add up to it hold the invoice.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from airflow_provider_sagex3_cleo.documents import Party
from airflow_provider_sagex3_cleo.documents.base import content_hash
from airflow_provider_sagex3_cleo.documents.invoice import (
    AllowanceOrCharge,
    Invoice,
    InvoiceLine,
    PaymentTerms,
    Tax,
)
from airflow_provider_sagex3_cleo.errors import (
    AgreementIncomplete,
    FieldMissing,
    GateUnknown,
    NoLines,
    TotalMismatch,
    UnmappedValue,
)
from airflow_provider_sagex3_cleo.mapping.common import currency_code, mapped, need_active, need_complete
from airflow_provider_sagex3_cleo.mapping.gates import Gate, judged, strongest
from airflow_provider_sagex3_cleo.mapping.invoice_parts import elements, exact_sum, invoice_line, taxes_of
from airflow_provider_sagex3_cleo.mapping.invoice_places import with_places
from airflow_provider_sagex3_cleo.mapping.order_lines import line_rows
from airflow_provider_sagex3_cleo.mapping.ourselves import our_party, our_vendor_number
from airflow_provider_sagex3_cleo.mapping.places import SHIP_TO, PartyColumns, header_party
from airflow_provider_sagex3_cleo.mapping.references import INVOICE_SOURCES, referred
from airflow_provider_sagex3_cleo.mapping.texts import notes_of
from airflow_provider_sagex3_cleo.mapping.values import Row
from airflow_provider_sagex3_cleo.partners.agreement import Agreement
from airflow_provider_sagex3_cleo.partners.book import Book
from airflow_provider_sagex3_cleo.partners.tables import Tables
from airflow_provider_sagex3_cleo.sagex3.reader import Record
from airflow_provider_sagex3_cleo.sagex3.spec_types import EntitySpec

__all__ = ["ROLE", "InvoiceFacts", "commercial", "facts", "gate", "to_document"]

ROLE = "bill_to"  # who an invoice is addressed to: the bill-to customer
BILL_TO = PartyColumns("BPCINV", "BPRNAM", "BPAADDLIG", "CTY", "SAT", "POSCOD", "CRY", "customers", "BPCINV", "BPAINV")
_INVOICE, _CREDIT_MEMO, _DEBIT_NOTE, _CREDIT_NOTE = 1, 2, 3, 4  # local menu 645, INVTYP
_REASONS = {("INVTYP", "never"): "a proforma", ("INVSTA", "wait"): "not posted yet in Sage X3"}
_COMMERCIAL = (
    "INVTYP", "INVDAT", "BPCINV", "CUR", "PTE", "AMTNOT", "AMTATI", "TAX", "AMTTAX", "INVDTA", "INVDTAAMT", "INVDTATYP",
)  # fmt: skip
_COMMERCIAL_LINE = ("SIDLIN", "ITMREF", "QTY", "SAU", "NETPRINOT", "AMTNOTLIN", "SOHNUM", "SOPLIN")


@dataclass(frozen=True)
class InvoiceFacts:
    """What finding the agreement needs. `invoice_date` is None where Sage X3 has none: the book refuses it then."""

    number: str
    company: str | None
    site: str | None
    customer: str
    address: str | None
    invoice_date: date | None


def facts(record: Record) -> InvoiceFacts:
    """Facts of one record.

    Raises:
        FieldMissing: the invoice has no bill-to customer.
        ValueUnreadable: the invoice date is none."""
    row = Row(record.key, record.fields)
    return InvoiceFacts(
        number=record.key,
        company=row.text("CPY"),
        site=row.text("SALFCY"),
        customer=row.needed("BPCINV"),
        address=row.text("BPAINV"),
        invoice_date=row.day("INVDAT"),
    )


def gate(record: Record, spec: EntitySpec, agreement: Agreement | None = None) -> Gate:
    """The verdict on a record as it was landed, with the reason.

    Args:
        spec: the entity, with the meaning of each status value.
        agreement: part of this function's shape for every entity; credits are judged when they are written."""
    return strongest(judged(record, spec, _REASONS), "posted")


def commercial(record: Record) -> str:
    """SHA-256 (hex) of the commercial content: what no screen of Sage X3 changes once an invoice is posted."""
    header = {name: record.fields.get(name) for name in _COMMERCIAL}
    return content_hash({**header, "lines": [{n: line.get(n) for n in _COMMERCIAL_LINE} for line in record.lines]})


def to_document(record: Record, agreement: Agreement, book: Book) -> Invoice:
    """The invoice as it is sent.

    Raises:
        Hold: a table, the agreement or a decision is missing, or totals differ; see the classes of `errors`.
        Quarantine: the record is broken in Sage X3."""
    return mapped(record, lambda: _document(record, agreement, book))


def _document(record: Record, agreement: Agreement, book: Book) -> Invoice:
    head, tables = Row(record.key, record.fields), book.tables
    need_complete(record, agreement)
    need_active(record, agreement, tables)
    kind = _kind(head, agreement)
    invoice_date = head.day("INVDAT")
    if invoice_date is None:
        raise FieldMissing("is empty", **head.where("INVDAT"))
    rows = line_rows(record.key, record.lines, "SIDLIN")
    if not rows:
        raise NoLines("the invoice has no lines", system="sagex3", record=record.key, field="lines")
    currency = currency_code(head, tables)
    orders = record.related.get("sales_orders", {})
    order_number, order_date = _customer_order(head, rows, orders, agreement)
    lines = tuple(invoice_line(number, row, head, orders, agreement, tables) for number, row in rows)
    lines = with_places(lines, [row for _, row in rows], head, orders, agreement)
    allowances = elements(head, exact_sum(line.amount for line in lines), agreement, tables)
    taxes = taxes_of(head, agreement, tables)
    identity = book.identity(agreement, head.text("CPY"), head.text("SALFCY"))
    return Invoice(
        number=record.key,
        kind=kind,
        invoice_date=invoice_date,
        currency=currency,
        order_number=order_number,
        order_date=order_date,
        original_invoice=head.text("INVNUM") if kind == "credit_note" else None,
        seller=our_party(identity, agreement.shown_ids.seller, agreement, tables, head.where("CPY")),
        bill_to=header_party(head, BILL_TO, agreement.party, tables),
        ship_to=_ship_to(head, agreement, tables),
        remit_to=identity.payee,
        vendor_number=our_vendor_number(agreement, tables),
        terms=_terms(head, agreement),
        notes=notes_of(head, agreement, "SIHTEX1", "SIHTEX2"),
        references=referred(head, agreement.references, INVOICE_SOURCES, agreement.id),
        allowances=allowances,
        taxes=taxes,
        lines=lines,
        total=_total(head, lines, allowances, taxes),
    )


def _kind(head: Row, agreement: Agreement) -> Any:
    """Invoice or credit note.

    Raises:
        AgreementIncomplete: the agreement does not say how this kind is written."""
    value = head.data.get("INVTYP")
    if value in (_CREDIT_MEMO, _CREDIT_NOTE):
        if agreement.invoice.credit_notes is None:
            raise AgreementIncomplete(
                "credit notes need `credit_notes` in the agreement",
                value=value,
                remedy=f"agree on BIG07, sign and reference, and write `invoice: credit_notes:` in {agreement.id}",
                **head.where("INVTYP"),
            )
        return "credit_note"
    if value == _DEBIT_NOTE and agreement.invoice.debit_notes == "hold":
        raise AgreementIncomplete(
            "a debit note, and the agreement does not say that the partner takes it as an invoice",
            value=value,
            remedy=f"write `invoice: debit_notes: send` in agreement {agreement.id} if the partner does",
            **head.where("INVTYP"),
        )
    if value not in (_INVOICE, _DEBIT_NOTE):
        raise GateUnknown("nobody has told what kind of invoice this is", value=value, **head.where("INVTYP"))
    return "invoice"


def _customer_order(
    head: Row, rows: Sequence[tuple[int, Row]], orders: Mapping[str, Mapping[str, Any]], agreement: Agreement
) -> tuple[str | None, date | None]:
    """The customer's order number and its date, from the sales orders that the lines bill.

    Raises:
        FieldMissing, AgreementIncomplete: none, or several, and the agreement does not say what then."""
    found: dict[str, date | None] = {}
    unnamed = False
    for order in dict.fromkeys(number for _, row in rows if (number := row.text("SOHNUM"))):
        sold = Row(head.record, orders.get(order, {}), f"sales order {order} ")
        if customer_number := sold.text("CUSORDREF"):
            found.setdefault(customer_number, sold.day("ORDDAT"))
        else:
            unnamed = True
    several = len(found) > 1 or (bool(found) and unnamed)
    if several and agreement.invoice.several_orders == "hold":
        raise AgreementIncomplete(
            f"the invoice is over several orders of the customer: {', '.join(found)}"
            + (" and one without a number" if unnamed else ""),
            value=", ".join(found),
            remedy=f"write `invoice: several_orders: first` (or `none`) in agreement {agreement.id}",
            **head.where("CUSORDREF"),
        )
    if not found and agreement.invoice.order_number == "required":
        raise AgreementIncomplete(
            "no sales order of the invoice has a customer's order number",
            expected="SORDER.CUSORDREF",
            remedy=f"write `invoice: order_number: optional` in agreement {agreement.id} if that is agreed",
            **head.where("CUSORDREF"),
        )
    if not found or (several and agreement.invoice.several_orders == "none"):
        return None, None
    return next(iter(found.items()))


def _ship_to(head: Row, agreement: Agreement, tables: Tables) -> Party | None:
    """The customer's place that goods went to, by the id the customer has for it; None where the invoice names none."""
    address = head.text("BPAADD")
    return None if address is None else header_party(head, SHIP_TO, agreement.addresses.get(address), tables)


def _terms(head: Row, agreement: Agreement) -> PaymentTerms | None:
    if agreement.terms == "none":
        return None
    code = head.needed("PTE")
    terms = agreement.payment_terms.get(code)
    if terms is None:
        raise UnmappedValue(
            "the payment terms are unknown",
            value=code,
            remedy=f"add {code} under `terms` in tables.yaml, or under `payment_terms` in agreement {agreement.id}",
            **head.where("PTE"),
        )
    return PaymentTerms(
        description=terms.description,
        net_days=terms.net_days,
        discount_percent=terms.discount_percent,
        discount_days=terms.discount_days,
    )


def _total(
    head: Row, lines: Sequence[InvoiceLine], allowances: Sequence[AllowanceOrCharge], taxes: Sequence[Tax]
) -> Decimal:
    """Sage X3's own total including tax.

    Raises:
        TotalMismatch: the parts do not add up to it, to the cent."""
    total = head.needed_number("AMTATI")
    parts = {
        "lines": exact_sum(line.amount for line in lines),
        "charges": exact_sum(each.amount for each in allowances if each.kind == "charge"),
        "allowances": -exact_sum(each.amount for each in allowances if each.kind == "allowance"),
        "taxes": exact_sum(tax.amount for tax in taxes),
    }
    added = exact_sum(parts.values())
    if added != total:
        said = ", ".join(f"{name} {_money(amount)}" for name, amount in parts.items() if amount)
        raise TotalMismatch(
            f"the parts ({said}) make {_money(added)}, but Sage X3's total is {_money(total)}",
            value=head.data["AMTATI"],
            expected=_money(added),
            **head.where("AMTATI"),
        )
    return total


def _money(amount: Decimal) -> str:
    """For people: two decimals, more where there are more."""
    cents = f"{amount:.2f}"
    return cents if Decimal(cents) == amount else f"{amount:f}"
