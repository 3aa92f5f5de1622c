"""The base of all business documents."""

from __future__ import annotations

import hashlib
import json
from decimal import Context, DivisionByZero, InvalidOperation, Overflow
from typing import Any

from pydantic import BaseModel, ConfigDict

__all__ = ["EXACT", "Business", "content_hash"]

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
