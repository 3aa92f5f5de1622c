"""Read YAML and CSV and remember on which line each value stands.

Every scalar is read as text: an id keeps its leading zeros, `NO` stays Norway, a delimiter `~` stays a tilde. The
models turn text into dates, numbers and yes/no.
"""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from airflow_provider_sagex3_cleo.partners.findings import Finding

__all__ = ["Loc", "Marked", "read_csv", "read_yaml"]

Loc = tuple[str | int, ...]
_DEEPEST = 20
_NULL = "tag:yaml.org,2002:null"
_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@dataclass
class Marked:
    """Plain data of one file with the line (from 1) of every key and list item."""

    file: str
    data: Any = None
    lines: dict[Loc, int] = field(default_factory=dict)
    faults: list[Finding] = field(default_factory=list)

    def line(self, loc: Loc) -> int:
        """Line of `loc`, or of the nearest thing around it that has one."""
        while loc and loc not in self.lines:
            loc = loc[:-1]
        return self.lines.get(loc, 1)

    def fault(self, loc: Loc, message: str) -> None:
        self.faults.append(Finding(self.file, self.line(loc), message))


def read_yaml(path: Path, name: str) -> Marked:
    """Read one YAML file; syntax errors and keys that stand twice become faults of the answer."""
    marked = Marked(name)
    try:
        node = yaml.compose(path.read_text(encoding="utf-8"), Loader=_Loader)
    except OSError as exc:
        marked.fault((), f"cannot be read: {exc.strerror}")
    except UnicodeDecodeError as exc:
        marked.fault((), f"is not UTF-8 (byte {exc.start})")
    except yaml.MarkedYAMLError as exc:
        at = exc.problem_mark or exc.context_mark
        marked.faults.append(Finding(name, at.line + 1 if at else 1, f"is not YAML: {exc.problem or exc.context}"))
    except yaml.YAMLError as exc:
        marked.fault((), f"is not YAML: {str(exc).splitlines()[0]}")
    else:
        marked.data = None if node is None else _plain(node, (), marked)
    return marked


def _plain(node: yaml.Node, loc: Loc, marked: Marked) -> Any:
    marked.lines.setdefault(loc, node.start_mark.line + 1)
    if len(loc) > _DEEPEST:
        marked.fault(loc, "is nested too deeply (an anchor that holds itself?)")
        return None
    if isinstance(node, yaml.ScalarNode):
        return None if node.tag == _NULL and node.value != "~" else node.value
    if isinstance(node, yaml.SequenceNode):
        return [_plain(child, (*loc, i), marked) for i, child in enumerate(node.value)]
    data: dict[str, Any] = {}
    for key, value in node.value:
        line = key.start_mark.line + 1
        if not isinstance(key, yaml.ScalarNode):
            marked.faults.append(Finding(marked.file, line, "a key must be a plain word"))
            continue
        at = (*loc, key.value)
        if key.value in data:
            first = marked.lines[at]
            marked.faults.append(Finding(marked.file, line, f"key '{key.value}' stands twice (first in line {first})"))
            continue
        marked.lines[at] = line
        data[key.value] = _plain(value, at, marked)
    return data


def read_csv(path: Path, name: str, columns: tuple[str, ...], required: str) -> tuple[list[tuple[int, Any]], Marked]:
    """Rows of a CSV file as (line, {column: text}), empty cells left out; wrong columns become faults.

    The first row names the columns, in any order; `columns` are the known ones, `required` must be filled."""
    marked, rows = Marked(name), []
    try:
        text = path.read_text(encoding="utf-8-sig")
    except OSError as exc:
        marked.fault((), f"cannot be read: {exc.strerror}")
        return [], marked
    except UnicodeDecodeError as exc:
        marked.fault((), f"is not UTF-8 (byte {exc.start})")
        return [], marked
    reader = csv.reader(io.StringIO(text))
    header = [cell.strip() for cell in next(reader, [])]
    for unknown in [cell for cell in header if cell not in columns]:
        marked.fault((), f"unknown column '{unknown}'; known columns: {', '.join(columns)}")
    if required not in header:
        marked.fault((), f"column '{required}' is missing")
        return [], marked
    for cells in reader:
        if not any(cell.strip() for cell in cells):
            continue
        line = reader.line_num
        if len(cells) != len(header):
            marked.faults.append(Finding(name, line, f"has {len(cells)} cells, the first row has {len(header)}"))
            continue
        row = {column: cell.strip() for column, cell in zip(header, cells, strict=True) if cell.strip()}
        if required not in row:
            marked.faults.append(Finding(name, line, f"'{required}' is empty"))
            continue
        rows.append((line, row))
    return rows, marked
