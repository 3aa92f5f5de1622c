"""Parties of a purchase order: the supplier, and our sites as partners know them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from airflow_provider_sagex3_cleo.documents import Party, PostalAddress
from airflow_provider_sagex3_cleo.errors import FieldMissing, UnmappedValue
from airflow_provider_sagex3_cleo.mapping.values import Row
from airflow_provider_sagex3_cleo.partners.agreement import Agreement
from airflow_provider_sagex3_cleo.partners.tables import Tables

__all__ = ["Place", "header_party", "line_places", "our_site", "ship_to_codes"]


@dataclass(frozen=True)
class Place:
    """One of our sites in a document; `key` is its entry in the sites table."""

    key: str
    party: Party


def header_party(head: Row, agreement: Agreement, tables: Tables) -> Party:
    """The supplier, with the address the order carries.

    Raises:
        FieldMissing: no supplier.
        UnmappedValue: the country is not ISO and not in the table."""
    lines = tuple(text for i in range(3) if (text := head.text(f"BPAADDLIG{i}")))
    city, state, postal = head.text("CTY"), head.text("SAT"), head.text("POSCOD")
    country = _country(head, tables)
    filled = lines or city or state or postal or country
    return Party(
        code=head.needed("BPSNUM"),
        name=head.text("BPRNAM0"),
        name2=head.text("BPRNAM1"),
        identifier_kind=agreement.party.kind if agreement.party else None,
        identifier=agreement.party.id if agreement.party else None,
        address=PostalAddress(lines=lines, city=city, state=state, postal_code=postal, country=country)
        if filled
        else None,
    )


def ship_to_codes(row: Row, head: Row) -> tuple[str, str | None]:
    """Site and address a line is delivered to; the order's receiving site is the default.

    Raises:
        FieldMissing: neither line nor header names a site."""
    site = row.text("PRHFCY")
    if site is not None:
        return site, row.text("FCYADD")
    default = head.text("RCPFCY")
    if default is None:
        raise FieldMissing("no receiving site on the line or the order", **row.where("PRHFCY"))
    return default, row.text("FCYADD")


def line_places(rows: Iterable[Row], head: Row, agreement: Agreement, tables: Tables) -> list[Place]:
    """Where each line is delivered to; lines that go to one site share one `Place`.

    Raises:
        FieldMissing: as `ship_to_codes`.
        UnmappedValue: a site is not in the table."""
    known: dict[tuple[str, str | None], Place] = {}
    places = []
    for row in rows:
        codes = ship_to_codes(row, head)
        if codes not in known:
            known[codes] = our_site(row, "PRHFCY", *codes, agreement, tables)
        places.append(known[codes])
    return places


def our_site(row: Row, column: str, site: str, address: str | None, agreement: Agreement, tables: Tables) -> Place:
    """One of our sites by the sites table, with the id this partner knows it by.

    Raises:
        UnmappedValue: the site, or this address of it, is not in the table."""
    key = tables.site_key(site, address)
    if key is None:
        wanted = f"{site}/{address}" if address else site
        raise UnmappedValue(
            "the site is not in the sites table",
            value=wanted,
            expected=f"an entry {wanted}" + (f" or {site}" if address else ""),
            remedy=f"add {wanted} under `sites` in tables.yaml",
            **row.where(column),
        )
    return Place(key, tables.sites[key].as_party(key, agreement.sites.get(key) or agreement.sites.get(site)))


def _country(head: Row, tables: Tables) -> str | None:
    code = head.text("CRY")
    if code is None:
        return None
    country = tables.country(code)
    if country is None:
        raise UnmappedValue(
            "the country is unknown",
            value=code,
            expected="an ISO 3166-1 code",
            remedy=f"add {code} under `countries` in tables.yaml",
            **head.where("CRY"),
        )
    return country
