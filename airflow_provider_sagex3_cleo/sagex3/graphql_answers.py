"""Answers of GraphQL taken apart: pages, nested lines, and errors that come beside data.

Partial data is a failure: what comes beside an error is not used. One kind of error concerns one record alone, and
leaves the others whole: a value outside its enumeration, which GraphQL cannot show.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from airflow_provider_sagex3_cleo import errors as e
from airflow_provider_sagex3_cleo.sagex3.answers import refused_field, unknown_field
from airflow_provider_sagex3_cleo.transport import Answer

__all__ = ["Page", "at", "nested_lines", "read_page"]

_OUTSIDE_MENU = re.compile(r"\benum\b.*\bcannot represent\b", re.IGNORECASE)


@dataclass(frozen=True)
class Page:
    """One answer of a query: its nodes, the cursor of the last one, whether more follow, the server's clock, and
    what is wrong with the node at a place."""

    nodes: list[Mapping[str, Any]]
    cursor: Any
    more: bool
    server_time: datetime | None
    faults: Mapping[int, str]


def read_page(answer: Answer, path: tuple[str, ...]) -> Page:
    """The page under `path`.

    Raises: PageDrift, NotJson (asking again is safe), RequestRejected naming the place of the error."""
    name = ".".join(path)
    try:
        body = answer.json()
    except ValueError as problem:
        raise e.PageDrift("the JSON is broken", system="sagex3", field=name) from problem
    if not isinstance(body, dict) or ("data" not in body and "errors" not in body):
        raise e.NotJson("the answer is not a GraphQL answer", system="sagex3", field=name)
    faults = _faults(body.get("errors") or [], path)
    value: Any = body.get("data")
    for step in path:
        value = value.get(step) if isinstance(value, dict) else None
    if value is None:
        raise e.RequestRejected(
            "the answer holds no data", system="sagex3", field=name,
            remedy="check the read right on this node and its name in the entity specification",
        )  # fmt: skip
    edges = value.get("edges") if isinstance(value, dict) else None
    if not isinstance(edges, list) or not all(isinstance(x, dict) and isinstance(x.get("node"), dict) for x in edges):
        raise e.NotJson("the answer has no edges with nodes", system="sagex3", field=name)
    more = (value.get("pageInfo") or {}).get("hasNextPage") is not False
    if not edges and more:
        raise e.PageDrift("the page is empty though it promises rows", system="sagex3", field=name)
    cursor = edges[-1].get("cursor") if edges else None
    return Page([edge["node"] for edge in edges], cursor, more, answer.server_time, faults)


def _faults(errors: Any, path: Sequence[str]) -> dict[int, str]:
    """What is wrong with single nodes, by their place on the page.

    Raises: RequestRejected for an error that is not about one value of one node."""
    found: dict[int, str] = {}
    for error in errors if isinstance(errors, list) else [errors]:
        each = error if isinstance(error, dict) else {}
        steps = [str(step) for step in each.get("path") or ()]
        place = (
            steps[len(path) + 1] if steps[: len(path) + 1] == [*path, "edges"] and len(steps) > len(path) + 3 else ""
        )
        message = str(each.get("message") or "")
        if not (place.isdecimal() and _OUTSIDE_MENU.search(message)):
            raise _refused(message, ".".join(steps) or ".".join(path))
        found.setdefault(int(place), f"'{steps[-1]}' holds a value that GraphQL cannot show")
    return found


def _refused(message: str, place: str) -> e.RequestRejected:
    """The server's text shows only where it names a field."""
    named = refused_field(message)
    if named is not None:
        problem = unknown_field(*named)
        problem.where.update(system="sagex3", field=place)
        return problem
    return e.RequestRejected(
        "GraphQL answered with an error at this place; data that came beside it is not used", system="sagex3",
        field=place, remedy="give the X3 user the read right on this node, or take it out of the entity specification",
    )  # fmt: skip


def nested_lines(node: Mapping[str, Any], name: str | None) -> tuple[list[Mapping[str, Any]], bool]:
    """The line nodes inside a header node, and whether these are all."""
    if name is None:
        return [], True
    query = at(node, (name, "query"))
    edges = query.get("edges") if isinstance(query, dict) else None
    if not isinstance(edges, list) or not all(isinstance(x, dict) and isinstance(x.get("node"), dict) for x in edges):
        raise e.RequestRejected(
            "the answer holds no lines", system="sagex3", field=name,
            remedy="check the read right on the lines and their name in the entity specification",
        )  # fmt: skip
    return [edge["node"] for edge in edges], (query.get("pageInfo") or {}).get("hasNextPage") is False


def at(node: Any, path: Iterable[str]) -> Any:
    """The value below a node; None where the way ends early."""
    for step in path:
        node = node.get(step) if isinstance(node, dict) else None
    return node
