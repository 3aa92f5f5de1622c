"""What an 810 says about itself: number of lines, and a total that its lines, charges and taxes add up to."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from airflow_provider_sagex3_cleo.x12.model import Finding
from airflow_provider_sagex3_cleo.x12.reader import Segment, element
from airflow_provider_sagex3_cleo.x12.totals import SCALED_PRICES, count_findings, finite, off, tolerance

__all__ = ["total_findings"]

UNADDED = frozenset({"CTP", "SLN"})  # may change amounts in ways we do not add up
EXEMPT = frozenset({"0", "1", "3"})


@dataclass(slots=True)
class _Parts:
    """The parts of an invoice's total, as far as they can be added up."""

    goods: Decimal = Decimal(0)  # lines, plus charges, minus allowances
    taxes: dict[bool, list[Decimal]] = field(default_factory=lambda: {False: [], True: []})  # in the summary or not
    known: bool = True

    def take(self, segment: Segment, summary: bool) -> None:
        match segment.elements[0]:
            case "IT1":
                quantity, price = finite(element(segment, 2)), finite(element(segment, 4))
                if quantity is None or price is None or element(segment, 5) in SCALED_PRICES:
                    self.known = False
                else:
                    self.goods += quantity * price
            case "SAC" if element(segment, 1) in ("A", "C"):
                cents = finite(element(segment, 5))
                if cents is None:
                    self.known = False
                else:
                    self.goods += cents.scaleb(-2) if element(segment, 1) == "C" else -cents.scaleb(-2)
            case "TXI":
                amount = finite(element(segment, 2))
                if element(segment, 7) or (amount is None and element(segment, 6) not in EXEMPT):
                    self.known = False
                else:
                    self.taxes[summary].append(amount or Decimal(0))
            case name if name in UNADDED:
                self.known = False

    def totals(self) -> list[Decimal]:
        """What the total may be: taxes of the summary say those of the lines again, or come besides."""
        detail, summary = (sum(self.taxes[place], Decimal(0)) for place in (False, True))
        both = self.goods + detail + summary
        return [self.goods + summary, both] if self.taxes[True] else [both]


def total_findings(segments: Sequence[Segment], own: bool, where: str) -> Iterator[Finding]:
    """CTT01 is the number of IT1; TDS01 is lines + charges - allowances + taxes, as far as that can be added up."""
    lines = sum(s.elements[0] == "IT1" for s in segments)
    yield from count_findings(segments, "IT1", (lines,), own, where)
    at = next((n for n, s in enumerate(segments) if s.elements[0] == "TDS"), None)
    if at is None:
        return
    parts = _Parts()
    for n, segment in enumerate(segments):
        parts.take(segment, n > at)
    said = finite(element(segments[at], 1))
    if said is None or not parts.known:
        return
    totals = parts.totals()
    if all(abs(said.scaleb(-2) - total) > tolerance(lines) for total in totals):
        message = "TDS01 is not lines + charges - allowances + taxes, in cents"
        yield off(segments[at], "tds-sum", 1, message, f"{(totals[0] * 100).normalize():f}", where)
