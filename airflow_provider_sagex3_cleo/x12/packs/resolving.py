"""Packs that extend packs: one list of rules, each with the pack it comes from."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from airflow_provider_sagex3_cleo.x12.model import RELEASES
from airflow_provider_sagex3_cleo.x12.packs.model import Pack, Rule

__all__ = ["GuidePack", "PackFault", "resolve", "shipped_path"]


@dataclass(frozen=True)
class PackFault:
    """A fault of a pack: whose it is, the rule or key it is about ('' the whole pack), and a sentence."""

    pack: str
    at: str
    message: str
    severity: str = "error"


@dataclass(frozen=True)
class GuidePack:
    """A pack with all it inherits. `origin` tells for each rule id the pack it was written in."""

    id: str
    name: str
    version: str | None
    set_id: str | None
    releases: tuple[str, ...]
    rules: tuple[Rule, ...]
    origin: Mapping[str, str]

    @cached_property
    def hash(self) -> str:
        """Names the content: the same rules, the same hash."""
        text = "\n".join([self.id, str(self.set_id), *self.releases, *(r.model_dump_json() for r in self.rules)])
        return hashlib.sha256(text.encode()).hexdigest()

    def __hash__(self) -> int:
        return hash(self.hash)


def resolve(pack: Pack, find: Callable[[str], Pack | None]) -> tuple[GuidePack | None, list[PackFault]]:
    """The pack with its parents' rules under its own; a later rule takes the place of an earlier one of its id.

    Args:
        find: gives a pack by id, None for one that is not there.

    None, with the faults, where a parent is not there or the packs extend each other in a circle."""
    line = [pack]
    while (parent_id := line[-1].extends) is not None:
        if parent_id in [p.id for p in line]:
            circle = " -> ".join([*(p.id for p in line), parent_id])
            return None, [PackFault(pack.id, "extends", f"packs extend each other in a circle: {circle}")]
        parent = find(parent_id)
        if parent is None:
            return None, [PackFault(line[-1].id, "extends", f"pack '{parent_id}' is not there")]
        line.append(parent)
    faults: list[PackFault] = []
    rules: dict[str, Rule] = {}
    origin: dict[str, str] = {}
    set_id = None
    for each in reversed(line):
        if set_id is not None and each.set_id not in (None, set_id):
            faults.append(PackFault(each.id, "set", f"is {each.set_id}, but what it extends is for set {set_id}"))
        set_id = each.set_id or set_id
        for rule_id in each.drop:
            if rules.pop(rule_id, None) is None:
                faults.append(PackFault(each.id, "drop", f"no rule '{rule_id}' is inherited"))
        for rule in each.rules:
            if origin.get(rule.id) == each.id and rule.id in rules:
                faults.append(PackFault(each.id, rule.id, f"rule id '{rule.id}' stands twice"))
            rules[rule.id], origin[rule.id] = rule, each.id
    releases = next((p.releases for p in line if p.releases is not None), RELEASES)
    name = next((p.name for p in line if p.name is not None), pack.id)
    version = next((p.version for p in line if p.version is not None), None)
    kept = {rule_id: origin[rule_id] for rule_id in rules}
    return GuidePack(pack.id, name, version, set_id, releases, tuple(rules.values()), kept), faults


def shipped_path(pack_id: str) -> Path | None:
    """The file of a pack that comes with the package, None where there is none of this id."""
    path = Path(__file__).with_name("shipped") / f"{pack_id}.yaml"
    return path if path.is_file() else None
