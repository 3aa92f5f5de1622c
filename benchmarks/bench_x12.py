"""How fast the X12 engine is: sets of 20 lines, one process, one core; and how much memory a large file takes."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from airflow_provider_sagex3_cleo.x12 import Finding, SetBody, set_810, set_850, set_856
from airflow_provider_sagex3_cleo.x12.reader import read
from airflow_provider_sagex3_cleo.x12.validator import validate, validate_body
from benchmarks.big_file import validated, write_big
from benchmarks.documents import LINES, invoice, order, packed, shipment, written

__all__ = ["run"]

T = TypeVar("T")

WRITTEN_FLOOR, READ_FLOOR = 1_500, 1_200  # documents per second of one core, the 850
MEMORY_BOUND = 150  # megabytes, whatever the size of the file
LEAST_RATIO = 0.6  # of the 850's speed, at the same number of lines


@dataclass(frozen=True)
class _Family:
    """One set: its name, its module, its rules, and the n-th document."""

    name: str
    module: Any
    rules: Any
    document: Callable[[int], Any]

    def body(self, document: Any) -> SetBody:
        body: SetBody = self.module.build(document, self.rules)
        _right(validate_body(body, self.rules.delimiters))
        return body

    def compared(self, pair: tuple[Any, bytes]) -> None:
        document, data = pair
        _right(self.module.compare(document, self.rules, read(data)[0].groups[0].sets[0]))


def run(documents: int, big: float = 1) -> list[dict[str, object]]:
    """One row a measure: name, value (documents per second of CPU), floor, documents, CPU milliseconds per document.

    Below them, for each other set, a row with the ratio of its speed to that of the 850 (CPU, lines for lines), and the
    most memory that validating a file of `big` megabytes takes."""
    rows: list[dict[str, object]] = []
    spent: dict[str, float] = {}
    for family in FAMILIES:
        given = [family.document(n) for n in range(documents)]
        files = [written(family.module.build(document, family.rules)) for document in given]
        first = family is FAMILIES[0]
        measured = [
            _measure(family, "model -> validated bytes", given, lambda document, f=family: written(f.body(document)),
                     WRITTEN_FLOOR if first else None),
            _measure(family, "read + validate", files, lambda data: _right(validate(data, own=True)),
                     READ_FLOOR if first else None),
            _measure(family, "read + compare with the document", list(zip(given, files, strict=True)), family.compared),
        ]  # fmt: skip
        spent[family.name] = sum(cpu for _, cpu in measured)
        rows += [row for row, _ in measured]
    first_name = FAMILIES[0].name
    for family in FAMILIES[1:]:
        ratio = spent[first_name] / spent[family.name] if spent[family.name] else 1.0
        name = f"x12 {family.name} against {first_name}, line for line, ratio"
        rows.append({"name": name, "value": round(ratio, 2), "floor": LEAST_RATIO, "ok": ratio >= LEAST_RATIO})
    rows.append(_memory(big))
    return rows


def _measure(
    family: _Family, name: str, items: list[T], work: Callable[[T], object], floor: int | None = None
) -> tuple[dict[str, object], float]:
    work(items[0])  # the tables are read once a process
    wall, cpu = time.perf_counter(), time.process_time()
    for item in items:
        work(item)
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    value = round(len(items) / cpu)
    row: dict[str, object] = {
        "name": f"x12 {family.name}, {LINES} lines: {name}, documents/s per core",
        "value": value,
        "floor": floor,
        "ok": floor is None or value >= floor,
        "documents": len(items),
        "documents_per_s": round(len(items) / wall),
        "cpu_ms_per_document": round(cpu / len(items) * 1000, 3),
    }
    return row, cpu


def _memory(megabytes: float) -> dict[str, object]:
    """The most memory of a process that validates a large file of one interchange."""
    with tempfile.TemporaryDirectory() as folder:
        file = write_big(Path(folder) / "big.edi", megabytes)
        start = time.perf_counter()
        findings, peak = validated(file)
        spent = time.perf_counter() - start
    if findings:
        raise AssertionError(f"{findings} findings in a right file")
    return {
        "name": f"x12: validate a file of {megabytes:g} MB, most memory in MB",
        "value": round(peak),
        "floor": MEMORY_BOUND,
        "ok": peak <= MEMORY_BOUND,
        "megabytes_per_s": round(megabytes / spent, 1),
    }


def _right(findings: list[Finding]) -> None:
    if findings:
        raise AssertionError(str(findings[0]))


FAMILIES = (
    _Family("850", set_850, set_850.Rules850(amount_total=True), order),
    _Family("810", set_810, set_810.Rules810(order_line_reference="LI"), invoice),
    _Family("856", set_856, set_856.Rules856(), shipment),
    _Family("856 with packs", set_856, set_856.Rules856(), packed),
)


if __name__ == "__main__":
    for row in run(1000):
        print(row)
