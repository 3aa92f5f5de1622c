"""The fake's front door, one test for each marked fact of the reference, over plain requests."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import requests

from airflow_provider_sagex3_cleo.sandbox.cleo_fake import CleoFake

GOOD = {"grant_type": "password", "username": "edi-sender"}
LISTING = "/api/files/outbound/850"


@pytest.fixture
def http() -> Iterator[requests.Session]:
    with requests.Session() as session:
        session.trust_env = False
        yield session


def sign_in(http: requests.Session, cleo: CleoFake, **fields: str) -> requests.Response:
    form = GOOD | {"password": cleo.logins.users["edi-sender"]} | fields
    return http.post(f"{cleo.url}/api/authentication", data=form, timeout=5)


def listing(http: requests.Session, cleo: CleoFake, token: str) -> int:
    return http.get(cleo.url + LISTING, headers={"Authorization": f"Bearer {token}"}, timeout=5).status_code


def test_a_form_login_gives_200_and_a_json_object_with_access_token(http: requests.Session, cleo: CleoFake) -> None:
    answer = sign_in(http, cleo)
    assert answer.status_code == 200
    assert set(answer.json()) == {"access_token", "token_type", "expires_in", "refresh_token"}
    assert listing(http, cleo, answer.json()["access_token"]) == 200


def test_only_a_form_is_read(http: requests.Session, cleo: CleoFake) -> None:
    form = GOOD | {"password": cleo.logins.users["edi-sender"]}
    assert http.post(f"{cleo.url}/api/authentication", json=form, timeout=5).status_code == 415
    assert sign_in(http, cleo, grant_type="client_credentials").status_code == 400


@pytest.mark.parametrize(
    ("answer", "fields"),
    [("token_only", {"access_token"}), ("no_expiry", {"access_token", "token_type", "refresh_token"})],
)
def test_poorer_answers_on_demand(http: requests.Session, cleo: CleoFake, answer: str, fields: set[str]) -> None:
    cleo.configure(answer=answer)
    assert set(sign_in(http, cleo).json()) == fields


@pytest.mark.parametrize(
    ("error", "body"),
    [
        ("json", '{"message":"Invalid username or password"}'),
        ("oauth", '{"error":"invalid_grant","error_description":"Invalid username or password"}'),
        ("empty", ""),
    ],
)
def test_a_wrong_password_is_401_with_the_body_wanted(
    http: requests.Session, cleo: CleoFake, error: str, body: str
) -> None:
    cleo.configure(error=error)
    answer = sign_in(http, cleo, password="no")
    assert (answer.status_code, answer.text) == (401, body)


def test_a_wrong_password_may_be_403_with_a_web_page(http: requests.Session, cleo: CleoFake) -> None:
    cleo.configure(error="page", refused_status=403)
    answer = sign_in(http, cleo, password="no")
    assert (answer.status_code, answer.headers["Content-Type"]) == (403, "text/html; charset=utf-8")


def test_five_failures_in_a_minute_lock_the_account_for_a_quarter_of_an_hour(
    http: requests.Session, cleo: CleoFake
) -> None:
    for _ in range(5):
        assert sign_in(http, cleo, password="no").status_code == 401
    assert sign_in(http, cleo).json() == {"message": "Account is locked"}
    cleo.clock.advance(901)
    assert sign_in(http, cleo).status_code == 200


def test_failures_far_apart_do_not_lock(http: requests.Session, cleo: CleoFake) -> None:
    for _ in range(6):
        sign_in(http, cleo, password="no")
        cleo.clock.advance(20)
    assert sign_in(http, cleo).status_code == 200


def test_a_lock_can_be_switched_off_and_lifted(http: requests.Session, cleo: CleoFake) -> None:
    for _ in range(5):
        sign_in(http, cleo, password="no")
    cleo.logins.unlock()
    assert sign_in(http, cleo).status_code == 200
    cleo.configure(lockout_failures=0)
    for _ in range(9):
        sign_in(http, cleo, password="no")
    assert sign_in(http, cleo).status_code == 200


def test_a_token_ends_after_its_life(http: requests.Session, cleo: CleoFake) -> None:
    cleo.configure(token_life_s=100)
    token = sign_in(http, cleo).json()["access_token"]
    cleo.clock.advance(99)
    assert listing(http, cleo, token) == 200
    cleo.clock.advance(1)
    assert listing(http, cleo, token) == 401


def test_another_node_refuses_a_good_token_once(http: requests.Session, cleo: CleoFake) -> None:
    token = sign_in(http, cleo).json()["access_token"]
    cleo.logins.change_node()
    assert [listing(http, cleo, token) for _ in range(2)] == [401, 200]


def test_basic_is_accepted_until_it_is_switched_off_with_a_status_of_choice(
    http: requests.Session, cleo: CleoFake
) -> None:
    def status(password: str = cleo.logins.users["edi-sender"]) -> int:
        pair = (b"edi-sender", password.encode())
        return http.get(cleo.url + LISTING, auth=pair, timeout=5).status_code

    assert (status(), status("no")) == (200, 401)
    cleo.configure(basic=False)
    assert status() == 401
    cleo.configure(basic_off_status=403)
    assert status() == 403


@pytest.mark.parametrize("header", ["", "Bearer made-up", "Basic !!!", "Digest x"])
def test_no_call_passes_without_a_good_credential(http: requests.Session, cleo: CleoFake, header: str) -> None:
    answer = http.get(cleo.url + LISTING, headers={"Authorization": header}, timeout=5)
    assert answer.status_code == 401
    assert answer.json()["message"]


def test_every_login_is_kept(http: requests.Session, cleo: CleoFake) -> None:
    sign_in(http, cleo, password="no")
    sign_in(http, cleo)
    assert [(t.login, t.status) for t in cleo.logins.tries()] == [("edi-sender", 401), ("edi-sender", 200)]
