"""Read from Sage X3 what changed in the run's window."""

from __future__ import annotations

from contextlib import closing
from typing import Any

from airflow_provider_sagex3_cleo.operators.base import WHOLE, EdiOperator, core_errors

__all__ = ["DuePartsOperator", "SageX3ExtractOperator"]


class SageX3ExtractOperator(EdiOperator):
    """Land the changed records of one window in the ledger.

    Returns the parts of the due work, 1 to 16, never none. The lineage (window, counts, certificate) is pushed to XCom
    under the key "lineage"."""

    def execute(self, context: Any) -> list[dict[str, int]]:
        """Run `pipeline.extract`."""
        from airflow_provider_sagex3_cleo.hooks.sagex3 import SageX3Hook
        from airflow_provider_sagex3_cleo.pipeline import extract
        from airflow_provider_sagex3_cleo.resolver import TaskVariables

        with core_errors():
            run, settings, spec, book = self.edi_run(context), self.pipeline_settings(), self.spec(), self.book()
            reader = SageX3Hook(self.sagex3_conn_id, self.ledger_conn_id).get_conn()
            with self.ledger() as ledger, closing(reader):
                lineage = extract(
                    run, reader=reader, ledger=ledger, spec=spec, book=book, watermark=TaskVariables(),
                    settings=settings,
                )  # fmt: skip
        parts: list[dict[str, int]] = lineage.pop("parts")
        context["ti"].xcom_push(key="lineage", value=lineage)
        return parts


class DuePartsOperator(EdiOperator):
    """Hand on the parts that extract found; where extract failed, one part for all that is due from before.

    Needs the trigger rule all_done; `X12TransformOperator` is mapped over what it returns."""

    def __init__(self, *, extract: str, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.extract = extract

    def execute(self, context: Any) -> list[dict[str, int]]:
        """The parts, 1 to 16, never none."""
        parts: list[dict[str, int]] | None = context["ti"].xcom_pull(task_ids=self.extract)
        return parts or [WHOLE]
