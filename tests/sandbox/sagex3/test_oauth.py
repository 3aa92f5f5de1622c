"""OAuth2 against the fake's token endpoint: a refresh token is used once, by one process, and never lies in clear."""

from __future__ import annotations

import json
import logging
import os
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from cryptography.fernet import Fernet
from requests import PreparedRequest, Request

from airflow_provider_sagex3_cleo import errors as e
from airflow_provider_sagex3_cleo.ledger import Ledger
from airflow_provider_sagex3_cleo.pipeline.tokens import LedgerTokens
from airflow_provider_sagex3_cleo.sagex3.oauth import Fresh, OAuth2Auth, token_call
from airflow_provider_sagex3_cleo.sagex3.reader import Reader, open_reader
from airflow_provider_sagex3_cleo.sagex3.settings import SageX3Settings
from airflow_provider_sagex3_cleo.sagex3.spec import EntitySpec
from airflow_provider_sagex3_cleo.sandbox.run import Sandbox

TOP = Path(__file__).parents[3]
KEY = Fernet.generate_key().decode()

#: One page of keys in a process of its own; argv: connection, ledger, key, seconds of the lease, whether to die.
READ_IN_A_PROCESS = """
import json, os, signal, sys
from functools import partial
from airflow_provider_sagex3_cleo.ledger import Ledger, tokens
from airflow_provider_sagex3_cleo.pipeline.tokens import LedgerTokens
from airflow_provider_sagex3_cleo.sagex3.reader import open_reader
from airflow_provider_sagex3_cleo.sagex3.settings import SageX3Settings
from airflow_provider_sagex3_cleo.sagex3.spec import load_specs
connection, url, key, lease_s, dies = sys.argv[1:]
if dies == "yes":
    tokens.keep = lambda *_, **__: os.kill(os.getpid(), signal.SIGKILL)
store = LedgerTokens(partial(Ledger.open, url), key, lease_s=float(lease_s))
reader = open_reader(SageX3Settings.from_connection("sagex3_default", **json.loads(connection)), store)
spec = load_specs()["purchase_orders"]
print(len(next(iter(reader.key_pages(spec, spec.sources[0], lower=None))).rows))
"""


class Site:
    """A fake Sage X3 with its token endpoint, a ledger, and readers."""

    def __init__(self, sandbox: Sandbox, folder: Path) -> None:
        self.sandbox, self.oauth = sandbox, sandbox.x3.oauth
        self.file = folder / "ledger.db"
        self.url = f"sqlite:///{self.file}"
        self.seed = self.oauth.refresh_token
        Ledger.open(self.url).close()

    def connection(self, **extras: Any) -> dict[str, Any]:
        access = self.sandbox.access()["sagex3"]
        given = {
            "auth": "oauth2", "auth_url": f"{self.sandbox.x3_url}/oauth/token", "client_id": self.oauth.client_id,
            "client_secret": self.oauth.client_secret, "refresh_token": self.seed,
        }  # fmt: skip
        place = {name: access[name] for name in ("host", "port", "schema")}
        return {**place, "login": "", "password": "", "extras": {**access["extra"], **given, **extras}}

    def settings(self, **extras: Any) -> SageX3Settings:
        return SageX3Settings.from_connection("sagex3_default", **self.connection(**extras))

    def store(self, key: str = KEY, **options: Any) -> LedgerTokens:
        return LedgerTokens(partial(Ledger.open, self.url), key, **options)

    def process(self, *, lease_s: float = 60, dies: bool = False) -> subprocess.Popen[str]:
        arguments = [json.dumps(self.connection()), self.url, KEY, str(lease_s), "yes" if dies else "no"]
        return subprocess.Popen(
            [sys.executable, "-c", READ_IN_A_PROCESS, *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            text=True, cwd=TOP, env={**os.environ, "PYTHONPATH": str(TOP)},
        )  # fmt: skip

    def each_refresh_token_was_used_once(self) -> bool:
        good = Counter(call.refresh_token for call in self.oauth.calls() if call.status == 200)
        return max(good.values()) == 1 and all(call.status == 200 for call in self.oauth.calls())


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    with Sandbox(seed=7, orders=20, supplier_count=40) as sandbox:
        yield Site(sandbox, tmp_path)


@pytest.fixture
def open_one(site: Site) -> Iterator[Callable[..., Reader]]:
    opened: list[Reader] = []

    def make(store: LedgerTokens | None = None, **extras: Any) -> Reader:
        opened.append(open_reader(site.settings(**extras), store))
        return opened[-1]

    yield make
    for reader in opened:
        reader.close()


def keys(reader: Reader, spec: EntitySpec) -> int:
    return len(next(iter(reader.key_pages(spec, spec.sources[0], lower=None))).rows)


def signed(auth: OAuth2Auth) -> PreparedRequest:
    return auth(Request("GET", "http://127.0.0.1/").prepare())


@pytest.mark.parametrize("transport", ["rest", "graphql"])
@pytest.mark.parametrize("body", ["json", "form"])
def test_one_token_serves_many_calls_on_both_transports(
    site: Site, open_one: Callable[..., Reader], spec: EntitySpec, transport: str, body: str
) -> None:
    reader = open_one(site.store(), transport=transport, auth_body=body)
    assert keys(reader, spec) > 0
    assert keys(reader, spec) > 0
    assert len(site.oauth.calls()) == 1


def test_the_next_run_uses_up_the_kept_access_token_and_then_the_rotated_refresh_token(
    site: Site, open_one: Callable[..., Reader], spec: EntitySpec
) -> None:
    keys(open_one(site.store()), spec)
    keys(open_one(site.store()), spec)
    assert [call.refresh_token for call in site.oauth.calls()] == [site.seed]
    site.oauth.expire()
    keys(open_one(site.store()), spec)
    assert [call.refresh_token for call in site.oauth.calls()] == [site.seed, "sandbox-refresh-2"]
    assert site.each_refresh_token_was_used_once()


def test_a_token_that_ends_in_mid_run_is_renewed_once_and_the_call_replayed(
    site: Site, open_one: Callable[..., Reader], spec: EntitySpec
) -> None:
    reader = open_one(site.store())
    keys(reader, spec)
    site.oauth.expire()
    site.sandbox.x3.rest.lose_sessions()
    assert keys(reader, spec) > 0
    assert len(site.oauth.calls()) == 2


def test_a_token_is_renewed_before_its_end() -> None:
    given = iter(range(1, 9))
    time_s = [0.0]
    auth = OAuth2Auth(lambda refused: Fresh(f"t{next(given)}", "", 300), ticks=lambda: time_s[0])
    seen = []
    for moment in (0.0, 269.0, 271.0):
        time_s[0] = moment
        seen.append(signed(auth).headers["Authorization"])
    assert seen == ["Bearer t1", "Bearer t1", "Bearer t2"]


def test_a_service_that_does_not_rotate_keeps_its_token(site: Site) -> None:
    site.oauth.configure(rotates=False, expires_in=False)
    exchange = token_call(site.settings())
    refused = ""
    for _ in range(3):
        refused = site.store().obtain("sagex3_default", site.seed, refused, exchange).access
    assert [call.status for call in site.oauth.calls()] == [200, 200, 200]


def test_client_credentials_need_no_ledger_and_are_refused_with_the_remedy_where_unknown(
    site: Site, open_one: Callable[..., Reader], spec: EntitySpec
) -> None:
    reader = open_one(grant="client_credentials", refresh_token="")
    with pytest.raises(e.AccessRejected, match="does not know this grant") as refused:
        keys(reader, spec)
    assert "set grant to refresh_token" in str(refused.value).lower()
    site.oauth.configure(grants=("refresh_token", "client_credentials"))
    assert keys(reader, spec) > 0


def test_refresh_tokens_without_a_ledger_are_refused(open_one: Callable[..., Reader]) -> None:
    with pytest.raises(e.SettingFault, match="need the ledger"):
        open_one()


def test_many_threads_and_stores_renew_once_for_each_refusal(site: Site) -> None:
    exchange, failed = token_call(site.settings()), []
    gate = threading.Barrier(5)

    def work() -> None:
        try:
            gate.wait(10)
            refused = ""
            for _ in range(3):
                refused = site.store().obtain("sagex3_default", site.seed, refused, exchange).access
        except Exception as problem:  # noqa: BLE001 - shown by the assertion below
            failed.append(problem)

    threads = [threading.Thread(target=work) for _ in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []
    assert site.each_refresh_token_was_used_once()
    assert 3 <= len(site.oauth.calls()) <= 15


def test_processes_that_need_a_token_at_once_make_one_renewal(site: Site) -> None:
    site.sandbox.x3.fault("delay", "/oauth/token", times=None, seconds=0.7)
    processes = [site.process() for _ in range(3)]
    for process in processes:
        out, err = process.communicate(timeout=60)
        assert process.returncode == 0, err
        assert int(out) > 0
    assert len(site.oauth.calls()) == 1


def test_an_answer_that_is_lost_is_told_once_a_person_logs_in_again_all_is_well(
    site: Site, open_one: Callable[..., Reader], spec: EntitySpec
) -> None:
    site.sandbox.x3.fault("lose_answer", "/oauth/token")
    with pytest.raises(e.AccessRejected, match="ended without an answer") as refused:
        keys(open_one(site.store()), spec)
    assert "log in to sage again" in str(refused.value).lower()
    assert [call.status for call in site.oauth.calls()] == [200, 400]
    site.seed = site.oauth.log_in()
    assert keys(open_one(site.store()), spec) > 0


def test_a_process_killed_before_it_writes_back_costs_one_login_of_a_person_and_nothing_else(
    site: Site, open_one: Callable[..., Reader], spec: EntitySpec
) -> None:
    killed = site.process(lease_s=0.5, dies=True)
    killed.communicate(timeout=60)
    assert killed.returncode == -9
    with pytest.raises(e.AccessRejected, match="ended without an answer"):
        keys(open_one(site.store()), spec)
    site.seed = site.oauth.log_in()
    assert keys(open_one(site.store()), spec) > 0


def test_a_call_that_never_reached_the_server_spends_nothing(
    site: Site, open_one: Callable[..., Reader], spec: EntitySpec
) -> None:
    site.sandbox.x3.fault("rate_limit", "/oauth/token", times=2, seconds=0)
    assert keys(open_one(site.store()), spec) > 0
    assert len(site.oauth.calls()) == 1


def test_a_refused_client_points_at_its_settings(site: Site, open_one: Callable[..., Reader], spec: EntitySpec) -> None:
    with pytest.raises(e.AccessRejected, match="client_id and client_secret"):
        keys(open_one(site.store(), client_secret="wrong"), spec)


def test_no_token_lies_in_the_ledger_in_clear_or_reaches_a_message(
    site: Site, open_one: Callable[..., Reader], spec: EntitySpec, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    reader = open_one(site.store())
    keys(reader, spec)
    site.oauth.log_in()  # elsewhere: our refresh token stops working
    site.oauth.expire()
    site.sandbox.x3.rest.lose_sessions()
    with pytest.raises(e.AccessRejected) as refused:
        keys(reader, spec)
    kept = b"".join(path.read_bytes() for path in site.file.parent.glob("ledger.db*"))
    said = f"{refused.value} {refused.value.where} {site.settings()!r} {dict(site.settings().describe())} {caplog.text}"
    for secret in ("sandbox-refresh", "sandbox-access", site.oauth.client_secret):
        assert secret.encode() not in kept
        assert secret not in said


def test_a_changed_key_is_told_and_an_old_one_after_a_comma_still_reads(site: Site) -> None:
    exchange, new = token_call(site.settings()), Fernet.generate_key().decode()
    site.store().obtain("sagex3_default", site.seed, "", exchange)
    with pytest.raises(e.SettingFault, match="another"):
        site.store(new).obtain("sagex3_default", site.seed, "", exchange)
    assert site.store(f"{new},{KEY}").obtain("sagex3_default", site.seed, "", exchange).access
    for empty in ("", "no-key"):
        with pytest.raises(e.SettingFault, match="fernet_key"):
            site.store(empty)


def test_a_renewal_of_another_process_that_takes_too_long_is_a_retry(site: Site) -> None:
    exchange = token_call(site.settings())
    site.sandbox.x3.fault("delay", "/oauth/token", seconds=1.5)
    slow = threading.Thread(target=lambda: site.store().obtain("sagex3_default", site.seed, "", exchange))
    slow.start()
    deadline = threading.Event()
    with Ledger.open(site.url) as ledger:
        while not _under_lease(ledger):
            assert not deadline.wait(0.02)
    with pytest.raises(e.LedgerBusy):
        site.store(wait_s=0.3).obtain("sagex3_default", site.seed, "", exchange)
    slow.join()
    assert site.each_refresh_token_was_used_once()


def _under_lease(ledger: Ledger) -> bool:
    from airflow_provider_sagex3_cleo.ledger import tokens

    with ledger.reading() as db:
        row = tokens.find(db, "sagex3_default")
    return row is not None and row.asked_at is not None
