"""Delta reading under random moves: polls with a lookback hold, at the end, exactly what the sandbox has; by both."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from airflow_provider_sagex3_cleo.sagex3.reader import Reader, Record, open_reader
from airflow_provider_sagex3_cleo.sagex3.settings import SageX3Settings
from airflow_provider_sagex3_cleo.sagex3.spec import load_specs
from airflow_provider_sagex3_cleo.sandbox.run import Sandbox

SPECS = load_specs()
WATCHED = ("suppliers", "customers", "addresses", "products", "gl_accounts", "supplier_invoices", "sales_invoices")
START = datetime(2026, 11, 2, 12, tzinfo=UTC)
LOOKBACK = timedelta(seconds=40)
SUPPLIERS, CUSTOMERS = [f"S{n:04d}" for n in range(1, 13)], [f"C{n:04d}" for n in range(1, 13)]
PRODUCTS = [f"ITM{n:05d}" for n in range(1, 40)]


class Copy:
    """What one transport has read so far."""

    def __init__(self, sandbox: Sandbox, **extra: Any) -> None:
        access = sandbox.access()["sagex3"]
        given = SageX3Settings.from_connection(
            "x", access["host"], access["port"], access["schema"], access["login"], access["password"],
            {**access["extra"], "page_size": 25, "details_size": 30, **extra},
        )  # fmt: skip
        self.reader: Reader = open_reader(given)
        self.mark = START - timedelta(days=2)  # the last rows of the history are read, too
        self.records: dict[str, dict[str, Record]] = {entity: {} for entity in WATCHED}

    def poll(self, upper: datetime) -> None:
        """Read what changed from the mark minus the lookback up to `upper`; the mark moves there."""
        lower = self.mark - LOOKBACK
        for entity in WATCHED:
            spec, held = SPECS[entity], self.records[entity]
            changed: dict[str, datetime] = {}
            for source in self.reader.sources(spec):
                for page in self.reader.key_pages(spec, source, lower=lower, upper=upper):
                    for row in page.rows:
                        changed[row.key] = max(row.stamp, changed.get(row.key, row.stamp))
            wanted = [key for key, stamp in changed.items() if key not in held or held[key].stamp < stamp]
            held.update((record.key, record) for record in self.reader.details(spec, wanted))
        self.mark = upper


class Delta(RuleBasedStateMachine):
    @initialize()
    def start(self) -> None:
        self.sandbox = Sandbox(3, orders=20, supplier_count=12, start=START, frozen=True).start()
        world = self.sandbox.world
        for code in list(world.products)[len(PRODUCTS) :]:
            world.delete(code)
        app = self.sandbox.access()["sagex3"]["connected_app"]
        self.copies = [Copy(self.sandbox), Copy(self.sandbox, transport="graphql", auth="connected_app", **app)]
        self.new = 0
        self.poll()

    def teardown(self) -> None:
        if hasattr(self, "sandbox"):
            self.sandbox.clock.advance(60)
            self.poll()
            for entity in WATCHED:
                spec = SPECS[entity]
                keys = sorted(self.copies[0].records[entity])
                now = {record.key: record for record in self.copies[1].reader.details(spec, keys)}
                for copy in self.copies:
                    assert {key: copy.records[entity][key] for key in now} == now
            for copy in self.copies:
                copy.reader.close()
            self.sandbox.stop()

    @rule(partner=st.sampled_from(SUPPLIERS + CUSTOMERS), name=st.sampled_from(["Example A", "Exemple É", "B " * 20]))
    def rename(self, partner: str, name: str) -> None:
        self.sandbox.world.references.rename(partner, name)

    @rule(partner=st.sampled_from(SUPPLIERS + CUSTOMERS), active=st.booleans())
    def switch(self, partner: str, active: bool) -> None:
        self.sandbox.world.references.deactivate(partner, active=active)

    @rule(customer=st.sampled_from(CUSTOMERS), city=st.sampled_from(["Reno", "Québec"]))
    def move(self, customer: str, city: str) -> None:
        self.sandbox.world.references.change_address(customer, "INV", CTY=city)

    @rule(product=st.sampled_from(PRODUCTS), coefficient=st.integers(1, 99))
    def repack(self, product: str, coefficient: int) -> None:
        self.sandbox.world.references.change_product(product, PCU0="CTN", PCUSTUCOE0=coefficient, SAUSTUCOE="2.50")

    @rule(account=st.sampled_from(["USA~40100", "CAN~40100"]), flag=st.sampled_from([1, 2]))
    def account(self, account: str, flag: int) -> None:
        self.sandbox.world.references.change_record("GACCOUNT", account, ENAFLG=flag)

    @rule(lines=st.integers(0, 4), line=st.booleans())
    def bill(self, lines: int, line: bool) -> None:
        purchases = self.sandbox.world.purchases
        number = purchases.new_supplier_invoice(SUPPLIERS[0], lines=lines)
        if line and lines:
            self.sandbox.clock.advance(1)
            purchases.edit_supplier_invoice_line(number, 1000, NETPRI="1.25")

    @rule(lines=st.integers(1, 3), accounting=st.booleans())
    def invoice(self, lines: int, accounting: bool) -> None:
        sales = self.sandbox.world.sales
        number = sales.new_invoice(CUSTOMERS[1], lines=lines, charges={"1": "5.00"})
        self.sandbox.clock.advance(1)
        sales.edit_invoice(number, **({"INVNUM": "OLD-1"} if accounting else {"INVREF": "R"}))

    @rule(customer=st.booleans())
    def enter(self, customer: bool) -> None:
        self.new += 1
        references = self.sandbox.world.references
        (references.new_customer if customer else references.new_supplier)(f"N{self.new:03d}", "Example New")

    @rule(seconds=st.sampled_from([0, 1, 7, 120]))
    def wait(self, seconds: int) -> None:
        self.sandbox.clock.advance(seconds)

    @rule()
    def poll(self) -> None:
        for copy in self.copies:
            copy.poll(self.sandbox.clock.now())

    @invariant()
    def both_transports_agree(self) -> None:
        if hasattr(self, "copies"):
            one, other = self.copies
            assert one.records == other.records


Delta.TestCase.settings = settings(max_examples=8, stateful_step_count=14, deadline=None)
test_delta = Delta.TestCase
