"""An 860 that was read -> its values, found by qualifier. Knows nothing of how our own 860s are built."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Self

from airflow_provider_sagex3_cleo.x12.model import SetBody
from airflow_provider_sagex3_cleo.x12.reader import TransactionSet
from airflow_provider_sagex3_cleo.x12.set_850.reading import ReadLine, ReadOrder
from airflow_provider_sagex3_cleo.x12.set_reading import Row, as_date, as_number, at, pairs, rows_of

__all__ = ["ReadChange", "ReadChangedLine", "read_back"]


@dataclass(slots=True)
class ReadChangedLine(ReadLine):
    """One POC loop. `code` is POC02; `quantity` and `left` are POC03 and POC04 as they stand."""

    code: str = ""
    left: Decimal | None = None

    @classmethod
    def begin(cls, row: Row) -> Self:
        """The line that a POC opens."""
        return cls(
            number=at(row, 1),
            code=at(row, 2),
            quantity=as_number(at(row, 3)),
            left=as_number(at(row, 4)),
            unit=at(row, 5),
            unit_price=as_number(at(row, 6)),
            price_basis=at(row, 7),
            items=pairs(row, 8),
        )


@dataclass(slots=True)
class ReadChange(ReadOrder):
    """The values of one 860: those of an order's heading, the changed lines, number and day of the change."""

    sequence: str = ""
    change_date: date | None = None

    @property
    def changed(self) -> list[ReadChangedLine]:
        """The lines, as what they are."""
        return [line for line in self.lines if isinstance(line, ReadChangedLine)]


def read_back(source: TransactionSet | SetBody) -> ReadChange:
    """The values of an 860, whoever wrote it; segments it has no word for are passed over."""
    change = ReadChange()
    for row in rows_of(source):
        match row[0]:
            case "BCH":
                change.purpose, change.type, change.number = at(row, 1), at(row, 2), at(row, 3)
                change.sequence, change.order_date, change.change_date = (
                    at(row, 5),
                    as_date(at(row, 6)),
                    as_date(at(row, 11)),
                )
            case "POC":
                change.lines.append(ReadChangedLine.begin(row))
            case _:
                change.take(row)
    return change
