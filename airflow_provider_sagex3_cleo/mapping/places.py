"""Parties of a document: business partners as the record has them, and our sites as partners know them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from airflow_provider_sagex3_cleo.documents import Party, PostalAddress
from airflow_provider_sagex3_cleo.errors import FieldMissing, UnmappedValue
from airflow_provider_sagex3_cleo.mapping.values import Row
from airflow_provider_sagex3_cleo.partners.agreement import Agreement
from airflow_provider_sagex3_cleo.partners.base import PartyId
from airflow_provider_sagex3_cleo.partners.tables import Tables

__all__ = [
    "ORDER_FROM",
    "SHIP_TO",
    "PartyColumns",
    "Place",
    "header_party",
    "line_places",
    "our_site",
    "ship_to_codes",
    "shown",
]


@dataclass(frozen=True)
class Place:
    """One of our sites in a document; `key` is its entry in the sites table."""

    key: str
    party: Party


@dataclass(frozen=True)
class PartyColumns:
    """Where a header holds a business partner; `names` and `lines` are followed by the numbers of their places.

    `entity`, `partner` and `address` lead to its references: the entity, and the columns of the partner's code and of
    its address' code."""

    code: str
    names: str
    lines: str
    city: str
    state: str
    postal_code: str
    country: str
    entity: str
    partner: str
    address: str


SHIP_TO = PartyColumns(
    "BPAADD", "BPDNAM", "BPDADDLIG", "BPDCTY", "BPDSAT", "BPDPOSCOD", "BPDCRY", "customers", "BPCORD", "BPAADD"
)  # of customers
ORDER_FROM = PartyColumns(
    "BPSNUM", "BPRNAM", "BPAADDLIG", "CTY", "SAT", "POSCOD", "CRY", "suppliers", "BPSNUM", "BPAADD"
)


def header_party(head: Row, columns: PartyColumns, known_by: PartyId | None, tables: Tables) -> Party:
    """A business partner, with the name and address the header carries.

    With `parties_from: partners` a name or an address of which the header has nothing is that of the references.

    Raises:
        FieldMissing: no code.
        UnmappedValue: the country is not ISO and not in the table."""
    lines = tuple(text for i in range(3) if (text := head.text(f"{columns.lines}{i}")))
    city, state, postal = head.text(columns.city), head.text(columns.state), head.text(columns.postal_code)
    country = _country(head, columns.country, tables)
    filled = lines or city or state or postal or country
    party = Party(
        code=head.needed(columns.code),
        name=head.text(f"{columns.names}0"),
        name2=head.text(f"{columns.names}1"),
        identifier_kind=known_by.kind if known_by else None,
        identifier=known_by.id if known_by else None,
        address=PostalAddress(lines=lines, city=city, state=state, postal_code=postal, country=country)
        if filled
        else None,
    )
    if tables.parties_from == "partners" and (partner := head.text(columns.partner)):
        return _completed(party, partner, head.text(columns.address), columns.entity, head, tables)
    return party


def _completed(party: Party, partner: str, address: str | None, entity: str, head: Row, tables: Tables) -> Party:
    """The party with what the references have of a name or an address that the header lacks altogether.

    Raises:
        UnmappedValue: the country of that address is not ISO and not in the table."""
    found: dict[str, object] = {}
    known = tables.known.partners.get((entity, partner))
    if known and known.name and party.name is None and party.name2 is None:
        found = {"name": known.name, "name2": known.name2}
    code = address or (known.address if known else None)
    place = tables.known.addresses.get((partner, code or ""))
    if place and party.address is None:
        row = Row(head.record, {"CRY": place.country}, f"address {code} of {partner} ")
        found["address"] = PostalAddress(**{**place._asdict(), "country": _country(row, "CRY", tables)})
    return party.model_copy(update=found) if found else party


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
            known[codes] = our_site(row, "PRHFCY", *codes, agreement, tables, agreement.shown_ids.ship_to)
        places.append(known[codes])
    return places


def our_site(
    row: Row,
    column: str,
    site: str,
    address: str | None,
    agreement: Agreement,
    tables: Tables,
    kind: str | None = None,
) -> Place:
    """One of our sites by the sites table, with the id this partner knows it by, or its id of one `kind`.

    Raises:
        UnmappedValue: the site, or this address of it, is not in the table, or has no id of the kind."""
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
    known_here, entry = agreement.sites.get(key) or agreement.sites.get(site), tables.sites[key]
    if kind is None:
        return Place(key, entry.as_party(key, known_here))
    ids = (known_here, entry.party, *entry.more_ids)
    return Place(key, shown(entry.as_party(key), kind, ids, row.where(column), f"site {key} in tables.yaml"))


def shown(party: Party, kind: str | None, ids: Iterable[PartyId | None], where: dict[str, str], entry: str) -> Party:
    """The party with the id that the agreement wants shown of it: of this kind, or none for 'none'.

    Raises:
        UnmappedValue: `entry` has no id of this kind."""
    if kind is None:
        return party
    if kind == "none":
        return party.model_copy(update={"identifier_kind": None, "identifier": None})
    known = next((each for each in ids if each is not None and each.kind == kind), None)
    if known is None:
        raise UnmappedValue(
            f"the agreement shows the {kind} of this party, which is not known",
            value=party.code,
            expected=f"an id of kind {kind}",
            remedy=f"add it under `more_ids` of {entry}",
            **where,
        )
    return party.model_copy(update={"identifier_kind": known.kind, "identifier": known.id})


def _country(head: Row, column: str, tables: Tables) -> str | None:
    code = head.text(column)
    if code is None:
        return None
    country = tables.country(code)
    if country is None:
        raise UnmappedValue(
            "the country is unknown",
            value=code,
            expected="an ISO 3166-1 code",
            remedy=f"add {code} under `countries` in tables.yaml",
            **head.where(column),
        )
    return country
