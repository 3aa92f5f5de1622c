"""The connection form: checked at the door, secrets kept out of sight."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any

import pytest

from airflow_provider_sagex3_cleo.errors import SettingFault
from airflow_provider_sagex3_cleo.sagex3.settings import EXTRAS, SageX3Settings

CANARY = "canary-4711"
ASSUMPTIONS = Path(__file__).parents[3] / "docs" / "assumptions.md"


def _settings(host: str = "x3.example.com", port: int | None = 8124, schema: str | None = "https",
              login: str = "EDI", password: str = CANARY, **extras: Any) -> SageX3Settings:  # fmt: skip
    given = {"environment": "test", "folder": "PILOT", **extras}
    return SageX3Settings.from_connection("sagex3_default", host, port, schema, login, password, given)


def test_defaults_are_filled_in() -> None:
    settings = _settings()
    assert settings.base_url == "https://x3.example.com:8124"
    assert settings.endpoint == "PILOT"
    assert (settings.transport, settings.auth, settings.sessions, settings.verify) == ("rest", "basic", 1, True)
    assert settings.source == "x3.example.com:8124/PILOT"


def test_an_unknown_extra_is_refused_by_name_with_the_known_ones() -> None:
    with pytest.raises(SettingFault) as caught:
        _settings(page_sise=5)
    message = str(caught.value)
    assert "sagex3_default page_sise: unknown extra" in message
    assert all(extra.name in message for extra in EXTRAS)


@pytest.mark.parametrize(
    ("extras", "words"),
    [
        ({"environment": None}, "environment: is missing; expected test or production"),
        ({"environment": "prod"}, "environment: unknown value (value 'prod'); expected test or production"),
        ({"folder": ""}, "folder: is missing"),
        ({"transport": "soap"}, "expected rest or graphql"),
        ({"page_size": "many"}, "page_size: is not a whole number"),
        ({"page_size": 0}, "page_size: is out of range"),
        ({"sessions": 4}, "a whole number from 1 to 3"),
        ({"rewrite_links": "perhaps"}, "rewrite_links: is neither true nor false"),
        ({"rest_path": "api1"}, "rest_path: is not a path"),
        ({"auth": "connected_app", "client_id": "app"}, "client_secret: is missing, though auth is connected_app"),
        ({"client_secret": 12}, "client_secret: is not a text"),
        ({"auth": "oauth2"}, "auth_url: is missing, though auth is oauth2"),
        (
            {"auth": "oauth2", "auth_url": "https://id.example.com/token", "client_id": "a", "client_secret": "b"},
            "refresh_token: is missing, though auth is oauth2",
        ),
        ({"auth_url": "id.example.com/token"}, "auth_url: is not a URL"),
        ({"auth_url": f"https://user:{CANARY}@id.example.com/token"}, "auth_url: is not a URL"),
        ({"grant": "password"}, "expected refresh_token or client_credentials"),
        ({"auth_body": "xml"}, "expected json or form"),
    ],
)
def test_a_wrong_value_is_one_sentence_with_field_and_remedy(extras: dict[str, Any], words: str) -> None:
    with pytest.raises(SettingFault) as caught:
        _settings(**extras)
    assert words in str(caught.value)
    assert CANARY not in str(caught.value)


def test_oauth2_needs_neither_user_nor_password_and_client_credentials_no_refresh_token() -> None:
    given = {"auth": "oauth2", "auth_url": "https://id.example.com/token", "client_id": "a", "client_secret": "b"}
    machine = _settings(login="", password="", **given, grant="client_credentials")
    assert not machine.keeps_tokens
    assert _settings(login="", password="", **given, refresh_token="r").keeps_tokens


def test_a_form_gives_text_and_that_is_fine() -> None:
    settings = _settings(page_size="50", rate_limit="2.5", verify="false", rewrite_links="no", timeout="30")
    assert (settings.page_size, settings.rate_limit, settings.verify, settings.rewrite_links) == (50, 2.5, False, False)
    assert _settings(verify="/etc/ssl/x3.pem").verify == "/etc/ssl/x3.pem"


@pytest.mark.parametrize(
    ("host", "port", "schema", "url"),
    [
        ("x3.example.com", None, None, "https://x3.example.com"),
        ("http://x3.example.com/", 8124, None, "http://x3.example.com:8124"),
        ("x3.example.com:3310", 8124, "http", "http://x3.example.com:3310"),
        ("[::1]", 8124, "http", "http://[::1]:8124"),
    ],
)
def test_host_port_and_scheme_make_one_address(host: str, port: int | None, schema: str | None, url: str) -> None:
    assert _settings(host, port, schema).base_url == url


@pytest.mark.parametrize("host", ["", "x3.example.com/syracuse", "user:secret@x3.example.com", "ftp://x3.example.com"])
def test_a_host_that_is_none_is_refused_without_repeating_it(host: str) -> None:
    with pytest.raises(SettingFault) as caught:
        _settings(host)
    assert "secret" not in str(caught.value)


def test_plain_http_and_unchecked_certificates_are_warned_about(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        _settings(schema="http", verify=False)
    assert "plain http" in caplog.text
    assert "verify is false" in caplog.text
    assert CANARY not in caplog.text


def test_secrets_are_in_no_repr_and_no_description() -> None:
    settings = _settings(auth="connected_app", client_id="app", client_secret=CANARY + "-secret")
    assert CANARY not in repr(settings)
    shown = dict(settings.describe())
    assert CANARY not in str(shown)
    assert shown["password"] == shown["client_secret"] == "set"
    assert list(shown)[4:] == [extra.name for extra in EXTRAS]


@pytest.mark.skipif(not ASSUMPTIONS.exists(), reason="docs/assumptions.md is not in this copy")
def test_every_extra_is_on_the_page_of_assumptions_with_its_default() -> None:
    page = ASSUMPTIONS.read_text(encoding="utf-8").partition("## Cleo")[0]
    for extra in EXTRAS:
        default = "true" if extra.default is True else "" if extra.default is None else str(extra.default)
        assert f"| `{extra.name}` | {default} | {extra.meaning}" in page
