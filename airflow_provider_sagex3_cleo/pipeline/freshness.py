"""Freshness: which entities were not read for too long, because their DAG is paused, hangs or fails.

Whoever runs looks at all the others: a flow that stands still cannot tell it itself.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import datetime

from airflow_provider_sagex3_cleo.ledger import now, windows
from airflow_provider_sagex3_cleo.ledger.database import Ledger

__all__ = ["REMEDY", "Stale", "stale", "warn_of_stale"]

log = logging.getLogger(__name__)

REMEDY = "look whether its DAG is paused, or a run of it hangs or fails (freshness_h)"


@dataclass(frozen=True)
class Stale:
    """An entity whose latest poll (or baseline) ended too long ago; `hours` since then."""

    entity: str
    finished_at: datetime
    hours: float

    @property
    def sentence(self) -> str:
        """What is to be said about it."""
        at = f"{self.finished_at:%Y-%m-%d %H:%M}Z"
        return f"{self.entity}: the last poll that ended well did so {self.hours:.0f} hours ago, at {at}"


def stale(ledger: Ledger, source_id: int, freshness_h: float) -> list[Stale]:
    """The entities last read more than `freshness_h` hours ago by the database's clock; none where it is 0.

    An entity that was never read is not judged."""
    if not freshness_h:
        return []
    with ledger.reading() as db:
        moment, finished = now(db), windows.last_finished(db, source_id)
    ages = [Stale(entity, at, (moment - at).total_seconds() / 3600) for entity, at in finished.items()]
    return [each for each in ages if each.hours > freshness_h]


def warn_of_stale(ledger: Ledger, source_id: int, freshness_h: float) -> int:
    """Warn in the log of each of them; how many there are."""
    found = stale(ledger, source_id, freshness_h)
    for each in found:
        log.warning("Not fresh: %s; %s.", each.sentence, REMEDY)
    return len(found)
