"""An 850 that was read -> its values, found by qualifier. Knows nothing of how our own 850s are built."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from airflow_provider_sagex3_cleo.x12.model import SetBody
from airflow_provider_sagex3_cleo.x12.reader import TransactionSet
from airflow_provider_sagex3_cleo.x12.set_reading import (
    ReadCharge,
    ReadHeading,
    ReadItem,
    ReadParty,
    Row,
    as_charge,
    as_date,
    as_number,
    at,
    pairs,
    rows_of,
)

__all__ = ["ReadLine", "ReadOrder", "ReadParty", "read_back"]


FREE_FORM = "F"  # PID01
ReadDestination = tuple[str, str, str, Decimal | None]  # unit, kind of identifier, identifier, quantity
ReadSchedule = tuple[Decimal | None, str, str, date | None]  # quantity, unit, meaning of the date, date


@dataclass(slots=True)
class ReadLine(ReadItem):
    """One PO1 loop. `references` and `dates` are by their qualifiers (elements 128 and 374)."""

    references: dict[str, str] = field(default_factory=dict)
    charges: list[ReadCharge] = field(default_factory=list)
    destinations: list[ReadDestination] = field(default_factory=list)
    schedule: list[ReadSchedule] = field(default_factory=list)
    dates: dict[str, date | None] = field(default_factory=dict)
    note_references: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    parties: dict[str, ReadParty] = field(default_factory=dict)
    party: ReadParty | None = field(default=None, repr=False, compare=False)  # the N1 loop that is open

    def take(self, row: Row) -> None:
        """Take in a segment of this line; one it has no word for is passed over."""
        match row[0]:
            case "PID" if at(row, 1) == FREE_FORM or at(row, 4):  # the text beside a code, or instead of one
                self.descriptions.append(at(row, 5))
            case "REF" if self.party is None:
                self.references[at(row, 1)] = at(row, 2)
            case "SAC":
                self.charges.append(as_charge(row))
            case "SDQ":
                found = [(at(row, n), as_number(at(row, n + 1))) for n in range(3, len(row), 2)]
                self.destinations += [(at(row, 1), at(row, 2), *each) for each in found]
            case "SCH":
                self.schedule.append((as_number(at(row, 1)), at(row, 2), at(row, 5), as_date(at(row, 6))))
            case "DTM" if self.party is None:
                self.dates[at(row, 1)] = as_date(at(row, 2))
            case "N9":
                self.note_references.append(at(row, 1))
            case "MSG" | "MTX":
                self.notes.append(at(row, 1 if row[0] == "MSG" else 2))
            case "N1":
                self.party = ReadParty.begin(row)
                self.parties[self.party.role] = self.party
            case "N2" | "N3" | "N4" if self.party:
                self.party.take(row)


@dataclass(slots=True)
class ReadOrder(ReadHeading):
    """The values of one 850. Numbers and dates that cannot be read are None."""

    purpose: str = ""
    type: str = ""
    number: str = ""
    order_date: date | None = None
    currency: str = ""
    charges: list[ReadCharge] = field(default_factory=list)
    contacts: dict[str, dict[str, str]] = field(default_factory=dict)
    lines: list[ReadLine] = field(default_factory=list)
    line_count: str = ""
    hash_total: Decimal | None = None
    amounts: dict[str, Decimal | None] = field(default_factory=dict)
    totals: bool = field(default=False, repr=False, compare=False)  # CTT was read

    def take(self, row: Row) -> bool:
        """Take in a segment that neither begins the set nor a line; False for one it has no word for."""
        match row[0]:
            case "CTT":
                self.totals = True
                self.line_count, self.hash_total = at(row, 1), as_number(at(row, 2))
            case "AMT" if self.totals:
                self.amounts[at(row, 1)] = as_number(at(row, 2))
            case _ if self.totals:
                return False
            case _ if self.lines:
                self.lines[-1].take(row)
            case "CUR" if at(row, 1) == "BY":
                self.currency = at(row, 2)
            case "SAC":
                self.charges.append(as_charge(row))
            case "PER" if self.party is None:
                self.contacts[at(row, 1)] = {"name": at(row, 2), **pairs(row, 3)}
            case _:
                return ReadHeading.take(self, row)
        return True


def read_back(source: TransactionSet | SetBody) -> ReadOrder:
    """The values of an 850, whoever wrote it; segments it has no word for are passed over."""
    order = ReadOrder()
    for row in rows_of(source):
        match row[0]:
            case "BEG":
                order.purpose, order.type, order.number = at(row, 1), at(row, 2), at(row, 3)
                order.order_date = as_date(at(row, 5))
            case "PO1":
                order.lines.append(ReadLine.begin(row))
            case _:
                order.take(row)
    return order
