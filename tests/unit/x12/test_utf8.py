"""Texts beyond ASCII: sent as UTF-8 where the agreement says so, held or told as a fault where it does not."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from io import BytesIO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from airflow_provider_sagex3_cleo.documents import PurchaseOrder
from airflow_provider_sagex3_cleo.errors import NotRepresentable
from airflow_provider_sagex3_cleo.x12 import SetBody
from airflow_provider_sagex3_cleo.x12.reader import read, sets
from airflow_provider_sagex3_cleo.x12.second_opinion import badx12
from airflow_provider_sagex3_cleo.x12.set_850 import Rules850, build, compare, read_back
from airflow_provider_sagex3_cleo.x12.validator import validate, validate_body, validate_stream
from airflow_provider_sagex3_cleo.x12.writer import write
from tests.support.x12 import long_run
from tests.unit.x12.conftest import envelope_of, party, purchase_order
from tests.unit.x12.test_other_parsers import by_ansi_x12

AT = datetime(2026, 11, 24, 10, 30, tzinfo=UTC)
UTF8 = Rules850(charset="utf8")
RESERVED = UTF8.delimiters.reserved("005010")
NO_TEXT = ("Cc", "Cs", "Zl", "Zp")  # categories of Unicode
signs = st.characters(exclude_categories=NO_TEXT, exclude_characters=f"{RESERVED}^\ufeff\ufffe\uffff")
words = st.text(signs, min_size=1, max_size=60).filter(lambda text: text == text.strip())


def named(name: str) -> PurchaseOrder:
    return purchase_order(ship_to=party("WHS", name))


def file_of(body: SetBody, charset: str = "utf8") -> bytes:
    return write([body], replace(envelope_of(UTF8), charset=charset), isa=1, gs=1, st=["0001"], at=AT)


@long_run(200)
@given(words)
def test_any_text_goes_out_as_it_is_and_is_read_by_us_and_by_others(name: str) -> None:
    order = named(name)
    body = build(order, UTF8)
    assert validate_body(body, UTF8.delimiters, charset="utf8") == []
    data = file_of(body)
    assert f"*{name}*".encode() in data
    assert validate(data, own=True, charset="utf8") == []
    assert list(validate_stream(BytesIO(data), own=True, charset="utf8")) == []
    ((_, _, item),) = sets(read(data))
    assert compare(order, UTF8, item) == []
    assert read_back(item).parties["ST"].name == name
    assert badx12(data) == []
    assert f"*{name}*" in "*".join("*".join(row) for row in by_ansi_x12(data))


@pytest.mark.parametrize("sign", ["\x00", "\x85", "\u2028", "\ufeff", "*", "~"], ids=ascii)
def test_what_is_no_text_is_held_in_utf8_as_well(sign: str) -> None:
    with pytest.raises(NotRepresentable, match=r"is no text|is a delimiter"):
        build(named(f"Quincaillerie{sign}Exemple"), UTF8)


def test_line_ends_become_blanks_where_the_agreement_lets_texts_be_mended_and_accents_stay() -> None:
    body = build(named("Caf\u00e9\nExemple"), replace(UTF8, transliterate=True))
    assert "Caf\u00e9 Exemple" in {value for row in body.segments for value in row}


def test_a_text_beyond_ascii_is_a_fault_where_utf_8_is_not_agreed() -> None:
    data = file_of(build(named("Caf\u00e9 Exemple"), UTF8))
    (fault,) = validate(data, own=True)
    assert (fault.code, fault.element, fault.found) == ("character", "N102", "Caf\u00e9 Exemple")
    with pytest.raises(NotRepresentable, match="foreign character"):
        file_of(build(named("Caf\u00e9 Exemple"), UTF8), charset="extended")


def test_bytes_of_another_encoding_are_told_and_never_taken_for_utf_8() -> None:
    data = file_of(build(named("Caf\u00e9 Exemple"), UTF8)).replace("\u00e9".encode(), b"\xe9")
    (told,) = validate(data, charset="utf8")
    assert (told.severity, told.code) == ("warning", "not-utf8")
    assert data[told.offset : told.offset + 2] == b"N1"
    (fault,) = validate(data, own=True, charset="utf8")
    assert (fault.severity, fault.code) == ("error", "not-utf8")


def test_places_are_bytes_behind_texts_of_several_bytes_a_sign() -> None:
    data = file_of(build(named("\u5009\u5eab"), UTF8)).replace(b"~CTT*3", b"~CTT*7")
    fault = next(f for f in validate(data, charset="utf8") if f.segment == "CTT")
    assert data[fault.offset : fault.offset + 5] == b"CTT*7"
