"""Answers that say more than their status."""

from __future__ import annotations

import json

import pytest

from airflow_provider_sagex3_cleo import errors as e
from airflow_provider_sagex3_cleo.sagex3.answers import TOKEN_FAULTS, asks_for_login, explain, refused_field
from airflow_provider_sagex3_cleo.sagex3.graphql_text import ascending, quoted, selection, window_filter
from airflow_provider_sagex3_cleo.sagex3.keyset import Bounds
from airflow_provider_sagex3_cleo.sagex3.spec import load_specs
from airflow_provider_sagex3_cleo.transport import Answer, http_date

SPEC = load_specs()["purchase_orders"]


def answer(status: int, body: str = "", **headers: str) -> Answer:
    return Answer(status, headers, body.encode(), "http://127.0.0.1/", None)


@pytest.mark.parametrize("number", TOKEN_FAULTS)
def test_each_refusal_of_a_token_is_a_sentence_with_a_remedy(number: str) -> None:
    problem = explain(answer(401, f"Error {number}: Invalid token"))
    assert isinstance(problem, e.AccessRejected)
    assert number in problem.found
    assert problem.remedy


def test_an_unknown_number_is_still_told_and_a_bare_401_is_left_to_the_status() -> None:
    problem = explain(answer(401, "Error 77: Invalid token"))
    assert problem is not None
    assert "error 77" in problem.found
    assert explain(answer(401, "Unauthorized")) is None


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ('Cannot query field "isShut" on type "PurchaseOrder". Did you mean?', ("isShut", "PurchaseOrder")),
        ("Property YCOL does not exist in the representation PORDER", ("YCOL", "")),
        ("unknown property 'YCOL'", ("YCOL", "")),
        ("Property: 'YCOL' is not defined", ("YCOL", "")),
        ("Internal server error", None),
    ],
)
def test_a_field_the_server_does_not_know_is_found_in_its_text(text: str, found: tuple[str, str] | None) -> None:
    assert refused_field(text) == found


def test_a_500_that_names_a_property_is_no_server_failure_and_shows_none_of_the_text() -> None:
    body = json.dumps({"$diagnoses": [{"$severity": "error", "$message": "canary: unknown property 'YCOL'"}]})
    problem = explain(answer(500, body))
    assert isinstance(problem, e.RequestRejected)
    assert problem.where["unknown"] == "YCOL"
    assert "canary" not in str(problem)
    assert explain(answer(500, "{}")) is None


def test_pages_and_redirects_ask_for_a_login() -> None:
    assert asks_for_login(answer(200, "  <!DOCTYPE html>"))
    assert asks_for_login(answer(302))
    assert not asks_for_login(answer(200, "{}"))
    assert not asks_for_login(answer(503, "<html>"))


def test_selections_group_what_lies_below_one_node() -> None:
    assert selection([("a",), ("b", "c"), ("d",), ("b", "e", "f")]) == "a b{c e{f}} d"
    assert ascending([("a",), ("b", "c")]) == "{a:1,b:{c:1}}"
    assert quoted("a'b\\c") == "'a\\'b\\\\c'"


def test_windows_become_relaxed_json() -> None:
    lower, upper = http_date("Tue, 24 Nov 2026 06:00:00 GMT"), http_date("Wed, 25 Nov 2026 00:00:00 GMT")
    assert window_filter(Bounds(SPEC, lower, None, "cursor")) == "{_updateStamp:{_gte:'2026-11-24T06:00:00Z'}}"
    assert window_filter(Bounds(SPEC, lower, upper, "business_date")) == (
        "{orderDate:{_gte:'2026-11-24',_lt:'2026-11-25'}}"
    )
