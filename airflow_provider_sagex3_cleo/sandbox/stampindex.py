"""Rows of one table in order of (stamp, key), so that a poll of thousands of orders costs what it returns."""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Iterable, Iterator
from datetime import datetime

__all__ = ["Entry", "StampIndex"]

Entry = tuple[datetime, str, int, int]
"""(stamp, POHNUM, POPLIN, sequence); the last two are 0 for a header."""


class StampIndex:
    """A sorted list of entries. Not safe between threads: the world's lock is held around it."""

    def __init__(self) -> None:
        self._entries: list[Entry] = []

    def __len__(self) -> int:
        return len(self._entries)

    def fill(self, entries: Iterable[Entry]) -> None:
        """Hold these entries and no others."""
        self._entries = sorted(entries)

    def exchange(self, old: set[Entry], new: set[Entry]) -> None:
        """Take entries out and put others in."""
        for entry in old - new:
            del self._entries[bisect_left(self._entries, entry)]
        for entry in new - old:
            insort(self._entries, entry)

    def between(self, lower: datetime | None, upper: datetime | None, *, newest_first: bool = False) -> Iterator[Entry]:
        """Entries with lower <= stamp <= upper in order of (stamp, key), or in the opposite order."""
        start = 0 if lower is None else bisect_left(self._entries, (lower,))
        end = len(self._entries)
        if upper is not None:
            end = bisect_left(self._entries, (upper, "\U0010ffff"))
        part = self._entries[start:end]
        return iter(reversed(part)) if newest_first else iter(part)
