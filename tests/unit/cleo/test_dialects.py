"""Dialects: how a call looks, and what is read out of an answer."""

from __future__ import annotations

import json
from typing import Any

import pytest

from airflow_provider_sagex3_cleo.cleo.dialects import RemoteFile, RestDialect, ServerDialect, TemplateDialect, is_page
from airflow_provider_sagex3_cleo.cleo.settings import CleoSettings
from airflow_provider_sagex3_cleo.errors import NotJson
from airflow_provider_sagex3_cleo.transport import Answer


def settings(**extras: Any) -> CleoSettings:
    return CleoSettings.from_connection("c", "cleo.example", None, None, "edi", "pw", {"environment": "test"} | extras)


def answer(body: bytes | str, content_type: str = "application/json") -> Answer:
    raw = body.encode() if isinstance(body, str) else body
    return Answer(200, {"Content-Type": content_type}, raw, "https://cleo.example/x", None)


def test_an_upload_is_a_put_of_the_raw_bytes_with_our_content_type() -> None:
    call = RestDialect(settings()).upload("out bound/850", "a.edi", b"ISA")
    assert (call.method, call.path, call.ok) == ("PUT", "/api/files/out%20bound/850/a.edi", {200, 201, 204})
    assert call.request == {"data": b"ISA", "headers": {"Content-Type": "application/edi-x12"}}


def test_a_multipart_upload_carries_name_and_type_in_its_part() -> None:
    dialect = RestDialect(settings(upload_body="multipart", upload_method="POST", upload_field="payload"))
    call = dialect.upload("upload", "a.edi", b"ISA")
    assert call.method == "POST"
    assert call.request == {"files": {"payload": ("a.edi", b"ISA", "application/edi-x12")}}


def test_a_template_is_the_whole_call_with_its_query() -> None:
    dialect = TemplateDialect(
        settings(dialect="template", upload_path="/server?request=send&directory={folder}/&filename={name}")
    )
    assert dialect.upload("in box", "a.edi", b"").path == "/server?request=send&directory=in%20box/&filename=a.edi"


@pytest.mark.parametrize(
    ("body", "told"),
    [
        (b"", None),
        (b'{"name": "a_1.edi"}', "a_1.edi"),
        (b'{"name": 7}', None),
        (b'{"name": ""}', None),
        (b'{"id": "x"}', None),
        (b'["a"]', None),
        (b"stored", None),
        (b'{"name": "a', None),
        (b"{\xff}", None),
    ],
)
def test_the_stored_name_is_read_where_the_answer_tells_it(body: bytes, told: str | None) -> None:
    assert RestDialect(settings()).stored_name(answer(body)) == told


@pytest.mark.parametrize("total", [2, "2", " 2 "])
def test_a_total_is_read_as_number_or_text(total: Any) -> None:
    rows = [{"name": "a.edi", "size": 3}, {"name": "b.edi", "size": "4"}]
    page = RestDialect(settings()).page(answer(json.dumps({"totalResults": total, "resources": rows})))
    assert page.files == (RemoteFile("a.edi", 3), RemoteFile("b.edi", 4))
    assert (page.rows, page.total, page.last) == (2, 2, False)


def test_a_listing_may_name_its_fields_otherwise() -> None:
    dialect = RestDialect(settings(list_items_field="files", list_name_field="fileName", list_size_field="length"))
    page = dialect.page(answer('{"files": [{"fileName": "a.edi", "length": 9}]}'))
    assert page.files == (RemoteFile("a.edi", 9),)
    assert page.total is None


def test_a_bare_array_of_names_or_rows_is_a_whole_listing() -> None:
    page = RestDialect(settings()).page(answer('["a.edi", {"name": "b.edi"}]'))
    assert page.files == (RemoteFile("a.edi"), RemoteFile("b.edi"))
    assert page.last


def test_one_name_per_line_is_a_listing_too() -> None:
    page = RestDialect(settings(list_format="lines")).page(answer("a.edi\r\n\r\nb.edi\n", "text/plain"))
    assert [file.name for file in page.files] == ["a.edi", "b.edi"]


def test_a_line_may_hold_more_than_the_name() -> None:
    dialect = ServerDialect(settings(dialect="server", list_line=r"(?P<size>\d+)\s+(?P<name>\S+)"))
    page = dialect.page(answer("12 a.edi\r\n7  b.edi\r\n", "text/plain"))
    assert page.files == (RemoteFile("a.edi", 12), RemoteFile("b.edi", 7))
    with pytest.raises(NotJson, match="list_line"):
        dialect.page(answer("total 2\r\n12 a.edi\r\n", "text/plain"))


def test_the_http_services_calls_stand_on_the_request_line() -> None:
    dialect = ServerDialect(settings(dialect="server"))
    upload = dialect.upload("in box/850", "a.edi", b"ISA")
    assert (upload.method, upload.path) == ("POST", "/server")
    assert upload.request["params"] == {"request": "send", "directory": "in box/850/", "filename": "a.edi"}
    assert dialect.list("inbox", 0).request["params"] == {"request": "list", "directory": "inbox/"}
    assert dialect.probe().request["params"] == {"request": "connect0"}
    for call in (dialect.list("inbox", 0), dialect.read("inbox", "a"), dialect.delete("inbox", "a"), dialect.probe()):
        assert call.request["headers"]["Content-Type"], "VLProxy answers 415 without one"


@pytest.mark.parametrize(
    "body",
    ["<html><body>Sign in</body></html>", "nothing here", '{"unexpected": [1]}', '{"resources": [7]}', '"text"',
     '{"resources": [{"size": 3}]}', '{"resources": {}}'],
)  # fmt: skip
def test_what_is_no_listing_is_never_taken_for_an_empty_folder(body: str) -> None:
    with pytest.raises(NotJson, match="listing"):
        RestDialect(settings()).page(answer(body))


def test_a_page_is_known_by_its_type_or_by_its_beginning() -> None:
    assert is_page(answer(b"anything", "text/html; charset=utf-8"))
    assert is_page(answer(b"\n <!DOCTYPE html><html>", "application/octet-stream"))
    assert not is_page(answer(b"ISA*00*", "application/edi-x12"))
