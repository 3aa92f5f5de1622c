"""Rows of other tables that belong to a record (packs, a bill of lading): read with it, kept with it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import Any

from airflow_provider_sagex3_cleo.sagex3.keyset import literal, only_condition
from airflow_provider_sagex3_cleo.sagex3.normalise import plan
from airflow_provider_sagex3_cleo.sagex3.reader import Record, join_key, parse_stamp
from airflow_provider_sagex3_cleo.sagex3.spec_types import Attached, EntitySpec

__all__ = ["with_attached"]

ReadRows = Callable[[Attached, str], Iterable[Mapping[str, Any]]]


def with_attached(spec: EntitySpec, record: Record, read: ReadRows) -> Record:
    """The record with the rows that the specification attaches to it, in `related` by name and key.

    Its stamp is the latest of all: what was attached later makes the record wait again until it is quiet.

    Args:
        read: gives the rows of a table that meet a condition.

    Raises: what `read` raises."""
    if not spec.attached:
        return record
    found: dict[str, dict[str, dict[str, Any]]] = {}
    stamps = [record.stamp]
    for name, each in spec.attached.items():
        condition = _condition(each, record)
        found[name] = {} if condition is None else dict(_converted(each, read(each, condition)))
        moments = (parse_stamp(row.get(spec.stamp)) for row in found[name].values())
        stamps += [moment for moment in moments if moment is not None]
    return replace(record, stamp=max(stamps), related={**record.related, **found})


def _condition(each: Attached, record: Record) -> str | None:
    """What its rows have in common; None where the record names none."""
    values = {column: record.fields.get(own) for column, own in each.match.items()}
    if any(value in (None, "") for value in values.values()):
        return None
    parts = [f"{name} eq {literal(str(value), _kind(value))}" for name, value in values.items()]
    only = only_condition(each.only)
    return " and ".join([only, *parts] if only else parts)


def _kind(value: Any) -> str:
    return "int" if isinstance(value, int) else "text"


def _converted(each: Attached, rows: Iterable[Mapping[str, Any]]) -> Iterable[tuple[str, dict[str, Any]]]:
    planned = plan(each.columns.values())
    for raw in rows:
        yield (
            join_key([str(raw.get(name, "")).strip() for name in each.key]),
            {column.name: convert(raw.get(column.name)) for column, convert in planned},
        )
