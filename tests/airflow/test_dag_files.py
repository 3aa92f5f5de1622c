"""DAG files: parsed with nothing there, and shaped so that nothing is ever skipped."""

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

LOADED = """
import runpy, sys
runpy.run_path(sys.argv[1])
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
def test_parsing_loads_no_room_of_the_core(path: Path) -> None:
    loaded = subprocess.run([sys.executable, "-c", LOADED, str(path)], capture_output=True, text=True, check=True)
    assert loaded.stdout.splitlines()[-1] == "[]"


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
