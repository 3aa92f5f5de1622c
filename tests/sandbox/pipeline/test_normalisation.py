"""What the tables leave open and Sage X3 knows: a product's bar code, where the tables ask for it."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import yaml

from airflow_provider_sagex3_cleo import pipeline
from airflow_provider_sagex3_cleo.ledger import Ledger
from airflow_provider_sagex3_cleo.partners import load_book
from airflow_provider_sagex3_cleo.pipeline import Run
from airflow_provider_sagex3_cleo.pipeline.coverage import coverage
from airflow_provider_sagex3_cleo.sagex3.reader import open_reader
from airflow_provider_sagex3_cleo.sagex3.spec import load_specs
from tests.sandbox.pipeline.conftest import Scene, values

PRODUCTS = "products"


@pytest.fixture
def read_products(scene: Scene) -> Callable[[], None]:
    """One poll of the products, as the partners' DAG makes it; the supplier's orders need a GTIN that no table has."""
    path = scene.agreements / "tables.yaml"
    tables = yaml.safe_load(path.read_text())
    path.write_text(yaml.safe_dump(tables | {"items": {}, "gtin_from": "products"}))
    scene.edit_agreement(scene.supplier, r"^id:", "items: {order: [UP, EN], required: [gtin]}\nid:")
    for code in list(scene.world.products)[60:]:
        scene.world.delete(code)
    scene.baseline()
    runs = iter(range(100))

    def read() -> None:
        scene.advance(30)
        run, place, spec = Run(f"products-{next(runs)}", PRODUCTS), scene.place, load_specs(None)[PRODUCTS]
        reader, ledger = open_reader(place.sagex3_settings()), place.ledger()
        try:
            pipeline.extract(run, reader=reader, ledger=ledger, spec=spec, book=load_book(place.agreements),
                             watermark=place.variables_store(), settings=place.settings())  # fmt: skip
            pipeline.keep(ledger, run, spec=spec, settings=place.settings())
        finally:
            reader.close()
            ledger.close()

    scene.entity, orders = PRODUCTS, scene.entity
    scene.baseline()
    scene.entity = orders
    return read


def test_an_order_held_for_want_of_a_bar_code_goes_when_sage_x3_has_it(
    scene: Scene, read_products: Callable[[], None]
) -> None:
    product = scene.world.products["ITM00012"]
    scene.world.references.change_product(product.code, EANCOD="")
    read_products()
    number = scene.world.new_order(scene.supplier, lines=1, line_values=[{"ITMREF": product.code}])
    assert scene.run().counts["held"] == 1
    assert "gtin" in scene.held()[number].reason
    scene.world.references.change_product(product.code, EANCOD=product.gtin)
    read_products()
    assert scene.run().counts["sent"] == 1
    (sent,) = scene.sets_in_cleo()
    assert values(sent, "PO1")[0][6:8] == ["UP", product.gtin]


def test_a_corrected_bar_code_sends_no_document_by_itself(scene: Scene, read_products: Callable[[], None]) -> None:
    one, other = scene.world.products["ITM00012"], scene.world.products["ITM00013"]
    number = scene.world.new_order(scene.supplier, lines=1, line_values=[{"ITMREF": one.code}])
    assert scene.run().counts["sent"] == 1
    scene.world.references.change_product(other.code, EANCOD="")
    read_products()
    scene.world.references.change_product(one.code, EANCOD=other.gtin)
    read_products()
    scene.world.receive(number, share="0.5")
    outcome = scene.run()
    assert outcome.green
    assert outcome.counts["sent"] == 0
    assert scene.held() == {}


def test_what_is_no_bar_code_is_not_sent_as_one(scene: Scene, read_products: Callable[[], None]) -> None:
    product = scene.world.products["ITM00014"]
    scene.world.references.change_product(product.code, EANCOD=product.gtin[:-1])
    read_products()
    number = scene.world.new_order(scene.supplier, lines=1, line_values=[{"ITMREF": product.code}])
    assert scene.run().counts["held"] == 1
    assert number in scene.held()
    with Ledger.open(scene.place.ledger_url) as ledger:
        assert coverage(ledger, 1, book=load_book(scene.place.agreements), days=90).gaps
