"""Airflow connection of type `sagex3` -> a reader of Sage X3."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from airflow.providers.common.compat.sdk import BaseHook

from airflow_provider_sagex3_cleo.hooks import forms
from airflow_provider_sagex3_cleo.hooks.parts import given_extras, mask

if TYPE_CHECKING:
    from airflow_provider_sagex3_cleo.sagex3.oauth import TokenStore
    from airflow_provider_sagex3_cleo.sagex3.reader import Reader
    from airflow_provider_sagex3_cleo.sagex3.settings import SageX3Settings

__all__ = ["SageX3Hook", "sagex3_settings"]

TEST_TIMEOUT_S, TEST_DEADLINE_S = 4.0, 8.0


def sagex3_settings(connection: Any) -> SageX3Settings:
    """Settings from an Airflow connection, its secrets masked in logs. Raises: SettingFault."""
    from airflow_provider_sagex3_cleo.sagex3.settings import SageX3Settings

    extras = given_extras(connection)
    mask((connection.password, extras.get("client_secret"), extras.get("refresh_token")))
    return SageX3Settings.from_connection(
        connection.conn_id, connection.host, connection.port, connection.schema, connection.login,
        connection.password, extras,
    )  # fmt: skip


class SageX3Hook(BaseHook):
    """Reads the connection and builds the reader; all else is in `airflow_provider_sagex3_cleo.sagex3`."""

    conn_name_attr = "sagex3_conn_id"
    default_conn_name = "sagex3_default"
    conn_type = "sagex3"
    hook_name = "Sage X3"

    def __init__(self, sagex3_conn_id: str = default_conn_name, ledger_conn_id: str = "edi_ledger") -> None:
        super().__init__()
        self.sagex3_conn_id = sagex3_conn_id
        self.ledger_conn_id = ledger_conn_id

    @classmethod
    def get_connection_form_widgets(cls) -> dict[str, Any]:
        """Form fields of Airflow before 3.2."""
        return forms.widgets("sagex3")

    @classmethod
    def get_ui_field_behaviour(cls) -> dict[str, Any]:
        """Labels of Airflow before 3.2."""
        return forms.behaviour("sagex3")

    def settings(self) -> SageX3Settings:
        """The connection, checked. Raises: SettingFault; AirflowNotFoundException where it is not defined."""
        return sagex3_settings(self.get_connection(self.sagex3_conn_id))

    def get_conn(self) -> Reader:
        """A reader; the caller closes it."""
        from airflow_provider_sagex3_cleo.sagex3.reader import open_reader

        settings = self.settings()
        return open_reader(settings, self._tokens(settings))

    def _tokens(self, settings: SageX3Settings) -> TokenStore | None:
        """Where refresh tokens are kept; None where the login has none."""
        if not settings.keeps_tokens:
            return None
        from airflow_provider_sagex3_cleo.hooks.ledger import LedgerHook, token_store

        return token_store(LedgerHook(self.ledger_conn_id).url())

    def test_connection(self) -> tuple[bool, str]:
        """One login and one page of keys of purchase orders, under 10 s."""
        from airflow_provider_sagex3_cleo.errors import ProviderError
        from airflow_provider_sagex3_cleo.sagex3.reader import open_reader
        from airflow_provider_sagex3_cleo.sagex3.spec import load_specs
        from airflow_provider_sagex3_cleo.settings import entities_file

        try:
            settings = self.settings()
            quick = replace(
                settings, page_size=1, timeout=min(settings.timeout, TEST_TIMEOUT_S), deadline=TEST_DEADLINE_S
            )
            spec = load_specs(entities_file())["purchase_orders"]
            reader = open_reader(quick, self._tokens(quick))
            try:
                page = next(iter(reader.key_pages(spec, spec.sources[0], lower=datetime.now(UTC))))
            finally:
                reader.close()
        except ProviderError as problem:
            return False, str(problem)
        return True, f"Sage X3 answered; its clock says {page.server_time:%Y-%m-%d %H:%M:%S} UTC"
