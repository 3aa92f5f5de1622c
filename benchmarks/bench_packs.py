"""What a rule of a conformance pack costs: the 850 of 20 lines with and without the 29 rules of a shipped pack."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any

from airflow_provider_sagex3_cleo.documents import Contact
from airflow_provider_sagex3_cleo.partners import find_pack
from airflow_provider_sagex3_cleo.x12 import Envelope, SetBody
from airflow_provider_sagex3_cleo.x12.packs import CompiledPack, compiled
from airflow_provider_sagex3_cleo.x12.validator import validate, validate_body
from airflow_provider_sagex3_cleo.x12.writer import write
from benchmarks.bench_x12 import FAMILIES

__all__ = ["run"]

PACK = "example-distributor-850"
MOST = 2.5  # microseconds for each rule
DOCUMENTS = 30
ENVELOPE = Envelope("004010", "P", "ZZ", "SENDER", "01", "123456789", "SENDERGS", "RECEIVERGS")

Work = Callable[[Any, CompiledPack | None], object]


def run(rounds: int) -> list[dict[str, Any]]:
    """One row for writing and one for reading: what a rule adds, from the fastest twentieth of many single calls.

    With and without take turns call by call, so that a busy machine slows both."""
    family, pack = FAMILIES[0], compiled(find_pack(PACK, None))
    orders = [_with_contact(family.document(n)) for n in range(DOCUMENTS)]

    def written(order: Any, pack: CompiledPack | None) -> bytes:
        body: SetBody = family.module.build(order, family.rules)
        if validate_body(body, family.rules.delimiters, pack=pack):
            raise AssertionError("the order must keep the pack")
        return write([body], ENVELOPE, isa=1, gs=1, st=["0001"], at=datetime(2026, 11, 24, tzinfo=UTC))

    files = [written(order, pack) for order in orders]
    name = f"x12 850 with {len(pack.rules)} rules of a pack"
    return [
        _row(f"{name}: model -> validated bytes", orders, written, pack, rounds),
        _row(f"{name}: read + validate", files, lambda x, pack: validate(x, own=True, pack=pack), pack, rounds),
    ]


def _with_contact(order: Any) -> Any:
    buyer = order.buyer.model_copy(update={"contact": Contact(name="Pat Example", phone="555-0100")})
    return order.model_copy(update={"buyer": buyer})


def _row(name: str, items: Sequence[Any], work: Work, pack: CompiledPack, rounds: int) -> dict[str, Any]:
    spent: dict[bool, list[float]] = {True: [], False: []}
    for _ in range(rounds):
        for item in items:
            for judged in (False, True):
                start = time.perf_counter()
                work(item, pack if judged else None)
                spent[judged].append(time.perf_counter() - start)
    without, given = (sorted(spent[judged])[len(spent[judged]) // 20] for judged in (False, True))
    each = (given - without) * 1e6 / len(pack.rules)
    return {
        "name": f"{name}, microseconds a rule", "value": round(each, 2), "floor": MOST, "ok": each <= MOST,
        "without_us": round(without * 1e6), "with_us": round(given * 1e6), "times": round(given / without, 2),
    }  # fmt: skip
