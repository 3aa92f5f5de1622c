"""The difference of two versions of a purchase order, as the change that tells the supplier of it.

Source: the trading rules. Closed is not cancelled, lines are never renumbered, receipts by themselves change nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from airflow_provider_sagex3_cleo.documents import EXACT, OrderLine, PurchaseOrder, summed
from airflow_provider_sagex3_cleo.documents.order_change import HeaderAspect, LineAspect, LineChange, OrderChange
from airflow_provider_sagex3_cleo.errors import NotRepresentable
from airflow_provider_sagex3_cleo.mapping.split_lines import cut, discounts, same_item, under_known_numbers

__all__ = ["difference"]

_NOTHING = Decimal(0)
_PLAIN: tuple[HeaderAspect, ...] = ("order_date", "currency", "terms")
_ASPECTS: tuple[LineAspect, ...] = ("item", "quantity", "unit", "unit_price", "requested_date", "ship_to")


def difference(
    base: PurchaseOrder,
    now: PurchaseOrder | None,
    received: Mapping[int, Decimal],
    *,
    sequence: int,
    change_date: date,
) -> OrderChange | None:
    """The change that brings `base` to where the order is now; None where nothing commercial is different.

    What counts is what `mapping.commercial` counts: order date, currency, terms; of a line item, quantity, unit, price,
    and - as long as something of it is to come - requested date and place. Texts and references never make a change.

    Args:
        base: the order as the supplier knows it: the one that was sent first, or `order` of the last change.
        now: the order's open lines under its present heading; None when no line is open any more.
        received: what was received so far, by number of the line of Sage X3 (a line that is split over places or days
            stands for several), in the unit the line has now. A line of `base` that `now` lacks is closed: it is cut
            to what was received, deleted when that is nothing, and left alone when all of it came. An order of which
            nothing is open and nothing was received is cancelled.
        sequence, change_date: number of the change among those of this order (from 1), and its day.

    Raises:
        NotRepresentable: another order number or another supplier: that is another order, not a change. A line with
            discounts of its own that is cut: no amount is known for what came. A part of a split line, of which some
            came, that is no longer alike to the others (`mapping.split_lines`).
        ValueError: a line number stands twice."""
    head = base if now is None else now
    _same_order(base, head)
    now, got = under_known_numbers(base, now, received)
    head = base if now is None else now
    was, is_open = ({line.number: line for line in order.lines} if order else {} for order in (base, now))
    if now is None and not any(got.values()):
        return _cancellation(base, sequence, change_date)

    news = any(getattr(base, name) != getattr(head, name) for name in _PLAIN)
    lines: list[LineChange] = []
    for number in sorted(was | is_open):
        before, after, came = was.get(number), is_open.get(number), got[number]
        if after is None:
            assert before is not None
            line = _closed_line(before, base, received, came)
            news = news or bool(line.changes)
        elif before is None:
            line = LineChange(line=after, before=None, left_to_receive=_left(after, came), changes=("added",))
            news = True
        else:
            if not (_left(after, came) or _is_split(before) or _is_split(after)):
                # Of what has come, day and place stay as the supplier knows them; of parts they do already.
                after = after.model_copy(update={"requested_date": before.requested_date, "ship_to": before.ship_to})
            told = _told(before, base, after, head, came)
            own = _own(before, after, head, came)
            changes = tuple(name for name in _ASPECTS if name in told | own)
            line = LineChange(line=after, before=before, left_to_receive=_left(after, came), changes=changes)
            news = news or bool(told)
        lines.append(line)
    if not news:
        return None
    order = head.model_copy(update={"lines": tuple(x.line for x in lines if x.changes != ("deleted",))})
    return OrderChange(
        purpose="change", sequence=sequence, change_date=change_date, order=order,
        header_changes=tuple(_header_changes(base, head)), lines=tuple(lines),
    )  # fmt: skip


def _same_order(base: PurchaseOrder, now: PurchaseOrder) -> None:
    for field, was, value in (("number", base.number, now.number), ("supplier", base.supplier.code, now.supplier.code)):
        if was != value:
            raise NotRepresentable(
                f"the {field} of the order is another one", record=base.number, field=field, value=value, expected=was,
                remedy="cancel the order that was sent, and enter a new one",
            )  # fmt: skip


def _cancellation(base: PurchaseOrder, sequence: int, change_date: date) -> OrderChange:
    lines = tuple(_closed_line(line, base, {}, _NOTHING) for line in sorted(base.lines, key=lambda x: x.number))
    return OrderChange(purpose="cancellation", sequence=sequence, change_date=change_date, order=base, lines=lines)


def _header_changes(base: PurchaseOrder, now: PurchaseOrder) -> Iterator[HeaderAspect]:
    yield from (name for name in _PLAIN if getattr(base, name) != getattr(now, name))
    if base.ship_to.code != now.ship_to.code and not now.distributed:
        yield "ship_to"
    if base.requested_date != now.requested_date:
        yield "requested_date"


def _closed_line(before: OrderLine, base: PurchaseOrder, received: Mapping[int, Decimal], came: Decimal) -> LineChange:
    """A line that is closed: all of it came, a part of it, or nothing.

    Args:
        received, came: what came by line of Sage X3, and of this line. What becomes of an amount of discount when a
            part came is not known."""
    line = before
    changes: tuple[LineAspect, ...] = ()
    if not came:
        changes = ("deleted",)
    elif came < before.quantity:  # too much received is the receipt's business, not the order's
        if before.allowances:
            raise NotRepresentable(
                "a line with discounts is cut to what came", record=base.number, field=f"line {before.number}",
                value=before.quantity, remedy="tell the partner by other means",
            )  # fmt: skip
        line, changes = cut(before, received), ("quantity",)
    return LineChange(line=line, before=before, left_to_receive=_NOTHING, changes=changes)


def _is_split(line: OrderLine) -> bool:
    return bool(line.destinations or line.schedule)


def _told(
    before: OrderLine, base: PurchaseOrder, after: OrderLine, now: PurchaseOrder, received: Decimal
) -> set[LineAspect]:
    """What of a line is different for the supplier, wherever it is said; day and place only of what is to come."""
    pairs: list[tuple[LineAspect, object, object]] = [
        ("quantity", before.quantity, after.quantity),
        ("unit", before.unit, after.unit),
        ("unit_price", before.unit_price, after.unit_price),
    ]
    if _left(after, received):
        pairs += [
            ("requested_date", *_apart(_days(before, base), _days(after, now))),
            ("ship_to", *_apart(_places(before, base), _places(after, now))),
        ]
    told = {name for name, was, value in pairs if was != value}
    if discounts(before) != discounts(after) or (
        before.quantity == after.quantity and before.allowances != after.allowances
    ):
        told.add("unit_price")
    return told if same_item(before.item, after.item) else told | {"item"}


def _own(before: OrderLine, after: OrderLine, now: PurchaseOrder, received: Decimal) -> set[LineAspect]:
    """Day and place where the line must say them itself, though they may be the same: it had them from a heading that
    says something else now, or more is wanted of a line that was done with (it may have been closed meanwhile)."""
    if not _left(after, received):
        return set()
    anew, own = received >= before.quantity, set[LineAspect]()
    if any(_days(after, now)) and (
        anew or before.requested_date != after.requested_date or bool(before.schedule) != bool(after.schedule)
    ):
        own.add("requested_date")
    if (
        anew
        or (before.ship_to and before.ship_to.code) != (after.ship_to and after.ship_to.code)
        or bool(before.destinations) != bool(after.destinations)
    ):
        own.add("ship_to")
    return own


def _left(line: OrderLine, received: Decimal) -> Decimal:
    return max(_NOTHING, EXACT.subtract(line.quantity, received))


def _days(line: OrderLine, order: PurchaseOrder) -> dict[date | None, Decimal]:
    """How much of a line is wanted on which day."""
    if not line.schedule:
        return {line.requested_date or order.requested_date: line.quantity}
    return summed((part.requested_date, part.quantity) for part in line.schedule)


def _places(line: OrderLine, order: PurchaseOrder) -> dict[str, Decimal]:
    """How much of a line goes where."""
    if not line.destinations:
        return {(line.ship_to or order.ship_to).code: line.quantity}
    return summed((part.ship_to.code, part.quantity) for part in line.destinations)


def _apart(was: Mapping[Any, Decimal], now: Mapping[Any, Decimal]) -> tuple[object, object]:
    """What two splits are compared by: where all goes to one place or day, its quantity is that of the line."""
    return (set(was), set(now)) if len(was) == len(now) == 1 else (was, now)
