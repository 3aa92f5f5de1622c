"""An 856 that was read -> its levels, each with its values by qualifier. Knows nothing of how our own are built."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from airflow_provider_sagex3_cleo.x12.model import SetBody
from airflow_provider_sagex3_cleo.x12.reader import TransactionSet
from airflow_provider_sagex3_cleo.x12.set_reading import (
    ReadHeading,
    Row,
    as_date,
    as_number,
    at,
    pairs,
    placed,
    rows_of,
)

__all__ = ["ReadLevel", "ReadShipment", "read_back"]


@dataclass(slots=True)
class ReadLevel(ReadHeading):
    """One HL with what stands under it. What is not there is '' or None; `packages`, `carrier` are by element place."""

    number: str = ""
    parent: str = ""
    code: str = ""
    below: str = ""
    line: str = ""
    items: dict[str, str] = field(default_factory=dict)
    shipped_line: str = ""
    quantity: Decimal | None = None
    unit: str = ""
    ordered: tuple[Decimal | None, str] = (None, "")
    descriptions: list[str] = field(default_factory=list)
    order_number: str = ""
    release: str = ""
    order_date: date | None = None
    packages: dict[int, str] = field(default_factory=dict)
    carrier: dict[int, str] = field(default_factory=dict)
    referred: list[tuple[str, str]] = field(default_factory=list)
    marks: list[tuple[str, str]] = field(default_factory=list)
    times: dict[str, str] = field(default_factory=dict)

    def absorb(self, row: Row) -> None:
        """Take in a segment of this level; one it has no word for is passed over."""
        match row[0]:
            case "LIN":
                self.line, self.items = at(row, 1), pairs(row, 2)
            case "SN1":
                self.shipped_line, self.quantity, self.unit = at(row, 1), as_number(at(row, 2)), at(row, 3)
                self.ordered = as_number(at(row, 5)), at(row, 6)
            case "PID":
                self.descriptions.append(at(row, 5))
            case "PRF":
                self.order_number, self.release = at(row, 1), at(row, 2)
                self.order_date = as_date(at(row, 4))
            case "TD1":
                self.packages = placed(row)
            case "TD5":
                self.carrier = placed(row)
            case "MAN":
                self.marks.append((at(row, 1), at(row, 2)))
            case "REF" if self.party is None:
                self.referred.append((at(row, 1), at(row, 2)))  # one qualifier may come often
            case "DTM" if at(row, 3):
                self.take(row)
                self.times[at(row, 1)] = at(row, 3)
            case _:
                self.take(row)


@dataclass(slots=True)
class ReadShipment:
    """The values of one 856: its heading, its levels in order, its counts."""

    purpose: str = ""
    number: str = ""
    notice_date: date | None = None
    notice_time: str = ""
    structure: str = ""
    levels: list[ReadLevel] = field(default_factory=list)
    count: str = ""
    hash_total: Decimal | None = None


def read_back(source: TransactionSet | SetBody) -> ReadShipment:
    """The values of an 856, whoever wrote it; segments it has no word for are passed over."""
    shipment = ReadShipment()
    for row in rows_of(source):
        match row[0]:
            case "BSN":
                shipment.purpose, shipment.number = at(row, 1), at(row, 2)
                shipment.notice_date, shipment.notice_time = as_date(at(row, 3)), at(row, 4)
                shipment.structure = at(row, 5)
            case "HL":
                level = ReadLevel(number=at(row, 1), parent=at(row, 2), code=at(row, 3), below=at(row, 4))
                shipment.levels.append(level)
            case "CTT":
                shipment.count, shipment.hash_total = at(row, 1), as_number(at(row, 2))
            case _ if shipment.levels:
                shipment.levels[-1].absorb(row)
    return shipment
