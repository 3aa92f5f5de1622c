"""Coverage: the codes that records of an agreement used lately and that have no entry in its tables."""

from __future__ import annotations

import csv
import io
import re
from typing import Any

from airflow_provider_sagex3_cleo.ledger import Ledger
from airflow_provider_sagex3_cleo.partners import load_book
from airflow_provider_sagex3_cleo.pipeline.coverage import COVERAGE_COLUMNS, Covered, coverage, coverage_rows
from airflow_provider_sagex3_cleo.pipeline.csv_out import csv_bytes
from tests.sandbox.pipeline.conftest import Scene
from tests.support.scene import baseline

PALLET: dict[str, Any] = {"UOM": "PAL", "PUU": "PAL", "UOMPUUCOE": 1}


def looked(scene: Scene, days: float = 90) -> Covered:
    with Ledger.open(scene.place.ledger_url) as ledger:
        return coverage(ledger, 1, book=load_book(scene.agreements), days=days)


def gaps(scene: Scene, agreement: str) -> dict[str, tuple[tuple[tuple[str, int], ...], int, bool]]:
    return {g.table: (g.codes, g.records, g.held) for g in looked(scene).gaps if g.agreement == agreement}


def test_a_unit_without_entry_is_one_line_with_its_count_and_an_example(scene: Scene) -> None:
    scene.baseline()
    before = looked(scene)
    numbers = [scene.world.new_order(scene.supplier, lines=2, line_values=[PALLET]) for _ in range(3)]
    scene.run()
    agreement = f"{scene.supplier.lower()}-850"
    (gap,) = [g for g in looked(scene).gaps if (g.agreement, g.table) == (agreement, "units")]
    assert (gap.codes, gap.records, gap.held) == ((("PAL", 3),), 3, True)
    assert gap.example in numbers
    assert looked(scene).records == before.records + 3
    assert set(scene.held()) >= set(numbers), "what has a gap that holds is held"


def test_an_entry_closes_the_gap(scene: Scene) -> None:
    scene.baseline()
    scene.world.new_order(scene.supplier, lines=2, line_values=[PALLET])
    scene.run()
    scene.edit_agreement(scene.supplier, r"^set: ", "units: {PAL: PL}\nset: ")
    assert "units" not in gaps(scene, f"{scene.supplier.lower()}-850")


def test_only_what_changed_in_the_days_asked_for_is_looked_at(scene: Scene) -> None:
    scene.baseline()
    scene.world.new_order(scene.supplier, lines=2, line_values=[PALLET])
    scene.run()
    scene.advance(10 * 86_400)
    scene.run()
    assert looked(scene, days=5).records == 0
    assert looked(scene, days=20).records >= 1


def test_elements_taxes_and_addresses_of_invoices_are_looked_at(invoices: Scene) -> None:
    invoices.baseline()
    customer = invoices.world.sales.enrolled()[0].code
    invoices.world.sales.new_invoice(customer, charges={"9": "3.00"})
    invoices.world.sales.new_invoice(customer, tax="ODD")
    invoices.run()
    agreement = f"{customer.lower()}-810"
    found = gaps(invoices, agreement)
    assert found["charges"] == ((("9", 1),), 1, True)
    assert found["taxes"] == ((("ODD", 1),), 1, True)
    assert "addresses" not in found
    for path in (invoices.agreements / "partners").glob(f"{customer.lower()}*.yaml"):
        path.write_text(re.sub(r"^addresses:\n(  .*\n)+", "", path.read_text(), flags=re.M))
    codes, records, held = gaps(invoices, agreement)["addresses"]
    assert (len(codes), records >= 2, held) == (1, True, False), "without an address' entry it goes, without its id"


def test_items_count_where_the_agreement_asks_for_a_number_that_nobody_has(scene: Scene) -> None:
    scene.baseline()
    scene.world.new_order(scene.supplier, lines=1, line_values=[{"ITMREFBPS": ""}])
    scene.run()
    agreement = f"{scene.supplier.lower()}-850"
    assert "items" not in gaps(scene, agreement)
    scene.edit_agreement(scene.supplier, r"^set: ", "items: {order: [VP], required: [vendor]}\nset: ")
    (code, _), *_ = gaps(scene, agreement)["items"][0]
    scene.edit_agreement(scene.supplier, r"^set: ", f"item_numbers: {{{code}: {{id: V-1}}}}\nset: ")
    assert "items" not in gaps(scene, agreement)


def test_units_of_sage_x3_that_stand_in_no_table_are_named_used_or_not(scene: Scene) -> None:
    scene.baseline()
    assert looked(scene).units == ()
    baseline(scene.place, entity="units")
    found = looked(scene)
    assert found.units == ("BAG", "PAL")
    assert list(coverage_rows(found))[-2:] == [["", "units", unit, "", "", "in no table"] for unit in ("BAG", "PAL")]
    scene.edit_agreement(scene.supplier, r"^set: ", "units: {PAL: PL}\nset: ")
    assert looked(scene).units == ("BAG",)


def test_the_csv_has_one_row_per_code(scene: Scene) -> None:
    scene.baseline()
    scene.world.new_order(scene.supplier, lines=2, line_values=[PALLET])
    scene.run()
    text = csv_bytes(COVERAGE_COLUMNS, coverage_rows(looked(scene))).decode()
    rows = list(csv.DictReader(io.StringIO(text, newline="")))
    assert rows
    assert all(tuple(row) == COVERAGE_COLUMNS and all(row.values()) for row in rows)
