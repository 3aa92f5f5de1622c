"""`python -m benchmarks`: all measurements, as a table and in `benchmarks/results/latest.json`.

The exit code is 0 whatever the figures are: a machine that is busy with other things is no fault of the code.
"""

from __future__ import annotations

import argparse
import json
import logging
import tempfile
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from benchmarks import (
    bench_cleo,
    bench_dags,
    bench_orders,
    bench_packs,
    bench_poll,
    bench_reader,
    bench_x12,
    machine,
    scoreboard,
)
from benchmarks.recorded import RecordedX3, record

RESULTS = Path(__file__).parent / "results" / "latest.json"
SHOWN = ("name", "value", "floor", "ok")

Row = dict[str, Any]


def rows(*, quick: bool, say: Callable[[str], None] = lambda _: None) -> Iterator[Row]:
    """All rows, each as soon as it is known: name, value, floor (or most), ok, and what else was seen."""
    with tempfile.TemporaryDirectory() as folder:
        agreements = Path(folder)
        say("recording the answers of a Sage X3 ...")
        with RecordedX3(record(agreements)) as x3:
            say("orders, from recorded answers to 850s in the outbox ...")
            sizes = {"documents": 1_000, "few": 1_000, "many": 10_000, "repeat": 2} if quick else {}
            yield from bench_orders.run(x3.port, agreements, **sizes)
            say("the reader against a bare loop ...")
            yield from bench_reader.run(x3.port, rounds=10 if quick else 30)
    say("the Cleo client against a bare loop ...")
    yield from map(as_row, bench_cleo.run(50 if quick else 150))
    say("the X12 engine ...")
    yield from bench_x12.run(300 if quick else 2_000, big=10 if quick else 100)
    yield from bench_packs.run(20 if quick else 60)
    say("DAG files ...")
    yield from bench_dags.run(3 if quick else 5)
    say("a quiet poll ...")
    yield from bench_poll.run()


def as_row(row: Row) -> Row:
    """A row of the older benches with the keys that all rows have."""
    if "value" in row:
        return row
    measure = "ratio" if "ratio" in row else "documents_per_s"
    return {
        **row,
        "name": f"{row['name']}, {measure.replace('_per_', '/')}",
        "value": row[measure],
        "floor": row.get("least_ratio"),
        "ok": row.get("ok", True),
    }


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="fewer documents and rounds (two minutes)")
    quick = parser.parse_args().quick
    logging.disable(logging.INFO)
    console = Console(highlight=False, width=None if Console().is_terminal else 140)
    facts = machine.describe()
    console.print(", ".join(f"{name} {value}" for name, value in facts.items() if name != "packages"))
    console.print(", ".join(f"{name} {version}" for name, version in facts["packages"].items()))
    found = list(rows(quick=quick, say=lambda text: console.print(f"[dim]{text}[/dim]")))
    console.print(_table(found))
    if not quick:
        console.print("[dim]the X12 engine against other parsers ...[/dim]")
        scoreboard.report(console)
    RESULTS.parent.mkdir(exist_ok=True)
    report = {"at": datetime.now(UTC).isoformat(timespec="seconds"), "quick": quick, "machine": facts, "rows": found}
    RESULTS.write_text(json.dumps(report, indent=2) + "\n", encoding="utf-8")
    console.print(f"Kept in {RESULTS.relative_to(Path.cwd()) if RESULTS.is_relative_to(Path.cwd()) else RESULTS}.")
    return 0


def _table(found: list[Row]) -> Table:
    table = Table(title="Speed and memory", title_justify="left")
    table.add_column("what")
    table.add_column("value", justify="right")
    table.add_column("bound", justify="right")
    table.add_column("")
    table.add_column("beside it")
    for row in found:
        beside = ", ".join(f"{name} {value}" for name, value in _beside(row))
        bound, verdict = ("", "") if row["floor"] is None else (str(row["floor"]), "ok" if row["ok"] else "NOT")
        table.add_row(row["name"], str(row["value"]), bound, verdict, beside)
    return table


def _beside(row: Row) -> Iterator[tuple[str, Any]]:
    """The other figures of a row, those by room one by one."""
    for name, value in row.items():
        if isinstance(value, dict):
            yield from value.items()
        elif name not in SHOWN and isinstance(value, int | float) and value not in (row["value"], row["floor"]):
            yield name, value


if __name__ == "__main__":
    raise SystemExit(main())
