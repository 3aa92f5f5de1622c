"""What counts as a change of an order: its commercial content, free of receipts, printing, signatures and tables.

The fingerprint is made of Sage X3's own codes (item, unit, site), never of table entries or texts, so a corrected EAN,
an edited agreement or new code of ours never looks like a change.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property

from airflow_provider_sagex3_cleo.documents import EXACT, content_hash
from airflow_provider_sagex3_cleo.mapping.order_lines import (
    CLOSED,
    Ordered,
    coefficient,
    is_closed,
    line_rows,
    ordered,
    remaining,
    requested_date,
)
from airflow_provider_sagex3_cleo.mapping.places import ship_to_codes
from airflow_provider_sagex3_cleo.mapping.values import Row
from airflow_provider_sagex3_cleo.partners.agreement import Agreement
from airflow_provider_sagex3_cleo.partners.book import Book
from airflow_provider_sagex3_cleo.sagex3.reader import Record

__all__ = ["Fingerprint", "LinePrint", "commercial"]

_HEADER = ("supplier", "supplier_address", "order_date", "currency", "terms")
_LINE = ("item", "quantity", "unit", "price", "requested_date", "ship_to")


@dataclass(frozen=True)
class LinePrint:
    """One line that is still wanted. `quantity` counts `unit` (X3's order unit), `price` is per that unit, or names
    the unit it is per where the line has no coefficient."""

    number: int
    item: str
    quantity: str
    unit: str
    price: str
    requested_date: str | None
    ship_to: str


@dataclass(frozen=True)
class Fingerprint:
    """The commercial content of an order. No lines: nothing of it is wanted any more."""

    supplier: str
    supplier_address: str | None
    order_date: str | None
    currency: str | None
    terms: str | None
    lines: tuple[LinePrint, ...]

    @property
    def cancelled(self) -> bool:
        """Whether nothing is left: closed, and nothing received."""
        return not self.lines

    @cached_property
    def hash(self) -> str:
        """SHA-256 (hex) of the content."""
        header = {name: getattr(self, name) for name in _HEADER}
        return content_hash({**header, "lines": [vars(line) for line in self.lines]})

    def changes(self, later: Fingerprint) -> tuple[str, ...]:
        """What is different in `later`, one sentence each; empty when nothing is."""
        return tuple(_differences(self, later))


def commercial(record: Record, agreement: Agreement, book: Book) -> tuple[str, Fingerprint]:
    """Hash and content of what the supplier is asked for, closed lines counted with what was received of them.

    Args:
        agreement, book: part of this function's shape for every entity; of an order's content they change nothing.

    Raises:
        Quarantine, GateUnknown: the record is broken, or the state of a line is unknown."""
    head = Row(record.key, record.fields)
    all_closed, received = head.data.get("CLEFLG") == CLOSED, head.data.get("RCPFLG")
    lines = []
    for number, row in line_rows(record.key, record.lines):
        line = ordered(row)
        quantity = remaining(row, line, received) if all_closed or is_closed(row) else line.quantity
        if not quantity:
            continue
        site, address = ship_to_codes(row, head)
        day = requested_date(row, head)
        lines.append(
            LinePrint(
                number=number,
                item=row.needed("ITMREF"),
                quantity=_plain(quantity),
                unit=line.unit,
                price=_price(row, line),
                requested_date=day.isoformat() if day else None,
                ship_to=f"{site}/{address or ''}",
            )
        )
    order_date = head.day("ORDDAT")
    fingerprint = Fingerprint(
        supplier=head.needed("BPSNUM"),
        supplier_address=head.text("BPAADD"),
        order_date=order_date.isoformat() if order_date else None,
        currency=head.text("CUR"),
        terms=head.text("PTE"),
        lines=tuple(lines),
    )
    return fingerprint.hash, fingerprint


def _price(row: Row, line: Ordered) -> str:
    factor = coefficient(row, line)
    return (
        f"{_plain(line.price)} per {line.price_unit}" if factor is None else _plain(EXACT.multiply(line.price, factor))
    )


def _plain(value: Decimal) -> str:
    """The shortest plain text of a number: equal numbers give equal text."""
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _differences(before: Fingerprint, after: Fingerprint) -> Iterator[str]:
    if after.cancelled and not before.cancelled:
        yield "nothing of the order is left"
        return
    for name in _HEADER:
        yield from _field("order", name, getattr(before, name), getattr(after, name))
    was, now = ({line.number: line for line in each.lines} for each in (before, after))
    for number in sorted(was.keys() | now.keys()):
        if number not in now:
            yield f"line {number} is gone"
        elif number not in was:
            yield f"line {number} is new"
        else:
            for name in _LINE:
                yield from _field(f"line {number}", name, getattr(was[number], name), getattr(now[number], name))


def _field(where: str, name: str, was: object, now: object) -> Iterator[str]:
    if was != now:
        yield f"{where}: {name.replace('_', ' ')} {was} -> {now}"
