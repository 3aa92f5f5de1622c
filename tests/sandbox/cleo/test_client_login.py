"""Login, tokens and `check` against the fake: one login where one is enough, never so many that an account locks."""

from __future__ import annotations

import logging
import pickle
import threading
import time
from collections.abc import Callable

import pytest

from airflow_provider_sagex3_cleo import errors as e
from airflow_provider_sagex3_cleo.cleo.client import CleoClient
from airflow_provider_sagex3_cleo.sandbox.cleo_fake import CleoFake

FOLDER = "outbound/850"
OpenClient = Callable[..., CleoClient]


def tokens(cleo: CleoFake) -> list[str]:
    """The token of each call in order, refused ones included."""
    return [row.notes.get("token", "").removeprefix("sandbox-token-") for row in cleo.server.log(path="/files/")]


def test_nothing_is_asked_before_the_first_call_and_one_login_serves_many(cleo: CleoFake, client: CleoClient) -> None:
    assert cleo.server.log() == []
    for _ in range(3):
        client.list(FOLDER)
    assert [t.status for t in cleo.logins.tries()] == [200]
    assert tokens(cleo) == ["1", "1", "1"]


@pytest.mark.parametrize("answer", ["token_only", "no_expiry"])
def test_a_login_answer_without_expires_in_is_enough(cleo: CleoFake, open_client: OpenClient, answer: str) -> None:
    cleo.configure(answer=answer)
    client = open_client(token_life_s=1000)
    client.list(FOLDER)
    client.list(FOLDER)
    assert tokens(cleo) == ["1", "1"]


def test_an_assumed_life_renews_a_token_that_nobody_has_refused(cleo: CleoFake, open_client: OpenClient) -> None:
    cleo.configure(answer="token_only")
    client = open_client(token_life_s=1, renew_lead_s=0.95)  # at most half of the life is lead
    client.list(FOLDER)
    time_is_up = time.monotonic() + 5
    while len(cleo.logins.tries()) < 2:
        assert time.monotonic() < time_is_up
        client.list(FOLDER)
    assert set(tokens(cleo)) == {"1", "2"}
    assert {row.status for row in cleo.server.log(path="/files/")} == {200}


def test_a_token_that_ends_in_mid_run_is_renewed_once_and_the_call_replayed(cleo: CleoFake, client: CleoClient) -> None:
    client.list(FOLDER)
    cleo.clock.advance(3601)
    client.upload(FOLDER, "a.edi", b"x")
    assert tokens(cleo) == ["1", "1", "2"]
    assert len(cleo.store.journal()) == 1


def test_a_good_token_refused_by_another_node_costs_one_login(cleo: CleoFake, client: CleoClient) -> None:
    client.list(FOLDER)
    cleo.logins.change_node()
    client.upload(FOLDER, "a.edi", b"x")
    assert tokens(cleo) == ["1", "1", "2"]


def test_a_fresh_token_refused_again_is_final(cleo: CleoFake, client: CleoClient) -> None:
    cleo.server.fault("expired", "/files/", times=None)
    with pytest.raises(e.AccessRejected):
        client.list(FOLDER)
    assert len(cleo.logins.tries()) == 2


def test_a_token_that_ends_while_a_429_is_waited_out_is_renewed_for_the_next_try(
    cleo: CleoFake, client: CleoClient
) -> None:
    client.list(FOLDER)
    cleo.server.fault("rate_limit", "/files/", method="PUT", seconds=0)
    cleo.logins.expire_tokens()
    client.upload(FOLDER, "a.edi", b"x")
    assert tokens(cleo)[-1] == "2"


def test_many_threads_with_one_stale_token_log_in_once(cleo: CleoFake, client: CleoClient) -> None:
    client.list(FOLDER)
    cleo.logins.expire_tokens()
    gate = threading.Barrier(8)

    def ask() -> None:
        gate.wait(5)
        client.list(FOLDER)

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(cleo.logins.tries()) == 2
    assert set(tokens(cleo)) == {"1", "2"}


@pytest.mark.parametrize("body", ["json", "oauth", "page", "empty"])
@pytest.mark.parametrize("status", [401, 403, 400])
def test_a_wrong_password_is_final_whatever_the_body_and_two_logins_are_the_most(
    cleo: CleoFake, open_client: OpenClient, body: str, status: int
) -> None:
    cleo.configure(error=body, refused_status=status)
    client = open_client(password="wrong-one")
    for _ in range(5):
        with pytest.raises(e.AccessRejected) as rejected:
            client.list(FOLDER)
        assert "wrong-one" not in str(rejected.value)
    assert "no more are tried" in str(rejected.value)
    assert len(cleo.logins.tries()) == 2


def test_a_locked_account_is_told_as_such(cleo: CleoFake, open_client: OpenClient) -> None:
    for _ in range(5):
        with pytest.raises(e.AccessRejected):
            open_client(password="wrong-one").list(FOLDER)
    with pytest.raises(e.AccessRejected, match="the account is locked"):
        open_client().list(FOLDER)


def test_a_page_in_place_of_a_login_answer_is_no_wrong_password_and_is_not_asked_for_ever(
    cleo: CleoFake, open_client: OpenClient
) -> None:
    cleo.server.fault("login_page", "/authentication", times=None)
    with pytest.raises(e.ProviderError) as problem:
        open_client(attempts=2).upload(FOLDER, "a.edi", b"x")
    assert isinstance(problem.value, e.NotJson)
    assert len(cleo.server.log(path="/authentication")) <= 2


def test_a_login_on_a_wrong_path_points_at_the_setting(cleo: CleoFake, open_client: OpenClient) -> None:
    with pytest.raises(e.NotFound, match="api_prefix"):
        open_client(api_prefix="/rest").list(FOLDER)


def test_a_login_that_fails_on_the_wire_stores_nothing_and_may_be_repeated(cleo: CleoFake, client: CleoClient) -> None:
    cleo.server.fault("maintenance", "/authentication", times=None, headers={"Retry-After": "0"})
    with pytest.raises(e.ServerFailed):
        client.upload(FOLDER, "a.edi", b"x")
    assert len(cleo.server.log(path="/authentication")) == 2
    cleo.server.faults.clear()
    assert client.upload(FOLDER, "a.edi", b"x").status == 201


def test_a_login_answer_without_a_token_is_no_token(cleo: CleoFake, client: CleoClient) -> None:
    cleo.server.fault("status", "/authentication", status=200, body='{"message": "Password reset required"}')
    with pytest.raises(e.AccessRejected, match="the password must be renewed"):
        client.list(FOLDER)


@pytest.mark.parametrize("expires", ['"120"', "0", "-5", "null", '"soon"', "120.5"])
def test_any_expires_in_is_survived(cleo: CleoFake, client: CleoClient, expires: str) -> None:
    body = f'{{"access_token": "fixed", "expires_in": {expires}}}'
    cleo.server.fault("status", "/authentication", status=200, body=body, times=None)
    with pytest.raises(e.AccessRejected):  # the fake does not know this token; the login itself was understood
        client.list(FOLDER)
    assert set(tokens(cleo)) == {"fixed"}


def test_basic_needs_no_login_call(cleo: CleoFake, open_client: OpenClient) -> None:
    client = open_client(auth="basic")
    client.upload(FOLDER, "a.edi", b"x")
    assert cleo.server.log(path="/authentication") == []
    assert len(cleo.store.journal()) == 1


@pytest.mark.parametrize(("status", "kind"), [(401, e.AccessRejected), (403, e.RightMissing)])
def test_basic_switched_off_is_final_at_the_first_call(
    cleo: CleoFake, open_client: OpenClient, status: int, kind: type[e.Fail]
) -> None:
    cleo.configure(basic=False, basic_off_status=status)
    with pytest.raises(kind):
        open_client(auth="basic").upload(FOLDER, "a.edi", b"x")
    assert len(cleo.server.log()) == 1


def test_password_and_token_are_in_no_message_no_log_and_no_repr(
    cleo: CleoFake, open_client: OpenClient, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    client = open_client()
    client.list(FOLDER)
    texts = [repr(client), repr(vars(client)), repr(client.settings), repr(client.check([FOLDER]))]
    for kind in ("error", "expired", "refuse", "login_page", "rate_limit"):
        cleo.server.fault(kind, "/files/", method="PUT", times=None)
        with pytest.raises(e.ProviderError) as problem:
            client.upload(FOLDER, "a.edi", b"x", deadline_s=0.5)
        texts += [str(problem.value), repr(problem.value), repr(problem.value.where), repr(pickle.dumps(problem.value))]
        cleo.server.faults.clear()
    said = " ".join([*texts, caplog.text])
    assert cleo.logins.users["edi-sender"] not in said
    assert "sandbox-token" not in said


def test_check_says_one_line_each_with_one_login_and_one_listing(cleo: CleoFake, client: CleoClient) -> None:
    cleo.store.folder("locked", readable=False)
    lines = client.check([FOLDER, "locked", "elsewhere", "autorun"])
    assert [line.ok for line in lines] == [True, True, False, False, False]
    assert "0 files" in str(lines[1])
    assert "right to read" in str(lines[2])
    assert "agreement" in str(lines[3])
    assert "autorun" in str(lines[4])
    assert len(cleo.server.log()) == 4


def test_a_right_that_is_missing_under_basic_may_be_basic_switched_off(cleo: CleoFake, open_client: OpenClient) -> None:
    cleo.configure(basic=False, basic_off_status=403)
    with pytest.raises(e.RightMissing, match="Basic is switched off"):
        open_client(auth="basic").list(FOLDER)


def test_check_of_a_server_that_is_not_there_points_at_the_connection(cleo: CleoFake, client: CleoClient) -> None:
    cleo.stop()
    lines = client.check([FOLDER])
    assert [line.ok for line in lines] == [False]
    assert "host, port" in lines[0].remedy


def test_check_stops_after_a_refused_login(cleo: CleoFake, open_client: OpenClient) -> None:
    lines = open_client(password="wrong-one").check([FOLDER])
    assert [line.ok for line in lines] == [False]
    assert "check login" in lines[0].remedy.lower()
    assert len(cleo.server.log()) == 1


def test_check_with_basic_reads_something_cheap(cleo: CleoFake, open_client: OpenClient) -> None:
    assert [line.found for line in open_client(auth="basic").check()] == ["Basic login edi-sender accepted"]
    lines = open_client(auth="basic", password="wrong-one").check([FOLDER])
    assert [line.ok for line in lines] == [False]
    assert len(cleo.server.log()) == 2


def test_check_with_basic_leaves_the_proof_to_a_folder_where_the_cheap_read_is_forbidden(
    cleo: CleoFake, open_client: OpenClient
) -> None:
    lines = open_client(auth="basic", check_path="/api/nothing").check([FOLDER])
    assert [line.ok for line in lines] == [True, True]
    assert "proven by a folder only" in lines[0].found
