"""We as a party of a document, and the number by which the partner knows us."""

from __future__ import annotations

from airflow_provider_sagex3_cleo.documents import Party
from airflow_provider_sagex3_cleo.mapping.places import shown
from airflow_provider_sagex3_cleo.partners.agreement import Agreement
from airflow_provider_sagex3_cleo.partners.alignment import ENTITY_OF
from airflow_provider_sagex3_cleo.partners.base import PartyId
from airflow_provider_sagex3_cleo.partners.identities import Identity
from airflow_provider_sagex3_cleo.partners.tables import Tables

__all__ = ["our_party", "our_vendor_number"]


def our_party(
    identity: Identity, kind: str | None, agreement: Agreement, tables: Tables, where: dict[str, str]
) -> Party:
    """We, with the id that the agreement wants shown of us; `kind` as in `shown`.

    With `our_numbers_from: partners` the partner's own number of us is one more id. It is shown where the agreement
    asks for its kind and identities.yaml has none, or where identities.yaml has no id of us at all.

    Raises:
        UnmappedValue: no id of this kind is known."""
    number = _our_number(agreement, tables)
    own = PartyId(kind="assigned_by_seller" if _buys(agreement) else "assigned_by_buyer", id=number) if number else None
    if kind is None and identity.party is None and own is not None:
        kind = own.kind
    ids = (identity.party, *identity.more_ids, own)
    return shown(identity.us, kind, ids, where, f"identity {identity.key} in identities.yaml")


def our_vendor_number(agreement: Agreement, tables: Tables) -> str | None:
    """The number that the customer has given us: the agreement's, else Sage X3's with `our_numbers_from: partners`.

    Where the agreement gives the qualifier of this number to another reference, Sage X3's stays out."""
    if agreement.vendor_number is not None:
        return agreement.vendor_number
    taken = {rule.qualifier for rule in agreement.references.values()}
    return None if agreement.vendor_reference in taken else _our_number(agreement, tables)


def _buys(agreement: Agreement) -> bool:
    """Whether we are the buyer of the partner's goods."""
    return ENTITY_OF[agreement.role] == "suppliers"


def _our_number(agreement: Agreement, tables: Tables) -> str | None:
    if tables.our_numbers_from != "partners":
        return None
    known = tables.known.partners.get((ENTITY_OF[agreement.role], agreement.partner))
    return known.our_number if known else None
