"""What a 997 or 999 says about itself: a verdict on the group that its own counts bear out."""

from __future__ import annotations

from collections.abc import Iterator

from airflow_provider_sagex3_cleo.x12.model import Finding
from airflow_provider_sagex3_cleo.x12.reader import element
from airflow_provider_sagex3_cleo.x12.view import SetView

__all__ = ["total_findings"]

REJECTED = frozenset("RMWX")


def total_findings(view: SetView) -> Iterator[Finding]:
    """AK9 accepts no more sets than it received, all of them where it says A, none where it says R."""
    end = view.first("AK9")
    if end is None:
        return
    verdict, numbers = element(end, 1), [element(end, place) for place in (3, 4)]
    if not all(number.isascii() and number.isdecimal() for number in numbers):
        return
    received, accepted = map(int, numbers)
    if accepted > received:
        yield view.finding(end, "ak9-verdict", 4, "AK9 accepts more sets than it received", f"at most {received}")
    elif verdict == "A" and accepted < received:
        yield view.finding(end, "ak9-verdict", 1, f"AK9 accepts all, and counts {accepted} of {received}", "E or P")
    elif verdict in REJECTED and accepted:
        yield view.finding(end, "ak9-verdict", 1, f"AK9 rejects all, and counts {accepted} as accepted", "P")
