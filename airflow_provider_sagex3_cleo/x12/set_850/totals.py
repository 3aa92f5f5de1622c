"""What an 850 says about itself: number of lines, hash total, order total."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal, InvalidOperation

from airflow_provider_sagex3_cleo.x12.model import Finding
from airflow_provider_sagex3_cleo.x12.reader import Segment, element

__all__ = ["total_findings"]

HASH_LIMIT = 10**10
SCALED_PRICES = frozenset({"HP", "TP", "UM"})  # price per hundred, per thousand, per another unit
MONEY_BESIDE = frozenset({"SAC", "TAX", "TXI", "CTP"})  # may change the total in ways we do not add up
CENT, HALF_CENT = Decimal("0.01"), Decimal("0.005")


def total_findings(segments: Sequence[Segment], own: bool, where: str) -> Iterator[Finding]:
    """PO102 is there on every line; CTT01, CTT02 and AMT*TT are true to the lines."""
    lines = [s for s in segments if s.elements[0] == "PO1"]
    for line in lines:
        if not element(line, 2):
            yield _of(line, "element-missing", 2, "PO102: quantity is missing", "a quantity", where)
    at = next((n for n, s in enumerate(segments) if s.elements[0] == "CTT"), None)
    if at is None:
        if own:
            end = segments[-1]
            yield Finding(
                "error", "segment-missing", "CTT is missing", "CTT", end.position, expected="CTT before SE",
                offset=end.offset, where=where,
            )  # fmt: skip
        return
    totals = segments[at]
    count = element(totals, 1)
    if count.isdecimal() and int(count) != len(lines):
        yield _of(totals, "ctt-lines", 1, "CTT01 is not the number of PO1", str(len(lines)), where)
    quantities = [_number(element(line, 2)) for line in lines]
    yield from _hash(totals, quantities, where)
    amount = next((s for s in segments[at + 1 :] if s.elements[0] == "AMT" and element(s, 1) == "TT"), None)
    if amount is not None and not any(s.elements[0] in MONEY_BESIDE for s in segments):
        yield from _amount(amount, lines, quantities, where)


def _hash(totals: Segment, quantities: Sequence[Decimal | None], where: str) -> Iterator[Finding]:
    said = _number(element(totals, 2))
    known = [q for q in quantities if q is not None]
    if said is None or len(known) != len(quantities):
        return
    values = sum(known, Decimal(0))
    digits = sum(int("".join(c for c in format(q, "f") if c.isdigit())) for q in known)
    # Custom adds the values, the standard the digits without their point; both keep ten digits.
    if said not in (values % HASH_LIMIT, Decimal(digits % HASH_LIMIT)):
        yield _of(totals, "ctt-hash", 2, "CTT02 is not the sum of PO102", format(values, "f"), where)


def _amount(
    amount: Segment, lines: Sequence[Segment], quantities: Sequence[Decimal | None], where: str
) -> Iterator[Finding]:
    said, total = _number(element(amount, 2)), Decimal(0)
    for line, quantity in zip(lines, quantities, strict=True):
        price = _number(element(line, 4))
        if quantity is None or price is None or element(line, 5) in SCALED_PRICES:
            return
        total += quantity * price
    # Each line may have been rounded to the cent before it was added.
    if said is not None and abs(said - total) > max(CENT, HALF_CENT * len(lines)):
        yield _of(amount, "amt-total", 2, "AMT02 is not the sum of quantity x price", format(total, "f"), where)


def _number(text: str) -> Decimal | None:
    try:
        value = Decimal(text)
    except InvalidOperation:
        return None
    return value if value.is_finite() else None


def _of(segment: Segment, code: str, place: int, message: str, expected: str, where: str) -> Finding:
    name = segment.elements[0]
    return Finding(
        "error", code, message, name, segment.position, f"{name}{place:02d}", element(segment, place), expected,
        segment.offset, where,
    )  # fmt: skip
