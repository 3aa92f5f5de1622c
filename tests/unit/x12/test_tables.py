"""The tables: consistent in themselves, and equal to the collected facts about the standard."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from airflow_provider_sagex3_cleo import errors as e
from airflow_provider_sagex3_cleo.x12.model import RELEASES
from airflow_provider_sagex3_cleo.x12.standard import Composite, Element, Loop, Slot, Use, release

TYPES = {"AN", "ID", "R", "N0", "N2", "DT", "TM"}
SHARED = {"143", "718", "720", "723"}  # one list of words for both releases, and for the 997 and the 999
ENVELOPE = {"ISA", "GS", "GE", "IEA", "TA1"}


@pytest.fixture(params=RELEASES)
def name(request: pytest.FixtureRequest) -> str:
    return request.param


def elements(slots: tuple[Slot, ...]) -> Iterator[Element]:
    for slot in slots:
        if isinstance(slot.element, Composite):
            yield from elements(slot.element.slots)
        else:
            yield slot.element


def loops(body: tuple[Use | Loop, ...]) -> Iterator[Loop]:
    for item in body:
        if isinstance(item, Loop):
            yield item
            yield from loops(item.body)


def test_every_element_in_use_has_a_name_a_type_and_a_length(name: str) -> None:
    for segment in release(name).segments.values():
        for element in elements(segment.slots):
            assert element.name, (segment.id, element.number)
            assert element.type in TYPES, (segment.id, element.number)
            assert 1 <= element.min <= element.max, (segment.id, element.number)


def test_every_code_fits_its_element_and_has_a_meaning(name: str) -> None:
    for segment in release(name).segments.values():
        for element in elements(segment.slots):
            for code, meaning in element.codes.items():
                assert element.min <= len(code) <= element.max, (element.number, code)
                assert meaning.strip(), (element.number, code)


def test_every_code_list_belongs_to_an_element_in_use(name: str) -> None:
    tables = release(name)
    used = {x.number for s in tables.segments.values() for x in elements(s.slots)}
    folder = Path(release.__wrapped__.__code__.co_filename).parent / "tables"
    for number in json.loads((folder / "004010.json").read_text())["codes"]:
        assert number in used


def test_every_set_refers_to_existing_segments_and_all_segments_are_used(name: str) -> None:
    tables = release(name)
    used = {segment for described in tables.sets.values() for segment in described.segment_ids()}
    missing = used - set(tables.segments)
    assert not missing
    unused = set(tables.segments) - used - ENVELOPE
    # Base tables hold what a later release took out of its sets.
    assert unused <= {"MSG", "MTX"}


def test_every_syntax_note_is_about_elements_that_exist_and_are_not_mandatory(name: str) -> None:
    for segment in release(name).segments.values():
        for note in segment.notes:
            assert note.kind in "PRECL", segment.id
            assert len(note.at) >= 2, segment.id
            assert max(note.at) <= len(segment.slots), (segment.id, str(note))


def test_every_loop_begins_with_its_mandatory_segment_that_comes_once_a_turn(name: str) -> None:
    for described in release(name).sets.values():
        for loop in loops(described.body):
            first = loop.body[0]
            assert isinstance(first, Use)
            assert (first.id, first.mandatory, first.max) == (loop.id, True, 1)


def test_a_release_without_tables_is_refused_with_the_known_ones() -> None:
    with pytest.raises(e.SettingFault, match="004010 or 005010"):
        release("006010")


# --- against the collected facts --------------------------------------------------------------------------------
@pytest.fixture
def facts(reference: Path, name: str) -> dict[str, Any]:
    return json.loads((reference / "x12_tables.json").read_text())[name]


def described_slot(slot: Slot) -> tuple[Any, ...]:
    x = slot.element
    return (x.number, slot.required, *(() if isinstance(x, Composite) else (x.type, x.min, x.max)))


def fact_slot(entry: dict[str, Any]) -> tuple[Any, ...]:
    size = () if entry.get("type") == "COMP" else (entry["type"], entry["min"], entry["max"])
    return (str(entry["el"]), entry["req"], *size)


def test_segments_equal_the_facts(name: str, facts: dict[str, Any]) -> None:
    tables = release(name)
    for segment in tables.segments.values():
        fact = facts["envelope"][segment.id] if segment.id in ENVELOPE else facts["segments"].get(segment.id)
        if fact is None:
            continue  # only the other release has it
        assert [described_slot(s) for s in segment.slots] == [fact_slot(x) for x in fact["elements"]], segment.id
        assert [str(n) for n in segment.notes] == fact.get("syntax", []), segment.id
        for slot in segment.slots:
            if isinstance(slot.element, Composite):
                composite = facts["composites"][slot.element.number]
                assert [described_slot(s) for s in slot.element.slots] == [fact_slot(x) for x in composite["elements"]]
                assert [str(n) for n in slot.element.notes] == composite["syntax"]


def test_structures_equal_the_facts(name: str, facts: dict[str, Any]) -> None:
    def ours(body: tuple[Use | Loop, ...]) -> list[Any]:
        return [
            (x.id, x.mandatory, x.max, ours(x.body)) if isinstance(x, Loop) else (x.id, x.mandatory, x.max)
            for x in body
        ]

    def theirs(body: list[dict[str, Any]]) -> list[Any]:
        return [
            (x["loop"], x["req"] == "M", x["repeat"], theirs(x["body"]))
            if "body" in x
            else (x["id"], x["req"] == "M", x["max"])
            for x in body
        ]

    assert set(facts["sets"]) <= set(release(name).sets)
    for set_id, described in release(name).sets.items():
        if set_id not in facts["sets"]:
            continue  # 824, 865 and 999 were collected elsewhere (docs/x12.md)
        fact = facts["sets"][set_id]
        assert ours(described.body) == theirs(fact["structure"])
        assert (described.group, described.omitted) == (fact["group"], frozenset(fact["omitted"]))


def test_our_codes_are_codes_of_the_release(name: str, facts: dict[str, Any]) -> None:
    for segment in release(name).segments.values():
        for element in elements(segment.slots):
            valid = facts["elements"].get(element.number, {}).get("valid", "").split()
            if valid and element.codes and element.number not in SHARED:
                assert set(element.codes) <= set(valid), element.number
