"""From recorded X3 answers to validated, audited 850s of 20 lines in the outbox: speed, memory, where the time goes.

What is measured runs in a fresh process (`python -m benchmarks.bench_orders '{...}'`) with the real reader, the real
ledger in a SQLite file (WAL, synchronous FULL) and no shortcut; only Sage X3 is a recording, in another process.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from datetime import timedelta
from pathlib import Path
from typing import Any

from airflow_provider_sagex3_cleo import pipeline
from airflow_provider_sagex3_cleo.ledger import Ledger, audit
from airflow_provider_sagex3_cleo.partners import load_book
from airflow_provider_sagex3_cleo.pipeline import PipelineSettings, Run
from airflow_provider_sagex3_cleo.sagex3.reader import open_reader
from airflow_provider_sagex3_cleo.sagex3.spec import load_specs
from benchmarks import machine

__all__ = ["run"]

ROOT = Path(__file__).resolve().parents[1]
FLOOR_PER_S = 250
MOST_MB = 350
FLAT = 1.15
ENTITY = "purchase_orders"


def run(
    port: int, agreements: Path, *, documents: int = 2_000, few: int = 1_000, many: int = 50_000, repeat: int = 3
) -> list[dict[str, Any]]:
    """Rows: speed (the best of some runs), memory at few and many documents, shares by room.

    Args:
        port: of the recorded Sage X3.
        agreements: folder of the agreements that came with the recording.
    """
    runs = [_worker(port, agreements, documents) for _ in range(repeat)]
    best = min(runs, key=lambda each: each["wall_s"])
    speed = documents / best["wall_s"]
    cpu = min(each["cpu_s"] for each in runs) / documents * 1000
    small, large = _worker(port, agreements, few), _worker(port, agreements, many)
    split = _worker(port, agreements, few, profile=True)["shares"]
    return [
        {
            "name": "orders: X3 answers to audited 850s of 20 lines in the outbox, documents/s",
            "value": round(speed),
            "floor": FLOOR_PER_S,
            "ok": speed >= FLOOR_PER_S,
            "documents": documents,
            "cpu_ms_per_document": round(cpu, 3),
            "extract_cpu_ms": round(min(each["extract_cpu_s"] for each in runs) / documents * 1000, 3),
            "extract_s": round(best["extract_s"], 2),
            "transform_s": round(best["transform_s"], 2),
            "requests": best["requests"],
            "cpu_ms_of_all_runs": [round(each["cpu_s"] / documents * 1000, 3) for each in runs],
        },
        {
            "name": f"orders: peak resident memory at {many} documents, MB",
            "value": round(large["peak_mb"], 1),
            "floor": MOST_MB,
            "ok": large["peak_mb"] < MOST_MB,
            "documents_per_s": round(many / large["wall_s"]),
        },
        {
            "name": f"orders: peak memory at {many} documents against {few}, ratio",
            "value": round(large["peak_mb"] / small["peak_mb"], 3),
            "floor": FLAT,
            "ok": large["peak_mb"] <= FLAT * small["peak_mb"],
            "peak_mb_few": round(small["peak_mb"], 1),
        },
        {
            "name": "orders: where the time goes, largest share",
            "value": "{} {:.0%}".format(*next(iter(split.items()))),
            "floor": None,
            "ok": True,
            "shares": split,
        },
    ]


def _worker(port: int, agreements: Path, documents: int, *, profile: bool = False) -> dict[str, Any]:
    """One run in a fresh process."""
    order = {"port": port, "agreements": str(agreements), "documents": documents, "profile": profile}
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.bench_orders", json.dumps(order)],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    if done.returncode:
        raise RuntimeError(f"the measured process failed: {done.stderr[-2000:]}")
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def measure(port: int, agreements: Path, documents: int, profile: bool) -> dict[str, Any]:
    """Read and transform so many orders into a new ledger, then count what is in the outbox."""
    from benchmarks.recorded import START, connection

    spec, book, settings = load_specs(None)[ENTITY], load_book(agreements), _settings(port, agreements)
    step = Run("bench", ENTITY, "backfill", START - timedelta(days=1), START + timedelta(days=30))
    found: dict[str, Any] = {}
    with tempfile.TemporaryDirectory() as folder, Ledger.open(f"sqlite:///{folder}/ledger.db", migrate=True) as ledger:
        reader = open_reader(connection(port, documents))
        common: dict[str, Any] = {"ledger": ledger, "spec": spec, "book": book, "settings": settings}

        def work() -> None:
            wall, cpu = time.perf_counter(), time.process_time()
            done = pipeline.extract(step, reader=reader, watermark=_NoVariables(), **common)
            found["extract_s"], found["extract_cpu_s"] = time.perf_counter() - wall, time.process_time() - cpu
            for part in done["parts"]:
                pipeline.transform(step, part=part, **common)
            found["wall_s"], found["cpu_s"] = time.perf_counter() - wall, time.process_time() - cpu
            found["transform_s"] = found["wall_s"] - found["extract_s"]
            found["requests"] = done["requests"]

        if profile:
            from benchmarks.split import by_room

            found["shares"] = by_room(work)
        else:
            work()
        found["peak_mb"] = machine.peak_mb()
        reader.close()
        _prove(ledger, documents)
    return found


def _settings(port: int, agreements: Path) -> PipelineSettings:
    return PipelineSettings(
        source=f"127.0.0.1:{port}/BENCH", target="127.0.0.1:1", environment_source="test", environment_target="test",
        agreements=agreements,
    )  # fmt: skip


class _NoVariables:
    """A backfill reads no watermark and moves none."""

    def get(self, name: str) -> str | None:
        return None

    def set(self, name: str, text: str) -> None:
        raise AssertionError("a backfill must not move the watermark")


def _prove(ledger: Ledger, documents: int) -> None:
    """Every order lies in the outbox; for few of them, every hash of the audit is computed again."""
    from sqlalchemy import func, select

    from airflow_provider_sagex3_cleo.ledger import schema

    with ledger.reading() as db:
        ready = db.execute(select(func.count()).select_from(schema.document).where(schema.IS_READY)).scalar_one()
        faults = audit.verify(db).faults if documents <= 2_000 else []
    if ready != documents or faults:
        raise AssertionError(f"{ready} of {documents} documents are ready; audit: {faults[:3]}")


if __name__ == "__main__":
    print(json.dumps(measure(**json.loads(sys.argv[1]))))
