"""Say what a run did, and be red where anything before was red."""

from __future__ import annotations

from typing import Any

from airflow_provider_sagex3_cleo.operators.base import EdiOperator, core_errors

__all__ = ["ReportOperator", "upstream_states"]

#: A mapped task that is not part of the run any more, because a cleared run was split into fewer parts.
GONE = frozenset({"removed"})


def upstream_states(operator: EdiOperator, context: Any) -> dict[str, str]:
    """The final state of each task before this one."""
    from airflow_provider_sagex3_cleo.compat import task_states

    states = task_states(context, sorted(operator.get_flat_relative_ids(upstream=True)))
    return {task: state for task, state in states.items() if state not in GONE}


class ReportOperator(EdiOperator):
    """Count from the ledger, seal the run's events, list what waits for a person. Returns lineage.

    Runs whatever happened before (trigger rule all_done) and fails where a task upstream failed."""

    def execute(self, context: Any) -> dict[str, Any]:
        """Run `pipeline.report`."""
        from airflow_provider_sagex3_cleo.pipeline import report

        upstream = upstream_states(self, context)
        with core_errors():
            run, settings = self.edi_run(context), self.pipeline_settings()
            with self.ledger() as ledger:
                return report(run, ledger=ledger, settings=settings, upstream=upstream)
