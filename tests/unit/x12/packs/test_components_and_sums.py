"""Rules about components of elements, and about totals that are the sum of other elements."""

from __future__ import annotations

from typing import Any

import pytest

from airflow_provider_sagex3_cleo.x12 import SetBody
from airflow_provider_sagex3_cleo.x12.model import Delimiters
from airflow_provider_sagex3_cleo.x12.validator import validate, validate_body
from benchmarks.documents import example, written
from tests.support.packs import lints, pack_of, rule

Told = list[tuple[str, str, str, str]]


def body(set_id: str, *edits: tuple[str, str]) -> SetBody:
    """The example of a set, with texts in its segments changed."""
    module, document, rules = example(set_id, "004010")
    made = module.build(document, rules)
    rows = ["*".join(row) for row in made.segments]
    for old, new in edits:
        at = next(n for n, row in enumerate(rows) if old in row)
        rows[at] = rows[at].replace(old, new)
    return SetBody(set_id, made.functional_group, "004010", tuple(tuple(row.split("*")) for row in rows))


def file_of(made: SetBody, separator: str = ">") -> bytes:
    """The file of a body; our own writer writes no components, so they are put in afterwards."""
    rows = tuple(tuple(value.replace(">", "@@") for value in row) for row in made.segments)
    data = written(SetBody(made.set_id, made.functional_group, made.release, rows))
    return data.replace(b">", separator.encode()).replace(b"@@", separator.encode())


def told(made: SetBody, **keys: Any) -> Told:
    """What one rule finds, in a body and - the same - in the file it becomes."""
    assert lints(rule(**keys), set_id=made.set_id) == []
    pack = pack_of(rule(**keys), set_id=made.set_id)
    found = [
        [(f.element or f.segment, f.found, f.expected, f.path) for f in findings if f.code == "pack-r"]
        for findings in (validate_body(made, Delimiters(), pack=pack), validate(file_of(made), pack=pack))
    ]
    assert found[0] == found[1]
    return found[0]


COMPOSITE = ("QI*5*5*EA*", "QI*5*5*EA>1>12*")


@pytest.mark.parametrize(
    ("keys", "found"),
    [
        ({"codes": {"POC05-1": ["EA", "CA"]}}, []),
        ({"codes": {"POC05-1": "CA"}, "if": {"POC02": "QI"}}, [("POC05-1", "EA", "CA", "POC line 1000, unit")]),
        ({"require": "POC05-2", "if": {"POC02": "QI"}}, []),
        ({"require": "POC05-4", "if": {"POC02": "QI"}}, [("POC05-4", "", "a value", "POC line 1000, unit")]),
        ({"forbid": "POC05-3"}, [("POC05-3", "12", "nothing", "POC line 1000, multiplier")]),
        ({"equals": {"POC05-3": "12"}, "if": {"POC05-2": "present"}}, []),
        ({"pattern": {"POC05-3": "[0-9]"}}, [("POC05-3", "12", "the form [0-9]", "POC line 1000, multiplier")]),
        ({"length": {"POC05-3": "1"}}, [("POC05-3", "12", "1 digits", "POC line 1000, multiplier")]),
        ({"forbid": "POC06", "where": {"POC05-3": "12"}}, [("POC06", "2.25", "nothing", "POC line 1000, unit price")]),
        ({"forbid": "PID", "in": "POC", "where": {"POC05-3": "12"}},
         [("PID", "F Hex bolt M1 zinc plated", "no PID", "POC line 1000, PID")]),
        ({"require": "POC05"}, []),
    ],
)  # fmt: skip
def test_a_rule_may_name_a_component(keys: dict[str, Any], found: Told) -> None:
    assert told(body("860", COMPOSITE), **keys) == found


def test_components_are_told_apart_by_the_separator_of_the_file() -> None:
    data = file_of(body("860", COMPOSITE), ":")
    pack = pack_of(rule(equals={"POC05-3": "10"}, if_={"POC05-3": "present"}), set_id="860")
    assert [(f.element, f.found) for f in validate(data, pack=pack)] == [("POC05-3", "12")]


def test_a_code_of_a_component_may_be_allowed() -> None:
    made = body("860", ("QI*5*5*EA*", "QI*5*5*P3*"))
    allowance = {"id": "r", "allow": {"codes": {"POC05-1": "P3"}}, "reason": "Screws come in three-packs."}
    pack = pack_of(allowance, set_id="860")
    assert [(f.severity, f.element) for f in validate_body(made, Delimiters(), pack=pack)] == [("note", "POC05-1")]
    assert "P3" in pack.relaxed("004010")["POC", 5].codes


SUMS: dict[str, tuple[SetBody, SetBody, dict[str, Any], tuple[str, str, str, str]]] = {
    "of all lines": (
        body("860"), body("860", ("CTT*4*11", "CTT*4*12")), {"sum": {"CTT02": "POC03"}},
        ("CTT02", "12", "11", "CTT, hash total"),
    ),
    "of the lines of one kind": (
        body("860", ("CTT*4*11", "CTT*4*5")), body("860"),
        {"sum": {"CTT02": "POC03"}, "where": {"POC02": ["QI", "DI"]}}, ("CTT02", "11", "5", "CTT, hash total"),
    ),
    "of each line": (
        body("850", ("PO1*1000*1*", "PO1*1000*3*"), ("PID*F****Hex bolt M1 zinc plated", "SDQ*EA*92*S1*1*S2*2")),
        body("850", ("PO1*1000*1*", "PO1*1000*4*"), ("PID*F****Hex bolt M1 zinc plated", "SDQ*EA*92*S1*1*S2*2")),
        {"sum": {"PO102": ["SDQ04", "SDQ06"]}, "in": "PO1"},
        ("PO102", "4", "3", "PO1 line 1000, quantity ordered"),
    ),
    "of cents and of numbers with a point": (
        body("810", ("TXI*ST*40*", "TXI*ST*61.5*")), body("810"),
        {"sum": {"TDS01": ["SAC05", "TXI02"]}}, ("TDS01", "7400", "5250", "TDS, amount"),
    ),
    "of all levels": (
        body("856"), body("856", ("CTT*7*6", "CTT*7*7")), {"sum": {"CTT02": "SN102"}},
        ("CTT02", "7", "6", "CTT, hash total"),
    ),
}  # fmt: skip


@pytest.mark.parametrize("kind", SUMS)
def test_a_total_is_the_sum_of_what_it_is_the_total_of(kind: str) -> None:
    kept, broken, keys, found = SUMS[kind]
    assert told(kept, **keys) == []
    assert told(broken, **keys) == [found]


def test_a_sum_with_nothing_to_add_or_without_its_total_is_not_judged() -> None:
    assert told(body("850"), sum={"PO102": "SDQ04"}, **{"in": "PO1"}) == []
    assert told(body("860", ("CTT*4*11", "CTT*4")), sum={"CTT02": "POC03"}) == []
    assert told(body("860", ("QI*5*5", "QI*five*5")), sum={"CTT02": "POC03"}) == []
