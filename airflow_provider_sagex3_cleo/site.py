"""One customer's set-up as the command line sees it: connections, ledger, agreements, specifications. Opened lazily."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any

from airflow_provider_sagex3_cleo import resolver, settings
from airflow_provider_sagex3_cleo.cleo.client import CleoClient
from airflow_provider_sagex3_cleo.cleo.settings import CleoSettings
from airflow_provider_sagex3_cleo.errors import SettingFault
from airflow_provider_sagex3_cleo.hooks.ledger import token_store
from airflow_provider_sagex3_cleo.ledger import Ledger
from airflow_provider_sagex3_cleo.partners import Book, load_book
from airflow_provider_sagex3_cleo.sagex3.reader import Reader, open_reader
from airflow_provider_sagex3_cleo.sagex3.sessions import SessionTransport, open_transport
from airflow_provider_sagex3_cleo.sagex3.settings import SageX3Settings
from airflow_provider_sagex3_cleo.sagex3.spec import EntitySpec, load_specs

if TYPE_CHECKING:
    from airflow_provider_sagex3_cleo.pipeline import PipelineSettings
    from airflow_provider_sagex3_cleo.pipeline.tokens import LedgerTokens

__all__ = ["Site"]


class Site:
    """Everything a command may need; nothing is opened before it is asked for.

    Args:
        sagex3, cleo, ledger: ids of the three Airflow connections."""

    def __init__(self, sagex3: str, cleo: str, ledger: str) -> None:
        self._ids = {"sagex3": sagex3, "cleo": cleo, "ledger": ledger}

    @cached_property
    def settings(self) -> PipelineSettings:
        """What the steps of the pipeline need."""
        return settings.pipeline_settings(self._sagex3, self._cleo)

    @cached_property
    def specs(self) -> Mapping[str, EntitySpec]:
        """Entity specifications, the site's own file laid over ours."""
        return load_specs(settings.entities_file())

    @cached_property
    def watermark(self) -> resolver.ShellVariables:
        """Where watermarks are kept."""
        return resolver.ShellVariables()

    @cached_property
    def ledger_url(self) -> str:
        """The ledger's SQLAlchemy URL."""
        return resolver.ledger_address(self._ids["ledger"])

    def spec(self, entity: str) -> EntitySpec:
        """The specification of one entity. Raises: SettingFault naming the known ones."""
        found = self.specs.get(entity)
        if found is None:
            raise SettingFault("unknown entity", value=entity, expected=", ".join(sorted(self.specs)))
        return found

    def book(self) -> Book:
        """The agreements, as they are in the folder now."""
        return load_book(self.settings.agreements)

    def reader(self) -> Reader:
        """A reader of Sage X3; the caller closes it."""
        return open_reader(self._sagex3, self._tokens())

    @property
    def sagex3_settings(self) -> SageX3Settings:
        """The connection of Sage X3, checked."""
        return self._sagex3

    def sagex3_transport(self) -> SessionTransport:
        """The bare transport to Sage X3; the caller closes it."""
        return open_transport(self._sagex3, self._tokens())

    def _tokens(self) -> LedgerTokens | None:
        return token_store(self.ledger_url) if self._sagex3.keeps_tokens else None

    def cleo(self) -> CleoClient:
        """A client of Cleo; the caller closes it."""
        return CleoClient(self._cleo)

    def ledger(self) -> Ledger:
        """The ledger; the caller closes it."""
        return Ledger.open(self.ledger_url)

    @cached_property
    def _sagex3(self) -> SageX3Settings:
        return SageX3Settings.from_connection(*_parts(resolver.connection(self._ids["sagex3"])))

    @cached_property
    def _cleo(self) -> CleoSettings:
        return CleoSettings.from_connection(*_parts(resolver.connection(self._ids["cleo"])))


def _parts(found: Any) -> tuple[str, Any, Any, Any, Any, Any, dict[str, Any]]:
    return (
        found.conn_id, found.host, found.port, found.schema, found.login, found.password, found.extra_dejson,
    )  # fmt: skip
