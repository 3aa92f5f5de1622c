"""Every spelling Sage X3 has for one value becomes one value."""

from __future__ import annotations

import string
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from airflow_provider_sagex3_cleo.sagex3.normalise import compile_type
from airflow_provider_sagex3_cleo.sagex3.reader import format_stamp
from airflow_provider_sagex3_cleo.sagex3.spec import ColumnType, load_specs

SPEC = load_specs()["purchase_orders"]
text, clob, int_, decimal, date_, time_, datetime_ = (
    compile_type(ColumnType(kind)) for kind in ("text", "clob", "int", "decimal", "date", "time", "datetime")
)
yes_no = compile_type(ColumnType("menu", SPEC.menus[1]))
signed = compile_type(ColumnType("menu", SPEC.menus[280]))
ALL = {"text": text, "clob": clob, "int": int_, "decimal": decimal, "date": date_, "time": time_, "datetime": datetime_,
       "yes_no": yes_no, "signed": signed}  # fmt: skip

scalars = st.one_of(
    st.none(), st.booleans(), st.integers(-(10**12), 10**12), st.decimals(allow_nan=False, allow_infinity=False),
    st.text(max_size=30), st.sampled_from(["", " ", "1599-12-31", "0000-00-00", "1e5", "12,5", "1_000", "٣", "inPart"]),
    st.lists(st.integers(), max_size=2), st.dictionaries(st.text(max_size=3), st.none(), max_size=2),
)  # fmt: skip
padding = st.text(alphabet=" \t", max_size=4)


def test_a_text_of_several_lines_keeps_them_whatever_their_ends() -> None:
    assert clob("  Ring the bell.  \r\n\r\nAsk for Pat.\n ") == "Ring the bell.\n\nAsk for Pat."
    assert clob(" \n ") is None


@pytest.mark.parametrize("value", ["1430", " 14:30", "14:30:00", "14:30:00.000Z"])
def test_an_hour_is_four_digits_however_it_is_spelled(value: str) -> None:
    assert time_(value) == "1430"


@pytest.mark.parametrize("value", ["14:30:59", "2pm", "143", "noon"])
def test_what_is_no_hour_to_the_minute_stays_as_it_came(value: str) -> None:
    assert time_(value) == value


@pytest.mark.parametrize("kind", ALL)
@settings(max_examples=150, deadline=None)
@given(value=scalars)
def test_what_was_normalised_once_does_not_change_again(kind: str, value: Any) -> None:
    once = ALL[kind](value)
    assert ALL[kind](once) == once
    assert once is None or isinstance(once, int | str)


@settings(max_examples=100, deadline=None)
@given(before=padding, word=st.text(alphabet=string.ascii_letters + "éß漢 ", max_size=12), after=padding)
def test_padding_of_a_text_goes_and_an_empty_text_is_none(before: str, word: str, after: str) -> None:
    assert text(before + word + after) == (word.strip() or None)


@settings(max_examples=150, deadline=None)
@given(st.decimals(min_value=-(10**15), max_value=10**15, places=6))
def test_a_number_is_the_same_as_string_and_as_number_and_keeps_its_value(number: Decimal) -> None:
    spellings = {decimal(number), decimal(str(number)), decimal(f" {number:f} "), decimal(f"{number:f}000")}
    assert len(spellings) == 1
    plain = spellings.pop()
    assert Decimal(plain) == number
    assert "e" not in plain.lower()
    assert not plain.startswith(("+", "."))
    assert plain != "-0"
    assert "." not in plain or plain[-1] not in "0."


@pytest.mark.parametrize(
    ("given_", "plain"),
    [(".5", "0.5"), ("-.50", "-0.5"), ("12.500", "12.5"), (12, "12"), ("1E+3", "1000"), ("-0.00", "0"), ("", None),
     (Decimal("1E-7"), "0.0000001"), ("12,5", "12,5"), ("1_000", "1_000"), ("NaN", "NaN"), (True, "true")],
)  # fmt: skip
def test_decimals_of_every_spelling(given_: Any, plain: str | None) -> None:
    assert decimal(given_) == plain


@pytest.mark.parametrize(
    ("given_", "whole"),
    [(1000, 1000), ("1000", 1000), (" 1000 ", 1000), (Decimal("1000.0"), 1000), ("1000.5", "1000.5"), ("x", "x"),
     ("", None), (None, None)],
)  # fmt: skip
def test_whole_numbers_of_every_spelling(given_: Any, whole: Any) -> None:
    assert int_(given_) == whole


NULL_DATES = ("1599-12-31", "1753-01-01", "0000-00-00", "00000000", "", " ", "1599-12-31T00:00:00Z")


@pytest.mark.parametrize("nothing", [*NULL_DATES, "1899-12-31", None])
def test_every_null_date_is_none(nothing: str | None) -> None:
    assert date_(nothing) is None
    if nothing != "00000000":
        assert datetime_(nothing) is None


@settings(max_examples=80, deadline=None)
@given(st.dates(min_value=date(1900, 1, 1)))
def test_a_day_never_shifts_whatever_comes_behind_it(day: date) -> None:
    spellings = [day.isoformat(), f" {day.isoformat()} ", f"{day:%Y%m%d}" if day.year > 999 else day.isoformat(),
                 f"{day.isoformat()}T00:00:00Z", f"{day.isoformat()}T23:59:59-08:00"]  # fmt: skip
    assert {date_(each) for each in spellings} == {day.isoformat()}


@pytest.mark.parametrize("broken", ["2026-02-30", "24.11.2026", "soon"])
def test_a_date_that_is_none_stays_as_it_was_written(broken: str) -> None:
    assert date_(broken) == broken
    assert datetime_(broken) == broken


@settings(max_examples=80, deadline=None)
@given(
    moment=st.datetimes(min_value=datetime.fromisoformat("1900-01-02"), max_value=datetime.fromisoformat("9000-01-01")),
    hours=st.integers(-14, 14),
)
def test_a_stamp_is_one_whatever_its_zone(moment: datetime, hours: int) -> None:
    utc = moment.replace(tzinfo=UTC)
    elsewhere = utc.astimezone(timezone(timedelta(hours=hours)))
    assert datetime_(elsewhere.isoformat()) == datetime_(moment.isoformat()) == format_stamp(utc)


def test_a_stamp_with_empty_fraction_is_the_one_without() -> None:
    assert datetime_("2026-11-24T06:33:54.000Z") == "2026-11-24T06:33:54Z"
    assert datetime_("2026-11-24T06:33:54.250Z") == "2026-11-24T06:33:54.25Z"


@pytest.mark.parametrize("spelling", [3, "3", " 3 ", "inFull", "In full", "IN_FULL", Decimal("3")])
def test_a_menu_is_a_number_whether_it_comes_as_number_or_word(spelling: Any) -> None:
    assert signed(spelling) == 3


def test_yes_and_no_come_as_words_numbers_and_booleans() -> None:
    assert [yes_no(each) for each in ("yes", "No", True, False, 2, "1")] == [2, 1, 2, 1, 2, 1]


def test_an_unknown_menu_word_stays_as_it_came() -> None:
    assert signed("onTheMoon") == "onTheMoon"
    assert signed("") is None
    assert signed(True) == "true"
