"""One interchange of any size, written set by set; `validated` checks it as a stream in a process of its own."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from airflow_provider_sagex3_cleo.x12.validator import validate_stream
from benchmarks import machine
from benchmarks.documents import clean

__all__ = ["validated", "write_big"]

ROOT = Path(__file__).parents[1]


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


def validated(file: Path) -> tuple[int, float]:
    """How many findings a file has, and the most memory in MB that it took to see that."""
    command = [sys.executable, "-m", "benchmarks.big_file", str(file)]
    done = subprocess.run(command, capture_output=True, text=True, check=True, cwd=ROOT)
    findings, peak = done.stdout.split()
    return int(findings), float(peak)


if __name__ == "__main__":
    with Path(sys.argv[1]).open("rb") as given:
        print(sum(1 for _ in validate_stream(given, own=True)), round(machine.peak_mb(), 1))
