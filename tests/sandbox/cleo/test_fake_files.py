"""The fake's files and collections, one test for each marked fact of the reference, over plain requests."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import requests

from airflow_provider_sagex3_cleo.sandbox.cleo_admin import CleoAdmin
from airflow_provider_sagex3_cleo.sandbox.cleo_fake import CleoFake

FOLDER = "outbound/850"


class Http:
    """Calls below /api with Basic."""

    def __init__(self, cleo: CleoFake) -> None:
        self._cleo, self._session = cleo, requests.Session()
        self._session.trust_env = False
        self._session.auth = (b"edi-sender", cleo.logins.users["edi-sender"].encode())

    def __call__(self, method: str, path: str, **request: Any) -> requests.Response:
        return self._session.request(method, f"{self._cleo.url}/api/{path}", timeout=5, **request)

    def put(self, name: str, data: bytes, folder: str = FOLDER) -> requests.Response:
        return self("PUT", f"files/{folder}/{name}", data=data)

    def names(self) -> list[str]:
        return [row["name"] for row in self("GET", f"files/{FOLDER}").json()["resources"]]

    def close(self) -> None:
        self._session.close()


@pytest.fixture
def http(cleo: CleoFake) -> Iterator[Http]:
    calls = Http(cleo)
    yield calls
    calls.close()


def journal(cleo: CleoFake) -> list[tuple[str, bytes]]:
    return [(row.name, row.data) for row in cleo.store.journal()]


@pytest.mark.parametrize("status", [200, 201, 204])
def test_an_upload_is_answered_with_the_status_wanted(cleo: CleoFake, http: Http, status: int) -> None:
    cleo.configure(upload_status=status)
    answer = http.put("a.edi", b"ISA")
    assert answer.status_code == status
    assert answer.text == ("" if status == 204 else '{"name":"a.edi","size":3}')
    assert http("GET", f"files/{FOLDER}/a.edi").content == b"ISA"


@pytest.mark.parametrize(
    ("existing", "status", "files", "stored"),
    [
        ("overwrite", 201, {"a.edi": b"new"}, [("a.edi", b"old"), ("a.edi", b"new")]),
        ("refuse", 409, {"a.edi": b"old"}, [("a.edi", b"old")]),
        ("keep_old", 201, {"a.edi": b"old"}, [("a.edi", b"old")]),
        ("rename", 201, {"a.edi": b"old", "a_1.edi": b"new"}, [("a.edi", b"old"), ("a_1.edi", b"new")]),
    ],
)
def test_an_existing_name_is_handled_as_the_folder_says(
    cleo: CleoFake, http: Http, existing: str, status: int, files: dict[str, bytes], stored: list[tuple[str, bytes]]
) -> None:
    cleo.store.folder(FOLDER, existing=existing)
    http.put("a.edi", b"old")
    assert http.put("a.edi", b"new").status_code == status
    assert cleo.store.files(FOLDER) == files
    assert journal(cleo) == stored


def test_a_third_file_of_one_name_finds_a_free_one_too(cleo: CleoFake, http: Http) -> None:
    cleo.store.folder(FOLDER, existing="rename")
    assert [http.put("a", b"x").json()["name"] for _ in range(3)] == ["a", "a_1", "a_2"]
    cleo.configure(tell_name=False)
    assert http.put("a", b"x").json() == {"size": 1}


def test_a_file_picked_up_at_once_is_gone_but_in_the_journal(cleo: CleoFake, http: Http) -> None:
    cleo.store.folder(FOLDER, pickup="at_once")
    http.put("a.edi", b"x")
    assert (http.names(), http("GET", f"files/{FOLDER}/a.edi").status_code) == ([], 404)
    assert journal(cleo) == [("a.edi", b"x")]


def test_a_file_picked_up_later_is_there_until_then(cleo: CleoFake, http: Http) -> None:
    cleo.store.folder(FOLDER, pickup="after", pickup_after_s=60)
    http.put("a.edi", b"x")
    cleo.clock.advance(59)
    assert http.names() == ["a.edi"]
    cleo.clock.advance(1)
    assert http.names() == []
    assert journal(cleo) == [("a.edi", b"x")]


def test_a_listing_may_lag_behind_while_reading_does_not(cleo: CleoFake, http: Http) -> None:
    cleo.store.folder(FOLDER, list_lag_s=30)
    http.put("a.edi", b"x")
    assert http.names() == []
    assert http("GET", f"files/{FOLDER}/a.edi").status_code == 200
    cleo.clock.advance(30)
    assert http.names() == ["a.edi"]


def test_rights_are_per_folder(cleo: CleoFake, http: Http) -> None:
    cleo.store.folder(FOLDER, writable=False, readable=False)
    cleo.store.folder("other")
    assert http.put("a.edi", b"x").status_code == 403
    assert http("GET", f"files/{FOLDER}").status_code == 403
    assert http("GET", f"files/{FOLDER}/a.edi").status_code == 403
    assert http("DELETE", f"files/{FOLDER}/a.edi").status_code == 403
    assert http.put("a.edi", b"x", "other").status_code == 201


def test_a_missing_folder_and_a_missing_file_are_404(http: Http) -> None:
    assert http.put("a.edi", b"x", "elsewhere").status_code == 404
    assert http("GET", "files/elsewhere").status_code == 404
    assert http("GET", f"files/{FOLDER}/a.edi").status_code == 404
    assert http("DELETE", f"files/{FOLDER}/a.edi").status_code == 404


def test_a_name_outside_the_pattern_is_400_and_a_large_file_413(cleo: CleoFake, http: Http) -> None:
    cleo.store.folder(FOLDER, pattern="850_*.edi")
    cleo.configure(max_bytes=3)
    assert http.put("810_1.edi", b"x").status_code == 400
    assert http.put("850_1.edi", b"xxxx").status_code == 413
    assert http.put("850_1.edi", b"xxx").status_code == 201


def test_a_name_that_climbs_is_refused(http: Http) -> None:
    assert http("PUT", f"files/{FOLDER}/a%5Cb", data=b"x").status_code == 400
    assert http("PUT", f"files/{FOLDER}/%2E%2E%2Fb%2F.x", data=b"x").status_code == 400


def test_a_delete_is_204(cleo: CleoFake, http: Http) -> None:
    http.put("a.edi", b"x")
    assert http("DELETE", f"files/{FOLDER}/a.edi").status_code == 204
    assert cleo.store.files(FOLDER) == {}


def test_a_multipart_form_names_its_file(cleo: CleoFake, http: Http) -> None:
    sent = http("POST", f"files/{FOLDER}", files={"file": ("a.edi", b"ISA\r\n\x00", "application/edi-x12")})
    assert sent.status_code == 201
    assert http("POST", f"files/{FOLDER}", files={"file": (None, b"no file")}).status_code == 400
    assert cleo.store.files(FOLDER) == {"a.edi": b"ISA\r\n\x00"}


@pytest.mark.parametrize(("when", "stored"), [("before", []), ("during", [b"IS"]), ("after", [b"ISA*"])])
def test_a_connection_is_cut_before_during_or_after_storing(
    cleo: CleoFake, http: Http, when: str, stored: list[bytes]
) -> None:
    cleo.cut_upload(when)
    with pytest.raises(requests.ConnectionError):
        http.put("a.edi", b"ISA*")
    assert [data for _, data in journal(cleo)] == stored
    assert http.put("b.edi", b"ISA*").status_code == 201


def test_a_truncated_body_may_be_stored_with_a_good_answer(cleo: CleoFake, http: Http) -> None:
    cleo.store.truncate("a.edi", keep=0.25)
    assert http.put("a.edi", b"ISA*").status_code == 201
    http.put("a.edi", b"ISA*")
    assert journal(cleo) == [("a.edi", b"I"), ("a.edi", b"ISA*")]


def test_connections_are_paged_from_0_and_a_page_may_be_short(cleo: CleoFake, http: Http) -> None:
    cleo.configure(limit=5)
    pages = [http("GET", "connections", params={"startIndex": n, "count": 100}).json() for n in (0, 5, 10, 12)]
    assert [len(page["resources"]) for page in pages] == [5, 5, 2, 0]
    assert {page["totalResults"] for page in pages} == {12}
    assert pages[0]["resources"][0]["alias"] == "partner-001"


def test_a_total_may_be_text_and_a_page_empty_before_it_is_reached(cleo: CleoFake, http: Http) -> None:
    cleo.configure(total_as_text=True, ends_early=6)
    assert http("GET", "connections", params={"startIndex": 6}).json() == {"totalResults": "12", "resources": []}


@pytest.mark.parametrize(
    ("expression", "aliases"),
    [
        ('alias eq "partner-004"', ["partner-004"]),
        ('type eq "sftp"', ["partner-004", "partner-008", "partner-012"]),
        ('alias sw "partner-01"', ["partner-010", "partner-011", "partner-012"]),
        ('alias eq "nobody"', []),
    ],
)
def test_a_filter_with_eq_and_sw(http: Http, expression: str, aliases: list[str]) -> None:
    found = http("GET", "connections", params={"filter": expression}).json()
    assert [row["alias"] for row in found["resources"]] == aliases
    assert found["totalResults"] == len(aliases)


@pytest.mark.parametrize("query", [{"filter": "alias like x"}, {"startIndex": "one"}])
def test_a_filter_that_is_not_understood_is_400(http: Http, query: dict[str, str]) -> None:
    assert http("GET", "connections", params=query).status_code == 400


def test_a_connection_that_is_not_ready_says_why(http: Http) -> None:
    rows = http("GET", "connections").json()["resources"]
    assert all(("notReadyReason" in row) is not row["ready"] for row in rows)
    assert len(rows[0]["id"]) == 22


def test_another_process_steers_and_sees_it_over_the_admin_door(cleo: CleoFake, http: Http) -> None:
    admin = CleoAdmin(cleo.url)
    admin.folder("inbox", pickup="at_once")
    admin.set_password("second", "pw")
    admin.configure(upload_status=204)
    admin.place(FOLDER, "997.edi", b"ISA\xff")
    assert admin.folders() == ["inbox", FOLDER]
    assert http.put("a.edi", b"\x00ISA", "inbox").status_code == 204
    admin.cut_upload("during", "b.edi")
    with pytest.raises(requests.ConnectionError):
        http.put("b.edi", b"ISA*", "inbox")
    assert [(row.folder, row.name, row.data) for row in admin.journal()] == [
        ("inbox", "a.edi", b"\x00ISA"), ("inbox", "b.edi", b"IS"),
    ]  # fmt: skip
    assert admin.journal("inbox", after=1) == cleo.store.journal()[1:]
    assert admin.files(FOLDER) == {"997.edi": b"ISA\xff"}
    assert admin.pick_up(FOLDER) == ["997.edi"]
    assert cleo.logins.users["second"] == "pw"
    assert admin.logins() == []
    for wrong in ({"upload_answer": "song"}, {"no_such": 1}):
        with pytest.raises(ValueError, match=r"known are|one of"):
            admin.configure(**wrong)
    with pytest.raises(ValueError, match="Folder not found"):
        admin.files("elsewhere")
    with pytest.raises(ValueError, match="existing is one of"):
        admin.folder("inbox", existing="maybe")
    admin.call("truncate", path="c.edi")
    admin.configure(upload_status=201)
    assert http.put("c.edi", b"ISA*").status_code == 201
    assert admin.files(FOLDER) == {"c.edi": b"IS"}
    admin.call("remove_folder", folder="inbox")
    assert admin.folders() == [FOLDER]
    admin.close()


def test_tokens_are_ended_and_nodes_changed_from_another_process(cleo: CleoFake) -> None:
    admin = CleoAdmin(cleo.url)
    form = {"grant_type": "password", "username": "edi-sender", "password": cleo.logins.users["edi-sender"]}
    with requests.Session() as session:
        session.trust_env = False
        token = session.post(f"{cleo.url}/api/authentication", data=form, timeout=5).json()["access_token"]
        session.headers["Authorization"] = f"Bearer {token}"

        def status() -> int:
            return session.get(f"{cleo.url}/api/files/{FOLDER}", timeout=5).status_code

        admin.change_node()
        assert [status(), status()] == [401, 200]
        admin.expire_tokens()
        assert status() == 401
    admin.close()
