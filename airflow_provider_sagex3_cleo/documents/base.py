"""The base of all business documents."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from decimal import Context, Decimal, DivisionByZero, InvalidOperation, Overflow
from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict

__all__ = ["EXACT", "Business", "content_hash", "summed"]

_Key = TypeVar("_Key")

EXACT = Context(prec=100, traps=[InvalidOperation, DivisionByZero, Overflow])
"""Arithmetic that never rounds a product or a sum of business numbers (the default context rounds at 28 digits)."""


class Business(BaseModel):
    """Frozen, strict, closed: a float where a Decimal belongs, an unknown field or a naive time is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


def content_hash(value: Any) -> str:
    """SHA-256 (hex) of a JSON-able value in canonical form: sorted keys, no blanks, UTF-8.

    Decimals and dates are hashed as their text."""
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, default=str)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def summed(parts: Iterable[tuple[_Key, Decimal]]) -> dict[_Key, Decimal]:
    """The quantities of parts that have one key as one, exact, in the order of the keys' first parts."""
    found: dict[_Key, Decimal] = {}
    for key, quantity in parts:
        found[key] = EXACT.add(found[key], quantity) if key in found else quantity
    return found
