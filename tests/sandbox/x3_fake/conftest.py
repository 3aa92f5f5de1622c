"""A fake Sage X3 over a small world, and the two ways to ask it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import jwt
import pytest
import requests

from airflow_provider_sagex3_cleo.sandbox.clock import Clock
from airflow_provider_sagex3_cleo.sandbox.world import World
from airflow_provider_sagex3_cleo.sandbox.x3_fake import X3Fake

START = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)


@pytest.fixture
def x3() -> Iterator[X3Fake]:
    with X3Fake(World(7, Clock(START, frozen=True), orders=400)) as fake:
        yield fake


@pytest.fixture
def http(x3: X3Fake) -> Iterator[requests.Session]:
    with requests.Session() as session:
        session.auth = (x3.login, x3.password)
        session.trust_env = False
        yield session


Rest = Callable[..., requests.Response]


@pytest.fixture
def rest(x3: X3Fake, http: requests.Session) -> Rest:
    """rest('PORDER', count=5) is a list, rest('PORDER', key='X') a record."""

    def get(table: str, *, record: str | None = None, endpoint: str = x3.folder, **query: Any) -> requests.Response:
        facet = "$query" if record is None else "$details"
        path = table if record is None else f"{table}('{record}')"
        params = {"representation": f"{table}.{facet}", **query}
        return http.get(f"{x3.url}/api1/x3/erp/{endpoint}/{path}", params=params, timeout=10)

    return get


def token(x3: X3Fake, **claims: Any) -> str:
    now = time.time()
    good = {"iss": x3.app.client_id, "sub": x3.app.subject, "aud": x3.app.audience, "iat": now - 30, "exp": now + 60}
    return jwt.encode({**good, **claims}, x3.app.client_secret, "HS256")


@pytest.fixture
def post(x3: X3Fake) -> Iterator[Callable[..., requests.Response]]:
    """post(query, variable=...) with a good token, or with other claims, endpoint, or headers."""
    with requests.Session() as session:
        session.trust_env = False

        def send(query: str, *, claims: dict[str, Any] | None = None, endpoint: str = x3.folder, **variables: Any):
            headers = {"Authorization": f"Bearer {token(x3, **(claims or {}))}", "x-xtrem-endpoint": endpoint}
            body = {"query": query, "variables": variables}
            return session.post(f"{x3.url}/xtrem/api", json=body, headers=headers, timeout=10)

        yield send
