"""What is particular to REST: sessions, next-links, classes and keys that are not there, names it does not know."""

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


def test_a_whole_run_uses_one_session_of_x3(sandbox: Sandbox, spec: EntitySpec, rest: Open) -> None:
    before = sandbox.x3.rest.sessions_opened
    opened = rest(page_size=50)
    listed = numbers(opened, spec)
    assert len(list(opened.details(spec, listed[:20]))) == 20
    assert opened.meter.requests > 20
    assert sandbox.x3.rest.sessions_opened - before == 1


def test_a_session_lost_in_the_middle_is_opened_again_once(sandbox: Sandbox, spec: EntitySpec, rest: Open) -> None:
    before = sandbox.x3.rest.sessions_opened
    opened = rest(page_size=40)
    expected = numbers(opened, spec)
    seen = []
    for page in opened.key_pages(spec, "PORDER", lower=None):
        seen += [row.key for row in page.rows]
        if len(seen) == 40:
            assert sandbox.x3.rest.lose_sessions() == 1
    assert seen == expected
    assert sandbox.x3.rest.sessions_opened - before == 2
    assert [row.status for row in sandbox.x3.server.log()].count(401) == 1


def test_a_wrong_password_is_said_at_once_and_not_tried_again(sandbox: Sandbox, spec: EntitySpec, rest: Open) -> None:
    with pytest.raises(e.AccessRejected) as caught:
        numbers(rest(password="wrong-canary"), spec)
    assert "check login, password and rights" in str(caught.value).lower()
    assert "wrong-canary" not in str(caught.value)
    assert len(sandbox.x3.server.log()) == 1


def test_basic_switched_off_is_not_taken_for_a_wrong_password(sandbox: Sandbox, spec: EntitySpec, rest: Open) -> None:
    sandbox.x3.fault("status", status=401, headers={"WWW-Authenticate": 'Bearer realm="x3"'}, times=None)
    with pytest.raises(e.AccessRejected, match="offers no Basic login"):
        numbers(rest(), spec)


def test_no_free_session_is_an_error_that_says_so(sandbox: Sandbox, spec: EntitySpec, rest: Open) -> None:
    sandbox.x3.rest.settings.session_limit = 0
    with pytest.raises(e.ServerFailed, match=r"no free session or licence \(503\).*[Ll]ower `sessions`"):
        numbers(rest(attempts=1), spec)


@pytest.mark.parametrize("page_size", [25, 10_000])
def test_next_links_with_another_host_and_path_are_followed_on_the_configured_host(
    sandbox: Sandbox, spec: EntitySpec, rest: Open, page_size: int
) -> None:
    by_keyset = numbers(rest(page_size=page_size), spec, "PORDERQ")
    sandbox.x3.server.clear_log()
    assert numbers(rest(page_size=page_size, paging="next"), spec, "PORDERQ") == by_keyset
    log = sandbox.x3.server.log()
    assert all(row.path == "/api1/x3/erp/PILOT/PORDERQ" for row in log)
    assert ("startIndex" in log[-2].query) is (page_size < 10_000)


def test_without_rewriting_a_next_link_to_another_host_is_refused(
    sandbox: Sandbox, spec: EntitySpec, rest: Open
) -> None:
    with pytest.raises(e.LinkRefused) as caught:
        numbers(rest(page_size=10, paging="next", rewrite_links=False), spec)
    assert "x3-app-01.example.internal:8124" in str(caught.value)
    assert "rewrite_links" in str(caught.value)


def test_a_next_link_that_leads_back_stops_the_reading(sandbox: Sandbox, spec: EntitySpec, rest: Open) -> None:
    sandbox.x3.fault("loop_next", "/api1/", times=None)
    with pytest.raises(e.PageLoop, match="came again"):
        numbers(rest(page_size=10, paging="next"), spec)


def test_a_next_link_that_leads_back_does_not_touch_the_own_filter(
    sandbox: Sandbox, spec: EntitySpec, rest: Open
) -> None:
    expected = numbers(rest(page_size=40), spec)
    sandbox.x3.fault("loop_next", "/api1/", after=1)
    assert numbers(rest(page_size=40), spec) == expected


def test_too_many_pages_stop_the_reading(sandbox: Sandbox, spec: EntitySpec, rest: Open) -> None:
    with pytest.raises(e.PageLoop, match="more than 3 pages"):
        numbers(rest(page_size=10, page_cap=3), spec)


def test_an_unknown_class_is_not_taken_for_a_key_that_is_gone(
    sandbox: Sandbox, tmp_path: Path, rest: Open, spec: EntitySpec
) -> None:
    number = numbers(rest(), spec)[0]
    wrong_list = site(tmp_path, "  rest: {sources: {PORDER: {class: YPORDER}}}\n")
    with pytest.raises(e.NotFound):
        numbers(rest(), wrong_list)
    wrong_detail = site(tmp_path, "  rest: {details: {representation: YPOH}}\n")
    with pytest.raises(e.NotFound) as caught:
        list(rest().details(wrong_detail, [number]))
    assert number in str(caught.value)
    assert "PORDER (YPOH.$details)" in str(caught.value)
    assert "rest.details" in str(caught.value)


def test_an_unknown_property_is_named_with_the_known_ones_and_not_tried_again(
    sandbox: Sandbox, tmp_path: Path, rest: Open
) -> None:
    wrong = site(tmp_path, "  rest: {sources: {PORDER: {key: {POHNUM: text, YCOL: text}}}}\n")
    with pytest.raises(e.RequestRejected) as caught:
        numbers(rest(), wrong)
    message = str(caught.value)
    assert "does not know the field 'YCOL'" in message
    assert "POHNUM" in message
    assert "UPDDATTIM" in message
    assert len(sandbox.x3.server.log()) == 1


def test_keys_with_quotes_and_other_signs_are_read(sandbox: Sandbox, spec: EntitySpec, rest: Open) -> None:
    odd = [f"PO {mark}1" for mark in "'&+%#é"]
    for number in odd:
        sandbox.world.new_order(lines=1, number=number)
    try:
        assert [record.key for record in rest().details(spec, odd)] == odd
        listed = numbers(rest(page_size=1), spec)
        assert set(odd) <= set(listed)
        assert len(listed) == len(set(listed))
    finally:
        for number in odd:
            sandbox.world.delete(number)


def test_check_says_what_is_wrong_and_what_to_do_each_on_its_own(sandbox: Sandbox, tmp_path: Path, rest: Open) -> None:
    wrong = site(
        tmp_path,
        "  columns: {YCOL: {type: text}}\n"
        "  lines: {columns: {YLIN: {type: text, rest: [PORDERQ]}}}\n"
        "  rest: {sources: {PORDERQ: {class: YLINES}}}\n",
    )
    results = {result.name: result for result in rest().probe(wrong)}
    assert results["REST PORDER list"].ok
    assert not results["REST YLINES list"].ok
    assert "404" in results["REST YLINES list"].found
    assert results["REST YLINES list"].remedy
    details = results["REST PORDER details"]
    assert not details.ok
    assert details.found == "columns missing: YCOL, lines.YLIN"


def test_a_site_without_line_tables_has_the_header_source_only(
    sandbox: Sandbox, tmp_path: Path, rest: Open, graphql: Open
) -> None:
    header_only = site(tmp_path, "  sources: [PORDER]\n")
    for opened in (rest(), graphql()):
        assert opened.sources(header_only) == ("PORDER",)
        assert all(result.ok for result in opened.probe(header_only))


def test_a_detail_without_its_lines_is_refused_rather_than_read_as_empty(
    sandbox: Sandbox, spec: EntitySpec, rest: Open
) -> None:
    assert spec.rest.lines is not None
    number = sandbox.world.new_order(lines=2)
    other = replace(spec, rest=replace(spec.rest, lines=replace(spec.rest.lines, child="YLINES")))
    with pytest.raises(e.RequestRejected, match=r"YLINES: the detail lacks this array of lines.*\$details facet"):
        list(rest().details(other, [number]))
