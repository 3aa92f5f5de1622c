"""`make demo`: a sandbox, a real Airflow, its scheduler at work; shows what was delivered and that no more moved.

It runs on the Airflow that its interpreter has. Exit code 0 only where Cleo's folders hold exactly what they should.
`--keep` leaves everything running until Ctrl-C.
"""

from __future__ import annotations

import argparse
import contextlib
import shutil
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, NoReturn

from rich.console import Console

from airflow_provider_sagex3_cleo.ledger import Ledger, queries
from airflow_provider_sagex3_cleo.sandbox.agreements import write_agreements
from airflow_provider_sagex3_cleo.sandbox.partner import INBOUND, Partner, Place, Sent, accept, reject
from airflow_provider_sagex3_cleo.sandbox.run import Sandbox
from airflow_provider_sagex3_cleo.x12 import reader as x12_reader
from airflow_provider_sagex3_cleo.x12 import show
from demo import outcomes
from demo.airflow_env import AIRFLOW_VERSION, RELEASE, PrivateAirflow, RunRow

ROOT = Path(__file__).resolve().parents[1]
DAG = "sagex3_purchase_orders_to_cleo"
INVOICES_DAG = "sagex3_sales_invoices_to_cleo"
SHIPMENTS_DAG = "sagex3_shipments_to_cleo"
ANSWERS_DAG = "cleo_acknowledgements"
PARTNERS_DAG = "sagex3_partners_to_cleo"
DAILY_DAGS = ("sagex3_purchase_orders_daily", "sagex3_sales_invoices_daily", "sagex3_shipments_daily")
ENTITY, INVOICES, DELIVERIES = "purchase_orders", "sales_invoices", "deliveries"
DOCUMENTS = (ENTITY, INVOICES, DELIVERIES)
NUMBERED = {"BEG": 3, "BIG": 2, "BSN": 2}
REFERENCES = "reference"
#: On SQLite Airflow 2.11 does one task at a time: four DAGs every minute would be more than it can do.
OFTEN = "* * * * *" if RELEASE == "3" else "*/3 * * * *"
#: Seconds within which a fact must come true, generous for a machine that has other work.
PATIENCE_S = 600
ENDING = (signal.SIGINT, signal.SIGTERM)
console = Console(highlight=False, soft_wrap=True, width=None if sys.stdout.isatty() else 140)
STARTED = time.monotonic()


def say(text: str, style: str = "") -> None:
    """One line with the seconds since the start."""
    console.print(f"[dim]{time.monotonic() - STARTED:5.0f} s[/dim]  {text}", style=style)


class Demo:
    """The set-up and the four acts."""

    def __init__(self, folder: Path) -> None:
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        self.folder = folder
        self.sandbox = Sandbox(1)
        self.world = self.sandbox.world
        self.agreements = write_agreements(folder / "agreements", self.world)
        self.by_load = self.world.sales.enrolled()[3].code
        agreement = self.agreements / "partners" / f"{self.by_load.lower()}_856.yaml"
        agreement.write_text(agreement.read_text().replace("shipment:", "shipment:\n  per: load", 1))
        self.airflow = PrivateAirflow(
            folder / "airflow",
            dags=ROOT / "dags",
            ui=True,
            config={
                "sagex3_cleo.agreements_folder": str(self.agreements),
                f"sagex3_cleo.{ENTITY}_schedule": "* * * * *",
                **{f"sagex3_cleo.{name}_schedule": OFTEN for name in (INVOICES, DELIVERIES, "acknowledgements")},
                "sagex3_cleo.ack_folders": INBOUND,
                "sagex3_cleo.reference_folder": REFERENCES,
                "sagex3_cleo.settle_s": "2",
                "sagex3_cleo.safety_lag_s": "1",
                "sagex3_cleo.lookback_s": "60",
            },
        )
        self.expected: list[str] = []
        self.only_changed = False
        self._told: set[str] = set()

    # --- set-up ---
    def prepare(self) -> None:
        """Connections, agreements, check, baseline."""
        say(f"The sandbox: Sage X3 on {self.sandbox.x3_url}, Cleo on {self.sandbox.cleo_url}, "
            f"{len(self.world.suppliers)} suppliers ({len(self.world.enrolled())} with an agreement), "
            f"{len(self.world.orders)} orders.")  # fmt: skip
        self.sandbox.cleo_admin.folder(REFERENCES)
        say("A private Airflow: metadata database and connections ...")
        self.airflow.migrate()
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
        say("[bold]sagex3-cleo baseline[/bold]: what exists counts as sent elsewhere ...")
        for entity in DOCUMENTS:
            console.print(_indent(self.command("baseline", "--entity", entity)))
        say("[bold]sagex3-cleo check[/bold]:")
        lines = self.command("check").splitlines()
        console.print(_indent("\n".join(line for line in lines if "Cleo folder" not in line)))
        console.print(f"         ... and {sum('Cleo folder' in line for line in lines)} folders of Cleo, all ok")

    def command(self, *arguments: str) -> str:
        """What a person would type in a shell."""
        return self.airflow.run(str(Path(sys.executable).parent / "sagex3-cleo"), *arguments)

    # --- acts ---
    def first_act(self) -> None:
        """New orders of every kind."""
        first, second, *_ = (s.code for s in self.world.enrolled())
        outsider = list(self.world.suppliers)[-1]
        self.expected += self.world.new_orders(14, lines=5)
        self.expected.append(self.world.new_order(first, lines=150))
        self.world.new_orders(4, supplier=outsider)
        self.unsigned = self.world.new_order(second, header={"APPFLG": 1})
        self.unit_unknown = self.world.new_order(
            second, lines=1, line_values=[{"UOM": "PAL", "PUU": "PAL", "UOMPUUCOE": 1}]
        )
        self.world.new_order(first, header={"ORDDAT": None})
        say(f"In Sage X3: {len(self.expected)} orders to send (one of 150 lines), 4 to a supplier without agreement, "
            "1 not signed, 1 in a unit nobody mapped, 1 without an order date.")  # fmt: skip
        self.airflow.cli("dags", "unpause", DAG)
        say(f"DAG {DAG} is unpaused; its schedule is every minute. The scheduler takes over ...")
        self._until(lambda: len(self.delivered()) >= len(self.expected), "the first orders to arrive")
        self._tell("first window")
        row = next(row for row in self.sandbox.cleo.store.journal() if row.data.count(b"PO1") < 6)
        console.print(f"\n[bold]{row.folder}/{row.name}[/bold], segment by segment:")
        for line in show(row.data):
            console.print(f"    {line}", markup=False)

    def second_act(self) -> None:
        """Changes: only what had to move moves."""
        console.print()
        edited, received, closed, *_ = self.expected
        self.sandbox.x3.server.clear_log()
        fresh = self.world.new_orders(3, lines=4)
        self.world.edit_line(edited, 1000, header_stamp=False, QTYUOM="77")
        self.world.receive(received, share="0.5")
        self.world.receive(closed)
        self.world.sign(self.unsigned)
        self.expected += [*fresh, self.unsigned]
        tables = self.agreements / "tables.yaml"
        tables.write_text(tables.read_text().replace("units:", "units:\n  PAL: PL", 1))
        self.expected.append(self.unit_unknown)
        say("In Sage X3: 3 new orders, a line edited without its header's stamp, one order half received, one received "
            "in full and closed, the unsigned one signed. In tables.yaml: the missing unit, so that what "
            "was held or waiting is looked at once more.")  # fmt: skip
        self._until(lambda: len(self.delivered()) >= len(self.expected) and self._decided(edited), "the changes")
        self._tell("second window")
        details = {row.notes["key"] for row in self.sandbox.x3.server.log(path=r"PORDER\('") if "key" in row.notes}
        changed = {*fresh, edited, received, closed, self.unsigned}
        say(f"Sage X3 was asked for the details of {len(details)} orders: exactly those that changed."
            if details == changed else f"[red]details asked for: {sorted(details)}[/red]")  # fmt: skip
        self.only_changed = details == changed
        console.print("\n[bold]sagex3-cleo trace[/bold] of the order whose line was edited:")
        console.print(_indent(self.command("trace", edited)), markup=False)
        console.print(_indent(self.command("audit", "verify")))

    def third_act(self) -> None:
        """Invoices leave as 810, shipments as 856, and the partners answer: the loop closes."""
        console.print()
        plain, packing, *_ = (customer.code for customer in self.world.sales.enrolled())
        invoices = self.world.sales.new_invoices(4, lines=3)
        credit = self.world.sales.new_invoice(plain, kind=4)
        freight = {"BPTNUM": "EXFREIGHT"}
        truck = [self.world.deliveries.new_delivery(self.by_load, header=freight) for _ in range(2)]
        shipped = [
            self.world.deliveries.new_delivery(plain),
            self.world.deliveries.new_delivery(packing, packs=2),
            self.world.deliveries.new_bill_of_lading(truck),
        ]
        unpacked = self.world.deliveries.new_delivery(packing)
        partner = Partner(self.sandbox.cleo.store)
        refused, *others = partner.arrived()
        partner.put(reject([Place("PO1", 3, "7", turn=2)])(Sent(refused.data)))
        for row in others:
            partner.put(accept()(Sent(row.data)))
        self.expected += [*invoices, *shipped]
        say(f"In Sage X3: {len(invoices)} invoices posted, and the credit note {credit}, for which nothing is agreed; "
            f"4 deliveries validated (one in packs, two on one bill of lading, for which a single notice is due), and "
            f"{unpacked} without packs to a customer who wants them. The partners answered: {len(others)} orders "
            f"accepted, {refused.name} rejected.")  # fmt: skip
        dags = (INVOICES_DAG, SHIPMENTS_DAG, ANSWERS_DAG)
        for dag in dags:
            self.airflow.cli("dags", "unpause", dag)
        said = len(others) + 1
        self._until(
            lambda: len(self.delivered()) >= len(self.expected) and self._answered() >= said,
            "invoices, shipments and answers", *dags,
        )  # fmt: skip
        self._tell("invoices", INVOICES_DAG, INVOICES)
        self._tell("shipments", SHIPMENTS_DAG, DELIVERIES)
        with self._ledger() as ledger, ledger.reading() as db:
            states = queries.standing(db, 1).documents
        say("Where all documents stand: " + ", ".join(f"{count} {state}" for state, count in sorted(states.items())))
        console.print("\n[bold]sagex3-cleo trace[/bold] of the rejected file:")
        console.print(_indent(self.command("trace", refused.name)), markup=False)

    def fourth_act(self) -> None:
        """Partners are compared and told to Cleo, and the daily DAGs find nothing that was missed."""
        console.print()
        asleep = self.world.enrolled()[4].code
        self.world.references.deactivate(asleep)
        say(f"In Sage X3: supplier {asleep}, who has an agreement, is switched off. The DAG of the partners and the "
            "daily ones are unpaused.")  # fmt: skip
        dags = (PARTNERS_DAG, *DAILY_DAGS)
        for dag in dags:
            self.airflow.cli("dags", "unpause", dag)
        self._until(lambda: all(self.airflow.runs(dag, "success") for dag in dags), "a run of each", *dags)
        console.print("\n[bold]sagex3-cleo partners align[/bold]:")
        console.print(_indent(self.command("partners", "align")), markup=False)
        console.print("\n[bold]sagex3-cleo partners coverage[/bold]:")
        console.print(_indent(self.command("partners", "coverage")), markup=False)
        say(f"Reference files in Cleo's folder {REFERENCES}: {', '.join(self.reference_files())}")
        daily = [self._new_outcomes(dag, entity) for dag, entity in zip(DAILY_DAGS, DOCUMENTS, strict=True)]
        missed, sent = sum(each.read.total() for each in daily), sum(each.sent for each in daily)
        say(f"The daily DAGs looked at yesterday once more: {missed} records were missed, {sent} documents sent.")

    # --- what is there ---
    def delivered(self) -> list[str]:
        """The document numbers of all X12 files that ever reached Cleo."""
        return [
            next(s.elements[NUMBERED[s.elements[0]]] for s in each.segments if s.elements[0] in NUMBERED)
            for row in self.sandbox.cleo.store.journal()
            if row.folder != REFERENCES
            for interchange in x12_reader.read(row.data)
            for group in interchange.groups
            for each in group.sets
        ]

    def reference_files(self) -> list[str]:
        """The names of the reference files that reached Cleo."""
        return sorted(row.name for row in self.sandbox.cleo.store.journal(REFERENCES))

    def _ledger(self) -> Ledger:
        return Ledger.open(f"sqlite:///{self.airflow.home / 'sagex3_cleo_ledger.db'}")

    def _decided(self, key: str) -> bool:
        with self._ledger() as ledger, ledger.reading() as db:
            return any(row.key == key for row in queries.held(db, 1, ENTITY))

    def _answered(self) -> int:
        """How many documents a partner has answered."""
        with self._ledger() as ledger, ledger.reading() as db:
            states = queries.standing(db, 1).documents
        return sum(states.get(state, 0) for state in ("accepted", "accepted_with_errors", "rejected"))

    def _until(self, fact: Callable[[], Any], what: str, *dags: str) -> None:
        """Wait for a fact, then for the runs that are at work by then to end; show each run as it ends."""
        watched = dags or (DAG,)

        def runs(*states: str) -> list[RunRow]:
            return [run for dag in watched for run in self.airflow.runs(dag, *states)]

        ended = set(runs("success", "failed"))

        def until(fact: Callable[[], Any], what: str) -> None:
            def seen() -> Any:
                for run in runs("success", "failed"):
                    if run not in ended:
                        ended.add(run)
                        say(f"{run.dag_id}, run {run.run_id}: {run.state}")
                return fact()

            self.airflow.wait_for(seen, what, PATIENCE_S)

        until(fact, what)
        # Not until nothing runs: where a run takes longer than its schedule, the next one begins at once.
        begun = {(run.dag_id, run.run_id) for run in runs("running")}
        until(lambda: begun <= {(run.dag_id, run.run_id) for run in ended}, f"the runs of {what} to end")

    def _new_outcomes(self, dag: str, entity: str) -> outcomes.Outcomes:
        """What those runs of a DAG did of which nothing was told yet."""
        run_ids = {f"{dag}/{run.run_id}" for run in self.airflow.runs(dag, "success")} - self._told
        self._told |= run_ids
        with self._ledger() as ledger, ledger.reading() as db:
            return outcomes.of_runs(db, 1, entity, run_ids)

    def _tell(self, title: str, dag: str = DAG, entity: str = ENTITY) -> None:
        with self._ledger() as ledger, ledger.reading() as db:
            held = queries.held(db, 1, entity)
        console.print(outcomes.table(f"What the scheduler's runs did: {title}", self._new_outcomes(dag, entity)))
        for row in held:
            console.print(f"  {row.state.value} [bold]{row.key}[/bold] ({row.partner}): {_plain(row.reason)}")
            if row.remedy:
                console.print(f"      remedy: {_plain(row.remedy)}", style="dim")


def _plain(text: str) -> str:
    return text.replace("[", r"\[")


def _indent(text: str) -> str:
    return "\n".join("         " + line for line in text.strip().splitlines())


def _end(number: int, _: object) -> NoReturn:
    """End in order: `with` blocks stop what they started, and no second signal may disturb that."""
    for each in ENDING:
        signal.signal(each, signal.SIG_IGN)
    sys.exit(128 + number)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--keep", action="store_true", help="leave everything running until Ctrl-C")
    keep = parser.parse_args().keep
    for number in ENDING:
        signal.signal(number, _end)
    demo = Demo(ROOT / ".demo" / f"airflow-{RELEASE}")
    with demo.sandbox:
        demo.prepare()
        say(f"Starting Airflow {AIRFLOW_VERSION}: {', '.join(demo.airflow.parts)} ...")
        with demo.airflow:
            say(f"Airflow's UI: {demo.airflow.url}  user [bold]{demo.airflow.user}[/bold]  "
                f"password [bold]{demo.airflow.password}[/bold]")  # fmt: skip
            demo.airflow.wait_for(lambda: DAG in demo.airflow.dag_ids(), "the DAG to be parsed", 60)
            demo.first_act()
            demo.second_act()
            demo.third_act()
            demo.fourth_act()
            good = sorted(demo.delivered()) == sorted(demo.expected) and demo.only_changed
            good = good and len(demo.reference_files()) == 6  # three lists, each as CSV and as JSON Lines
            say(f"Cleo's folders hold exactly the {len(demo.expected)} expected 850s, 810s and 856s, each once."
                if good else "[red]Cleo's folders do not hold what they should.[/red]", "bold")  # fmt: skip
            if keep:
                say(
                    f"Left running: {demo.airflow.url} ({demo.airflow.user} / {demo.airflow.password}). Ctrl-C ends it."
                )
                with contextlib.suppress(SystemExit):
                    signal.pause()
            say("Stopping everything ...")
        left = demo.airflow.processes()
    say("Done; nothing is left running." if not left else f"[red]left running: {left}[/red]")
    return 0 if good and not left else 1


if __name__ == "__main__":
    sys.exit(main())
