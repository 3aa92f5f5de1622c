"""The X3 reader alone against a bare `requests` loop over the same pages.

Both ask the same server for the same URLs and read every body as JSON; the bare loop does nothing else: it knows the
URLs beforehand, and checks, converts and sorts nothing. Rounds are taken in turn and the fastest of each counts,
because other work on the machine only ever slows.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import requests

from airflow_provider_sagex3_cleo.sagex3.rest import RestReader
from airflow_provider_sagex3_cleo.sagex3.spec import EntitySpec, load_specs
from airflow_provider_sagex3_cleo.transport import Answer
from benchmarks.recorded import START, connection, order_number

__all__ = ["run"]

FLOOR = 0.6


def run(port: int, *, orders: int = 100, rounds: int = 30) -> list[dict[str, Any]]:
    """One row: records a second of both, their ratio.

    Args:
        port: of the recorded Sage X3.
        orders: how many orders are read, keys by all three tables and details, in one round.
    """
    spec = load_specs(None)["purchase_orders"]
    reader = RestReader(connection(port, orders))
    urls = _urls(reader, spec, orders)
    with requests.Session() as session:
        session.trust_env, session.auth = False, ("edi", "pw")
        both = [
            _Rounds(lambda: _bare(session, urls)),
            _Rounds(lambda: _read(reader, spec, orders)),
        ]
        for _ in range(rounds):
            for each in both:
                each.turn()
    bare, ours = both
    reader.close()
    ratio = bare.wall_s / ours.wall_s
    return [
        {
            "name": "reader: Sage X3 client against a bare requests loop over the same pages, ratio",
            "value": round(ratio, 3),
            "floor": FLOOR,
            "ok": ratio >= FLOOR,
            "cpu_ratio": round(bare.cpu_s / ours.cpu_s, 3),
            "records_per_s": round(orders / ours.wall_s),
            "bare_records_per_s": round(orders / bare.wall_s),
            "cpu_ms_per_record": round(ours.cpu_s / orders * 1000, 3),
            "bare_cpu_ms_per_record": round(bare.cpu_s / orders * 1000, 3),
            "pages": len(urls),
        }
    ]


class _Rounds:
    """The fastest round of some work, and the cheapest in CPU."""

    def __init__(self, work: Callable[[], None]) -> None:
        self.work, self.wall_s, self.cpu_s = work, math.inf, math.inf

    def turn(self) -> None:
        wall, cpu = time.perf_counter(), time.process_time()
        self.work()
        self.wall_s = min(self.wall_s, time.perf_counter() - wall)
        self.cpu_s = min(self.cpu_s, time.process_time() - cpu)


def _read(reader: RestReader, spec: EntitySpec, orders: int) -> None:
    """Keys by every source, then all details."""
    keys: list[str] = []
    for source in spec.sources:
        for page in reader.key_pages(spec, source, lower=START, upper=START + timedelta(days=30)):
            keys += [row.key for row in page.rows]
    found = sum(len(record.lines) for record in reader.details(spec, list(dict.fromkeys(keys))))
    if found != orders * 20:
        raise AssertionError(f"{found} lines read of {orders * 20}")


def _urls(reader: RestReader, spec: EntitySpec, orders: int) -> list[str]:
    """What the reader asks for, in its order: listened to once."""
    asked: list[str] = []
    send = reader.transport.send

    def listen(method: str, path: str, **request: Any) -> Answer:
        answer = send(method, path, **request)
        asked.append(answer.url)
        return answer

    reader.transport.send = listen  # type: ignore[method-assign]
    _read(reader, spec, orders)
    reader.transport.send = send  # type: ignore[method-assign]
    if sum(order_number(orders - 1) in url for url in asked) == 0:
        raise AssertionError("the last order was not asked for")
    return asked


def _bare(session: requests.Session, urls: list[str]) -> None:
    for url in urls:
        answer = session.get(url, timeout=60)
        answer.raise_for_status()
        answer.json()
