"""The three hooks: the test button, the ledger's place, and secrets that stay secret."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from airflow.providers.common.compat.sdk import Connection
from cryptography.fernet import Fernet

from airflow_provider_sagex3_cleo import resolver
from airflow_provider_sagex3_cleo.compat import airflow_home, executor_is_distributed
from airflow_provider_sagex3_cleo.errors import LedgerUnusable, SettingFault
from airflow_provider_sagex3_cleo.hooks.cleo import CleoHook
from airflow_provider_sagex3_cleo.hooks.ledger import LedgerHook, ledger_url
from airflow_provider_sagex3_cleo.hooks.sagex3 import SageX3Hook
from airflow_provider_sagex3_cleo.sandbox.run import Sandbox
from demo.airflow_env import free_port


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(7, orders=20, supplier_count=40) as made:
        yield made


def define(monkeypatch: pytest.MonkeyPatch, sandbox: Sandbox, name: str, **changes: Any) -> None:
    access = sandbox.access()[name]
    parts = {key: access[key] for key in ("host", "port", "schema", "login", "password", "extra")}
    monkeypatch.setenv(f"AIRFLOW_CONN_{name.upper()}_DEFAULT", json.dumps({"conn_type": name, **parts, **changes}))


def test_the_button_of_sage_x3_asks_twice_at_most(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    define(monkeypatch, sandbox, "sagex3")
    sandbox.x3.server.clear_log()
    good, words = SageX3Hook().test_connection()
    assert good, words
    assert "clock" in words
    assert len(sandbox.x3.server.log()) <= 2


def test_the_button_of_cleo_asks_twice_at_most(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    define(monkeypatch, sandbox, "cleo")
    sandbox.cleo.server.clear_log()
    good, words = CleoHook().test_connection()
    assert good, words
    assert 1 <= len(sandbox.cleo.server.log()) <= 2


@pytest.mark.parametrize(("name", "hook"), [("sagex3", SageX3Hook), ("cleo", CleoHook)])
def test_the_button_says_in_one_sentence_what_is_wrong(
    name: str, hook: Any, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    define(monkeypatch, sandbox, name, password="canary-password")
    good, words = hook().test_connection()
    assert not good
    assert "canary-password" not in words
    define(monkeypatch, sandbox, name, port=free_port())
    start = time.monotonic()
    good, words = hook().test_connection()
    assert not good
    assert "could not be reached" in words
    assert time.monotonic() - start < 10


def test_an_unknown_extra_is_named_with_the_known_ones(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    define(monkeypatch, sandbox, "sagex3", extra={"environment": "test", "folder": "SEED", "pagesize": 5})
    good, words = SageX3Hook().test_connection()
    assert not good
    assert "pagesize" in words
    assert "page_size" in words


def test_extras_that_a_form_left_empty_count_as_not_given(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    extra = sandbox.access()["sagex3"]["extra"] | {"page_size": None, "verify": "", "client_id": ""}
    define(monkeypatch, sandbox, "sagex3", extra=extra)
    assert SageX3Hook().settings().page_size == 500


def test_a_refresh_token_is_kept_in_the_ledger_under_the_fernet_key_of_airflow(
    sandbox: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    oauth = sandbox.x3.oauth
    ledger = {"url": f"sqlite:///{tmp_path / 'ledger.db'}"}
    monkeypatch.setenv("AIRFLOW_CONN_EDI_LEDGER", json.dumps({"conn_type": "edi_ledger", "extra": ledger}))
    extra = sandbox.access()["sagex3"]["extra"] | {
        "auth": "oauth2", "auth_url": f"{sandbox.x3_url}/oauth/token", "client_id": oauth.client_id,
        "client_secret": oauth.client_secret, "refresh_token": oauth.refresh_token,
    }  # fmt: skip
    define(monkeypatch, sandbox, "sagex3", login="", password="", extra=extra)
    monkeypatch.setenv("AIRFLOW__CORE__FERNET_KEY", Fernet.generate_key().decode())
    for _ in range(2):
        good, words = SageX3Hook().test_connection()
        assert good, words
    assert len(oauth.calls()) == 1
    monkeypatch.setenv("AIRFLOW__CORE__FERNET_KEY", "")
    good, words = SageX3Hook().test_connection()
    assert not good
    assert "fernet_key" in words


def test_without_a_connection_the_ledger_is_a_file_in_the_airflow_home() -> None:
    assert LedgerHook().url() == f"sqlite:///{airflow_home() / 'sagex3_cleo_ledger.db'}"


def test_the_ledgers_address_is_built_from_the_form_or_taken_from_the_extra() -> None:
    form = Connection(
        conn_id="edi_ledger", conn_type="edi_ledger", host="db.example.com", port=5432, schema="edi", login="edi",
        password="p@ss/word",
    )  # fmt: skip
    assert ledger_url(form) == "postgresql+psycopg2://edi:p%40ss%2Fword@db.example.com:5432/edi"
    extra = json.dumps({"url": "postgresql+psycopg2://edi@db.example.com/edi"})
    given = Connection(conn_id="edi_ledger", conn_type="edi_ledger", password="secret", extra=extra)
    assert ledger_url(given) == "postgresql+psycopg2://edi:secret@db.example.com/edi"


@pytest.mark.parametrize(
    ("parts", "sentence"),
    [
        ({"extra": '{"ulr": "sqlite://"}'}, "ulr: unknown extra; expected one of url"),
        ({}, "host: is empty"),
        ({"extra": '{"url": "nonsense"}'}, "url: is no database URL"),
    ],
)
def test_a_ledger_connection_that_cannot_be_used_is_explained(parts: dict[str, str], sentence: str) -> None:
    with pytest.raises(SettingFault, match=sentence):
        ledger_url(Connection(conn_id="edi_ledger", conn_type="edi_ledger", **parts))


def test_the_button_of_the_ledger_says_which_release_it_has(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    extra = {"url": f"sqlite:///{tmp_path / 'ledger.db'}"}
    monkeypatch.setenv("AIRFLOW_CONN_EDI_LEDGER", json.dumps({"conn_type": "edi_ledger", "extra": extra}))
    LedgerHook().get_conn().close()
    good, words = LedgerHook().test_connection()
    assert good, words
    assert "up to date" in words


def test_sqlite_under_a_distributed_executor_is_refused_with_the_remedy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    extra = {"url": f"sqlite:///{tmp_path / 'ledger.db'}"}
    monkeypatch.setenv("AIRFLOW_CONN_EDI_LEDGER", json.dumps({"conn_type": "edi_ledger", "extra": extra}))
    monkeypatch.setattr("airflow_provider_sagex3_cleo.hooks.ledger.is_distributed", lambda: True)
    with pytest.raises(LedgerUnusable, match="postgresql"):
        LedgerHook().get_conn()
    good, words = LedgerHook().test_connection()
    assert not good
    assert "PostgreSQL" in words


@pytest.mark.parametrize(
    ("names", "distributed"),
    [
        ("LocalExecutor", False),
        ("SequentialExecutor", False),
        ("airflow.executors.local_executor.LocalExecutor", False),
        ("CeleryExecutor", True),
        ("LocalExecutor,CeleryExecutor", True),
        ("LocalExecutor, big:my.module.BigExecutor", True),
    ],
)
def test_executors_that_leave_this_machine_are_known(names: str, distributed: bool) -> None:
    assert executor_is_distributed(names) is distributed


def test_the_command_line_finds_a_connection_of_the_environment(
    sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    define(monkeypatch, sandbox, "cleo")
    assert resolver.connection("cleo_default").port == sandbox.cleo.server.port
