"""What goes wrong on the way: told apart, tried again where that is safe, and never taken for 'no rows'."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from typing import Any

import pytest

from airflow_provider_sagex3_cleo import errors as e
from airflow_provider_sagex3_cleo.sagex3.reader import KeyStamp, Reader
from airflow_provider_sagex3_cleo.sagex3.spec import EntitySpec
from airflow_provider_sagex3_cleo.sandbox.run import Sandbox

Open = Callable[..., Any]

HARMLESS = ["refuse", "reset", "maintenance", "login_page", "redirect", "wrong_json", "cut_body", "error", "rate_limit"]
LASTING = {
    "refuse": e.ConnectionLost,
    "reset": e.ConnectionLost,
    "maintenance": e.ServerFailed,
    "login_page": e.NotJson,
    "redirect": e.NotJson,
    "wrong_json": e.NotJson,
    "cut_body": e.PageDrift,
    "error": e.ServerFailed,
    "rate_limit": e.RateLimited,
}
APIS = "/api1/|/xtrem/"


def headers(reader: Reader, spec: EntitySpec) -> list[KeyStamp]:
    return [row for page in reader.key_pages(spec, "PORDER", lower=None) for row in page.rows]


@pytest.mark.parametrize("kind", HARMLESS)
def test_one_bad_answer_in_the_middle_costs_time_and_nothing_else(
    sandbox: Sandbox, spec: EntitySpec, reader: Open, kind: str
) -> None:
    opened = reader(page_size=40)
    expected = headers(opened, spec)
    sandbox.x3.fault(kind, APIS, after=2)
    assert headers(opened, spec) == expected
    assert sum(fault["met"] for fault in sandbox.x3.server.faults.listing()) > 3
    number = expected[0].key
    record = next(iter(opened.details(spec, [number])))
    sandbox.x3.fault(kind, APIS)
    assert next(iter(opened.details(spec, [number]))) == record


@pytest.mark.parametrize("kind", HARMLESS)
def test_a_bad_answer_that_stays_is_an_error_of_its_own_kind_and_never_an_empty_list(
    sandbox: Sandbox, spec: EntitySpec, reader: Open, kind: str
) -> None:
    sandbox.x3.fault(kind, APIS, times=None)
    with pytest.raises(LASTING[kind]) as caught:
        headers(reader(attempts=2), spec)
    assert caught.value.action is e.Action.RETRY
    assert "sagex3" in str(caught.value)


@pytest.mark.parametrize("kind", ["truncated_page", "duplicate_rows"])
def test_missing_and_repeated_rows_in_a_list_lose_and_double_nothing(
    sandbox: Sandbox, spec: EntitySpec, reader: Open, kind: str
) -> None:
    opened = reader(page_size=40)
    expected = headers(opened, spec)
    for after in range(4):
        sandbox.x3.server.faults.clear()
        sandbox.x3.fault(kind, APIS, after=after)
        assert headers(opened, spec) == expected
        assert sandbox.x3.server.faults.listing()[0]["met"] > after


@pytest.mark.parametrize("counts", [(5, 130), (1,)])
@pytest.mark.parametrize("kind", ["truncated_page", "duplicate_rows"])
def test_missing_and_repeated_lines_in_a_detail_lose_and_double_nothing(
    sandbox: Sandbox, spec: EntitySpec, reader: Open, kind: str, counts: tuple[int, ...]
) -> None:
    numbers = [sandbox.world.new_order(lines=count) for count in counts]
    opened = reader()
    expected = list(opened.details(spec, numbers))
    for after in range(2):
        sandbox.x3.server.faults.clear()
        sandbox.x3.fault(kind, APIS, after=after)
        assert list(opened.details(spec, numbers)) == expected


def test_a_slow_answer_is_waited_for_up_to_the_time_out(sandbox: Sandbox, spec: EntitySpec, reader: Open) -> None:
    sandbox.x3.fault("delay", APIS, seconds=1.5)
    opened = reader(timeout=1)
    assert headers(opened, spec)
    sandbox.x3.fault("delay", APIS, seconds=1.5)
    with pytest.raises(e.AnswerTimedOut, match="no answer within the time-out"):
        headers(reader(timeout=1, attempts=1), spec)


def test_nobody_there_is_a_connection_lost(sandbox: Sandbox, spec: EntitySpec, settings: Open) -> None:
    from airflow_provider_sagex3_cleo.sagex3.rest import RestReader

    closed = Sandbox(seed=1, orders=1, supplier_count=12)
    port = closed.x3.server.port
    closed.x3.server.stop()
    closed.cleo.server.stop()
    given = settings()
    opened = RestReader(type(given)(**{**vars(given), "base_url": f"http://127.0.0.1:{port}"}))
    opened.transport.attempts = 2
    with pytest.raises(e.ConnectionLost, match="could not be reached"):
        headers(opened, spec)


def test_what_the_server_asks_for_as_a_wait_is_waited(sandbox: Sandbox, spec: EntitySpec, reader: Open) -> None:
    sandbox.x3.fault("rate_limit", APIS, seconds=1)
    opened = reader()
    assert headers(opened, spec)
    assert opened.meter.waited_s == pytest.approx(1, abs=0.05)


def test_bytes_and_requests_are_counted(sandbox: Sandbox, spec: EntitySpec, reader: Open) -> None:
    opened = reader()
    headers(opened, spec)
    log = sandbox.x3.server.log()
    assert opened.meter.requests == len(log)
    assert opened.meter.received_bytes == sum(row.bytes_out for row in log)
    assert opened.meter.sent_bytes == sum(row.bytes_in for row in log)


def test_calls_are_spaced_by_the_rate_limit(sandbox: Sandbox, spec: EntitySpec, reader: Open) -> None:
    opened = reader(rate_limit=20, page_size=60)
    begun = time.monotonic()
    headers(opened, spec)
    assert opened.meter.requests >= 4
    assert time.monotonic() - begun >= 0.05 * (opened.meter.requests - 1)


def test_an_order_deleted_while_it_was_listed_is_left_out(sandbox: Sandbox, spec: EntitySpec, reader: Open) -> None:
    number = sandbox.world.new_order(lines=1)
    opened = reader()
    assert number in {row.key for row in headers(opened, spec)}
    sandbox.world.delete(number)
    assert list(opened.details(spec, [number])) == []


def test_no_secret_is_in_any_log_or_message(
    sandbox: Sandbox, spec: EntitySpec, reader: Open, caplog: pytest.LogCaptureFixture
) -> None:
    access = sandbox.access()["sagex3"]
    secrets = (access["password"], access["connected_app"]["client_secret"], "Bearer ", "Basic RUR")
    sandbox.x3.fault("maintenance", APIS, times=None)
    with caplog.at_level(logging.DEBUG), pytest.raises(e.ServerFailed) as caught:
        headers(reader(attempts=2), spec)
    for secret in secrets:
        assert secret not in caplog.text + str(caught.value) + repr(caught.value.where)
