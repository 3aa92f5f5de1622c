"""Cross-reference tables that all agreements share: units, items, sites, terms, carriers and the like."""

from __future__ import annotations

from functools import cached_property
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

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
    """`sites` is keyed 'SITE' or 'SITE/ADDRESS'; countries and currencies hold only what is not ISO already."""

    units: dict[Name, UnitCode] = Field(default_factory=dict)
    items: dict[Name, Item] = Field(default_factory=dict)
    gtin_from: Literal["table", "products"] = "table"
    sites: dict[Name, Site] = Field(default_factory=dict)
    currencies: dict[Name, Annotated[str, Field(pattern=r"^[A-Z]{3}$")]] = Field(default_factory=dict)
    countries: dict[Name, Annotated[str, Field(pattern=r"^[A-Z]{2,3}$")]] = Field(default_factory=dict)
    terms: dict[Name, PaymentTerms] = Field(default_factory=dict)
    charges: dict[Name, ChargeCode] = Field(default_factory=dict)
    taxes: dict[Name, TaxCode] = Field(default_factory=dict)
    carriers: dict[Name, Carrier] = Field(default_factory=dict)
    discount_columns: dict[Annotated[str, Field(pattern=r"^[1-9]$")], DiscountColumn] = Field(default_factory=dict)

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
