"""What all hooks do with a connection: leave out what a form left empty, and mask what is secret."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from airflow.providers.common.compat.sdk import mask_secret

__all__ = ["given_extras", "mask"]


def given_extras(connection: Any) -> dict[str, Any]:
    """The connection's extras without those that a form left empty."""
    return {name: value for name, value in connection.extra_dejson.items() if value is not None and value != ""}


def mask(secrets: Iterable[str | None]) -> None:
    """Have Airflow replace these texts by stars wherever a task logs them."""
    for secret in secrets:
        if secret:
            mask_secret(secret)
