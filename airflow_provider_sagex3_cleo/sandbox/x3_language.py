"""The small part of the GraphQL language that a poller uses, and the relaxed JSON of X3's filter strings.

One query operation with variables, fields with aliases and arguments, nested selections. No fragments and no
directives. graphql-core would bring all of it, and a dependency for the sandbox alone (docs/decisions/sandbox-http.md).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Final

__all__ = ["Field", "LanguageError", "parse_query", "parse_relaxed"]


class LanguageError(ValueError):
    """A text that is not of the language."""


@dataclass(frozen=True)
class Field:
    """One selected field: its name, the key it has in the answer, arguments with variables filled in, sub-selection."""

    name: str
    key: str
    arguments: Mapping[str, Any] = field(default_factory=dict)
    selection: tuple[Field, ...] = ()


_TOKEN: Final = re.compile(
    r"(?:[\s,\ufeff]|\#[^\n]*)*(?:(?P<string>\"(?:[^\"\\\n]|\\.)*\"|'(?:[^'\\\n]|\\.|'')*')"
    r"|(?P<number>[+-]?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)|(?P<name>[A-Za-z_]\w*)|(?P<sign>\.\.\.|[{}()\[\]:!$=@|&]))"
)
_BLANK: Final = re.compile(r"(?:[\s,\ufeff]|#[^\n]*)*")
_ESCAPE: Final = re.compile(r"\\(u[0-9a-fA-F]{4}|.)", re.S)
_ESCAPED: Final = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f"}
_WORDS: Final[Mapping[str, Any]] = {"true": True, "false": False, "null": None}


def parse_query(text: str, variables: Mapping[str, Any]) -> tuple[Field, ...]:
    """The selection of the one operation in `text`. Raises: LanguageError"""
    parser = _Parser(text, dict(variables))
    selection = parser.operation()
    parser.end()
    return selection


def parse_relaxed(text: str) -> Any:
    """A filter or orderBy: JSON with bare keys, single quotes and signs (`{_updateStamp:+1}`). Raises: LanguageError"""
    parser = _Parser(text, {})
    value = parser.value()
    parser.end()
    return value


class _Parser:
    def __init__(self, text: str, variables: dict[str, Any]) -> None:
        self._tokens: list[tuple[str, str]] = []
        self._variables, self._at = variables, 0
        at, end = 0, len(text)
        while at < end:
            match = _TOKEN.match(text, at)
            if match is None or match.lastgroup is None:
                blank = _BLANK.match(text, at)
                if blank is not None and blank.end() == end:
                    break
                raise LanguageError(f"Syntax Error: Unexpected character at {text[at : at + 20]!r}")
            self._tokens.append((match.lastgroup, match.group(match.lastgroup)))
            at = match.end()

    def operation(self) -> tuple[Field, ...]:
        if self._peek() == ("name", "query"):
            self._next()
            if self._peek()[0] == "name":
                self._next()
            if self._sign("("):
                self._variable_definitions()
        return self._selection()

    def end(self) -> None:
        if self._at != len(self._tokens):
            raise self._unexpected()

    def value(self) -> Any:
        kind, text = self._next()
        if kind == "string":
            return _unquoted(text)
        if kind == "number":
            return int(text) if text.lstrip("+-").isdigit() else Decimal(text)
        if kind == "name":
            return _WORDS.get(text, text)
        if text == "$":
            return self._variables.get(self._name())
        if text == "[":
            items = []
            while not self._sign("]"):
                items.append(self.value())
            return items
        if text == "{":
            members = {}
            while not self._sign("}"):
                key = self._next()
                if key[0] not in ("name", "string"):
                    raise self._unexpected(back=True)
                self._must(":")
                members[key[1] if key[0] == "name" else _unquoted(key[1])] = self.value()
            return members
        raise self._unexpected(back=True)

    def _variable_definitions(self) -> None:
        while not self._sign(")"):
            self._must("$")
            name = self._name()
            self._must(":")
            self._type()
            if self._sign("="):
                self._variables.setdefault(name, self.value())

    def _type(self) -> None:
        if self._sign("["):
            self._type()
            self._must("]")
        else:
            self._name()
        self._sign("!")

    def _selection(self) -> tuple[Field, ...]:
        self._must("{")
        fields = []
        while not self._sign("}"):
            fields.append(self._field())
        if not fields:
            raise LanguageError("Syntax Error: Expected Name, found }")
        return tuple(fields)

    def _field(self) -> Field:
        key = name = self._name()
        if self._sign(":"):
            name = self._name()
        arguments = {}
        if self._sign("("):
            while not self._sign(")"):
                argument = self._name()
                self._must(":")
                arguments[argument] = self.value()
        selection = self._selection() if self._peek() == ("sign", "{") else ()
        return Field(name, key, arguments, selection)

    def _peek(self) -> tuple[str, str]:
        return self._tokens[self._at] if self._at < len(self._tokens) else ("end", "<EOF>")

    def _next(self) -> tuple[str, str]:
        token = self._peek()
        if token[0] == "end":
            raise self._unexpected()
        self._at += 1
        return token

    def _name(self) -> str:
        kind, text = self._next()
        if kind != "name":
            raise self._unexpected(back=True)
        return text

    def _sign(self, sign: str) -> bool:
        if self._peek() == ("sign", sign):
            self._at += 1
            return True
        return False

    def _must(self, sign: str) -> None:
        if not self._sign(sign):
            raise LanguageError(f"Syntax Error: Expected {sign!r}, found {self._peek()[1]}")

    def _unexpected(self, *, back: bool = False) -> LanguageError:
        self._at -= back
        return LanguageError(f"Syntax Error: Unexpected {self._peek()[1]}")


def _unquoted(text: str) -> str:
    quote, inner = text[0], text[1:-1]
    if quote == "'":
        inner = inner.replace("''", "'")
    return _ESCAPE.sub(lambda m: chr(int(m[1][1:], 16)) if len(m[1]) == 5 else _ESCAPED.get(m[1], m[1]), inner)
