"""Keep partners aligned: read the references, compare the three sides, send reference files, say what does not fit."""

from __future__ import annotations

from contextlib import closing
from typing import Any

from airflow_provider_sagex3_cleo.operators.base import EdiOperator, core_errors
from airflow_provider_sagex3_cleo.operators.report import upstream_states

__all__ = [
    "KeepReferencesOperator",
    "PartnersAlignOperator",
    "PartnersReportOperator",
    "ReferenceFilesOperator",
    "ReferencesExtractOperator",
]

#: What runs of this kind are filed under (`pipeline.align.ENTITY`; importing it here would load the pipeline).
ENTITY = "partners"


class _PartnersOperator(EdiOperator):
    """Base: these operators belong to no single entity."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"entity": ENTITY, **kwargs})


class ReferencesExtractOperator(_PartnersOperator):
    """Land what changed in the entities of the setting `partner_entities`. Returns counts by entity."""

    def execute(self, context: Any) -> dict[str, Any]:
        """Run `pipeline.partners.read_references`."""
        from airflow_provider_sagex3_cleo.hooks.sagex3 import SageX3Hook
        from airflow_provider_sagex3_cleo.pipeline.partners import read_references
        from airflow_provider_sagex3_cleo.resolver import TaskVariables

        with core_errors():
            run, settings, book = self.edi_run(context), self.pipeline_settings(), self.book()
            reader = SageX3Hook(self.sagex3_conn_id, self.ledger_conn_id).get_conn()
            with self.ledger() as ledger, closing(reader):
                return read_references(run, reader=reader, ledger=ledger, specs=self.specs(), book=book,
                                       watermark=TaskVariables(), settings=settings)  # fmt: skip


class KeepReferencesOperator(_PartnersOperator):
    """Mark the landed reference records as kept. Returns counts by entity."""

    def execute(self, context: Any) -> dict[str, Any]:
        """Run `pipeline.reference.keep` for each entity."""
        from airflow_provider_sagex3_cleo.pipeline.reference import keep

        with core_errors():
            run, settings, specs = self.edi_run(context), self.pipeline_settings(), self.specs()
            with self.ledger() as ledger:
                return {
                    entity: keep(ledger, run, spec=specs[entity], settings=settings)["counts"]
                    for entity in settings.partner_entities
                    if entity in specs  # `extract` says what is wrong with the others
                }


class PartnersAlignOperator(_PartnersOperator):
    """Compare suppliers and customers of Sage X3, the agreements and Cleo. Returns counts."""

    def execute(self, context: Any) -> dict[str, Any]:
        """Run `pipeline.align.align`."""
        from airflow_provider_sagex3_cleo.hooks.cleo import CleoHook
        from airflow_provider_sagex3_cleo.hooks.sagex3 import SageX3Hook
        from airflow_provider_sagex3_cleo.pipeline.align import align

        with core_errors():
            run, settings, book = self.edi_run(context), self.pipeline_settings(), self.book()
            reader = SageX3Hook(self.sagex3_conn_id, self.ledger_conn_id).get_conn()
            with self.ledger() as ledger, closing(reader), CleoHook(self.cleo_conn_id).get_conn() as cleo:
                return align(run, reader=reader, ledger=ledger, cleo=cleo, specs=self.specs(), book=book,
                             settings=settings)  # fmt: skip


class ReferenceFilesOperator(_PartnersOperator):
    """Send the reference files whose content changed, where a setting names a folder. Returns counts."""

    def execute(self, context: Any) -> dict[str, Any]:
        """Run `pipeline.reference_files.reference_files`."""
        from airflow_provider_sagex3_cleo.hooks.cleo import CleoHook
        from airflow_provider_sagex3_cleo.pipeline.reference_files import reference_files

        with core_errors():
            run, settings = self.edi_run(context), self.pipeline_settings()
            with self.ledger() as ledger, CleoHook(self.cleo_conn_id).get_conn() as cleo:
                return reference_files(run, ledger=ledger, cleo=cleo, settings=settings)


class PartnersReportOperator(_PartnersOperator):
    """Say what is new, what stands and what is resolved, and seal the run's events. Returns counts.

    Red where a live agreement points to nobody, or a task before it failed."""

    def execute(self, context: Any) -> dict[str, Any]:
        """Run `pipeline.align.alignment_report`."""
        from airflow_provider_sagex3_cleo.pipeline.align import alignment_report

        with core_errors():
            run, settings = self.edi_run(context), self.pipeline_settings()
            with self.ledger() as ledger:
                return alignment_report(run, ledger=ledger, settings=settings, upstream=upstream_states(self, context))
