"""Pages of the fake Sage X3 that are wrong in a way a client must notice, and the rest that belongs to no one side."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import requests
import yaml

import airflow_provider_sagex3_cleo
from airflow_provider_sagex3_cleo.sandbox.admin import SandboxAdmin
from airflow_provider_sagex3_cleo.sandbox.clock import Clock
from airflow_provider_sagex3_cleo.sandbox.run import Sandbox
from airflow_provider_sagex3_cleo.sandbox.tls import self_signed
from airflow_provider_sagex3_cleo.sandbox.world import World
from airflow_provider_sagex3_cleo.sandbox.x3_fake import X3Fake
from airflow_provider_sagex3_cleo.sandbox.x3_rest import DEFAULT_COUNT

ORDERS = "{x3Purchasing{purchaseOrder{query{edges{node{id}} pageInfo{hasNextPage endCursor}}}}}"
SPEC = Path(airflow_provider_sagex3_cleo.__file__).parent / "sagex3" / "entities" / "purchase_orders.yaml"


def page_of(answer: requests.Response) -> dict:
    return answer.json()["data"]["x3Purchasing"]["purchaseOrder"]["query"]


def test_a_truncated_page_of_rest_lacks_rows_and_the_next_link(rest, x3):
    x3.fault("truncated_page")
    body = rest("PORDER").json()
    assert len(body["$resources"]) == DEFAULT_COUNT // 2
    assert "$links" not in body


def test_a_truncated_record_lacks_lines_that_its_header_counts(rest, x3):
    x3.fault("truncated_page")
    record = rest("PORDER", record=x3.world.stories["long"]).json()
    assert len(record["PORDERQ"]) < record["LINNBR"]


def test_a_truncated_page_of_graphql_lacks_rows_and_says_it_is_the_last(post, x3):
    x3.fault("truncated_page")
    page = page_of(post(ORDERS))
    assert len(page["edges"]) == 10
    assert page["pageInfo"]["hasNextPage"] is False


def test_duplicate_rows_come_on_both_sides(rest, post, x3):
    x3.fault("duplicate_rows", times=2)
    keys = [row["$key"] for row in rest("PORDER").json()["$resources"]]
    assert len(keys) == 2 * len(set(keys))
    assert len(page_of(post(ORDERS))["edges"]) == 40


def test_a_next_link_can_lead_back_to_its_own_page(rest, post, x3):
    x3.fault("loop_next", times=2)
    body = rest("PORDER", count=5).json()
    assert urlsplit(body["$links"]["$next"]["$url"]).query == urlsplit(body["$url"]).query
    assert page_of(post(ORDERS))["pageInfo"]["hasNextPage"] is True


def test_an_expired_login_in_the_middle_of_paging_is_a_401(rest, x3):
    x3.fault("expired", after=1)
    assert [rest("PORDER").status_code for _ in range(3)] == [200, 401, 200]


def test_the_log_tells_which_record_was_read_and_which_node_was_asked(rest, post, x3):
    number = x3.world.new_order()
    rest("PORDER", record=number)
    post(ORDERS)
    read, asked = x3.server.log()[-2:]
    assert read.notes["key"] == number
    assert asked.notes["query"] == ["purchaseOrder.query"]


def test_every_name_of_the_entity_specification_is_served(post):
    spec = yaml.safe_load(SPEC.read_text(encoding="utf-8"))

    def select(columns: dict) -> str:
        paths = [column["graphql"].split(".") for column in columns.values() if "graphql" in column]
        return " ".join("{".join(path) + "}" * (len(path) - 1) for path in paths)

    lines = f"{spec['graphql']['lines']}{{query(first:1){{edges{{node{{{select(spec['lines']['columns'])}}}}}}}}}"
    query = f"{{x3Purchasing{{purchaseOrder{{query(first:1){{edges{{node{{{select(spec['columns'])} {lines}}}}}}}}}}}}}"
    answer = post(query)
    assert answer.status_code == 200, answer.text
    assert "errors" not in answer.json()


def test_every_column_of_the_entity_specification_is_in_the_details(rest, x3):
    spec = yaml.safe_load(SPEC.read_text(encoding="utf-8"))
    record = rest("PORDER", record=x3.world.new_order()).json()
    assert set(spec["columns"]) <= set(record)
    for name, column in spec["lines"]["columns"].items():
        for table in column["rest"]:
            assert name in record[table][0], f"{name} in {table}"


def test_the_words_of_menus_are_those_of_the_entity_specifications():
    from airflow_provider_sagex3_cleo.sandbox.x3_schema import MENUS

    texts = [path.read_text(encoding="utf-8") for path in SPEC.parent.glob("*.yaml")]
    specified = {number: words for text in texts for number, words in yaml.safe_load(text).get("menus", {}).items()}
    assert {number: specified.get(number) for number in MENUS} == {n: dict(words) for n, words in MENUS.items()}


def test_https_with_a_self_signed_certificate_is_refused_without_its_bundle_and_taken_with_it(tmp_path):
    context, bundle = self_signed(tmp_path)
    with X3Fake(World(7, Clock(), orders=100), tls=context) as fake:
        url = f"{fake.url}/api1/x3/erp/{fake.folder}/PORDER?representation=PORDER.$query"
        with pytest.raises(requests.exceptions.SSLError):
            requests.get(url, auth=(fake.login, fake.password), timeout=5)
        assert requests.get(url, auth=(fake.login, fake.password), verify=bundle, timeout=5).status_code == 200


def test_both_fakes_run_on_one_clock_and_one_world():
    with Sandbox(7, orders=200) as sandbox:
        number = sandbox.admin.call("new_order", supplier="S0001", lines=2)
        assert sandbox.world.get(number).seed.supplier.code == "S0001"
        sandbox.admin.advance_clock(86_400)
        assert abs((sandbox.cleo_admin.now() - sandbox.admin.now()).total_seconds()) < 5
        live = 12 + 2 * 6  # orders of each supplier, invoices and shipments of each customer
        assert len(sandbox.cleo_admin.folders()) == 2 * live + 1, "files and test files of each candidate, answers"


def test_moves_by_admin_call_are_the_moves_of_the_world():
    with Sandbox(7, orders=100, frozen=True) as sandbox:
        call = sandbox.admin.call
        number = call("new_order", header={"ORDDAT": "2026-01-05"}, line_values=[{"NETPRI": "1.25"}])
        call("edit", number=number, ORDREF="CHANGED")
        call("edit_line", number=number, line=2000, header_stamp=False, QTYUOM=9)
        call("receive", number=number, line=1000, share=0.5)
        header = call("describe", number=number)["header"]
        assert (header["ORDREF"], header["RCPFLG"]) == ("CHANGED", 2)
        call("delete", number=number)
        with pytest.raises(ValueError, match="no order"):
            call("describe", number=number)


def test_serve_runs_in_a_process_of_its_own_until_it_is_told_to_stop():
    program = """
from airflow_provider_sagex3_cleo.sandbox.run import serve
serve(7, orders=60, ready=lambda sandbox: print(sandbox.x3_url, sandbox.cleo_url, flush=True))
"""
    with subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True) as process:
        x3_url, cleo_url = process.stdout.readline().split()
        admin = SandboxAdmin(x3_url)
        assert admin.call("new_order")
        assert SandboxAdmin(cleo_url).now()
        process.terminate()
        assert process.wait(timeout=10) == 0
    with pytest.raises(requests.ConnectionError):
        admin.now()
