"""The fake Cleo's admin door from another process."""

from __future__ import annotations

import base64
from datetime import datetime
from typing import Any

from airflow_provider_sagex3_cleo.sandbox.admin import SandboxAdmin
from airflow_provider_sagex3_cleo.sandbox.cleo_store import JournalRow

__all__ = ["CleoAdmin"]


class CleoAdmin(SandboxAdmin):
    """Calls of the fake Cleo; see `CleoFake`, `CleoStore` and `CleoLogins` for what they do."""

    def configure(self, **options: Any) -> None:
        """Set options by name."""
        self.call("configure", **options)

    def folder(self, name: str, **settings: Any) -> None:
        """Create a folder, or change its manners."""
        self.call("folder", folder=name, **settings)

    def folders(self) -> list[str]:
        """All folders, sorted."""
        return list(self.call("folders"))

    def files(self, folder: str) -> dict[str, bytes]:
        """What lies in a folder now."""
        return {name: base64.b64decode(data) for name, data in self.call("files", folder=folder).items()}

    def journal(self, folder: str | None = None, *, after: int = 0) -> list[JournalRow]:
        """Every storing so far, oldest first; only those numbered above `after`."""
        return [
            JournalRow(
                row["number"], row["folder"], row["name"], row["asked_name"], base64.b64decode(row["data"]),
                datetime.fromisoformat(row["at"]),
            )
            for row in self.call("journal", folder=folder, after=after)
        ]  # fmt: skip

    def pick_up(self, folder: str, name: str | None = None) -> list[str]:
        """Take one file or all files away. Returns the names taken."""
        return list(self.call("pick_up", folder=folder, file_name=name))

    def place(self, folder: str, name: str, data: bytes) -> None:
        """Put a file there as Cleo itself does."""
        self.call("place", folder=folder, file_name=name, data=base64.b64encode(data).decode())

    def cut_upload(self, when: str, path: str = "", *, times: int = 1, dialect: str = "rest") -> None:
        """Break the connection of the next uploads before, during or after storing."""
        self.call("cut_upload", when=when, path=path, times=times, dialect=dialect)

    def add_connection(self, alias: str, **fields: Any) -> None:
        """One more connection."""
        self.call("add_connection", alias=alias, **fields)

    def add_user(self, authenticator: str, username: str, **fields: Any) -> None:
        """One more user of an authenticator."""
        self.call("add_user", authenticator=authenticator, username=username, **fields)

    def remove_connection(self, alias: str) -> None:
        """One connection less."""
        self.call("remove_connection", alias=alias)

    def remove_user(self, username: str) -> None:
        """One user less."""
        self.call("remove_user", username=username)

    def expire_tokens(self) -> None:
        """End every token given so far."""
        self.call("expire_tokens")

    def change_node(self, times: int = 1) -> None:
        """Refuse the next good token."""
        self.call("change_node", times=times)

    def set_password(self, login: str, password: str) -> None:
        """Add a user or change a password."""
        self.call("set_password", login=login, password=password)

    def logins(self) -> list[dict[str, Any]]:
        """Every login call so far: login, status, at."""
        return list(self.call("logins"))
