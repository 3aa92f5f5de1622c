"""Our engine and the open parsers on the same files: how fast, which of the mutants they notice, and false alarms.

`make bench-x12`, or `python -m benchmarks.scoreboard [--quick]`."""

from __future__ import annotations

import argparse
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from airflow_provider_sagex3_cleo import __version__
from airflow_provider_sagex3_cleo.x12 import has_errors
from airflow_provider_sagex3_cleo.x12.model import RELEASES
from airflow_provider_sagex3_cleo.x12.reader import scan
from airflow_provider_sagex3_cleo.x12.validator import validate
from benchmarks import bench_x12, machine, peers
from benchmarks.documents import SETS, clean
from benchmarks.mutants import KINDS, mutants

__all__ = ["files", "ours", "report", "show"]

OURS = "this package"
SAMPLES = Path(__file__).parents[2] / "shared" / "reference" / "x12_samples"
#: Published files in which nothing is wrong (SOURCES.md beside them). They are not part of this repository.
CLEAN_SAMPLES = (
    "850_4010_01_clean.edi", "850_5010_02_napa_padded.edi", "810_4010_01_order.txt", "810_4010_02_energy.txt",
    "856_4010_01_tick_separator.txt", "856_4010_02_vics_pick_pack.txt", "856_4010_04_crossdock.edi",
    "856_4010_05_fisher_padded.edi", "820_4010_01_ach.txt", "855_4010_01_two_sets.txt", "860_4010_01_two_changes.x12",
    "997_4010_01_rejected.edi", "997_4010_02_accepted.edi",
)  # fmt: skip

Result = dict[str, Any]


def files() -> Result:
    """What all parsers are given."""
    sets: dict[str, Any] = {}
    for set_id in SETS:
        for release in RELEASES:
            right = clean(set_id, release)
            broken = {m.name: m.of(right).decode("latin-1") for m in mutants(set_id, release)}
            sets[f"{set_id} {release}"] = {"right": right.decode("latin-1"), "files": broken}
    samples = {
        name: (SAMPLES / name).read_bytes().decode("latin-1") for name in CLEAN_SAMPLES if (SAMPLES / name).exists()
    }
    return {"clean": clean("850", "004010", 20).decode("latin-1"), "sets": sets, "samples": samples}


def ours(given: Result) -> Result:
    """Our own engine, measured as the others are."""
    data = given["clean"].encode("latin-1")

    def notices(text: str) -> bool:
        return bool(validate(text.encode("latin-1"), own=True))

    return {
        "version": __version__,
        "reads_per_s": _rate(lambda: scan(data), given["seconds"]),
        "checks_per_s": _rate(lambda: validate(data, own=True), given["seconds"]),
        "found": {
            key: None if notices(one["right"]) else [name for name, text in one["files"].items() if notices(text)]
            for key, one in given["sets"].items()
        },
        "alarms": [n for n, text in given["samples"].items() if has_errors(validate(text.encode("latin-1")))],
    }


def _rate(work: Callable[[], object], seconds: float) -> int:
    work()
    count, start = 0, time.process_time()
    while (spent := time.process_time() - start) < seconds:
        work()
        count += 1
    return round(count / spent)


def report(console: Console, *, quick: bool = False) -> bool:
    """Measure and print; True when our engine found everything and raised no false alarm."""
    given = {**files(), "seconds": 0.5 if quick else 3}
    results: dict[str, Result] = {OURS: ours(given)}
    try:
        python = peers.environment()
    except subprocess.CalledProcessError as exc:
        console.print(f"[red]NOT MEASURED: the other parsers cannot be installed: {(exc.stderr or '')[-300:]}[/red]")
    else:
        for name in peers.NAMES:
            results[name] = peers.measured(name, given, python)
    if not given["samples"]:
        console.print(f"[red]NOT MEASURED: false alarms; there are no samples at {SAMPLES}[/red]")
    show(console, results, given)
    mine = results[OURS]
    whole = all(mine["found"][key] is not None and len(mine["found"][key]) == len(one["files"])
                for key, one in given["sets"].items())  # fmt: skip
    return whole and not mine["alarms"]


def show(console: Console, results: dict[str, Result], given: Result) -> None:
    """The two tables: speed and faults by set, faults by kind."""
    console.print(_summary(results, given))
    console.print(_kinds(results, given))


def _summary(results: dict[str, Result], given: Result) -> Table:
    table = Table(title="An 850 of 20 lines, and faults noticed of those put in", title_justify="left")
    for head in ("parser", "reads/s", "checks/s", "ratio", *given["sets"], "all", "false alarms"):
        table.add_column(head, justify="left" if head == "parser" else "right")
    base = results[OURS]["checks_per_s"]
    total = sum(len(one["files"]) for one in given["sets"].values())
    for name, found in results.items():
        if "error" in found:
            table.add_row(name, found["error"][:40])
            continue
        counts = [None if x is None else len(x) for x in found["found"].values()]
        right = sum(x or 0 for x in counts)
        table.add_row(
            f"{name} {found['version']}", str(found["reads_per_s"]), str(found["checks_per_s"]),
            f"{found['checks_per_s'] / base:.2f}", *("-" if x is None else str(x) for x in counts),
            f"{right} ({right / total:.0%})", f"{len(found['alarms'])} of {len(given['samples'])}",
        )  # fmt: skip
    table.add_section()
    table.add_row("put in", "", "", "", *(str(len(one["files"])) for one in given["sets"].values()), str(total), "")
    return table


def _kinds(results: dict[str, Result], given: Result) -> Table:
    """Faults noticed by kind, over all sets and releases."""
    kind_of = {(s, r, m.name): m.kind for s in SETS for r in RELEASES for m in mutants(s, r)}
    table = Table(title="Faults noticed, by kind", title_justify="left")
    table.add_column("kind")
    table.add_column("put in", justify="right")
    shown = {name: found for name, found in results.items() if "error" not in found}
    for name in shown:
        table.add_column(name, justify="right")
    put_in = Counter(kind_of[(*key.split(), fault)] for key, one in given["sets"].items() for fault in one["files"])
    counted = {
        name: Counter(
            kind_of[(*key.split(), fault)] for key, faults in found["found"].items() for fault in faults or ()
        )
        for name, found in shown.items()
    }
    for kind in KINDS:
        table.add_row(kind, str(put_in[kind]), *(str(counted[name][kind]) for name in shown))
    return table


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.scoreboard", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="half a second a parser, a smaller file")
    quick = parser.parse_args().quick
    console = Console(highlight=False, width=None if Console().is_terminal else 170)
    facts = machine.describe()
    console.print(f"{facts['cpu']}, {facts['cores']} cores, load {facts['load_1_min']}, Python {facts['python']}")
    for row in bench_x12.run(200 if quick else 2_000, big=10 if quick else 100):
        verdict = {True: "PASS", False: "[red]FAIL[/red]"}[bool(row["ok"])] if row.get("floor") else ""
        bound = f"(bound {row['floor']})" if row.get("floor") else ""
        console.print(f"{row['name']}: {row['value']} {bound} {verdict}".rstrip())
    whole = report(console, quick=quick)
    console.print(
        "Every fault was found, no right file was blamed." if whole else "[red]NOT every fault was found.[/red]"
    )
    return 0 if whole else 1


if __name__ == "__main__":
    sys.exit(main())
