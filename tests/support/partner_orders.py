"""A supplier's side of an order: takes the 850 and applies 860s to it, reading nothing but raw segments.

Knows the product's code not at all: a second opinion on what an 860 means."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Literal

from tests.support.x12 import padded, plain_rows

#: What each code of POC02 promises to be different, and nothing else; CA and RE promise only that something is.
PROMISES = {
    "QI": {"quantity"}, "QD": {"quantity"}, "PC": {"price"}, "CT": {"day"}, "RS": {"day"}, "NC": set(),
    "PQ": {"price", "quantity"}, "RQ": {"quantity", "day"}, "PR": {"price", "quantity", "day"},
}  # fmt: skip


@dataclass
class HeldLine:
    """A line as the supplier has it. `day` and `place` are None where the heading's count.

    `split` is how much goes to which place (SDQ), or is wanted on which day (SCH)."""

    quantity: Decimal
    unit: str
    price: Decimal
    items: dict[str, str]
    day: str | None = None
    place: str | None = None
    left: Decimal | None = None
    split: dict[str, Decimal] = field(default_factory=dict)


@dataclass
class HeldOrder:
    """An order as the supplier has it.

    `counting` is how POC03 is agreed: the new quantity or the difference. `mentioned` are the lines of the last 860."""

    counting: Literal["new", "difference"] = "new"
    number: str = ""
    order_date: str = ""
    currency: str = ""
    terms: tuple[str, ...] = ()
    day: str | None = None
    place: str | None = None
    cancelled: bool = False
    changes: int = 0
    lines: dict[int, HeldLine] = field(default_factory=dict)
    mentioned: set[int] = field(default_factory=set)
    told: set[int] = field(default_factory=set, repr=False)  # lines whose split was told in this file

    def take_order(self, data: bytes) -> None:
        """Take in an 850."""
        self.told.clear()
        line: HeldLine | None = None
        for row in plain_rows(data):
            x = padded(row)
            if x[0] == "BEG":
                self.number, self.order_date = x[3], x[5]
            elif x[0] == "PO1":
                line = HeldLine(Decimal(x[2]), x[3], Decimal(x[4]), _items(x[6:]))
                assert int(x[1]) not in self.lines
                self.lines[int(x[1])] = line
            else:
                self._heading_or_detail(x, line)

    def apply(self, data: bytes) -> None:
        """Apply an 860; AssertionError where it contradicts itself or what is held."""
        assert not self.cancelled, "a change after the cancellation"
        self.told.clear()
        line: HeldLine | None = None
        before = {number: replace(held, place=self.place_of(number)) for number, held in self.lines.items()}
        codes: dict[int, str] = {}
        for row in plain_rows(data):
            x = padded(row)
            if x[0] == "BCH":
                self._begin(x)
            elif x[0] == "POC":
                number = int(x[1])
                assert number not in codes, "a line that stands twice"
                codes[number] = x[2]
                line = self._line(number, x)
            else:
                self._heading_or_detail(x, line)
        self.mentioned = set(codes)
        for number, code in codes.items():
            if code in PROMISES:
                self._keeps_its_promise(code, before[number], self.lines[number])

    def day_of(self, number: int) -> str | None:
        return self.lines[number].day or self.day

    def place_of(self, number: int) -> str | None:
        return self.lines[number].place or self.place

    def _begin(self, x: list[str]) -> None:
        assert x[3] == self.number, "another order"
        self.changes += 1
        assert int(x[5]) == self.changes, "a change is missing"
        self.order_date = x[6]
        self.cancelled = x[1] == "01"

    def _line(self, number: int, x: list[str]) -> HeldLine:
        code, said, before = x[2], Decimal(x[3]), self.lines.get(number)
        assert (before is None) == (code == "AI"), f"{code} of line {number}"
        held = before.quantity if before else Decimal(0)
        if self.counting == "difference":
            said = held + said if code not in ("QD", "DI") else held - said
        after = HeldLine(said, x[5], Decimal(x[6]), _items(x[8:]), left=Decimal(x[4]))
        assert 0 <= after.left <= after.quantity
        assert (after.quantity == 0) == (code == "DI")
        if before is not None:
            after.day, after.place, after.split = before.day, before.place, before.split
        if code == "DI":
            del self.lines[number]
        else:
            self.lines[number] = after
        return after

    def _keeps_its_promise(self, code: str, before: HeldLine, after: HeldLine) -> None:
        different = {name for name in ("quantity", "price", "unit", "items") if vars(before)[name] != vars(after)[name]}
        # A day may be said anew though it is the same; a new place is said by the heading, or under CA.
        assert different | {"day"} == PROMISES[code] | {"day"}, (code, different)
        assert after.place in (None, before.place)
        if code in ("QI", "QD"):
            assert (after.quantity > before.quantity) == (code == "QI")

    def _heading_or_detail(self, x: list[str], line: HeldLine | None) -> None:
        where: HeldOrder | HeldLine = self if line is None else line
        if x[:2] == ["DTM", "002"]:
            where.day = x[2]
        elif x[:2] == ["N1", "ST"]:
            where.place = x[4]
        elif x[0] in ("SDQ", "SCH") and line is not None:
            assert x[1 if x[0] == "SDQ" else 2] == line.unit
            if id(line) not in self.told:  # a split takes the place of the one before
                self.told.add(id(line))
                line.split = {}
            pairs = list(zip(x[3::2], x[4::2], strict=False)) if x[0] == "SDQ" else [(x[6], x[1])]
            for key, said in pairs:
                if key:
                    assert key not in line.split, "a place or day that stands twice"
                    line.split[key] = Decimal(said)
        elif x[0] == "CUR":
            self.currency = x[2]
        elif x[0] == "ITD":
            self.terms = tuple(x[1:])


def _items(pairs: list[str]) -> dict[str, str]:
    return {pairs[n]: pairs[n + 1] for n in range(0, len(pairs) - 1, 2) if pairs[n]}
