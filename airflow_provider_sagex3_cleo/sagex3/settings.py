"""Settings of one Sage X3 connection, checked at the door."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from airflow_provider_sagex3_cleo.errors import SettingFault

__all__ = ["EXTRAS", "Extra", "SageX3Settings"]

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Extra:
    """One extra of the connection: its name, default, allowed words, and what it means."""

    name: str
    default: Any
    meaning: str
    words: tuple[str, ...] = ()
    secret: bool = False


EXTRAS: tuple[Extra, ...] = (
    Extra("environment", None, "which X3 this is; must be given", ("test", "production")),
    Extra("transport", "rest", "the API to read by", ("rest", "graphql")),
    Extra("folder", None, "X3 folder, sent as x-xtrem-endpoint; must be given"),
    Extra("endpoint", "", "Syracuse endpoint in REST paths; the folder's name where empty"),
    Extra("auth", "basic", "how to log in", ("basic", "connected_app", "oauth2")),
    Extra("client_id", "", "connected app: client id (claim iss); oauth2: client id"),
    Extra("client_secret", "", "connected app: secret that signs the token; oauth2: client secret", secret=True),
    Extra("subject", "", "connected app: X3 user (claim sub); the login where empty"),
    Extra("audience", "", "connected app: the URL registered on the app (claim aud), compared letter by letter"),
    Extra("token_life", 300, "connected app: seconds between iat and exp, at most 3600; oauth2: where no answer says"),
    Extra("auth_url", "", "oauth2: URL of the token endpoint"),
    Extra("grant", "refresh_token", "oauth2: how a token is got", ("refresh_token", "client_credentials")),
    Extra("refresh_token", "", "oauth2: a person's refresh token; later ones are kept in the ledger", secret=True),
    Extra("scope", "", "oauth2: sent where given"),
    Extra("auth_body", "json", "oauth2: body of the token call", ("json", "form")),
    Extra("verify", True, "true, the path of a CA bundle, or false (warned about)"),
    Extra("language", "", "sent as Accept-Language where given"),
    Extra("timeout", 120, "seconds without an answer; the first call to a cold server takes long"),
    Extra("deadline", 600, "seconds for one call with all its repeats"),
    Extra("page_size", 500, "rows asked for in one list, 1 to 10000"),
    Extra("details_size", 20, "GraphQL: records asked for in one query, 1 to 200"),
    Extra("rate_limit", None, "calls a second; no limit where empty"),
    Extra("sessions", 1, "HTTP sessions (each takes a web session of X3), 1 to 3"),
    Extra("paging", "keyset", "REST: own filter on (stamp, key), or X3's next-links", ("keyset", "next")),
    Extra("page_cap", 100_000, "pages of one list after which reading stops with an error"),
    Extra("rewrite_links", True, "put the configured host into next-links; otherwise another host is refused"),
    Extra("rest_path", "/api1/x3/erp", "path of the REST API"),
    Extra("graphql_path", "/xtrem/api", "path of the GraphQL API"),
)


@dataclass(frozen=True)
class SageX3Settings:
    """One connection. Seconds for times; `base_url` is scheme, host and port. Extras: see `EXTRAS`."""

    conn_id: str
    base_url: str
    login: str
    password: str = field(repr=False)
    environment: str
    folder: str
    transport: str = "rest"
    endpoint: str = ""
    auth: str = "basic"
    client_id: str = ""
    client_secret: str = field(default="", repr=False)
    subject: str = ""
    audience: str = ""
    token_life: int = 300
    auth_url: str = ""
    grant: str = "refresh_token"
    refresh_token: str = field(default="", repr=False)
    scope: str = ""
    auth_body: str = "json"
    verify: bool | str = True
    language: str = ""
    timeout: float = 120.0
    deadline: float = 600.0
    page_size: int = 500
    details_size: int = 20
    rate_limit: float | None = None
    sessions: int = 1
    paging: str = "keyset"
    page_cap: int = 100_000
    rewrite_links: bool = True
    rest_path: str = "/api1/x3/erp"
    graphql_path: str = "/xtrem/api"

    @property
    def source(self) -> str:
        """The system read from as "host:port/folder": what a ledger is bound to."""
        return f"{self.base_url.partition('://')[2]}/{self.folder}"

    def describe(self) -> list[tuple[str, str]]:
        """Each setting as (name, value) in the order of `EXTRAS`; a secret shows only whether it is there."""
        found = [("conn_id", self.conn_id), ("base_url", self.base_url), ("login", self.login)]
        found.append(("password", "set" if self.password else "not set"))
        for extra in EXTRAS:
            value = getattr(self, extra.name)
            text = ("set" if value else "not set") if extra.secret else _shown(value)
            found.append((extra.name, text))
        return found

    @classmethod
    def from_connection(
        cls,
        conn_id: str,
        host: str | None,
        port: int | None,
        schema: str | None,
        login: str | None,
        password: str | None,
        extras: Mapping[str, Any] | None = None,
    ) -> SageX3Settings:
        """Settings from the parts of an Airflow connection. Warns about credentials over http and about verify=false.

        Raises: SettingFault naming connection and field; an unknown extra lists the known ones."""
        given = _Door(conn_id, dict(extras or {}))
        given.refuse_unknown()
        auth = given.word("auth")
        settings = cls(
            conn_id=conn_id,
            base_url=given.base_url(host, port, schema),
            login=(login or "").strip(),
            password=password or "",
            environment=given.word("environment"),
            folder=given.must("folder"),
            transport=given.word("transport"),
            endpoint=given.text("endpoint") or given.must("folder"),
            auth=auth,
            client_id=given.text("client_id"),
            client_secret=given.secret("client_secret"),
            subject=given.text("subject") or (login or "").strip(),
            audience=given.secret("audience"),  # byte for byte as registered, so not stripped either
            token_life=given.whole("token_life", 30, 3600),
            auth_url=given.url("auth_url"),
            grant=given.word("grant"),
            refresh_token=given.secret("refresh_token"),
            scope=given.text("scope"),
            auth_body=given.word("auth_body"),
            verify=given.verify(),
            language=given.text("language"),
            timeout=given.number("timeout", 1, 3600),
            deadline=given.number("deadline", 1, 86_400),
            page_size=given.whole("page_size", 1, 10_000),
            details_size=given.whole("details_size", 1, 200),
            rate_limit=given.rate(),
            sessions=given.whole("sessions", 1, 3),
            paging=given.word("paging"),
            page_cap=given.whole("page_cap", 1, 10_000_000),
            rewrite_links=given.flag("rewrite_links"),
            rest_path=given.path("rest_path"),
            graphql_path=given.path("graphql_path"),
        )
        settings._check_login()
        settings._warn()
        return settings

    @property
    def keeps_tokens(self) -> bool:
        """True where the login has refresh tokens, which live in the ledger from run to run."""
        return self.auth == "oauth2" and self.grant == "refresh_token"

    def _check_login(self) -> None:
        needed = {
            "basic": ("login", "password"),
            "connected_app": ("client_id", "client_secret", "subject"),
            "oauth2": ("auth_url", "client_id", "client_secret", *(("refresh_token",) if self.keeps_tokens else ())),
        }[self.auth]
        for name in needed:
            value = getattr(self, name)
            if not value:
                raise SettingFault(
                    f"is missing, though auth is {self.auth}", system=f"connection {self.conn_id}", field=name,
                    remedy=f"fill in {name}",
                )  # fmt: skip

    def _warn(self) -> None:
        used = [url for url in (self.base_url, self.auth_url) if url.startswith("http://")]
        if any(not _is_loopback(url) for url in used):
            log.warning("Connection %s: credentials go over plain http; use https where X3 offers it", self.conn_id)
        if self.verify is False:
            log.warning(
                "Connection %s: verify is false, the certificate is not checked; put the path of the CA bundle there",
                self.conn_id,
            )


def _is_loopback(url: str) -> bool:
    host = url.partition("://")[2]
    return host.startswith(("127.", "localhost", "[::1]"))


def _shown(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return "" if value is None else str(value)


class _Door:
    """Takes extras one by one: forms give text, so numbers and flags come as text too."""

    def __init__(self, conn_id: str, extras: dict[str, Any]) -> None:
        self.conn_id, self.extras = conn_id, extras
        self.known = {extra.name: extra for extra in EXTRAS}

    def fault(self, name: str, found: str, *, expected: str = "", value: Any = None, remedy: str = "") -> SettingFault:
        shown = None if name in self.known and self.known[name].secret else value
        return SettingFault(
            found, system=f"connection {self.conn_id}", field=name, expected=expected, value=shown,
            remedy=remedy or "correct the connection",
        )  # fmt: skip

    def refuse_unknown(self) -> None:
        for name in self.extras:
            if name not in self.known:
                raise self.fault(name, "unknown extra", expected="one of " + ", ".join(self.known))

    def _given(self, name: str) -> Any:
        value = self.extras.get(name)
        return self.known[name].default if value is None or value == "" else value

    def secret(self, name: str) -> str:
        value = self._given(name)
        if not isinstance(value, str):
            raise self.fault(name, "is not a text")
        return value

    def text(self, name: str) -> str:
        return self.secret(name).strip()

    def must(self, name: str) -> str:
        if self._given(name) is None:
            raise self.fault(name, "is missing", expected=self.known[name].meaning)
        return self.text(name)

    def word(self, name: str) -> str:
        value, words = self._given(name), self.known[name].words
        if value is None:
            raise self.fault(name, "is missing", expected=" or ".join(words))
        if value not in words:
            raise self.fault(name, "unknown value", expected=" or ".join(words), value=value)
        return str(value)

    def number(self, name: str, least: float, most: float) -> float:
        return self._parsed(name, float, least, most, "a number")

    def whole(self, name: str, least: int, most: int) -> int:
        return int(self._parsed(name, lambda value: int(str(value)), least, most, "a whole number"))

    def _parsed(self, name: str, parse: Callable[[Any], float], least: float, most: float, kind: str) -> float:
        value = self._given(name)
        expected = f"{kind} from {least} to {most}"
        try:
            if isinstance(value, bool):
                raise ValueError
            number = parse(value)
        except (TypeError, ValueError) as problem:
            raise self.fault(name, f"is not {kind}", expected=expected, value=value) from problem
        if not least <= number <= most:
            raise self.fault(name, "is out of range", expected=expected, value=value)
        return number

    def rate(self) -> float | None:
        return None if self._given("rate_limit") is None else self.number("rate_limit", 0.01, 1000)

    def flag(self, name: str) -> bool:
        value = self._given(name)
        if isinstance(value, bool):
            return value
        words = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}
        found = words.get(str(value).strip().lower())
        if found is None:
            raise self.fault(name, "is neither true nor false", value=value)
        return found

    def verify(self) -> bool | str:
        value = self._given("verify")
        if isinstance(value, bool):
            return value
        text = str(value).strip()
        return text.lower() == "true" if text.lower() in ("true", "false") else text

    def path(self, name: str) -> str:
        text = self.text(name).rstrip("/")
        if not text.startswith("/") or "?" in text:
            raise self.fault(name, "is not a path", expected="a path like " + str(self.known[name].default), value=text)
        return text

    def url(self, name: str) -> str:
        """An absolute URL, or ''. Its text is never shown: a query may hold a secret."""
        text = self.text(name)
        parts = urlsplit(text) if "[" not in text else None
        if text and (parts is None or parts.scheme not in ("http", "https") or not parts.netloc or "@" in parts.netloc):
            raise self.fault(name, "is not a URL", expected="https://host/path, without user and password")
        return text

    def base_url(self, host: str | None, port: int | None, schema: str | None) -> str:
        name = (host or "").strip().rstrip("/")
        scheme = (schema or "").strip().lower() or "https"
        if "://" in name:
            given, name = name.split("://", 1)
            if schema and given.lower() != scheme:
                raise self.fault("host", f"says {given} but the schema says {scheme}", expected="one scheme")
            scheme = given.lower()
        if not name:
            raise self.fault("host", "is missing", expected="host name of Sage X3")
        if scheme not in ("http", "https"):
            raise self.fault("schema", "unknown value", expected="http or https", value=scheme)
        if "/" in name or "@" in name or " " in name:
            raise self.fault("host", "is not a host name", expected="a name without path and user", value=None)
        if port is not None and not name.rpartition(":")[2].isdecimal():
            name = f"{name}:{port}"
        return f"{scheme}://{name}"
