"""An 810 that was read -> its values, found by qualifier. Knows nothing of how our own 810s are built."""

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
    Row,
    as_charge,
    as_date,
    as_money,
    as_number,
    at,
    placed,
    rows_of,
    take_note,
)

__all__ = ["ReadCharge", "ReadInvoice", "ReadInvoiceLine", "ReadTax", "read_back"]


@dataclass(slots=True)
class ReadTax:
    """One TXI. Numbers that are not there are None, text ''."""

    kind: str
    amount: Decimal | None
    rate: Decimal | None
    jurisdiction_list: str
    jurisdiction: str
    exempt: str
    base: Decimal | None


@dataclass(slots=True)
class ReadInvoiceLine(ReadItem):
    """One IT1 loop. A REF that has a text (REF03) and no value is a note."""

    taxes: list[ReadTax] = field(default_factory=list)

    def take(self, row: Row) -> None:
        """Take in a segment of this line; one it has no word for is passed over."""
        match row[0]:
            case "TXI":
                self.taxes.append(_tax(row))
            case "REF" if self.party is None and at(row, 3) and not at(row, 2):
                take_note(self, row, 3)
            case _:
                ReadItem.take(self, row)


@dataclass(slots=True)
class ReadInvoice(ReadHeading):
    """The values of one 810. Numbers and dates that cannot be read are None; `total` is TDS01 as money."""

    number: str = ""
    invoice_date: date | None = None
    order_number: str = ""
    order_date: date | None = None
    release: str = ""
    type: str = ""
    currency: tuple[str, str] = ("", "")
    lines: list[ReadInvoiceLine] = field(default_factory=list)
    total: Decimal | None = None
    taxes: list[ReadTax] = field(default_factory=list)
    charges: list[ReadCharge] = field(default_factory=list)
    carrier: dict[int, str] = field(default_factory=dict)
    line_count: str = ""


def read_back(source: TransactionSet | SetBody) -> ReadInvoice:
    """The values of an 810, whoever wrote it; segments it has no word for are passed over."""
    invoice = ReadInvoice()
    line: ReadInvoiceLine | None = None
    for row in rows_of(source):
        if not invoice.lines and invoice.take(row):
            continue
        match row[0]:
            case "BIG":
                invoice.invoice_date, invoice.number = as_date(at(row, 1)), at(row, 2)
                invoice.order_date, invoice.order_number = as_date(at(row, 3)), at(row, 4)
                invoice.release, invoice.type = at(row, 5), at(row, 7)
            case "IT1":
                line = ReadInvoiceLine.begin(row)
                invoice.lines.append(line)
            case "TDS":
                invoice.total, line = as_money(at(row, 1)), None
            case _ if line:
                line.take(row)
            case "CUR":
                invoice.currency = at(row, 1), at(row, 2)
            case "TXI":
                invoice.taxes.append(_tax(row))
            case "SAC":
                invoice.charges.append(as_charge(row))
            case "CAD":
                invoice.carrier = placed(row)
            case "CTT":
                invoice.line_count = at(row, 1)
    return invoice


def _tax(row: Row) -> ReadTax:
    rate, base = as_number(at(row, 3)), as_number(at(row, 8))
    return ReadTax(at(row, 1), as_number(at(row, 2)), rate, at(row, 4), at(row, 5), at(row, 6), base)
