"""A fake Cleo with one folder, and clients that reach it over real HTTP."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from airflow_provider_sagex3_cleo.cleo.client import CleoClient
from airflow_provider_sagex3_cleo.cleo.settings import CleoSettings
from airflow_provider_sagex3_cleo.sandbox.cleo_fake import CleoFake
from airflow_provider_sagex3_cleo.sandbox.clock import Clock

LOGIN, PASSWORD = "edi-sender", "Canary-1-pa55:wörd"
FOLDER = "outbound/850"

OpenClient = Callable[..., CleoClient]


@pytest.fixture
def cleo() -> Iterator[CleoFake]:
    with CleoFake(Clock(frozen=True), users={LOGIN: PASSWORD}, folders=(FOLDER,)) as fake:
        yield fake


@pytest.fixture
def open_client(cleo: CleoFake) -> Iterator[OpenClient]:
    """Opens clients of the fake; extras as keyword arguments."""
    opened: list[CleoClient] = []

    def open_one(*, login: str = LOGIN, password: str = PASSWORD, **extras: Any) -> CleoClient:
        settings = CleoSettings.from_connection(
            "cleo_default", "127.0.0.1", cleo.server.port, "http", login, password, {"environment": "test"} | extras
        )
        opened.append(CleoClient(settings))
        return opened[-1]

    yield open_one
    for client in opened:
        client.close()


@pytest.fixture
def client(open_client: OpenClient) -> CleoClient:
    return open_client()
