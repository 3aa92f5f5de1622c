"""A ledger of each kind with documents on their way, a fake Cleo over HTTP, and partners who answer."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from airflow_provider_sagex3_cleo.ledger import Ledger
from airflow_provider_sagex3_cleo.sandbox.cleo_fake import CleoFake
from tests.support.traffic import Traffic


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'ledger.db'}"
    return request.getfixturevalue("postgres").new_database()


@pytest.fixture
def any_traffic(url: str) -> Iterator[Traffic]:
    """On each database."""
    with Ledger.open(url, migrate=True) as ledger, CleoFake() as cleo:
        yield Traffic(ledger, cleo)


@pytest.fixture
def traffic(tmp_path: Path) -> Iterator[Traffic]:
    with Ledger.open(f"sqlite:///{tmp_path / 'ledger.db'}") as ledger, CleoFake() as cleo:
        yield Traffic(ledger, cleo)
