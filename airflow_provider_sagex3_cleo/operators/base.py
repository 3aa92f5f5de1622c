"""What all operators share: errors turned into Airflow's, the run's window, clients opened and closed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal

from airflow.providers.common.compat.sdk import AirflowFailException, BaseOperator

from airflow_provider_sagex3_cleo.errors import Action, ProviderError, SettingFault

if TYPE_CHECKING:
    from airflow_provider_sagex3_cleo.ledger.database import Ledger
    from airflow_provider_sagex3_cleo.partners import Book
    from airflow_provider_sagex3_cleo.pipeline import PipelineSettings, Run
    from airflow_provider_sagex3_cleo.sagex3.spec import EntitySpec

__all__ = ["WHOLE", "EdiOperator", "core_errors", "make_run"]

#: The one part that holds all that is due.
WHOLE = {"part": 0, "of": 1}


SELECT_BY: dict[Any, Literal["cursor", "business_date"]] = {
    None: "cursor",
    "cursor": "cursor",
    "business_date": "business_date",
}


@contextmanager
def core_errors() -> Iterator[None]:
    """RETRY leaves the task to Airflow's own retries; every other action fails it at once."""
    try:
        yield
    except ProviderError as problem:
        if problem.action is Action.RETRY:
            raise
        raise AirflowFailException(str(problem)) from problem


def make_run(context: Mapping[str, Any], entity: str, *, daily: bool) -> Run:
    """What this run reads, from the task's context.

    Params `window_from` / `window_to`, or a run of type backfill: that window, as a backfill. The daily DAG: its own
    data interval. Any other run polls from the watermark; the interval inferred for a manual run says nothing.

    Raises: SettingFault for a window that is half given, without time zone, or empty."""
    from airflow_provider_sagex3_cleo.pipeline import Run

    dag_run, params = context["dag_run"], context["params"]
    if params.get("select_by") not in SELECT_BY:
        raise _fault("select_by", params["select_by"], "cursor or business_date")
    start, end = _moment("window_from", params), _moment("window_to", params)
    if (start is None) != (end is None):
        raise _fault("window_from" if start is None else "window_to", None, "both window_from and window_to")
    backfill = start is not None or str(getattr(dag_run.run_type, "value", dag_run.run_type)) == "backfill"
    if start is None and (backfill or daily):
        start, end = context.get("data_interval_start"), context.get("data_interval_end")
        if start is None or end is None:
            raise _fault("window_from", None, "a run with a data interval, or window_from and window_to")
    if start is not None and end is not None and start >= end:
        raise _fault("window_to", str(end), f"a time after {start}")
    return Run(
        run_id=f"{dag_run.dag_id}/{dag_run.run_id}",  # two DAGs of one entity share run ids of the same minute
        entity=entity,
        kind="backfill" if backfill else "daily" if daily else "poll",
        window_from=start,
        window_to=end,
        select_by=SELECT_BY[params.get("select_by")],
    )


def _moment(name: str, params: Mapping[str, Any]) -> datetime | None:
    text = params.get(name)
    if text in (None, ""):
        return None
    try:
        moment = datetime.fromisoformat(str(text))
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None:
        raise _fault(name, text, "a time with its zone, as 2026-01-31T00:00:00+00:00")
    return moment


def _fault(name: str, value: Any, expected: str) -> SettingFault:
    return SettingFault(
        "cannot be used", system="run", field=name, value=value, expected=expected,
        remedy="trigger the run again with other params",
    )  # fmt: skip


class EdiOperator(BaseOperator):
    """Base of the operators: stores names only; everything is opened in `execute` by the worker."""

    ui_color = "#e3f0e8"

    def __init__(
        self,
        *,
        entity: str,
        daily: bool = False,
        sagex3_conn_id: str = "sagex3_default",
        cleo_conn_id: str = "cleo_default",
        ledger_conn_id: str = "edi_ledger",
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.entity = entity
        self.daily = daily
        self.sagex3_conn_id = sagex3_conn_id
        self.cleo_conn_id = cleo_conn_id
        self.ledger_conn_id = ledger_conn_id

    def edi_run(self, context: Mapping[str, Any]) -> Run:
        """The pipeline's run of this task."""
        return make_run(context, self.entity, daily=self.daily)

    def ledger(self) -> Ledger:
        """The ledger, to be used in a `with`."""
        from airflow_provider_sagex3_cleo.hooks.ledger import LedgerHook

        return LedgerHook(self.ledger_conn_id).get_conn()

    def pipeline_settings(self) -> PipelineSettings:
        """Section [sagex3_cleo] and both connections in one."""
        from airflow_provider_sagex3_cleo import settings
        from airflow_provider_sagex3_cleo.hooks.cleo import CleoHook
        from airflow_provider_sagex3_cleo.hooks.sagex3 import SageX3Hook

        return settings.pipeline_settings(
            SageX3Hook(self.sagex3_conn_id).settings(), CleoHook(self.cleo_conn_id).settings()
        )

    def specs(self) -> dict[str, EntitySpec]:
        """All specifications with the site's overrides. Raises: SettingFault."""
        from airflow_provider_sagex3_cleo import settings
        from airflow_provider_sagex3_cleo.sagex3.spec import load_specs

        return load_specs(settings.entities_file())

    def spec(self) -> EntitySpec:
        """The entity's specification with the site's overrides. Raises: SettingFault."""
        specs = self.specs()
        if self.entity not in specs:
            raise SettingFault("unknown entity", field="entity", value=self.entity, expected=", ".join(sorted(specs)))
        return specs[self.entity]

    def book(self) -> Book:
        """The agreements. Raises: AgreementFault."""
        from airflow_provider_sagex3_cleo import settings
        from airflow_provider_sagex3_cleo.partners import load_book

        return load_book(settings.agreements_folder())
