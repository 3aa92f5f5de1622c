"""How fast the X12 engine is: sets of 20 lines, one process, one core; and how the others stand against the 850."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from airflow_provider_sagex3_cleo.x12 import Finding, SetBody, set_810, set_850, set_856
from airflow_provider_sagex3_cleo.x12.reader import read
from airflow_provider_sagex3_cleo.x12.validator import validate, validate_body
from benchmarks.documents import LINES, invoice, order, packed, shipment, written

__all__ = ["run"]

T = TypeVar("T")

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


def run(documents: int) -> list[dict[str, object]]:
    """One row a measure: name, documents, documents per second (wall clock), CPU milliseconds per document.

    Below them, for each other set, a row with the ratio of its speed to that of the 850 (CPU, lines for lines)."""
    rows: list[dict[str, object]] = []
    spent: dict[str, float] = {}
    for family in FAMILIES:
        given = [family.document(n) for n in range(documents)]
        files = [written(family.module.build(document, family.rules)) for document in given]
        measured = [
            _measure(family, "model -> validated bytes", given, lambda document, f=family: written(f.body(document))),
            _measure(family, "read + validate", files, lambda data: _right(validate(data, own=True))),
            _measure(family, "read + compare with the document", list(zip(given, files, strict=True)), family.compared),
        ]
        spent[family.name] = sum(cpu for _, cpu in measured)
        rows += [row for row, _ in measured]
    first = FAMILIES[0].name
    for family in FAMILIES[1:]:
        ratio = spent[first] / spent[family.name] if spent[family.name] else 1.0
        rows.append(
            {
                "name": f"x12 {family.name} against {first}, line for line",
                "ratio": round(ratio, 2),
                "least_ratio": LEAST_RATIO,
                "ok": ratio >= LEAST_RATIO,
            }
        )
    return rows


def _measure(
    family: _Family, name: str, items: list[T], work: Callable[[T], object]
) -> tuple[dict[str, object], float]:
    work(items[0])  # the tables are read once a process
    wall, cpu = time.perf_counter(), time.process_time()
    for item in items:
        work(item)
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    row: dict[str, object] = {
        "name": f"x12 {family.name}, {LINES} lines: {name}",
        "documents": len(items),
        "documents_per_s": round(len(items) / wall),
        "cpu_ms_per_document": round(cpu / len(items) * 1000, 3),
    }
    return row, cpu


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
