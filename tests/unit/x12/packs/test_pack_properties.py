"""Rules made from a document: it keeps them all, and each single edit breaks exactly the rule it is aimed at."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from hypothesis import assume, given
from hypothesis import strategies as st

from airflow_provider_sagex3_cleo.x12 import SetBody, standard
from airflow_provider_sagex3_cleo.x12.set_850 import Rules850, Terms, build
from airflow_provider_sagex3_cleo.x12.validator import validate_body
from tests.support.packs import pack_of, rule
from tests.support.x12 import examples
from tests.unit.x12.conftest import order_line, party, purchase_order

Rows = list[list[str]]


@st.composite
def bodies(draw: st.DrawFn) -> SetBody:
    """A right 850, small enough to look at."""
    lines = draw(st.integers(1, 4))
    order = purchase_order(
        lines=tuple(order_line(n, unit=draw(st.sampled_from(["EA", "BX"]))) for n in range(1, lines + 1)),
        bill_to=draw(st.none() | st.just(party("ACC", "Example Accounts"))),
        terms=draw(st.none() | st.just("N30")),
        contract=draw(st.none() | st.just("C-7")),
    )
    return build(
        order, Rules850(release=draw(st.sampled_from(["004010", "005010"])), terms={"N30": Terms(net_days=30)})
    )


def aims(body: SetBody) -> Iterator[tuple[dict[str, Any], Any]]:
    """Rules that the body keeps, each with an edit of one segment that breaks it."""
    for name in dict.fromkeys(row[0] for row in body.segments):
        rows = [row for row in body.segments if row[0] == name]
        yield {"require": name}, lambda all_rows, name=name: [row for row in all_rows if row[0] != name]
        yield {"count": {name: str(len(rows))}}, lambda all_rows, name=name: without_last(all_rows, name)
        for n in range(1, max(map(len, rows))):
            place = f"{name}{n:02d}"
            values = list(dict.fromkeys(row[n] if n < len(row) else "" for row in rows))
            if values == [""]:
                yield {"forbid": place}, setting(name, n, "X")
                continue
            if "" not in values:
                yield {"require": place}, setting(name, n, "")
            if len(values) == 1:
                yield {"equals": {place: values[0]}}, setting(name, n, f"{values[0]}9")
                yield {"if": {place: values[0]}, "forbid": "FOB"}, lambda all_rows: [*all_rows, ["FOB", "PP"]]
            there = list(filter(None, values))
            yield {"codes": {place: there}}, setting(name, n, f"{there[-1]}9")
            if not is_number(place, body.release):
                yield (
                    {"length": {place: f"1-{max(map(len, there))}"}},
                    setting(name, n, "9" * (max(map(len, there)) + 1)),
                )
            yield {"pattern": {place: "[^~]*"}}, setting(name, n, "~")
    for kind in {row[1] for row in body.segments if row[0] == "N1"}:
        yield (
            {"require": "N104", "where": {"N101": kind}},
            lambda rows, kind=kind: [[*row[:4], ""] if row[:2] == ["N1", kind] else row for row in rows],
        )
    yield {"require": "PID", "in": "PO1"}, lambda rows: without_last(rows, "PID")
    yield {"count": {"PID": "1"}, "in": "PO1"}, lambda rows: without_last(rows, "PID")


def is_number(place: str, release: str) -> bool:
    element = standard.release(release).segments[place[:-2]].slots[int(place[-2:]) - 1].element
    return isinstance(element, standard.Element) and element.type in ("R", "N0", "N2")


def without_last(rows: Rows, name: str) -> Rows:
    at = max(n for n, row in enumerate(rows) if row[0] == name)
    return rows[:at] + rows[at + 1 :]


def setting(name: str, element: int, value: str) -> Any:
    """An edit that sets one element of the first segment of this id."""

    def edit(rows: Rows) -> Rows:
        at = next(n for n, row in enumerate(rows) if row[0] == name)
        row = rows[at] + [""] * (element + 1 - len(rows[at]))
        row[element] = value
        return [*rows[:at], row, *rows[at + 1 :]]

    return edit


@given(body=bodies(), data=st.data())
@examples(150)
def test_an_edit_that_breaks_one_rule_is_found_by_that_rule_alone(body: SetBody, data: st.DataObject) -> None:
    aimed = list(aims(body))
    chosen, edit = aimed[data.draw(st.integers(0, len(aimed) - 1))]
    others = [rule(f"other-{n}", **keys) for n, (keys, _) in enumerate(aimed) if keys != chosen]
    assert validate_body(body, pack=pack_of(rule("chosen", **chosen), *others)) == []
    edited = SetBody(
        body.set_id, body.functional_group, body.release, tuple(map(tuple, edit([*map(list, body.segments)])))
    )
    assume(edited != body)
    found = [f.code for f in validate_body(edited, pack=pack_of(rule("chosen", **chosen))) if f.code.startswith("pack")]
    assert found == ["pack-chosen"]


@given(body=bodies())
@examples(30)
def test_a_pack_leaves_what_the_standard_finds_as_it_is(body: SetBody) -> None:
    rows = body.segments[:-1]
    broken = SetBody(body.set_id, body.functional_group, body.release, rows)
    pack = pack_of(*(rule(f"r-{n}", **keys) for n, (keys, _) in enumerate(aims(body))))
    found = [f for f in validate_body(broken, pack=pack) if not f.code.startswith("pack")]
    assert found == validate_body(broken)
