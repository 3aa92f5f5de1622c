"""What an 850 says about itself: lines, hash total, order total, schedules."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from decimal import Decimal

from airflow_provider_sagex3_cleo.x12.model import Finding
from airflow_provider_sagex3_cleo.x12.reader import element
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
    yield from release_findings(view, "BEG")
    yield from _quantities(view)
    yield from count_findings(view, "PO1", (len(view.places.get("PO1", ())),))
    yield from hash_findings(view, "PO1")
    yield from line_findings(view, "PO1")
    yield from party_findings(view, "PO1")
    yield from date_findings(view, "PO1")
    yield from term_findings(view)
    yield from split_findings(view, "PO1")
    if "AMT" in view.places:
        yield from _amounts(view)


def _quantities(view: SetView) -> Iterator[Finding]:
    values = (view.column("PO1", place) for place in (2, 3, 4))
    for n, quantity, unit, price in zip(view.places.get("PO1", ()), *values, strict=True):
        if not quantity:
            message = "PO102: quantity is missing"
            yield view.finding(view.segments[n], "element-missing", 2, message, "a quantity")
        elif quantity[0] == "-":
            message = "PO102: less than nothing is ordered"
            yield view.finding(view.segments[n], "quantity-sign", 2, message, "a quantity", custom=True)
        if price and not unit:
            message = "PO103: a price without its unit"
            yield view.finding(view.segments[n], "unit-missing", 3, message, "a unit", custom=True)


def _amounts(view: SetView) -> Iterator[Finding]:
    """AMT*1 in a line is its quantity x price, AMT*TT after CTT the sum of all."""
    if any(name in view.places for name in MONEY_BESIDE):
        return
    worth = list(map(_worth, *(view.column("PO1", place) for place in (2, 4, 5))))
    summary = view.places.get("CTT", (len(view.segments),))[0]
    for n in view.places["AMT"]:
        amount, part = view.segments[n], bisect_right(view.places.get("PO1", ()), n)
        said, kind = finite(element(amount, 2)), element(amount, 1)
        if said is None or not part:
            continue
        if n > summary and kind == "TT" and None not in worth:
            total = sum((x for x in worth if x is not None), Decimal(0))
            if abs(said - total) > tolerance(len(worth)):
                message = "AMT02 is not the sum of quantity x price"
                yield view.finding(amount, "amt-total", 2, message, f"{total:f}")
        elif n < summary and kind == "1":
            expected = worth[part - 1]
            if expected is not None and abs(said - expected) > tolerance(1):
                yield view.finding(amount, "amt-line", 2, "AMT02 is not quantity x price of its line", f"{expected:f}")


def _worth(quantity: str, price: str, basis: str) -> Decimal | None:
    """Quantity x price of a line, None where that cannot be said."""
    number, each = finite(quantity), finite(price)
    return None if number is None or each is None or basis in SCALED_PRICES else number * each
