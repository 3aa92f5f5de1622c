"""What the checks of totals share: reading numbers, naming the place, counting lines, half cents."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal, InvalidOperation

from airflow_provider_sagex3_cleo.x12.model import Finding
from airflow_provider_sagex3_cleo.x12.reader import Segment, element

__all__ = ["SCALED_PRICES", "count_findings", "finite", "hash_findings", "off", "tolerance"]

SCALED_PRICES = frozenset({"HP", "TP", "UM"})  # price per hundred, per thousand, per another unit
HASH_LIMIT = 10**10
CENT, HALF_CENT = Decimal("0.01"), Decimal("0.005")


def finite(text: str) -> Decimal | None:
    """A number of type R, None if it is none."""
    try:
        value = Decimal(text)
    except InvalidOperation:
        return None
    return value if value.is_finite() else None


def tolerance(lines: int) -> Decimal:
    """How far a total may be off: each line may have been rounded to the cent before it was added."""
    return max(CENT, HALF_CENT * lines)


def off(segment: Segment, code: str, place: int, message: str, expected: str, where: str) -> Finding:
    """The finding that one element of a segment is not true."""
    name = segment.elements[0]
    return Finding(
        "error", code, message, name, segment.position, f"{name}{place:02d}", element(segment, place), expected,
        segment.offset, where,
    )  # fmt: skip


def count_findings(
    segments: Sequence[Segment], counted: str, counts: tuple[int, ...], own: bool, where: str
) -> Iterator[Finding]:
    """CTT01 is the number of `counted` segments (one of `counts`), and our own sets have a CTT."""
    totals = next((s for s in segments if s.elements[0] == "CTT"), None)
    if totals is None:
        if own:
            end = segments[-1]
            yield Finding(
                "error", "segment-missing", "CTT is missing", "CTT", end.position, expected="CTT before SE",
                offset=end.offset, where=where,
            )  # fmt: skip
        return
    said = element(totals, 1)
    if said.isdecimal() and int(said) not in counts:
        yield off(totals, "ctt-lines", 1, f"CTT01 is not the number of {counted}", str(counts[0]), where)


def hash_findings(segments: Sequence[Segment], counted: str, where: str, place: int = 2) -> Iterator[Finding]:
    """CTT02, where it is sent, is the sum of the elements at `place` of the `counted` segments."""
    totals = next((s for s in segments if s.elements[0] == "CTT"), None)
    said = finite(element(totals, 2)) if totals else None
    quantities = [finite(element(s, place)) for s in segments if s.elements[0] == counted]
    known = [q for q in quantities if q is not None]
    if totals is None or said is None or len(known) != len(quantities):
        return
    values = sum(known, Decimal(0))
    digits = sum(int("".join(c for c in format(q, "f") if c.isdigit())) for q in known)
    # Custom adds the values, the standard the digits without their point; both keep ten digits.
    if said not in (values % HASH_LIMIT, Decimal(digits % HASH_LIMIT)):
        yield off(totals, "ctt-hash", 2, f"CTT02 is not the sum of {counted}{place:02d}", format(values, "f"), where)
