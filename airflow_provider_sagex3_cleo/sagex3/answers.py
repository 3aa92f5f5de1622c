"""What Sage X3's answers mean where the status alone does not say it.

Texts of the server never go into a message; only what matches a narrow pattern does (error numbers, names of fields).
"""

from __future__ import annotations

import json
import re

from airflow_provider_sagex3_cleo import errors as e
from airflow_provider_sagex3_cleo.transport import Answer

__all__ = ["TOKEN_FAULTS", "asks_for_login", "explain", "is_page", "refused_field", "unknown_field"]

TOKEN_FAULTS: dict[str, tuple[str, str]] = {
    "21": ("the token's `iat` lies in the future for the server", "set the clocks of this host and of X3 (NTP)"),
    "41": ("the token's `iss` is not known", "put the connected app's client id into `client_id`"),
    "42": ("the token's `sub` is not allowed", "put an X3 user whom the connected app allows into `subject`"),
    "45": (
        "the token's `aud` is not the registered URL",
        "copy the URL of the connected app into `audience`, letter by letter",
    ),
    "50": (
        "the token's signature is wrong or its time is over",
        "check `client_secret`, and that `token_life` is not above the app's token validity",
    ),
}
_TOKEN_FAULT = re.compile(rb"\s*Error\s+(\d{2})\s*:")
_CANNOT_QUERY = re.compile(r'Cannot query field "(\w{1,80})" on type "(\w{1,80})"')
_PROPERTY = (
    re.compile(r"\b(?:unknown|invalid|undefined|no such)\s+(?:property|field|column)\W{1,4}(\w{1,40})", re.IGNORECASE),
    re.compile(r"\b(?:property|field|column)\W{1,4}(\w{1,40})\W{1,4}(?:is\s+)?(?:not|unknown|undefined|invalid|does)",
               re.IGNORECASE),
)  # fmt: skip
_LICENCE = re.compile(rb"licen[cs]e|too many (?:web )?sessions|session limit", re.IGNORECASE)


def is_page(answer: Answer) -> bool:
    """True for markup where JSON belongs: a login, proxy or maintenance page."""
    return answer.body[:64].lstrip()[:1] == b"<"


def asks_for_login(answer: Answer) -> bool:
    """True for what X3 or a proxy sends instead of 401: a page with 200, or a redirect."""
    return (answer.status == 200 and is_page(answer)) or 300 <= answer.status < 400


def refused_field(text: str) -> tuple[str, str] | None:
    """The (field, type) that a message says it does not know; the type is empty where it is not named."""
    found = _CANNOT_QUERY.search(text)
    if found is not None:
        return found.group(1), found.group(2)
    for pattern in _PROPERTY:
        found = pattern.search(text)
        if found is not None:
            return found.group(1), ""
    return None


def explain(answer: Answer) -> e.ProviderError | None:
    """The error of an answer that says more than its status; None where the status says it all."""
    if answer.status == 401:
        return _refused(answer)
    if answer.status == 200:
        return e.NotJson("the answer is an HTML page (login, proxy or maintenance), not data")
    if answer.status in (400, 500):
        named = refused_field(_words(answer.body))
        if named is not None:
            return unknown_field(*named)
    if answer.status == 400 and not _is_json(answer.body):
        return e.RequestRejected("the server could not parse the request (400)")
    if answer.status >= 500 and _LICENCE.search(answer.body[:4000]):
        return e.ServerFailed(
            f"the server has no free session or licence ({answer.status})",
            remedy="lower `sessions` of the connection, or wait until X3 ends old web sessions",
        )
    return None


def unknown_field(name: str, kind: str = "") -> e.RequestRejected:
    """The server does not know a field we ask for; `where["unknown"]` holds its name."""
    place = f" on type {kind}" if kind else ""
    problem = e.RequestRejected(
        f"Sage X3 does not know the field '{name}'{place}",
        remedy="put the field on the representation's facet, or correct its name in the entity specification",
    )
    problem.where["unknown"] = name
    return problem


def _refused(answer: Answer) -> e.ProviderError | None:
    found = _TOKEN_FAULT.match(answer.body[:200])
    if found is not None:
        number = found.group(1).decode()
        if number in TOKEN_FAULTS:
            sentence, remedy = TOKEN_FAULTS[number]
            return e.AccessRejected(f"error {number}: {sentence}", remedy=remedy)
        return e.AccessRejected(f"error {number}: the token was refused", remedy="check the connected app in X3")
    challenge = answer.headers.get("WWW-Authenticate", "")
    if challenge and "basic" not in challenge.lower():
        return e.AccessRejected(
            "the server offers no Basic login (401)", remedy="switch Basic on in X3, or use auth connected_app"
        )
    return None


def _is_json(body: bytes) -> bool:
    return body[:64].lstrip()[:1] in (b"{", b"[")


def _words(body: bytes) -> str:
    """The messages of an error body: of `errors`, of `$diagnoses`, else the body's start as text."""
    try:
        value = json.loads(body)
    except ValueError:
        return body[:4000].decode("utf-8", "replace")
    found = []
    if isinstance(value, dict):
        for each in [*_list(value.get("errors")), *_list(value.get("$diagnoses"))]:
            if isinstance(each, dict):
                found.append(str(each.get("message") or each.get("$message") or ""))
        found.append(str(value.get("message") or value.get("$message") or ""))
    return "\n".join(found)


def _list(value: object) -> list[object]:
    return value if isinstance(value, list) else []
