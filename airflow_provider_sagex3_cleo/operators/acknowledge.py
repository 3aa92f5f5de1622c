"""Close the loop: read what partners answered, and say what it came to."""

from __future__ import annotations

from typing import Any

from airflow_provider_sagex3_cleo.operators.base import EdiOperator, core_errors
from airflow_provider_sagex3_cleo.operators.report import upstream_states

__all__ = ["AcknowledgmentsReportOperator", "CleoAcknowledgeOperator"]

#: What runs of this kind are filed under (`pipeline.acknowledge.ENTITY`; importing it here would load the pipeline).
ENTITY = "acknowledgments"


class CleoAcknowledgeOperator(EdiOperator):
    """Read acknowledgments from Cleo's inbound folders and move the documents they speak of; repeats are safe.

    Returns lineage counts."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"entity": ENTITY, **kwargs})

    def execute(self, context: Any) -> dict[str, Any]:
        """Run `pipeline.acknowledge`."""
        from airflow_provider_sagex3_cleo.hooks.cleo import CleoHook
        from airflow_provider_sagex3_cleo.pipeline import acknowledge

        with core_errors():
            run, settings, book = self.edi_run(context), self.pipeline_settings(), self.book()
            with self.ledger() as ledger, CleoHook(self.cleo_conn_id).get_conn() as cleo:
                return acknowledge(run, ledger=ledger, cleo=cleo, book=book, settings=settings)


class AcknowledgmentsReportOperator(EdiOperator):
    """Say what the run learned and what is overdue, and seal its events; red where the task before it was.

    Returns lineage counts."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"entity": ENTITY, **kwargs})

    def execute(self, context: Any) -> dict[str, Any]:
        """Run `pipeline.acknowledgments_report`."""
        from airflow_provider_sagex3_cleo.pipeline import acknowledgments_report

        upstream = upstream_states(self, context)
        with core_errors():
            run, settings, book = self.edi_run(context), self.pipeline_settings(), self.book()
            with self.ledger() as ledger:
                return acknowledgments_report(run, ledger=ledger, book=book, settings=settings, upstream=upstream)
