"""A whole private Airflow in one folder: started, asked, stopped, with nothing left behind.

Airflow 3: API server, scheduler and DAG processor; Airflow 2.11: the scheduler, and the web server where its UI is
wanted. SQLite, all on 127.0.0.1. Used by the demo and by tests/airflow; standard library and psutil (which Airflow
brings) only.

    with PrivateAirflow(Path("home"), dags=Path("dags"), config={"sagex3_cleo.settle_s": "1"}) as airflow:
        airflow.cli("dags", "unpause", "sagex3_purchase_orders_to_cleo")
        airflow.wait_for(lambda: airflow.runs("sagex3_purchase_orders_to_cleo", "success"), "a green run", 120)
"""

from __future__ import annotations

import base64
import json
import os
import secrets
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from contextlib import closing, suppress
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any, Self, TypeVar
from urllib.request import urlopen

import psutil

__all__ = ["AIRFLOW_VERSION", "RELEASE", "AirflowFailed", "PrivateAirflow", "RunRow", "TaskRow", "free_port"]

T = TypeVar("T")

AIRFLOW_VERSION = version("apache-airflow")
#: The release of Airflow that the running interpreter has, as the Makefile names it.
RELEASE = "2.11" if AIRFLOW_VERSION.startswith("2.") else "3"
USER = "admin"
#: Seconds to wait after a polite request to end.
GRACE_S = 15.0


class AirflowFailed(RuntimeError):
    """A part of Airflow ended, or something did not come true in time; the message holds the ends of the logs."""


@dataclass(frozen=True)
class RunRow:
    """One DAG run as the metadata database has it."""

    dag_id: str
    run_id: str
    run_type: str
    state: str


@dataclass(frozen=True)
class TaskRow:
    """One task instance; `map_index` is -1 where the task is not mapped. `seconds` is None while it runs."""

    task_id: str
    map_index: int
    state: str | None
    seconds: float | None


def free_port() -> int:
    """A port of 127.0.0.1 that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class PrivateAirflow:
    """One Airflow of its own; a context manager.

    Args:
        home: its AIRFLOW_HOME, made where missing; all state is in it and may be reused by a later start.
        dags: the DAG folder.
        config: Airflow settings as "section.option" -> text, laid over those that make it small and private.
        env: more environment variables, as AIRFLOW_CONN_... ones.
        port: of the UI; None for a free one.
        ui: serve the UI on Airflow 2.11 too; Airflow 3 always does, its tasks need the API server.
    """

    def __init__(
        self,
        home: Path,
        *,
        dags: Path,
        config: Mapping[str, str] | None = None,
        env: Mapping[str, str] | None = None,
        port: int | None = None,
        ui: bool = False,
    ) -> None:
        self.home, self.dags = home.resolve(), dags.resolve()
        self.is_3 = RELEASE == "3"
        self._has_web_server = ui and not self.is_3
        self.port = port or free_port()
        self.logs = self.home / "process-logs"
        self.logs.mkdir(parents=True, exist_ok=True)
        kept = self._kept_secrets()
        self.user, self.password = USER, kept["password"]
        self.env = self._environment(kept, config or {}, env or {})
        self._processes: dict[str, subprocess.Popen[bytes]] = {}

    @property
    def url(self) -> str:
        """Address of the UI."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def parts(self) -> tuple[str, ...]:
        """The commands of Airflow that this one consists of."""
        if self.is_3:
            return "api-server", "scheduler", "dag-processor"
        return ("scheduler", "webserver") if self._has_web_server else ("scheduler",)

    def migrate(self) -> None:
        """Make or upgrade the metadata database."""
        self.cli("db", "migrate")

    def start(self, *, deadline_s: float = 90.0) -> Self:
        """Start what this Airflow consists of and wait until it answers.

        Raises: AirflowFailed."""
        if not (self.home / "airflow.db").exists():
            self.migrate()
        if self._has_web_server:
            self._create_user()
        try:
            for name in self.parts:
                options = ("--skip-serve-logs",) if name == "scheduler" else ()
                with (self.logs / f"{name}.log").open("ab") as out:
                    self._processes[name] = subprocess.Popen(
                        self._command(name, *options), env=self.env, cwd=self.home, stdin=subprocess.DEVNULL,
                        stdout=out, stderr=subprocess.STDOUT, start_new_session=True,
                    )  # fmt: skip
            self.wait_for(self._is_up, "Airflow to answer", deadline_s)
        except BaseException:
            self.stop()
            raise
        return self

    def stop(self) -> None:
        """End every process of this Airflow, tasks included, politely first."""
        ours = self.processes()
        for process in self._processes.values():
            with suppress(ProcessLookupError):
                process.send_signal(signal.SIGTERM)
        _, alive = psutil.wait_procs(ours, timeout=GRACE_S)
        known = {process.pid for process in alive}
        alive += [process for process in self.processes() if process.pid not in known]
        for process in alive:
            with suppress(psutil.NoSuchProcess):
                process.kill()
        psutil.wait_procs(alive, timeout=GRACE_S)
        for own in self._processes.values():
            own.wait(GRACE_S)
        self._processes.clear()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()

    def processes(self) -> list[psutil.Process]:
        """All living processes of this Airflow.

        Tasks make process groups of their own and outlive their parent, but they stay in the session that `start`
        opened; descendants are followed as well."""
        sessions = {process.pid for process in self._processes.values()}
        found: dict[int, psutil.Process] = {}
        for pid in sessions:
            with suppress(psutil.NoSuchProcess):
                parent = psutil.Process(pid)
                found.update({child.pid: child for child in (parent, *parent.children(recursive=True))})
        for process in psutil.process_iter():
            with suppress(ProcessLookupError, PermissionError):
                if os.getsid(process.pid) in sessions:
                    found.setdefault(process.pid, process)
        return [process for process in found.values() if _lives(process)]

    def cli(self, *arguments: str, check: bool = True, timeout_s: float = 120.0, typed: str = "") -> str:
        """Run one `airflow` command and return what it printed.

        Raises: AirflowFailed where it fails and `check` is on."""
        return self.run(*self._command(*arguments), check=check, timeout_s=timeout_s, typed=typed)

    def run(self, *command: str, check: bool = True, timeout_s: float = 120.0, typed: str = "") -> str:
        """Run one command in this Airflow's environment and return what it printed.

        It has no terminal; what it asks for it reads from `typed`. Raises: AirflowFailed."""
        done = subprocess.run(
            command, env=self.env, cwd=self.home, input=typed, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            text=True, timeout=timeout_s, check=False, start_new_session=True,
        )  # fmt: skip
        if check and done.returncode:
            raise AirflowFailed(f"{' '.join(command[-4:])} ended with {done.returncode}:\n{done.stdout[-3000:]}")
        return done.stdout

    def add_connections(self, connections: Mapping[str, Mapping[str, Any]]) -> None:
        """Define connections in the metadata database; the file that carries them is gone at once."""
        file = self.home / "connections.json"
        file.touch(mode=0o600)
        try:
            file.write_text(json.dumps(connections), encoding="utf-8")
            self.cli("connections", "import", "--overwrite", str(file))
        finally:
            file.unlink()

    def query(self, sql: str, *values: Any) -> list[tuple[Any, ...]]:
        """Rows of the metadata database; it is opened for reading only."""
        address = f"file:{self.home / 'airflow.db'}?mode=ro"
        with closing(sqlite3.connect(address, uri=True, timeout=30)) as db:
            return db.execute(sql, values).fetchall()

    def dag_ids(self) -> set[str]:
        """The DAGs that were parsed."""
        return {row[0] for row in self.query("select dag_id from dag")}

    def runs(self, dag_id: str, *states: str) -> list[RunRow]:
        """The runs of a DAG, oldest first; only those in one of `states` where given."""
        rows = self.query("select dag_id, run_id, run_type, state from dag_run where dag_id = ? order by id", dag_id)
        return [row for row in (RunRow(*fields) for fields in rows) if not states or row.state in states]

    def tasks(self, dag_id: str, run_id: str) -> list[TaskRow]:
        """The task instances of one run."""
        rows = self.query(
            "select task_id, map_index, state, duration from task_instance where dag_id = ? and run_id = ?"
            " order by start_date, task_id, map_index",
            dag_id, run_id,
        )  # fmt: skip
        return [TaskRow(*fields) for fields in rows]

    def task_log(self, dag_id: str, run_id: str, task_id: str) -> str:
        """The logs of all tries and parts of one task."""
        folder = self.home / "logs" / f"dag_id={dag_id}" / f"run_id={run_id}" / f"task_id={task_id}"
        return "\n".join(file.read_text(errors="replace") for file in sorted(folder.rglob("*.log")))

    def wait_for(self, fact: Callable[[], T], what: str, deadline_s: float, *, every_s: float = 0.3) -> T:
        """Ask until the fact is true (not empty) and return it.

        Raises: AirflowFailed after `deadline_s`, or at once where a part of Airflow has ended."""
        ends = time.monotonic() + deadline_s
        while not (found := fact()):
            dead = [name for name, process in self._processes.items() if process.poll() is not None]
            if dead or time.monotonic() >= ends:
                why = f"{', '.join(dead)} ended" if dead else f"{deadline_s:g} s are over"
                raise AirflowFailed(f"waited for {what}, but {why}\n{self.log_ends()}")
            time.sleep(every_s)
        return found

    def log_ends(self, lines: int = 15) -> str:
        """The last lines of each process's log."""
        ends = []
        for file in sorted(self.logs.glob("*.log")):
            tail = file.read_text(errors="replace").splitlines()[-lines:]
            ends.append("\n".join([f"--- {file.name}", *tail]))
        return "\n".join(ends)

    def _command(self, *arguments: str) -> list[str]:
        return [sys.executable, "-m", "airflow", *arguments]

    def _create_user(self) -> None:
        """The user of Airflow 2.11's UI, once. The password is typed, because `ps` shows arguments."""
        self.cli(
            "users", "create", "--username", self.user, "--role", "Admin", "--email", f"{self.user}@example.com",
            "--firstname", "Example", "--lastname", "Admin", typed=f"{self.password}\n" * 2,
        )  # fmt: skip

    def _is_up(self) -> bool:
        if not self.is_3 and not self._has_web_server:
            return bool(self.query("select 1 from job where job_type = 'SchedulerJob' and state = 'running'"))
        parts = ["scheduler", "metadatabase"] + ["dag_processor"] * self.is_3
        try:
            with urlopen(f"{self.url}/{'api/v2/monitor/health' if self.is_3 else 'health'}", timeout=5) as answer:
                health = json.load(answer)
        except OSError:
            return False
        return all(health[part]["status"] == "healthy" for part in parts)

    def _kept_secrets(self) -> dict[str, str]:
        """The keys of this Airflow: made once, kept in its home for later starts."""
        file = self.home / "private.json"
        if file.exists():
            kept: dict[str, str] = json.loads(file.read_text(encoding="utf-8"))
            return kept
        kept = {
            "password": secrets.token_urlsafe(12),
            "jwt": secrets.token_urlsafe(64),
            "fernet": base64.urlsafe_b64encode(secrets.token_bytes(32)).decode(),
        }
        file.touch(mode=0o600)
        file.write_text(json.dumps(kept), encoding="utf-8")
        return kept

    def _environment(self, kept: dict[str, str], config: Mapping[str, str], env: Mapping[str, str]) -> dict[str, str]:
        passwords = self.home / "passwords.json"
        passwords.touch(mode=0o600)
        passwords.write_text(json.dumps({USER: kept["password"]}), encoding="utf-8")
        options = {
            "core.dags_folder": str(self.dags),
            "core.load_examples": "False",
            "core.executor": "LocalExecutor" if self.is_3 else "SequentialExecutor",
            "core.parallelism": "2",
            "core.fernet_key": kept["fernet"],
            "database.sql_alchemy_conn": f"sqlite:///{self.home / 'airflow.db'}",
            "scheduler.scheduler_idle_sleep_time": "0.5",
            "usage_data_collection.enabled": "False",
        }
        if self.is_3:
            options |= {
                "core.execution_api_server_url": f"{self.url}/execution/",
                "core.simple_auth_manager_users": f"{USER}:admin",
                "core.simple_auth_manager_passwords_file": str(passwords),
                "api.host": "127.0.0.1",
                "api.port": str(self.port),
                "api.base_url": self.url,
                "api.workers": "1",
                "api.secret_key": kept["jwt"],
                "api_auth.jwt_secret": kept["jwt"],
            }
        elif self._has_web_server:
            options |= {
                "webserver.web_server_host": "127.0.0.1",
                "webserver.web_server_port": str(self.port),
                "webserver.base_url": self.url,
                "webserver.workers": "1",
                "webserver.secret_key": kept["jwt"],
            }
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("AIRFLOW")}
        named = {f"AIRFLOW__{key.replace('.', '__').upper()}": text for key, text in {**options, **config}.items()}
        return {
            **inherited,
            "AIRFLOW_HOME": str(self.home),
            "HOME": str(self.home),  # whatever would write to a home writes here
            "PATH": f"{Path(sys.executable).parent}{os.pathsep}{inherited.get('PATH', os.defpath)}",
            "NO_PROXY": "127.0.0.1,localhost",
            "no_proxy": "127.0.0.1,localhost",
            **named,
            **env,
        }


def _lives(process: psutil.Process) -> bool:
    with suppress(psutil.NoSuchProcess):
        return bool(process.status() != psutil.STATUS_ZOMBIE)
    return False
