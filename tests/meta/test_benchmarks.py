"""The benchmarks run and say what they measured. How fast anything is, is no test's business."""

from __future__ import annotations

import json
import logging
import re
import sys
from collections.abc import Iterator
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from benchmarks import __main__ as entry
from benchmarks import (
    bench_cleo,
    bench_dags,
    bench_orders,
    bench_packs,
    bench_poll,
    bench_reader,
    bench_x12,
    machine,
    peers,
    scoreboard,
    split,
)
from benchmarks.recorded import RecordedX3, record


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[int, Path]]:
    """Port of a recorded Sage X3, and the agreements that came with it."""
    agreements = tmp_path_factory.mktemp("agreements")
    with RecordedX3(record(agreements, templates=12)) as x3:
        yield x3.port, agreements


def _whole(rows: list[dict[str, Any]]) -> None:
    assert rows
    for row in rows:
        assert {"name", "value", "floor", "ok"} <= set(row), row
        assert row["ok"] in (True, False)
        json.dumps(row)


def test_orders_are_read_mapped_and_proved_in_a_process_of_their_own(recorded: tuple[int, Path]) -> None:
    rows = bench_orders.run(*recorded, documents=30, few=20, many=40, repeat=1)
    _whole(rows)
    speed, memory, flat, shares = rows
    assert speed["requests"] >= 30
    assert memory["value"] > 20
    assert flat["value"] > 0.5
    assert {"sagex3", "mapping", "x12", "ledger"} <= set(shares["shares"])
    assert sum(shares["shares"].values()) == pytest.approx(1, abs=0.02)


def test_the_reader_and_the_bare_loop_ask_for_the_same_pages(recorded: tuple[int, Path]) -> None:
    rows = bench_reader.run(recorded[0], orders=30, rounds=1)
    _whole(rows)
    assert rows[0]["pages"] >= 30 + 3


def test_a_quiet_poll_asks_each_table_once() -> None:
    rows = bench_poll.run(orders=40)
    _whole(rows)
    assert rows[0]["value"] <= rows[0]["floor"]  # a count, which no busy machine changes


def test_the_other_benches_give_rows_of_the_same_shape() -> None:
    _whole([*bench_x12.run(5, big=0.1), *(entry.as_row(row) for row in bench_cleo.run(2))])


def test_the_scoreboard_shows_that_we_find_every_fault_and_how_another_parser_fares() -> None:
    pytest.importorskip("x12", reason="NOT TESTED: ansi-x12 is not installed (extra `test`)")
    given = {**scoreboard.files(), "seconds": 0.01}
    one = {**given, "sets": {"850 004010": given["sets"]["850 004010"]}}
    ours, other = scoreboard.ours(one), peers.measured("ansi-x12", one)
    assert ours["found"]["850 004010"] == list(one["sets"]["850 004010"]["files"])
    assert ours["alarms"] == []
    assert 0 < len(other["found"]["850 004010"]) < len(ours["found"]["850 004010"])
    console = Console(file=StringIO(), width=200)
    scoreboard.show(console, {"this package": ours, "ansi-x12": other, "gone": {"error": "not installed"}}, one)
    assert isinstance(console.file, StringIO)
    table = console.file.getvalue()
    assert re.search(r"this package .* 164 \(100%\)", table)
    assert "not installed" in table
    assert re.search(r"syntax note +│ +\d+", table)


def test_a_pack_is_measured_beside_the_same_work_without_it() -> None:
    rows = bench_packs.run(1)
    _whole(rows)
    assert all(row["without_us"] > 0 for row in rows)


def test_dag_files_are_imported_in_fresh_processes() -> None:
    rows = bench_dags.run(repeat=1)
    _whole(rows)
    assert len(rows) == len(list((Path(__file__).resolve().parents[2] / "dags").glob("*.py")))


def test_the_machine_is_named() -> None:
    facts = machine.describe()
    assert facts["cpu"]
    assert facts["cores"]
    assert facts["packages"]["airflow-provider-sagex3-cleo"]


def test_what_a_library_spends_is_charged_to_the_room_that_called_it() -> None:
    package = "/x/airflow_provider_sagex3_cleo/"
    room, library, outside = (f"{package}x12/writer.py", 1, "write"), ("/lib/json.py", 1, "dumps"), ("/b.py", 1, "f")
    spent = (1, 1, 3.0, 4.0)
    stats = {
        outside: (1, 1, 1.0, 8.0, {}),
        room: (1, 1, 2.0, 4.0, {outside: (1, 1, 2.0, 4.0)}),
        library: (2, 2, 5.0, 5.0, {room: spent, outside: (1, 1, 1.0, 1.0)}),
    }
    assert split.shares(stats) == {"x12": pytest.approx(0.75), "other": pytest.approx(0.25)}


def test_the_entry_prints_a_table_and_keeps_the_figures(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    row = {"name": "orders", "value": 1, "floor": 250, "ok": False, "documents": 5}
    monkeypatch.setattr(entry, "rows", lambda **_: iter([row]))
    monkeypatch.setattr(entry, "RESULTS", tmp_path / "results" / "latest.json")
    monkeypatch.setattr(sys, "argv", ["benchmarks", "--quick"])
    try:
        assert entry.main() == 0  # a figure below its bound is printed, and no more
    finally:
        logging.disable(logging.NOTSET)
    assert "NOT" in capsys.readouterr().out
    kept = json.loads((tmp_path / "results" / "latest.json").read_text())
    assert kept["rows"] == [row]
    assert kept["quick"] is True
    assert kept["machine"]["python"]
