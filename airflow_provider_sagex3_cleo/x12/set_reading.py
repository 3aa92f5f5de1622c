"""What all readings of sets share: elements, numbers, dates, parties. Knows nothing of how our own sets are built."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from itertools import zip_longest
from typing import Self

from airflow_provider_sagex3_cleo.x12.model import SetBody
from airflow_provider_sagex3_cleo.x12.reader import TransactionSet

__all__ = [
    "ReadCharge",
    "ReadDestination",
    "ReadHeading",
    "ReadItem",
    "ReadParty",
    "Row",
    "as_charge",
    "as_date",
    "as_money",
    "as_number",
    "at",
    "pairs",
    "placed",
    "rows_of",
    "take_note",
]

Row = Sequence[str]


def rows_of(source: TransactionSet | SetBody) -> list[Row]:
    """The segments of a set as rows of elements."""
    if isinstance(source, SetBody):
        return list(source.segments)
    return [segment.elements for segment in source.segments]


def at(row: Row, place: int) -> str:
    """The element at `place` (1 is the first), '' if it is not there."""
    return row[place] if place < len(row) else ""


def pairs(row: Row, first: int) -> dict[str, str]:
    """Pairs of qualifier and value from element `first` on."""
    couples = zip_longest(row[first::2], row[first + 1 :: 2], fillvalue="")
    return {qualifier: value for qualifier, value in couples if qualifier}


def placed(row: Row) -> dict[int, str]:
    """The elements that are there: place -> value."""
    return {n: value for n, value in enumerate(row) if n and value}


@lru_cache(maxsize=4096)
def as_number(text: str) -> Decimal | None:
    """A number of type R, None if it is none."""
    try:
        return Decimal(text)
    except InvalidOperation:
        return None


@lru_cache(maxsize=4096)
def as_date(text: str) -> date | None:
    """A date CCYYMMDD, None if it is none."""
    if len(text) != 8 or not (text.isascii() and text.isdecimal()):
        return None
    try:
        return date(int(text[:4]), int(text[4:6]), int(text[6:]))
    except ValueError:
        return None


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

    @classmethod
    def begin(cls, row: Row) -> ReadParty:
        """The party that an N1 opens."""
        return cls(at(row, 1), at(row, 2), at(row, 3), at(row, 4))

    def take(self, row: Row) -> None:
        """Take in an N2, N3 or N4 of this party."""
        match row[0]:
            case "N2":
                self.more_names += [x for x in row[1:] if x]
            case "N3":
                self.address += [x for x in row[1:] if x]
            case "N4":
                self.city, self.state, self.postal_code, self.country = (at(row, n) for n in (1, 2, 3, 4))


@dataclass(slots=True)
class ReadCharge:
    """One SAC; `indicator` A allows, C charges; `amount` in whole money, not cents."""

    indicator: str
    code: str
    amount: Decimal | None
    percent_basis: str
    percent: Decimal | None
    method: str
    description: str


ReadDestination = tuple[str, str, str, Decimal | None]  # unit, kind of identifier, identifier, quantity


@dataclass(slots=True)
class ReadItem:
    """One priced line (PO1, IT1). `items` maps qualifiers of element 235 to references, `references` those of 128."""

    number: str
    quantity: Decimal | None
    unit: str
    unit_price: Decimal | None
    price_basis: str
    items: dict[str, str]
    descriptions: list[str] = field(default_factory=list)
    references: dict[str, str] = field(default_factory=dict)
    charges: list[ReadCharge] = field(default_factory=list)
    destinations: list[ReadDestination] = field(default_factory=list)
    note_references: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    parties: dict[str, ReadParty] = field(default_factory=dict)
    party: ReadParty | None = field(default=None, repr=False, compare=False)  # the N1 loop that is open

    @classmethod
    def begin(cls, row: Row) -> Self:
        """The line that a PO1 or IT1 opens: both begin alike."""
        quantity, price = as_number(at(row, 2)), as_number(at(row, 4))
        return cls(at(row, 1), quantity, at(row, 3), price, at(row, 5), pairs(row, 6))

    def take(self, row: Row) -> None:
        """Take in a segment of this line; one it has no word for is passed over."""
        match row[0]:
            case "PID":
                self.descriptions.append(at(row, 5))
            case "REF" if self.party is None:
                self.references[at(row, 1)] = at(row, 2)
            case "SAC":
                self.charges.append(as_charge(row))
            case "SDQ":
                found = [(at(row, n), as_number(at(row, n + 1))) for n in range(3, len(row), 2)]
                self.destinations += [(at(row, 1), at(row, 2), *each) for each in found]
            case "N1":
                self.party = ReadParty.begin(row)
                self.parties[self.party.role] = self.party
            case "N2" | "N3" | "N4" if self.party:
                self.party.take(row)


@dataclass(slots=True)
class ReadHeading:
    """What headings of sets share: references, dates and terms by qualifier or place, notes, parties by role."""

    references: dict[str, str] = field(default_factory=dict)
    parties: dict[str, ReadParty] = field(default_factory=dict)
    terms: dict[int, str] = field(default_factory=dict)
    dates: dict[str, date | None] = field(default_factory=dict)
    note_references: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    party: ReadParty | None = field(default=None, repr=False, compare=False)  # the N1 loop that is open

    def take(self, row: Row) -> bool:
        """Take in a segment of the heading; False for one that is none of these. What a party says about itself beyond
        its address is passed over."""
        match row[0]:
            case "REF" if self.party is None:
                self.references[at(row, 1)] = at(row, 2)
            case "N1":
                self.party = ReadParty.begin(row)
                self.parties[self.party.role] = self.party
            case "N2" | "N3" | "N4" if self.party:
                self.party.take(row)
            case "ITD":
                self.terms = placed(row)
            case "DTM":
                self.dates[at(row, 1)] = as_date(at(row, 2))
            case "N9":
                self.note_references.append(at(row, 1))
            case "MSG" | "MTX":
                self.notes.append(at(row, 1 if row[0] == "MSG" else 2))
            case "NTE":
                take_note(self, row, 2)
            case _:
                return False
        return True


def take_note(into: ReadHeading | ReadItem, row: Row, place: int) -> None:
    """Take in a text that stands beside its qualifier (element 1): those that follow each other have it once."""
    if into.note_references[-1:] != [at(row, 1)]:
        into.note_references.append(at(row, 1))
    into.notes.append(at(row, place))


def as_charge(row: Row) -> ReadCharge:
    """One SAC."""
    amount, percent = as_money(at(row, 5)), as_number(at(row, 7))
    return ReadCharge(at(row, 1), at(row, 2), amount, at(row, 6), percent, at(row, 12), at(row, 15))


def as_money(text: str) -> Decimal | None:
    """An amount of type N2: the last two digits are cents."""
    number = as_number(text)
    return None if number is None else number.scaleb(-2)
