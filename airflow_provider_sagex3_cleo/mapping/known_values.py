"""Partners, addresses and units as references of Sage X3 have them, in few words: what `Known` holds of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from airflow_provider_sagex3_cleo.mapping.values import Row
from airflow_provider_sagex3_cleo.partners.known import KnownAddress, KnownPartner
from airflow_provider_sagex3_cleo.sagex3.reader import Record

__all__ = ["PARTNER_CODES", "known_address", "known_decimals", "known_description", "known_partner"]


@dataclass(frozen=True)
class _Columns:
    """Where a partner's values stand; of several columns the first that has one counts."""

    code: str
    names: tuple[str, ...]
    actives: tuple[str, ...]
    our_number: str


_PARTNERS: Final[Mapping[str, _Columns]] = {
    "suppliers": _Columns("BPSNUM", ("BPSNAM", "BPRNAM0"), ("ENAFLG",), "BPCNUMBPS"),
    "customers": _Columns("BPCNUM", ("BPCNAM", "BPRNAM0"), ("BPCSTA", "ENAFLG"), "BPCBPSNUM"),
}
_ACTIVE: Final[Mapping[Any, bool]] = {1: False, 2: True}  # local menu 1
_MOST_DECIMALS: Final = 9

#: Entities of partners, and the column of their code.
PARTNER_CODES: Final[Mapping[str, str]] = {entity: columns.code for entity, columns in _PARTNERS.items()}


def known_partner(entity: str, fields: Mapping[str, Any]) -> KnownPartner:
    """A supplier or customer (`PARTNER_CODES`) from the fields of its record."""
    columns, row = _PARTNERS[entity], Row("", fields)
    active = next((fields[name] for name in columns.actives if fields.get(name) is not None), None)
    return KnownPartner(
        name=_first(row, columns.names),
        name2=row.text("BPRNAM1"),
        active=_ACTIVE.get(active),
        address=row.text("BPAADD"),
        our_number=row.text(columns.our_number),
    )


def known_address(record: Record) -> tuple[tuple[str, str], KnownAddress] | None:
    """Codes of partner and address, and the address; None where nothing but its code is there."""
    row = Row(record.key, record.fields)
    address = KnownAddress(
        lines=tuple(text for n in range(3) if (text := row.text(f"BPAADDLIG{n}"))),
        city=row.text("CTY"),
        state=row.text("SAT"),
        postal_code=row.text("POSCOD"),
        country=row.text("CRY"),
    )
    codes = (row.text("BPANUM"), row.text("BPAADD"))
    return ((codes[0], codes[1]), address) if codes[0] and codes[1] and any(address) else None


def known_description(record: Record) -> str | None:
    """The first line of a product's description."""
    return Row(record.key, record.fields).text("ITMDES1")


def known_decimals(record: Record) -> int | None:
    """How many decimals a quantity in a unit may have; None where Sage X3 does not say it as a small whole number."""
    found = record.fields.get("UOMDEC")
    return found if type(found) is int and 0 <= found <= _MOST_DECIMALS else None


def _first(row: Row, columns: Iterable[str]) -> str | None:
    return next((text for column in columns if (text := row.text(column))), None)
