"""What an 850 says about itself: number of lines, hash total, order total."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal

from airflow_provider_sagex3_cleo.x12.model import Finding
from airflow_provider_sagex3_cleo.x12.reader import Segment, element
from airflow_provider_sagex3_cleo.x12.totals import SCALED_PRICES, count_findings, finite, hash_findings, off, tolerance

__all__ = ["total_findings"]

MONEY_BESIDE = frozenset({"SAC", "TAX", "TXI", "CTP"})  # may change the total in ways we do not add up


def total_findings(segments: Sequence[Segment], own: bool, where: str) -> Iterator[Finding]:
    """PO102 is there on every line; CTT01, CTT02 and AMT*TT are true to the lines."""
    lines = [s for s in segments if s.elements[0] == "PO1"]
    for line in lines:
        if not element(line, 2):
            yield off(line, "element-missing", 2, "PO102: quantity is missing", "a quantity", where)
    yield from count_findings(segments, "PO1", (len(lines),), own, where)
    at = next((n for n, s in enumerate(segments) if s.elements[0] == "CTT"), None)
    if at is None:
        return
    quantities = [finite(element(line, 2)) for line in lines]
    yield from hash_findings(segments, "PO1", where)
    amount = next((s for s in segments[at + 1 :] if s.elements[0] == "AMT" and element(s, 1) == "TT"), None)
    if amount is not None and not any(s.elements[0] in MONEY_BESIDE for s in segments):
        yield from _amount(amount, lines, quantities, where)


def _amount(
    amount: Segment, lines: Sequence[Segment], quantities: Sequence[Decimal | None], where: str
) -> Iterator[Finding]:
    said, total = finite(element(amount, 2)), Decimal(0)
    for line, quantity in zip(lines, quantities, strict=True):
        price = finite(element(line, 4))
        if quantity is None or price is None or element(line, 5) in SCALED_PRICES:
            return
        total += quantity * price
    # Each line may have been rounded to the cent before it was added.
    if said is not None and abs(said - total) > tolerance(len(lines)):
        yield off(amount, "amt-total", 2, "AMT02 is not the sum of quantity x price", format(total, "f"), where)
