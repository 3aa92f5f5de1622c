"""What all tests share."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

# before anything imports Airflow: it makes its home at once, and nobody's home is ours
os.environ.setdefault("AIRFLOW_HOME", str(Path(__file__).resolve().parents[1] / ".airflow"))

from tests.support.postgres import Postgres, running_postgres


@pytest.fixture(autouse=True)
def _logs_are_on() -> Iterator[None]:
    """The command line, called in this process, switches logs off for good: each test begins with them on."""
    logging.disable(logging.NOTSET)
    yield
    logging.disable(logging.NOTSET)


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """A real PostgreSQL, started when the first test asks for it."""
    with running_postgres() as server:
        yield server
