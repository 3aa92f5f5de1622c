"""CSV that a spreadsheet opens without doing anything: RFC 4180, UTF-8, no formulas."""

from __future__ import annotations

import csv
import io
import os
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Final

__all__ = ["csv_bytes", "write_csv"]

#: A cell that begins so is a formula to a spreadsheet (OWASP, CSV injection).
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r", "\n")


def csv_bytes(header: Sequence[str], rows: Iterable[Sequence[str | None]], *, guard: bool = True) -> bytes:
    """The file's bytes, the same for the same rows. Empty cells are None.

    Args:
        guard: put an apostrophe before a cell that a spreadsheet would take for a formula.
    """
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(header)
    for row in rows:
        writer.writerow(["" if cell is None else _guarded(cell) if guard else cell for cell in row])
    return out.getvalue().encode()


def write_csv(path: Path, header: Sequence[str], rows: Iterable[Sequence[str | None]]) -> Path:
    """Write the file in one step, so that nobody reads half of it; its folder is made where it is missing."""
    path.parent.mkdir(parents=True, exist_ok=True)
    half = path.with_name(f".{path.name}.{os.getpid()}")
    half.write_bytes(csv_bytes(header, rows))
    return half.replace(path)


def _guarded(cell: str) -> str:
    return f"'{cell}" if cell.startswith(_FORMULA) else cell
