"""What an 820 says about itself: what is paid, and the invoices and adjustments that it is for."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from itertools import chain

from airflow_provider_sagex3_cleo.x12.model import Finding
from airflow_provider_sagex3_cleo.x12.reader import Segment, element
from airflow_provider_sagex3_cleo.x12.totals import CENT, finite
from airflow_provider_sagex3_cleo.x12.view import SetView

__all__ = ["total_findings"]


def total_findings(view: SetView) -> Iterator[Finding]:
    """What is paid is what is listed, to the cent, and so is each invoice: amounts of payments are in cents already.

    An adjustment of its own counts into the payment. One under an invoice says why less or more of it is paid, so the
    amount paid (RMR04) has it in it; some list it besides: then both add up. Is nothing listed, or an invoice without
    what is paid of it, nothing is judged. Where less is listed than is paid, not all may be listed here."""
    payment, invoices = view.first("BPR"), view.all("RMR")
    own, inner = _adjustments(view)
    for invoice, adjustments in zip(invoices, inner, strict=True):
        yield from _invoice(view, invoice, adjustments)
    said = finite(element(payment, 2)) if payment else None
    listed, under = [*(finite(element(invoice, 4)) for invoice in invoices), *own], list(chain(*inner))
    if payment is None or said is None or not listed or None in listed or None in under:
        return
    total = _sum(listed)
    whole = total + _sum(under)
    if all(abs(said - one) > CENT for one in (total, whole)):
        message = "BPR02 is not the sum of the amounts paid (RMR04) and the adjustments (ADX01)"
        yield view.finding(payment, "bpr-sum", 2, message, f"{total:f}", custom=said > max(total, whole))


def _adjustments(view: SetView) -> tuple[list[Decimal | None], list[list[Decimal | None]]]:
    """Adjustments that stand for themselves, and those of each invoice."""
    own: list[Decimal | None] = []
    inner: list[list[Decimal | None]] = []
    for n in sorted((*view.places.get("RMR", ()), *view.places.get("ADX", ()))):
        segment = view.segments[n]
        if segment.elements[0] == "RMR":
            inner.append([])
        else:
            # ENT/ADX is a level above ENT/RMR/ADX.
            (inner[-1] if view.level(n) > 2 else own).append(finite(element(segment, 1)))
    return own, inner


def _invoice(view: SetView, invoice: Segment, adjustments: list[Decimal | None]) -> Iterator[Finding]:
    """The amount of the invoice, less the discount, more or less its adjustments, is what is paid."""
    paid, amount = (finite(element(invoice, n)) for n in (4, 5))
    discount = finite(element(invoice, 6) or "0")
    if paid is None or amount is None or discount is None or None in adjustments:
        return
    due = amount - discount
    worth = due + _sum(adjustments)
    if all(abs(paid - one) > CENT for one in (due, worth)):
        message = "RMR04 is not the amount of the invoice less the discount, with its adjustments"
        yield view.finding(invoice, "rmr-paid", 4, message, f"{worth:f}", custom=True)


def _sum(numbers: list[Decimal | None]) -> Decimal:
    return sum((n for n in numbers if n is not None), Decimal(0))
