"""The GraphQL side, one test per fact of the public pages it imitates."""

from __future__ import annotations

import time
from collections import Counter

import pytest
import requests

from airflow_provider_sagex3_cleo.sandbox.x3_graphql import DEFAULT_FIRST

PAGES = """query($first:Int,$after:String,$filter:String,$order:String){x3Purchasing{purchaseOrder{
  query(first:$first,after:$after,filter:$filter,orderBy:$order){
    edges{cursor node{_id id _updateStamp}} pageInfo{hasNextPage endCursor}}}}}"""


def connection(answer: requests.Response, node: str = "purchaseOrder") -> dict:
    assert answer.status_code == 200, answer.text
    return answer.json()["data"]["x3Purchasing"][node]["query"]


def numbers(answer: requests.Response) -> list[str]:
    return [edge["node"]["id"] for edge in connection(answer)["edges"]]


def read(post, number: str, selection: str) -> dict:
    query = f"query($id:Id!){{x3Purchasing{{purchaseOrder{{read(_id:$id){{{selection}}}}}}}}}"
    return post(query, id=number).json()["data"]["x3Purchasing"]["purchaseOrder"]["read"]


def test_a_query_has_20_rows_by_default(post):
    page = connection(post(PAGES))
    assert len(page["edges"]) == DEFAULT_FIRST == 20
    assert page["pageInfo"]["hasNextPage"] is True


def test_nested_lines_too_have_20_rows_by_default(post, x3):
    lines = read(
        post, x3.world.stories["long"], "purchaseOrderLines{query{edges{node{lineNumber}}pageInfo{hasNextPage}}}"
    )
    assert len(lines["purchaseOrderLines"]["query"]["edges"]) == 20
    assert lines["purchaseOrderLines"]["query"]["pageInfo"]["hasNextPage"] is True


def test_a_long_order_is_whole_by_nested_paging(post, x3):
    query = """query($id:Id!,$after:String){x3Purchasing{purchaseOrder{read(_id:$id){purchaseOrderLines{
        query(first:100,after:$after){edges{node{lineNumber}} pageInfo{hasNextPage endCursor}}}}}}}"""
    seen, after = [], None
    while True:
        data = post(query, id=x3.world.stories["long"], after=after).json()["data"]
        page = data["x3Purchasing"]["purchaseOrder"]["read"]["purchaseOrderLines"]["query"]
        seen += [edge["node"]["lineNumber"] for edge in page["edges"]]
        after = page["pageInfo"]["endCursor"]
        if not page["pageInfo"]["hasNextPage"]:
            break
    assert seen == [1000 * n for n in range(1, 157)]


def test_the_lines_of_an_order_come_by_a_query_of_their_own(post, x3):
    number = x3.world.stories["long"]
    query = """query($f:String){x3Purchasing{purchaseOrderLine{query(first:500,filter:$f,orderBy:"{_id:1}"){
        edges{node{_id lineNumber purchaseOrder{id}}}}}}}"""
    edges = connection(post(query, f=f"{{purchaseOrder:{{_id:'{number}'}}}}"), "purchaseOrderLine")["edges"]
    assert len(edges) == 156
    assert {edge["node"]["purchaseOrder"]["id"] for edge in edges} == {number}
    assert edges[1]["node"]["_id"] == f"{number}|2000|2000"


def test_cursors_are_a_key_list_with_a_check_number_and_lead_through_all_orders_once(post, x3):
    seen, after = [], None
    while True:
        page = connection(post(PAGES, first=150, after=after, order="{_updateStamp:+1,_id:1}"))
        seen += [(edge["node"]["_updateStamp"], edge["node"]["id"]) for edge in page["edges"]]
        after = page["pageInfo"]["endCursor"]
        assert after.startswith('["')
        assert after.rpartition("#")[2].isdigit()
        if not page["pageInfo"]["hasNextPage"]:
            break
    assert seen == sorted(seen)
    assert Counter(number for _, number in seen) == Counter(list(x3.world.orders))


def test_a_changed_cursor_is_an_error_without_data(post):
    answer = post(PAGES, after='["CHANGED"]#00').json()
    assert answer["data"] is None
    assert "cursor" in answer["errors"][0]["message"]


@pytest.mark.parametrize(
    ("text", "right"),
    [
        ("{orderType:'contract'}", lambda h: h["POHTYP"] == 2),
        ("{orderType:{_ne:'contract'}}", lambda h: h["POHTYP"] != 2),
        ("{isClosed:'no',signatureStatus:'inFull'}", lambda h: h["CLEFLG"] == 1 and h["APPFLG"] == 3),
        ("[{isClosed:'no'},{signatureStatus:'inFull'}]", lambda h: h["CLEFLG"] == 1 and h["APPFLG"] == 3),
        ("{_or:[{isClosed:'no'},{orderType:'contract'}]}", lambda h: h["CLEFLG"] == 1 or h["POHTYP"] == 2),
        ("{_and:[{isClosed:'no'},{orderType:'contract'}]}", lambda h: h["CLEFLG"] == 1 and h["POHTYP"] == 2),
        ("{purchaseSite:{_id:'TX01'}}", lambda h: h["POHFCY"] == "TX01"),
        ("{purchaseSite:{code:{_in:['TX01','CA01']}}}", lambda h: h["POHFCY"] in ("TX01", "CA01")),
        ('{"orderFromSupplier":{"code":{"code":"S0001"}}}', lambda h: h["BPSNUM"] == "S0001"),
        ("{orderDate:{_gte:'2026-01-01',_lt:'2026-02-01'}}",
         lambda h: "2026-01-01" <= h["ORDDAT"].isoformat() < "2026-02-01"),
        ("{_updateStamp:{_gt:'2026-02-01T00:00:00Z'}}", lambda h: h["UPDDATTIM"].isoformat() > "2026-02-01T00:00:00"),
        ("{_updateStamp:{_lte:'2026-02-01T00:00:00Z'}}", lambda h: h["UPDDATTIM"].isoformat() <= "2026-02-01T00:00:00"),
        ("{purchaseSite:{code:{_nin:['TX01']}}}", lambda h: h["POHFCY"] != "TX01"),
        ("{_id:{_in:['NONE']}}", lambda h: False),
    ],
)  # fmt: skip
def test_a_filter_in_relaxed_json_gives_exactly_the_rows_that_fit(post, x3, text, right):
    found = numbers(post(PAGES, first=1000, filter=text))
    assert sorted(found) == sorted(n for n, order in x3.world.orders.items() if right(order.header))


def test_keyset_paging_by_stamp_and_id_works_by_filter(post, x3):
    seen, mark = [], None
    while True:
        text = "{}" if mark is None else (
            f"{{_or:[{{_updateStamp:{{_gt:'{mark[0]}'}}}},{{_updateStamp:'{mark[0]}',_id:{{_gt:'{mark[1]}'}}}}]}}"
        )  # fmt: skip
        edges = connection(post(PAGES, first=30, filter=text, order="{_updateStamp:1,_id:1}"))["edges"]
        seen += [edge["node"]["id"] for edge in edges]
        if len(edges) < 30:
            break
        mark = edges[-1]["node"]["_updateStamp"], edges[-1]["node"]["_id"]
    assert Counter(seen) == Counter(list(x3.world.orders))


def test_a_sort_order_may_go_down_and_into_a_reference(post, x3):
    query = """{x3Purchasing{purchaseOrder{query(first:1000,orderBy:"{purchaseSite:{_id:-1},_id:-1}"){
        edges{node{id purchaseSite{code}}}}}}}"""
    rows = [(e["node"]["purchaseSite"]["code"], e["node"]["id"]) for e in connection(post(query))["edges"]]
    assert rows == sorted(rows, reverse=True)


def test_an_unknown_filter_property_or_operator_is_data_null_with_errors(post):
    for text in ("{nosuch:1}", "{orderDate:{_regex:'x'}}", "{orderDate"):
        answer = post(PAGES, filter=text)
        assert answer.status_code == 200
        assert answer.json()["data"] is None
        assert answer.json()["errors"][0]["extensions"]["diagnoses"]


def test_reading_a_missing_record_is_null_without_an_error(post):
    answer = post('{x3Purchasing{purchaseOrder{read(_id:"NONE"){id}}}}').json()
    assert answer["data"] == {"x3Purchasing": {"purchaseOrder": {"read": None}}}
    assert "errors" not in answer


def test_decimals_are_strings_menus_are_words_and_the_suppliers_code_is_nested(post, x3):
    number = x3.world.new_order("S0003")
    order = read(
        post,
        number,
        "taxExcludedTotalAmount revisionNumber isClosed signatureStatus orderType _updateStamp orderDate"
        " orderFromSupplier{code{code}} carrier{code{code}}",
    )
    assert isinstance(order.pop("taxExcludedTotalAmount"), str)
    assert order == {
        "revisionNumber": 0,
        "isClosed": "no",
        "signatureStatus": "inFull",
        "orderType": "order",
        "_updateStamp": "2026-03-02T08:00:00.000Z",
        "orderDate": "2026-03-02",
        "orderFromSupplier": {"code": {"code": "S0003"}},
        "carrier": None,
    }


def test_a_line_has_the_later_stamp_of_its_two_rows(post, x3):
    number = x3.world.new_order(lines=1)
    x3.world.clock.advance(60)
    x3.world.edit_line(number, 1000, header_stamp=False, QTYUOM=3)
    query = """query($f:String){x3Purchasing{purchaseOrderLine{query(filter:$f){
        edges{node{purchaseOrder{id} _updateStamp}}}}}}"""
    edges = connection(post(query, f="{_updateStamp:{_gte:'2026-03-02T08:00:30Z'}}"), "purchaseOrderLine")["edges"]
    assert [e["node"] for e in edges] == [{"purchaseOrder": {"id": number}, "_updateStamp": "2026-03-02T08:01:00.000Z"}]


def test_aliases_and_a_total_count(post, x3):
    answer = post(
        "{x3Purchasing{orders:purchaseOrder{all:query(first:1){n:totalCount edges{node{number:id}}}}}}"
    ).json()
    page = answer["data"]["x3Purchasing"]["orders"]["all"]
    assert page["n"] == len(x3.world.orders)
    assert list(page["edges"][0]["node"]) == ["number"]


def test_a_good_answer_carries_diagnoses(post):
    answer = post(PAGES).json()
    assert answer["extensions"]["diagnoses"][0]["message"]
    assert "errors" not in answer


@pytest.mark.parametrize(
    "query",
    [
        "{x3Purchasing{purchaseOrder{query{edges{node{nosuch}}}}}}",
        "{x3Purchasing{purchaseOrder{query{edges{node{purchaseSite{nosuch}}}}}}}",
        "{x3Purchasing{nosuch{query{edges{node{id}}}}}}",
        "{xtremX3Purchasing{purchaseOrder{query{edges{node{id}}}}}}",
        "{x3Purchasing{purchaseOrder{query{nosuch}}}}",
        "{x3Purchasing{purchaseOrder{query{pageInfo{nosuch}}}}}",
    ],
)
def test_a_field_that_is_not_there_is_400_cannot_query_field(post, query):
    answer = post(query)
    assert answer.status_code == 400
    assert 'Cannot query field "' in answer.json()["errors"][0]["message"]


def test_the_old_form_of_the_suppliers_code_is_refused(post):
    answer = post("{x3Purchasing{purchaseOrder{query{edges{node{orderFromSupplier{code}}}}}}}")
    assert answer.status_code == 400


def test_the_names_before_2022_r3_are_served_instead_where_the_build_is_old(post, x3):
    x3.graphql.configure(root="xtremX3Purchasing")
    query = """{xtremX3Purchasing{purchaseOrder{query(first:1){edges{node{id orderFromSupplier{code}
        purchaseOrderQuantityLines{query{edges{node{lineNumber}}}}}}}}}}"""
    node = post(query).json()["data"]["xtremX3Purchasing"]["purchaseOrder"]["query"]["edges"][0]["node"]
    assert node["orderFromSupplier"] == {"code": x3.world.orders[node["id"]].header["BPSNUM"]}
    assert node["purchaseOrderQuantityLines"]["query"]["edges"]
    assert post(PAGES).status_code == 400


def test_a_query_that_cannot_be_read_is_400_syntax_error(post):
    answer = post("{x3Purchasing{")
    assert answer.status_code == 400
    assert "Syntax Error" in answer.json()["errors"][0]["message"]


def test_a_right_missing_on_a_sub_node_is_partial_data_with_errors(post, x3):
    x3.graphql.configure(denied=["purchaseOrder.currency"])
    answer = post("{x3Purchasing{purchaseOrder{query(first:1){edges{node{id currency{code}}}}}}}")
    assert answer.status_code == 200
    node = connection(answer)["edges"][0]["node"]
    assert node["id"]
    assert node["currency"] is None
    assert answer.json()["errors"][0]["path"][-1] == "currency"


def test_a_body_that_is_not_json_is_an_html_stack_trace(post, x3):
    good = post(PAGES).request
    body = '{"query": "{\n}"}'
    answer = requests.post(good.url, data=body, headers={"Authorization": good.headers["Authorization"]}, timeout=10)
    assert answer.headers["Content-Type"].startswith("text/html")
    assert "SyntaxError" in answer.text


@pytest.mark.parametrize(
    ("claims", "number"),
    [  # times are seconds from now, when the test runs
        ({"iat": 600, "exp": 900}, 21),
        ({"iss": "other"}, 41),
        ({"sub": "OTHER"}, 42),
        ({"aud": "https://example.com/"}, 45),
        ({"exp": -5}, 50),
        ({"iat": -4000, "exp": 4000}, 50),
    ],
)
def test_a_bad_token_is_401_in_plain_text_with_its_number(post, claims, number):
    now = time.time()
    answer = post(PAGES, claims={k: now + v if isinstance(v, int) else v for k, v in claims.items()})
    assert answer.status_code == 401
    assert answer.headers["Content-Type"].startswith("text/plain")
    assert answer.text == f"Error {number}: Invalid token"


def test_a_token_signed_with_another_secret_is_error_50(post, x3):
    x3.graphql.configure(client_secret="another-secret-0123456789abcdef-xx")
    good = post(PAGES)
    assert good.status_code == 200
    header, claims, _ = good.request.headers["Authorization"].removeprefix("Bearer ").split(".")
    answer = requests.post(
        good.request.url, json={"query": PAGES}, headers={"Authorization": f"Bearer {header}.{claims}.c2ln"}, timeout=10
    )
    assert answer.text == "Error 50: Invalid token"


def test_the_audience_is_compared_byte_for_byte(post, x3):
    x3.graphql.configure(audience="https://x3.example.com")
    assert post(PAGES).status_code == 200
    assert post(PAGES, claims={"aud": "https://x3.example.com/"}).text == "Error 45: Invalid token"


def test_no_login_is_a_401_that_asks_for_basic_and_basic_works_where_allowed(x3):
    def ask(**kw):
        headers = {"x-xtrem-endpoint": x3.folder}
        return requests.post(f"{x3.url}/xtrem/api", json={"query": PAGES}, headers=headers, timeout=10, **kw)

    assert ask().headers["WWW-Authenticate"].startswith("Basic")
    assert ask(auth=(x3.login, x3.password)).status_code == 401
    x3.graphql.configure(basic=True)
    assert ask(auth=(x3.login, x3.password)).status_code == 200


def test_the_folder_in_the_header_is_checked(post):
    assert post(PAGES, endpoint="OTHER").status_code == 400
