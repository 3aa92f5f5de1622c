"""DAG files: parsed with nothing there, fast, and shaped so that nothing is ever skipped."""

from __future__ import annotations

import runpy
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from airflow.providers.common.compat.sdk import BaseHook, Variable

DAGS = Path(__file__).resolve().parents[2] / "dags"
FILES = pytest.mark.parametrize("path", sorted(DAGS.glob("*.py")), ids=lambda path: path.stem)

TIMED = """
import runpy, sys, time
from airflow.providers.common.compat.sdk import DAG, BaseOperator, Param, conf
from airflow.timetables.interval import CronDataIntervalTimetable
CronDataIntervalTimetable("@daily", timezone="UTC")
DAG("warm", schedule=None)
start = time.process_time()
runpy.run_path(sys.argv[1])
print(time.process_time() - start)
room = "airflow_provider_sagex3_cleo."
print([n for n in ("pipeline", "ledger", "x12", "mapping", "sagex3", "cleo", "partners") if room + n in sys.modules])
"""


def refuse(*_: Any, **__: Any) -> Any:
    raise AssertionError("a DAG file must not ask for anything while it is parsed")


@FILES
def test_a_dag_file_parses_with_nothing_there(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for owner, name in ((socket.socket, "connect"), (BaseHook, "get_connection"), (Variable, "get")):
        monkeypatch.setattr(owner, name, refuse)
    dag = runpy.run_path(str(path))["dag"]
    assert dag.dag_id == path.stem
    assert dag.max_active_runs == 1
    assert dag.catchup is False
    assert dag.dagrun_timeout is not None
    for task in dag.tasks:
        assert task.execution_timeout is not None
        assert task.retries == 4
        assert task.max_retry_delay is not None
        assert task.retry_exponential_backoff


@FILES
def test_parsing_costs_less_than_a_third_of_a_second_and_loads_no_room_of_the_core(
    path: Path, record_property: Any
) -> None:
    lines = [
        subprocess.run(
            [sys.executable, "-c", TIMED, str(path)], capture_output=True, text=True, check=True
        ).stdout.splitlines()[-2:]
        for _ in range(2)
    ]
    seconds = min(float(line[0]) for line in lines)
    record_property("parse_seconds", seconds)
    print(f"{path.name}: {seconds:.3f} s of CPU beyond Airflow itself")
    assert seconds < 0.3
    assert lines[0][1] == "[]"


def test_steps_after_a_failed_one_still_run_and_the_report_comes_last() -> None:
    dag = runpy.run_path(str(DAGS / "sagex3_purchase_orders_to_cleo.py"))["dag"]
    rules = {task.task_id: str(getattr(task.trigger_rule, "value", task.trigger_rule)) for task in dag.tasks}
    assert {name for name, rule in rules.items() if rule == "all_done"} == {"parts", "lanes", "report"}
    assert dag.get_task("report").downstream_task_ids == set()
    assert dag.get_task("report").get_flat_relative_ids(upstream=True) == set(rules) - {"report"}


def test_the_daily_dag_has_no_mapped_task_so_that_every_airflow_can_backfill_it() -> None:
    dag = runpy.run_path(str(DAGS / "sagex3_purchase_orders_daily.py"))["dag"]
    assert [task.task_id for task in dag.topological_sort()] == ["extract", "transform", "deliver", "report"]
    assert not [task for task in dag.tasks if "Mapped" in type(task).__name__]
