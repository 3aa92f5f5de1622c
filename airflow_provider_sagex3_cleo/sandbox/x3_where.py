"""The `where` and `orderBy` of api1 (Sage help, integration guide, "GET / query"), read and turned into functions.

Operators eq ne lt le gt ge between like in, joined by and / or / not with brackets, and the function left(). Strings
stand in single quotes (an inner quote doubled), dates and datetimes between `@`.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any, Final

__all__ = [
    "NUMBERS",
    "STAMP",
    "Condition",
    "QueryError",
    "UnknownProperty",
    "all_of",
    "any_of",
    "compared",
    "parse_order",
    "parse_where",
    "sortable",
]

Row = Mapping[str, Any]
Test = Callable[[Row], bool]


class QueryError(ValueError):
    """A where or orderBy that cannot be read."""


class UnknownProperty(QueryError):
    """A property that is not on the `$query` facet."""


@dataclass(frozen=True)
class Condition:
    """A test for a row, with what a row that passes it must have: see `all_of` for how parts combine.

    Attributes:
        lowest, highest: bounds of the stamp, both inclusive; None for no bound.
        numbers: the numbers of orders (POHNUM) or invoices (NUM) it can have; None for any.
    """

    test: Test
    lowest: datetime | None = None
    highest: datetime | None = None
    numbers: frozenset[str] | None = None


STAMP: Final = "UPDDATTIM"
NUMBERS: Final = frozenset({"POHNUM", "NUM"})

_TOKEN: Final = re.compile(
    r"\s*(?:(?P<string>'(?:[^']|'')*')|@(?P<moment>[^@]*)@|(?P<number>-?\d+(?:\.\d+)?)(?![\w.])"
    r"|(?P<word>[A-Za-z_$][\w$]*)|(?P<sign>[(),]))"
)
_COMPARE: Final[Mapping[str, Callable[[Any, Any], bool]]] = {
    "eq": operator.eq,
    "ne": operator.ne,
    "lt": operator.lt,
    "le": operator.le,
    "gt": operator.gt,
    "ge": operator.ge,
}


def parse_where(text: str, properties: Collection[str]) -> Condition:
    """Read a where. Raises: QueryError, UnknownProperty"""
    parser = _Parser(text, properties)
    condition = parser.either()
    parser.end()
    return condition


def parse_order(text: str, properties: Collection[str]) -> list[tuple[str, bool]]:
    """Read an orderBy: pairs of property and whether it is descending; `,` and `;` both separate.

    Raises: QueryError, UnknownProperty"""
    order = []
    for part in filter(None, (p.strip() for p in re.split("[,;]", text))):
        name, _, way = part.partition(" ")
        if name not in properties:
            raise UnknownProperty(name)
        if way.strip().lower() not in ("", "asc", "desc"):
            raise QueryError(f"orderBy cannot be read at {part!r}")
        order.append((name, way.strip().lower() == "desc"))
    return order


def sortable(value: Any) -> Any:
    """A value of a row as it is compared: text without padding."""
    if isinstance(value, str):
        return value.rstrip()
    return value


class _Parser:
    def __init__(self, text: str, properties: Collection[str]) -> None:
        self._tokens = list(_tokens(text))
        self._at, self._properties = 0, properties

    def end(self) -> None:
        if self._at != len(self._tokens):
            raise QueryError(f"where cannot be read at {self._tokens[self._at][1]!r}")

    def either(self) -> Condition:
        parts = [self._both()]
        while self._word("or"):
            parts.append(self._both())
        return any_of(parts)

    def _both(self) -> Condition:
        parts = [self._single()]
        while self._word("and"):
            parts.append(self._single())
        return all_of(parts)

    def _single(self) -> Condition:
        if self._word("not"):
            inner = self._single().test
            return Condition(lambda row: not inner(row))
        if self._sign("("):
            inside = self.either()
            self._must(")")
            return inside
        return self._comparison()

    def _comparison(self) -> Condition:
        name, value_of = self._operand()
        op = self._take("word").lower()
        if op == "between":
            low = self._literal()
            if not self._word("and"):
                raise QueryError("between needs an and")
            high = self._literal()
            return all_of([compared(name, "ge", low, value_of), compared(name, "le", high, value_of)])
        if op == "in":
            self._must("(")
            parts = [compared(name, "eq", self._literal(), value_of)]
            while self._sign(","):
                parts.append(compared(name, "eq", self._literal(), value_of))
            self._must(")")
            return any_of(parts)
        literal = self._literal()
        if op == "like":
            pattern = re.compile("".join({"%": ".*", "_": "."}.get(c, re.escape(c)) for c in str(literal)), re.S)
            return Condition(lambda row: bool(pattern.fullmatch(str(value_of(row) or "").rstrip())))
        return compared(name, op, literal, value_of)

    def _operand(self) -> tuple[str, Callable[[Row], Any]]:
        name = self._take("word")
        if name.lower() == "left" and self._sign("("):
            inner = self._property(self._take("word"))
            self._must(",")
            length = int(self._take("number"))
            self._must(")")
            return "", lambda row: str(row[inner] or "")[:length]
        self._property(name)
        return name, lambda row: row[name]

    def _property(self, name: str) -> str:
        if name not in self._properties:
            raise UnknownProperty(name)
        return name

    def _literal(self) -> Any:
        kind, text = self._next()
        match kind:
            case "string":
                return text[1:-1].replace("''", "'").rstrip()
            case "moment":
                return _moment(text)
            case "number":
                return Decimal(text)
            case "word" if text.lower() == "null":
                return None
        raise QueryError(f"where cannot be read at {text!r}")

    def _next(self) -> tuple[str, str]:
        if self._at >= len(self._tokens):
            raise QueryError("where ends too early")
        self._at += 1
        return self._tokens[self._at - 1]

    def _take(self, kind: str) -> str:
        found, text = self._next()
        if found != kind:
            raise QueryError(f"where cannot be read at {text!r}")
        return text

    def _word(self, word: str) -> bool:
        here = self._tokens[self._at] if self._at < len(self._tokens) else ("", "")
        if here[0] == "word" and here[1].lower() == word:
            self._at += 1
            return True
        return False

    def _sign(self, sign: str) -> bool:
        if self._at < len(self._tokens) and self._tokens[self._at] == ("sign", sign):
            self._at += 1
            return True
        return False

    def _must(self, sign: str) -> None:
        if not self._sign(sign):
            raise QueryError(f"where lacks a {sign!r}")


def _tokens(text: str) -> Iterator[tuple[str, str]]:
    at, text = 0, text.strip()
    while at < len(text):
        match = _TOKEN.match(text, at)
        if match is None or match.lastgroup is None:
            raise QueryError(f"where cannot be read at {text[at:][:20]!r}")
        yield match.lastgroup, match.group(match.lastgroup)
        at = match.end()


def _moment(text: str) -> datetime | date:
    try:
        if len(text) == 10:
            return date.fromisoformat(text)
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise QueryError(f"no date or datetime: {text!r}") from None
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def any_of(parts: Sequence[Condition]) -> Condition:
    """Passes where one part passes; bounds are as wide as the widest part's."""
    if len(parts) == 1:
        return parts[0]
    tests = [p.test for p in parts]
    lows, highs = [p.lowest for p in parts], [p.highest for p in parts]
    numbers = [p.numbers for p in parts]
    return Condition(
        lambda row: any(test(row) for test in tests),
        None if None in lows else min((low for low in lows if low), default=None),
        None if None in highs else max((high for high in highs if high), default=None),
        None if None in numbers else frozenset().union(*(n for n in numbers if n)),
    )


def all_of(parts: Sequence[Condition]) -> Condition:
    """Passes where all parts pass; bounds are as narrow as the narrowest part's."""
    if len(parts) == 1:
        return parts[0]
    tests = [p.test for p in parts]
    numbers: frozenset[str] | None = None
    for part in parts:
        if part.numbers is not None:
            numbers = part.numbers if numbers is None else numbers & part.numbers
    return Condition(
        lambda row: all(test(row) for test in tests),
        max((p.lowest for p in parts if p.lowest), default=None),
        min((p.highest for p in parts if p.highest), default=None),
        numbers,
    )


def compared(column: str, op: str, literal: Any, value_of: Callable[[Row], Any] | None = None) -> Condition:
    """One comparison of a column (or of what `value_of` makes of a row) with a literal. Raises: QueryError"""
    if op not in _COMPARE:
        raise QueryError(f"no operator {op!r}")
    compare = _COMPARE[op]
    value_from = value_of or operator.itemgetter(column)

    def test(row: Row) -> bool:
        value, wanted = sortable(value_from(row)), literal
        if isinstance(wanted, datetime) and type(value) is date:
            wanted = wanted.date()
        elif type(wanted) is date and isinstance(value, datetime):
            wanted = datetime(wanted.year, wanted.month, wanted.day, tzinfo=UTC)
        if value is None or wanted is None:
            return (value is wanted) if op == "eq" else (value is not wanted) if op == "ne" else False
        try:
            return compare(value, wanted)
        except TypeError:
            return op == "ne"

    moment = literal
    if type(moment) is date:
        moment = datetime(moment.year, moment.month, moment.day, tzinfo=UTC)
    on_stamp = column == STAMP and isinstance(moment, datetime)
    return Condition(
        test,
        moment if on_stamp and op in ("eq", "ge", "gt") else None,
        moment if on_stamp and op in ("eq", "le", "lt") else None,
        frozenset({str(literal)}) if column in NUMBERS and op == "eq" else None,
    )
