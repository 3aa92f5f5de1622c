"""`sagex3-cleo` as a person types it, against an Airflow home whose connections stand in the metadata database."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from airflow_provider_sagex3_cleo.sandbox.agreements import write_agreements
from airflow_provider_sagex3_cleo.sandbox.run import Sandbox
from demo.airflow_env import AirflowFailed
from tests.airflow.conftest import START, VARIABLE, Site
from tests.support.scene import Place, baseline, run


class Shell(Site):
    """The site's shell; no Airflow process runs."""

    def __init__(self, home: Path, sandbox: Sandbox) -> None:
        super().__init__(home, sandbox, write_agreements(home / "agreements", sandbox.world, customers=0))
        self.airflow.migrate()
        self.define_connections()
        access = sandbox.access()
        ledger = f"sqlite:///{self.airflow.home / 'sagex3_cleo_ledger.db'}"
        variables = str(home / "variables.json")
        self.place = Place(access["sagex3"], access["cleo"], ledger, str(self.agreements), variables, {})
        self.home = home


@pytest.fixture(scope="module")
def shell(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shell]:
    with Sandbox(7, orders=30, supplier_count=40, start=START, frozen=True) as sandbox:
        made = Shell(tmp_path_factory.mktemp("shell"), sandbox)
        yield made


@pytest.fixture(scope="module")
def sent(shell: Shell) -> str:
    """The number of an order that was sent."""
    baseline(shell.place)
    shell.sandbox.clock.advance(300)
    number = shell.world.new_order(shell.world.enrolled()[0].code, lines=2)
    shell.sandbox.clock.advance(30)
    assert run(shell.place, "first").problems == []
    return number


def test_check_shows_one_line_each_and_names_the_remedy_where_it_is_red(shell: Shell, sent: str) -> None:
    shown = shell.command("check", check=False)
    assert "Sage X3 REST PORDER list: readable" in shown
    assert "login edi-sender accepted" in shown
    assert "RED     watermark purchase_orders" in shown  # the Variable is not in this Airflow yet
    assert "watermark rebuild" in shown
    assert shown.count("Cleo folder") == 12 + 1  # one for each supplier, and the one for answers
    assert "watermark stands" not in shown


def test_the_watermark_is_rebuilt_from_the_ledger_shown_and_set_back_but_never_ahead(shell: Shell, sent: str) -> None:
    shell.command("watermark", "rebuild")
    mark = json.loads(shell.variable())
    assert mark["source"].endswith("/PILOT")
    assert VARIABLE in shell.command("watermark", "show")
    assert "ok      watermark purchase_orders" in shell.command("check")
    back = START.strftime("%Y-%m-%dT%H:%M:%S")
    shell.command("watermark", "set", back)
    assert json.loads(shell.variable())["cursor"].startswith(back)
    refused = shell.command("watermark", "set", "2031-01-01", check=False)
    assert "would skip changes that were never read" in refused


def test_a_second_baseline_is_refused_in_one_sentence(shell: Shell, sent: str) -> None:
    refused = shell.command("baseline", check=False)
    assert "there is a watermark already" in refused
    assert "Traceback" not in refused


def test_trace_tells_the_story_by_order_file_name_and_control_number(shell: Shell, sent: str) -> None:
    (file,) = shell.sandbox.cleo.store.journal()
    for term in (sent, file.name, "000000001"):
        told = shell.command("trace", term)
        assert sent in told
        assert "sent (handed to Cleo)" in told
        assert file.name in told
        assert "attempt 1" in told
    (story,) = json.loads(shell.command("trace", sent, "--json"))
    assert story["key"] == sent
    assert "nothing of this name" in shell.command("trace", "no-such-order", check=False)


def test_preview_shows_the_850_in_words_and_sends_nothing(shell: Shell, sent: str) -> None:
    number = shell.world.new_order(shell.world.enrolled()[1].code, lines=2)
    shown = shell.command("preview", number)
    assert f"{number}: mapped" in shown
    assert f"purchase order number {number}" in shown
    assert len(shell.sandbox.cleo.store.journal()) == 1
    assert "no purchase_orders of this key" in shell.command("preview", "NOPE-1", check=False)


def test_plan_shows_counts_and_reasons_of_a_window_and_writes_nothing(shell: Shell, sent: str) -> None:
    number = shell.world.new_order(shell.world.enrolled()[2].code, lines=2)
    shell.sandbox.clock.advance(60)
    now = shell.sandbox.clock.now()
    window = [f"{moment:%Y-%m-%dT%H:%M:%S}" for moment in (now - timedelta(minutes=2), now)]
    before = Path(shell.place.ledger_url.removeprefix("sqlite:///")).read_bytes()
    shown = shell.command("plan", "--from", window[0], "--to", window[1])
    assert Path(shell.place.ledger_url.removeprefix("sqlite:///")).read_bytes() == before
    assert "Nothing was written or sent" in shown
    assert f"{number} (" in shown
    assert "850 written under agreement" in shown
    assert len(shell.sandbox.cleo.store.journal()) == 1
    assert "belong together" in shell.command("plan", "--from", window[0], check=False)


@pytest.fixture
def schema(shell: Shell) -> list[str]:
    """The option that names a connection to the same Sage X3 by GraphQL."""
    access = shell.sandbox.access()["sagex3"]
    app = {"transport": "graphql", "auth": "connected_app", **access["connected_app"]}
    parts = {name: access[name] for name in ("host", "port", "schema", "login", "password")}
    connection = json.dumps({"conn_type": "sagex3", **parts, "extra": access["extra"] | app})
    shell.airflow.env["AIRFLOW_CONN_SAGEX3_SCHEMA"] = connection
    return ["--sagex3-conn-id", "sagex3_schema"]


def test_describe_writes_an_entity_file_from_the_schema_and_never_over_another(shell: Shell, schema: list[str]) -> None:
    shell.sandbox.x3.graphql.configure(root="xtremX3Purchasing")
    file = shell.home / "entities.yaml"
    shown = shell.command(*schema, "describe", "--write", str(file))
    assert "root: xtremX3Purchasing instead of x3Purchasing" in shown
    assert "graphql: orderFromSupplier.code" in file.read_text()
    refused = shell.command(*schema, "describe", "--write", str(file), check=False)
    shell.sandbox.x3.graphql.configure(root="x3Purchasing")
    assert "exists" in refused


def test_deliveries_are_refused_by_graphql_until_the_file_that_describe_wrote_is_in_the_settings(
    shell: Shell, schema: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    number = shell.world.deliveries.new_delivery("C0001")
    preview = [*schema, "preview", "--entity", "deliveries", number]
    refused = shell.command(*preview, check=False)
    assert "CFMFLG.graphql" in refused
    assert "Traceback" not in refused
    assert "sagex3-cleo describe --entity deliveries --by graphql --write FILE" in " ".join(refused.split())
    file = shell.home / "deliveries.yaml"
    shown = shell.command(*schema, "describe", "--entity", "deliveries", "--by", "graphql", "--write", str(file))
    assert "CFMFLG: isDeliveryValidated, not specified" in shown
    assert "0 were not found" in shown
    monkeypatch.setitem(shell.airflow.env, "AIRFLOW__SAGEX3_CLEO__ENTITIES_FILE", str(file))
    assert f"{number}: not_for_edi" in shell.command(*preview)  # it is read; there are no agreements for customers here


def test_describe_by_rest_lists_what_one_record_shows(shell: Shell) -> None:
    shown = shell.command("describe", "--entity", "sales_invoices")
    assert "SINVOICED (SINVOICED) list: NUM text, SIDLIN int" in shown
    assert "0 were not found" in shown
    assert "# From one row and one record of each class by REST" in shown


def test_audit_verify_proves_the_ledger(shell: Shell, sent: str) -> None:
    assert "all proven" in shell.command("audit", "verify")


def test_ledger_status_and_upgrade_say_where_it_is(shell: Shell, sent: str) -> None:
    assert "is up to date" in shell.command("ledger", "status")
    assert "is up to date" in shell.command("ledger", "upgrade")


def test_partners_check_names_file_and_line(shell: Shell) -> None:
    assert "0 faults" in shell.command("partners", "check")
    broken = shell.home / "agreements" / "partners" / "zz.yaml"
    broken.write_text("id: zz\npartner: Z1\nset: '850'\nfoldr: x\n")
    told = shell.command("partners", "check", check=False)
    broken.unlink()
    assert "zz.yaml:4" in told
    assert "folder" in told


def test_x12_show_and_check_read_a_file(shell: Shell, sent: str) -> None:
    (row,) = shell.sandbox.cleo.store.journal()
    good, bad = shell.home / "good.edi", shell.home / "bad.edi"
    good.write_bytes(row.data)
    bad.write_bytes(row.data.replace(b"BEG*00*SA", b"BEG*00*"))
    assert f"purchase order number {sent}" in shell.command("x12", "show", str(good))
    assert "0 findings" in shell.command("x12", "check", str(good))
    listed = json.loads(shell.command("x12", "check", "--json", str(bad), check=False))
    assert listed[0]["file"] == str(bad)
    assert listed[0]["findings"]


def test_x12_check_judges_a_file_by_a_pack_of_its_id_or_by_those_of_a_partner(shell: Shell, sent: str) -> None:
    (row,) = shell.sandbox.cleo.store.journal()
    file = shell.home / "pesos.edi"
    file.write_bytes(row.data.replace(b"CUR*BY*USD", b"CUR*BY*MXN"))
    sentence = "error pack-currency: We sell in US and Canadian dollars (CUR, currency; "
    assert sentence in shell.command("x12", "check", str(file), "--pack", "example-distributor-850", check=False)
    fourth = shell.world.enrolled()[3].code
    assert sentence in shell.command("x12", "check", str(file), "--partner", fourth, check=False)
    assert "0 findings" in shell.command("x12", "check", str(file))
    first = shell.world.enrolled()[0].code
    assert "pack" not in shell.command("x12", "check", str(file), "--partner", first)


def test_a_wrong_password_is_one_red_line(shell: Shell) -> None:
    access = shell.sandbox.access()["cleo"]
    wrong = json.dumps({"conn_type": "cleo", **access, "password": "not-it"})
    shell.airflow.env["AIRFLOW_CONN_CLEO_WRONG"] = wrong
    shown = shell.command("--cleo-conn-id", "cleo_wrong", "check", check=False)
    assert "RED     Cleo" in shown
    assert "not-it" not in shown


def test_suppliers_are_kept_by_a_baseline_and_traced_by_their_code(shell: Shell) -> None:
    assert "Baseline of suppliers: 40 records landed (40 mapped)." in shell.command("baseline", "--entity", "suppliers")
    told = shell.command("trace", "S0002")
    assert told.startswith("suppliers S0002")
    assert "mapped (kept as reference)" in told


def test_partners_align_shows_what_does_not_fit_and_its_exit_code_is_an_alarm(shell: Shell, sent: str) -> None:
    shown = shell.command("partners", "align")
    assert "warning orphaned: connection Former Partner of Cleo belongs to no agreement" in shown
    assert "suppliers are" in shown
    gone, report = shell.world.enrolled()[-1].code, shell.home / "findings.csv"
    shell.world.references.delete(gone)
    with pytest.raises(AirflowFailed, match="ended with 1:") as red:
        shell.command("partners", "align", "--csv", str(report))
    assert "1 alarms" in str(red.value)
    assert f"alarm,missing,{gone.lower()}-850,{gone},suppliers {gone}," in report.read_text()


def test_partners_coverage_lists_gaps_per_agreement_and_table(shell: Shell, sent: str) -> None:
    supplier = shell.world.enrolled()[0].code
    pallet = {"UOM": "PAL", "PUU": "PAL", "UOMPUUCOE": 1}
    number = shell.world.new_order(supplier, lines=1, line_values=[pallet])
    shell.sandbox.clock.advance(30)
    run(shell.place, "second")
    baseline(shell.place, entity="units")
    report = shell.home / "coverage.csv"
    shown = shell.command("partners", "coverage", "--csv", str(report))
    line = f"{supplier.lower()}-850 units: 1 code in 1 record (held without it), e.g. {number}: PAL (1)"
    assert line in shown
    assert "2 units of Sage X3 without X12 code: BAG, PAL" in shown
    assert f"{supplier.lower()}-850,units,PAL,1,{number},held" in report.read_text()


def test_partners_apply_shows_a_plan_and_makes_exactly_that_one(shell: Shell, sent: str) -> None:
    shell.sandbox.cleo.directory.add_connection("ACME", enabled=False)
    file = shell.home / "agreements" / "partners" / f"{shell.world.enrolled()[0].code.lower()}.yaml"
    file.write_text(f"{file.read_text()}cleo_connection: ACME\n")
    shown = shell.command("partners", "apply")
    assert "connection ACME: enabled: False -> True; agreement" in shown
    plan = shown.rsplit("--yes ", 1)[1].strip()
    with pytest.raises(AirflowFailed, match="can_change"):
        shell.command("partners", "apply", "--yes", plan)
    assert shell.sandbox.cleo.directory.connections[-1]["enabled"] is False
