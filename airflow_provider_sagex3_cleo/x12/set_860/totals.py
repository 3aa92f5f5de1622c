"""What an 860 says about itself: lines, hash total, what is left to receive."""

from __future__ import annotations

from collections.abc import Iterator

from airflow_provider_sagex3_cleo.x12.model import Finding
from airflow_provider_sagex3_cleo.x12.reader import element
from airflow_provider_sagex3_cleo.x12.totals import (
    count_findings,
    date_findings,
    finite,
    hash_findings,
    line_findings,
    party_findings,
    term_findings,
)
from airflow_provider_sagex3_cleo.x12.view import SetView

__all__ = ["total_findings"]

LINE_GONE = "DI"


def total_findings(view: SetView) -> Iterator[Finding]:
    """Each line has a quantity, unless it is deleted, and no less than nothing left to receive; numbers and roles are
    used once, CTT is true to the lines. AMT*TT is the total of the whole order, which an 860 need not list; schedules
    and places add up to the new quantity, which POC03 need not be: both are not judged."""
    lines = view.all("POC")
    for line in lines:
        if not element(line, 3) and element(line, 2) != LINE_GONE:
            yield view.finding(line, "element-missing", 3, "POC03: quantity is missing", "a quantity")
        left = finite(element(line, 4))
        if left is not None and left < 0:
            yield view.finding(line, "poc-left", 4, "POC04: less than nothing is left to receive", "0 or more")
    yield from count_findings(view, "POC", (len(lines),))
    yield from hash_findings(view, "POC", place=3)
    yield from line_findings(view, "POC")
    yield from party_findings(view, "POC")
    yield from date_findings(view, "POC")
    yield from term_findings(view)
