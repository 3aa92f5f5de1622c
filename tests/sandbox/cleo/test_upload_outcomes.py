"""Whatever goes wrong on the way, the outcome of an upload tells the truth about what Cleo holds."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from airflow_provider_sagex3_cleo import errors as e
from airflow_provider_sagex3_cleo.cleo.client import CleoClient
from airflow_provider_sagex3_cleo.cleo.settings import CleoSettings
from airflow_provider_sagex3_cleo.sandbox.cleo_fake import CleoFake

FOLDER, DATA = "outbound/850", b"ISA*00*~IEA*1*~"
ON_UPLOAD = (
    "refuse",
    "lose_answer",
    "reset",
    "error",
    "maintenance",
    "login_page",
    "redirect",
    "expired",
    "rate_limit",
)
ON_LOGIN = ("error", "maintenance", "login_page", "redirect", "expired", "rate_limit", "wrong_json")

faults = st.lists(
    st.tuples(st.just("/files/|/server"), st.sampled_from(ON_UPLOAD))
    | st.tuples(st.just("/auth"), st.sampled_from(ON_LOGIN)),
    max_size=3,
)
manners = st.fixed_dictionaries(
    {
        "existing": st.sampled_from(["overwrite", "refuse", "keep_old", "rename"]),
        "pickup": st.sampled_from(["never", "at_once"]),
        "writable": st.sampled_from([True, True, True, False]),
    }
)


@pytest.fixture(scope="module")
def shared() -> Iterator[tuple[CleoFake, itertools.count[int]]]:
    with CleoFake(users={"edi": "pw"}, folders=(FOLDER,)) as fake:
        fake.configure(lockout_failures=0)
        yield fake, itertools.count(1)


@pytest.mark.parametrize("dialect", ["rest", "server"])
@settings(max_examples=60, deadline=None)
@given(faults=faults, manners=manners, there_before=st.booleans())
def test_success_means_stored_once_refusal_means_not_stored_and_no_upload_leaves_twice(
    shared: tuple[CleoFake, itertools.count[int]],
    dialect: str,
    faults: list[tuple[str, str]],
    manners: dict[str, str | bool],
    there_before: bool,
) -> None:
    cleo, numbers = shared
    name = f"{next(numbers)}.edi"
    cleo.server.faults.clear()
    cleo.store.folder(FOLDER, **manners)
    if there_before:
        cleo.store.place(FOLDER, name, b"old")
    for path, kind in faults:
        cleo.server.fault(kind, path, seconds=0, headers={"Retry-After": "0"} if kind != "rate_limit" else {})
    before = len(cleo.store.journal())
    given = {"environment": "test", "dialect": dialect}
    with CleoClient(
        CleoSettings.from_connection("c", "127.0.0.1", cleo.server.port, "http", "edi", "pw", given)
    ) as client:
        try:
            client.upload(FOLDER, name, DATA, deadline_s=20)
            outcome = "sent"
        except e.AnswerLost:
            outcome = "unknown"
        except (e.Fail, e.Retry):
            outcome = "not stored"
    stored = [row for row in cleo.store.journal()[before:] if row.asked_name == name]
    assert all(row.data == DATA for row in stored)
    kept_old = there_before and manners["existing"] == "keep_old"
    assert len(stored) in {"sent": {0 if kept_old else 1}, "unknown": {0, 1}, "not stored": {0}}[outcome]
