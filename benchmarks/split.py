"""Where the time goes, by room of the package: what a library spends is charged to the room that called it."""

from __future__ import annotations

import cProfile
import pstats
import time
from collections import Counter
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

__all__ = ["by_room"]

PACKAGE = "airflow_provider_sagex3_cleo/"
ROOMS = ("sagex3", "mapping", "x12", "ledger", "pipeline", "partners", "documents")
_HTTP = ("transport.py", "pacing.py")

_Function = tuple[str, int, str]


def by_room(work: Callable[[], Any]) -> dict[str, float]:
    """Share (0..1) of the CPU time of `work` by room, waiting not counted; `other` is what no room called."""
    profile = cProfile.Profile(time.process_time)
    profile.runcall(work)
    return shares(pstats.Stats(profile).stats)  # type: ignore[attr-defined]


def shares(stats: Mapping[_Function, Any]) -> dict[str, float]:
    """The shares from the table of `pstats`."""
    calls = {function: row[4] for function, row in stats.items()}

    @cache
    def charged(function: _Function, depth: int = 0) -> tuple[tuple[str, float], ...]:
        room = _room(function)
        if room is not None:
            return ((room, 1.0),)
        weights = {caller: row[3] for caller, row in calls.get(function, {}).items()}
        total = sum(weights.values())
        if depth > 12 or not total:
            return (("other", 1.0),)
        found: Counter[str] = Counter()
        for caller, weight in weights.items():
            for name, share in charged(caller, depth + 1):
                found[name] += share * weight / total
        return tuple(found.items())

    spent: Counter[str] = Counter()
    for function, row in stats.items():
        for name, share in charged(function):
            spent[name] += share * row[2]
    whole = sum(spent.values()) or 1.0
    return {name: round(seconds / whole, 3) for name, seconds in spent.most_common()}


def _room(function: _Function) -> str | None:
    _, found, below = function[0].partition(PACKAGE)
    if not found:
        return None
    name = below.split("/")[0]
    return name if name in ROOMS else "sagex3" if name in _HTTP else "other"
