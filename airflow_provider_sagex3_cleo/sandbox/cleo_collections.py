"""The fake Cleo's collections: rows in pages counted from 0, a small filter, totals as number or text."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

__all__ = ["Paging", "Unfiltered", "sample_connections"]

_FILTER: Final = re.compile(r'\s*(\w+)\s+(eq|sw)\s+"([^"]*)"\s*')


class Unfiltered(Exception):
    """The filter expression cannot be understood."""


class Paging:
    """How collections are cut into pages. Change the attributes at will.

    Attributes:
        limit: most rows in one page, whatever `count` says; also the default of `count`.
        total_as_text: totalResults comes as text.
        ends_early: pages are empty from this row on though the total says more; None for never.
    """

    def __init__(self) -> None:
        self.limit = 100
        self.total_as_text = False
        self.ends_early: int | None = None

    def page(self, rows: Sequence[Mapping[str, Any]], query: Mapping[str, str]) -> dict[str, Any]:
        """The answer to one listing call. Raises: Unfiltered, ValueError"""
        fitting = [row for row in rows if _fits(row, query.get("filter", ""))]
        start, count = max(int(query.get("startIndex") or 0), 0), int(query.get("count") or self.limit)
        shown = fitting[start : start + min(count, self.limit)]
        if self.ends_early is not None and start >= self.ends_early:
            shown = []
        total = len(fitting)
        return {"totalResults": str(total) if self.total_as_text else total, "resources": list(shown)}


def sample_connections(number: int) -> list[dict[str, Any]]:
    """Connections as Cleo shows them; each third is not ready, each fourth an SFTP one."""
    rows = []
    for n in range(1, number + 1):
        ident = f"cOnn{n:018d}"
        row: dict[str, Any] = {
            "id": ident, "alias": f"partner-{n:03d}", "type": "sftp" if n % 4 == 0 else "as2", "enabled": True,
            "active": "true", "ready": n % 3 != 0, "meta": {"resourceType": "connection"},
            "_links": {"self": {"href": f"/api/connections/{ident}"}},
        }  # fmt: skip
        if n % 3 == 0:
            row["notReadyReason"] = "no partner certificate"
        rows.append(row)
    return rows


def _fits(row: Mapping[str, Any], expression: str) -> bool:
    if not expression.strip():
        return True
    match = _FILTER.fullmatch(expression)
    if match is None:
        raise Unfiltered(expression)
    name, operator, value = match.groups()
    have = str(row.get(name, ""))
    return have == value if operator == "eq" else have.startswith(value)
