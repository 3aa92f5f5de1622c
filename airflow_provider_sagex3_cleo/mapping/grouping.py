"""Lines of a document that are one to the partner: the same item for several places, or on several days.

Sage X3 keeps a line for each place and day; a partner who takes SDQ or SCH wants one line with a split of its quantity.
It has the number of the first line that it stands for, and a part for each of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from decimal import Decimal
from typing import Any, Literal, TypeVar

from airflow_provider_sagex3_cleo.documents import EXACT, Destination, OrderLine, Party, ScheduledQuantity
from airflow_provider_sagex3_cleo.documents.charges import AllowanceOrCharge, net_of
from airflow_provider_sagex3_cleo.documents.invoice import InvoiceLine
from airflow_provider_sagex3_cleo.errors import UnmappedValue
from airflow_provider_sagex3_cleo.mapping.order_lines import TOLERANCE
from airflow_provider_sagex3_cleo.mapping.places import Place
from airflow_provider_sagex3_cleo.mapping.values import Row

__all__ = ["Split", "by_day", "by_place", "joined", "over_places"]

Line = TypeVar("Line", OrderLine, InvoiceLine)
_NOTHING = Decimal(0)
Split = Literal["destinations", "schedule"]


def by_place(lines: Sequence[OrderLine], rows: Sequence[Row], places: Sequence[Place]) -> tuple[OrderLine, ...]:
    """One line for all that differ in nothing but place and quantity, split over the places.

    Args:
        rows, places: those of each line.

    Raises:
        UnmappedValue: a place has no id, by which alone a split can name it."""
    for row, place in zip(rows, places, strict=True):
        if not place.party.identifier:
            raise UnmappedValue(
                "a split over several places names them by their ids, and this one has none",
                value=place.key,
                expected="an id",
                remedy=f"give {place.key} a `party` under `sites` in tables.yaml, or an id in the agreement",
                **row.where("PRHFCY"),
            )
    return over_places(lines, [place.party for place in places])


def over_places(lines: Sequence[Line], places: Sequence[Party]) -> tuple[Line, ...]:
    """One line for all that differ in nothing but place, quantity and amounts, split over the places (that of each)."""
    split = []
    for line, place in zip(lines, places, strict=True):
        part = Destination(ship_to=place, quantity=line.quantity, number=line.number)
        split.append(line.model_copy(update={"destinations": (part,)}))
    return _merged(split, "destinations")


def by_day(lines: Iterable[OrderLine]) -> tuple[OrderLine, ...]:
    """One line for all that differ in nothing but requested date and quantity, split over the days.

    A line without a date stays as it is."""
    split = []
    for line in lines:
        if line.requested_date is not None:
            part = ScheduledQuantity(requested_date=line.requested_date, quantity=line.quantity, number=line.number)
            line = line.model_copy(update={"requested_date": None, "schedule": (part,)})
        split.append(line)
    return _merged(split, "schedule")


def _merged(lines: Iterable[Line], name: Split) -> tuple[Line, ...]:
    groups: dict[Line, list[Line]] = {}
    for line in lines:
        without = {"number": 0, "quantity": 0, name: (), "allowances": _amounts(line, lambda _: _NOTHING)}
        same = line.model_copy(update=without | _amount(line, _NOTHING)) if getattr(line, name) else line
        groups.setdefault(same, []).append(line)
    return tuple(line for group in groups.values() for line in _one(group, name))


def _one(group: Sequence[Line], name: Split) -> Sequence[Line]:
    """The line that these are; they themselves where its amount, with the cents of each, is not quantity x price, or
    each has taxes of its own."""
    line = joined(group, name)
    if isinstance(line, InvoiceLine) and len(group) > 1:
        worth = EXACT.add(EXACT.multiply(line.quantity, line.unit_price), net_of(line.allowances))
        if line.taxes or EXACT.abs(EXACT.subtract(worth, line.amount)) > TOLERANCE:
            return group
    return [line]


def joined(lines: Sequence[Line], name: Split | None) -> Line:
    """One line for all of them, which are alike: the first one with the quantities, parts and discounts of all."""
    first, *others = lines
    if not others:
        return first
    quantity = first.quantity
    for line in others:
        quantity = EXACT.add(quantity, line.quantity)
    sums = [sum((line.allowances[n].amount for line in lines), _NOTHING) for n in range(len(first.allowances))]
    values = {"quantity": quantity, "allowances": _amounts(first, sums.__getitem__)}
    if name is not None:
        values[name] = tuple(part for line in lines for part in getattr(line, name))
    return first.model_copy(update=values | _amount(first, sum(map(_worth, lines), _NOTHING)))


def _worth(line: OrderLine | InvoiceLine) -> Decimal:
    """The amount of an invoice's line; of an order's, nothing."""
    return line.amount if isinstance(line, InvoiceLine) else _NOTHING


def _amount(line: OrderLine | InvoiceLine, amount: Decimal) -> dict[str, Any]:
    """Another amount for an invoice's line."""
    return {"amount": amount} if isinstance(line, InvoiceLine) else {}


def _amounts(line: OrderLine | InvoiceLine, amount: Callable[[int], Decimal]) -> tuple[AllowanceOrCharge, ...]:
    """The line's allowances and charges with other amounts, by their place."""
    return tuple(each.model_copy(update={"amount": amount(n)}) for n, each in enumerate(line.allowances))
