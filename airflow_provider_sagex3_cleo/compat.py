"""The one place that asks which Airflow it is on; everything else comes from the common compat provider.

Imported by the Airflow glue only.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from airflow import __version__
from airflow.configuration import get_airflow_home

__all__ = ["AIRFLOW_3", "airflow_home", "executor_is_distributed", "task_states", "variable"]

AIRFLOW_3 = not __version__.startswith("2.")

#: Executors whose tasks run on this machine.
LOCAL_EXECUTORS = frozenset({"LocalExecutor", "SequentialExecutor", "DebugExecutor"})


def airflow_home() -> Path:
    """The Airflow home folder."""
    return Path(get_airflow_home()).expanduser()


def executor_is_distributed(names: str) -> bool:
    """True where `[core] executor` (one name or a list, with or without alias and module path) leaves this machine."""
    classes = [name.strip().rsplit(":", 1)[-1].rsplit(".", 1)[-1] for name in names.split(",") if name.strip()]
    return any(name not in LOCAL_EXECUTORS for name in classes)


def task_states(context: Mapping[str, Any], task_ids: list[str]) -> dict[str, str]:
    """State of each named task of this run; a mapped task as `task[index]`. A task without a state is "none"."""
    run = context["dag_run"]
    if AIRFLOW_3:
        by_run = context["ti"].get_task_states(dag_id=run.dag_id, task_ids=task_ids, run_ids=[run.run_id])
        found: Mapping[str, Any] = by_run.get(run.run_id, {})
        return {name: str(state or "none") for name, state in found.items()}
    return {
        ti.task_id if ti.map_index < 0 else f"{ti.task_id}[{ti.map_index}]": str(ti.state or "none")
        for ti in run.get_task_instances()
        if ti.task_id in task_ids
    }


def variable(key: str) -> str | None:
    """An Airflow Variable's text inside a task, or None."""
    from airflow.providers.common.compat.sdk import Variable

    default: dict[str, Any] = {"default" if AIRFLOW_3 else "default_var": None}
    found = Variable.get(key, **default)
    return None if found is None else str(found)
