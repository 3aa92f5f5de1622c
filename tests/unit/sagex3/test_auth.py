"""The token a connected app makes: its claims, its life, and who renews it."""

from __future__ import annotations

import threading

import jwt
from requests import PreparedRequest, Request

from airflow_provider_sagex3_cleo.sagex3.auth import BasicAuth, ConnectedAppAuth

SECRET = "a-secret-that-is-long-enough-for-hs256"


class Clock:
    """Seconds, moved by hand."""

    def __init__(self) -> None:
        self.s = 1_795_000_000.0

    def __call__(self) -> float:
        return self.s


def _auth(clock: Clock, life_s: int = 300, audience: str = "https://x3.example.com/ ") -> ConnectedAppAuth:
    return ConnectedAppAuth("app-1", SECRET, "EDI", audience, life_s=life_s, now=clock, ticks=clock)


def _signed(auth: ConnectedAppAuth | BasicAuth) -> PreparedRequest:
    return auth(Request("GET", "http://127.0.0.1/").prepare())


def _token(request: PreparedRequest) -> str:
    return request.headers["Authorization"].removeprefix("Bearer ")


def test_the_claims_are_those_of_the_connected_app_and_the_audience_is_exact() -> None:
    clock = Clock()
    token = _token(_signed(_auth(clock)))
    claims = jwt.decode(token, SECRET, algorithms=["HS256"], options={"verify_signature": True, "verify_exp": False,
                                                                      "verify_aud": False})  # fmt: skip
    assert claims == {"iss": "app-1", "sub": "EDI", "aud": "https://x3.example.com/ ", "iat": int(clock.s) - 30,
                      "exp": int(clock.s) + 270}  # fmt: skip
    assert jwt.get_unverified_header(token)["alg"] == "HS256"


def test_a_token_is_used_again_and_renewed_before_its_end() -> None:
    clock = Clock()
    auth = _auth(clock)
    first = _token(_signed(auth))
    clock.s += 239
    assert _token(_signed(auth)) == first
    clock.s += 2  # 29 s before the end
    assert _token(_signed(auth)) != first
    assert auth.made == 2


def test_a_very_short_life_still_serves_for_a_while() -> None:
    clock = Clock()
    auth = _auth(clock, life_s=40)
    _signed(auth)
    clock.s += 4
    _signed(auth)
    assert auth.made == 1
    clock.s += 2
    _signed(auth)
    assert auth.made == 2


def test_a_refusal_forgets_the_token_only_while_it_is_the_current_one() -> None:
    clock = Clock()
    auth = _auth(clock)
    old = _signed(auth)
    clock.s += 1
    assert auth.reject(old) is True
    fresh = _signed(auth)
    assert auth.reject(old) is True  # late: the token refused is not the current one any more
    assert _token(_signed(auth)) == _token(fresh)
    assert auth.made == 2


def test_eight_threads_with_one_stale_token_renew_once() -> None:
    clock = Clock()
    auth = _auth(clock)
    old = _signed(auth)
    clock.s += 1
    gate = threading.Barrier(8)
    tokens: list[str] = []

    def refused() -> None:
        gate.wait()
        auth.reject(old)
        tokens.append(_token(_signed(auth)))

    threads = [threading.Thread(target=refused) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert auth.made == 2
    assert len(set(tokens)) == 1


def test_a_refused_login_is_tried_again_only_where_a_session_may_have_been_lost() -> None:
    auth = BasicAuth("EDI", "müller")
    request = _signed(auth)
    assert request.headers["Authorization"] == "Basic RURJOm3DvGxsZXI="
    assert auth.reject(request) is False
    request.headers["Cookie"] = "syracuse.sid=1"
    assert auth.reject(request) is True
