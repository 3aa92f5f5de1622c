"""How a good page of the fake Sage X3 is spoiled: rows missing, rows twice, a next page that leads back."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, Final

from airflow_provider_sagex3_cleo.sandbox.server import Reply

__all__ = ["RESHAPES"]

_ROWS: Final = ("$resources", "edges", "PORDERQ", "PORDERP", "SINVOICED", "PINVOICED", "SDELIVERYD")


def _on_json(change: Callable[[Any], None]) -> Callable[[Reply], Reply]:
    def reshape(reply: Reply) -> Reply:
        if reply.status != 200:
            return reply
        value = json.loads(reply.body)
        _walk(value, change)
        return replace(reply, body=json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode())

    return reshape


def _walk(value: Any, change: Callable[[Any], None]) -> None:
    if isinstance(value, dict):
        change(value)
    for inner in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        _walk(inner, change)


def _truncate(part: dict[str, Any]) -> None:
    for name in _ROWS:
        if isinstance(part.get(name), list):
            part[name] = part[name][: len(part[name]) // 2]
    part.pop("$links", None)
    if "hasNextPage" in part:
        part["hasNextPage"] = False


def _duplicate(part: dict[str, Any]) -> None:
    for name in _ROWS:
        if isinstance(part.get(name), list):
            part[name] = [row for row in part[name] for _ in range(2)]


def _loop(part: dict[str, Any]) -> None:
    if "$resources" in part:
        part["$links"] = {"$next": {"$url": part["$url"]}}
    if "hasNextPage" in part:
        part["hasNextPage"], part["endCursor"] = True, '["LOOP"]#07'


RESHAPES: Final[Mapping[str, Callable[[Reply], Reply]]] = {
    "truncated_page": _on_json(_truncate),
    "duplicate_rows": _on_json(_duplicate),
    "loop_next": _on_json(_loop),
}
