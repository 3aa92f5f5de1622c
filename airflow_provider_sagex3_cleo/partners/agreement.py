"""One partner agreement: what goes to whom, from when, in which form."""

from __future__ import annotations

import re
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field

from airflow_provider_sagex3_cleo.partners.base import (
    Day,
    Name,
    PartyId,
    PaymentTerms,
    Setting,
    TradingIds,
    UnitCode,
)
from airflow_provider_sagex3_cleo.partners.changing import ChangeRules
from airflow_provider_sagex3_cleo.partners.envelopes import Delimiters, EnvelopeIds
from airflow_provider_sagex3_cleo.partners.identities import Identity
from airflow_provider_sagex3_cleo.partners.invoicing import (
    ChargeCode,
    DiscountColumn,
    InvoiceRules,
    SacRules,
    TaxCode,
    invoice_clashes,
)
from airflow_provider_sagex3_cleo.partners.itemising import (
    GTIN_QUALIFIERS,
    ITEM_QUALIFIERS,
    ItemNumber,
    ItemRules,
    item_clashes,
)
from airflow_provider_sagex3_cleo.partners.ordering import (
    DateRule,
    IdChoice,
    NoteRules,
    PoNumberRules,
    ReferenceRule,
    date_clashes,
    reference_clashes,
)
from airflow_provider_sagex3_cleo.partners.shipping import Carrier, ShipmentRules

__all__ = [
    "GTIN_QUALIFIERS",
    "ITEM_QUALIFIERS",
    "SHIPMENT_ROLES",
    "Agreement",
    "Delimiters",
    "EnvelopeIds",
    "ItemNumber",
    "ItemRules",
    "PoNumberRules",
]

SHIPMENT_ROLES = ("ship_to", "sold_to")
_FAMILY = {"850": "orders", "860": "orders", "810": "invoices", "856": "shipments", "820": "payments"}
_FILE_FIELDS = frozenset({"set", "agreement", "partner", "isa13", "usage"})


def _folder(value: str) -> str:
    for part in value.strip("/").split("/"):
        if not re.fullmatch(r"[A-Za-z0-9._ -]+", part) or part.strip(". ") == "" or part != part.strip():
            raise ValueError(f"'{value}' is unsafe; expected parts of letters, digits, '-', '_', '.' joined by '/'")
        if part.lower() == "autorun":
            raise ValueError("a folder named 'autorun' is never written to: Cleo executes what lies there")
    return value


def _file_name(value: str) -> str:
    fields = re.findall(r"\{([^{}]*)\}", value)
    if unknown := [f for f in fields if f not in _FILE_FIELDS]:
        raise ValueError(f"unknown part {{{unknown[0]}}}; known: {', '.join(sorted(_FILE_FIELDS))}")
    if "isa13" not in fields:
        raise ValueError("must hold {isa13}: the name has to be unique and to name the interchange")
    rest = re.sub(r"\{[^{}]*\}", "x", value)
    if not re.fullmatch(r"[A-Za-z0-9_-][A-Za-z0-9._-]*", rest) or ".." in rest:
        raise ValueError(f"'{value}' is unsafe; expected letters, digits, '-', '_', '.' and parts in braces")
    return value


def _replacement(value: str) -> str:
    if len(value) != 1 or not value.isascii() or not value.isprintable():
        raise ValueError(f"{value!r} is no replacement; expected one printable ASCII character")
    return value


TextKind = Literal["name", "address", "city", "description", "notes"]
Role = Annotated[str, Field(pattern=r"^[A-Z0-9]{2,3}$")] | None
ReferenceQualifier = Annotated[str, Field(pattern=r"^[A-Z0-9]{2,3}$")] | None
Folder = Annotated[str, Field(min_length=1, max_length=200), AfterValidator(_folder)]
AgreementId = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]{0,39}$")]


class Agreement(Setting):
    """The unit of configuration: (our company and site, partner in a role, document set) between two dates.

    docs/agreements.md explains every key; a test keeps that page and this class equal."""

    id: AgreementId
    name: Name | None = None
    partner: Name
    role: Literal["supplier", "bill_to", "ship_to", "sold_to", "pay_to"] = "supplier"
    set_id: Annotated[Literal["850", "860", "810", "856", "820"], Field(alias="set")]
    company: Name | None = None
    site: Name | None = None
    order_address: Name | None = None
    effective_from: Day | None = None
    effective_to: Day | None = None
    stage: Literal["setup", "test", "parallel", "live"] = "setup"

    identity: Name | None = None
    ids: TradingIds | None = None
    test_ids: TradingIds | None = None
    shared_ids: bool = False
    party: PartyId | None = None
    vendor_number: Name | None = None
    partner_name: Name | None = None
    cleo_connection: Name | None = None
    cleo_user: Name | None = None

    folder: Folder | None = None
    test_folder: Folder | None = None
    pickup: Literal["never", "may"] = "may"
    file_name: Annotated[str, AfterValidator(_file_name)] = "{set}_{agreement}_{isa13}.edi"
    documents_per_interchange: Annotated[int, Field(ge=1, le=1000)] = 1
    documents_per_group: Annotated[int, Field(ge=1, le=1000)] | None = None
    settle_s: Annotated[int, Field(ge=0, le=86_400)] | None = None
    ack_within_h: Annotated[float, Field(gt=0, le=8_760)] | None = None
    ack_folder: Folder | None = None
    envelope: Literal["ours", "cleo"] = "ours"

    release: Literal["004010", "005010"] = "004010"
    version: Annotated[str, Field(pattern=r"^00[45]010[A-Z0-9]{0,6}$")] | None = None
    delimiters: Delimiters = Delimiters()
    ack_requested: bool = False
    replacement: Annotated[str, AfterValidator(_replacement)] | None = None
    charset: Literal["basic", "extended", "utf8"] = "extended"
    transliterate: bool = False
    split_text: bool = False
    order_type: Annotated[str, Field(pattern=r"^[A-Z0-9]{2}$")] = "SA"
    seller_role: Annotated[str, Field(pattern=r"^[A-Z0-9]{2}$")] | None = "SU"
    vendor_reference: ReferenceQualifier = "IA"
    internal_reference: ReferenceQualifier = "IL"
    currency: bool = True
    contact: bool = True
    line_dates: bool = True
    line_descriptions: bool = True
    hash_total: bool = True
    amount_total: bool = False

    items: ItemRules = ItemRules()
    units: dict[Name, UnitCode] = Field(default_factory=dict)
    sites: dict[Name, PartyId] = Field(default_factory=dict)
    quantity_unit: Literal["order", "price"] = "order"
    po_number: PoNumberRules = PoNumberRules()
    price_basis: Annotated[str, Field(pattern=r"^[A-Z]{2}$")] | None = None
    date_qualifier: Annotated[str, Field(pattern=r"^[0-9A-Z]{3}$")] | None = "002"
    line_ship_to: Literal["hold", "n1", "sdq"] = "hold"
    drop_ship: Literal["hold", "ignore"] = "hold"
    bill_to: Literal["none", "invoice_site"] = "none"
    terms: Literal["none", "send"] = "none"
    payment_terms: dict[Name, PaymentTerms] = Field(default_factory=dict)
    printed_only: bool = False
    invoice: InvoiceRules = InvoiceRules()
    charges: dict[Name, ChargeCode] = Field(default_factory=dict)
    taxes: dict[Name, TaxCode] = Field(default_factory=dict)
    addresses: dict[Name, PartyId] = Field(default_factory=dict)
    item_numbers: dict[Name, ItemNumber] = Field(default_factory=dict)
    shipment: ShipmentRules = ShipmentRules()
    carriers: dict[Name, Carrier] = Field(default_factory=dict)
    buyer_role: Role = "BY"
    ship_to_role: Role = "ST"
    bill_to_role: Role = "BT"
    shown_ids: IdChoice = IdChoice()
    references: dict[Name, ReferenceRule] = Field(default_factory=dict)
    line_references: dict[Name, ReferenceRule] = Field(default_factory=dict)
    notes: NoteRules = NoteRules()
    dates: dict[Name, DateRule] = Field(default_factory=dict)
    schedules: Literal["none", "sch"] = "none"
    too_long: dict[TextKind, Literal["hold", "cut", "split"]] = Field(default_factory=dict)
    discounts: Literal["net", "gross_with_sac"] = "net"
    discount_columns: dict[Annotated[str, Field(pattern=r"^[1-9]$")], DiscountColumn] = Field(default_factory=dict)
    sac: SacRules = SacRules()
    change: ChangeRules = ChangeRules()
    pack: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{0,59}$")] | None = None

    def clashes(self) -> list[tuple[str, str]]:
        """What does not go together inside this agreement: (key to look at, sentence)."""
        found = []
        if self.effective_from and self.effective_to and self.effective_to < self.effective_from:
            found.append(("effective_to", f"{self.effective_to} is before effective_from {self.effective_from}"))
        marks = self.delimiters.all()
        if len(set(marks)) < len(marks):
            found.append(("delimiters", f"two delimiters are the same: {' '.join(map(repr, marks))}"))
        if self.replacement in marks:
            found.append(("replacement", f"{self.replacement!r} is one of the delimiters"))
        if self.version and not self.version.startswith(self.release):
            found.append(("version", f"'{self.version}' does not belong to release {self.release}"))
        if self.envelope == "cleo" and self.ack_within_h is not None:
            found.append(("ack_within_h", "is never met: under `envelope: cleo` Cleo takes the acknowledgments itself"))
        if self.envelope == "cleo" and self.documents_per_group is not None:
            found.append(("documents_per_group", "says nothing: under `envelope: cleo` Cleo makes the groups"))
        if self.stage == "test" and self.folder and self.test_folder == self.folder:
            found.append(("test_folder", "is the live folder; test files need a folder of their own"))
        if "{partner}" in self.file_name and not re.fullmatch(r"[A-Za-z0-9._-]+", self.partner):
            found.append(("file_name", f"{{partner}} puts '{self.partner}' into file names, which is unsafe there"))
        if len(set(roles := self.shipment.roles())) < len(roles):
            found.append(("shipment", f"two parties have the same role: {' '.join(roles)}"))
        if self.set_id == "856" and self.role not in SHIPMENT_ROLES:
            found.append(("role", f"an 856 goes to {' or '.join(SHIPMENT_ROLES)}, not to '{self.role}'"))
        found += item_clashes(self.items, self.item_numbers, self.release)
        if self.schedules == "sch" and self.line_ship_to == "sdq":
            found.append(("schedules", "a line split over places (`line_ship_to: sdq`) has no room for one over days"))
        sent = [self.buyer_role, self.seller_role, self.ship_to_role, self.bill_to_role]
        roles = [role for role in sent[: 3 if self.bill_to == "none" else 4] if role]
        if self.set_id in ("850", "860") and len(set(roles)) < len(roles):
            found.append(("seller_role", f"two parties have the same role: {' '.join(roles)}"))
        for kind, policy in self.too_long.items():
            if policy == "split" and kind in ("address", "city"):
                found.append(("too_long", f"'{kind}' cannot be split; expected hold or cut"))
        found += date_clashes(self.dates, self.date_qualifier, self.schedules == "sch")
        credits, invoices = self.invoice.credit_notes, self.set_id == "810"
        own = (
            self.vendor_reference if self.vendor_number else None,
            self.internal_reference if self.set_id in ("850", "860") else None,
            credits.reference if credits and invoices else None,
        )
        line_own = (self.invoice.order_line_reference, self.invoice.line_note_reference) if invoices else ()
        found += reference_clashes(self.set_id, "references", self.references, own)
        found += reference_clashes(self.set_id, "line_references", self.line_references, line_own)
        if invoices:
            found += invoice_clashes(self.invoice, self.notes, self.line_ship_to, self.addresses)
        found += [("change", sentence) for sentence in self.change.clashes()]
        return found

    @property
    def usage(self) -> str:
        """ISA15 of what this agreement makes: 'P' for live and parallel, else 'T'."""
        return "P" if self.stage in ("live", "parallel") else "T"

    @property
    def by_load(self) -> bool:
        """One document speaks of all deliveries of a load."""
        return self.set_id == "856" and self.shipment.per == "load"

    @property
    def target_folder(self) -> str | None:
        """Cleo's folder for this stage, or None where the agreement does not say yet."""
        return self.folder if self.usage == "P" else self.test_folder

    @property
    def partner_ids(self) -> TradingIds | None:
        """The partner's envelope ids for this stage (test ids are the production ones where none are given)."""
        return self.test_ids or self.ids if self.usage == "T" else self.ids

    def missing(self) -> tuple[str, ...]:
        """Keys without which nothing can be sent at this stage, in the words of the file."""
        folder = "folder" if self.usage == "P" else "test_folder"
        wanted = {"effective_from": self.effective_from, "ids": self.partner_ids, folder: self.target_folder}
        return tuple(key for key, value in wanted.items() if value is None)

    def lane_key(self, identity: Identity) -> str:
        """Name of the lane: pair of identities, family of sets, usage. Order and one lease are kept per lane.

        Only for a complete agreement (`missing()` is empty)."""
        ours, theirs = self._pair(identity)
        pair = f"{ours.qualifier}:{ours.id}>{theirs.qualifier}:{theirs.id}"
        return f"{pair}/{_FAMILY[self.set_id]}/{self.usage}"

    def envelope_ids(self, identity: Identity) -> EnvelopeIds:
        """Envelope of an interchange from `identity` to the partner, for a complete agreement."""
        ours, theirs = self._pair(identity)
        return EnvelopeIds(
            release=self.release,
            version=self.version or self.release,
            usage=self.usage,
            sender_qualifier=ours.qualifier,
            sender_id=ours.id,
            receiver_qualifier=theirs.qualifier,
            receiver_id=theirs.id,
            gs_sender=ours.group_id,
            gs_receiver=theirs.group_id,
            ack_requested=self.ack_requested,
            charset=self.charset,
            delimiters=self.delimiters.model_dump(),
        )

    def _rules(self) -> dict[str, Any]:
        """Settings that every writer has; `delimiters` is a mapping."""
        return {
            "release": self.release,
            "delimiters": self.delimiters.model_dump(),
            "replacement": self.replacement,
            "charset": self.charset,
            "transliterate": self.transliterate,
            "split_text": self.split_text,
            "too_long": self.too_long,
            "line_descriptions": self.line_descriptions,
            "item_order": self.items.order,
            "references": {name: rule.qualifier for name, rule in self.references.items()},
            "line_references": {name: rule.qualifier for name, rule in self.line_references.items()},
        }

    def rules_810(self) -> dict[str, Any]:
        """Settings of the 810 writer; names as in its rules. `credit_notes` is a mapping or None."""
        ours = {"debit_notes", "several_orders", "order_number", "type"}  # these the mapping asks, or they differ
        return {
            **self._rules(),
            **self.invoice.model_dump(exclude=ours),
            "invoice_type": self.invoice.type,
            "currency_role": self.invoice.currency_role if self.currency else None,
            "vendor_reference": self.vendor_reference,
            "price_basis": self.price_basis,
            "note_reference": self.notes.qualifier,
            "terms": self.terms == "send",
        }

    def rules_850(self) -> dict[str, Any]:
        """Settings of the 850 writer; names as in its rules. `terms` holds PaymentTerms."""
        return {
            **self._rules(),
            **self.sac.model_dump(exclude={"footer_allowance", "footer_charge"}),
            "order_type": self.order_type,
            "note_reference": self.notes.qualifier,
            "buyer_role": self.buyer_role,
            "ship_to_role": self.ship_to_role,
            "bill_to_role": self.bill_to_role,
            "seller_role": self.seller_role,
            "vendor_reference": self.vendor_reference,
            "internal_reference": self.internal_reference,
            "currency": self.currency,
            "contact": self.contact,
            "line_dates": self.line_dates,
            "terms": dict(self.payment_terms) if self.terms == "send" else None,
            "price_basis": self.price_basis,
            "date_qualifier": self.date_qualifier,
            "dates": {name: rule.qualifier for name, rule in self.dates.items()},
            "hash_total": self.hash_total,
            "amount_total": self.amount_total,
        }

    def rules_856(self) -> dict[str, Any]:
        """Settings of the 856 writer; names as in its rules."""
        return {
            **self._rules(),
            **self.shipment.model_dump(exclude={"per", "load_number", "when", "tracking_field"}),  # asked before it
            "vendor_reference": self.vendor_reference,
            "hash_total": self.hash_total,
        }

    def rules_860(self) -> dict[str, Any]:
        """Settings of the 860 writer; names as in its rules. What it shares with the 850 is as there."""
        return {
            **self.rules_850(),
            **self.change.model_dump(exclude={"type"}),
            "change_type": self.change.type,
            "line_ship_to": self.line_ship_to == "n1",
        }

    def file_name_of(self, number: int) -> str:
        """Name of the file with this control number (ISA13), or file number where Cleo gives the envelope.

        A file number has a C before it, so that the names of the two never meet."""
        values = {"set": self.set_id, "agreement": self.id, "partner": self.partner, "usage": self.usage}
        return self.file_name.format(isa13=f"{'C' if self.envelope == 'cleo' else ''}{number:09d}", **values)

    def _pair(self, identity: Identity) -> tuple[TradingIds, TradingIds]:
        theirs = self.partner_ids
        if theirs is None:
            raise ValueError(f"agreement {self.id} has no ids; ask missing() first")
        return identity.trading_ids(self.usage), theirs

    def constraints(self) -> frozenset[str]:
        """What the agreement narrows itself to; a site implies its company."""
        named = {"order_address": self.order_address, "site": self.site, "company": self.company or self.site}
        return frozenset(key for key, value in named.items() if value is not None)

    def fits(self, company: str | None, site: str | None, address: str | None) -> bool:
        """Whether an order of this company, site and order address may fall under the agreement."""
        return self.company in (None, company) and self.site in (None, site) and self.order_address in (None, address)
