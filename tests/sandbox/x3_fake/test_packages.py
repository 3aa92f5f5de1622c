"""The other packages keep the rules of the first: pages on every level, filters, orders, words, flags, null and 404."""

from __future__ import annotations

import pytest

from airflow_provider_sagex3_cleo.sandbox.clock import Clock
from airflow_provider_sagex3_cleo.sandbox.world import World
from airflow_provider_sagex3_cleo.sandbox.x3_packages import PACKAGES
from airflow_provider_sagex3_cleo.sandbox.x3_rows import FACETS, KEYS
from tests.sandbox.x3_fake.conftest import START

NODES = [(root, name) for root, nodes in PACKAGES.items() for name in nodes]


def ask(post, root: str, node: str, selection: str, arguments: str = "") -> dict:
    answer = post(f"{{{root}{{{node}{{query{arguments}{{{selection}}}}}}}}}")
    assert answer.status_code == 200, answer.text
    assert "errors" not in answer.json(), answer.text
    return answer.json()["data"][root][node]["query"]


@pytest.fixture
def many_units(x3) -> None:
    """As many units as a site has, so that their lists have pages too."""
    for n in range(40):
        x3.world.references.new_unit(f"U{n:02d}")


@pytest.mark.usefixtures("many_units")
@pytest.mark.parametrize(("root", "node"), NODES)
def test_a_query_has_20_rows_by_default_and_goes_on_at_its_cursor(post, root: str, node: str):
    page = ask(post, root, node, "edges{cursor node{_id}} pageInfo{hasNextPage endCursor} totalCount")
    assert len(page["edges"]) == 20
    assert page["pageInfo"]["hasNextPage"] is True
    cursor = page["pageInfo"]["endCursor"].replace('"', '\\"')
    more = ask(post, root, node, "edges{node{_id}}", f'(after:"{cursor}")')
    ids = [edge["node"]["_id"] for edge in (*page["edges"], *more["edges"])]
    assert len(set(ids)) == len(ids) == min(40, page["totalCount"])


@pytest.mark.parametrize(("root", "node"), NODES)
def test_a_record_is_read_by_its_id_and_is_null_where_there_is_none(post, root: str, node: str):
    (first,) = ask(post, root, node, "edges{node{_id _updateStamp}}", "(first:1)")["edges"]
    missing = "|".join(["1"] * len(KEYS[PACKAGES[root][node].table]))
    for wanted, found in ((first["node"]["_id"], first["node"]), (missing, None)):
        answer = post(f"query($id:Id!){{{root}{{{node}{{read(_id:$id){{_id _updateStamp}}}}}}}}", id=wanted)
        assert answer.json()["data"][root][node]["read"] == found


def test_nested_lines_and_arrays_have_pages_of_their_own(post, x3):
    number = x3.world.purchases.new_supplier_invoice("S0001", lines=30)
    selection = "edges{node{id{id taxes{query{edges{node{denormalizedIndex tax{code}}}}}} purchaseInvoiceLines{query{"
    selection += "edges{node{lineNumber}} pageInfo{hasNextPage}}}}}"
    page = ask(post, "x3Purchasing", "purchaseInvoice", selection, f"(filter:\"{{id:{{id:'{number}'}}}}\")")
    (node,) = [edge["node"] for edge in page["edges"]]
    assert len(node["purchaseInvoiceLines"]["query"]["edges"]) == 20
    assert node["purchaseInvoiceLines"]["query"]["pageInfo"]["hasNextPage"] is True
    taxes = [edge["node"] for edge in node["id"]["taxes"]["query"]["edges"]]
    assert taxes == [{"denormalizedIndex": 1, "tax": {"code": "USE"}}]


def test_flags_are_true_and_false_and_can_be_filtered(post, x3):
    x3.world.references.deactivate("S0002")
    off = ask(
        post, "x3MasterData", "supplier", "edges{node{isActive code{code}}}", '(first:99,filter:"{isActive:false}")'
    )
    assert {"isActive": False, "code": {"code": "S0002"}} in [edge["node"] for edge in off["edges"]]
    assert not [edge for edge in off["edges"] if edge["node"]["isActive"]]


def test_a_name_that_a_node_lacks_is_refused(post):
    answer = post("{x3MasterData{supplier{query{edges{node{companyName9}}}}}}")
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["message"] == 'Cannot query field "companyName9" on type "Supplier".'
    assert post("{x3MasterData{vendor{query{edges{node{_id}}}}}}").status_code == 400
    assert post("{x3Payroll{supplier{query{edges{node{_id}}}}}}").status_code == 400


@pytest.mark.usefixtures("many_units")
@pytest.mark.parametrize("table", sorted(FACETS))
def test_every_class_has_lists_of_20_and_a_detail_for_each_row(rest, table: str):
    listed = rest(table).json()
    assert len(listed["$resources"]) == 20
    assert set(listed["$resources"][0]) >= set(FACETS[table])
    key = listed["$resources"][0]["$key"]
    assert rest(table, record=key).json()["$key"] == key
    assert rest(table, record="~".join(["1"] * len(KEYS[table]))).status_code == 404


@pytest.mark.parametrize("table", ["BPADDRESS", "GACCOUNT", "ITMMASTER"])
def test_key_gt_walks_by_the_class_key(rest, table: str):
    first = rest(table, count=7).json()["$resources"]
    walked = rest(table, count=5, key=f"gt.{sorted(row['$key'] for row in first)[0]}").json()["$resources"]
    keys = [row["$key"] for row in walked]
    assert keys == sorted(keys)
    assert len(keys) == 5


def test_the_same_seed_gives_the_same_references_and_invoices(x3):
    again = World(7, Clock(START, frozen=True), orders=400)
    assert again.references.tables == x3.world.references.tables
    assert list(again.purchases.bills) == list(x3.world.purchases.bills)
    for number in again.purchases.bills:
        assert again.purchases.describe_supplier_invoice(number) == x3.world.purchases.describe_supplier_invoice(number)
