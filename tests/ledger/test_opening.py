"""Opening a ledger: what is right by itself, and one clear sentence for everything else."""

from __future__ import annotations

import importlib.util
import os
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import create_engine, inspect, text
from sqlalchemy.engine import Connection

from airflow_provider_sagex3_cleo.errors import ConnectionLost, LedgerBusy, LedgerUnusable
from airflow_provider_sagex3_cleo.ledger import Ledger, database, schema, sources, status, upgrade
from airflow_provider_sagex3_cleo.ledger.sql import now
from airflow_provider_sagex3_cleo.ledger.types import iso
from tests.support.postgres import Postgres

OPEN_IT = """
import sys
from airflow_provider_sagex3_cleo.ledger import Ledger
sys.stdin.readline()
with Ledger.open(sys.argv[1], migrate=sys.argv[2] == "migrate") as ledger:
    print(ledger.uuid)
"""


@contextmanager
def changing(url: str) -> Iterator[Connection]:
    """A connection that knows nothing of the ledger's rules."""
    engine = create_engine(url, future=True)
    try:
        with engine.begin() as db:
            yield db
    finally:
        engine.dispose()


def test_migrations_build_exactly_the_metadata(ledger: Ledger) -> None:
    options: dict[str, Any] = {
        "compare_type": True,
        "include_name": lambda name, kind, _: kind != "table" or name != database.VERSION_TABLE,
    }
    with ledger.reading() as db:
        assert compare_metadata(MigrationContext.configure(db, opts=options), schema.metadata) == []
        here = inspect(db)
        for table in schema.metadata.tables.values():
            built = {index["name"] for index in here.get_indexes(table.name)}
            assert {index.name for index in table.indexes} <= built
            unique = {each["name"] for each in here.get_unique_constraints(table.name)}
            assert {c.name for c in table.constraints if str(c.name).startswith("uq_")} == unique


def test_a_new_sqlite_file_is_given_its_tables_and_keeps_its_identity(sqlite_url: str) -> None:
    with Ledger.open(sqlite_url) as first, Ledger.open(sqlite_url) as second:
        assert first.uuid == second.uuid
        with first.reading() as db:
            assert db.execute(text("PRAGMA journal_mode")).scalar() == "wal"


def test_postgresql_gets_its_tables_by_the_upgrade_command_only(postgres: Postgres) -> None:
    url = postgres.new_database()
    with pytest.raises(LedgerUnusable, match=r"no ledger yet.*sagex3-cleo ledger upgrade"):
        Ledger.open(url)
    assert not status(url).usable
    uuid = upgrade(url).uuid
    assert upgrade(url).uuid == uuid
    with Ledger.open(url) as ledger:
        assert ledger.uuid == uuid


def test_a_database_with_other_tables_is_not_taken_for_an_empty_one(sqlite_url: str) -> None:
    with changing(sqlite_url) as db:
        db.execute(text("CREATE TABLE dag (id INTEGER)"))
    with pytest.raises(LedgerUnusable, match="ledger upgrade"):
        Ledger.open(sqlite_url)


def test_older_tables_ask_for_the_upgrade(ledger: Ledger, url: str) -> None:
    with changing(url) as db:
        db.execute(text("UPDATE sxc_alembic_version SET version_num = 'r0000'"))
    with pytest.raises(LedgerUnusable, match=r"older \(r0000\).*ledger upgrade"):
        Ledger.open(url)


def test_newer_tables_are_used_as_long_as_they_bear_this_code(ledger: Ledger, url: str) -> None:
    with changing(url) as db:
        db.execute(text("UPDATE sxc_alembic_version SET version_num = 'r0999'"))
    with Ledger.open(url) as same:
        assert same.uuid == ledger.uuid
    with changing(url) as db:
        db.execute(text("UPDATE sxc_ledger SET oldest_code = 'r0998'"))
    with pytest.raises(LedgerUnusable, match=r"newer than this code.*[Uu]pgrade the package"):
        Ledger.open(url, migrate=True)
    assert "newer" in status(url).sentence


def test_a_locked_sqlite_is_busy_for_writers_and_open_for_readers(sqlite_url: str) -> None:
    with Ledger.open(sqlite_url, busy_s=0.2) as ledger:
        other = sqlite3.connect(sqlite_url.removeprefix("sqlite:///"), isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(LedgerBusy, match="locked by another process"), ledger.begin():
            pass
        with Ledger.open(sqlite_url, busy_s=0.2) as reader, reader.reading() as db:
            assert sources.bound(db) is None
        other.execute("ROLLBACK")
        with ledger.begin() as db:
            sources.bind(db, source="a", target="b", environment="test")
        other.close()


def test_a_locked_row_on_postgresql_is_busy_after_the_time_allowed(postgres: Postgres) -> None:
    url = postgres.new_database()
    upgrade(url)
    with Ledger.open(url, busy_s=0.2) as ledger, changing(url) as other:
        other.execute(text("SELECT * FROM sxc_ledger FOR UPDATE"))
        with pytest.raises(LedgerBusy), ledger.begin() as db:
            sources.bind(db, source="a", target="b", environment="test")


def test_a_read_only_file_is_named_at_the_first_write(sqlite_url: str) -> None:
    Ledger.open(sqlite_url).close()
    address = f"sqlite:///file:{sqlite_url.removeprefix('sqlite:///')}?mode=ro&uri=true"
    with (
        Ledger.open(address) as ledger,
        pytest.raises(LedgerUnusable, match=r"read-only.*right to write"),
        ledger.begin() as db,
    ):
        sources.bind(db, source="a", target="b", environment="test")


@pytest.mark.parametrize("protected", ["file", "folder"])
def test_a_user_without_the_right_to_write_is_told_at_once(
    sqlite_url: str, monkeypatch: pytest.MonkeyPatch, protected: str
) -> None:
    Ledger.open(sqlite_url).close()
    file = Path(sqlite_url.removeprefix("sqlite:///"))
    closed = file if protected == "file" else file.parent
    if os.geteuid() == 0:  # root may write everywhere, whatever the mode says
        allowed = os.access
        monkeypatch.setattr(os, "access", lambda path, mode: path != closed and allowed(path, mode))
    closed.chmod(0o555)
    try:
        with pytest.raises(LedgerUnusable, match="read-only"):
            Ledger.open(sqlite_url)
    finally:
        closed.chmod(0o755)


def test_a_distributed_executor_needs_postgresql(sqlite_url: str) -> None:
    with pytest.raises(LedgerUnusable, match=r"several machines.*postgresql\+psycopg2://"):
        Ledger.open(sqlite_url, distributed=True)


@pytest.mark.parametrize(
    ("url", "sentence"),
    [
        ("mysql://user:canary@host/db", "no ledger on 'mysql'"),
        ("postgresql+asyncpg://user:canary@host/db", "no ledger on 'postgresql[+]asyncpg'"),
        ("ledger.db", "no database URL"),
        ("sqlite://", "in memory forgets"),
        ("sqlite:////nowhere/at/all/ledger.db", "the folder /nowhere/at/all is not there"),
    ],
)
def test_an_address_that_cannot_work_is_explained(url: str, sentence: str) -> None:
    with pytest.raises(LedgerUnusable, match=sentence) as caught:
        Ledger.open(url)
    assert "canary" not in str(caught.value)


def test_a_missing_driver_is_named_with_the_command_that_brings_it(monkeypatch: pytest.MonkeyPatch) -> None:
    find = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None if name == "psycopg2" else find(name))
    with pytest.raises(LedgerUnusable, match=r"driver psycopg2 is not installed.*[Pp]ip install"):
        Ledger.open("postgresql://user@host/db")


def test_a_file_that_is_no_database_is_named(tmp_path: Path) -> None:
    file = tmp_path / "ledger.db"
    file.write_bytes(b"this is a text file, and a long one at that" * 40)
    with pytest.raises(LedgerUnusable, match="cannot be opened as a database"):
        Ledger.open(f"sqlite:///{file}")


def test_a_postgresql_that_is_not_there_is_worth_a_retry_and_keeps_its_password() -> None:
    with pytest.raises(ConnectionLost, match="does not answer") as caught:
        Ledger.open("postgresql+psycopg2://user:canary@127.0.0.1:1/db")
    assert "canary" not in str(caught.value)


def test_a_login_that_postgresql_refuses_is_no_case_for_a_retry(postgres: Postgres) -> None:
    with pytest.raises(LedgerUnusable, match=r'refuses the login: .*"nobody_knows".* does not exist'):
        Ledger.open(postgres.url("nobody_knows"))


def test_many_processes_open_a_new_ledger_at_once_and_agree_who_it_is(url: str) -> None:
    mode = "migrate" if url.startswith("postgresql") else "plain"
    command = [sys.executable, "-c", OPEN_IT, url, mode]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    started = [subprocess.Popen(command, **pipes) for _ in range(6)]  # type: ignore[call-overload]
    for process in started:  # all are waiting for this line: they start together
        process.stdin.write("go\n")
        process.stdin.flush()
    ended = [process.communicate(timeout=60) for process in started]
    assert [process.returncode for process in started] == [0] * 6, [err for _, err in ended]
    assert len({out for out, _ in ended}) == 1


def test_the_database_says_what_time_it_is_and_naive_times_are_refused(ledger: Ledger) -> None:
    with ledger.reading() as db:
        moment = now(db)
        assert moment.utcoffset() is not None
        assert now(db) >= moment
    with pytest.raises(ValueError, match="naive"):
        iso(datetime(2026, 11, 24))  # noqa: DTZ001


def test_migrations_build_the_same_indexes_down_to_their_conditions(sqlite_url: str, tmp_path: Path) -> None:
    Ledger.open(sqlite_url).close()
    fresh = f"sqlite:///{tmp_path / 'fresh.db'}"
    with changing(fresh) as db:
        schema.metadata.create_all(db)
    made = []
    for url in (sqlite_url, fresh):
        with changing(url) as db:
            rows = db.execute(text("SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL"))
            made.append({name: " ".join(sql.split()) for name, sql in rows})
    assert made[0] == made[1]
    assert "state IN ('ready')" in made[0]["ix_sxc_document_ready"]
