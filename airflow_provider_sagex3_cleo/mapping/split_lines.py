"""Lines of an order that stand for several of Sage X3, put under the numbers the supplier knows them by.

Which lines of Sage X3 are one to the partner (`mapping.grouping`) may be different tomorrow: a price changes, a part is
closed, the first one goes. The supplier's line keeps its number and its parts all the same."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from functools import reduce

from airflow_provider_sagex3_cleo.documents import (
    EXACT,
    Destination,
    ItemReferences,
    OrderLine,
    PurchaseOrder,
    ScheduledQuantity,
)
from airflow_provider_sagex3_cleo.errors import NotRepresentable
from airflow_provider_sagex3_cleo.mapping.grouping import Split, joined

__all__ = ["cut", "discounts", "same_item", "under_known_numbers"]

_NOTHING = Decimal(0)
_APART = "a part of a split line, of which some came, has another item, unit, price or split now"

Received = Mapping[int, Decimal]


def under_known_numbers(
    base: PurchaseOrder, now: PurchaseOrder | None, received: Received
) -> tuple[PurchaseOrder | None, dict[int, Decimal]]:
    """The order as it is now in the lines of `base`, and what came of each of those lines.

    A line of `base` keeps its parts while they are alike; a part with another item, unit or price goes on as a line of
    its own, unless it is the one that gave the line its number: then the others go. A new part joins a line it is alike
    to. A part that is closed stays with what came of it. Of a part that came wholly, day and place stay as they were.
    An order that was split over places stays so, with one place as well.

    Args:
        received: what came so far, by number of the line of Sage X3.

    Raises:
        NotRepresentable: a part of which some came would go on in another line; a line with discounts is taken apart.
        ValueError: a line of Sage X3 stands in two lines."""
    known = _pieces(base)
    received = {number: max(_NOTHING, quantity) for number, quantity in received.items()}
    owners = {piece.number: line.number for line in base.lines for piece in _parted(line)}
    owners = {**{line.number: line.number for line in base.lines}, **owners}
    came = {number: min(piece.quantity, received.get(number, _NOTHING)) for number, piece in known.items()}
    if now is None:
        return None, {line.number: _sum(came[piece.number] for piece in _parted(line)) for line in base.lines}
    regroup = _Regroup(base, now, known, owners, received)
    lines: list[OrderLine] = []
    totals: dict[int, Decimal] = {}
    for number, pieces in regroup.groups().items():
        gone = [
            _cut_piece(piece, came[piece.number])
            for piece in (_parted(regroup.before[number]) if number in regroup.before else ())
            if piece.number not in regroup.open and came[piece.number]
        ]
        if gone and not _alike(pieces[0], gone[0]):
            raise _hold(base, number, _APART)
        if gone and pieces[0].allowances:
            raise _hold(base, number, "a line with discounts is cut to what came")
        line = joined([*pieces, *gone], _kind(pieces[0])).model_copy(update={"number": number})
        left = _sum(max(_NOTHING, EXACT.subtract(p.quantity, received.get(p.number, _NOTHING))) for p in pieces)
        lines.append(line)
        totals[number] = EXACT.subtract(line.quantity, left)
    for line in base.lines:
        totals.setdefault(line.number, _sum(came[piece.number] for piece in _parted(line)))
    return now.model_copy(update={"lines": tuple(sorted(lines, key=lambda x: x.number))}), totals


def cut(line: OrderLine, received: Received) -> OrderLine:
    """The line as what came of it, part by part."""
    came = [_cut_piece(x, max(_NOTHING, min(x.quantity, received.get(x.number, _NOTHING)))) for x in _parted(line)]
    return joined([piece for piece in came if piece.quantity], _kind(line)).model_copy(update={"number": line.number})


def _alike(one: OrderLine, other: OrderLine) -> bool:
    """Whether two lines may be one to the partner: they differ in number, quantity, place or day, and texts only."""
    return (
        (one.unit, one.unit_price, discounts(one)) == (other.unit, other.unit_price, discounts(other))
        and _kind(one) == _kind(other)
        and same_item(one.item, other.item)
    )


def discounts(line: OrderLine) -> list[tuple[str, str, Decimal | None]]:
    """What the price is less or more by; amounts follow from the quantity."""
    return [(charge.kind, charge.code, charge.percent) for charge in line.allowances]


def same_item(was: ItemReferences, now: ItemReferences) -> bool:
    """The buyer's own code decides where both have one: the other references are tables, and may be corrected."""
    if was.buyer and now.buyer:
        return was.buyer == now.buyer
    nameless = {"description": None}
    return was.model_copy(update=nameless) == now.model_copy(update=nameless)


class _Regroup:
    """The pieces of the order as it is now, each on its way to a line: of the supplier's, or a new one.

    `before` are the supplier's lines, `open` the numbers of all pieces there are now."""

    def __init__(
        self,
        base: PurchaseOrder,
        now: PurchaseOrder,
        known: Mapping[int, OrderLine],
        owners: Mapping[int, int],
        received: Received,
    ) -> None:
        self.base, self.known, self.owners, self.received = base, known, owners, received
        self.before = {line.number: line for line in base.lines}
        self.lines = [[self._piece(piece, now) for piece in _parted(line)] for line in now.lines]
        self.open = {piece.number for pieces in self.lines for piece in pieces}
        if len(self.open) < sum(map(len, self.lines)):
            raise ValueError(f"order {now.number} has two lines of one number")

    def groups(self) -> dict[int, list[OrderLine]]:
        """The pieces of each line, by the line's number; the piece that says what the line is comes first."""
        owned: dict[int, list[OrderLine]] = defaultdict(list)
        for pieces in self.lines:
            for piece in pieces:
                if piece.number in self.owners:
                    owned[self.owners[piece.number]].append(piece)
        groups: dict[int, list[OrderLine]] = {}
        kept: set[int] = set()
        for number, pieces in owned.items():
            first = min(pieces, key=lambda x: (x.number != number, x.number))
            groups[number] = [first, *(x for x in pieces if x is not first and _alike(first, x))]
            kept.update(piece.number for piece in groups[number])
        for pieces in self.lines:
            targets = {self.owners[x.number] for x in pieces if x.number in kept}
            others = [x for x in pieces if x.number not in kept]
            new = [x for x in others if x.number not in self.owners]
            if targets and new:
                groups[min(targets)] += new
                others = [x for x in others if x.number in self.owners]
            for piece in others:
                if piece.number in self.owners and self.received.get(piece.number):
                    raise _hold(self.base, self.owners[piece.number], _APART)
            if others:
                groups[others[0].number] = others
            if len(targets) + bool(others) > 1 and any(x.allowances for x in pieces):
                raise _hold(self.base, pieces[0].number, "a split line with discounts is taken apart")
        return groups

    def _piece(self, piece: OrderLine, now: PurchaseOrder) -> OrderLine:
        """The piece as the supplier's order would say it."""
        known = self.known.get(piece.number)
        number, quantity = piece.number, piece.quantity
        if self.base.distributed and not piece.destinations and not piece.schedule:
            place = piece.ship_to or now.ship_to
            part = Destination(ship_to=place, quantity=quantity, number=number)
            piece = piece.model_copy(update={"destinations": (part,), "ship_to": None})
        if known is not None and known.schedule and piece.requested_date and not piece.destinations:
            day = ScheduledQuantity(requested_date=piece.requested_date, quantity=quantity, number=number)
            piece = piece.model_copy(update={"schedule": (day,), "requested_date": None})
        name = _kind(piece)
        if name is None or known is None or self.received.get(number, _NOTHING) < quantity:
            return piece
        if _kind(known) == name:
            return piece.model_copy(update={name: getattr(_cut_piece(known, quantity), name)})
        if _kind(known) is None and (told := self._as_told(known, name, quantity)):
            return piece.model_copy(update={name: told})
        return piece

    def _as_told(self, known: OrderLine, name: Split, quantity: Decimal) -> tuple[Destination | ScheduledQuantity, ...]:
        """The part that a line was which the supplier knows with one place or day; none where it knows no day."""
        if name == "destinations":
            place = known.ship_to or self.base.ship_to
            return (Destination(ship_to=place, quantity=quantity, number=known.number),)
        day = known.requested_date or self.base.requested_date
        return (ScheduledQuantity(requested_date=day, quantity=quantity, number=known.number),) if day else ()


def _pieces(order: PurchaseOrder) -> dict[int, OrderLine]:
    pieces = [piece for line in order.lines for piece in _parted(line)]
    by_number = {piece.number: piece for piece in pieces}
    if len(by_number) < len(pieces):
        raise ValueError(f"order {order.number} has two lines of one number")
    return by_number


def _parted(line: OrderLine) -> Iterator[OrderLine]:
    """The line part by part, each under the number it has in Sage X3; the amounts of its discounts with the first."""
    name = _kind(line)
    if name is None:
        yield line
        return
    less = tuple(charge.model_copy(update={"amount": _NOTHING}) for charge in line.allowances)
    for n, part in enumerate(getattr(line, name)):
        allowances = less if n else line.allowances
        values = {"number": part.number, "quantity": part.quantity, name: (part,), "allowances": allowances}
        yield line.model_copy(update=values)


def _cut_piece(piece: OrderLine, quantity: Decimal) -> OrderLine:
    """The piece with another quantity."""
    name = _kind(piece)
    parts = () if name is None else tuple(x.model_copy(update={"quantity": quantity}) for x in getattr(piece, name))
    return piece.model_copy(update={"quantity": quantity, **({name: parts} if name else {})})


def _kind(line: OrderLine) -> Split | None:
    """What the line is split over."""
    return "destinations" if line.destinations else "schedule" if line.schedule else None


def _sum(numbers: Iterable[Decimal]) -> Decimal:
    return reduce(EXACT.add, numbers, _NOTHING)


def _hold(order: PurchaseOrder, number: int, what: str) -> NotRepresentable:
    return NotRepresentable(
        what, record=order.number, field=f"line {number}",
        remedy="tell the partner by other means, or undo it in Sage X3",
    )  # fmt: skip
