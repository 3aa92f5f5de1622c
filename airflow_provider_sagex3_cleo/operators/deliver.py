"""Hand documents to Cleo, lane by lane."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from airflow_provider_sagex3_cleo.operators.base import WHOLE, EdiOperator, core_errors

__all__ = ["CleoDeliverOperator", "LanePartsOperator"]


class LanePartsOperator(EdiOperator):
    """Split the lanes that have something to send. Returns 1 to 16 parts, never none."""

    def execute(self, context: Any) -> list[dict[str, int]]:
        """Run `pipeline.lane_parts`."""
        from airflow_provider_sagex3_cleo.pipeline import lane_parts

        with core_errors():
            run, settings = self.edi_run(context), self.pipeline_settings()
            with self.ledger() as ledger:
                return lane_parts(run, ledger=ledger, settings=settings)


class CleoDeliverOperator(EdiOperator):
    """Hand to Cleo what is sendable in one part of the lanes (default: all); repeats are safe.

    Returns lineage counts."""

    template_fields: Sequence[str] = ("lanes",)

    def __init__(self, *, lanes: dict[str, int] = WHOLE, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.lanes = lanes

    def execute(self, context: Any) -> dict[str, Any]:
        """Run `pipeline.deliver`."""
        from airflow_provider_sagex3_cleo.hooks.cleo import CleoHook
        from airflow_provider_sagex3_cleo.pipeline import deliver

        with core_errors():
            run, settings, book = self.edi_run(context), self.pipeline_settings(), self.book()
            with self.ledger() as ledger, CleoHook(self.cleo_conn_id).get_conn() as cleo:
                return deliver(run, ledger=ledger, cleo=cleo, book=book, settings=settings, lanes=self.lanes)
