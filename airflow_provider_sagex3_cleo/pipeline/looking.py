"""What lies on Cleo under a file's name: presence proves, absence does not."""

from __future__ import annotations

import logging
from typing import Literal

from airflow_provider_sagex3_cleo import errors as e
from airflow_provider_sagex3_cleo.cleo.client import CleoClient

__all__ = ["Seen", "look"]

log = logging.getLogger(__name__)

Seen = Literal["same", "other", "part", "absent", "unknown"]


def look(cleo: CleoClient, folder: str, name: str, data: bytes) -> Seen:
    """What is on Cleo under this name; 'unknown' where Cleo does not let us see.

    Where reading is switched off, the listing's size has to do."""
    try:
        if not cleo.settings.can_read:
            files = {each.name: each.size for each in cleo.list(folder)}
            if name not in files:
                return "absent"
            return "same" if files[name] == len(data) else "unknown" if files[name] is None else "other"
        there = cleo.read(folder, name)
    except e.ProviderError as problem:
        log.warning("Looking for %s/%s failed: %s", folder, name, problem)
        return "unknown"
    if there is None:
        return "absent"
    if there == data:
        return "same"
    return "part" if data.startswith(there) else "other"
