"""What segments of a set promise about each other: counts, sums, numbers used once, windows that have an inside."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal, InvalidOperation
from functools import lru_cache

from airflow_provider_sagex3_cleo.x12.model import Finding
from airflow_provider_sagex3_cleo.x12.reader import Segment, element
from airflow_provider_sagex3_cleo.x12.view import SetView

__all__ = [
    "CENT",
    "SCALED_PRICES",
    "count_findings",
    "date_findings",
    "finite",
    "hash_findings",
    "line_findings",
    "party_findings",
    "release_findings",
    "split_findings",
    "split_sums",
    "term_findings",
    "tolerance",
]

SCALED_PRICES = frozenset({"HP", "TP", "UM"})  # price per hundred, per thousand, per another unit
HASH_LIMIT = 10**10
RELEASE = "RL"  # order types (element 92) that name a release of a blanket order
CENT, HALF_CENT = Decimal("0.01"), Decimal("0.005")
# Meanings of dates that belong together, the earlier one first: ship, deliver, period, on the way.
WINDOWS = (("037", "038"), ("064", "063"), ("186", "187"), ("011", "017"))


@lru_cache(maxsize=4096)
def finite(text: str) -> Decimal | None:
    """A number of type R, None if it is none. One with an exponent is none: it could be larger than any arithmetic."""
    try:
        value = Decimal(text)
    except InvalidOperation:
        return None
    return value if value.is_finite() and "e" not in text.lower() else None


def tolerance(lines: int) -> Decimal:
    """How far a total may be off: each line may have been rounded to the cent before it was added."""
    return max(CENT, HALF_CENT * lines)


def count_findings(view: SetView, counted: str, counts: tuple[int, ...]) -> Iterator[Finding]:
    """CTT01 is the number of `counted` segments (one of `counts`), and our own sets have a CTT."""
    totals = view.first("CTT")
    if totals is None:
        if view.own:
            end = view.segments[-1]
            yield Finding(
                "error", "segment-missing", "CTT is missing", "CTT", end.position, expected="CTT before SE",
                offset=end.offset, where=view.where,
            )  # fmt: skip
        return
    said = element(totals, 1)
    if said.isdecimal() and int(said) not in counts:
        yield view.finding(totals, "ctt-lines", 1, f"CTT01 is not the number of {counted}", str(counts[0]))


def hash_findings(view: SetView, counted: str, place: int = 2) -> Iterator[Finding]:
    """CTT02, where it is sent, is the sum of the elements at `place` of the `counted` segments."""
    totals = view.first("CTT")
    said = finite(element(totals, 2)) if totals else None
    if totals is None or said is None:
        return
    quantities = list(map(finite, view.column(counted, place)))
    known = [q for q in quantities if q is not None]
    if len(known) != len(quantities):
        return
    values = sum(known, Decimal(0))
    # Custom adds the values, the standard the digits without their point; both keep ten digits.
    if said == values % HASH_LIMIT:
        return
    digits = sum(int("".join(c for c in format(q, "f") if c.isdigit())) for q in known)
    if said != Decimal(digits % HASH_LIMIT):
        yield view.finding(totals, "ctt-hash", 2, f"CTT02 is not the sum of {counted}{place:02d}", format(values, "f"))


def line_findings(view: SetView, name: str) -> Iterator[Finding]:
    """No two lines have one number."""
    numbers = [number for number in view.column(name, 1) if number]
    if len(set(numbers)) == len(numbers):
        return
    for line in _repeated([line for line in view.all(name) if element(line, 1)]):
        message = f"{name}01 was the number of an earlier line"
        yield view.finding(line, "line-number", 1, message, "a number of its own", custom=True)


def party_findings(view: SetView, opener: str) -> Iterator[Finding]:
    """A role is given to one party only, in the heading and in each line or level."""
    for parties in view.by_part("N1", opener):
        for party in _repeated(parties):
            message = f"two parties are {element(party, 1)}"
            yield view.finding(party, "party-twice", 1, message, "one party a role", custom=True)


def date_findings(view: SetView, opener: str) -> Iterator[Finding]:
    """A meaning is given to one date only, and no window ends before it begins."""
    for dates in view.by_part("DTM", opener, direct=True):
        for date in _repeated(dates):
            message = f"two dates are {element(date, 1)}"
            yield view.finding(date, "date-twice", 1, message, "one date a meaning", custom=True)
        said = {element(date, 1): date for date in reversed(dates)}
        for first, last in WINDOWS:
            if first in said and last in said and element(said[last], 2) < element(said[first], 2):
                message = f"the date {last} comes before the date {first}"
                expected = f"{element(said[first], 2)} or later"
                yield view.finding(said[last], "date-window", 2, message, expected, custom=True)


def _repeated(segments: Sequence[Segment]) -> Iterator[Segment]:
    """Those whose first element an earlier one has."""
    seen: set[str] = set()
    for segment in segments:
        value = element(segment, 1)
        if value in seen:
            yield segment
        seen.add(value)


def term_findings(view: SetView) -> Iterator[Finding]:
    """The discount ends before the net term does."""
    for terms in view.all("ITD"):
        discount, net = element(terms, 5), element(terms, 7)
        if discount.isdecimal() and net.isdecimal() and int(discount) > int(net):
            message = "the discount lasts longer than the net term"
            yield view.finding(terms, "terms-days", 5, message, f"at most {net} days", custom=True)


def split_sums(view: SetView, name: str, unit_place: int = 3) -> Iterator[tuple[Segment, str, str, Decimal]]:
    """Lines with the sums of their schedules (SCH) and of their destinations (SDQ), where all is in the line's unit.

    With each sum the code of a finding about it, and what was added."""
    if "SCH" not in view.places and "SDQ" not in view.places:
        return
    for line, *rest in view.parts(name):
        unit = element(line, unit_place)
        direct = [s.elements[0] for s in rest]
        end = direct.index("N1") if "N1" in direct else len(rest)  # a party of the line may have schedules of its own
        scheduled = [(element(s, 2), element(s, 1)) for s in rest[:end] if s.elements[0] == "SCH"]
        destined = [
            (element(s, 1), element(s, n))
            for s in rest
            if s.elements[0] == "SDQ"
            for n in range(4, 23, 2)
            if element(s, n)
        ]
        for code, what, parts in (("schedule-sum", "SCH01", scheduled), ("destination-sum", "SDQ", destined)):
            numbers = [finite(number) for _, number in parts]
            if parts and all(of == unit for of, _ in parts) and None not in numbers:
                yield line, code, what, sum((n for n in numbers if n is not None), Decimal(0))


def split_findings(view: SetView, name: str) -> Iterator[Finding]:
    """Schedules (SCH) and destinations (SDQ) of a line add up to its quantity, as far as they are in its unit."""
    for line, code, what, total in split_sums(view, name):
        quantity = finite(element(line, 2))
        if quantity is not None and total != quantity:
            message = f"the quantities of {what} do not add up to the line's"
            yield view.finding(line, code, 2, message, format(total, "f"))


def release_findings(view: SetView, name: str) -> Iterator[Finding]:
    """The order or change that releases a part of a blanket order says which release it is, in its fourth element."""
    beginning = view.first(name)
    if beginning and element(beginning, 2) == RELEASE and not element(beginning, 4):
        message = f"{name}04: release number is missing"
        yield view.finding(beginning, "element-missing", 4, message, "a release number", custom=True)
