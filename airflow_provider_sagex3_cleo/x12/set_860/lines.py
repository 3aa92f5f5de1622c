"""What an 860 says of each line of a changed order: which lines, under which code, with which values."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from airflow_provider_sagex3_cleo import errors as e
from airflow_provider_sagex3_cleo.documents import EXACT, OrderLine
from airflow_provider_sagex3_cleo.documents.order_change import LineChange, OrderChange
from airflow_provider_sagex3_cleo.x12.set_860.rules import DELETED, DIRECTED, OTHER, Rules860

__all__ = ["SaidLine", "said_lines"]

_KINDS = {  # the aspects that are different -> the kind of change they make
    frozenset({"added"}): "added",
    frozenset({"deleted"}): DELETED,
    frozenset(): "unchanged",
    frozenset({"unit_price"}): "price",
    frozenset({"requested_date"}): "date",
    frozenset({"quantity", "unit_price"}): "quantity_price",
    frozenset({"quantity", "requested_date"}): "quantity_date",
    frozenset({"quantity", "unit_price", "requested_date"}): "quantity_price_date",
}


@dataclass(frozen=True, slots=True)
class SaidLine:
    """One POC. `line` has the values as they are written, but for the quantity: that is `quantity` (POC03)."""

    code: str
    quantity: Decimal
    left: Decimal
    line: OrderLine
    detailed: bool


def said_lines(change: OrderChange, rules: Rules860) -> Iterator[SaidLine]:
    """The lines that the 860 has, in order.

    Raises:
        NotRepresentable: the partner takes no code for the change; a date that is not sent, or taken away."""
    if change.purpose == "cancellation":
        lines = change.lines if rules.cancel_lines else ()
    else:
        lines = change.lines
    for line in lines:
        aspects = _said_in_line(line, change, rules)
        if aspects or rules.lines == "all":
            yield _said(line, aspects, change, rules)


def _said_in_line(item: LineChange, change: OrderChange, rules: Rules860) -> frozenset[str]:
    """What of a line is different, without what the heading says for all lines."""
    aspects: set[str] = set(item.changes)
    day, place = item.line.requested_date or change.order.requested_date, item.line.ship_to
    in_heading = (
        place is None and not item.line.destinations and item.before is not None and item.before.ship_to is None
    )
    if not rules.line_ship_to and in_heading:
        aspects.discard("ship_to")
    if item.line.schedule:  # SCH says it
        return frozenset(aspects)
    if "requested_date" in aspects and day is None:
        raise e.NotRepresentable(
            "an 860 cannot take a date away", field=f"line {item.line.number} requested_date",
            value=item.before and item.before.requested_date, remedy="enter the date that counts in Sage X3",
        )  # fmt: skip
    if rules.date_qualifier is None and "requested_date" in aspects:
        raise e.NotRepresentable(
            "the day changed, and the agreement does not send it", field=f"line {item.line.number} requested_date",
            value=day, remedy="give the agreement a `date_qualifier`, or tell the partner by other means",
        )  # fmt: skip
    if not rules.line_dates and aspects & {"requested_date", "added"} and day:
        if day != change.order.requested_date:
            raise e.NotRepresentable(
                "lines are wanted on several days, and dates of lines are not sent",
                field=f"line {item.line.number} requested_date", value=day, expected="one day for all lines",
                remedy="set `line_dates: true` in the agreement, or tell the partner by other means",
            )  # fmt: skip
        aspects.discard("requested_date")
    return frozenset(aspects)


def _said(item: LineChange, aspects: frozenset[str], change: OrderChange, rules: Rules860) -> SaidLine:
    line, before, order = item.line, item.before, change.order
    kind = _KINDS.get(aspects, "item" if "item" in aspects else OTHER)
    if aspects == {"quantity"}:
        assert before is not None
        kind = "quantity_up" if line.quantity > before.quantity else "quantity_down"
    code = rules.code_of(kind)
    if code is None:
        raise e.NotRepresentable(
            f"the partner takes no code for this change of the line ({kind.replace('_', ' and ')})",
            field=f"line {line.number}", value=" ".join(sorted(aspects)), expected=" ".join(rules.accepted_codes),
            remedy="list a code for it under `change: accepted_codes`, or tell the partner by other means",
        )  # fmt: skip
    day = order.requested_date if "requested_date" in aspects and not line.schedule else None
    place = order.ship_to if "ship_to" in aspects and not line.destinations else None
    written = line.model_copy(update={"requested_date": line.requested_date or day, "ship_to": line.ship_to or place})
    new = Decimal(0) if kind == DELETED else line.quantity
    quantity = new
    if rules.quantity == "difference" and before is not None:
        by = EXACT.subtract(new, before.quantity)
        quantity = abs(by) if code in DIRECTED else by
    return SaidLine(code, quantity, item.left_to_receive, written, detailed=kind != DELETED)
