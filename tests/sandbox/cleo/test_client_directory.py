"""Connections and users: all pages, each row once, whatever the totals and switches look like."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from airflow_provider_sagex3_cleo import errors as e
from airflow_provider_sagex3_cleo.cleo.client import CleoClient
from airflow_provider_sagex3_cleo.cleo.directory import matching
from airflow_provider_sagex3_cleo.cleo.settings import CleoSettings
from airflow_provider_sagex3_cleo.sandbox.cleo_admin import CleoAdmin
from airflow_provider_sagex3_cleo.sandbox.cleo_fake import CleoFake

OpenClient = Callable[..., CleoClient]


def test_a_connection_shows_its_name_type_and_why_it_is_not_ready(cleo: CleoFake, client: CleoClient) -> None:
    cleo.directory.add_connection("quoted", enabled="true", ready="false", notReadyReason="no certificate")
    found = {each.alias: each for each in client.connections()}
    assert len(found) == 13
    assert (found["partner-003"].ready, found["partner-003"].not_ready_reason) == (False, "no partner certificate")
    assert (found["partner-004"].type, found["partner-004"].enabled, found["partner-004"].ready) == ("sftp", True, True)
    assert (found["quoted"].enabled, found["quoted"].ready) == (True, False)


def test_users_are_read_group_by_group(cleo: CleoFake, client: CleoClient) -> None:
    found = [(user.authenticator, user.username, user.enabled) for user in client.users()]
    assert found == [*(("Partners", f"login-{n:03d}", True) for n in range(1, 6)), ("Staff", "edi-office", False)]


def test_a_group_that_names_no_link_is_asked_below_its_own_path(cleo: CleoFake, client: CleoClient) -> None:
    del cleo.directory.authenticators[0]["_links"]
    links = cleo.directory.authenticators[1]["_links"]
    links["users"] = [links["users"]]
    assert len(client.users()) == 6


def test_a_link_to_another_host_is_refused(cleo: CleoFake, client: CleoClient) -> None:
    cleo.directory.authenticators[0]["_links"]["users"]["href"] = "http://127.0.0.2:1/users"
    with pytest.raises(e.LinkRefused):
        client.users()


def test_a_filter_finds_by_name(cleo: CleoFake, client: CleoClient) -> None:
    assert [c.alias for c in client.connections(matching("alias", "partner-004"))] == ["partner-004"]
    assert len(client.connections(matching("alias", "partner-01", "sw"))) == 3
    assert [u.username for u in client.users(matching("username", "edi-office"))] == ["edi-office"]


@pytest.mark.parametrize(("name", "value", "operator"), [
    ("alias", 'a"b', "eq"), ("alias", "a\\", "eq"), ("alias", "a", "co"), ("alias or 1", "a", "eq"),
])  # fmt: skip
def test_a_filter_that_nobody_documents_is_never_asked(name: str, value: str, operator: str) -> None:
    with pytest.raises(e.SettingFault):
        matching(name, value, operator)


def test_a_filter_that_cleo_does_not_know_is_told_as_such(client: CleoClient) -> None:
    with pytest.raises(e.RequestRejected, match="without a filter"):
        client.connections("alias co x")


@pytest.mark.parametrize("kind", ["login_page", "wrong_json", "cut_body"])
def test_what_is_no_collection_is_never_an_empty_one(cleo: CleoFake, client: CleoClient, kind: str) -> None:
    cleo.server.fault(kind, "/connections", times=None)
    with pytest.raises(e.NotJson):
        client.connections()


@pytest.mark.parametrize("row", [{"alias": "no id"}, {"id": "x"}, {"id": 7, "alias": "a number"}])
def test_a_row_that_cannot_be_told_apart_is_no_row(cleo: CleoFake, client: CleoClient, row: dict[str, object]) -> None:
    cleo.directory.connections.append(row)
    with pytest.raises(e.NotJson, match="without"):
        client.connections()


def test_a_server_that_has_no_such_collection_says_which_setting_to_look_at(open_client: OpenClient) -> None:
    with pytest.raises(e.NotFound, match="authenticators_path"):
        open_client(authenticators_path="{prefix}/groups").users()


def test_pages_that_come_again_and_again_are_told_and_end(cleo: CleoFake, client: CleoClient) -> None:
    row = {"id": "x", "alias": "same"}
    cleo.directory.connections[:] = [row] * 9
    cleo.configure(limit=3)
    with pytest.raises(e.PageLoop):
        client.connections()


def test_rows_may_be_added_from_another_process(cleo: CleoFake, client: CleoClient) -> None:
    admin = CleoAdmin(cleo.url)
    admin.add_connection("ACME", type="sftp")
    admin.add_user("Partners", "acme")
    admin.close()
    assert client.connections(matching("alias", "ACME"))[0].type == "sftp"
    assert client.users(matching("username", "acme"))[0].authenticator == "Partners"


@pytest.fixture(scope="module")
def shared() -> Iterator[CleoFake]:
    with CleoFake(users={"edi": "pw"}) as fake:
        yield fake


@settings(max_examples=40, deadline=None)
@given(
    rows=st.integers(0, 30), limit=st.integers(1, 12), count=st.integers(1, 12), as_text=st.booleans(),
    too_many=st.integers(0, 5),
)  # fmt: skip
def test_every_row_comes_once_whatever_the_pages_and_totals(
    shared: CleoFake, rows: int, limit: int, count: int, as_text: bool, too_many: int
) -> None:
    shared.directory.connections.clear()
    for n in range(rows):
        shared.directory.add_connection(f"partner-{n}")
    shared.configure(limit=limit, total_as_text=as_text, total_off=too_many)
    given = {"environment": "test", "page_count": count, "auth": "basic"}
    made = CleoSettings.from_connection("c", "127.0.0.1", shared.server.port, "http", "edi", "pw", given)
    with CleoClient(made) as client:
        assert [each.alias for each in client.connections()] == [f"partner-{n}" for n in range(rows)]


def test_a_connection_is_written_back_whole_with_one_field_changed(cleo: CleoFake, open_client: OpenClient) -> None:
    cleo.directory.add_connection("ACME", enabled="true", connect={"url": "https://acme.example/as2"})
    client = open_client(can_change=True)
    found = client.connections(matching("alias", "ACME"))[0]
    client.change_object(found.path, client.read_object(found.path), {"enabled": False})
    row = cleo.directory.connections[-1]
    assert (row["alias"], row["enabled"], row["ready"], row["connect"]) == (
        "ACME", False, True, {"url": "https://acme.example/as2"},
    )  # fmt: skip
    (sent,) = cleo.server.log(method="PUT")
    assert not {"id", "ready", "meta", "_links"} & set(sent.notes["fields"])


def test_a_user_is_found_again_below_its_group_and_can_be_changed(cleo: CleoFake, open_client: OpenClient) -> None:
    client = open_client(can_change=True)
    user = client.users(matching("username", "edi-office"))[0]
    client.change_object(user.path, client.read_object(user.path), {"enabled": True})
    assert client.users(matching("username", "edi-office"))[0].enabled is True


def test_nothing_is_changed_in_cleo_unless_the_connection_allows_it(cleo: CleoFake, client: CleoClient) -> None:
    found = client.connections()[0]
    with pytest.raises(e.SettingFault, match="can_change"):
        client.change_object(found.path, client.read_object(found.path), {"enabled": False})
    assert cleo.server.log(method="PUT") == []


def test_the_id_of_a_partner_is_read_where_the_connection_says(cleo: CleoFake, open_client: OpenClient) -> None:
    cleo.directory.add_connection("ACME", partnerName="ACMEID", edi={"id": "0042"})
    assert open_client().connections(matching("alias", "ACME"))[0].partner_id == ""
    assert open_client(partner_id_field="partnerName").connections()[-1].partner_id == "ACMEID"
    assert open_client(partner_id_field="edi.id").connections()[-1].partner_id == "0042"


def test_a_folder_is_there_or_not_or_nobody_can_say(cleo: CleoFake, open_client: OpenClient) -> None:
    cleo.store.folder("mine")
    cleo.store.folder("closed", readable=False)
    client = open_client()
    assert [client.has_folder(name) for name in ("mine", "no-such", "closed")] == [True, False, None]
    assert open_client(can_list=False).has_folder("mine") is None
