"""Cross-reference tables that all agreements share: units, items, sites, terms, carriers and the like."""

from __future__ import annotations

from functools import cached_property
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, Field, PrivateAttr

from airflow_provider_sagex3_cleo.documents import Party, PostalAddress
from airflow_provider_sagex3_cleo.partners.base import (
    Address,
    ContactDesk,
    Name,
    PartyId,
    PaymentTerms,
    Setting,
    UnitCode,
    gtin_fault,
)
from airflow_provider_sagex3_cleo.partners.invoicing import ChargeCode, DiscountColumn, TaxCode
from airflow_provider_sagex3_cleo.partners.iso import COUNTRIES, CURRENCIES
from airflow_provider_sagex3_cleo.partners.known import Known
from airflow_provider_sagex3_cleo.partners.shipping import Carrier

__all__ = ["Item", "Site", "Tables"]


def _gtin(value: str) -> str:
    if fault := gtin_fault(value):
        raise ValueError(f"'{value}' is no GTIN: {fault}")
    return value


class Item(Setting):
    """References of one of our items that Sage X3 does not deliver with the order.

    `vendor` holds each partner's own number (supplier's or customer's) by the partner's code; the number on the order
    line wins."""

    gtin: Annotated[str, AfterValidator(_gtin)] | None = None
    manufacturer: Name | None = None
    vendor: dict[Name, Name] = Field(default_factory=dict)


class Site(Setting):
    """One of our sites, or one address of it, as partners know it."""

    name: Name
    name2: Name | None = None
    party: PartyId | None = None
    more_ids: tuple[PartyId, ...] = ()
    address: Address | None = None
    contact: ContactDesk | None = None

    @cached_property
    def _postal(self) -> PostalAddress | None:
        return self.address.postal() if self.address else None

    def as_party(self, code: str, party: PartyId | None = None) -> Party:
        """This site in a document; `party` is what one partner knows it by, in place of the common id."""
        known = party or self.party
        return Party(
            code=code,
            name=self.name,
            name2=self.name2,
            identifier_kind=known.kind if known else None,
            identifier=known.id if known else None,
            address=self._postal,
            contact=self.contact.contact() if self.contact else None,
        )


class Tables(Setting):
    """`sites` is keyed 'SITE' or 'SITE/ADDRESS'; countries and currencies hold only what is not ISO already.

    Keys that end in `_from`, and `inactive_partner` and `unit_decimals`, say what is asked of the references of Sage X3
    that the ledger keeps; what they say is in `known`, and without such a key nothing is."""

    units: dict[Name, UnitCode] = Field(default_factory=dict)
    items: dict[Name, Item] = Field(default_factory=dict)
    gtin_from: Literal["table", "products"] = "table"
    descriptions_from: Literal["record", "products"] = "record"
    parties_from: Literal["record", "partners"] = "record"
    our_numbers_from: Literal["agreement", "partners"] = "agreement"
    inactive_partner: Literal["send", "hold_orders", "hold"] = "send"
    unit_decimals: Literal["ignore", "hold"] = "ignore"
    sites: dict[Name, Site] = Field(default_factory=dict)
    currencies: dict[Name, Annotated[str, Field(pattern=r"^[A-Z]{3}$")]] = Field(default_factory=dict)
    countries: dict[Name, Annotated[str, Field(pattern=r"^[A-Z]{2,3}$")]] = Field(default_factory=dict)
    terms: dict[Name, PaymentTerms] = Field(default_factory=dict)
    charges: dict[Name, ChargeCode] = Field(default_factory=dict)
    taxes: dict[Name, TaxCode] = Field(default_factory=dict)
    carriers: dict[Name, Carrier] = Field(default_factory=dict)
    discount_columns: dict[Annotated[str, Field(pattern=r"^[1-9]$")], DiscountColumn] = Field(default_factory=dict)
    _known: Known = PrivateAttr(default_factory=Known)

    @property
    def known(self) -> Known:
        """What Sage X3's references say of what was asked for."""
        return self._known

    def knowing(self, known: Known, **changed: Any) -> Self:
        """The same tables with what the references say, and with these keys changed."""
        tables = self.model_copy(update=changed)
        tables._known = known
        return tables

    def currency(self, code: str) -> str | None:
        """ISO 4217 code of an X3 currency, or None where nobody has told."""
        return self.currencies.get(code) or (code if code in CURRENCIES else None)

    def country(self, code: str) -> str | None:
        """ISO 3166-1 code of an X3 country, or None where nobody has told."""
        return self.countries.get(code) or (code if code in COUNTRIES else None)

    @cached_property
    def _told_apart(self) -> frozenset[str]:
        """Sites whose addresses have entries of their own."""
        return frozenset(key.split("/", 1)[0] for key in self.sites if "/" in key)

    def site_key(self, site: str, address: str | None) -> str | None:
        """Key of the entry for a site and one of its addresses, or None.

        The site's own entry serves all its addresses as long as none has an entry of its own; from then on each
        address needs one, because goods could go to the wrong door."""
        if address and (key := f"{site}/{address}") in self.sites:
            return key
        return site if site in self.sites and not (address and site in self._told_apart) else None
