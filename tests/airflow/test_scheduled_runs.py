"""What an operator of Airflow sees: the scheduler runs the DAGs, and their colours tell the truth."""

from __future__ import annotations

import json

from airflow_provider_sagex3_cleo.sandbox.partner import Partner, Place, Sent, accept, reject
from demo.airflow_env import RunRow
from tests.airflow.conftest import ANSWERS, DAILY, PARTNERS, POLL, START, Site

STEPS = {"extract", "parts", "transform", "lanes", "deliver", "report"}


def test_a_first_scheduled_run_without_baseline_is_red_sends_nothing_and_names_the_command(site: Site) -> None:
    site.airflow.cli("dags", "unpause", POLL)
    run = site.wait_for_run(POLL)
    assert (run.run_type, run.state) == ("scheduled", "failed")
    states = site.states(run)
    assert set(states) == STEPS
    assert states["extract"] == states["report"] == "failed"
    assert {states[name] for name in STEPS - {"extract", "report"}} == {"success"}
    assert "sagex3-cleo baseline" in site.airflow.task_log(POLL, run.run_id, "extract")
    assert site.orders_in_cleo() == []


def test_after_the_baseline_new_orders_arrive_once_by_a_green_run(site: Site) -> None:
    site.command("baseline")
    before = site.variable()
    site.sandbox.clock.advance(300)
    new = site.world.new_orders(8, lines=4)
    run = site.run_now()
    assert run.state == "success", site.airflow.task_log(POLL, run.run_id, "report")
    assert set(site.states(run).values()) == {"success"}
    assert sorted(site.orders_in_cleo()) == sorted(new)
    assert json.loads(site.variable())["cursor"] > json.loads(before)["cursor"]
    again = site.run_now()
    assert again.state == "success"
    assert len(site.orders_in_cleo()) == 8


def test_what_partners_answer_is_read_by_its_own_dag(site: Site) -> None:
    orders = site.orders_in_cleo()
    partner = Partner(site.sandbox.cleo.store)
    rows = partner.arrived()
    for n, row in enumerate(rows):
        partner.put((reject([Place("PO1", 3, "7")]) if n == 0 else accept())(Sent(row.data)))
    site.airflow.cli("dags", "unpause", ANSWERS)
    run = site.wait_for_run(ANSWERS)
    assert run.state == "success", site.airflow.task_log(ANSWERS, run.run_id, "acknowledge")
    assert site.states(run) == {"acknowledge": "success", "report": "success"}
    assert "of line 1000: code not in the list" in site.airflow.task_log(ANSWERS, run.run_id, "report")
    told = [site.command("trace", number) for number in orders[:2]]
    assert "rejected (997 R" in told[0]
    assert "accepted (997 A" in told[1]
    site.airflow.cli("dags", "pause", ANSWERS)


def test_xcom_holds_lineage_only_and_little_of_it(site: Site) -> None:
    rows = site.airflow.query("select key, length(value), value from xcom")
    assert {row[0] for row in rows} >= {"return_value", "lineage"}
    assert max(row[1] for row in rows) < 4_000
    assert not any("ISA*" in str(row[2]) or "POHNUM" in str(row[2]) for row in rows)


def test_a_refused_folder_ends_red_and_the_next_run_delivers_exactly_what_was_left(site: Site) -> None:
    supplier = site.world.enrolled()[0].code
    count = len(site.orders_in_cleo())
    number = site.world.new_order(supplier, lines=2)
    site.sandbox.cleo_admin.folder(f"{supplier.lower()}-850", writable=False)
    red = site.run_now()
    assert red.state == "failed"
    assert site.states(red) == dict.fromkeys(STEPS, "success") | {"deliver": "failed", "report": "failed"}
    assert len(site.orders_in_cleo()) == count
    site.sandbox.cleo_admin.folder(f"{supplier.lower()}-850", writable=True)
    assert site.run_now().state == "success"
    assert site.orders_in_cleo()[count:] == [number]


def test_where_reading_fails_what_is_due_still_leaves_and_the_run_is_red(site: Site) -> None:
    supplier = site.world.enrolled()[1].code
    count = len(site.orders_in_cleo())
    number = site.world.new_order(supplier, lines=2)
    site.sandbox.cleo_admin.folder(f"{supplier.lower()}-850", writable=False)
    assert site.run_now().state == "failed"
    site.sandbox.cleo_admin.folder(f"{supplier.lower()}-850", writable=True)
    site.sandbox.admin.fault("status", status=403, times=None)
    red = site.run_now()
    site.sandbox.admin.clear_faults()
    assert red.state == "failed"
    assert site.states(red) == dict.fromkeys(STEPS, "success") | {"extract": "failed", "report": "failed"}
    assert site.orders_in_cleo()[count:] == [number]


def test_a_backfill_of_days_sends_what_is_missing_and_leaves_the_watermark_alone(site: Site) -> None:
    site.airflow.cli("dags", "pause", POLL)
    count, before = len(site.orders_in_cleo()), site.variable()
    new = site.world.new_orders(3, lines=2)
    site.sandbox.clock.advance(3 * 86_400)
    day = START.date().isoformat()
    site.airflow.cli("dags", "unpause", DAILY)
    if site.airflow.is_3:
        site.airflow.cli("backfill", "create", "--dag-id", DAILY, "--from-date", day, "--to-date", day)
    else:
        site.airflow.cli("dags", "backfill", "-s", day, "-e", day, DAILY, timeout_s=180)

    def ended() -> list[RunRow]:
        going = site.airflow.runs(DAILY, "queued", "running")
        return [] if going else [run for run in site.airflow.runs(DAILY) if run.run_type == "backfill"]

    (run,) = site.airflow.wait_for(ended, "the backfill to end", 120)
    assert run.state == "success", site.airflow.task_log(DAILY, run.run_id, "extract")
    assert sorted(site.orders_in_cleo()[count:]) == sorted(new)
    assert site.variable() == before


def test_partners_are_compared_and_a_supplier_that_is_gone_turns_the_run_red(site: Site) -> None:
    site.airflow.cli("dags", "unpause", PARTNERS)
    run = site.wait_for_run(PARTNERS)
    steps = ["extract", "keep", "align", "reference_files", "report"]
    assert site.states(run) == dict.fromkeys(steps, "success"), site.airflow.task_log(PARTNERS, run.run_id, "align")
    told = site.airflow.task_log(PARTNERS, run.run_id, "report")
    assert "connection Former Partner of Cleo belongs to no agreement" in told
    gone = site.world.enrolled()[-1].code
    site.world.references.delete(gone)
    red = site.run_now(PARTNERS)
    assert red.state == "failed"
    assert site.states(red) == dict.fromkeys(steps, "success") | {"report": "failed"}
    assert f"Sage X3 has no supplier {gone}" in site.airflow.task_log(PARTNERS, red.run_id, "report")
    kept = site.airflow.query(f"select value from xcom where dag_id = '{PARTNERS}'")
    assert not any("Example" in str(row[0]) or gone in str(row[0]) for row in kept), "XCom holds counts only"
    site.airflow.cli("dags", "pause", PARTNERS)


def test_the_passwords_are_in_no_log_no_xcom_no_rendered_field_and_no_row_of_the_ledger(site: Site) -> None:
    secrets = [row["password"] for row in site.sandbox.access().values()]
    assert all(len(secret) >= 6 for secret in secrets)
    files = [*site.airflow.home.rglob("*.log"), *site.airflow.home.glob("sagex3_cleo_ledger.db*")]
    assert len(files) > 10
    for file in files:
        held = file.read_bytes()
        assert not any(secret.encode() in held for secret in secrets), file
    for table in ("xcom", "rendered_task_instance_fields", "log", "task_instance"):
        text = str(site.airflow.query(f"select * from {table}"))
        assert not any(secret in text for secret in secrets), table
    shown = site.command("check", check=False) + site.command("-v", "audit", "verify")
    assert not any(secret in shown for secret in secrets)
