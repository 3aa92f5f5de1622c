"""Connections and Variables for the command line, outside any task, on Airflow 3 and on 2.11.

Asked in Airflow's order: environment, configured secrets backend, then the metadata database through Airflow's own
models. Inside a task, Airflow 3 asks the task's supervisor instead; that is `TaskVariables` and the hooks.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

from airflow.configuration import ensure_secrets_loaded

from airflow_provider_sagex3_cleo import compat
from airflow_provider_sagex3_cleo.errors import ConnectionLost, SettingFault
from airflow_provider_sagex3_cleo.hooks.ledger import default_file, default_url, is_distributed, ledger_url

__all__ = ["ShellVariables", "TaskVariables", "connection", "is_distributed", "ledger_address"]

log = logging.getLogger(__name__)


class TaskVariables:
    """Airflow Variables inside a task: a `pipeline.WatermarkStore`."""

    def get(self, name: str) -> str | None:
        """The text kept under this name, or None."""
        return compat.variable(name)

    def set(self, name: str, text: str) -> None:
        """Keep this text under this name."""
        from airflow.providers.common.compat.sdk import Variable

        Variable.set(name, text)


class ShellVariables:
    """Airflow Variables outside a task, in the metadata database: a `pipeline.WatermarkStore`."""

    def get(self, name: str) -> str | None:
        """The text kept under this name, or None. A copy in the environment or a secrets backend comes first."""
        found = _first(lambda backend: backend.get_variable(name))
        return None if found is None else str(found)

    def set(self, name: str, text: str) -> None:
        """Keep this text under this name. Raises: ConnectionLost where the metadata database is out of reach."""
        from airflow.models.variable import Variable
        from sqlalchemy.exc import SQLAlchemyError

        try:
            Variable.set(name, text)
        except SQLAlchemyError as problem:
            raise _unreachable(problem) from problem


def connection(conn_id: str) -> Any:
    """The Airflow connection of this name.

    Raises: SettingFault where it is defined nowhere; ConnectionLost where the metadata database is out of reach."""
    found = _first(lambda backend: backend.get_connection(conn_id))
    if found is None:
        raise SettingFault(
            "is not defined", system=f"connection {conn_id}",
            remedy=f"add it in the Airflow UI, with `airflow connections add`, or as AIRFLOW_CONN_{conn_id.upper()}",
        )  # fmt: skip
    return found


def ledger_address(conn_id: str = "edi_ledger") -> str:
    """The ledger's SQLAlchemy URL; the SQLite file in the Airflow home where the connection is not defined.

    Raises: ConnectionLost where the metadata database is out of reach and that file is not there."""
    try:
        found = connection(conn_id)
    except SettingFault:
        return default_url()
    except ConnectionLost as problem:
        if not default_file().exists():
            raise
        log.warning("%s Without a connection %s the ledger in the Airflow home is used.", problem, conn_id)
        return default_url()
    return ledger_url(found)


def _first(ask: Callable[[Any], Any]) -> Any:
    """The first answer of Airflow's secrets backends, None where no one knows."""
    from sqlalchemy.exc import SQLAlchemyError

    for backend in ensure_secrets_loaded():
        try:
            found = ask(backend)
        except SQLAlchemyError as problem:
            raise _unreachable(problem) from problem
        if found is not None:
            return found
    return None


def _unreachable(problem: Exception) -> ConnectionLost:
    return ConnectionLost(
        f"the metadata database cannot be read ({type(problem).__name__})", system="airflow",
        remedy="set AIRFLOW_HOME and the database address as the scheduler has them, run `airflow db migrate` once, "
        "or give the connection as AIRFLOW_CONN_<ID>",
    )  # fmt: skip
