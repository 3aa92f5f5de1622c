"""A fake Sage X3 on loopback, and readers on it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from airflow_provider_sagex3_cleo.sagex3.graphql import GraphqlReader
from airflow_provider_sagex3_cleo.sagex3.rest import RestReader
from airflow_provider_sagex3_cleo.sagex3.settings import SageX3Settings
from airflow_provider_sagex3_cleo.sagex3.spec import EntitySpec, load_specs
from airflow_provider_sagex3_cleo.sandbox.run import Sandbox

Open = Callable[..., Any]


@pytest.fixture(scope="session")
def spec() -> EntitySpec:
    """Purchase orders as they come with the package."""
    return load_specs()["purchase_orders"]


@pytest.fixture(scope="session")
def world() -> Iterator[Sandbox]:
    """One world for all tests of this folder; each test makes the orders it talks about."""
    with Sandbox(seed=7, orders=160, supplier_count=40) as running:
        yield running


@pytest.fixture
def sandbox(world: Sandbox) -> Iterator[Sandbox]:
    """The world with no fault armed, an empty request log and default settings."""
    world.x3.server.faults.clear()
    world.x3.server.clear_log()
    world.x3.rest.lose_sessions()
    yield world
    world.x3.server.faults.clear()
    world.x3.rest.settings = type(world.x3.rest.settings)()
    world.x3.graphql.settings = type(world.x3.graphql.settings)()
    world.x3.app.max_life_s, world.x3.app.clock_offset_s = 300.0, 0.0


@pytest.fixture
def settings(sandbox: Sandbox) -> Callable[..., SageX3Settings]:
    """Settings of a connection to the sandbox; extras replace the defaults."""

    def make(password: str | None = None, **extras: Any) -> SageX3Settings:
        access = sandbox.access()["sagex3"]
        app = access["connected_app"] if extras.get("auth") == "connected_app" else {}
        return SageX3Settings.from_connection(
            "sagex3_default", access["host"], access["port"], access["schema"], access["login"],
            password or access["password"], {**access["extra"], **app, **extras},
        )  # fmt: skip

    return make


@pytest.fixture
def rest(settings: Callable[..., SageX3Settings]) -> Iterator[Open]:
    """Opens REST readers; `attempts` limits the tries of one call."""
    opened: list[RestReader] = []

    def make(attempts: int = 3, **extras: Any) -> RestReader:
        reader = RestReader(settings(**extras))
        reader.transport.attempts = attempts
        opened.append(reader)
        return reader

    yield make
    for reader in opened:
        reader.close()


@pytest.fixture
def graphql(settings: Callable[..., SageX3Settings]) -> Iterator[Open]:
    """Opens GraphQL readers with the connected app's token."""
    opened: list[GraphqlReader] = []

    def make(attempts: int = 3, **extras: Any) -> GraphqlReader:
        reader = GraphqlReader(settings(**{"transport": "graphql", "auth": "connected_app", **extras}))
        reader.transport.attempts = attempts
        opened.append(reader)
        return reader

    yield make
    for reader in opened:
        reader.close()


@pytest.fixture(params=["rest", "graphql"])
def reader(request: pytest.FixtureRequest) -> Open:
    """Opens readers of both kinds, one after the other."""
    opener: Open = request.getfixturevalue(request.param)
    return opener
