"""Packs made of plain values, for tests."""

from __future__ import annotations

from typing import Any

from airflow_provider_sagex3_cleo.x12 import Finding, SetBody
from airflow_provider_sagex3_cleo.x12.packs import CompiledPack, GuidePack, Pack, compiled, lint, resolve
from airflow_provider_sagex3_cleo.x12.validator import validate_body

SAYS = "So says the partner"


def rule(id: str = "r", **keys: Any) -> dict[str, Any]:
    """A rule; `in_` and `if_` stand for the words that Python keeps for itself."""
    plain = {key.rstrip("_"): value for key, value in keys.items()}
    return {"id": id, **({} if "allow" in plain else {"says": SAYS}), **plain}


def guide(*rules: dict[str, Any], set_id: str = "850", releases: Any = ("004010", "005010")) -> GuidePack:
    pack = Pack.model_validate({"pack": "1", "id": "p", "set": set_id, "releases": releases, "rules": rules})
    found, faults = resolve(pack, lambda _: None)
    assert found is not None
    assert faults == []
    return found


def pack_of(*rules: dict[str, Any], **keys: Any) -> CompiledPack:
    return compiled(guide(*rules, **keys))


def lints(*rules: dict[str, Any], **keys: Any) -> list[str]:
    """What the lints say, as 'severity: sentence'."""
    return [f"{fault.severity}: {fault.message}" for fault in lint(guide(*rules, **keys))]


def findings(body: SetBody, *rules: dict[str, Any]) -> list[Finding]:
    """What the pack of these rules finds in a body; the standard must find nothing in it."""
    assert validate_body(body) == []
    return validate_body(body, pack=pack_of(*rules, set_id=body.set_id))
