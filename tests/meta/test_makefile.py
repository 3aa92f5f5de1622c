"""What `make` answers before anything is set up."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


def make(*arguments: str) -> subprocess.CompletedProcess[str]:
    env = {name: value for name, value in os.environ.items() if not name.startswith(("MAKE", "AIRFLOW"))}
    return subprocess.run(
        ["make", *arguments], cwd=ROOT, env=env, capture_output=True, text=True, timeout=30, check=False
    )  # fmt: skip


@pytest.mark.parametrize("value", ["2.10", "4", ""])
def test_a_release_of_airflow_without_a_demo_is_refused_by_name_with_those_there_are(value: str) -> None:
    done = make("demo", f"AIRFLOW={value}")
    assert done.returncode != 0
    assert f"AIRFLOW={value}: " in done.stderr
    assert "AIRFLOW=3" in done.stderr
    assert "AIRFLOW=2.11" in done.stderr


@pytest.mark.parametrize(
    ("asked", "folder"), [((), ".venv"), (("AIRFLOW=3",), ".venv"), (("AIRFLOW=2.11",), ".venv-2.11")]
)
def test_the_demo_runs_on_the_airflow_that_was_asked_for_and_on_3_where_none_was(
    asked: tuple[str, ...], folder: str
) -> None:
    told = make("--dry-run", "demo", *asked).stdout
    assert told.splitlines()[-1].startswith(f'"{ROOT}/{folder}/bin/python" -m demo.run')
