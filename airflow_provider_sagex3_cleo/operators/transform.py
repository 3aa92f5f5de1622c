"""Turn landed records into validated X12 documents."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from airflow_provider_sagex3_cleo.operators.base import WHOLE, EdiOperator, core_errors

__all__ = ["X12TransformOperator"]


class X12TransformOperator(EdiOperator):
    """Map, decide and write what is due in one part of the records (default: all); repeats are safe.

    Returns lineage counts."""

    template_fields: Sequence[str] = ("part",)

    def __init__(self, *, part: dict[str, int] = WHOLE, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.part = part

    def execute(self, context: Any) -> dict[str, Any]:
        """Run `pipeline.transform`."""
        from airflow_provider_sagex3_cleo.pipeline import transform

        with core_errors():
            run, settings, spec, book = self.edi_run(context), self.pipeline_settings(), self.spec(), self.book()
            with self.ledger() as ledger:
                return transform(run, ledger=ledger, spec=spec, book=book, settings=settings, part=self.part)
