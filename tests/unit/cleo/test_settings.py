"""Settings: what public sources leave open is a setting with a default; a wrong one is one clear sentence."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from airflow_provider_sagex3_cleo.cleo.dialects import DIALECTS
from airflow_provider_sagex3_cleo.cleo.settings import DIALECT_NAMES, CleoSettings, known_extras
from airflow_provider_sagex3_cleo.errors import SettingFault

PASSWORD = "Canary-Pa55word!"


def settings(host: str | None = "cleo.example", **extras: Any) -> CleoSettings:
    where = {"port": None, "schema": None, "login": "edi", "password": PASSWORD}
    where |= {name: extras.pop(name) for name in list(extras) if name in where}
    return CleoSettings.from_connection("cleo_default", host, extras={"environment": "test"} | extras, **where)


def test_the_documented_defaults_are_in_force_when_nothing_is_given() -> None:
    s = settings()
    assert s.base_url == "https://cleo.example"
    assert (s.dialect, s.auth, s.upload_method, s.upload_path) == (
        "rest", "password", "PUT", "{prefix}/files/{folder}/{name}",
    )  # fmt: skip
    assert (s.upload_ok, s.upload_body, s.content_type) == ((200, 201, 204), "raw", "application/edi-x12")
    assert (s.token_life_s, s.login_attempts, s.can_delete) == (3600, 2, False)
    assert s.path(s.login_path) == "/api/authentication"


def test_an_unknown_extra_is_named_and_the_known_ones_are_listed() -> None:
    with pytest.raises(SettingFault) as fault:
        settings(uplod_path="/x/{name}")
    text = str(fault.value)
    assert all(word in text for word in ("uplod_path", "upload_path", "cleo_default"))


def test_forms_send_text_and_empty_fields_and_both_are_understood() -> None:
    form = {"verify": "false", "timeout": "30", "page_count": "50", "upload_ok": "200, 202", "can_delete": "yes"}
    s = settings(**form, rate_limit="", dialect=None)
    assert (s.verify, s.timeout, s.page_count, s.upload_ok) == (False, 30.0, 50, (200, 202))
    assert (s.can_delete, s.rate_limit, s.dialect) == (True, None, "rest")


def test_verify_may_be_the_path_of_a_ca_bundle() -> None:
    assert settings(verify="/etc/ssl/our-ca.pem").verify == "/etc/ssl/our-ca.pem"


@pytest.mark.parametrize(
    ("host", "port", "schema", "url"),
    [
        ("cleo.example", 6080, "https", "https://cleo.example:6080"),
        ("http://cleo.example:5080/", None, None, "http://cleo.example:5080"),
        ("cleo.example", None, "HTTP", "http://cleo.example"),
        ("::1", 5080, "http", None),
        ("[::1]", 5080, "http", "http://[::1]:5080"),
        ("cleo.example/api", None, None, None),
        ("edi:secret@cleo.example", None, None, None),
        ("cleo example", None, None, None),
        ("", None, None, None),
        (None, None, None, None),
        ("cleo.example", None, "sftp", None),
    ],
)
def test_host_port_and_schema_make_the_base_url_or_a_fault(
    host: str | None, port: int | None, schema: str | None, url: str | None
) -> None:
    if url is None:
        with pytest.raises(SettingFault) as fault:
            settings(host, port=port, schema=schema)
        assert "secret" not in str(fault.value)
    else:
        assert settings(host, port=port, schema=schema).base_url == url


@pytest.mark.parametrize(
    ("extras", "said"),
    [
        ({"environment": ""}, "environment"),
        ({"environment": "staging"}, "production"),
        ({"dialect": "soap"}, "template"),
        ({"auth": "digest"}, "basic"),
        ({"timeout": "soon"}, "a number"),
        ({"timeout": "nan"}, "finite"),
        ({"attempts": 0}, "at least 1"),
        ({"page_count": 2.5}, "whole number"),
        ({"can_list": "maybe"}, "true or false"),
        ({"timeout": True}, "a number"),
        ({"content_type": 7}, "text"),
        ({"upload_ok": "200,404"}, "200 to 299"),
        ({"upload_ok": []}, "200 to 299"),
        ({"upload_path": "/files/{folder}"}, "{name}"),
        ({"upload_path": "/files/{file}/{name}"}, "placeholder"),
        ({"upload_path": "files/{folder}/{name}"}, "'/'"),
        ({"upload_path": "/a/../{folder}/{name}"}, "path on this server"),
        ({"upload_path": "/files/{folder/{name}"}, "template"),
        ({"list_path": "/files/{name}"}, "placeholder"),
        ({"login_path": "/login/{folder}"}, "placeholder"),
        ({"read_path": "{prefix}/files/{folder}"}, "{name}"),
        ({"dialect": "template"}, "upload_path"),
        ({"dialect": "server", "auth": "password"}, "only login of the HTTP service"),
        ({"dialect": "server", "read_path": "/x/{name}"}, "no meaning under dialect server"),
        ({"server_path": "/server/{folder}"}, "placeholder"),
        ({"list_line": "("}, "regular expression"),
        ({"list_line": "[[a]"}, "regular expression"),
        ({"list_line": ".+"}, "(?P<name>"),
        ({"login": ""}, "login"),
        ({"password": None}, "password"),
    ],
)
def test_a_wrong_setting_is_one_sentence_that_says_what_is_right(extras: dict[str, Any], said: str) -> None:
    with pytest.raises(SettingFault) as fault:
        settings(**extras)
    text = str(fault.value)
    assert said in text
    assert "connection cleo_default" in text
    assert "\n" not in text
    assert PASSWORD not in text


def test_a_multipart_upload_may_leave_the_name_to_the_form() -> None:
    assert settings(upload_body="multipart", upload_path="{prefix}/files/{folder}").upload_body == "multipart"


def test_a_template_of_ones_own_offers_only_the_calls_it_has_paths_for() -> None:
    s = settings(dialect="template", upload_path="/put?f={name}", read_path="/get?f={name}")
    assert (s.can_read, s.can_list, s.can_delete) == (True, False, False)


def test_the_http_service_has_defaults_of_its_own_that_a_site_may_change() -> None:
    s = settings(dialect="server")
    assert (s.auth, s.upload_method, s.delete_method, s.list_format, s.server_path) == (
        "basic", "POST", "POST", "lines", "/server",
    )  # fmt: skip
    s = settings(dialect="server", upload_method="PUT", list_format="json")
    assert (s.upload_method, s.list_format) == ("PUT", "json")


def test_the_password_is_in_no_text_form_of_the_settings() -> None:
    assert PASSWORD not in f"{settings()!r} {settings()}"


def test_every_extra_is_explained_and_every_dialect_is_there() -> None:
    assert all(len(field.metadata["help"]) > 10 for field in known_extras())
    assert set(DIALECT_NAMES) == set(DIALECTS)


@given(st.dictionaries(st.sampled_from([f.name for f in known_extras()]), st.text() | st.integers() | st.booleans()))
def test_any_extras_give_settings_or_a_setting_fault(extras: dict[str, Any]) -> None:
    try:
        built = settings(**extras)
    except SettingFault as fault:
        text = str(fault)
    else:
        assert built.environment in ("test", "production")
        assert built.timeout > 0
        text = repr(built.describe())
    assert PASSWORD not in text


def test_plain_http_and_an_unchecked_certificate_are_warned_about(caplog: pytest.LogCaptureFixture) -> None:
    settings(schema="http", port=5080)
    settings(verify=False)
    settings("127.0.0.1", schema="http")
    assert ["plain http" in caplog.messages[0], "verify is false" in caplog.messages[1]] == [True, True]
    assert len(caplog.messages) == 2


def test_the_target_is_what_a_ledger_is_bound_to() -> None:
    assert settings("https://cleo.example:6080").target == "cleo.example:6080"
