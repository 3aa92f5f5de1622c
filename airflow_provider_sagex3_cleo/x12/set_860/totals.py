"""What an 860 says about itself: number of lines, hash total, what is left to receive."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from airflow_provider_sagex3_cleo.x12.model import Finding
from airflow_provider_sagex3_cleo.x12.reader import Segment, element
from airflow_provider_sagex3_cleo.x12.totals import count_findings, finite, hash_findings, off

__all__ = ["total_findings"]

LINE_GONE = "DI"


def total_findings(segments: Sequence[Segment], own: bool, where: str) -> Iterator[Finding]:
    """Each line has a quantity, unless it is deleted, and no less than nothing left to receive; CTT01 and CTT02 are
    true to the lines. AMT*TT is the total of the whole order, which an 860 need not list: not judged."""
    lines = [s for s in segments if s.elements[0] == "POC"]
    for line in lines:
        if not element(line, 3) and element(line, 2) != LINE_GONE:
            yield off(line, "element-missing", 3, "POC03: quantity is missing", "a quantity", where)
        left = finite(element(line, 4))
        if left is not None and left < 0:
            yield off(line, "poc-left", 4, "POC04: less than nothing is left to receive", "0 or more", where)
    yield from count_findings(segments, "POC", (len(lines),), own, where)
    yield from hash_findings(segments, "POC", where, place=3)
