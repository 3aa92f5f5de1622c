"""What is wrong with a pack is said before a document meets it."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from airflow_provider_sagex3_cleo.partners.packs import PackShelf
from airflow_provider_sagex3_cleo.x12.packs import Pack
from tests.support.packs import lints, rule

SHIPPED = ("example-retailer-810", "example-retailer-856", "example-distributor-850", "example-industrial-850")
ONE = "004010"

# rules -> what the lints say, the first of them for release 004010 only
AGAINST_THE_STANDARD: dict[str, tuple[list[dict[str, Any]], str]] = {
    "unknown segment": ([rule(require="BIG")], "error: rule 'r': BIG is no segment of set 850 in 004010"),
    "segment of the other release": ([rule(require="MTX")], "error: rule 'r': MTX is no segment of set 850 in 004010"),
    "unknown element": (
        [rule(require="CUR30")], "error: rule 'r': CUR30 is not there: CUR has 21 elements in 004010",
    ),
    "composite": (
        [rule(codes={"REF04": "IA"})],
        "error: rule 'r': REF04 is made of components: name one of them, REF04-1 to REF04-6",
    ),
    "unknown component": (
        [rule(require="REF04-7")], "error: rule 'r': REF04-7 is not there: REF04 has 6 components",
    ),
    "component of a plain element": (
        [rule(require="REF02-1")], "error: rule 'r': REF02-1 is not there: REF02 has no components",
    ),
    "mandatory component forbidden": (
        [rule(forbid="REF04-1")], "error: rule 'r': forbids REF04-1, which is mandatory in REF04",
    ),
    "sum of a text": ([rule(sum={"CTT02": "PO101"})], "error: rule 'r': PO101 is no number: nothing can be added up"),
    "sum of itself": ([rule(sum={"CTT02": ["PO102", "CTT02"]})], "error: rule 'r': CTT02 is the sum of itself"),
    "sum over another loop": (
        [rule(sum={"PO102": "CTT02"}, in_="PO1")], "error: rule 'r': CTT does not stand directly in loop PO1",
    ),
    "unknown loop": ([rule(require="PID", in_="IT1")], "error: rule 'r': set 850 has no loop IT1; it has AMT, CTT, N1"),
    "segment not in the loop": (
        [rule(require="BEG", in_="PO1")], "error: rule 'r': BEG does not stand directly in loop PO1",
    ),
    "loop of a party asked for outside of it": (
        [rule(require="N4", in_="set")], "error: rule 'r': N4 does not stand directly in the set outside its loops",
    ),
    "where of another segment": (
        [rule(require="N4", where={"N101": "ST"})],
        "error: rule 'r': where: N101 is neither of the rule's own segment nor of the one that opens its loop",
    ),
    "envelope and set in one rule": (
        [rule(require="CUR", if_={"ISA15": "P"})],
        "error: rule 'r': speaks of the envelope and of the set: the two are checked at different times",
    ),
    "unknown code fixed": (
        [rule(equals={"BEG02": "QQ"})],
        "error: rule 'r': BEG02: QQ is no code of element 92 in the tables of 004010; where the partner uses it, allow",
    ),
    "unknown code required": (
        [rule(require="REF", where={"REF01": "QQ"})],
        "error: rule 'r': REF01: QQ is no code of element 128 in the tables of 004010",
    ),
    "unknown code among others": (
        [rule(codes={"PO103": ["EA", "Q3"]})],
        "warning: rule 'r': PO103: Q3 is no code of element 355 in the tables of 004010",
    ),
    "mandatory segment forbidden": (
        [rule(forbid="BEG")], "error: rule 'r': forbids BEG, which is mandatory in set 850",
    ),
    "mandatory loop forbidden": (
        [rule(forbid="PO1")],
        "error: rule 'r': forbids PO1, which is mandatory in set 850 (it opens a mandatory loop)",
    ),
    "mandatory element forbidden": (
        [rule(forbid="BEG03")], "error: rule 'r': forbids BEG03, which is mandatory in BEG",
    ),
    "more than the standard has room for": (
        [rule(count={"CUR": "2-"}, in_="set")], "error: rule 'r': requires 2 CUR, but the standard allows 1",
    ),
    "more by several rules": (
        [rule(f"r{n}", require="CUR", in_="set", where={"CUR01": code}) for n, code in enumerate(("BY", "SE"))],
        "error: rule 'r1': 2 CUR are required, but the standard allows 1",
    ),
    "cap without effect": (
        [rule(count={"DTM": "0-10"}, in_="set")], "warning: rule 'r': caps nothing: the standard allows 10 DTM",
    ),
    "cap below the least length": (
        [rule(length={"N104": "1"})], "error: rule 'r': N104: at most 1, but the element has at least 2 characters",
    ),
    "more than the greatest length": (
        [rule(length={"BEG03": "23-"})],
        "error: rule 'r': BEG03: at least 23, but the element has at most 22 characters",
    ),
    "length without effect": (
        [rule(length={"BEG03": "1-22"})],
        "warning: rule 'r': BEG03: 1 to 22 caps nothing: the element has 1 to 22 characters",
    ),
    "fixed value too long": (
        [rule(equals={"CUR02": "DOLLAR"})], "error: rule 'r': CUR02: 'DOLLAR' has 6 characters, but the element has 3",
    ),
    "known code allowed": (
        [rule(allow={"codes": {"PO103": "EA"}}, reason="It is our custom.")],
        "warning: rule 'r': relaxes nothing: PO103 knows EA anyway",
    ),
    "any code allowed": (
        [rule(allow={"codes": {"BEG03": "EA"}}, reason="It is our custom.")],
        "warning: rule 'r': relaxes nothing: BEG03 takes any code",
    ),
    "length allowed anyway": (
        [rule(allow={"length": {"BEG03": "1-20"}}, reason="It is our custom.")],
        "warning: rule 'r': relaxes nothing: BEG03 has 1 to 22 characters anyway",
    ),
    "segment allowed anyway": (
        [rule(allow={"segment": "REF", "after": "BEG"}, reason="It is our custom.")],
        "warning: rule 'r': relaxes nothing: REF may follow BEG anyway",
    ),
    "ISA11 allowed anyway": (
        [rule(allow={"isa11": "U"}, reason="It is our custom.")],
        "warning: rule 'r': relaxes nothing: ISA11 is U in 004010 anyway",
    ),
    "order of an unknown segment": (
        [rule(allow={"order": ["TDS", "CTT"]}, reason="It is our custom.")],
        "error: rule 'r': TDS is no segment of set 850 in 004010",
    ),
    "codes allowed in GS": (
        [rule(allow={"codes": {"GS01": "QQ"}}, reason="It is our custom.")],
        "error: rule 'r': codes are allowed in ISA and in sets, not in GS",
    ),
}  # fmt: skip

AGAINST_ITSELF: dict[str, tuple[list[dict[str, Any]], str]] = {
    "segment required and forbidden": (
        [rule("a", require="CUR"), rule("b", forbid="CUR")],
        "error: rule 'b': CUR is forbidden by 'b' and asked for by 'a'",
    ),
    "element required and forbidden": (
        [rule("a", forbid="PO105"), rule("b", require="PO105", in_="PO1")],
        "error: rule 'b': PO105 is forbidden by 'a' and asked for by 'b'",
    ),
    "element of a forbidden segment required": (
        [rule("a", forbid="ITD"), rule("b", require="ITD07")],
        "error: rule 'b': ITD is forbidden by 'a', but 'b' asks for one of its elements",
    ),
    "fixed value outside the codes": (
        [rule("a", codes={"BEG02": ["SA", "NE"]}), rule("b", equals={"BEG02": "DS"})],
        "error: rule 'b': BEG02 is fixed as DS by 'b', which 'a' does not allow",
    ),
    "two fixed values": (
        [rule("a", equals={"BEG02": "SA"}), rule("b", equals={"BEG02": "NE"})],
        "error: rule 'b': BEG02 is fixed as SA by 'a' and as NE by 'b'",
    ),
    "fixed value longer than the cap": (
        [rule("a", length={"N104": "2-5"}), rule("b", equals={"N104": "1234567"}, where={"N101": "ST"})],
        "error: rule 'b': N104 is fixed as 1234567 by 'b', but 'a' says 2 to 5 characters",
    ),
    "fixed value of another form": (
        [rule("a", equals={"REF02": "ABC"}, where={"REF01": "IA"}), rule("b", pattern={"REF02": "[0-9]+"})],
        "error: rule 'b': REF02 is fixed as ABC by 'a', which is not of the form of 'b'",
    ),
    "codes without a common one": (
        [rule("a", codes={"BEG02": ["SA"]}), rule("b", codes={"BEG02": ["NE", "DS"]})],
        "error: rule 'b': BEG02: no code is allowed by both 'a' and 'b'",
    ),
    "ranges that exclude each other": (
        [rule("a", count={"PO1": "1-5"}), rule("b", count={"PO1": "6-"})],
        "error: rule 'b': PO1: 1 to 5 by 'a' and 6 or more by 'b' exclude each other",
    ),
    "condition that another rule excludes": (
        [rule("a", equals={"BEG02": "SA"}), rule("b", require="CUR", if_={"BEG02": "DS"})],
        "warning: rule 'b': can never apply: rule 'a' fixes BEG02 as SA, this one asks for DS",
    ),
    "condition on a forbidden segment": (
        [rule("a", forbid="ITD"), rule("b", require="CUR", if_={"ITD01": "01"})],
        "warning: rule 'b': can never apply: rule 'a' forbids ITD01",
    ),
}  # fmt: skip


@pytest.mark.parametrize("fault", [*AGAINST_THE_STANDARD, *AGAINST_ITSELF])
def test_each_fault_of_a_pack_is_told_once_in_words(fault: str) -> None:
    rules, sentence = {**AGAINST_THE_STANDARD, **AGAINST_ITSELF}[fault]
    (found,) = lints(*rules, releases=ONE)
    assert found.startswith(sentence)


@pytest.mark.parametrize(
    "rules",
    [
        [rule("a", require="REF", where={"REF01": "IA"}), rule("b", forbid="REF", where={"REF01": "DP"})],
        [rule("a", equals={"N103": "92"}, where={"N101": "ST"}), rule("b", equals={"N103": "1"}, where={"N101": "BY"})],
        [rule("a", require="CUR", if_={"BEG02": "SA"}), rule("b", forbid="CUR", if_={"BEG02": "DS"})],
        [rule("a", require="DTM", in_="set"), rule("b", forbid="DTM", in_="PO1")],
        [rule("a", count={"DTM": "0-1"}, in_="set"), rule("b", count={"DTM": "2-"}, in_="PO1")],
        [rule("a", equals={"PO103": "P3"}), rule("b", allow={"codes": {"PO103": "P3"}}, reason="It is our custom.")],
        [rule("a", length={"BEG03": "23-30"}), rule("b", allow={"length": {"BEG03": "1-30"}}, reason="Our custom.")],
        [rule("a", require="MTX", releases="005010")],
        [rule("a", require="MSG"), rule("b", allow={"segment": "MSG", "after": "PER"}, reason="It is our custom.")],
    ],
    ids=lambda rules: " and ".join(str(next(k for k in r if k not in ("id", "says"))) for r in rules),
)  # fmt: skip
def test_rules_that_go_together_have_no_fault(rules: list[dict[str, Any]]) -> None:
    later = [r for r in rules if r.get("releases")]
    assert lints(*rules, releases=("004010", "005010") if later else ONE) == []


def test_a_set_without_tables_is_told() -> None:
    assert lints(rule(require="REF"), set_id="999") == ["error: there are no tables for set 999"]


@pytest.mark.parametrize("name", SHIPPED)
def test_the_shipped_packs_are_right_and_say_that_they_are_examples(name: str) -> None:
    shelf = PackShelf(None)
    pack = shelf.resolved(name)
    assert shelf.findings == []
    assert pack is not None
    assert pack.name.startswith("Example")
    assert len(pack.rules) >= 20


@pytest.mark.parametrize(
    ("keys", "sentence"),
    [
        ({"id": "r", "says": "Too little."}, "expected exactly one of require, forbid"),
        ({"id": "r", "says": "Too much.", "require": "REF", "forbid": "PER"}, "found require, forbid"),
        ({"id": "r", "require": "REF"}, "`says` is missing"),
        ({"id": "r", "allow": {"isa11": "U"}}, "`reason` is missing"),
        ({"id": "r", "says": "What place?", "require": "REF2"}, "'REF2' is no place"),
        ({"id": "r", "says": "What place?", "equals": {"REF": "IA"}}, "'REF' is a segment; expected an element"),
        ({"id": "r", "says": "What place?", "count": {"REF01": "1"}}, "'REF01' is an element; expected a segment"),
        ({"id": "r", "says": "What length?", "length": {"REF02": "5-2"}}, "'5-2' ends before it begins"),
        ({"id": "r", "says": "What length?", "length": {"REF02": "some"}}, "expected a number, or a range"),
        ({"id": "r", "says": "What form?", "pattern": {"REF02": "("}}, "is no regular expression"),
        ({"id": "r", "says": "What if?", "require": "REF", "if": {"PER": "TE"}}, "PER is a segment; expected present"),
        ({"id": "r", "reason": "So we do.", "allow": {"segment": "MSG"}}, "`segment` and `after`"),
        ({"id": "r", "reason": "So we do.", "allow": {}}, "expected exactly one of codes, length"),
        ({"id": "R 1", "says": "What name?", "require": "REF"}, "pattern"),
    ],
)  # fmt: skip
def test_a_rule_that_is_no_rule_is_refused_in_words(keys: dict[str, Any], sentence: str) -> None:
    with pytest.raises(ValidationError) as refused:
        Pack.model_validate({"pack": "1", "id": "p", "set": "850", "rules": [keys]})
    assert sentence in str(refused.value.errors()[0]["msg"])
