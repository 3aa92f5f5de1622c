"""Sage X3's spellings made one: padded text, menus as numbers or words, null dates of every kind, numbers as text.

A value that cannot be read as its type stays as its raw text, so that whoever needs it can say what was there.
Source: reference pages on scalar forms and null dates; the form of menu words is in docs/assumptions.md.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
from typing import Any

from airflow_provider_sagex3_cleo.sagex3.reader import format_stamp, parse_stamp
from airflow_provider_sagex3_cleo.sagex3.spec_types import Column, ColumnType, word_key

__all__ = ["Converter", "compile_type", "plan"]

Converter = Callable[[Any], Any]

FIRST_YEAR = 1900
MAX_DIGITS = 40
_NUMBER = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?", re.ASCII)
_DATE = re.compile(r"(\d{4})-(\d{2})-(\d{2})(?:[T ].*)?|(\d{4})(\d{2})(\d{2})", re.ASCII | re.DOTALL)

_TIME = re.compile(r"(\d\d):?(\d\d)(?::00(?:\.0+)?)?Z?", re.ASCII)


def plan(columns: Iterable[Column]) -> tuple[tuple[Column, Converter], ...]:
    """Each column with its converter, sorted by name: records are built in the order of their canonical form."""
    return tuple((column, compile_type(column.type)) for column in sorted(columns, key=lambda each: each.name))


def compile_type(kind: ColumnType) -> Converter:
    """The function that brings a raw JSON value into the canonical form of its type."""
    if kind.menu is not None:
        return _menu(kind.menu.values, frozenset(kind.menu.words) == frozenset({1, 2}))
    return _CONVERTERS[kind.kind]


def _raw(value: Any) -> str:
    """The value as text, for a reader of the message."""
    if isinstance(value, str):
        return value.strip()
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, dict | list):
        return json.dumps(value, default=str, ensure_ascii=False, sort_keys=True)
    return str(value)


def _text(value: Any) -> str | None:
    if isinstance(value, str):
        return value.strip() or None
    if value is None:
        return None
    return _decimal(value) if isinstance(value, Decimal) else _raw(value)


def _clob(value: Any) -> str | None:
    """Text of several lines: line ends made one, blanks at the ends of lines and empty lines around it gone."""
    text = _text(value)
    return None if text is None else "\n".join(line.rstrip() for line in text.splitlines())


@lru_cache(maxsize=8192)
def _plain(text: str) -> str:
    """A number's text without exponent, plus sign and end zeros; anything else as it is."""
    if _NUMBER.fullmatch(text) is None:
        return text
    number = Decimal(text)
    if not number:
        return "0"
    if number.adjusted() > MAX_DIGITS or -int(number.as_tuple().exponent) > MAX_DIGITS + 20:
        return text
    plain = format(number, "f")
    return plain.rstrip("0").rstrip(".") if "." in plain else plain


def _decimal(value: Any) -> str | None:
    if type(value) is Decimal:
        return _plain(str(value))
    if isinstance(value, str):
        return _plain(value.strip()) or None
    if value is None:
        return None
    if isinstance(value, bool | dict | list):
        return _raw(value)
    return _plain(str(value))


def _int(value: Any) -> int | str | None:
    if type(value) is int:
        return value
    plain = _decimal(value)
    if plain is None:
        return None
    return int(plain) if plain.removeprefix("-").isdecimal() and plain.isascii() else plain


def _menu(values: Mapping[str, int], yes_no: bool) -> Converter:
    words: dict[str, int | str | None] = {}

    def convert(value: Any) -> int | str | None:
        if type(value) is int:
            return value
        if isinstance(value, bool):
            return (2 if value else 1) if yes_no else _raw(value)
        if isinstance(value, str):
            found = words.get(value)
            if found is None and (text := value.strip()):
                found = values.get(word_key(text))
                found = _int(text) if found is None else found
                if len(words) < 256:
                    words[value] = found
            return found
        return _int(value)

    return convert


@lru_cache(maxsize=8192)
def _day(text: str) -> str | None:
    found = _DATE.fullmatch(text)
    if found is None:
        return text or None
    year, month, day = (int(part) for part in found.groups() if part is not None)
    if year < FIRST_YEAR:
        return None
    try:
        return date(year, month, day).isoformat()
    except ValueError:
        return text


def _date(value: Any) -> str | None:
    if value is None:
        return None
    return _day(value.strip() if isinstance(value, str) else _raw(value))


@lru_cache(maxsize=8192)
def _moment(text: str) -> str | None:
    if text[:4].isdecimal() and text[4:5] == "-" and int(text[:4]) < FIRST_YEAR:
        return None
    moment: datetime | None = parse_stamp(text)
    if moment is None:
        return text or None
    return format_stamp(moment) if moment.year >= FIRST_YEAR else None


def _time(value: Any) -> str | None:
    text = _text(value)
    found = None if text is None else _TIME.fullmatch(text)
    return text if found is None else found[1] + found[2]


def _datetime(value: Any) -> str | None:
    if value is None:
        return None
    return _moment(value.strip() if isinstance(value, str) else _raw(value))


_CONVERTERS: Mapping[str, Converter] = {
    "text": _text,
    "clob": _clob,
    "int": _int,
    "decimal": _decimal,
    "date": _date,
    "time": _time,
    "datetime": _datetime,
}
