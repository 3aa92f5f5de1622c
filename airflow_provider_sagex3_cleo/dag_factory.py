"""The DAG of one entity, built from section [sagex3_cleo]; parsing opens nothing and reads no Variable.

    poll:   extract -> parts -> transform[1..16] -> lanes -> deliver[1..16] -> report
    daily:  extract -> transform -> deliver -> report

`parts`, `lanes`, `report` and the steps of the daily DAG run whatever happened before them. So where reading fails,
what is due in the ledger is still mapped and sent, where mapping fails, what is ready is still sent, and the run ends
red all the same, because `report` fails where anything before it failed. No mapping is ever empty, so nothing is
skipped. The daily DAG has no mapped tasks, because it is the one to backfill (docs/decisions/airflow-versions.md).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from airflow.providers.common.compat.sdk import DAG, Param
from airflow.timetables.interval import CronDataIntervalTimetable

from airflow_provider_sagex3_cleo import settings
from airflow_provider_sagex3_cleo.operators.acknowledge import AcknowledgmentsReportOperator, CleoAcknowledgeOperator
from airflow_provider_sagex3_cleo.operators.deliver import CleoDeliverOperator, LanePartsOperator
from airflow_provider_sagex3_cleo.operators.extract import DuePartsOperator, SageX3ExtractOperator
from airflow_provider_sagex3_cleo.operators.partners import (
    KeepReferencesOperator,
    PartnersAlignOperator,
    PartnersReportOperator,
    ReferenceFilesOperator,
    ReferencesExtractOperator,
)
from airflow_provider_sagex3_cleo.operators.report import ReportOperator
from airflow_provider_sagex3_cleo.operators.transform import X12TransformOperator

__all__ = ["START", "acknowledgements_dag", "entity_dag", "partners_dag"]

#: Earlier than anything that could be backfilled; catchup is off, so no run comes of it.
START = datetime(2015, 1, 1, tzinfo=UTC)

#: Trigger rule of a step that runs whatever happened before it.
ALWAYS = "all_done"

POLL_DOC = """
Reads what changed in Sage X3 since the watermark, writes X12, hands it to Cleo. A repeated run sends nothing twice.

Run by hand without params: polls at once. With `window_from` and `window_to` (times with zone): reads that window as a
backfill, leaving the watermark alone; `select_by` = `business_date` selects by document date instead of last change.
"""
DAILY_DOC = """
Reads its own data interval, one day, whatever the watermark says, and leaves the watermark alone: the net under the
polling DAG, and the DAG to backfill. What was sent already is not sent again.
"""
ACKNOWLEDGEMENTS_DOC = """
Reads 997, 999, TA1 and 824 files from Cleo's inbound folders and moves the documents they speak of. Reading changes
nothing on Cleo unless `ack_delete` is set. A file that was recorded is not taken up twice.
"""
PARTNERS_DOC = """
Reads suppliers, customers, addresses and products, compares suppliers and customers with the agreements and with Cleo's
connections, users and folders, and sends reference files whose content changed where `reference_folder` names a folder.
Red where a live agreement points to nobody. Changes nothing in Sage X3, and no object of Cleo.
"""


def entity_dag(
    entity: str,
    *,
    dag_id: str,
    daily: bool = False,
    sagex3_conn_id: str = "sagex3_default",
    cleo_conn_id: str = "cleo_default",
    ledger_conn_id: str = "edi_ledger",
) -> DAG:
    """Build the DAG of one entity.

    Args:
        entity: plural name of the entity specification, as "purchase_orders".
        daily: read the run's own data interval instead of polling from the watermark.

    Raises: SettingFault for a schedule, time or number that cannot be used."""
    common = {"entity": entity, "daily": daily, **_connections(sagex3_conn_id, cleo_conn_id, ledger_conn_id)}
    doc = DAILY_DOC if daily else POLL_DOC
    with _dag(dag_id, settings.schedule(entity, daily=daily), doc, _params()) as dag:
        steps = _daily_steps if daily else _poll_steps
        steps(common) >> ReportOperator(task_id="report", trigger_rule=ALWAYS, **common)
    return dag


def acknowledgements_dag(
    *,
    dag_id: str = "cleo_acknowledgements",
    sagex3_conn_id: str = "sagex3_default",
    cleo_conn_id: str = "cleo_default",
    ledger_conn_id: str = "edi_ledger",
) -> DAG:
    """Build the DAG that reads what partners answered: acknowledge -> report.

    Raises: SettingFault for a schedule, time or number that cannot be used."""
    common = _connections(sagex3_conn_id, cleo_conn_id, ledger_conn_id)
    with _dag(dag_id, settings.schedule("acknowledgements"), ACKNOWLEDGEMENTS_DOC, tags=("edi", "cleo")) as dag:
        acknowledge = CleoAcknowledgeOperator(task_id="acknowledge", pool=_pool("deliver"), **common)
        acknowledge >> AcknowledgmentsReportOperator(task_id="report", trigger_rule=ALWAYS, **common)
    return dag


def partners_dag(
    *,
    dag_id: str = "sagex3_partners_to_cleo",
    sagex3_conn_id: str = "sagex3_default",
    cleo_conn_id: str = "cleo_default",
    ledger_conn_id: str = "edi_ledger",
) -> DAG:
    """Build the DAG that keeps partners aligned: extract -> keep -> align -> reference_files -> report.

    Each step runs whatever happened before it, and the report is red where any of them was.

    Raises: SettingFault for a schedule, time or number that cannot be used."""
    common = _connections(sagex3_conn_id, cleo_conn_id, ledger_conn_id)
    with _dag(dag_id, settings.schedule("partners"), PARTNERS_DOC) as dag:
        extract = ReferencesExtractOperator(task_id="extract", pool=_pool("extract"), **common)
        keep = KeepReferencesOperator(task_id="keep", pool=_pool("transform"), trigger_rule=ALWAYS, **common)
        align = PartnersAlignOperator(task_id="align", pool=_pool("extract"), trigger_rule=ALWAYS, **common)
        files = ReferenceFilesOperator(task_id="reference_files", pool=_pool("deliver"), trigger_rule=ALWAYS, **common)
        extract >> keep >> align >> files
        files >> PartnersReportOperator(task_id="report", trigger_rule=ALWAYS, **common)
    return dag


def _dag(
    dag_id: str,
    schedule: str,
    doc: str,
    params: dict[str, Param] | None = None,
    tags: Sequence[str] = ("edi", "sagex3", "cleo"),
) -> DAG:
    """What all DAGs have in common: one run at a time, a schedule in UTC, no catch-up, limits from the settings."""
    return DAG(
        dag_id,
        schedule=CronDataIntervalTimetable(schedule, timezone="UTC"),
        start_date=START,
        catchup=False,
        max_active_runs=1,
        dagrun_timeout=timedelta(seconds=settings.number("dagrun_timeout_s")),
        default_args=_task_defaults(),
        params=params,
        doc_md=doc,
        tags=list(tags),
    )


def _connections(sagex3: str, cleo: str, ledger: str) -> dict[str, Any]:
    return {"sagex3_conn_id": sagex3, "cleo_conn_id": cleo, "ledger_conn_id": ledger}


def _pool(step: str) -> str:
    return settings.text(f"{step}_pool")


def _poll_steps(common: dict[str, Any]) -> Any:
    """All steps up to deliver, the work in parts."""
    extract = SageX3ExtractOperator(task_id="extract", pool=_pool("extract"), **common)
    parts = DuePartsOperator(task_id="parts", extract=extract.task_id, trigger_rule=ALWAYS, **common)
    transform = X12TransformOperator.partial(task_id="transform", pool=_pool("transform"), **common).expand(
        part=parts.output
    )
    lanes = LanePartsOperator(task_id="lanes", trigger_rule=ALWAYS, **common)
    extract >> parts
    transform >> lanes
    return CleoDeliverOperator.partial(task_id="deliver", pool=_pool("deliver"), **common).expand(lanes=lanes.output)


def _daily_steps(common: dict[str, Any]) -> Any:
    """All steps up to deliver, each one task."""
    extract = SageX3ExtractOperator(task_id="extract", pool=_pool("extract"), **common)
    transform = X12TransformOperator(task_id="transform", pool=_pool("transform"), trigger_rule=ALWAYS, **common)
    deliver = CleoDeliverOperator(task_id="deliver", pool=_pool("deliver"), trigger_rule=ALWAYS, **common)
    return extract >> transform >> deliver


def _task_defaults() -> dict[str, Any]:
    return {
        "retries": settings.whole("retries"),
        "retry_delay": timedelta(seconds=settings.number("retry_delay_s")),
        "retry_exponential_backoff": True,
        "max_retry_delay": timedelta(seconds=settings.number("max_retry_delay_s")),
        "execution_timeout": timedelta(seconds=settings.number("task_timeout_s")),
    }


def _params() -> dict[str, Param]:
    moment = "a time with its zone, as 2026-01-31T00:00:00+00:00"
    return {
        "window_from": Param(None, type=["null", "string"], description=f"read from here, inclusive: {moment}"),
        "window_to": Param(None, type=["null", "string"], description=f"read up to here, exclusive: {moment}"),
        "select_by": Param(
            "cursor",
            enum=["cursor", "business_date"],
            description="what the window selects by: last change, or document date",
        ),
    }
