"""Numbers and text in X12 spelling."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from airflow_provider_sagex3_cleo import errors as e
from airflow_provider_sagex3_cleo.x12.values import BASIC, EXTENDED, TextRules, decimal_text, implied_text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("0", "0"),
        ("-0", "0"),
        ("0.000", "0"),
        ("1.50", "1.5"),
        ("100", "100"),
        ("1E+3", "1000"),
        ("1E-6", "0.000001"),
        ("-2.500000", "-2.5"),
        ("123456789012345", "123456789012345"),
        ("-123456789012345", "-123456789012345"),
        ("12345678.1234567", "12345678.1234567"),
    ],
)
def test_a_decimal_is_written_plainly(value: str, text: str) -> None:
    assert decimal_text(Decimal(value), digits=15, field="quantity") == text


@pytest.mark.parametrize("value", ["1234567890123456", "0.123456789012345", "1E+15", "NaN", "Infinity"])
def test_a_decimal_that_needs_more_digits_is_held(value: str) -> None:
    with pytest.raises(e.NotRepresentable):
        decimal_text(Decimal(value), digits=15, field="quantity")


def test_sign_and_point_do_not_count() -> None:
    assert decimal_text(Decimal("-123.45"), digits=5, field="x") == "-123.45"


@settings(max_examples=200, deadline=None)
@given(st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**9), max_value=10**9, places=6))
def test_a_written_decimal_is_the_same_number(value: Decimal) -> None:
    text = decimal_text(value, digits=16, field="x")
    assert Decimal(text) == value
    assert "E" not in text
    assert "+" not in text
    assert not ("." in text and text.endswith(("0", ".")))


@pytest.mark.parametrize(
    ("value", "places", "text"),
    [("802.00", 2, "80200"), ("802", 2, "80200"), ("-0.05", 2, "-5"), ("0", 2, "0"), ("7", 0, "7")],
)
def test_an_implied_point_is_left_out(value: str, places: int, text: str) -> None:
    assert implied_text(Decimal(value), places=places, digits=15, field="amount") == text


@pytest.mark.parametrize(("value", "places"), [("1.005", 2), ("1.5", 0), ("NaN", 2), ("12345678901234.00", 2)])
def test_an_amount_is_never_rounded_into_its_element(value: str, places: int) -> None:
    with pytest.raises(e.NotRepresentable):
        implied_text(Decimal(value), places=places, digits=15, field="amount")


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=40), st.sampled_from(["basic", "extended"]), st.booleans(), st.sampled_from([None, " ", "-"]))
def test_free_text_is_in_the_agreed_set_or_held(text: str, charset: str, fold: bool, replacement: str | None) -> None:
    rules = TextRules(charset, "*~>", replacement, fold)  # type: ignore[arg-type]
    try:
        written = rules.free(text, "name")
    except e.NotRepresentable:
        assert replacement is None
        return
    assert set(written) <= (BASIC if charset == "basic" else EXTENDED) - set("*~>")
    assert rules.free(written, "name") == written
    if not fold and replacement is None:
        assert written == text.strip()
