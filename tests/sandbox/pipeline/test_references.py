"""Suppliers, products and the like: landed by the same delta, kept, found again by their code; nothing is ever sent."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from airflow_provider_sagex3_cleo import pipeline
from airflow_provider_sagex3_cleo.cleo.client import CleoClient
from airflow_provider_sagex3_cleo.ledger import Ledger, audit
from airflow_provider_sagex3_cleo.ledger.trace import Story, trace
from airflow_provider_sagex3_cleo.partners import load_book
from airflow_provider_sagex3_cleo.pipeline import Run, check
from airflow_provider_sagex3_cleo.sagex3.reader import Record, open_reader
from airflow_provider_sagex3_cleo.sagex3.spec import load_specs
from airflow_provider_sagex3_cleo.sandbox.run import Sandbox
from airflow_provider_sagex3_cleo.story import tell
from tests.sandbox.pipeline.conftest import START, Scene

SPECS = load_specs()
ENTITIES = ["suppliers", "customers", "addresses", "products", "gl_accounts", "units", "supplier_invoices"]


class Kept(Scene):
    """A scene of one entity after another."""

    def use(self, **extra: Any) -> None:
        """Read by a connection with these extras."""
        given = self.place.sagex3
        self.place = replace(self.place, sagex3={**given, "extra": {**given["extra"], **extra}})

    def take(self, entity: str) -> dict[str, Any]:
        self.entity = entity
        return self.baseline()

    def poll(self, entity: str | None = None) -> dict[str, int]:
        """One run: read and keep; what was kept, by outcome."""
        self.advance(30)
        self._runs += 1
        run, place = Run(f"run-{self._runs}", entity or self.entity), self.place
        reader, ledger = open_reader(place.sagex3_settings()), place.ledger()
        spec = SPECS[run.entity]
        try:
            pipeline.extract(
                run, reader=reader, ledger=ledger, spec=spec, book=load_book(place.agreements),
                watermark=place.variables_store(), settings=place.settings(),
            )  # fmt: skip
            counts = pipeline.keep(ledger, run, spec=spec, settings=place.settings())["counts"]
            pipeline.report(run, ledger=ledger, settings=place.settings(), upstream={})
            with ledger.reading() as db:
                assert audit.verify(db).ok
            return dict(counts)
        finally:
            reader.close()
            ledger.close()

    def records(self) -> dict[str, Record]:
        with Ledger.open(self.place.ledger_url) as ledger:
            return {record.key: record for record in pipeline.latest_records(ledger, 1, self.entity)}

    def trace(self, term: str) -> list[Story]:
        with Ledger.open(self.place.ledger_url) as ledger, ledger.reading() as db:
            return trace(db, term)


@pytest.fixture
def kept(tmp_path: Path) -> Iterator[Kept]:
    """By GraphQL, where one query gives many records."""
    with Sandbox(7, orders=40, supplier_count=40, start=START, frozen=True) as sandbox:
        for code in list(sandbox.world.products)[60:]:
            sandbox.world.delete(code)
        scene = Kept(tmp_path, sandbox)
        extra = {"transport": "graphql", "auth": "connected_app", **scene.place.sagex3["connected_app"]}
        scene.use(**extra, details_size=100)
        yield scene


@pytest.mark.parametrize("transport", ["rest", "graphql"])
def test_all_of_them_are_kept_by_a_baseline_and_polled_on(kept: Kept, transport: str) -> None:
    if transport == "rest":
        kept.use(transport="rest", auth="basic")
    for entity in ENTITIES if transport == "graphql" else ["suppliers", "gl_accounts", "units"]:
        done = kept.take(entity)
        assert done["counts"] == {"mapped": done["landed"]}
        assert len(kept.records()) == done["landed"] >= (9 if entity == "units" else 40)
        assert kept.poll() == {}
    assert kept.journal() == []


def test_a_renamed_supplier_supersedes_what_was_kept_and_both_are_in_its_trace(kept: Kept) -> None:
    kept.take("suppliers")
    kept.world.references.rename("S0002", "Example Renamed Inc")
    assert kept.poll() == {"mapped": 1, "superseded": 1}
    assert kept.records()["S0002"].fields["BPSNAM"] == "Example Renamed Inc"
    (story,) = kept.trace("S0002")
    assert [version.state.value for version in story.versions] == ["superseded", "mapped"]
    lines = list(tell(story))
    assert lines[0] == "suppliers S0002"
    assert any("mapped (kept as reference)" in line for line in lines)
    assert any("mapped -> superseded" in line and "a newer version is kept" in line for line in lines)


def test_a_new_and_a_deactivated_partner_are_seen_by_the_next_poll(kept: Kept) -> None:
    kept.take("customers")
    kept.world.references.new_customer("C9001", "Example New Stores")
    kept.world.references.deactivate("C0004")
    assert kept.poll() == {"mapped": 2, "superseded": 1}
    records = kept.records()
    assert (records["C9001"].fields["BPCSTA"], records["C0004"].fields["BPCSTA"]) == (2, 1)
    assert records["C9001"].fields["BPRNAM0"] == "Example New Stores"


@pytest.mark.parametrize(
    ("entity", "term", "key"),
    [
        ("products", "ITM00007", "ITM00007"),
        ("gl_accounts", "40300", "CAN~40300"),
        ("gl_accounts", "USA~40300", "USA~40300"),
        ("units", "BOX", "BOX"),
        ("customers", "C0003", "C0003"),
        ("supplier_invoices", "PINNJ012600001", "PINNJ012600001"),
        ("addresses", "1~S0004~PAY", "1~S0004~PAY"),
        ("addresses", "S0004", "1~S0004~PAY"),
    ],
)
def test_it_is_found_by_its_code(kept: Kept, entity: str, term: str, key: str) -> None:
    kept.take(entity)
    found = kept.trace(term)
    assert key in [story.key for story in found]
    assert all(story.versions[0].reason == "kept as reference" for story in found)


def test_a_supplier_comes_before_what_belongs_to_it_in_its_trace(kept: Kept) -> None:
    for entity in ("addresses", "suppliers"):
        kept.take(entity)
    assert [story.entity for story in kept.trace("S0004")] == ["suppliers", "addresses", "addresses"]


def test_two_products_with_one_bar_code_are_both_held_until_one_is_corrected(kept: Kept) -> None:
    kept.take("products")
    references = kept.world.references
    before = kept.records()["ITM00001"].fields["EANCOD"]
    for code in ("ITM00001", "ITM00002"):
        references.change_product(code, EANCOD="049999999990")
    assert kept.poll() == {"held": 2}
    held = kept.held()
    assert held["ITM00001"].reason == (
        "products ITM00001 and ITM00002 have EANCOD 049999999990 in common; nobody can tell which one it names"
    )
    assert "products ITM00002 and ITM00001" in held["ITM00002"].reason
    assert kept.records()["ITM00001"].fields["EANCOD"] == before  # what was kept stays in force
    assert kept.poll() == {"held": 2}
    references.change_product("ITM00002", EANCOD="")
    assert kept.poll() == {"mapped": 2, "superseded": 2}
    assert kept.held() == {}
    assert kept.records()["ITM00001"].fields["EANCOD"] == "049999999990"


def test_a_bar_code_that_a_kept_product_has_holds_the_newcomer_alone(kept: Kept) -> None:
    kept.take("products")
    taken = kept.records()["ITM00001"].fields["EANCOD"]
    kept.world.references.new_product("ITM-NEW", "Example twin", EANCOD=taken)
    assert kept.poll() == {"held": 1}
    assert "ITM-NEW" not in kept.records()
    assert "ITM00001" in kept.held()["ITM-NEW"].reason


def test_a_bar_code_that_moves_from_one_product_to_another_is_no_duplicate(kept: Kept) -> None:
    kept.take("products")
    taken = kept.records()["ITM00001"].fields["EANCOD"]
    kept.world.references.change_product("ITM00001", EANCOD="")
    kept.world.references.new_product("ITM-HEIR", "Example heir", EANCOD=taken)
    assert kept.poll() == {"mapped": 2, "superseded": 1}


def test_two_codes_that_a_person_reads_as_one_are_held(kept: Kept) -> None:
    kept.take("suppliers")
    kept.world.references.new_supplier("New1", "Example One")
    kept.world.references.new_supplier("NEW1", "Example Two")
    assert kept.poll() == {"held": 2}
    assert "suppliers NEW1 and New1 have the code in common" in kept.held()["NEW1"].reason


def test_a_supplier_invoice_whose_lines_do_not_agree_with_its_header_is_quarantined(kept: Kept) -> None:
    kept.take("supplier_invoices")
    number = kept.world.purchases.new_supplier_invoice("S0001", lines=2, header={"LINNBR": 5})
    assert kept.poll() == {"quarantined": 1}
    assert "the header counts 5 lines" in kept.held()[number].reason


def test_a_stamp_that_moves_without_a_change_is_kept_as_a_version_all_the_same(kept: Kept) -> None:
    kept.take("products")
    kept.world.references.change_product("ITM00003")
    assert kept.poll() == {"mapped": 1, "superseded": 1}
    assert kept.poll() == {}


def test_a_dag_of_documents_does_for_references_too_and_sends_nothing(kept: Kept) -> None:
    kept.take("products")
    kept.world.references.new_product("ITM-NEW", "Example new")
    outcome = kept.run()
    assert outcome.green
    assert outcome.counts == {"mapped": 1}
    assert "ITM-NEW" in kept.records()
    assert kept.journal() == []


def test_what_is_due_can_be_kept_in_parts(kept: Kept) -> None:
    kept.take("products")
    kept.world.references.change_product("ITM00003", ITMSTA=5)
    kept.world.references.change_product("ITM00008", ITMSTA=5)
    kept.advance(30)
    run, spec, place = Run("parts", "products"), SPECS["products"], kept.place
    reader, ledger = open_reader(place.sagex3_settings()), place.ledger()
    pipeline.extract(run, reader=reader, ledger=ledger, spec=spec, book=load_book(place.agreements),
                     watermark=place.variables_store(), settings=place.settings())  # fmt: skip
    parts = [{"part": part, "of": 3} for part in range(3)]
    counts = [pipeline.keep(ledger, run, spec=spec, settings=place.settings(), part=part)["counts"] for part in parts]
    assert sum(each.get("mapped", 0) for each in counts) == 2
    reader.close()
    ledger.close()


def test_check_looks_at_a_reference_once_it_has_been_read(kept: Kept) -> None:
    kept.use(transport="rest", auth="basic")
    kept.take("suppliers")
    place = kept.place
    lines = check.check(
        settings=place.settings(), specs=SPECS, reader=lambda: open_reader(place.sagex3_settings()),
        cleo=lambda: CleoClient(place.cleo_settings()), ledger=place.ledger, watermark=place.variables_store(),
    )  # fmt: skip
    shown = {line.what: line for line in lines}
    assert shown["Sage X3 REST BPSUPPLIER details"].found == "all columns are there"
    assert shown["watermark suppliers"].state == "ok"
    assert not [what for what in shown if "ITMMASTER" in what]
