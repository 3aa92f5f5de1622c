"""Airflow connection of type `edi_ledger` -> the ledger; not defined: a SQLite file in the Airflow home."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from airflow.providers.common.compat.sdk import AirflowNotFoundException, BaseHook, conf

from airflow_provider_sagex3_cleo import compat
from airflow_provider_sagex3_cleo.errors import LedgerUnusable, SettingFault
from airflow_provider_sagex3_cleo.get_provider_info import LEDGER_FIELDS
from airflow_provider_sagex3_cleo.hooks import forms
from airflow_provider_sagex3_cleo.hooks.parts import given_extras, mask

if TYPE_CHECKING:
    from airflow_provider_sagex3_cleo.ledger.database import Ledger
    from airflow_provider_sagex3_cleo.pipeline.tokens import LedgerTokens

__all__ = ["DEFAULT_FILE", "LedgerHook", "default_file", "default_url", "is_distributed", "ledger_url", "token_store"]

DEFAULT_FILE = "sagex3_cleo_ledger.db"


def default_file() -> Path:
    """Where the ledger is when no connection says: a SQLite file in the Airflow home."""
    return (compat.airflow_home() / DEFAULT_FILE).resolve()


def default_url() -> str:
    """The SQLAlchemy URL of `default_file`."""
    return f"sqlite:///{default_file()}"


def is_distributed() -> bool:
    """True where tasks may run on several machines."""
    return compat.executor_is_distributed(conf.get("core", "executor", fallback="LocalExecutor"))


def ledger_url(connection: Any) -> str:
    """The SQLAlchemy URL of an Airflow connection, password included and masked in logs. Raises: SettingFault."""
    from sqlalchemy.engine import URL, make_url
    from sqlalchemy.exc import ArgumentError

    extras = given_extras(connection)
    where = {"system": f"connection {connection.conn_id}"}
    for name in extras:
        if name not in LEDGER_FIELDS:
            raise SettingFault("unknown extra", field=name, expected="one of " + ", ".join(LEDGER_FIELDS), **where)
    mask((connection.password,))
    if not extras.get("url"):
        if not connection.host:
            raise SettingFault("is empty", field="host", expected="a host, or a URL in the extra 'url'", **where)
        address = URL.create(
            "postgresql+psycopg2", connection.login, connection.password, connection.host, connection.port,
            connection.schema or "edi",
        )  # fmt: skip
        return address.render_as_string(hide_password=False)
    try:
        address = make_url(extras["url"])
    except (ArgumentError, ValueError):
        raise SettingFault(
            "is no database URL", field="url", expected="postgresql+psycopg2://user@host/database", **where
        ) from None
    mask((address.password,))
    if connection.password and not address.password:
        address = address.set(password=connection.password)
    return address.render_as_string(hide_password=False)


def token_store(url: str) -> LedgerTokens:
    """Keeps refresh tokens in the ledger at this address, under Airflow's Fernet key. Raises: SettingFault."""
    from airflow_provider_sagex3_cleo.ledger.database import Ledger
    from airflow_provider_sagex3_cleo.pipeline.tokens import LedgerTokens

    keys = str(conf.get("core", "fernet_key", fallback=""))
    return LedgerTokens(partial(Ledger.open, url, distributed=is_distributed()), keys)


class LedgerHook(BaseHook):
    """Finds and opens the ledger; all else is in `airflow_provider_sagex3_cleo.ledger`."""

    conn_name_attr = "ledger_conn_id"
    default_conn_name = "edi_ledger"
    conn_type = "edi_ledger"
    hook_name = "EDI ledger"

    def __init__(self, ledger_conn_id: str = default_conn_name) -> None:
        super().__init__()
        self.ledger_conn_id = ledger_conn_id

    @classmethod
    def get_connection_form_widgets(cls) -> dict[str, Any]:
        """Form fields of Airflow before 3.2."""
        return forms.widgets("edi_ledger")

    @classmethod
    def get_ui_field_behaviour(cls) -> dict[str, Any]:
        """Labels of Airflow before 3.2."""
        return forms.behaviour("edi_ledger")

    def url(self) -> str:
        """The ledger's SQLAlchemy URL, password included. Raises: SettingFault."""
        try:
            connection = self.get_connection(self.ledger_conn_id)
        except AirflowNotFoundException:
            return default_url()
        return ledger_url(connection)

    def get_conn(self) -> Ledger:
        """The ledger; use it in a `with`. Raises: what `Ledger.open` raises."""
        from airflow_provider_sagex3_cleo.ledger.database import Ledger

        return Ledger.open(self.url(), distributed=is_distributed())

    def test_connection(self) -> tuple[bool, str]:
        """Whether the ledger is there, of this release, and fit for this executor."""
        from airflow_provider_sagex3_cleo.errors import ProviderError
        from airflow_provider_sagex3_cleo.ledger.database import status

        try:
            url = self.url()
            if url.startswith("sqlite") and is_distributed():
                raise LedgerUnusable(
                    "SQLite cannot serve tasks on several machines", system="ledger",
                    expected="PostgreSQL under a distributed executor", remedy="name a PostgreSQL database",
                )  # fmt: skip
            found = status(url)
        except ProviderError as problem:
            return False, str(problem)
        return found.usable, found.sentence
