"""One flow per document family: how its records are routed, gated, compared, mapped and written.

The steps of the pipeline are the same for all; what differs is in here. A new family is a class and a line in `FLOWS`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, Protocol

from airflow_provider_sagex3_cleo.documents.shipment import Shipment
from airflow_provider_sagex3_cleo.errors import SettingFault
from airflow_provider_sagex3_cleo.mapping import deliveries, purchase_orders, sales_invoices
from airflow_provider_sagex3_cleo.mapping.gates import Gate
from airflow_provider_sagex3_cleo.partners import Agreement, Book
from airflow_provider_sagex3_cleo.sagex3.reader import Record
from airflow_provider_sagex3_cleo.sagex3.spec import EntitySpec
from airflow_provider_sagex3_cleo.x12 import Delimiters, Finding, SetBody, set_810, set_850, set_856

__all__ = ["DELIVERIES", "FLOWS", "Content", "Flow", "Routing", "Summary", "Written", "flow_of"]


@dataclass(frozen=True)
class Routing:
    """What finding the agreement needs, and what the ledger keeps of a document that was sent elsewhere."""

    number: str
    partner: str
    company: str | None
    site: str | None
    address: str | None
    date: date | None


@dataclass(frozen=True)
class Content:
    """The commercial content of a record: its hash, and whether nothing of it is wanted any more."""

    hash: str
    cancelled: bool


@dataclass(frozen=True)
class Summary:
    """What the ledger keeps of a document beside its transaction set; `amount` is its total, where it has one."""

    number: str
    date: date
    amount: Decimal | None
    line_count: int


@dataclass(frozen=True)
class Written:
    """A document as its transaction set; `lost` are values that were not found again when it was read back."""

    summary: Summary
    body: SetBody
    lost: list[Finding]


class Flow(Protocol):
    """One document family. `roles` are the partner's in agreements, any of which may rule a record; `noun` is what a
    person calls the record."""

    entity: str
    set_id: str
    roles: tuple[str, ...]
    noun: str

    def route(self, record: Record) -> Routing:
        """Raises: Quarantine errors where the record cannot be routed."""
        ...

    def partner(self, record: Record) -> str | None:
        """The partner's code as it stands in the record, for people; never raises."""
        ...

    def gate(self, record: Record, spec: EntitySpec, agreement: Agreement | None = None) -> Gate:
        """Whether it may go now."""
        ...

    def content(self, record: Record, agreement: Agreement, book: Book) -> Content:
        """What counts as a change."""
        ...

    def changed(self, now: Content) -> tuple[str, str]:
        """Why a document that was sent and is another one now is held, and what a person can do."""
        ...

    def rules(self, agreement: Agreement) -> Any:
        """How this partner wants its set; worked out once per agreement."""
        ...

    def write(self, record: Record, agreement: Agreement, book: Book, rules: Any) -> Written:
        """Map and write it, and read it back.

        Raises: Hold and Quarantine errors naming field, value and remedy."""
        ...


class PurchaseOrders:
    """Purchase orders as 850, to the supplier they are ordered from."""

    entity, set_id, noun = "purchase_orders", "850", "order"
    roles: tuple[str, ...] = (purchase_orders.ROLE,)

    def route(self, record: Record) -> Routing:
        facts = purchase_orders.facts(record)
        return Routing(
            facts.number, facts.supplier, facts.company, facts.site, facts.supplier_address, facts.order_date
        )

    def partner(self, record: Record) -> str | None:
        value = record.fields.get("BPSNUM")
        return None if value is None else str(value)

    def gate(self, record: Record, spec: EntitySpec, agreement: Agreement | None = None) -> Gate:
        return purchase_orders.gate(record, spec, agreement)

    def content(self, record: Record, agreement: Agreement, book: Book) -> Content:
        content_hash, fingerprint = purchase_orders.commercial(record, agreement, book)
        return Content(content_hash, fingerprint.cancelled)

    def changed(self, now: Content) -> tuple[str, str]:
        what = "cancelled" if now.cancelled else "changed"
        return (
            f"{what} after sending, 860 not available",
            "tell the partner by other means; it is taken up again when 860 is available",
        )

    def rules(self, agreement: Agreement) -> set_850.Rules850:
        given = agreement.rules_850()
        return set_850.Rules850(**{**given, "delimiters": Delimiters(**given["delimiters"])})

    def write(self, record: Record, agreement: Agreement, book: Book, rules: set_850.Rules850) -> Written:
        order = purchase_orders.to_document(record, agreement, book)
        body = set_850.build(order, rules)
        summary = Summary(order.number, order.order_date, order.total, len(order.lines))
        return Written(summary, body, set_850.compare(order, rules, body))


class SalesInvoices:
    """Sales invoices as 810, to the customer they are billed to."""

    entity, set_id, noun = "sales_invoices", "810", "invoice"
    roles: tuple[str, ...] = (sales_invoices.ROLE,)

    def route(self, record: Record) -> Routing:
        facts = sales_invoices.facts(record)
        return Routing(facts.number, facts.customer, facts.company, facts.site, facts.address, facts.invoice_date)

    def partner(self, record: Record) -> str | None:
        value = record.fields.get("BPCINV")
        return None if value is None else str(value)

    def gate(self, record: Record, spec: EntitySpec, agreement: Agreement | None = None) -> Gate:
        return sales_invoices.gate(record, spec, agreement)

    def content(self, record: Record, agreement: Agreement, book: Book) -> Content:
        return Content(sales_invoices.commercial(record), cancelled=False)

    def changed(self, now: Content) -> tuple[str, str]:
        return (
            "changed after sending, though nobody can change a posted invoice",
            "find out in Sage X3 what changed it; what the partner has is corrected by a credit note",
        )

    def rules(self, agreement: Agreement) -> set_810.Rules810:
        given = agreement.rules_810()
        credits = given["credit_notes"]
        made = {
            "delimiters": Delimiters(**given["delimiters"]),
            "credit_notes": None if credits is None else set_810.CreditNotes(**credits),
        }
        return set_810.Rules810(**{**given, **made})

    def write(self, record: Record, agreement: Agreement, book: Book, rules: set_810.Rules810) -> Written:
        invoice = sales_invoices.to_document(record, agreement, book)
        body = set_810.build(invoice, rules)
        summary = Summary(invoice.number, invoice.invoice_date, invoice.total, len(invoice.lines))
        return Written(summary, body, set_810.compare(invoice, rules, body))


class Deliveries:
    """Deliveries as 856, to the customer who ordered or the place that receives, as agreed."""

    entity, set_id, noun = "deliveries", "856", "delivery"
    roles: tuple[str, ...] = deliveries.ROLES

    def route(self, record: Record) -> Routing:
        facts = deliveries.facts(record)
        return Routing(facts.number, facts.customer, facts.company, facts.site, facts.address, facts.ship_date)

    def partner(self, record: Record) -> str | None:
        value = record.fields.get("BPCORD")
        return None if value is None else str(value)

    def gate(self, record: Record, spec: EntitySpec, agreement: Agreement | None = None) -> Gate:
        return deliveries.gate(record, spec, agreement)

    def content(self, record: Record, agreement: Agreement, book: Book) -> Content:
        return Content(deliveries.commercial(record, agreement), cancelled=False)

    def changed(self, now: Content) -> tuple[str, str]:
        return (
            "changed after sending, and the partner was told otherwise",
            "find out in Sage X3 what changed it, and tell the partner by other means",
        )

    def rules(self, agreement: Agreement) -> set_856.Rules856:
        given = agreement.rules_856()
        return set_856.Rules856(**{**given, "delimiters": Delimiters(**given["delimiters"])})

    def write(self, record: Record, agreement: Agreement, book: Book, rules: set_856.Rules856) -> Written:
        return self.write_shipment(deliveries.to_document(record, agreement, book), rules)

    def write_shipment(self, shipment: Shipment, rules: set_856.Rules856) -> Written:
        """Write a shipment, of one delivery or of a load, and read it back. Raises: as `write`."""
        body = set_856.build(shipment, rules)
        lines = sum(len(order.items) for order in shipment.orders)
        summary = Summary(shipment.number, shipment.ship_date, None, lines)
        return Written(summary, body, set_856.compare(shipment, rules, body))


DELIVERIES = Deliveries()
FLOWS: Mapping[str, Flow] = {flow.entity: flow for flow in (PurchaseOrders(), SalesInvoices(), DELIVERIES)}


def flow_of(entity: str) -> Flow:
    """The flow of one entity. Raises: SettingFault naming the known ones."""
    found = FLOWS.get(entity)
    if found is None:
        raise SettingFault("no documents are made of this entity", field="entity", value=entity,
                           expected=", ".join(sorted(FLOWS)))  # fmt: skip
    return found
