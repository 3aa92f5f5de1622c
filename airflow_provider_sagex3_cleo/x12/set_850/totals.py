"""What an 850 says about itself: lines, hash total, order total, schedules."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from decimal import Decimal

from airflow_provider_sagex3_cleo.x12.model import Finding
from airflow_provider_sagex3_cleo.x12.reader import Segment, element
from airflow_provider_sagex3_cleo.x12.totals import (
    SCALED_PRICES,
    count_findings,
    date_findings,
    finite,
    hash_findings,
    line_findings,
    party_findings,
    release_findings,
    split_findings,
    term_findings,
    tolerance,
)
from airflow_provider_sagex3_cleo.x12.view import SetView

__all__ = ["total_findings"]

MONEY_BESIDE = frozenset({"SAC", "TAX", "TXI", "CTP"})  # may change the total in ways we do not add up


def total_findings(view: SetView) -> Iterator[Finding]:
    """PO102 is there on every line, numbers and roles are used once, CTT, AMT, SCH and SDQ are true to the lines."""
    lines = view.all("PO1")
    yield from release_findings(view, "BEG")
    for line in lines:
        yield from _line(view, line)
    yield from count_findings(view, "PO1", (len(lines),))
    yield from hash_findings(view, "PO1")
    yield from line_findings(view, "PO1")
    yield from party_findings(view, "PO1")
    yield from date_findings(view, "PO1")
    yield from term_findings(view)
    yield from split_findings(view, "PO1")
    if "AMT" in view.places:
        yield from _amounts(view, lines)


def _line(view: SetView, line: Segment) -> Iterator[Finding]:
    quantity = element(line, 2)
    if not quantity:
        yield view.finding(line, "element-missing", 2, "PO102: quantity is missing", "a quantity")
    elif quantity.startswith("-"):
        yield view.finding(line, "quantity-sign", 2, "PO102: less than nothing is ordered", "a quantity", custom=True)
    if element(line, 4) and not element(line, 3):
        yield view.finding(line, "unit-missing", 3, "PO103: a price without its unit", "a unit", custom=True)


def _amounts(view: SetView, lines: Sequence[Segment]) -> Iterator[Finding]:
    """AMT*1 in a line is its quantity x price, AMT*TT after CTT the sum of all."""
    if any(name in view.places for name in MONEY_BESIDE):
        return
    worth = [_worth(line) for line in lines]
    summary = view.places.get("CTT", (len(view.segments),))[0]
    for n in view.places["AMT"]:
        amount, part = view.segments[n], bisect_right(view.places.get("PO1", ()), n)
        said, kind = finite(element(amount, 2)), element(amount, 1)
        if said is None or not part:
            continue
        if n > summary and kind == "TT" and None not in worth:
            total = sum((x for x in worth if x is not None), Decimal(0))
            if abs(said - total) > tolerance(len(lines)):
                message = "AMT02 is not the sum of quantity x price"
                yield view.finding(amount, "amt-total", 2, message, f"{total:f}")
        elif n < summary and kind == "1":
            expected = worth[part - 1]
            if expected is not None and abs(said - expected) > tolerance(1):
                yield view.finding(amount, "amt-line", 2, "AMT02 is not quantity x price of its line", f"{expected:f}")


def _worth(line: Segment) -> Decimal | None:
    """Quantity x price of a line, None where that cannot be said."""
    quantity, price = finite(element(line, 2)), finite(element(line, 4))
    return None if quantity is None or price is None or element(line, 5) in SCALED_PRICES else quantity * price
