"""Packs that extend packs."""

from __future__ import annotations

from typing import Any

from airflow_provider_sagex3_cleo.x12.packs import GuidePack, Pack, PackFault, compiled, resolve
from tests.support.packs import SAYS, rule


def pack(id: str, *rules: dict[str, Any], **keys: Any) -> Pack:
    return Pack.model_validate({"pack": "1", "id": id, "rules": rules, **keys})


def resolved(*packs: Pack) -> tuple[GuidePack | None, list[PackFault]]:
    """The last of the packs, which may extend the others."""
    return resolve(packs[-1], {each.id: each for each in packs}.get)


BASE = pack("base", rule("one", require="CUR"), rule("two", require="REF"), set="850", releases="004010", version="7")


def test_a_child_has_its_parents_rules_before_its_own() -> None:
    found, faults = resolved(BASE, pack("child", rule("three", require="PER"), extends="base"))
    assert faults == []
    assert found is not None
    assert [r.id for r in found.rules] == ["one", "two", "three"]
    assert (found.set_id, found.releases, found.version) == ("850", ("004010",), "7")
    assert found.origin == {"one": "base", "two": "base", "three": "child"}


def test_a_rule_of_the_same_id_takes_the_place_of_the_inherited_one() -> None:
    found, _ = resolved(BASE, pack("child", rule("one", forbid="CUR"), extends="base"))
    assert found is not None
    assert [(r.id, r.kind) for r in found.rules] == [("one", "forbid"), ("two", "require")]
    assert found.origin["one"] == "child"


def test_a_rule_can_be_dropped_and_put_back_by_a_grandchild() -> None:
    child = pack("child", extends="base", drop="two")
    found, faults = resolved(BASE, child)
    assert faults == []
    assert found is not None
    assert [r.id for r in found.rules] == ["one"]
    grandchild, faults = resolved(BASE, child, pack("grandchild", rule("two", require="PER"), extends="child"))
    assert faults == []
    assert grandchild is not None
    assert [r.id for r in grandchild.rules] == ["one", "two"]


def test_dropping_what_is_not_inherited_is_a_fault() -> None:
    _, (fault,) = resolved(BASE, pack("child", extends="base", drop="tree"))
    assert (fault.pack, fault.at, fault.message) == ("child", "drop", "no rule 'tree' is inherited")


def test_a_circle_is_told_as_a_circle() -> None:
    found, (fault,) = resolved(pack("a", extends="c"), pack("b", extends="a"), pack("c", extends="b"))
    assert found is None
    assert fault.message == "packs extend each other in a circle: c -> b -> a -> c"


def test_a_parent_that_is_not_there_is_named_where_it_is_asked_for() -> None:
    found, (fault,) = resolved(pack("a", extends="nobody"), pack("b", extends="a"))
    assert found is None
    assert (fault.pack, fault.at, fault.message) == ("a", "extends", "pack 'nobody' is not there")


def test_a_rule_id_that_stands_twice_in_one_pack_is_a_fault() -> None:
    _, (fault,) = resolved(pack("a", rule("one", require="CUR"), rule("one", require="REF"), set="850"))
    assert (fault.at, fault.message) == ("one", "rule id 'one' stands twice")


def test_a_child_for_another_set_is_a_fault() -> None:
    _, (fault,) = resolved(BASE, pack("child", extends="base", set="810"))
    assert fault.message == "is 810, but what it extends is for set 850"


def test_the_hash_names_the_rules_and_equal_packs_are_compiled_once() -> None:
    one, other = (resolved(pack("a", rule(require="CUR"), set="850"))[0] for _ in range(2))
    changed = resolved(pack("a", rule(require="CUR", says=f"{SAYS} Now."), set="850"))[0]
    assert one is not None
    assert other is not None
    assert changed is not None
    assert one.hash == other.hash != changed.hash
    assert compiled(one) is compiled(other) is not compiled(changed)
