"""Three hundred partners, sixty of them with agreements of every kind, through every DAG that the scheduler runs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import pytest

from airflow_provider_sagex3_cleo.sandbox.partner import Partner, Sent, accept
from airflow_provider_sagex3_cleo.sandbox.run import Sandbox
from tests.airflow.conftest import ANSWERS, POLL, START, Site, running
from tests.support import wide

INVOICES, SHIPMENTS = "sagex3_sales_invoices_to_cleo", "sagex3_shipments_to_cleo"
ENTITIES = {POLL: "purchase_orders", INVOICES: "sales_invoices", SHIPMENTS: "deliveries"}


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    home = tmp_path_factory.mktemp("wide")
    with Sandbox(7, orders=60, supplier_count=wide.SUPPLIERS, start=START, frozen=True) as sandbox:
        agreements = wide.write_wide_agreements(home / "agreements", sandbox.world)
        wide.opened(agreements, sandbox)
        made = Site(home, sandbox, agreements)
        with running(made):
            yield made


def test_every_file_is_read_without_a_fault_by_four_parsers_and_holds_what_sage_x3_holds(site: Site) -> None:
    for entity in ENTITIES.values():
        site.command("baseline", "--entity", entity)
    site.sandbox.clock.advance(300)
    expected = wide.enter_documents(site.world, wide.told_by_load(site.agreements))
    site.sandbox.clock.advance(30)
    for dag in ENTITIES:
        site.airflow.cli("dags", "unpause", dag)
        run = site.wait_for_run(dag)
        assert run.state == "success", site.airflow.task_log(dag, run.run_id, "report")
    files = {f"{row.folder}/{row.name}": row.data for row in site.sandbox.cleo.store.journal()}
    assert wide.check_every_file(files, site.world) == Counter(expected)
    assert {name.partition("/")[0] for name in files} == wide.folders_of(site.agreements)


def test_each_partner_s_answer_finds_its_document(site: Site) -> None:
    partner = Partner(site.sandbox.cleo.store)
    rows = partner.arrived()
    for row in rows:
        partner.put(accept()(Sent(row.data)))
    site.airflow.cli("dags", "unpause", ANSWERS)
    run = site.wait_for_run(ANSWERS)
    assert run.state == "success", site.airflow.task_log(ANSWERS, run.run_id, "report")
    states = site.document_states()
    assert set(states) == {"accepted", "sent_elsewhere"}
    assert states["accepted"] == sum(len(list(wide.numbers(row.data))) for row in rows)


def test_a_second_run_of_every_dag_sends_nothing(site: Site) -> None:
    before = len(site.sandbox.cleo.store.journal())
    for dag in ENTITIES:
        assert site.run_now(dag).state == "success"
    assert len(site.sandbox.cleo.store.journal()) == before
