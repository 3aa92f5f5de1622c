"""A scene per test: real HTTP, a real ledger, time that stands still until it is moved."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from airflow_provider_sagex3_cleo.ledger import Ledger, queries
from airflow_provider_sagex3_cleo.ledger import documents as document_rows
from airflow_provider_sagex3_cleo.pipeline.flows import FLOWS
from airflow_provider_sagex3_cleo.sandbox.agreements import write_agreements
from airflow_provider_sagex3_cleo.sandbox.run import Sandbox
from airflow_provider_sagex3_cleo.x12 import reader as x12_reader
from airflow_provider_sagex3_cleo.x12 import validator
from tests.support.scene import ENTITY, FileVariables, Outcome, Place, baseline, run

START = datetime(2026, 11, 2, 12, tzinfo=UTC)


class Scene:
    """What a test works with: `sandbox` and its world, the agreements folder, and runs."""

    def __init__(self, folder: Path, sandbox: Sandbox, *, entity: str = ENTITY, **agreement_options: Any) -> None:
        self.entity = entity
        self.folder, self.sandbox, self.world = folder, sandbox, sandbox.world
        self.agreements = folder / "agreements"
        write_agreements(self.agreements, sandbox.world, **agreement_options)
        access = sandbox.access()
        self.place = Place(
            access["sagex3"],
            access["cleo"],
            f"sqlite:///{folder}/ledger.db",
            str(self.agreements),
            str(folder / "variables.json"),
            {},
        )
        self.supplier = sandbox.world.enrolled()[0].code
        self._runs = 0

    def baseline(self) -> dict[str, Any]:
        done = baseline(self.place, entity=self.entity)
        self.advance(300)
        return done

    def advance(self, seconds: float) -> None:
        self.sandbox.clock.advance(seconds)

    def run(self, run_id: str | None = None, *, settled: bool = True, **options: Any) -> Outcome:
        """One run, after the settle time unless told otherwise."""
        if settled:
            self.advance(30)
        self._runs += 1
        return run(self.place, run_id or f"run-{self._runs}", entity=self.entity, **options)

    def by_graphql(self, entities: Path | None = None) -> None:
        """From now on runs read Sage X3 by GraphQL, under the site's entity file where one is given."""
        access = self.sandbox.access()["sagex3"]
        extra = {"transport": "graphql", "auth": "connected_app", **access["connected_app"]}
        sagex3 = {**self.place.sagex3, "extra": {**self.place.sagex3["extra"], **extra}}
        self.place = replace(self.place, sagex3=sagex3, entities=None if entities is None else str(entities))

    def edit_agreement(self, partner: str, pattern: str, replacement: str) -> None:
        """Replace text in the agreement file of a partner for the set of this scene; it must be there."""
        set_id = FLOWS[self.entity].set_id
        for path in sorted((self.agreements / "partners").glob("*.yaml")):
            text = path.read_text()
            if re.search(rf"^partner: {partner}$", text, re.M) and f"set: '{set_id}'" in text:
                changed = re.sub(pattern, replacement, text, flags=re.M)
                assert changed != text, f"{pattern} is not in {path.name}"
                path.write_text(changed)
                return
        raise AssertionError(f"no agreement of {partner}")

    def pickup(self, word: str) -> None:
        for path in (self.agreements / "partners").glob("*.yaml"):
            path.write_text(re.sub(r"^pickup: \w+$", f"pickup: {word}", path.read_text(), flags=re.M))

    # --- what happened ---
    def journal(self) -> list[Any]:
        """Every file ever stored on the fake Cleo, picked up or not."""
        return self.sandbox.cleo.store.journal()

    def orders_in_cleo(self) -> list[str]:
        """The order numbers (BEG03) of all files ever stored, each of which must be valid X12."""
        return [order_number(each) for each in self.sets_in_cleo()]

    def invoices_in_cleo(self) -> list[str]:
        """The invoice numbers (BIG02) of all files ever stored, each of which must be valid X12."""
        return [values(each, "BIG")[0][2] for each in self.sets_in_cleo()]

    def shipments_in_cleo(self) -> list[str]:
        """The shipment numbers (BSN02) of all files ever stored, each of which must be valid X12."""
        return [values(each, "BSN")[0][2] for each in self.sets_in_cleo()]

    def sets_in_cleo(self) -> list[Any]:
        """The transaction sets of all files ever stored, each of which must be valid X12."""
        found = []
        for row in self.journal():
            faults = [f for f in validator.validate(row.data) if f.severity == "error"]
            assert not faults, f"{row.name}: {faults[0].message}"
            found += sets_of(row.data)
        return found

    def documents(self, key: str) -> list[Any]:
        ledger = Ledger.open(self.place.ledger_url)
        with ledger.reading() as db:
            found = document_rows.for_keys(db, 1, self.entity, [key]).get(key, [])
        ledger.close()
        return found

    def held(self) -> dict[str, Any]:
        ledger = Ledger.open(self.place.ledger_url)
        with ledger.reading() as db:
            found = {row.key: row for row in queries.held(db, 1, self.entity)}
        ledger.close()
        return found

    def x3_requests(self, path: str = "") -> list[Any]:
        return self.sandbox.x3.server.log(path=path)

    @property
    def variables(self) -> FileVariables:
        return self.place.variables_store()


def sets_of(data: bytes) -> list[Any]:
    return [s for ix in x12_reader.read(data) for group in ix.groups for s in group.sets]


def values(transaction_set: Any, segment: str) -> list[list[str]]:
    """The elements of each segment of this name, the name first."""
    return [list(s.elements) for s in transaction_set.segments if s.elements[0] == segment]


def order_number(transaction_set: Any) -> str:
    return next(s.elements[3] for s in transaction_set.segments if s.elements[0] == "BEG")


@pytest.fixture
def invoices(tmp_path: Path) -> Iterator[Scene]:
    """A scene whose runs are those of sales invoices."""
    with Sandbox(7, orders=40, supplier_count=40, start=START, frozen=True) as sandbox:
        yield Scene(tmp_path, sandbox, entity="sales_invoices")


@pytest.fixture
def shipments(tmp_path: Path) -> Iterator[Scene]:
    """A scene whose runs are those of deliveries."""
    with Sandbox(7, orders=40, supplier_count=40, start=START, frozen=True) as sandbox:
        yield Scene(tmp_path, sandbox, entity="deliveries")


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[Scene]:
    with Sandbox(7, orders=60, supplier_count=40, start=START, frozen=True) as sandbox:
        yield Scene(tmp_path, sandbox)
