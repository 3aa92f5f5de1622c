"""How long the DAG files take to import, beyond `import airflow`, in fresh processes."""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

__all__ = ["run"]

MOST_S = 0.3
DAGS = Path(__file__).resolve().parents[1] / "dags"
_CODE = """
import importlib.util, json, sys, time
import airflow
started = time.perf_counter()
spec = importlib.util.spec_from_file_location("measured", sys.argv[1])
module = importlib.util.module_from_spec(spec)
spec.loader.exec_module(module)
print(json.dumps([time.perf_counter() - started, module.dag.dag_id]))
"""


def run(repeat: int = 5) -> list[dict[str, Any]]:
    """One row a DAG file: the median of some imports, in seconds."""
    with tempfile.TemporaryDirectory() as home:
        return [_row(file, home, repeat) for file in sorted(DAGS.glob("*.py"))]


def _row(file: Path, home: str, repeat: int) -> dict[str, Any]:
    environment = {**os.environ, "AIRFLOW_HOME": home, "AIRFLOW__CORE__UNIT_TEST_MODE": "False"}
    seconds, dag_id = [], ""
    for _ in range(repeat):
        done = subprocess.run(
            [sys.executable, "-W", "ignore", "-c", _CODE, str(file)],
            env=environment, capture_output=True, text=True, check=True,
        )  # fmt: skip
        taken, dag_id = json.loads(done.stdout.splitlines()[-1])
        seconds.append(taken)
    median = statistics.median(seconds)
    return {
        "name": f"DAG file of {dag_id}: import beyond `import airflow`, s",
        "value": round(median, 3),
        "floor": MOST_S,
        "ok": median < MOST_S,
        "all_s": [round(each, 3) for each in seconds],
    }
