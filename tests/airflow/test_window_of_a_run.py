"""Which window a run reads: by the kind of run, its params and its data interval."""

from __future__ import annotations

from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import pytest
from airflow.providers.common.compat.sdk import AirflowFailException

from airflow_provider_sagex3_cleo.errors import NoLines, ServerFailed, SettingFault
from airflow_provider_sagex3_cleo.operators.base import core_errors, make_run

DAY, NEXT = datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 1, 2, tzinfo=UTC)
FROM, TO = "2026-01-05T00:00:00+00:00", "2026-01-06T00:00:00+00:00"


def context(run_type: str = "scheduled", **params: Any) -> dict[str, Any]:
    return {
        "dag_run": SimpleNamespace(dag_id="poll", run_id=f"{run_type}__1", run_type=run_type),
        "params": {"window_from": None, "window_to": None, "select_by": "cursor", **params},
        "data_interval_start": DAY,
        "data_interval_end": NEXT,
    }


@pytest.mark.parametrize("run_type", ["scheduled", "manual", "asset_triggered"])
def test_a_poll_ignores_the_data_interval(run_type: str) -> None:
    run = make_run(context(run_type), "purchase_orders", daily=False)
    assert (run.kind, run.window_from, run.window_to) == ("poll", None, None)
    assert run.run_id == f"poll/{run_type}__1"


@pytest.mark.parametrize("run_type", ["scheduled", "manual"])
def test_the_daily_dag_reads_its_data_interval(run_type: str) -> None:
    run = make_run(context(run_type), "purchase_orders", daily=True)
    assert (run.kind, run.window_from, run.window_to) == ("daily", DAY, NEXT)


@pytest.mark.parametrize("daily", [True, False])
def test_a_backfill_reads_its_data_interval_whatever_the_dag(daily: bool) -> None:
    run = make_run(context("backfill"), "purchase_orders", daily=daily)
    assert (run.kind, run.window_from, run.window_to) == ("backfill", DAY, NEXT)


@pytest.mark.parametrize("daily", [True, False])
def test_params_name_a_window_of_their_own(daily: bool) -> None:
    params = {"window_from": FROM, "window_to": TO, "select_by": "business_date"}
    run = make_run(context("manual", **params), "purchase_orders", daily=daily)
    assert (run.kind, run.select_by) == ("backfill", "business_date")
    assert (run.window_from, run.window_to) == (datetime.fromisoformat(FROM), datetime.fromisoformat(TO))


@pytest.mark.parametrize(
    ("params", "sentence"),
    [
        ({"window_from": FROM}, "window_to: cannot be used; expected both window_from and window_to"),
        ({"window_to": TO}, "window_from: cannot be used; expected both"),
        ({"window_from": TO, "window_to": FROM}, "window_to: .* expected a time after"),
        ({"window_from": FROM, "window_to": FROM}, "window_to: .* expected a time after"),
        ({"window_from": "2026-01-05", "window_to": TO}, "window_from: .* a time with its zone"),
        ({"window_from": "yesterday", "window_to": TO}, "window_from: .* a time with its zone"),
        ({"select_by": "mood"}, "select_by: .* expected cursor or business_date"),
    ],
)
def test_a_window_that_cannot_be_used_is_explained(params: dict[str, str], sentence: str) -> None:
    with pytest.raises(SettingFault, match=sentence):
        make_run(context("manual", **params), "purchase_orders", daily=False)


def test_a_daily_run_without_a_data_interval_is_explained() -> None:
    bare = context("manual") | {"data_interval_start": None, "data_interval_end": None}
    with pytest.raises(SettingFault, match="a run with a data interval"):
        make_run(bare, "purchase_orders", daily=True)


def test_an_error_that_may_go_away_is_left_to_the_retries_of_airflow() -> None:
    with pytest.raises(ServerFailed), core_errors():
        raise ServerFailed("the server failed (503)")


@pytest.mark.parametrize("error", [SettingFault("wrong"), NoLines("no lines")])
def test_any_other_error_fails_the_task_at_once_with_its_sentence(error: Exception) -> None:
    with pytest.raises(AirflowFailException) as caught, core_errors():
        raise error
    assert str(caught.value) == str(error)
    assert caught.value.__cause__ is error
