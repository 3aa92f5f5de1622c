"""A real Airflow of the running interpreter's release, over a real sandbox: the scheduler does the work."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from airflow_provider_sagex3_cleo.ledger import Ledger, queries
from airflow_provider_sagex3_cleo.sandbox.agreements import write_agreements
from airflow_provider_sagex3_cleo.sandbox.partner import INBOUND
from airflow_provider_sagex3_cleo.sandbox.run import Sandbox
from demo.airflow_env import PrivateAirflow, RunRow, free_port
from tests.sandbox.pipeline.conftest import order_number, sets_of

DAGS = Path(__file__).resolve().parents[2] / "dags"
POLL, DAILY = "sagex3_purchase_orders_to_cleo", "sagex3_purchase_orders_daily"
ANSWERS = "cleo_acknowledgements"
PARTNERS = "sagex3_partners_to_cleo"
SCHEDULED = ("purchase_orders", "sales_invoices", "deliveries", "acknowledgements", "partners")
VARIABLE = "sagex3_cleo_watermark_sagex3_default_purchase_orders"

#: Noon a week ago, so that whole days of the sandbox's time lie in the past of the machine's.
START = (datetime.now(UTC) - timedelta(days=7)).replace(hour=12, minute=0, second=0, microsecond=0)


class Site:
    """One site: sandbox, agreements, its own Airflow with both connections in the metadata database."""

    def __init__(self, home: Path, sandbox: Sandbox, agreements: Path) -> None:
        self.sandbox, self.world, self.agreements = sandbox, sandbox.world, agreements
        self.airflow = PrivateAirflow(
            home / "airflow",
            dags=DAGS,
            config={
                "sagex3_cleo.agreements_folder": str(agreements),
                # One run when the DAG is unpaused and none of its own accord afterwards.
                **{f"sagex3_cleo.{name}_schedule": "0 0 1 1 *" for name in SCHEDULED},
                "sagex3_cleo.ack_folders": INBOUND,
                "sagex3_cleo.settle_s": "5",
                "sagex3_cleo.safety_lag_s": "1",
                "sagex3_cleo.retries": "0",
            },
        )

    def define_connections(self) -> None:
        access = self.sandbox.access()
        self.airflow.add_connections(
            {
                f"{name}_default": {
                    "conn_type": name,
                    **{key: access[name][key] for key in ("host", "port", "schema", "login", "password", "extra")},
                }
                for name in ("sagex3", "cleo")
            }
        )

    def command(self, *arguments: str, check: bool = True) -> str:
        return self.airflow.run(str(Path(sys.executable).parent / "sagex3-cleo"), *arguments, check=check)

    def variable(self) -> str:
        return self.airflow.cli("variables", "get", VARIABLE).strip().splitlines()[-1]

    def run_now(self, dag_id: str = POLL, *, settled: bool = True, params: str | None = None) -> RunRow:
        """Trigger one run by hand and wait for its end."""
        if settled:
            self.sandbox.clock.advance(30)
        run_id = f"by-hand-{len(self.airflow.runs(dag_id)) + 1}-{free_port()}"
        self.airflow.cli("dags", "trigger", dag_id, "--run-id", run_id, *(("--conf", params) if params else ()))
        return self.wait_for_run(dag_id, run_id)

    def wait_for_run(self, dag_id: str, run_id: str | None = None, deadline_s: float = 120) -> RunRow:
        def ended() -> RunRow | None:
            rows = self.airflow.runs(dag_id, "success", "failed")
            return next((row for row in rows if run_id in (None, row.run_id)), None)

        found = self.airflow.wait_for(ended, f"a run of {dag_id} to end", deadline_s)
        assert found is not None
        return found

    def states(self, run: RunRow) -> dict[str, str | None]:
        return {task.task_id: task.state for task in self.airflow.tasks(run.dag_id, run.run_id)}

    def document_states(self) -> dict[str, int]:
        """How many documents stand in which state."""
        ledger = Ledger.open(f"sqlite:///{self.airflow.home / 'sagex3_cleo_ledger.db'}")
        with ledger.reading() as db:
            found = dict(queries.standing(db, 1).documents)
        ledger.close()
        return found

    def orders_in_cleo(self) -> list[str]:
        """The order numbers of all files ever stored, in order of arrival."""
        return [order_number(each) for row in self.sandbox.cleo.store.journal() for each in sets_of(row.data)]


@contextmanager
def running(site: Site) -> Iterator[None]:
    """Airflow over the site, all DAGs parsed and paused; nothing is left of it afterwards."""
    site.airflow.migrate()
    site.define_connections()
    with site.airflow:
        files = {path.stem for path in DAGS.glob("*.py")}
        site.airflow.wait_for(lambda: site.airflow.dag_ids() >= files, "the DAGs to be parsed", 60)
        yield
    assert site.airflow.processes() == []


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    home = tmp_path_factory.mktemp("site")
    with Sandbox(7, orders=60, supplier_count=40, start=START, frozen=True) as sandbox:
        made = Site(home, sandbox, write_agreements(home / "agreements", sandbox.world, customers=0))
        with running(made):
            yield made
