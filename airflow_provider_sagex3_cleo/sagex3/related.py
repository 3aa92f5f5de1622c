"""Records of other entities that lines name: read once per reader; only what is declared of them is kept."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from airflow_provider_sagex3_cleo.sagex3.reader import Record
from airflow_provider_sagex3_cleo.sagex3.spec import EntitySpec
from airflow_provider_sagex3_cleo.sagex3.spec_types import Related

__all__ = ["Relatives"]

MOST_KEPT = 20_000


class Relatives:
    """Adds to records what their lines name. Safe to share between threads: at worst a record is read twice.

    A reader lives as long as one run, so what is kept is never older than that.

    Args:
        read: gives the records of these keys; a key that is gone is left out.
    """

    def __init__(self, read: Callable[[EntitySpec, Sequence[str]], Iterable[Record]]) -> None:
        self._read = read
        self._kept: dict[tuple[str, str], dict[str, Any] | None] = {}

    def added(self, spec: EntitySpec, records: list[Record]) -> list[Record]:
        """The records with `related` filled in as the specification declares it.

        Raises: what reading the other entity raises."""
        if not spec.related or not records:
            return records
        wanted = {name: [_keys(record, related.by) for record in records] for name, related in spec.related.items()}
        found = {name: self._known(name, spec.related[name], keys) for name, keys in wanted.items()}
        return [
            replace(record, related={name: {key: entry for key in wanted[name][place] if (entry := found[name][key])}
                                     for name in spec.related})
            for place, record in enumerate(records)
        ]  # fmt: skip

    def _known(self, name: str, related: Related, keys: Iterable[list[str]]) -> dict[str, dict[str, Any] | None]:
        """What is kept of each key, read now where it is not kept yet; None for a record that is gone."""
        if len(self._kept) > MOST_KEPT:
            self._kept = {}  # not cleared: another thread may be looking into it
        kept = self._kept
        all_keys = list(dict.fromkeys(key for each in keys for key in each))
        missing = [key for key in all_keys if (name, key) not in kept]
        fresh = {record.key: _extract(record, related) for record in self._read(related.spec, missing)}
        kept.update({(name, key): fresh.get(key) for key in missing})
        return {key: kept[name, key] for key in all_keys}


def _keys(record: Record, by: str) -> list[str]:
    return sorted({str(line[by]) for line in record.all_lines if line.get(by) not in (None, "")})


def _extract(record: Record, related: Related) -> dict[str, Any]:
    kept = _shown(record.fields, related.columns)
    if related.line_columns:
        kept["lines"] = [_shown(line, related.line_columns) for line in record.all_lines]
    return kept


def _shown(row: Mapping[str, Any], columns: Iterable[str]) -> dict[str, Any]:
    """These columns of a row; an optional one that the site does not show is not there."""
    return {name: row[name] for name in columns if name in row}
