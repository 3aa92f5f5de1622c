"""Read the canonical values of a Sage X3 record with errors that name record, field and value."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import Any

from airflow_provider_sagex3_cleo.errors import AgreementIncomplete, FieldMissing, ValueUnreadable

__all__ = ["Row"]

_PLAIN = re.compile(r"-?[0-9]+(\.[0-9]+)?")
_FIRST_YEAR = 1900  # Sage X3 writes 'no date' as 1599-12-31


@lru_cache(maxsize=16_384)
def _decimal(text: str) -> Decimal | None:
    return Decimal(text) if _PLAIN.fullmatch(text) else None


@lru_cache(maxsize=4_096)
def _date(text: str) -> date:
    return date.fromisoformat(text)


class Row:
    """The header, or one line, of a record; `label` stands before the column's name in messages ('line 3000 ')."""

    __slots__ = ("data", "label", "record")

    def __init__(self, record: str, data: Mapping[str, Any], label: str = "") -> None:
        self.record, self.data, self.label = record, data, label

    def text(self, column: str) -> str | None:
        """The text, or None where the column is empty."""
        value = self.data.get(column)
        return None if value is None or value == "" else str(value)

    def read(self, column: str) -> str | None:
        """The text, or None where the column is empty, of a column that only some agreements ask for.

        Raises:
            AgreementIncomplete: the record was read without the column."""
        if column not in self.data:
            raise AgreementIncomplete(
                "the agreement asks for a column that is not read",
                remedy="add it, or its GraphQL name (`sagex3-cleo describe`), to the entity specification, and let the "
                "record be read again",
                **self.where(column),
            )
        return self.text(column)

    def needed(self, column: str) -> str:
        """The text.

        Raises:
            FieldMissing: it is empty."""
        value = self.text(column)
        if value is None:
            raise FieldMissing("is empty", **self.where(column))
        return value

    def number(self, column: str) -> Decimal | None:
        """The number, exact, or None where the column is empty.

        Raises:
            ValueUnreadable: something else than a plain decimal stands there."""
        value = self.data.get(column)
        if value is None or value == "":
            return None
        found = _decimal(value) if isinstance(value, str) else Decimal(value) if type(value) is int else None
        if found is None:
            raise ValueUnreadable("is no number", value=value, **self.where(column))
        return found

    def needed_number(self, column: str) -> Decimal:
        """The number.

        Raises:
            FieldMissing: it is empty.
            ValueUnreadable: as `number`."""
        value = self.number(column)
        if value is None:
            raise FieldMissing("is empty", **self.where(column))
        return value

    def day(self, column: str) -> date | None:
        """The calendar date, or None where the column is empty or holds Sage X3's null date.

        Raises:
            ValueUnreadable: something else than YYYY-MM-DD stands there."""
        value = self.data.get(column)
        if value is None or value == "":
            return None
        try:
            found = _date(value)
        except (ValueError, TypeError) as exc:
            raise ValueUnreadable("is no date", value=value, expected="YYYY-MM-DD", **self.where(column)) from exc
        return found if found.year >= _FIRST_YEAR else None

    def whole(self, column: str) -> int | None:
        """The whole number, or None where the column is empty.

        Raises:
            ValueUnreadable: something else stands there."""
        value = self.data.get(column)
        if value is not None and type(value) is not int:
            raise ValueUnreadable("is no whole number", value=value, **self.where(column))
        return value

    def where(self, column: str) -> dict[str, str]:
        """Place of a column for an error."""
        return {"system": "sagex3", "record": self.record, "field": f"{self.label}{column}"}
