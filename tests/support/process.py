"""One run in a process of its own, killed on demand just before its n-th SQL statement, commit or HTTP call.

The calls are counted from outside the product: SQLAlchemy events and a wrapped `requests` session. Processes come
from a fork server that has everything imported, so that one starts in milliseconds.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import traceback
from dataclasses import dataclass
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

import requests
from sqlalchemy import event
from sqlalchemy.engine import Engine

from tests.support.scene import ENTITY, Place, acknowledge, partners, run

CONTEXT = multiprocessing.get_context("forkserver")
CONTEXT.set_forkserver_preload(["tests.support.process"])


@dataclass
class RunProcess:
    """A started run. `finish` gives what it wrote: 'green', 'red: ...', or '' when it was killed."""

    process: BaseProcess
    out: Path

    @property
    def pid(self) -> int:
        assert self.process.pid is not None
        return self.process.pid

    def finish(self, timeout_s: float = 90) -> str:
        self.process.join(timeout_s)
        assert not self.process.is_alive(), "the run hangs"
        return self.out.read_text() if self.out.exists() else ""

    @property
    def killed(self) -> bool:
        return self.process.exitcode == -signal.SIGKILL


def start(
    place: Place, run_id: str, folder: Path, kill_at: int = 0, *, acknowledging: bool = False, entity: str = ENTITY
) -> RunProcess:
    """Start one run (of orders, or of acknowledgments); with `kill_at` it kills itself before that call.

    Entity `partners`: a run of the partners DAG."""
    out = folder / f"{run_id}.out"
    what = "acknowledgments" if acknowledging else entity
    process = CONTEXT.Process(target=_main, args=(place.json(), run_id, kill_at, str(out), what))
    process.start()
    return RunProcess(process, out)


def _main(place: str, run_id: str, kill_at: int, out: str, entity: str) -> None:
    calls = 0

    def count() -> None:
        nonlocal calls
        calls += 1
        if calls == kill_at:
            os.kill(os.getpid(), signal.SIGKILL)

    send = requests.Session.send

    def counted(self: requests.Session, request: Any, **kwargs: Any) -> Any:
        count()
        return send(self, request, **kwargs)

    requests.Session.send = counted  # type: ignore[method-assign]
    event.listen(Engine, "before_cursor_execute", lambda *_: count())
    event.listen(Engine, "commit", lambda _: count())
    try:
        if entity == "acknowledgments":
            acknowledge(Place.of(place), run_id)
            problems = []
        elif entity == "partners":
            problems = partners(Place.of(place), run_id)[1]
        else:
            problems = run(Place.of(place), run_id, entity=entity).problems
        text = "red: " + "; ".join(map(str, problems)) if problems else "green"
    except Exception:  # noqa: BLE001 - whatever it was, the test shows it
        text = "red: " + traceback.format_exc()
    Path(out).write_text(f"{calls} {text}")
