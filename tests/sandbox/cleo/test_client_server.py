"""Dialect `server`: the client against the fake's HTTP service, and the service itself over plain requests."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import requests

from airflow_provider_sagex3_cleo import errors as e
from airflow_provider_sagex3_cleo.cleo.client import CleoClient, UploadResult
from airflow_provider_sagex3_cleo.sandbox.cleo_fake import CleoFake

FOLDER, NAME, DATA = "outbound/850", "850_ACME_000000001.edi", b"ISA*00*~\r\nIEA*1*~\x00\xff"
OpenClient = Callable[..., CleoClient]


@pytest.fixture
def client(open_client: OpenClient) -> CleoClient:
    return open_client(dialect="server")


def calls(cleo: CleoFake) -> list[tuple[str, str, int]]:
    return [(row.method, row.query.get("request", ""), row.status) for row in cleo.server.log()]


def test_the_bytes_arrive_and_come_back_as_they_were(cleo: CleoFake, client: CleoClient) -> None:
    assert client.upload(FOLDER, NAME, DATA) == UploadResult(201)
    assert cleo.store.files(FOLDER) == {NAME: DATA}
    assert client.read(FOLDER, NAME) == DATA
    assert [(file.name, file.size) for file in client.list(FOLDER)] == [(NAME, None)]
    assert client.read(FOLDER, "other.edi") is None


def test_credentials_go_at_once_so_that_the_content_crosses_once(cleo: CleoFake, client: CleoClient) -> None:
    client.upload(FOLDER, NAME, DATA)
    assert calls(cleo) == [("POST", "send", 201)]
    assert client.meter.sent_bytes == len(DATA)


def test_without_credentials_the_service_bounces_a_send_after_its_content_crossed(cleo: CleoFake) -> None:
    place = {"request": "send", "directory": f"{FOLDER}/", "filename": NAME}
    bounced = requests.post(f"{cleo.url}/server", params=place, data=DATA, timeout=5)
    assert bounced.status_code == 401
    assert bounced.headers["WWW-Authenticate"] == 'Basic realm="Cleo Harmony"'
    assert cleo.server.log()[0].bytes_in == len(DATA)
    assert cleo.store.journal() == []


def test_a_token_does_not_open_the_service(cleo: CleoFake, client: CleoClient) -> None:
    answer = requests.post(f"{cleo.url}/server?request=connect0", headers={"Authorization": "Bearer x"}, timeout=5)
    assert answer.status_code == 401


@pytest.mark.parametrize("where", ["line", "form", "multipart"])
@pytest.mark.parametrize("method", ["POST", "PUT"])
def test_parameters_may_ride_in_three_places(cleo: CleoFake, where: str, method: str) -> None:
    login = ("edi-sender", cleo.logins.users["edi-sender"])
    place = {"request": "list", "directory": f"{FOLDER}/"}
    cleo.store.place(FOLDER, NAME, DATA)
    parts = {name: (None, value) for name, value in place.items()}
    ways: dict[str, dict[str, Any]] = {
        "line": {"params": place}, "form": {"data": place}, "multipart": {"files": parts},
    }  # fmt: skip
    answer = requests.request(
        method, f"{cleo.url}/server", auth=tuple(part.encode() for part in login), timeout=5, **ways[where]
    )
    assert answer.text == f"{NAME}\r\n"


def test_a_multipart_upload_arrives_with_the_same_bytes(cleo: CleoFake, open_client: OpenClient) -> None:
    open_client(dialect="server", upload_body="multipart").upload(FOLDER, NAME, DATA)
    assert cleo.store.files(FOLDER) == {NAME: DATA}


def test_a_listing_with_sizes_is_read_by_a_setting(cleo: CleoFake, open_client: OpenClient) -> None:
    cleo.configure(server_listing="sizes")
    client = open_client(dialect="server", list_line=r"(?P<name>[^\t]+)\t(?P<size>\d+)")
    client.upload(FOLDER, NAME, DATA)
    assert [(file.name, file.size) for file in client.list(FOLDER)] == [(NAME, len(DATA))]


def test_a_name_with_blanks_and_an_ampersand_is_one_name(cleo: CleoFake, client: CleoClient) -> None:
    cleo.store.place(FOLDER, "from partner & co+1.x12", DATA)
    (file,) = client.list(FOLDER)
    assert client.read(FOLDER, file.name) == DATA


@pytest.mark.parametrize("when", ["before", "during", "after"])
def test_an_upload_without_an_answer_is_lost_and_leaves_once(cleo: CleoFake, client: CleoClient, when: str) -> None:
    cleo.cut_upload(when, NAME, dialect="server")
    with pytest.raises(e.AnswerLost) as lost:
        client.upload(FOLDER, NAME, DATA)
    assert f"{FOLDER}/{NAME}" in str(lost.value)
    assert [request for _, request, _ in calls(cleo)] == ["send"]
    assert client.read(FOLDER, NAME) == {"before": None, "during": DATA[: len(DATA) // 2], "after": DATA}[when]


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


def test_a_wrong_password_is_final_at_the_first_call(cleo: CleoFake, open_client: OpenClient) -> None:
    with pytest.raises(e.AccessRejected):
        open_client(dialect="server", password="wrong").upload(FOLDER, NAME, DATA)
    assert len(cleo.server.log()) == 1


def test_basic_switched_off_with_a_status_of_its_own_says_so(cleo: CleoFake, open_client: OpenClient) -> None:
    cleo.configure(basic=False, basic_off_status=403)
    with pytest.raises(e.RightMissing):
        open_client(dialect="server").upload(FOLDER, NAME, DATA)
    assert cleo.store.journal() == []


def test_a_deleted_file_is_gone_and_a_second_delete_says_so(cleo: CleoFake, open_client: OpenClient) -> None:
    client = open_client(dialect="server", can_delete=True)
    client.upload(FOLDER, NAME, DATA)
    assert client.delete(FOLDER, NAME) is True
    assert client.delete(FOLDER, NAME) is False


def test_check_proves_login_and_folder_by_the_services_own_calls(cleo: CleoFake, client: CleoClient) -> None:
    lines = client.check([FOLDER, "elsewhere"])
    assert [line.ok for line in lines] == [True, True, False]
    assert "Basic login edi-sender accepted" in str(lines[0])
    assert [request for _, request, _ in calls(cleo)] == ["connect0", "list", "list"]
