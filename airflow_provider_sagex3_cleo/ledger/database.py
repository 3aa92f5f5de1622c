"""Opening the ledger: address, driver, locks, schema; each thing that can be wrong in one sentence."""

from __future__ import annotations

import importlib.util
import os
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import create_engine, event, inspect, select
from sqlalchemy.engine import URL, Connection, Engine, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError
from sqlalchemy.pool import QueuePool

from airflow_provider_sagex3_cleo.errors import ConnectionLost, LedgerBusy, LedgerUnusable, LostRace, ProviderError
from airflow_provider_sagex3_cleo.ledger import schema

__all__ = ["CODE_REVISION", "VERSION_TABLE", "Ledger", "LedgerStatus", "status", "upgrade"]

#: The newest migration this code knows. Revisions are numbered r0001, r0002, ... and compare as text.
CODE_REVISION = "r0003"
VERSION_TABLE = "sxc_alembic_version"
UPGRADE = "run `sagex3-cleo ledger upgrade`"
_MIGRATION_LOCK = 0x5358_434C_4544_4752  # any number, the same in every process


@dataclass(frozen=True)
class LedgerStatus:
    """What `sagex3-cleo ledger status` shows. `revision` None: no tables yet."""

    url: str
    dialect: str
    revision: str | None
    code_revision: str
    oldest_code: str | None
    uuid: str | None
    usable: bool
    sentence: str


class Ledger:
    """The durable memory. Open it with `Ledger.open`; safe to share between threads, not across a fork."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        with self.reading() as db:
            self.uuid: str = db.execute(select(schema.ledger.c.uuid)).scalar_one()

    @classmethod
    def open(cls, url: str, *, migrate: bool = False, distributed: bool = False, busy_s: float = 30.0) -> Ledger:
        """Open the ledger at a SQLAlchemy URL (`sqlite:////path/ledger.db`, `postgresql+psycopg2://...`).

        An empty SQLite file is given its tables; anything else that is not up to date needs `migrate=True`.
        `distributed`: the executor runs tasks on several machines. `busy_s`: seconds to wait for a lock.

        Raises:
            LedgerUnusable: unknown address or driver, read-only, not migrated, newer than this code, or SQLite
                under a distributed executor.
            LedgerBusy: another process holds the lock for longer than `busy_s`.
            ConnectionLost: PostgreSQL does not answer.
        """
        address = _address(url)
        if distributed and address.get_backend_name() == "sqlite":
            raise LedgerUnusable(
                "SQLite cannot serve tasks on several machines",
                expected="PostgreSQL under a distributed executor",
                remedy="define the connection edi_ledger with a postgresql+psycopg2:// address",
                system="ledger",
            )
        engine = _engine(address, busy_s)
        try:
            with _sentences(engine):
                _make_ready(engine, migrate)
                return cls(engine)
        except BaseException:
            engine.dispose()
            raise

    @contextmanager
    def begin(self) -> Iterator[Connection]:
        """One writing transaction: committed at the end, rolled back by an exception."""
        with _sentences(self._engine), self._engine.begin() as db:
            yield db

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """One consistent view for reading; takes no write lock and never waits for a writer."""
        with _sentences(self._engine), _reader(self._engine) as db:
            yield db

    def close(self) -> None:
        """Close all connections."""
        self._engine.dispose()

    def __enter__(self) -> Ledger:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()


def upgrade(url: str, *, busy_s: float = 30.0) -> LedgerStatus:
    """Bring the ledger's tables up to this code; harmless where they are. Raises as `Ledger.open`."""
    Ledger.open(url, migrate=True, busy_s=busy_s).close()
    return status(url)


def status(url: str) -> LedgerStatus:
    """What is there, without changing anything but creating an empty SQLite file. Raises as `Ledger.open`."""
    address = _address(url)
    engine = _engine(address, 5.0)
    try:
        with _sentences(engine), _reader(engine) as db:
            revision, oldest, uuid = _revision(db), None, None
            if revision is not None:
                oldest, uuid = db.execute(select(schema.ledger.c.oldest_code, schema.ledger.c.uuid)).one()
            problem = _problem(revision, oldest)
    finally:
        engine.dispose()
    return LedgerStatus(
        url=_shown(address),
        dialect=address.get_backend_name(),
        revision=revision,
        code_revision=CODE_REVISION,
        oldest_code=oldest,
        uuid=uuid,
        usable=problem is None,
        sentence=str(problem) if problem else f"ledger {uuid} is up to date (schema {revision})",
    )


# --- addresses and engines --------------------------------------------------------------------------------------------
def _shown(address: URL) -> str:
    return address.render_as_string(hide_password=True)


def _address(url: str) -> URL:
    expected = "sqlite:////absolute/path.db or postgresql+psycopg2://user@host/database"
    try:
        address = make_url(url)
    except (ArgumentError, ValueError):
        raise LedgerUnusable("the ledger's address is no database URL", expected=expected, system="ledger") from None
    if address.drivername in ("postgresql", "postgres"):  # the default driver differs between SQLAlchemy releases
        address = address.set(drivername="postgresql+psycopg2")
    if address.drivername not in ("sqlite", "sqlite+pysqlite", "postgresql+psycopg2"):
        raise LedgerUnusable(
            f"no ledger on {address.drivername!r}", expected=expected, remedy="change the address", system="ledger"
        )
    if address.get_backend_name() == "postgresql" and importlib.util.find_spec("psycopg2") is None:
        raise LedgerUnusable(
            "the driver psycopg2 is not installed",
            remedy="pip install 'airflow-provider-sagex3-cleo[postgres]'",
            system="ledger",
        )
    if address.get_backend_name() == "sqlite" and address.database in (None, "", ":memory:"):
        raise LedgerUnusable("a ledger in memory forgets", expected=expected, remedy="name a file", system="ledger")
    return address


def _engine(address: URL, busy_s: float) -> Engine:
    common: dict[str, Any] = {"hide_parameters": True, "future": True}  # values never reach a message
    if address.get_backend_name() == "postgresql":
        options = f"-c lock_timeout={int(busy_s * 1000)} -c timezone=UTC"
        return create_engine(
            address,
            pool_pre_ping=True,
            connect_args={"options": options, "connect_timeout": 10, "application_name": "sagex3-cleo"},
            **common,
        )
    if not str(address.database).startswith("file:"):
        _check_file(address)
    # a real pool on both SQLAlchemys: closing the last connection would fold the WAL after every transaction
    engine = create_engine(
        address,
        poolclass=QueuePool,
        connect_args={"check_same_thread": False, "timeout": busy_s},
        **common,
    )
    event.listen(engine, "connect", lambda raw, _record: _prepare_sqlite(raw, busy_s))
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _check_file(address: URL) -> None:
    """What would show only in mid-run: no folder, or a file or folder (for the WAL) that this user may not write."""
    file = Path(str(address.database))
    if not file.parent.is_dir():
        raise LedgerUnusable(f"the folder {file.parent} is not there", remedy="create it", system="ledger")
    if not os.access(file.parent, os.W_OK) or (file.exists() and not os.access(file, os.W_OK)):
        raise _read_only(_shown(address))


def _read_only(shown: str) -> LedgerUnusable:
    return LedgerUnusable(
        f"{shown} is read-only",
        expected="a file and folder this user may write",
        remedy="give the user of Airflow's tasks the right to write there",
        system="ledger",
    )


def _prepare_sqlite(raw: Any, busy_s: float) -> None:
    raw.isolation_level = None  # we begin; the driver would begin too late, and not at all before DDL
    ends = time.monotonic() + busy_s
    raw.execute(f"PRAGMA busy_timeout={int(busy_s * 1000)}")
    while True:  # the switch to WAL does not wait for locks by itself
        try:
            if raw.execute("PRAGMA journal_mode").fetchone()[0] != "wal":
                raw.execute("PRAGMA journal_mode=WAL")
            break
        except Exception as exc:
            if "locked" not in str(exc) or time.monotonic() >= ends:
                raise
            time.sleep(0.01)
    raw.execute("PRAGMA synchronous=FULL")
    raw.execute("PRAGMA foreign_keys=ON")


def _begin_sqlite(db: Connection) -> None:
    db.exec_driver_sql("BEGIN" if db.get_execution_options().get("reader") else "BEGIN IMMEDIATE")


@contextmanager
def _reader(engine: Engine) -> Iterator[Connection]:
    options: dict[str, Any] = {"reader": True}
    if engine.dialect.name == "postgresql":
        options = {"postgresql_readonly": True, "isolation_level": "REPEATABLE READ"}
    with engine.connect() as db:
        db = db.execution_options(**options)
        with db.begin():
            yield db


@contextmanager
def _sentences(engine: Engine) -> Iterator[None]:
    """Database errors as errors of ours; what is neither a lock nor a lost server passes."""
    try:
        yield
    except DBAPIError as exc:
        problem = _translated(exc, _shown(engine.url))
        if problem is None:
            raise
        raise problem from exc


def _translated(exc: DBAPIError, shown: str) -> ProviderError | None:
    text = str(exc.orig)
    code = getattr(exc.orig, "pgcode", None)
    if "readonly" in text or "read-only" in text or code == "25006":
        return _read_only(shown)
    if "unable to open database file" in text or "not a database" in text:
        return LedgerUnusable(
            f"{shown} cannot be opened as a database",
            expected="a SQLite file in a folder this user may write",
            remedy="check the path and its rights",
            system="ledger",
        )
    if "database is locked" in text or "database table is locked" in text or code in ("55P03", "57014"):
        return LedgerBusy(f"{shown} is locked by another process", system="ledger")
    if code in ("40001", "40P01"):
        return LostRace("another transaction was faster", system="ledger")
    refusal = re.search(r"FATAL:\s+(.*(?:authentication|does not exist|pg_hba|permission).*)", text)
    if refusal:
        return LedgerUnusable(
            f"{shown} refuses the login: {refusal.group(1)}",
            remedy="check login, password and database of the connection edi_ledger",
            system="ledger",
        )
    if exc.connection_invalidated or (
        code is None and type(exc.orig).__name__ == "OperationalError" and "psycopg2" in type(exc.orig).__module__
    ):
        return ConnectionLost(f"{shown} does not answer", system="ledger")
    return None


# --- schema -----------------------------------------------------------------------------------------------------------
def _revision(db: Connection) -> str | None:
    if not inspect(db).has_table(VERSION_TABLE):
        return None
    revision: str | None = db.exec_driver_sql(f"SELECT version_num FROM {VERSION_TABLE}").scalar()
    return revision


def _problem(revision: str | None, oldest_code: str | None) -> LedgerUnusable | None:
    if revision is None:
        return LedgerUnusable("the database has no ledger yet", remedy=UPGRADE, system="ledger")
    if revision < CODE_REVISION:
        return LedgerUnusable(
            f"the ledger's tables are older ({revision}) than this code",
            expected=CODE_REVISION,
            remedy=UPGRADE,
            system="ledger",
        )
    if revision > CODE_REVISION and (oldest_code or revision) > CODE_REVISION:
        return LedgerUnusable(
            f"the ledger's tables ({revision}) are newer than this code and bear {oldest_code} at the oldest",
            expected=f"{CODE_REVISION} or a code that is newer",
            remedy="upgrade the package on this machine",
            system="ledger",
        )
    return None


def _state(db: Connection) -> tuple[str | None, LedgerUnusable | None]:
    revision = _revision(db)
    oldest = db.execute(select(schema.ledger.c.oldest_code)).scalar() if revision else None
    return revision, _problem(revision, oldest)


def _make_ready(engine: Engine, migrate: bool) -> None:
    """Tables there and fitting, and the file writable; many processes may ask at once."""
    with _reader(engine) as db:
        revision, problem = _state(db)
        empty = revision is None and not inspect(db).get_table_names()
    if problem is None:
        return
    behind = revision is None or revision < CODE_REVISION
    if behind and (migrate or (empty and engine.dialect.name == "sqlite")):
        with engine.begin() as db:
            _migrate(db)
        return
    raise problem


def _migrate(db: Connection) -> None:
    """Run the missing migrations inside the caller's transaction, one process at a time."""
    from alembic import command  # a tenth of a second, needed once in a ledger's life
    from alembic.config import Config

    if db.dialect.name == "postgresql":
        db.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_MIGRATION_LOCK})")
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations").replace("%", "%%"))
    config.attributes["connection"] = db
    command.upgrade(config, "head")
