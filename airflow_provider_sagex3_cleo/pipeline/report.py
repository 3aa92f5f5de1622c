"""Report: what a run did, from the ledger, and what stands still elsewhere; seals; red where anything upstream was."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any

from airflow_provider_sagex3_cleo.errors import Fail
from airflow_provider_sagex3_cleo.ledger import audit, queries, windows
from airflow_provider_sagex3_cleo.ledger.database import Ledger
from airflow_provider_sagex3_cleo.pipeline.extract import bind
from airflow_provider_sagex3_cleo.pipeline.freshness import warn_of_stale
from airflow_provider_sagex3_cleo.pipeline.run import PipelineSettings, Run

__all__ = ["RunWasRed", "refuse_red", "report"]

log = logging.getLogger(__name__)

GOOD = frozenset({"success", "skipped"})
LISTED = 50


class RunWasRed(Fail):
    """Something before the report failed; what it was stands in that task's log."""

    default_remedy = "open the log of the failed task; what was not done is taken up by the next run"


def report(run: Run, *, ledger: Ledger, settings: PipelineSettings, upstream: Mapping[str, str]) -> dict[str, Any]:
    """Count, list what waits for a person, seal; returns lineage.

    Args:
        upstream: task id -> final state; anything but success or skipped makes the report fail after it was written.

    Raises: RunWasRed."""
    source_id = bind(ledger, settings)
    with ledger.begin() as db:
        seal = audit.seal(db, run.run_id, run.actor)
    with ledger.reading() as db:
        counts = queries.counts(db, source_id, run.entity, run.run_id)
        waiting = queries.held(db, source_id, run.entity)
        window = windows.find(db, source_id, run.entity, run.run_id)
    log.info("What this run did: %s", ", ".join(f"{n} {name}" for name, n in counts.items() if n) or "nothing to do")
    for row in waiting[:LISTED]:
        log.warning(
            "%s %s (%s): %s %s", row.state, row.key, row.partner or "no partner", row.reason,
            f"Remedy: {row.remedy}." if row.remedy else "",
        )  # fmt: skip
    if len(waiting) > LISTED:
        log.warning("... and %d more that wait for a person.", len(waiting) - LISTED)
    stale = warn_of_stale(ledger, source_id, settings.freshness_h)
    lineage = {
        "run_id": run.run_id,
        "entity": run.entity,
        "kind": run.kind,
        "window": [str(window.lower) if window.lower else None, str(window.upper)] if window else None,
        "certificate": window.certificate if window else None,
        "counts": counts,
        "held": len(waiting),
        "stale": stale,
        "seal": seal.hash if seal else None,
    }
    refuse_red(run, upstream)
    return lineage


def refuse_red(run: Run, upstream: Mapping[str, str]) -> None:
    """Raises: RunWasRed where a task before the report failed; its last word, after all is counted and sealed."""
    red = {task: state for task, state in upstream.items() if state not in GOOD}
    if red:
        raise RunWasRed(
            "the run is red: " + ", ".join(f"{task} {state}" for task, state in sorted(red.items())), record=run.run_id
        )
