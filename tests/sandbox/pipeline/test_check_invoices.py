"""`check` looks at what the agreements use, and at what that names."""

from __future__ import annotations

from pathlib import Path

from airflow_provider_sagex3_cleo.cleo.client import CleoClient
from airflow_provider_sagex3_cleo.pipeline.check import Line, check
from airflow_provider_sagex3_cleo.sagex3.reader import open_reader
from airflow_provider_sagex3_cleo.sagex3.spec import load_specs
from airflow_provider_sagex3_cleo.sandbox.agreements import write_agreements
from tests.sandbox.pipeline.conftest import Scene
from tests.support.scene import GATES_ALONE


def lines_of_check(scene: Scene) -> list[Line]:
    return list(
        check(
            settings=scene.place.settings(), specs=load_specs(scene.place.entities),
            reader=lambda: open_reader(scene.place.sagex3_settings()),
            cleo=lambda: CleoClient(scene.place.cleo_settings()), ledger=scene.place.ledger, watermark=scene.variables,
        )
    )  # fmt: skip


def test_invoices_are_looked_at_with_the_sales_orders_they_name(invoices: Scene) -> None:
    invoices.baseline()
    found = {line.what: line.state for line in lines_of_check(invoices)}
    assert found["Sage X3 REST SINVOICEV details"] == "ok"
    assert found["Sage X3 REST SORDER details"] == "ok"
    assert found["watermark sales_invoices"] == "ok"
    assert found["Cleo folder c0001-810"] == "ok"
    assert "watermark sales_orders" not in found


def test_deliveries_are_looked_at_with_packs_bills_and_sales_orders(shipments: Scene) -> None:
    shipments.baseline()
    found = {line.what: line.state for line in lines_of_check(shipments)}
    for name in ("SDELIVERY details", "SPACK list (packs)", "BILLLADH list (bills_of_lading)", "SORDER details"):
        assert found[f"Sage X3 REST {name}"] == "ok"
    assert found["watermark deliveries"] == "ok"
    assert found["Cleo folder c0001-856"] == "ok"


def test_what_no_agreement_uses_is_not_asked_for(invoices: Scene) -> None:
    for path in (invoices.agreements / "partners").glob("c*.yaml"):
        path.unlink()
    write_agreements(invoices.agreements, invoices.world, customers=0)
    assert not [line for line in lines_of_check(invoices) if "SINVOICE" in line.what or "sales_invoices" in line.what]


def test_by_graphql_invoices_are_looked_at_with_both_their_headers(invoices: Scene) -> None:
    invoices.by_graphql()
    found = {line.what: line.state for line in lines_of_check(invoices)}
    assert found["Sage X3 GraphQL x3Sales.salesInvoice details"] == "ok"
    assert found["Sage X3 GraphQL x3InvoicingData.customerInvoiceHeader list"] == "ok"
    assert found["Sage X3 GraphQL x3Sales.salesOrder details"] == "ok"
    assert found["Sage X3 GraphQL x3Purchasing.purchaseOrder details"] == "ok"


def test_by_graphql_deliveries_are_refused_without_the_sites_file_and_looked_at_with_it(
    shipments: Scene, tmp_path: Path
) -> None:
    shipments.by_graphql()
    refused = {line.what: line for line in lines_of_check(shipments)}["Sage X3 deliveries"]
    assert refused.state == "red"
    assert "CFMFLG.graphql" in refused.found
    (tmp_path / "entities.yaml").write_text(GATES_ALONE)
    shipments.by_graphql(tmp_path / "entities.yaml")
    found = {line.what: (line.state, line.found) for line in lines_of_check(shipments)}
    assert found["Sage X3 GraphQL x3Sales.salesDelivery details"] == ("ok", "all columns are there")
    state, without = found["Sage X3 GraphQL x3Sales.salesDelivery details, without"]
    assert state == "ok"
    assert without.startswith("PACFLG, ")
    assert without.endswith("packs, pack_items, bills_of_lading")


def test_connections_and_users_are_counted_and_a_tenant_without_them_is_a_note(invoices: Scene) -> None:
    found = {line.what: (line.state, line.found) for line in lines_of_check(invoices)}
    assert found["Cleo connections"] == ("ok", "readable, 13")
    assert found["Cleo users"] == ("ok", "readable, 7")
    invoices.sandbox.cleo.server.fault("status", "/api/(connections|authenticators)", status=404, times=None)
    without = {line.what: (line.state, line.found) for line in lines_of_check(invoices)}
    for what in ("Cleo connections", "Cleo users"):
        assert without[what][0] == "ok"
        assert "left out of the alignment" in without[what][1]
