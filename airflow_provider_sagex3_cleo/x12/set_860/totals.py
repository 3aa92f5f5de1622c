"""What an 860 says about itself: lines and their codes, hash total, what is left to receive."""

from __future__ import annotations

from collections.abc import Iterator

from airflow_provider_sagex3_cleo.x12.model import Finding
from airflow_provider_sagex3_cleo.x12.reader import Segment, element
from airflow_provider_sagex3_cleo.x12.totals import (
    count_findings,
    date_findings,
    finite,
    hash_findings,
    line_findings,
    party_findings,
    release_findings,
    split_sums,
    term_findings,
)
from airflow_provider_sagex3_cleo.x12.view import SetView

__all__ = ["total_findings"]

ADDED, GONE, STAYS = "AI", "DI", "NC"  # element 670
UNSIGNED = frozenset({ADDED, "QI", "QD", GONE})  # codes that say themselves whether it is more or less
CANCELLED = frozenset({"01", "03"})  # BCH01


def total_findings(view: SetView) -> Iterator[Finding]:
    """Each line says what its code promises, numbers and roles are used once, CTT is true to the lines.

    AMT*TT is the total of the whole order, which an 860 need not list: it is not judged."""
    lines = view.all("POC")
    beginning = view.first("BCH")
    cancelled = beginning is not None and element(beginning, 1) in CANCELLED
    yield from release_findings(view, "BCH")
    for line in lines:
        yield from _line(view, line, cancelled)
    yield from _splits(view)
    yield from count_findings(view, "POC", (len(lines),))
    yield from hash_findings(view, "POC", place=3)
    yield from line_findings(view, "POC")
    yield from party_findings(view, "POC")
    yield from date_findings(view, "POC")
    yield from term_findings(view)


def _line(view: SetView, line: Segment, cancelled: bool) -> Iterator[Finding]:
    """A quantity unless it is deleted, with a sign only where its code leaves open which way; what is left fits it."""
    code, quantity, left = element(line, 2), finite(element(line, 3)), finite(element(line, 4))
    if not element(line, 3) and code != GONE:
        yield view.finding(line, "element-missing", 3, "POC03: quantity is missing", "a quantity")
    if quantity is not None and code in UNSIGNED and (quantity < 0 or (code == ADDED and not quantity)):
        message = f"POC03: nothing, or less, under {code}"
        yield view.finding(line, "quantity-sign", 3, message, "a quantity without a sign", custom=True)
    if left is not None and left < 0:
        yield view.finding(line, "poc-left", 4, "POC04: less than nothing is left to receive", "0 or more")
    if left and code == GONE:
        yield view.finding(line, "poc-left", 4, "POC04: something is left of a deleted line", "0", custom=True)
    if left is not None and quantity is not None and code == ADDED and left > quantity:
        message = "POC04: more is left of a new line than is ordered"
        yield view.finding(line, "poc-left", 4, message, f"at most {quantity:f}", custom=True)
    if element(line, 6) and not element(line, 5):
        yield view.finding(line, "unit-missing", 5, "POC05: a price without its unit", "a unit", custom=True)
    if cancelled and code not in (GONE, STAYS):
        message = "POC02: a line of a cancelled order is added or changed"
        yield view.finding(line, "poc-code", 2, message, f"{GONE}, or BCH01 04", custom=True)


def _splits(view: SetView) -> Iterator[Finding]:
    """Schedules and destinations say where all of the line goes. Whether POC03 is all of it or a difference is agreed
    with the partner; known is that a new line says all, and that no less goes somewhere than what is left."""
    for line, code, what, total in split_sums(view, "POC", 5):
        quantity, left = finite(element(line, 3)), finite(element(line, 4))
        if total == quantity:
            continue
        if element(line, 2) == ADDED or (left is not None and total < left):
            message = f"the quantities of {what} do not add up to the line's"
            yield view.finding(line, code, 3, message, f"{total:f}", custom=element(line, 2) != ADDED)
