"""Airflow connection of type `cleo` -> a client of Cleo."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from airflow.providers.common.compat.sdk import BaseHook

from airflow_provider_sagex3_cleo.hooks import forms
from airflow_provider_sagex3_cleo.hooks.parts import given_extras, mask

if TYPE_CHECKING:
    from airflow_provider_sagex3_cleo.cleo.client import CleoClient
    from airflow_provider_sagex3_cleo.cleo.settings import CleoSettings

__all__ = ["CleoHook", "cleo_settings"]

TEST_DEADLINE_S = 8.0


def cleo_settings(connection: Any) -> CleoSettings:
    """Settings from an Airflow connection, its secrets masked in logs. Raises: SettingFault."""
    from airflow_provider_sagex3_cleo.cleo.settings import CleoSettings

    mask((connection.password,))
    return CleoSettings.from_connection(
        connection.conn_id, connection.host, connection.port, connection.schema, connection.login,
        connection.password, given_extras(connection),
    )  # fmt: skip


class CleoHook(BaseHook):
    """Reads the connection and builds the client; all else is in `airflow_provider_sagex3_cleo.cleo`."""

    conn_name_attr = "cleo_conn_id"
    default_conn_name = "cleo_default"
    conn_type = "cleo"
    hook_name = "Cleo"

    def __init__(self, cleo_conn_id: str = default_conn_name) -> None:
        super().__init__()
        self.cleo_conn_id = cleo_conn_id

    @classmethod
    def get_connection_form_widgets(cls) -> dict[str, Any]:
        """Form fields of Airflow before 3.2."""
        return forms.widgets("cleo")

    @classmethod
    def get_ui_field_behaviour(cls) -> dict[str, Any]:
        """Labels of Airflow before 3.2."""
        return forms.behaviour("cleo")

    def settings(self) -> CleoSettings:
        """The connection, checked. Raises: SettingFault; AirflowNotFoundException where it is not defined."""
        return cleo_settings(self.get_connection(self.cleo_conn_id))

    def get_conn(self) -> CleoClient:
        """A client; the caller closes it."""
        from airflow_provider_sagex3_cleo.cleo.client import CleoClient

        return CleoClient(self.settings())

    def test_connection(self) -> tuple[bool, str]:
        """One login, under 10 s."""
        from airflow_provider_sagex3_cleo.errors import ProviderError

        try:
            with self.get_conn() as client:
                line = client.check(deadline_s=TEST_DEADLINE_S)[0]
        except ProviderError as problem:
            return False, str(problem)
        return line.ok, str(line)
