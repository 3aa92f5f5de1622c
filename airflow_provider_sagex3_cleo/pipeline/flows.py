"""One flow per document family: how its records are routed, gated, compared, mapped and written.

The steps of the pipeline are the same for all; what differs is in here. A new family is a class and a line in `FLOWS`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, Protocol

from airflow_provider_sagex3_cleo.errors import SettingFault
from airflow_provider_sagex3_cleo.mapping import purchase_orders
from airflow_provider_sagex3_cleo.mapping.gates import Gate
from airflow_provider_sagex3_cleo.partners import Agreement, Book
from airflow_provider_sagex3_cleo.sagex3.reader import Record
from airflow_provider_sagex3_cleo.sagex3.spec import EntitySpec
from airflow_provider_sagex3_cleo.x12 import Delimiters, Finding, SetBody, set_850

__all__ = ["FLOWS", "Content", "Flow", "Routing", "Summary", "Written", "flow_of"]


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
    """What the ledger keeps of a document beside its transaction set."""

    number: str
    date: date
    amount: Decimal
    line_count: int


@dataclass(frozen=True)
class Written:
    """A document as its transaction set; `lost` are values that were not found again when it was read back."""

    summary: Summary
    body: SetBody
    lost: list[Finding]


class Flow(Protocol):
    """One document family. `role` is the partner's in agreements; `noun` is what a person calls the record."""

    entity: str
    set_id: str
    role: str
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

    def rules(self, agreement: Agreement) -> Any:
        """How this partner wants its set; worked out once per agreement."""
        ...

    def write(self, record: Record, agreement: Agreement, book: Book, rules: Any) -> Written:
        """Map and write it, and read it back.

        Raises: Hold and Quarantine errors naming field, value and remedy."""
        ...


class PurchaseOrders:
    """Purchase orders as 850, to the supplier they are ordered from."""

    entity, set_id, role, noun = "purchase_orders", "850", purchase_orders.ROLE, "order"

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

    def rules(self, agreement: Agreement) -> set_850.Rules850:
        given = agreement.rules_850()
        return set_850.Rules850(**{**given, "delimiters": Delimiters(**given["delimiters"])})

    def write(self, record: Record, agreement: Agreement, book: Book, rules: set_850.Rules850) -> Written:
        order = purchase_orders.to_document(record, agreement, book)
        body = set_850.build(order, rules)
        summary = Summary(order.number, order.order_date, order.total, len(order.lines))
        return Written(summary, body, set_850.compare(order, rules, body))


FLOWS: Mapping[str, Flow] = {flow.entity: flow for flow in (PurchaseOrders(),)}


def flow_of(entity: str) -> Flow:
    """The flow of one entity. Raises: SettingFault naming the known ones."""
    found = FLOWS.get(entity)
    if found is None:
        raise SettingFault("no documents are made of this entity", field="entity", value=entity,
                           expected=", ".join(sorted(FLOWS)))  # fmt: skip
    return found
