"""What is particular to GraphQL: the token, the folder header, long orders, partial data, names it does not know."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from airflow_provider_sagex3_cleo import errors as e
from airflow_provider_sagex3_cleo.sagex3.reader import Reader
from airflow_provider_sagex3_cleo.sagex3.spec import EntitySpec, load_specs
from airflow_provider_sagex3_cleo.sandbox.run import Sandbox

Open = Callable[..., Any]


def numbers(reader: Reader, spec: EntitySpec, source: str = "PORDER") -> list[str]:
    return [row.key for page in reader.key_pages(spec, source, lower=None) for row in page.rows]


def site(tmp_path: Path, text: str) -> EntitySpec:
    path = tmp_path / "site.yaml"
    path.write_text("purchase_orders:\n" + text, encoding="utf-8")
    return load_specs(path)["purchase_orders"]


@pytest.mark.parametrize(
    ("extras", "number", "words"),
    [
        ({"client_id": "other"}, 41, "`client_id`"),
        ({"subject": "OTHER"}, 42, "`subject`"),
        ({"audience": "https://x3.example.com"}, 45, "letter by letter"),
        ({"client_secret": "another-secret-0123456789abcdefgh"}, 50, "`client_secret`"),
    ],
)
def test_a_refused_token_says_which_claim_is_wrong_and_what_to_do(
    sandbox: Sandbox, spec: EntitySpec, graphql: Open, extras: dict[str, str], number: int, words: str
) -> None:
    with pytest.raises(e.AccessRejected) as caught:
        numbers(graphql(**extras), spec)
    assert f"error {number}" in str(caught.value)
    assert words in str(caught.value)
    assert len(sandbox.x3.server.log()) == 2  # once more with a fresh token, then no more


def test_a_server_whose_clock_is_behind_is_told_apart(sandbox: Sandbox, spec: EntitySpec, graphql: Open) -> None:
    sandbox.x3.app.clock_offset_s = -20
    assert numbers(graphql(), spec)  # iat lies 30 s back
    sandbox.x3.app.clock_offset_s = -60
    with pytest.raises(e.AccessRejected, match=r"error 21.*clocks"):
        numbers(graphql(), spec)


def test_a_token_that_ends_in_the_middle_of_a_run_is_renewed(sandbox: Sandbox, spec: EntitySpec, graphql: Open) -> None:
    opened = graphql(page_size=40)
    expected = numbers(opened, spec)
    assert opened.transport.auth.made == 1
    seen = []
    for page in opened.key_pages(spec, "PORDER", lower=None):
        seen += [row.key for row in page.rows]
        if len(seen) == 40:
            sandbox.x3.fault("status", status=401, body="Error 50: Invalid token")
    assert seen == expected
    assert opened.transport.auth.made == 2
    assert [row.status for row in sandbox.x3.server.log()].count(401) == 1


def test_basic_works_where_the_site_allows_it(sandbox: Sandbox, spec: EntitySpec, graphql: Open) -> None:
    with pytest.raises(e.AccessRejected):
        numbers(graphql(auth="basic"), spec)
    sandbox.x3.graphql.settings.basic = True
    assert numbers(graphql(auth="basic"), spec)


def test_lines_beyond_the_first_page_come_by_their_own_query_only_where_needed(
    sandbox: Sandbox, tmp_path: Path, graphql: Open
) -> None:
    ten = site(tmp_path, "  graphql: {lines_first: 10}\n")
    short, long = sandbox.world.new_order(lines=10), sandbox.world.new_order(lines=11)
    records = list(graphql().details(ten, [short, long]))
    assert [len(record.lines) for record in records] == [10, 11]
    asked = [row.notes["query"] for row in sandbox.x3.server.log()]
    assert asked == [["purchaseOrder.query"], ["purchaseOrderLine.query"], ["purchaseOrderLine.query"]]


def test_data_beside_an_error_is_not_used_and_the_place_is_named(
    sandbox: Sandbox, spec: EntitySpec, graphql: Open
) -> None:
    sandbox.x3.graphql.settings.denied = ["purchaseOrder.buyer"]
    number = sandbox.world.new_order(lines=1)
    with pytest.raises(e.RequestRejected) as caught:
        list(graphql().details(spec, [number]))
    assert "x3Purchasing.purchaseOrder.query.edges.0.node.buyer" in str(caught.value)
    assert "read right" in str(caught.value)


def test_a_value_outside_its_menu_marks_that_order_only(sandbox: Sandbox, spec: EntitySpec, graphql: Open) -> None:
    good, odd = sandbox.world.new_order(lines=2), sandbox.world.new_order(lines=2, header={"APPFLG": 9})
    try:
        records = {record.key: record for record in graphql().details(spec, [odd, good])}
        assert len(records[good].lines) == 2
        with pytest.raises(e.ValueUnreadable, match=f"{odd}: 'signatureStatus' holds a value"):
            _ = records[odd].lines
    finally:
        sandbox.world.delete(odd)


@pytest.mark.parametrize(
    ("body", "kind", "words"),
    [
        (
            '{"data": null, "errors": [{"message": "boom", "path": ["x3Purchasing"]}]}',
            e.RequestRejected,
            "x3Purchasing",
        ),
        ('{"data": null}', e.RequestRejected, "holds no data"),
        ('{"data": {"x3Purchasing": {"purchaseOrder": null}}}', e.RequestRejected, "purchaseOrder.query"),
        ('{"data": {"x3Purchasing": {"purchaseOrder": {"query": {"edges": null}}}}}', e.NotJson, "no edges"),
        ("[]", e.NotJson, "not a GraphQL answer"),
    ],
)
def test_an_answer_without_data_is_never_an_empty_list(
    sandbox: Sandbox, spec: EntitySpec, graphql: Open, body: str, kind: type[e.ProviderError], words: str
) -> None:
    sandbox.x3.fault("status", "/xtrem/", status=200, body=body, times=None)
    with pytest.raises(kind) as caught:
        numbers(graphql(attempts=1), spec)
    assert words in str(caught.value)


def test_a_name_the_schema_does_not_know_is_named_with_its_type(
    sandbox: Sandbox, tmp_path: Path, graphql: Open
) -> None:
    wrong = site(tmp_path, "  columns: {BUY: {graphql: purchaser.code}}\n")
    number = sandbox.world.new_order(lines=1)
    with pytest.raises(e.RequestRejected, match="does not know the field 'purchaser' on type PurchaseOrder"):
        list(graphql().details(wrong, [number]))
    red = [result for result in graphql().probe(wrong) if not result.ok]
    assert len(red) == 1
    assert "'purchaser'" in red[0].found
    assert red[0].remedy


def test_another_folder_is_refused(sandbox: Sandbox, spec: EntitySpec, graphql: Open) -> None:
    with pytest.raises(e.RequestRejected):
        numbers(graphql(folder="OTHER"), spec)


def test_a_server_that_could_not_parse_the_request_says_so_in_html(
    sandbox: Sandbox, spec: EntitySpec, graphql: Open
) -> None:
    sandbox.x3.fault("status", status=400, body="<html>SyntaxError</html>", headers={"Content-Type": "text/html"})
    with pytest.raises(e.RequestRejected, match="could not parse the request"):
        numbers(graphql(), spec)


def test_a_cursor_that_leads_back_is_not_followed(sandbox: Sandbox, spec: EntitySpec, graphql: Open) -> None:
    expected = numbers(graphql(page_size=40), spec)
    sandbox.x3.fault("loop_next", "/xtrem/", times=None)
    with pytest.raises(e.PageDrift, match="empty though it promises rows"):  # the end never comes
        numbers(graphql(page_size=40, attempts=1), spec)
    sandbox.x3.server.faults.clear()
    sandbox.x3.fault("loop_next", "/xtrem/", after=1)
    assert numbers(graphql(page_size=40), spec) == expected


def test_the_second_line_table_is_not_asked_twice_but_may_be(sandbox: Sandbox, spec: EntitySpec, graphql: Open) -> None:
    opened = graphql()
    assert opened.sources(spec) == ("PORDER", "PORDERQ")
    assert numbers(opened, spec, "PORDERP") == numbers(opened, spec, "PORDERQ")


def test_an_older_schema_is_a_matter_of_names(sandbox: Sandbox, spec: EntitySpec, graphql: Open) -> None:
    older = replace(spec, graphql_source=replace(spec.graphql, root="xtremX3Purchasing"))
    with pytest.raises(e.RequestRejected, match="'xtremX3Purchasing'"):
        numbers(graphql(), older)
