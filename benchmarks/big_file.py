"""One interchange of any size, written set by set."""

from __future__ import annotations

from pathlib import Path

from benchmarks.documents import clean

__all__ = ["write_big"]


def write_big(file: Path, megabytes: float, *, lines: int = 20) -> Path:
    """A right file with one group of 850s, each with its own control number, of at least that many megabytes."""
    rows = clean("850", "004010", lines).decode().split("~")
    start, end = next(n for n, s in enumerate(rows) if s.startswith("ST*")), len(rows) - 3
    body = "~".join(rows[start + 1 : end - 1])
    length, count, size = end - start, 0, 0
    with file.open("w", encoding="ascii") as out:
        out.write("~".join(rows[:start]) + "~")
        while size < megabytes * 1_000_000:
            count += 1
            size += out.write(f"ST*850*{count:09d}~{body}~SE*{length}*{count:09d}~")
        out.write(f"GE*{count}*93~IEA*1*000000417~")
    return file
