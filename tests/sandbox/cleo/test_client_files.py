"""Upload, list, read and delete against the fake: what arrives, and what each odd answer means."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable
from typing import Any

import pytest

from airflow_provider_sagex3_cleo import errors as e
from airflow_provider_sagex3_cleo.cleo.client import CleoClient, UploadResult
from airflow_provider_sagex3_cleo.cleo.settings import CleoSettings
from airflow_provider_sagex3_cleo.sandbox.cleo_fake import CleoFake

FOLDER, NAME, DATA = "outbound/850", "850_ACME_000000001.edi", b"ISA*00*~\r\nIEA*1*~\x00\xff"
OpenClient = Callable[..., CleoClient]


def test_the_bytes_arrive_and_come_back_as_they_were(cleo: CleoFake, client: CleoClient) -> None:
    assert client.upload(FOLDER, NAME, DATA) == UploadResult(201)
    assert cleo.store.files(FOLDER) == {NAME: DATA}
    assert client.read(FOLDER, NAME) == DATA
    assert [(file.name, file.size) for file in client.list(FOLDER)] == [(NAME, len(DATA))]


def test_one_session_serves_all_calls_and_keeps_the_cookie_of_the_login(cleo: CleoFake, client: CleoClient) -> None:
    client.upload(FOLDER, NAME, DATA)
    client.read(FOLDER, NAME)
    assert [row.notes.get("cookie") for row in cleo.server.log(path="/files/")] == ["node=n1", "node=n1"]
    assert client.meter.sessions == 1
    assert client.meter.requests == 3
    assert client.meter.sent_bytes > len(DATA)


@pytest.mark.parametrize(("status", "answer"), [(200, "json"), (201, "empty"), (204, "empty")])
def test_each_status_of_success_is_taken(cleo: CleoFake, client: CleoClient, status: int, answer: str) -> None:
    cleo.configure(upload_status=status, upload_answer=answer)
    assert client.upload(FOLDER, NAME, DATA) == UploadResult(status)


def test_a_success_status_that_is_not_configured_is_unknown_and_never_sent_again(
    cleo: CleoFake, open_client: OpenClient
) -> None:
    cleo.configure(upload_status=201, upload_answer="empty")
    with pytest.raises(e.AnswerLost):
        open_client(upload_ok="200").upload(FOLDER, NAME, DATA)
    assert len(cleo.store.journal()) == 1


def test_a_multipart_upload_arrives_with_the_same_bytes(cleo: CleoFake, open_client: OpenClient) -> None:
    client = open_client(upload_method="POST", upload_body="multipart", upload_path="{prefix}/files/{folder}")
    client.upload(FOLDER, NAME, DATA)
    assert cleo.store.files(FOLDER) == {NAME: DATA}


def test_the_older_server_calls_work_as_a_template(cleo: CleoFake, open_client: OpenClient) -> None:
    server = "/server?directory={folder}/&request="
    client = open_client(
        dialect="template", auth="basic", upload_method="POST", list_format="lines", delete_method="POST",
        upload_path=server + "send&filename={name}", read_path=server + "receive&filename={name}",
        list_path=server + "list", delete_path=server + "delete&filename={name}",
    )  # fmt: skip
    client.upload(FOLDER, NAME, DATA)
    assert [file.name for file in client.list(FOLDER)] == [NAME]
    assert client.read(FOLDER, NAME) == DATA
    assert client.delete(FOLDER, NAME)
    assert cleo.store.files(FOLDER) == {}


@pytest.mark.parametrize("when", ["before", "during", "after"])
def test_an_upload_without_an_answer_is_lost_and_leaves_once(cleo: CleoFake, client: CleoClient, when: str) -> None:
    cleo.cut_upload(when, NAME)
    with pytest.raises(e.AnswerLost) as lost:
        client.upload(FOLDER, NAME, DATA)
    assert f"{FOLDER}/{NAME}" in str(lost.value)
    assert len(cleo.server.log(method="PUT")) == 1
    assert client.read(FOLDER, NAME) == {"before": None, "during": DATA[: len(DATA) // 2], "after": DATA}[when]


@pytest.mark.parametrize(
    ("kind", "more"),
    [
        ("reset", {}),
        ("error", {}),
        ("status", {"status": 502}),
        ("maintenance", {}),
        ("maintenance", {"headers": {"Retry-After": "1"}}),
        ("login_page", {}),
        ("redirect", {}),
        ("status", {"status": 201, "body": "not gzip", "headers": {"Content-Encoding": "gzip"}}),
    ],
)
def test_an_upload_with_an_answer_that_says_nothing_is_lost_and_leaves_once(
    cleo: CleoFake, client: CleoClient, kind: str, more: dict[str, Any]
) -> None:
    cleo.server.fault(kind, "/files/", method="PUT", **more)
    with pytest.raises(e.AnswerLost):
        client.upload(FOLDER, NAME, DATA)
    assert len(cleo.server.log(method="PUT")) == 1


def test_a_web_page_as_answer_to_an_upload_is_a_success_only_where_the_site_says_so(
    cleo: CleoFake, open_client: OpenClient
) -> None:
    cleo.configure(upload_answer="page")
    with pytest.raises(e.AnswerLost, match="web page"):
        open_client().upload(FOLDER, NAME, DATA)
    assert open_client(upload_page_ok=True).upload(FOLDER, NAME, DATA).status == 201


def test_an_upload_that_is_answered_too_late_is_lost(cleo: CleoFake, client: CleoClient) -> None:
    client.list(FOLDER)
    cleo.server.fault("delay", "/files/", method="PUT", seconds=0.6)
    started = time.monotonic()
    with pytest.raises(e.AnswerLost):
        client.upload(FOLDER, NAME, DATA, deadline_s=0.2)
    assert time.monotonic() - started < 0.55


def test_no_byte_of_a_file_leaves_after_the_deadline_even_when_the_login_was_slow(
    cleo: CleoFake, client: CleoClient
) -> None:
    cleo.server.fault("delay", "/authentication", seconds=0.3)
    with pytest.raises(e.DeadlinePassed):
        client.upload(FOLDER, NAME, DATA, deadline_s=0.1)
    assert cleo.server.log(method="PUT") == []


def test_an_upload_waits_as_long_as_a_429_asks_and_goes_once(cleo: CleoFake, client: CleoClient) -> None:
    cleo.server.fault("rate_limit", "/files/", method="PUT", seconds=0, times=2)
    client.upload(FOLDER, NAME, DATA)
    assert len(cleo.store.journal()) == 1
    assert len(cleo.server.log(method="PUT")) == 3


def test_a_429_that_would_wait_beyond_the_deadline_is_told_at_once(cleo: CleoFake, client: CleoClient) -> None:
    cleo.server.fault("rate_limit", "/files/", method="PUT", seconds=30)
    with pytest.raises(e.RateLimited):
        client.upload(FOLDER, NAME, DATA, deadline_s=2)


def test_a_server_that_is_not_there_got_nothing(open_client: OpenClient, cleo: CleoFake) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        port = closed.getsockname()[1]
    settings = CleoSettings.from_connection(
        "cleo_default", "127.0.0.1", port, "http", "edi", "pw", {"environment": "test", "auth": "basic"}
    )
    with CleoClient(settings) as client, pytest.raises(e.ConnectionLost):
        client.upload(FOLDER, NAME, DATA)


@pytest.mark.parametrize(
    ("folder", "manners", "kind", "remedy"),
    [
        (FOLDER, {"existing": "refuse"}, e.AlreadyThere, "trace"),
        (FOLDER, {"writable": False}, e.RightMissing, "right to write"),
        (FOLDER, {"pattern": "*.x12"}, e.RequestRejected, "name pattern"),
        ("elsewhere", {}, e.NotFound, "folder's name in the agreement"),
    ],
)
def test_a_definite_refusal_says_which_file_and_what_to_do_and_stores_nothing(
    cleo: CleoFake, client: CleoClient, folder: str, manners: dict[str, Any], kind: type[e.Fail], remedy: str
) -> None:
    cleo.store.place(FOLDER, NAME, b"old")
    cleo.store.folder(FOLDER, **manners)
    with pytest.raises(kind) as refused:
        client.upload(folder, NAME, DATA)
    assert remedy in str(refused.value)
    assert f"{folder}/{NAME}" in str(refused.value)
    assert cleo.store.journal() == []


def test_a_file_too_large_for_the_server_is_refused(cleo: CleoFake, client: CleoClient) -> None:
    cleo.configure(max_bytes=5)
    with pytest.raises(e.RequestRejected, match="largest size"):
        client.upload(FOLDER, NAME, DATA)


def test_a_file_larger_than_our_own_limit_never_leaves(cleo: CleoFake, open_client: OpenClient) -> None:
    with pytest.raises(e.RequestRejected, match="at most 5"):
        open_client(max_bytes=5).upload(FOLDER, NAME, DATA)
    assert cleo.server.log() == []


@pytest.mark.parametrize(
    ("folder", "name"), [("a/../b", NAME), ("autorun", NAME), (FOLDER, "../x"), (FOLDER, "%date%")]
)
def test_an_unsafe_name_never_leaves(cleo: CleoFake, client: CleoClient, folder: str, name: str) -> None:
    with pytest.raises(e.SettingFault):
        client.upload(folder, name, DATA)
    assert cleo.server.log() == []


def test_a_server_that_renames_is_believed(cleo: CleoFake, client: CleoClient) -> None:
    cleo.store.folder(FOLDER, existing="rename")
    client.upload(FOLDER, NAME, b"first")
    result = client.upload(FOLDER, NAME, DATA)
    assert result.stored_name == "850_ACME_000000001_1.edi"
    assert client.read(FOLDER, result.stored_name) == DATA


def test_a_server_that_keeps_the_old_file_silently_is_found_out_by_reading(cleo: CleoFake, client: CleoClient) -> None:
    cleo.store.folder(FOLDER, existing="keep_old")
    client.upload(FOLDER, NAME, b"first")
    assert client.upload(FOLDER, NAME, DATA) == UploadResult(201)
    assert client.read(FOLDER, NAME) == b"first"


def test_a_file_picked_up_at_once_was_handed_over_all_the_same(cleo: CleoFake, client: CleoClient) -> None:
    cleo.store.folder(FOLDER, pickup="at_once")
    assert client.upload(FOLDER, NAME, DATA).status == 201
    assert client.read(FOLDER, NAME) is None
    assert [(row.name, row.data) for row in cleo.store.journal()] == [(NAME, DATA)]


@pytest.mark.parametrize("total_as_text", [False, True])
def test_a_long_listing_comes_whole_in_short_pages(
    cleo: CleoFake, open_client: OpenClient, total_as_text: bool
) -> None:
    for n in range(25):
        cleo.store.place(FOLDER, f"f{n:02d}.edi", b"x")
    cleo.configure(limit=4, total_as_text=total_as_text)
    names = [file.name for file in open_client(page_count=10).list(FOLDER)]
    assert names == [f"f{n:02d}.edi" for n in range(25)]
    assert [row.query["startIndex"] for row in cleo.server.log(path="/files/")] == [str(n) for n in range(0, 25, 4)]


def test_a_listing_ends_at_an_empty_page_whatever_its_total_says(cleo: CleoFake, client: CleoClient) -> None:
    for n in range(9):
        cleo.store.place(FOLDER, f"f{n}.edi", b"x")
    cleo.configure(limit=3, ends_early=6)
    assert len(client.list(FOLDER)) == 6


def test_a_listing_that_repeats_its_first_page_is_told_and_ends(cleo: CleoFake, open_client: OpenClient) -> None:
    for n in range(9):
        cleo.store.place(FOLDER, f"f{n}.edi", b"x")
    cleo.configure(limit=3)
    with pytest.raises(e.PageLoop, match="list_start_param"):
        open_client(list_start_param="offset").list(FOLDER)


@pytest.mark.parametrize("kind", ["login_page", "wrong_json", "cut_body"])
def test_what_is_no_listing_is_never_an_empty_folder(cleo: CleoFake, client: CleoClient, kind: str) -> None:
    cleo.store.place(FOLDER, "a.edi", b"x")
    cleo.server.fault(kind, "/files/", times=None)
    with pytest.raises(e.NotJson, match=FOLDER):
        client.list(FOLDER)


def test_a_web_page_is_never_taken_for_the_content_of_a_file(cleo: CleoFake, client: CleoClient) -> None:
    client.upload(FOLDER, NAME, DATA)
    cleo.server.fault("login_page", NAME, method="GET")
    with pytest.raises(e.NotJson, match="web page"):
        client.read(FOLDER, NAME)


@pytest.mark.parametrize("kind", ["error", "refuse", "reset", "maintenance"])
def test_reading_is_repeated_until_the_answer_is_whole(cleo: CleoFake, client: CleoClient, kind: str) -> None:
    client.upload(FOLDER, NAME, DATA)
    cleo.server.fault(kind, NAME, method="GET", headers={"Retry-After": "0"})
    assert client.read(FOLDER, NAME) == DATA


def test_a_deleted_file_is_gone_and_a_second_delete_says_so(cleo: CleoFake, open_client: OpenClient) -> None:
    client = open_client(can_delete=True)
    client.upload(FOLDER, NAME, DATA)
    assert client.delete(FOLDER, NAME) is True
    assert client.delete(FOLDER, NAME) is False


@pytest.mark.parametrize(
    ("call", "setting"),
    [
        (lambda c: c.list(FOLDER), "can_list"),
        (lambda c: c.read(FOLDER, NAME), "can_read"),
        (lambda c: c.delete(FOLDER, NAME), "can_delete"),
    ],
)
def test_a_call_that_is_switched_off_is_not_made(
    cleo: CleoFake, open_client: OpenClient, call: Callable[[CleoClient], Any], setting: str
) -> None:
    with pytest.raises(e.SettingFault, match=setting):
        call(open_client(**{setting: False}))
    assert cleo.server.log() == []


def test_threads_share_one_client_and_every_file_arrives_once(cleo: CleoFake, client: CleoClient) -> None:
    def upload(part: int) -> None:
        for n in range(5):
            client.upload(FOLDER, f"p{part}-{n}.edi", b"%d-%d" % (part, n))

    threads = [threading.Thread(target=upload, args=(part,)) for part in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(row.name for row in cleo.store.journal()) == sorted(
        f"p{p}-{n}.edi" for p in range(4) for n in range(5)
    )
    assert len(cleo.logins.tries()) == 1
