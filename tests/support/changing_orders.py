"""An order that lives: edits, receipts, closings; what its supplier must know of it, worked out by rules of its own."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, Literal

from hypothesis import strategies as st

from airflow_provider_sagex3_cleo.documents import (
    Destination,
    ItemReferences,
    OrderLine,
    Party,
    PurchaseOrder,
    ScheduledQuantity,
)

FIRST_DAY = date(2026, 12, 1)
UNITS = ("EA", "CA", "KG")
TERMS = ("NET30", "NET60")
CURRENCIES = ("USD", "CAD")

quantities = st.integers(1, 40).map(Decimal) | st.decimals("0.5", "40", places=2)
prices = st.decimals("0.01", "999", places=4)
days, places, items = st.integers(0, 5), st.integers(0, 2), st.integers(1, 9)
line_index = st.integers(0, 7)
line_values = st.fixed_dictionaries(
    {
        "item": items,
        "quantity": quantities,
        "unit": st.sampled_from(UNITS),
        "price": prices,
        "day": days,
        "place": places,
    }
)
edits = st.one_of(
    st.tuples(st.just("add"), line_values),
    st.tuples(st.just("delete"), line_index),
    st.tuples(st.just("quantity"), line_index, quantities),
    st.tuples(st.just("price"), line_index, prices),
    st.tuples(st.just("day"), line_index, days),
    st.tuples(st.just("place"), line_index, places),
    st.tuples(st.just("item"), line_index, items),
    st.tuples(st.just("unit"), line_index, st.sampled_from(UNITS)),
    st.tuples(st.just("receive"), line_index, st.sampled_from(["0.25", "0.5", "1", "1.2"])),
    st.tuples(st.just("close"), line_index),
    st.tuples(st.just("reopen"), line_index),
    st.just(("close_all",)),
    st.tuples(st.just("terms"), st.sampled_from(TERMS)),
    st.tuples(st.just("currency"), st.sampled_from(CURRENCIES)),
    st.tuples(st.just("order_date"), days),
)
rounds = st.lists(st.lists(edits, min_size=1, max_size=5), min_size=2, max_size=6)


@dataclass
class LivingLine:
    """A line as the ERP has it."""

    item: int
    quantity: Decimal
    unit: str
    price: Decimal
    day: int
    place: int
    received: Decimal = Decimal(0)
    closed: bool = False


@dataclass
class LivingOrder:
    """An order as the ERP has it. With `one_day` or `one_place` all lines are wanted on one day, at one place.

    `split`: the supplier takes lines of one item, unit and price as one line, split over places or days."""

    one_day: bool
    one_place: bool
    split: Literal["", "places", "days"] = ""
    lines: dict[int, LivingLine] = field(default_factory=dict)
    terms: str = TERMS[0]
    currency: str = CURRENCIES[0]
    order_date: int = 0
    next_number: int = 1000

    @property
    def open(self) -> dict[int, LivingLine]:
        return {number: line for number, line in self.lines.items() if not line.closed}

    def edit(self, what: str, *how: Any) -> None:
        """One edit of a person, or a receipt; one that the ERP would not allow does nothing."""
        if what in ("terms", "currency", "order_date"):
            setattr(self, what, how[0])
        elif what == "add":
            self._add(**how[0])
        elif what == "close_all":
            for line in self.lines.values():
                line.closed = True
        elif what == "reopen":
            if self.lines:
                list(self.lines.values())[how[0] % len(self.lines)].closed = False
        elif self.open:
            number, line = list(self.open.items())[how[0] % len(self.open)]
            self._edit_line(what, number, line, *how[1:])

    def _add(self, **values: Any) -> None:
        line = LivingLine(**values)
        for other in self.lines.values():
            line.day = other.day if self.one_day else line.day
            line.place = other.place if self.one_place else line.place
        if self.split and self.open and line.item % 3:  # most are parts of a line that is there
            other = list(self.open.values())[line.item % len(self.open)]
            line.item, line.unit, line.price = other.item, other.unit, other.price
        self.lines[self.next_number] = line
        self.next_number += 1000

    def _edit_line(self, what: str, number: int, line: LivingLine, value: Any = None) -> None:
        together = (what == "day" and self.one_day) or (what == "place" and self.one_place)
        if what == "close":
            line.closed = True
        elif what == "receive":
            line.received += (line.quantity * Decimal(value)).quantize(Decimal("0.01"))
        elif what == "delete":
            if not line.received:
                del self.lines[number]
        elif what in ("unit", "item") and line.received:
            pass
        else:
            alike = [each for each in self.open.values() if self.split and self._alike(each, line)]
            several = [line, *alike] if what in ("unit", "item", "price") and number % 4000 else [line]
            for each in self.lines.values() if together else several:
                if not (what in ("unit", "item") and each.received):
                    setattr(each, what, value)

    @staticmethod
    def _alike(one: LivingLine, other: LivingLine) -> bool:
        return (one.item, one.unit, one.price) == (other.item, other.unit, other.price)

    def document(self) -> PurchaseOrder | None:
        """The order as the mapping makes it: open lines, the first one's place and the common day in the heading."""
        lines = self.open
        if not lines:
            return None
        main = next(iter(lines.values())).place
        wanted = {line.day for line in lines.values()}
        return PurchaseOrder(
            number="POH260000417",
            order_date=day(self.order_date),
            currency=self.currency,
            terms=self.terms,
            buyer=site(9),
            supplier=Party(code="SUP", name="Example Tools"),
            ship_to=site(main),
            requested_date=day(wanted.pop()) if len(wanted) == 1 else None,
            lines=tuple(self._ordered(lines, main)),
        )

    def _ordered(self, lines: dict[int, LivingLine], main: int) -> Iterator[OrderLine]:
        """The lines one by one, or those that differ in place or day, and quantity, as one, numbered as the first."""
        split = self.split if self.split != "places" or len({line.place for line in lines.values()}) > 1 else ""
        groups: dict[object, dict[int, LivingLine]] = {}
        for number, line in lines.items():
            same = {"": number, "places": (line.day,), "days": (line.place,)}[split]
            groups.setdefault((same, split and (line.item, line.unit, line.price)), {})[number] = line
        for group in groups.values():
            number, first = next(iter(group.items()))
            place = None if first.place == main or split == "places" else site(first.place)
            yield OrderLine(
                number=number,
                item=ItemReferences(
                    buyer=f"BP{first.item}", vendor=f"VP-{first.item}", description=f"Item {first.item}"
                ),
                quantity=sum((line.quantity for line in group.values()), Decimal(0)),
                unit=first.unit,
                unit_price=first.price,
                requested_date=None if split == "days" else day(first.day),
                ship_to=place,
                destinations=tuple(
                    Destination(ship_to=site(line.place), quantity=line.quantity, number=n) for n, line in group.items()
                )
                if split == "places"
                else (),
                schedule=tuple(
                    ScheduledQuantity(requested_date=day(line.day), quantity=line.quantity, number=n)
                    for n, line in group.items()
                )
                if split == "days"
                else (),
            )

    def received(self) -> dict[int, Decimal]:
        return {number: line.received for number, line in self.lines.items()}


@dataclass
class Known:
    """What the supplier must know: the lines by number, the heading; nothing more once it is cancelled."""

    lines: dict[int, LivingLine]
    heading: tuple[str, str, int]
    cancelled: bool = False

    @classmethod
    def first(cls, order: LivingOrder) -> Known:
        return cls({n: replace(x) for n, x in order.open.items()}, (order.terms, order.currency, order.order_date))

    def later(self, order: LivingOrder) -> Known:
        """By the trading rules: closed is not cancelled; what was never sent and is closed was never there."""
        if not order.open and not any(order.lines[n].received for n in self.lines if n in order.lines):
            return Known(self.lines, self.heading, cancelled=True)
        lines = {n: replace(x) for n, x in order.open.items()}
        for number, line in lines.items():
            if not left(line) and number in self.lines:  # where and when it came is past
                line.day, line.place = self.lines[number].day, self.lines[number].place
        for number, known in self.lines.items():
            received = order.lines[number].received if number in order.lines else Decimal(0)
            if number not in lines and received:
                lines[number] = replace(known, quantity=min(known.quantity, received), received=received, closed=True)
        return Known(lines, (order.terms, order.currency, order.order_date) if order.open else self.heading)

    def same(self, later: Known) -> bool:
        """Whether nothing is different for the supplier: of what has come, day and place are past."""
        if (self.heading, self.cancelled, self.lines.keys()) != (later.heading, later.cancelled, later.lines.keys()):
            return False
        return all(_alike(line, later.lines[number]) for number, line in self.lines.items())

    def split(
        self, over: Literal["", "places", "days"], of: Callable[[LivingLine], Decimal] = lambda line: line.quantity
    ) -> dict[tuple[int, str, Decimal, str], Decimal]:
        """How much of an item at a price goes to each place, or is wanted on each day, or in all."""
        found: dict[tuple[int, str, Decimal, str], Decimal] = {}
        for line in self.lines.values():
            where = {"": "", "places": f"S{line.place}0", "days": f"{day(line.day):%Y%m%d}"}[over]
            key = (line.item, line.unit, line.price, where)
            found[key] = found.get(key, Decimal(0)) + of(line)
        return found


def _alike(was: LivingLine, now: LivingLine) -> bool:
    names = ["item", "quantity", "unit", "price"]
    if left(now):
        names += ["day", "place"]
    return all(getattr(was, name) == getattr(now, name) for name in names)


def left(line: LivingLine) -> Decimal:
    """What is still to come of a line."""
    return Decimal(0) if line.closed else max(Decimal(0), line.quantity - line.received)


def day(number: int) -> date:
    return FIRST_DAY + timedelta(days=number)


def site(number: int) -> Party:
    return Party(
        code=f"SITE{number}",
        name=f"Example Site {number}",
        identifier_kind="assigned_by_buyer",
        identifier=f"S{number}0",
    )
