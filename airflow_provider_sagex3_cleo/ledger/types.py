"""Column types that read the same on both databases."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import BigInteger, DateTime, Integer, String
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator, TypeEngine

__all__ = ["ROW_ID", "UtcTime", "iso"]

#: SQLite numbers rows by itself only where the type is exactly INTEGER.
ROW_ID = BigInteger().with_variant(Integer(), "sqlite")


@lru_cache(maxsize=1024)  # one moment stands in thousands of rows of a bulk write
def iso(moment: datetime) -> str:
    """A moment as `2026-11-24T06:33:54.000000Z`: fixed width, so that text sorts as time.

    Raises: ValueError for a naive time."""
    if moment.tzinfo is None:
        raise ValueError(f"naive time {moment!r}: the ledger takes aware times only")
    return moment.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"


class UtcTime(TypeDecorator[datetime]):
    """An aware UTC moment with microseconds: TIMESTAMPTZ on PostgreSQL, sortable ISO text on SQLite."""

    impl = String(27)
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """The column's real type on this database."""
        return dialect.type_descriptor(DateTime(timezone=True) if dialect.name == "postgresql" else String(27))

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> Any:
        """To the database; a naive time is an error at the door."""
        if value is None:
            return None
        text = iso(value)
        return value if dialect.name == "postgresql" else text

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        """From the database, always aware UTC."""
        if value is None:
            return None
        return (datetime.fromisoformat(value) if isinstance(value, str) else value).astimezone(UTC)
