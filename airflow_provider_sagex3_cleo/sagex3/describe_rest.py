"""Describe by REST: which classes and representations answer, which columns one row and one record show.

api1 has no introspection: a column can be seen only where a row is there to show it, so an empty table is said to be
unseen and nothing is concluded from it. Types are inferred from values and can be told apart no better than JSON does.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from airflow_provider_sagex3_cleo import errors as e
from airflow_provider_sagex3_cleo.sagex3.describe import Description
from airflow_provider_sagex3_cleo.sagex3.rest import detail_url, list_url
from airflow_provider_sagex3_cleo.sagex3.sessions import SessionTransport
from airflow_provider_sagex3_cleo.sagex3.settings import SageX3Settings
from airflow_provider_sagex3_cleo.sagex3.spec import Column, EntitySpec
from airflow_provider_sagex3_cleo.transport import Answer

__all__ = ["RestProbe", "describe_rest"]

_TYPES = (
    (re.compile(r"\d{4}-\d\d-\d\dT[\d:.]+Z?"), "datetime"),
    (re.compile(r"\d{4}-\d\d-\d\d"), "date"),
    (re.compile(r"-?\d+\.\d+"), "decimal"),
)


@dataclass(frozen=True)
class _Seen:
    """What one class showed: the representation that answers, a row of its list, the details of the record in it."""

    cls: str
    representation: str
    row: Mapping[str, Any] | None
    detail: Mapping[str, Any] | None


class RestProbe:
    """Asks classes for one row and one record.

    Args:
        candidates: representations to try beside the specified one and the one with the class's own name."""

    def __init__(self, settings: SageX3Settings, transport: SessionTransport, candidates: Sequence[str] = ()) -> None:
        self._settings, self._transport, self._candidates = settings, transport, tuple(candidates)

    def look(self, cls: str, specified: str) -> _Seen | None:
        """The first representation of a class that answers; one that shows a row goes before an empty one.

        None where the site has none of them. Raises: NotJson where an answer is no list or no record."""
        empty: _Seen | None = None
        for name in dict.fromkeys((specified, cls, *self._candidates)):
            try:
                body = self._get(list_url(self._settings, cls, name, 1), cls)
            except (e.NotFound, e.RequestRejected):
                continue
            rows = body.get("$resources")
            if not isinstance(rows, list):
                raise e.NotJson("the answer has no $resources", system="sagex3", field=cls)
            if rows:
                return _Seen(cls, name, rows[0], self._detail(cls, name, rows[0]))
            empty = empty or _Seen(cls, name, None, None)
        return empty

    def _detail(self, cls: str, representation: str, row: Mapping[str, Any]) -> Mapping[str, Any] | None:
        try:
            return self._get(detail_url(self._settings, cls, representation, str(row.get("$key", ""))), cls)
        except (e.NotFound, e.RequestRejected):
            return None

    def _get(self, url: str, cls: str) -> Mapping[str, Any]:
        found: list[Mapping[str, Any]] = []

        def accept(answer: Answer) -> None:
            try:
                body = answer.json()
            except ValueError as problem:
                raise e.PageDrift("the JSON is broken", system="sagex3", field=cls) from problem
            if not isinstance(body, dict):
                raise e.NotJson("the answer is neither a list nor a record", system="sagex3", field=cls)
            found[:] = [body]

        self._transport.send("GET", url, accept=accept)
        return found[0]


def describe_rest(spec: EntitySpec, probe: RestProbe) -> Description:
    """Compare one entity specification with what REST shows of one record of each class.

    `lines` of the result names every class with the columns seen and their types, and what could not be seen."""
    found = Description(spec.name, origin="one row and one record of each class by REST",
                        lost="not shown; null in its place takes it out")  # fmt: skip
    specified = {place.cls: place.representation for place in spec.rest.sources.values()}
    specified[spec.rest.details_class] = spec.rest.details_representation
    if spec.rest.beside is not None:
        specified.setdefault(*spec.rest.beside)
    seen = {cls: probe.look(cls, name) for cls, name in specified.items()}
    for cls, each in seen.items():
        found.lines += _told(cls, specified[cls], each)
    found.differs = _where(spec, seen)
    details = [spec.rest.details_class, *(spec.rest.beside[:1] if spec.rest.beside else ())]
    records = [each.detail for cls in details if (each := seen[cls]) is not None and each.detail is not None]
    if len(records) < len(details):
        found.lines.append(f"columns of {spec.name}: could not be compared, because no record of each class was seen")
        return found
    shown = {name: value for record in records for name, value in record.items()}
    _compare(found, spec.columns, [shown], "")
    _compare_lines(found, spec, shown)
    return found


def _told(cls: str, specified: str, seen: _Seen | None) -> Iterator[str]:
    """Lines about one class."""
    if seen is None:
        yield f"{cls}: no such class, or no representation of it answers (asked for {specified}.$query)"
        return
    name = f"{cls} ({seen.representation})"
    if seen.representation != specified:
        yield f"{cls}: representation {seen.representation} instead of {specified}"
    if seen.row is None:
        yield f"{name}: the list is empty, so neither its columns nor its details could be seen"
        return
    yield f"{name} list: {_columns(seen.row)}"
    if seen.detail is None:
        yield f"{name} details: refused for {seen.row.get('$key')}"
    else:
        yield f"{name} details: {_columns(seen.detail)}"


def _where(spec: EntitySpec, seen: Mapping[str, _Seen | None]) -> dict[str, Any]:
    """The `rest` part of an entity file: representations that are called otherwise."""

    def other(cls: str, specified: str) -> dict[str, str]:
        each = seen[cls]
        return {} if each is None or each.representation == specified else {"representation": each.representation}

    sources = {name: over for name, p in spec.rest.sources.items() if (over := other(p.cls, p.representation))}
    parts: dict[str, Any] = {
        "sources": sources,
        "details": other(spec.rest.details_class, spec.rest.details_representation),
        "beside": other(*spec.rest.beside) if spec.rest.beside else {},
    }
    rest = {name: part for name, part in parts.items() if part}
    return {"rest": rest} if rest else {}


def _compare(
    found: Description, columns: Mapping[str, Column], shown: Sequence[Mapping[str, Any]], prefix: str
) -> None:
    for name, column in columns.items():
        if any(column.rest_names[0] in row for row in shown):
            found.same += 1
        else:
            found.lines.append(f"{prefix}{name}: not shown")
            found.missing.append(f"{prefix}{name}")
    known = {each for column in columns.values() for each in column.rest_names}
    for row in shown:
        for name, value in row.items():
            if not name.startswith("$") and name not in known and not isinstance(value, list):
                found.more.setdefault(f"{prefix}{name}", _type(value))


def _compare_lines(found: Description, spec: EntitySpec, shown: Mapping[str, Any]) -> None:
    if spec.lines is None or spec.rest.lines is None:
        return
    for table in filter(None, (spec.rest.lines.child, spec.rest.lines.joined)):
        columns = {name: column for name, column in spec.lines.columns.items() if table in column.tables}
        rows = shown.get(table)
        if isinstance(rows, list) and rows:
            _compare(found, columns, rows[:1], "lines.")
        elif isinstance(rows, list):
            found.lines.append(f"lines of {table}: the record has none, so their columns could not be seen")
        else:
            alike = [name for name, value in shown.items() if _has(value, spec.rest.lines.by)]
            hint = f"; these arrays have {', '.join(spec.rest.lines.by)}: {', '.join(alike)}" if alike else ""
            found.lines.append(f"lines of {table}: the details show no such array{hint}")
            found.missing.append(f"rest.lines ({table})")


def _has(value: Any, names: Sequence[str]) -> bool:
    return isinstance(value, list) and bool(value) and isinstance(value[0], dict) and set(names) <= value[0].keys()


def _columns(row: Mapping[str, Any]) -> str:
    return ", ".join(f"{name} {_type(value)}" for name, value in row.items() if not name.startswith("$"))


def _type(value: Any) -> str:
    """The type a value suggests, in the words of entity files; `text` where nothing tells."""
    if isinstance(value, list):
        return f"array of {len(value)} ({_columns(value[0])})" if value and isinstance(value[0], dict) else "array"
    if isinstance(value, float):
        return "decimal"
    if isinstance(value, int) and not isinstance(value, bool):
        return "int"
    return next((kind for form, kind in _TYPES if isinstance(value, str) and form.fullmatch(value)), "text")
