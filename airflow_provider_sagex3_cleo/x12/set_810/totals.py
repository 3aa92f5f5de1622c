"""What an 810 says about itself: lines, and a total that its lines, charges and taxes add up to."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal

from airflow_provider_sagex3_cleo.x12.model import Finding
from airflow_provider_sagex3_cleo.x12.reader import Segment, element
from airflow_provider_sagex3_cleo.x12.totals import (
    SCALED_PRICES,
    count_findings,
    date_findings,
    finite,
    party_findings,
    split_findings,
    term_findings,
    tolerance,
)
from airflow_provider_sagex3_cleo.x12.view import SetView

__all__ = ["total_findings"]

ADDED = ("IT1", "SAC", "TXI")
UNADDED = frozenset({"CTP", "SLN"})  # may change amounts in ways we do not add up
EXEMPT = frozenset({"0", "1", "3"})


@dataclass(slots=True)
class _Parts:
    """The parts of an invoice's total, as far as they can be added up."""

    goods: Decimal = Decimal(0)  # lines, plus charges, minus allowances
    taxes: dict[bool, list[Decimal]] = field(default_factory=lambda: {False: [], True: []})  # in the summary or not
    known: bool = True

    def take(self, view: SetView, at: int, summary: bool) -> None:
        """Take in the segment at an index of the set."""
        match view.rows[at][0]:
            case "IT1":
                quantity, price = finite(view.value(at, 2)), finite(view.value(at, 4))
                if quantity is None or price is None or view.value(at, 5) in SCALED_PRICES:
                    self.known = False
                else:
                    self.goods += quantity * price
            case "SAC" if view.value(at, 1) in ("A", "C"):
                cents = finite(view.value(at, 5))
                if cents is None:
                    self.known = False
                else:
                    self.goods += cents.scaleb(-2) if view.value(at, 1) == "C" else -cents.scaleb(-2)
            case "TXI":
                amount = finite(view.value(at, 2))
                if view.value(at, 7) or (amount is None and view.value(at, 6) not in EXEMPT):
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


def total_findings(view: SetView) -> Iterator[Finding]:
    """CTT, TDS, taxes, charges and destinations are true; roles are given once."""
    lines = len(view.places.get("IT1", ()))
    yield from count_findings(view, "IT1", (lines,))
    yield from party_findings(view, "IT1")
    yield from date_findings(view, "IT1")
    yield from term_findings(view)
    yield from split_findings(view, "IT1")
    for tax in view.all("TXI"):
        yield from _tax(view, tax)
    for charge in view.all("SAC"):
        yield from _charge(view, charge)
    total = view.first("TDS")
    if total is None:
        return
    yield from _discount(view, total)
    parts, at = _Parts(), view.places["TDS"][0]
    for name in (*ADDED, *UNADDED):
        for n in view.places.get(name, ()):
            parts.take(view, n, n > at)
    said = finite(element(total, 1))
    if said is None or not parts.known:
        return
    totals = parts.totals()
    if all(abs(said.scaleb(-2) - one) > tolerance(lines) for one in totals):
        message = "TDS01 is not lines + charges - allowances + taxes, in cents"
        yield view.finding(total, "tds-sum", 1, message, f"{(totals[0] * 100).normalize():f}")


def _tax(view: SetView, tax: Segment) -> Iterator[Finding]:
    """A tax and its parts. Whoever reckons taxes knows better (steps, least amounts): no more than a doubt."""
    amount, rate, base = (finite(element(tax, n)) for n in (2, 3, 8))
    if element(tax, 6) in EXEMPT:
        message = "TXI02 is a tax, and TXI06 says exempt"
        if amount:
            yield view.finding(tax, "tax-exempt", 2, message, "no amount", doubt=True)
    elif amount is not None and rate is not None and base is not None:
        worth = base * rate / 100
        if abs(amount - worth) > tolerance(len(view.places.get("IT1", ()))):
            message = "TXI02 is not its percentage of its base"
            yield view.finding(tax, "tax-rate", 2, message, f"{worth.normalize():f}", doubt=True)


def _charge(view: SetView, charge: Segment) -> Iterator[Finding]:
    amount, rate, quantity = (finite(element(charge, n)) for n in (5, 8, 10))
    if amount is None or rate is None or quantity is None:
        return
    worth = rate * quantity * 100
    if abs(amount - worth) > tolerance(1) * 100:
        message = "SAC05 is not rate x quantity, in cents"
        yield view.finding(charge, "charge-rate", 5, message, f"{worth.normalize():f}", doubt=True)


def _discount(view: SetView, total: Segment) -> Iterator[Finding]:
    whole, less, discount = (finite(element(total, n)) for n in (1, 3, 4))
    if whole is None or less is None or discount is None:
        return
    if whole - discount != less:
        message = "TDS03 is not the total less the discount"
        yield view.finding(total, "tds-discount", 3, message, f"{whole - discount:f}", custom=True)
