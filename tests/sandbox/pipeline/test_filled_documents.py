"""What Sage X3's own suppliers, customers, addresses, products and units add to documents, where tables.yaml asks."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml

from airflow_provider_sagex3_cleo.cleo.client import CleoClient
from airflow_provider_sagex3_cleo.ledger import Ledger
from airflow_provider_sagex3_cleo.partners import load_book
from airflow_provider_sagex3_cleo.pipeline import Run, check, keep
from airflow_provider_sagex3_cleo.pipeline.normalise import Completed, with_references
from airflow_provider_sagex3_cleo.pipeline.partners import read_references
from airflow_provider_sagex3_cleo.sagex3.reader import open_reader
from airflow_provider_sagex3_cleo.sagex3.spec import load_specs
from airflow_provider_sagex3_cleo.sandbox.run import Sandbox
from tests.sandbox.pipeline.conftest import START, Scene, values
from tests.support.scene import baseline

CUSTOMER = "C0001"
ENTITIES = ("suppliers", "customers", "addresses", "products", "units")
NAMELESS = {"BPRNAM0": "", "BPRNAM1": ""}
PLACELESS = dict.fromkeys(("BPAADDLIG0", "BPAADDLIG1", "BPAADDLIG2", "POSCOD", "CTY", "SAT", "CRY"), "")
NOWHERE = dict.fromkeys(
    ("BPDNAM0", "BPDNAM1", "BPDADDLIG0", "BPDADDLIG1", "BPDADDLIG2", "BPDPOSCOD", "BPDCTY", "BPDSAT", "BPDCRY"), ""
)


class Filled(Scene):
    """A scene whose partners DAG has read what the tables ask for."""

    def ask(self, **keys: str) -> None:
        path = self.agreements / "tables.yaml"
        path.write_text(yaml.safe_dump(yaml.safe_load(path.read_text()) | keys))

    def read(self, *entities: str) -> None:
        """What the partners DAG does first: read and keep."""
        self.advance(90)
        self._runs += 1
        place = replace(self.place, options={**self.place.options, "partner_entities": entities or ENTITIES})
        step, settings, specs = Run(f"partners-{self._runs}", "partners"), place.settings(), load_specs()
        reader, ledger = open_reader(place.sagex3_settings()), place.ledger()
        try:
            read_references(
                step, reader=reader, ledger=ledger, specs=specs, book=load_book(place.agreements),
                watermark=place.variables_store(), settings=settings,
            )  # fmt: skip
            for entity in settings.partner_entities:
                keep(ledger, step, spec=specs[entity], settings=settings)
        finally:
            reader.close()
            ledger.close()

    def parties(self) -> dict[str, list[list[str]]]:
        """The segments of each party of the newest document, by N101."""
        found: dict[str, list[list[str]]] = {}
        rows: list[list[str]] | None = None
        for segment in self.sets_in_cleo()[-1].segments:
            row = list(segment.elements)
            if row[0] == "N1":
                rows = found.setdefault(row[1], [])
            if row[0] not in ("N1", "N2", "N3", "N4"):
                rows = None
            if rows is not None:
                rows.append(row)
        return found


@pytest.fixture
def filled(tmp_path: Path) -> Iterator[Callable[..., Filled]]:
    """Make a scene of one entity, read by one transport."""
    with Sandbox(7, orders=20, supplier_count=30, start=START, frozen=True) as sandbox:
        world = sandbox.world
        for code in [*list(world.products)[30:], *list(world.suppliers)[8:], *list(world.sales.customers)[6:]]:
            world.delete(code)

        def make(entity: str = "purchase_orders", transport: str = "rest", **keys: str) -> Filled:
            scene = Filled(tmp_path, sandbox, entity=entity)
            scene.ask(**keys)
            if transport == "graphql":
                app = sandbox.access()["sagex3"]["connected_app"]
                extra = {**scene.place.sagex3["extra"], "transport": "graphql", "auth": "connected_app", **app}
                scene.place = replace(scene.place, sagex3={**scene.place.sagex3, "extra": extra})
            baseline(scene.place, START, entity=entity)
            scene.advance(300)
            return scene

        yield make


def test_what_documents_wait_for_changes_with_the_references_asked_for_and_with_no_others(
    filled: Callable[..., Filled],
) -> None:
    scene = filled(parties_from="partners")
    scene.read()
    book = load_book(scene.agreements)
    with Ledger.open(scene.place.ledger_url) as ledger:
        before = Completed(book, ledger, 1)
        assert before.hash == before.book.hash != book.hash
        scene.world.references.change_product(next(iter(scene.world.products)), ITMDES1="Another description")
        scene.read()
        assert Completed(book, ledger, 1).hash == before.hash
        scene.world.references.rename(scene.supplier, "Example Renamed Works")
        scene.read()
        assert Completed(book, ledger, 1).hash != before.hash
        scene.ask(parties_from="record")
        plain = load_book(scene.agreements)
        assert with_references(plain, ledger, 1) is plain
        assert Completed(plain, ledger, 1).hash == plain.hash


TRANSPORTS = pytest.mark.parametrize("transport", ["rest", "graphql"])


# --- names and addresses ----------------------------------------------------------------------------------------------
@TRANSPORTS
def test_an_order_without_name_and_address_has_those_of_the_supplier(
    filled: Callable[..., Filled], transport: str
) -> None:
    scene = filled(transport=transport, parties_from="partners")
    scene.read("suppliers", "customers", "addresses")
    maker = scene.world.suppliers[scene.supplier]
    scene.world.new_order(scene.supplier, header={**NAMELESS, **PLACELESS})
    assert scene.run().counts["sent"] == 1
    n1, *_, n3, n4 = scene.parties()["SU"]
    assert n1[2] == maker.names[0]
    assert n3[1] == maker.lines[0]
    assert n4[1:4] == [maker.city, maker.state, maker.postal_code]


@TRANSPORTS
def test_an_invoice_without_names_and_addresses_has_those_of_the_customer(
    filled: Callable[..., Filled], transport: str
) -> None:
    scene = filled("sales_invoices", transport, parties_from="partners")
    scene.read("suppliers", "customers", "addresses")
    buyer = scene.world.sales.customer(CUSTOMER)
    scene.world.sales.new_invoice(CUSTOMER, header={**NAMELESS, **PLACELESS, **NOWHERE})
    assert scene.run().counts["sent"] == 1
    parties = scene.parties()
    assert [rows[0][2] for rows in (parties["BT"], parties["ST"])] == [buyer.names[0]] * 2
    assert [rows[-2][1] for rows in (parties["BT"], parties["ST"])] == [buyer.street, f"Dock of {buyer.street}"]
    assert parties["BT"][-1][1:4] == [buyer.city, buyer.state, buyer.postal_code]


def test_a_shipment_without_a_place_goes_to_the_customers_address_of_that_code(filled: Callable[..., Filled]) -> None:
    scene = filled("deliveries", parties_from="partners")
    scene.read("suppliers", "customers", "addresses")
    buyer = scene.world.sales.customer(CUSTOMER)
    scene.world.deliveries.new_delivery(CUSTOMER, lines=1, header=NOWHERE)
    assert scene.run().counts["sent"] == 1
    n1, *_, n3, n4 = scene.parties()["ST"]
    assert (n1[2], n3[1], n4[1]) == (buyer.names[0], f"Dock of {buyer.street}", buyer.city)


def test_without_the_key_nothing_is_filled(filled: Callable[..., Filled]) -> None:
    scene = filled()
    scene.read("suppliers", "customers", "addresses")
    scene.world.new_order(scene.supplier, header={**NAMELESS, **PLACELESS})
    assert scene.run().counts["sent"] == 1
    (n1,) = scene.parties()["SU"]
    assert n1[2] == ""


def test_an_order_held_for_want_of_a_name_goes_when_sage_x3_has_it(filled: Callable[..., Filled]) -> None:
    scene = filled(parties_from="partners")
    scene.edit_agreement(scene.supplier, r"^party:\n(  .*\n)+", "")
    number = scene.world.new_order(scene.supplier, header={**NAMELESS, **PLACELESS})
    assert scene.run().counts["held"] == 1
    assert number in scene.held()
    scene.read("suppliers", "customers", "addresses")
    assert scene.run().counts["sent"] == 1
    assert scene.parties()["SU"][0][2] == scene.world.suppliers[scene.supplier].names[0]


def test_a_country_of_an_address_that_is_in_no_table_is_named_with_its_address(filled: Callable[..., Filled]) -> None:
    scene = filled(parties_from="partners")
    address = scene.world.suppliers[scene.supplier].address
    scene.world.references.change_address(scene.supplier, address, CRY="UTO")
    scene.read("suppliers", "addresses")
    number = scene.world.new_order(scene.supplier, header=PLACELESS)
    assert scene.run().counts["held"] == 1
    reason = scene.held()[number].reason
    assert f"address {address} of {scene.supplier} CRY" in reason
    assert "UTO" in reason


def test_an_edited_partner_address_or_product_sends_no_document_by_itself(filled: Callable[..., Filled]) -> None:
    scene = filled(parties_from="partners", our_numbers_from="partners", descriptions_from="products")
    scene.read()
    product = next(iter(scene.world.products))
    number = scene.world.new_order(
        scene.supplier, lines=1, header={**NAMELESS, **PLACELESS}, line_values=[{"ITMREF": product, "ITMDES": ""}]
    )
    assert scene.run().counts["sent"] == 1
    references = scene.world.references
    references.rename(scene.supplier, "Example Renamed Works")
    references.change_address(scene.supplier, scene.world.suppliers[scene.supplier].address, CTY="Elsewhere")
    references.change_product(product, ITMDES1="Another description")
    references.change_record("BPSUPPLIER", scene.supplier, BPCNUMBPS="EX-NEW")
    scene.read()
    scene.world.receive(number, share="0.5")  # its stamp moves, so that it is looked at again
    outcome = scene.run()
    assert outcome.green
    assert outcome.counts["sent"] == 0
    assert outcome.counts["unchanged"] == 1
    assert scene.held() == {}


# --- what the partner calls us ----------------------------------------------------------------------------------------
@TRANSPORTS
def test_an_invoice_names_us_by_the_customers_own_number(filled: Callable[..., Filled], transport: str) -> None:
    scene = filled("sales_invoices", transport, our_numbers_from="partners")
    scene.edit_agreement(CUSTOMER, r"^vendor_number: .*$", "shown_ids: {seller: assigned_by_buyer}")
    _without_party(scene)
    scene.world.references.change_record("BPCUSTOMER", CUSTOMER, BPCBPSNUM="V-4711")
    scene.read("suppliers", "customers")
    scene.world.sales.new_invoice(CUSTOMER, lines=1)
    assert scene.run().counts["sent"] == 1
    assert ["REF", "IA", "V-4711"] in [row[:3] for row in values(scene.sets_in_cleo()[0], "REF")]
    assert scene.parties()["SE"][0][3:5] == ["92", "V-4711"]


def test_a_shipment_names_us_by_the_customers_own_number(filled: Callable[..., Filled]) -> None:
    scene = filled("deliveries", our_numbers_from="partners")
    scene.edit_agreement(CUSTOMER, r"^vendor_number: .*\n", "")
    scene.world.references.change_record("BPCUSTOMER", CUSTOMER, BPCBPSNUM="V-4711")
    scene.read("suppliers", "customers")
    scene.world.deliveries.new_delivery(CUSTOMER, lines=1)
    assert scene.run().counts["sent"] == 1
    assert ["REF", "IA", "V-4711"] in [row[:3] for row in values(scene.sets_in_cleo()[0], "REF")]


def test_an_order_names_us_by_our_customer_number_where_the_identity_has_no_id(filled: Callable[..., Filled]) -> None:
    scene = filled(our_numbers_from="partners")
    scene.world.references.change_record("BPSUPPLIER", scene.supplier, BPCNUMBPS="CUST-88")
    scene.read("suppliers", "customers")
    scene.world.new_order(scene.supplier)
    scene.run()
    assert scene.parties()["BY"][0][3:5] == ["92", "EXDIS"], "the id of the identity goes before it"
    _without_party(scene)
    scene.world.new_order(scene.supplier)
    scene.run()
    assert scene.parties()["BY"][0][3:5] == ["91", "CUST-88"]
    scene.edit_agreement(scene.supplier, r"^set: ", "shown_ids: {buyer: none}\nset: ")
    scene.world.new_order(scene.supplier)
    scene.run()
    assert len(scene.parties()["BY"][0]) == 3


def _without_party(scene: Filled) -> None:
    path = scene.agreements / "identities.yaml"
    identities = yaml.safe_load(path.read_text())
    for identity in identities["identities"].values():
        identity.pop("party")
    path.write_text(yaml.safe_dump(identities))


# --- partners that are switched off -----------------------------------------------------------------------------------
def test_an_order_to_an_inactive_supplier_is_held_and_goes_when_it_is_active_again(
    filled: Callable[..., Filled],
) -> None:
    scene = filled(inactive_partner="hold_orders")
    scene.world.references.deactivate(scene.supplier)
    scene.read("suppliers", "customers")
    number = scene.world.new_order(scene.supplier)
    assert scene.run().counts["held"] == 1
    assert f"supplier {scene.supplier} is not active in Sage X3" in scene.held()[number].reason
    assert "activate the partner" in (scene.held()[number].remedy or "")
    scene.world.references.deactivate(scene.supplier, active=True)
    scene.read("suppliers", "customers")
    assert scene.run().counts["sent"] == 1


@pytest.mark.parametrize(("word", "outcome"), [("send", "sent"), ("hold_orders", "sent"), ("hold", "held")])
def test_an_invoice_to_an_inactive_customer_is_held_only_where_the_tables_say_so(
    filled: Callable[..., Filled], word: str, outcome: str
) -> None:
    scene = filled("sales_invoices", inactive_partner=word)
    scene.world.references.deactivate(CUSTOMER)
    scene.read("suppliers", "customers")
    scene.world.sales.new_invoice(CUSTOMER, lines=1)
    assert scene.run().counts[outcome] == 1


# --- products and units -----------------------------------------------------------------------------------------------
@TRANSPORTS
def test_a_line_without_description_has_that_of_its_product(filled: Callable[..., Filled], transport: str) -> None:
    scene = filled(transport=transport, descriptions_from="products")
    scene.read("suppliers", "customers", "products")
    one, other = list(scene.world.products)[:2]
    scene.world.new_order(
        scene.supplier, lines=2, line_values=[{"ITMREF": one, "ITMDES": ""}, {"ITMREF": other, "ITMDES": "On the line"}]
    )
    assert scene.run().counts["sent"] == 1
    told = [row[5] for row in values(scene.sets_in_cleo()[0], "PID")]
    assert told == [scene.world.products[one].description, "On the line"]


@TRANSPORTS
def test_a_quantity_with_more_decimals_than_its_unit_is_held_until_sage_x3_allows_them(
    filled: Callable[..., Filled], transport: str
) -> None:
    scene = filled(transport=transport, unit_decimals="hold")
    scene.read("suppliers", "customers", "units")
    half = {"UOM": "BOX", "PUU": "BOX", "UOMPUUCOE": 1, "QTYUOM": "2.5", "QTYPUU": "2.5", "NETPRI": "4", "LINAMT": "10"}
    number = scene.world.new_order(scene.supplier, lines=1, line_values=[half])
    whole = scene.world.new_order(scene.supplier, lines=1, line_values=[{**half, "UOM": "KG", "PUU": "KG"}])
    outcome = scene.run()
    assert (outcome.counts["held"], outcome.counts["sent"]) == (1, 1)
    assert scene.orders_in_cleo() == [whole], "a unit with decimals may have them"
    assert "2.5 BOX has more decimals than the unit allows" in scene.held()[number].reason
    scene.world.references.change_record("TABUNIT", "BOX", UOMDEC=1)
    scene.read("suppliers", "customers", "units")
    assert scene.run().counts["sent"] == 1


def test_a_shipped_quantity_that_makes_a_part_of_the_ordered_unit_is_held(filled: Callable[..., Filled]) -> None:
    scene = filled("deliveries", unit_decimals="hold")
    scene.read("suppliers", "customers", "units")
    deliveries = scene.world.deliveries
    number = deliveries.new_delivery(CUSTOMER, lines=1)
    line = deliveries.describe_delivery(number)["lines"][0]
    price = scene.world.sales.orders[line["SOHNUM"]].prices[0]
    price["SAU"], price["SAUSTUCOE"], price["STU"] = "DZ", 12, line["STU"]
    deliveries.edit_delivery_line(number, SAU="BOX", SAUSTUCOE="6", QTY="3", QTYSTU="18")
    assert scene.run().counts["held"] == 1
    assert "1.5 DZ has more decimals than the unit allows" in scene.held()[number].reason


def test_nothing_is_asked_of_units_that_were_never_read(filled: Callable[..., Filled]) -> None:
    scene = filled(unit_decimals="hold")
    half: dict[str, Any] = {"UOM": "BOX", "PUU": "BOX", "UOMPUUCOE": 1, "QTYUOM": "2.5", "QTYPUU": "2.5"}
    scene.world.new_order(scene.supplier, lines=1, line_values=[{**half, "NETPRI": "4", "LINAMT": "10"}])
    assert scene.run().counts["sent"] == 1


def test_check_warns_of_what_the_tables_ask_for_and_nobody_read(filled: Callable[..., Filled]) -> None:
    scene = filled(unit_decimals="hold", our_numbers_from="partners")

    def warned() -> list[tuple[str, str]]:
        place = scene.place
        lines = check.check(
            settings=place.settings(), specs=load_specs(), reader=lambda: open_reader(place.sagex3_settings()),
            cleo=lambda: CleoClient(place.cleo_settings()), ledger=place.ledger, watermark=place.variables_store(),
        )  # fmt: skip
        return [(line.found, line.remedy) for line in lines if line.what == "tables.yaml"]

    scene.read("suppliers", "customers")
    assert warned() == [
        (
            "asks for units of Sage X3, which were never read",
            "add units to partner_entities, or run `sagex3-cleo baseline --entity units`",
        )
    ]
    scene.read("units")
    assert warned() == []
