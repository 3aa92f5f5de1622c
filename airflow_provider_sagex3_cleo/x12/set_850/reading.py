"""An 850 that was read -> its values, found by qualifier. Knows nothing of how our own 850s are built."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal, InvalidOperation
from functools import lru_cache

from airflow_provider_sagex3_cleo.x12.model import SetBody
from airflow_provider_sagex3_cleo.x12.reader import TransactionSet

__all__ = ["ReadLine", "ReadOrder", "ReadParty", "read_back"]

Row = Sequence[str]


@dataclass(slots=True)
class ReadParty:
    """One N1 loop. Parts that are not there are ''."""

    role: str
    name: str = ""
    id_qualifier: str = ""
    identifier: str = ""
    more_names: list[str] = field(default_factory=list)
    address: list[str] = field(default_factory=list)
    city: str = ""
    state: str = ""
    postal_code: str = ""
    country: str = ""


@dataclass(slots=True)
class ReadLine:
    """One PO1 loop. `items` maps qualifiers of element 235 to references; `dates` those of 374 to dates."""

    number: str
    quantity: Decimal | None
    unit: str
    unit_price: Decimal | None
    price_basis: str
    items: dict[str, str] = field(default_factory=dict)
    descriptions: list[str] = field(default_factory=list)
    dates: dict[str, date | None] = field(default_factory=dict)
    note_references: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    parties: dict[str, ReadParty] = field(default_factory=dict)


@dataclass(slots=True)
class ReadOrder:
    """The values of one 850. Numbers and dates that cannot be read are None."""

    purpose: str = ""
    type: str = ""
    number: str = ""
    order_date: date | None = None
    currency: str = ""
    references: dict[str, str] = field(default_factory=dict)
    contacts: dict[str, dict[str, str]] = field(default_factory=dict)
    terms: dict[int, str] = field(default_factory=dict)
    dates: dict[str, date | None] = field(default_factory=dict)
    note_references: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    parties: dict[str, ReadParty] = field(default_factory=dict)
    lines: list[ReadLine] = field(default_factory=list)
    line_count: str = ""
    hash_total: Decimal | None = None
    amounts: dict[str, Decimal | None] = field(default_factory=dict)


def read_back(source: TransactionSet | SetBody) -> ReadOrder:
    """The values of an 850, whoever wrote it; segments it has no word for are passed over."""
    rows: list[Row] = (
        list(source.segments) if isinstance(source, SetBody) else [segment.elements for segment in source.segments]
    )
    order, party, totals = ReadOrder(), None, False
    line: ReadLine | None = None
    for row in rows:
        at = order if line is None else line
        match row[0]:
            case "BEG":
                order.purpose, order.type, order.number = _at(row, 1), _at(row, 2), _at(row, 3)
                order.order_date = _date(_at(row, 5))
            case "CUR" if _at(row, 1) == "BY" and line is None:
                order.currency = _at(row, 2)
            case "REF" if party is None and line is None:
                order.references[_at(row, 1)] = _at(row, 2)
            case "PER" if party is None and line is None:
                numbers = {_at(row, n): _at(row, n + 1) for n in (3, 5, 7) if _at(row, n)}
                order.contacts[_at(row, 1)] = {"name": _at(row, 2), **numbers}
            case "ITD" if line is None:
                order.terms = {n: value for n, value in enumerate(row) if n and value}
            case "DTM" if party is None:
                at.dates[_at(row, 1)] = _date(_at(row, 2))
            case "N9":
                at.note_references.append(_at(row, 1))
            case "MSG":
                at.notes.append(_at(row, 1))
            case "MTX":
                at.notes.append(_at(row, 2))
            case "N1":
                party = ReadParty(_at(row, 1), _at(row, 2), _at(row, 3), _at(row, 4))
                at.parties[party.role] = party
            case "N2" if party:
                party.more_names += [x for x in row[1:] if x]
            case "N3" if party:
                party.address += [x for x in row[1:] if x]
            case "N4" if party:
                party.city, party.state = _at(row, 1), _at(row, 2)
                party.postal_code, party.country = _at(row, 3), _at(row, 4)
            case "PO1":
                party = None
                line = ReadLine(_at(row, 1), _number(_at(row, 2)), _at(row, 3), _number(_at(row, 4)), _at(row, 5))
                line.items = {_at(row, n): _at(row, n + 1) for n in range(6, len(row), 2) if _at(row, n)}
                order.lines.append(line)
            case "PID" if line is not None:
                line.descriptions.append(_at(row, 5))
            case "CTT":
                totals, line, party = True, None, None
                order.line_count, order.hash_total = _at(row, 1), _number(_at(row, 2))
            case "AMT" if totals:
                order.amounts[_at(row, 1)] = _number(_at(row, 2))
    return order


def _at(row: Row, place: int) -> str:
    return row[place] if place < len(row) else ""


def _number(text: str) -> Decimal | None:
    try:
        return Decimal(text)
    except InvalidOperation:
        return None


@lru_cache(maxsize=4096)
def _date(text: str) -> date | None:
    if len(text) != 8 or not (text.isascii() and text.isdecimal()):
        return None
    try:
        return date(int(text[:4]), int(text[4:6]), int(text[6:]))
    except ValueError:
        return None
