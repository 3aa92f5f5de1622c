"""The difference of two versions of a purchase order, as the change that tells the supplier of it.

Source: the trading rules. Closed is not cancelled, lines are never renumbered, receipts by themselves change nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal

from airflow_provider_sagex3_cleo.documents import EXACT, ItemReferences, OrderLine, PurchaseOrder
from airflow_provider_sagex3_cleo.documents.order_change import HeaderAspect, LineAspect, LineChange, OrderChange
from airflow_provider_sagex3_cleo.errors import NotRepresentable

__all__ = ["difference"]

_NOTHING = Decimal(0)
_PLAIN: tuple[HeaderAspect, ...] = ("order_date", "currency", "terms")
_SPLIT = "a line split over places or days changed"
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
        received: what was received of a line so far, by number, in the unit the line has now. A line of `base` that
            `now` lacks is closed: it is cut to what was received, deleted when that is nothing, and left alone when
            all of it came. An order of which nothing is open and nothing was received is cancelled.
        sequence, change_date: number of the change among those of this order (from 1), and its day.

    Raises:
        NotRepresentable: another order number or another supplier: that is another order, not a change. A change of a
            line that is split over places or days, or a line with discounts of its own that is cut: no part of it,
            and no amount, is known for what came.
        ValueError: a line number stands twice."""
    head = base if now is None else now
    _same_order(base, head)
    was, is_open = _by_number(base), {} if now is None else _by_number(now)
    got = {number: max(_NOTHING, received.get(number, _NOTHING)) for number in was | is_open}
    if now is None and not any(got.values()):
        return _cancellation(base, sequence, change_date)

    news = any(getattr(base, name) != getattr(head, name) for name in _PLAIN)
    lines: list[LineChange] = []
    for number in sorted(was | is_open):
        before, after, came = was.get(number), is_open.get(number), got[number]
        if after is None:
            assert before is not None
            line = _closed_line(before, base, came)
            if line.changes and now is not None and _is_split(before):
                raise _hold(base, before, _SPLIT)
            news = news or bool(line.changes)
        elif before is None:
            line = LineChange(line=after, before=None, left_to_receive=_left(after, came), changes=("added",))
            news = True
        else:
            if not _left(after, came):  # of what has come, day and place stay as the supplier knows them
                after = after.model_copy(update={"requested_date": before.requested_date, "ship_to": before.ship_to})
            told = _told(before, base, after, head, came)
            own = _own(before, after, head, came)
            changes = tuple(name for name in _ASPECTS if name in told | own)
            line = LineChange(line=after, before=before, left_to_receive=_left(after, came), changes=changes)
            if changes and (_is_split(before) or _is_split(after)):
                raise _hold(base, after, _SPLIT)
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


def _by_number(order: PurchaseOrder) -> dict[int, OrderLine]:
    lines = {line.number: line for line in order.lines}
    if len(lines) < len(order.lines):
        raise ValueError(f"order {order.number} has two lines of one number")
    return lines


def _cancellation(base: PurchaseOrder, sequence: int, change_date: date) -> OrderChange:
    lines = tuple(_closed_line(line, base, _NOTHING) for line in sorted(base.lines, key=lambda x: x.number))
    return OrderChange(purpose="cancellation", sequence=sequence, change_date=change_date, order=base, lines=lines)


def _header_changes(base: PurchaseOrder, now: PurchaseOrder) -> Iterator[HeaderAspect]:
    yield from (name for name in _PLAIN if getattr(base, name) != getattr(now, name))
    if base.ship_to.code != now.ship_to.code:
        yield "ship_to"
    if base.requested_date != now.requested_date:
        yield "requested_date"


def _closed_line(before: OrderLine, base: PurchaseOrder, received: Decimal) -> LineChange:
    """A line that is closed: all of it came, a part of it, or nothing.

    What part of a split line came, or what becomes of an amount of discount, is not known."""
    line = before
    changes: tuple[LineAspect, ...] = ()
    if not received:
        changes = ("deleted",)
    elif received < before.quantity:  # too much received is the receipt's business, not the order's
        if _is_split(before) or before.allowances:
            raise _hold(base, before, _SPLIT if _is_split(before) else "a line with discounts is cut to what came")
        line, changes = before.model_copy(update={"quantity": received}), ("quantity",)
    return LineChange(line=line, before=before, left_to_receive=_NOTHING, changes=changes)


def _is_split(line: OrderLine) -> bool:
    """Whether it stands for several lines of the ERP, under the number of the first: tomorrow that may be another."""
    return bool(line.destinations or line.schedule)


def _hold(order: PurchaseOrder, line: OrderLine, what: str) -> NotRepresentable:
    return NotRepresentable(
        what, record=order.number, field=f"line {line.number}", value=line.quantity,
        remedy="tell the partner by other means",
    )  # fmt: skip


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
            ("requested_date", _day(before, base), _day(after, now)),
            ("ship_to", _place(before, base), _place(after, now)),
            ("requested_date", before.schedule, after.schedule),
            ("ship_to", before.destinations, after.destinations),
        ]
    told = {name for name, was, value in pairs if was != value}
    if _discounts(before) != _discounts(after) or (
        before.quantity == after.quantity and before.allowances != after.allowances
    ):
        told.add("unit_price")
    return told if _same_item(before.item, after.item) else told | {"item"}


def _own(before: OrderLine, after: OrderLine, now: PurchaseOrder, received: Decimal) -> set[LineAspect]:
    """Day and place where the line must say them itself, though they may be the same: it had them from a heading that
    says something else now, or more is wanted of a line that was done with (it may have been closed meanwhile)."""
    if not _left(after, received):
        return set()
    anew, own = received >= before.quantity, set[LineAspect]()
    if _day(after, now) and (anew or before.requested_date != after.requested_date):
        own.add("requested_date")
    if anew or (before.ship_to and before.ship_to.code) != (after.ship_to and after.ship_to.code):
        own.add("ship_to")
    return own


def _left(line: OrderLine, received: Decimal) -> Decimal:
    return max(_NOTHING, EXACT.subtract(line.quantity, received))


def _discounts(line: OrderLine) -> list[tuple[str, str, Decimal | None]]:
    """What the price is less or more by; amounts follow from the quantity."""
    return [(charge.kind, charge.code, charge.percent) for charge in line.allowances]


def _same_item(was: ItemReferences, now: ItemReferences) -> bool:
    """The buyer's own code decides where both have one: the other references are tables, and may be corrected."""
    if was.buyer and now.buyer:
        return was.buyer == now.buyer
    nameless = {"description": None}
    return was.model_copy(update=nameless) == now.model_copy(update=nameless)


def _day(line: OrderLine, order: PurchaseOrder) -> date | None:
    return line.requested_date or order.requested_date


def _place(line: OrderLine, order: PurchaseOrder) -> str:
    return (line.ship_to or order.ship_to).code
