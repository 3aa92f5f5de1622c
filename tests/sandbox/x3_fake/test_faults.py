"""Faults on demand, the request log, the clock and the admin door, on real sockets."""

from __future__ import annotations

import http.client
import time
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

import pytest
import requests
from hypothesis import given, settings
from hypothesis import strategies as st

from airflow_provider_sagex3_cleo.sandbox.clock import Clock
from airflow_provider_sagex3_cleo.sandbox.faults import KINDS, Fault, FaultBook
from airflow_provider_sagex3_cleo.sandbox.server import Reply, Request, SandboxAdmin, SandboxServer


@pytest.fixture
def calls() -> list[Request]:
    return []


@pytest.fixture
def server(calls):
    def answer(request: Request) -> Reply:
        calls.append(request)
        return Reply.json({"said": request.args["word"], "filler": "x" * 5000})

    with SandboxServer("test", Clock(datetime(2026, 3, 2, tzinfo=UTC), frozen=True)) as server:
        server.route("GET", r"/words/(?P<word>[^/]+)", answer)
        server.route("PUT", r"/words/(?P<word>[^/]+)", answer)
        yield server


@pytest.fixture
def get(server):
    with requests.Session() as session:
        session.trust_env = False
        yield lambda path="/words/hi", **kw: session.get(server.url + path, timeout=5, **kw)


def test_it_listens_on_loopback_only(server):
    assert server._http.server_address[0] == "127.0.0.1"


def test_a_connection_is_kept_alive_over_many_requests(server):
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=5)
    ports = set()
    for _ in range(3):
        connection.request("GET", "/words/hi")
        connection.getresponse().read()
        ports.add(connection.sock.getsockname())
    connection.close()
    assert len(ports) == 1


def test_unknown_paths_are_404_and_known_ones_with_another_method_405(server):
    assert requests.get(server.url + "/none", timeout=5).status_code == 404
    assert requests.delete(server.url + "/words/hi", timeout=5).status_code == 405


def test_names_in_the_path_are_decoded(get):
    assert get("/words/f%C3%BCnf%20O'Clock").json()["said"] == "fünf O'Clock"


def test_the_clock_runs_from_where_it_is_set():
    clock = Clock(datetime(2026, 1, 1, tzinfo=UTC))
    clock.advance(3600)
    first = clock.now()
    assert first.hour == 1
    while clock.now() == first:  # it moves by itself
        pass
    stopped = clock.freeze()
    assert clock.now() == stopped


def test_the_clock_moves_by_admin_call_and_shows_in_date(server, get):
    admin = SandboxAdmin(server.url)
    moment = datetime(2027, 5, 6, 7, 8, 9, tzinfo=UTC)
    assert admin.set_clock(moment) == moment
    assert admin.advance_clock(60).minute == 9
    assert parsedate_to_datetime(get().headers["Date"]) == admin.now()
    admin.close()


def test_an_unknown_admin_call_or_a_bad_one_says_why(server):
    admin = SandboxAdmin(server.url)
    with pytest.raises(ValueError, match="no admin call"):
        admin.call("nosuch")
    with pytest.raises(ValueError, match="no fault 'nosuch'"):
        admin.fault("nosuch")
    admin.close()


def test_the_log_tells_method_path_query_status_and_bytes(server, get):
    get("/words/hi?a=1")
    get("/none")
    row, missing = server.log()
    assert (row.method, row.path, row.query, row.status) == ("GET", "/words/hi", {"a": "1"}, 200)
    assert row.bytes_out > 5000
    assert missing.status == 404
    assert [r.path for r in server.log(path="none")] == ["/none"]
    server.clear_log()
    assert server.log() == []


def test_admin_calls_are_not_in_the_log(server):
    admin = SandboxAdmin(server.url)
    assert admin.log() == []
    admin.close()


def test_refuse_closes_without_an_answer_and_without_running_the_handler(server, get, calls):
    server.fault("refuse")
    with pytest.raises(requests.ConnectionError):
        get()
    assert calls == []
    assert server.log()[0].status == 0
    assert get().status_code == 200


def test_reset_sends_half_a_body_and_resets_the_connection(server, get, calls):
    server.fault("reset")
    with pytest.raises((requests.ConnectionError, requests.exceptions.ChunkedEncodingError)):
        get()
    assert len(calls) == 1


def test_lose_answer_runs_the_handler_and_says_nothing(server, calls):
    server.fault("lose_answer", method="PUT")
    with pytest.raises(requests.ConnectionError):
        requests.put(server.url + "/words/hi", data=b"stored", timeout=5)
    assert calls[0].body == b"stored"


def test_delay_waits_and_answers(server, get):
    server.fault("delay", seconds=0.2)
    began = time.monotonic()
    assert get().status_code == 200
    assert time.monotonic() - began >= 0.2


def test_delay_beyond_the_clients_patience_is_a_time_out(server):
    server.fault("delay", seconds=0.6)
    with pytest.raises(requests.ReadTimeout):
        requests.get(server.url + "/words/hi", timeout=0.1)


@pytest.mark.parametrize(
    ("kind", "status", "content_type", "header"),
    [
        ("rate_limit", 429, "application/json", ("Retry-After", "7")),
        ("error", 500, "application/json", None),
        ("maintenance", 503, "text/html", None),
        ("login_page", 200, "text/html", None),
        ("expired", 401, "application/json", None),
        ("wrong_json", 200, "application/json", None),
    ],
)
def test_answers_that_stand_in_for_the_right_one(server, get, calls, kind, status, content_type, header):
    server.fault(kind, seconds=7)
    answer = get()
    assert answer.status_code == status
    assert answer.headers["Content-Type"].startswith(content_type)
    if header:
        assert answer.headers[header[0]] == header[1]
    assert "said" not in answer.text
    assert calls == []


def test_redirect_leads_to_the_login(server, get):
    server.fault("redirect")
    answer = get(allow_redirects=False)
    assert (answer.status_code, answer.headers["Location"]) == (302, "/auth/login")


def test_status_gives_the_answer_asked_for(server, get):
    server.fault("status", status=403, body='{"message":"no"}', headers={"X-Seen": "1"})
    answer = get()
    assert (answer.status_code, answer.json(), answer.headers["X-Seen"]) == (403, {"message": "no"}, "1")


def test_cut_body_is_a_complete_message_with_half_a_json(server, get):
    server.fault("cut_body")
    answer = get()
    assert answer.status_code == 200
    assert len(answer.content) == int(answer.headers["Content-Length"])
    with pytest.raises(ValueError, match="Unterminated"):
        answer.json()


def test_a_server_without_pages_refuses_to_spoil_them(server):
    with pytest.raises(ValueError, match="no pages"):
        server.fault("truncated_page")


def test_a_fault_strikes_its_route_only(server, get):
    server.fault("error", r"/words/bad", times=None)
    assert get("/words/good").status_code == 200
    assert get("/words/bad").status_code == 500


def test_a_fault_can_be_told_by_method_and_by_text_of_query_or_body(server, get):
    server.fault("error", method="PUT", text="secret word")
    assert get("/words/hi?q=secret+word").status_code == 200
    assert requests.put(server.url + "/words/hi", data=b"other", timeout=5).status_code == 200
    assert requests.put(server.url + "/words/hi", data=b"the secret word", timeout=5).status_code == 500


def test_faults_are_listed_with_how_often_they_were_met_and_cleared(server, get):
    number = server.fault("error", after=1)
    get()
    assert [(f["number"], f["met"]) for f in server.faults.listing()] == [(number, 1)]
    server.faults.clear()
    assert get().status_code == 200


def test_stop_ends_connections_that_are_kept_alive():
    server = SandboxServer("test", Clock()).start()
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=5)
    connection.request("GET", "/none")
    connection.getresponse().read()
    server.stop()
    assert connection.sock.recv(1) == b"", "the server has closed it"
    connection.close()


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 5), st.one_of(st.none(), st.integers(1, 5)), st.integers(0, 15))
def test_a_fault_skips_after_matches_and_then_strikes_times_times(after, times, requests_made):
    book = FaultBook()
    book.add(Fault("error", times=times, after=after))
    struck = [book.strike("GET", "/", "") is not None for _ in range(requests_made)]
    expected = [n >= after and (times is None or n < after + times) for n in range(requests_made)]
    assert struck == expected


def test_every_kind_is_told_in_the_modules_docstring():
    from airflow_provider_sagex3_cleo.sandbox import faults

    for kind in KINDS:
        assert f"    {kind} " in faults.__doc__
