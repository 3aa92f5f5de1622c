"""HTTP with manners: what is tried again, what is told apart, and what is never repeated blindly."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import pytest
from requests import PreparedRequest

from airflow_provider_sagex3_cleo import errors as e
from airflow_provider_sagex3_cleo.transport import Answer, Transport, http_date, parse_json

Open = Callable[..., Transport]


class Tokens:
    """An auth whose token is the number of times it was asked for a fresh one."""

    def __init__(self, *, helps: bool = True) -> None:
        self.current, self.helps, self.stale = 0, helps, False

    def __call__(self, r: PreparedRequest) -> PreparedRequest:
        if self.stale:
            self.current, self.stale = self.current + 1, False
        r.headers["Authorization"] = f"Bearer t{self.current}"
        return r

    def reject(self, request: PreparedRequest) -> bool:
        self.stale = self.helps
        return self.helps


def tokens_seen(server: Any) -> list[str]:
    return [seen.headers["Authorization"].removeprefix("Bearer ") for seen in server.seen]


@pytest.mark.parametrize("bad", [{"status": 503, "body": b"<html>"}, {"status": 500}, {"cut": True},
                                 {"body": b"<html>login"}, {"status": 302}, {"promised": 10}])  # fmt: skip
def test_a_safe_call_is_tried_again_and_then_answered(server: Any, say: Any, transport: Open, bad: Any) -> None:
    server.says(say(**bad), say(body=b'{"ok": 1}'))
    assert transport().send("GET", "/api").json() == {"ok": 1}
    assert len(server.seen) == 2


@pytest.mark.parametrize(
    ("bad", "kind"),
    [({"status": 503}, e.ServerFailed), ({"cut": True}, e.ConnectionLost), ({"body": b"<html>"}, e.NotJson),
     ({"status": 302}, e.NotJson), ({"status": 429}, e.RateLimited), ({"promised": 10}, e.ConnectionLost)],
)  # fmt: skip
def test_after_the_last_try_the_error_says_what_it_was(
    server: Any, say: Any, transport: Open, bad: Any, kind: type[e.Retry]
) -> None:
    server.says(say(**bad))
    with pytest.raises(kind) as caught:
        transport(attempts=2).send("GET", "/api?secret=canary", headers={"X-Key": "canary"})
    assert len(server.seen) == 2
    assert "GET /api" in str(caught.value)
    assert "canary" not in str(caught.value)


@pytest.mark.parametrize("bad", [{"status": 503}, {"status": 500}, {"cut": True}, {"promised": 10},
                                 {"body": b"<html>"}, {"status": 302}])  # fmt: skip
def test_a_call_that_must_not_be_repeated_is_left_with_an_unknown_outcome(
    server: Any, say: Any, transport: Open, bad: Any
) -> None:
    server.says(say(**bad))
    with pytest.raises(e.AnswerLost):
        transport().send("PUT", "/file", data=b"850")
    assert len(server.seen) == 1


def test_a_call_that_never_left_is_no_unknown_outcome(transport: Open) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with pytest.raises(e.ConnectionLost, match="could not be reached"):
        transport(base_url=f"http://127.0.0.1:{port}").send("PUT", "/file", data=b"850")


def test_429_is_tried_again_even_where_nothing_may_be_repeated(server: Any, say: Any, transport: Open) -> None:
    server.says(say(429, headers={"Retry-After": "0"}), say())
    assert transport().send("PUT", "/file", data=b"850").status == 200
    assert [seen.body for seen in server.seen] == [b"850", b"850"]


@pytest.mark.parametrize("asked", ["1", lambda: format_datetime(datetime.now(UTC) + timedelta(seconds=2), usegmt=True)])
def test_what_the_server_asks_for_is_waited(server: Any, say: Any, transport: Open, asked: Any) -> None:
    server.says(say(503, headers={"Retry-After": asked if isinstance(asked, str) else asked()}), say())
    opened = transport()
    opened.send("GET", "/api")
    assert 0.5 <= opened.meter.waited_s <= 2.1


@pytest.mark.parametrize(
    ("status", "kind", "action"),
    [(400, e.RequestRejected, "fail"), (401, e.AccessRejected, "fail"), (403, e.RightMissing, "fail"),
     (404, e.NotFound, "fail"), (409, e.AlreadyThere, "fail"), (418, e.RequestRejected, "fail")],
)  # fmt: skip
def test_a_definite_refusal_is_told_at_once(
    server: Any, say: Any, transport: Open, status: int, kind: type[e.ProviderError], action: str
) -> None:
    server.says(say(status))
    with pytest.raises(kind) as caught:
        transport().send("GET", "/api")
    assert caught.value.action == action
    assert caught.value.where["status"] == status
    assert caught.value.remedy
    assert len(server.seen) == 1


def test_statuses_the_caller_takes_are_returned(server: Any, say: Any, transport: Open) -> None:
    server.says(say(404, body=b"gone"))
    answer = transport().send("GET", "/file", ok={200, 404}, want_json=False)
    assert (answer.status, answer.body) == (404, b"gone")


def test_one_401_is_answered_with_a_fresh_token_and_a_second_one_is_an_error(
    server: Any, say: Any, transport: Open
) -> None:
    server.says(say(401), say())
    transport(auth=Tokens()).send("GET", "/api")
    assert tokens_seen(server) == ["t0", "t1"]
    server.says(say(401))
    with pytest.raises(e.AccessRejected, match="a fresh login was refused"):
        transport(auth=Tokens()).send("GET", "/api")
    assert len(server.seen) == 4


def test_a_refused_put_is_sent_once_more_with_a_fresh_token(server: Any, say: Any, transport: Open) -> None:
    server.says(say(401), say())
    assert transport(auth=Tokens()).send("PUT", "/file", data=b"850").status == 200
    assert [seen.body for seen in server.seen] == [b"850", b"850"]


def test_where_no_fresh_credential_helps_there_is_no_second_try(server: Any, say: Any, transport: Open) -> None:
    server.says(say(401))
    with pytest.raises(e.AccessRejected):
        transport(auth=Tokens(helps=False)).send("GET", "/api")
    assert len(server.seen) == 1


def test_every_attempt_asks_the_auth_again(server: Any, say: Any, transport: Open) -> None:
    tokens = Tokens()

    def expire(answer: Answer) -> None:
        tokens.stale = True
        if len(server.seen) == 1:
            raise e.PageDrift("once more")

    server.says(say())
    transport(auth=tokens).send("GET", "/api", accept=expire)
    assert tokens_seen(server) == ["t0", "t1"]


def test_an_unsigned_call_carries_no_credential_and_renews_none(server: Any, say: Any, transport: Open) -> None:
    server.says(say(401))
    with pytest.raises(e.AccessRejected):
        transport(auth=Tokens()).send("POST", "/login", signed=False)
    assert "Authorization" not in server.seen[0].headers
    assert len(server.seen) == 1


def test_a_login_page_clears_the_cookies_and_logs_in_again(server: Any, say: Any, transport: Open) -> None:
    server.says(say(headers={"Set-Cookie": "sid=1; Path=/"}), say(body=b"<html>login"), say())
    opened = transport(auth=Tokens(), unauthorized=lambda answer: answer.body.startswith(b"<"))
    opened.send("GET", "/api")
    opened.send("GET", "/api")
    assert [seen.headers.get("Cookie") for seen in server.seen] == [None, "sid=1", None]


def test_an_answer_the_caller_does_not_accept_is_a_failed_attempt(server: Any, say: Any, transport: Open) -> None:
    def whole(answer: Answer) -> None:
        if answer.json() != {"ok": 1}:
            raise e.PageDrift("not whole")

    server.says(say(), say(body=b'{"ok": 1}'))
    transport().send("GET", "/api", accept=whole)
    assert len(server.seen) == 2
    server.says(say())
    with pytest.raises(e.PageDrift):
        transport(attempts=2).send("GET", "/api", accept=whole)


def test_an_explained_answer_replaces_what_the_status_says(server: Any, say: Any, transport: Open) -> None:
    server.says(say(500))
    with pytest.raises(e.RequestRejected, match="sagex3 GET /api: property unknown") as caught:
        transport(explain=lambda answer: e.RequestRejected("property unknown")).send("GET", "/api")
    assert caught.value.where["status"] == 500
    assert len(server.seen) == 1


def test_a_silent_server_is_left_after_the_time_out(server: Any, say: Any, transport: Open) -> None:
    never = threading.Event()
    server.says(say(wait=never))
    try:
        with pytest.raises(e.AnswerTimedOut):
            transport(read_timeout_s=0.2, attempts=1).send("GET", "/api")
        with pytest.raises(e.AnswerLost):
            transport(read_timeout_s=0.2).send("PUT", "/file", data=b"850")
    finally:
        never.set()


@pytest.mark.parametrize(("method", "kind"), [("GET", e.DeadlinePassed), ("PUT", e.AnswerLost)])
def test_a_server_that_drips_is_left_at_the_deadline(
    server: Any, say: Any, transport: Open, method: str, kind: type[e.Retry]
) -> None:
    server.says(say(body=b"{" + b" " * 200 + b"}", pieces=0.05))
    with pytest.raises(kind):
        transport(read_timeout_s=5).send(method, "/api", deadline_s=0.4)
    assert len(server.seen) == 1


def test_no_try_begins_that_the_deadline_would_not_let_end(server: Any, say: Any, transport: Open) -> None:
    server.says(say(503, headers={"Retry-After": "30"}))
    opened = transport()
    with pytest.raises(e.ServerFailed):
        opened.send("GET", "/api", deadline_s=2)
    assert opened.meter.waited_s == 0
    assert len(server.seen) == 1


def test_a_redirect_is_not_followed(server: Any, say: Any, transport: Open) -> None:
    server.says(say(302, headers={"Location": "/auth/login"}), say())
    with pytest.raises(e.NotJson, match="redirects"):
        transport(attempts=1).send("GET", "/api")
    assert [seen.path for seen in server.seen] == ["/api"]


def test_a_link_to_another_host_gets_no_request_and_no_credential(server: Any, say: Any, transport: Open) -> None:
    with pytest.raises(e.LinkRefused, match=r"elsewhere\.example"):
        transport(auth=Tokens()).send("GET", "http://elsewhere.example/api")
    assert transport().send("GET", f"{server.url}/api").status == 200


def test_a_netrc_file_does_not_replace_the_login(
    server: Any, say: Any, transport: Open, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login other password other\n")
    monkeypatch.setenv("NETRC", str(netrc))
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    transport().send("GET", "/api")
    assert "Authorization" not in server.seen[0].headers


def test_what_went_over_the_wire_is_counted_over_all_threads(server: Any, say: Any, transport: Open) -> None:
    server.says(say(body=b'{"a": 1}'))
    opened = transport()
    threads = [threading.Thread(target=lambda: opened.send("POST", "/x", data=b"12345")) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    meter = opened.meter
    assert (meter.requests, meter.received_bytes, meter.sent_bytes, meter.sessions) == (8, 64, 40, 8)


def test_one_thread_keeps_one_session_and_its_cookies(server: Any, say: Any, transport: Open) -> None:
    server.says(say(headers={"Set-Cookie": "sid=7; Path=/"}))
    opened = transport()
    for _ in range(3):
        opened.send("GET", "/api")
    assert opened.meter.sessions == 1
    assert [seen.headers.get("Cookie") for seen in server.seen] == [None, "sid=7", "sid=7"]


def test_calls_keep_their_distance(server: Any, say: Any, transport: Open) -> None:
    opened = transport(rate_limit=20)
    begun = time.monotonic()
    for _ in range(4):
        opened.send("GET", "/api")
    assert time.monotonic() - begun >= 0.15
    assert opened.meter.waited_s <= 0.16


def test_a_certificate_nobody_vouches_for_is_refused_with_the_remedy(tmp_path: Path) -> None:
    from airflow_provider_sagex3_cleo.sandbox.clock import Clock
    from airflow_provider_sagex3_cleo.sandbox.server import Reply, SandboxServer
    from airflow_provider_sagex3_cleo.sandbox.tls import self_signed

    context, bundle = self_signed(tmp_path)
    with SandboxServer("tls", Clock(), tls=context) as running:
        running.route("GET", "/api", lambda request: Reply.json({"ok": 1}))
        with pytest.raises(e.TlsRejected, match=r"CA bundle's path into `verify`"):
            Transport("sagex3", running.url).send("GET", "/api")
        trusting = Transport("sagex3", running.url, verify=str(bundle))
        assert trusting.send("GET", "/api").json() == {"ok": 1}
        trusting.close()


def test_numbers_in_json_stay_exact() -> None:
    assert parse_json(b'{"a": 0.1, "b": 12345678901234567890.123456, "c": 1E2, "d": 7}') == {
        "a": Decimal("0.1"), "b": Decimal("12345678901234567890.123456"), "c": Decimal("1E2"), "d": 7,
    }  # fmt: skip


@pytest.mark.parametrize("text", [None, "", "yesterday", "2026-11-24"])
def test_a_date_header_that_is_none_is_none(text: str | None) -> None:
    assert http_date(text) is None


def test_a_date_header_is_an_aware_utc_time() -> None:
    assert http_date("Tue, 24 Nov 2026 06:33:54 GMT") == datetime(2026, 11, 24, 6, 33, 54, tzinfo=UTC)
    assert http_date("Tue, 24 Nov 2026 07:33:54 +0100") == datetime(2026, 11, 24, 6, 33, 54, tzinfo=UTC)
