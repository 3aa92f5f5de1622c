"""Transaction sets alone, ST to SE, as they go to a Cleo that makes the envelope."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from airflow_provider_sagex3_cleo.documents import PurchaseOrder
from airflow_provider_sagex3_cleo.x12 import Delimiters, Envelope, SetBody, show
from airflow_provider_sagex3_cleo.x12.reader import is_bare, scan_sets
from airflow_provider_sagex3_cleo.x12.set_850 import Rules850, build, read_back
from airflow_provider_sagex3_cleo.x12.validator import validate
from airflow_provider_sagex3_cleo.x12.writer import write_sets
from tests.support.x12 import delimiters, examples

Make = Callable[..., PurchaseOrder]


def written(*orders: PurchaseOrder, rules: Rules850) -> bytes:
    envelope = Envelope(rules.release, "T", "ZZ", "US", "ZZ", "THEM", "US", "THEM", delimiters=rules.delimiters)
    st_numbers = [f"{n:04d}" for n in range(1, len(orders) + 1)]
    return write_sets([build(order, rules) for order in orders], envelope, st=st_numbers)


@pytest.mark.parametrize("release", ["004010", "005010"])
def test_what_is_written_is_right_and_reads_back_equal(make_order: Make, release: str) -> None:
    orders = [make_order(number=f"PO{n}") for n in range(3)]
    data = written(*orders, rules=Rules850(release=release))
    assert data.startswith(b"ST*850*0001~BEG*00*SA*PO0*")
    assert data.count(b"~SE*") == 3
    assert b"ISA" not in data
    assert validate(data, own=True, release=release) == []
    _, group, _ = scan_sets(data, release, ">")
    assert [read_back(item).number for item in group.sets] == ["PO0", "PO1", "PO2"]
    assert sum(line.startswith("ST ") for line in show(data)) == 3


@examples(100)
@given(marks=delimiters, release=st.sampled_from(["004010", "005010"]))
def test_the_first_segment_gives_any_delimiters_away(marks: Delimiters, release: str) -> None:
    rows = (("BEG", "00", "SA", "PO1", "", "20261124"), ("PO1", "1", "5", "EA", "2.5", "", "VP", "V1"), ("CTT", "1"))
    envelope = Envelope(release, "T", "ZZ", "US", "ZZ", "THEM", "US", "THEM", delimiters=marks)
    data = write_sets([SetBody("850", "PO", release, rows)], envelope, st=["0001"])
    assert is_bare(b"\xef\xbb\xbf\r\n" + data)
    assert validate(data, own=True, release=release, component=marks.component) == []


@pytest.mark.parametrize(
    ("edit", "code"),
    [
        (lambda d: d[:-3], "segment-unterminated"),
        (lambda d: d[: d.rindex(b"SE*")], "se-missing"),
        (lambda d: d + b"GE*1*1~", "segment-outside"),
        (lambda d: d + d, "st-control"),
        (lambda d: d.replace(b"~SE*", b"~SE*9"), "count-se01"),
        (lambda d: d.replace(b"BEG*00", b"BEG*"), "element-missing"),
    ],
)
def test_what_is_broken_is_found(edit: Callable[[bytes], bytes], code: str, make_order: Make) -> None:
    data = edit(written(make_order(), rules=Rules850()))
    assert code in {finding.code for finding in validate(data) if finding.severity == "error"}


def test_an_interchange_is_none_of_these() -> None:
    for data in (b"", b"ST", b"ISA*00*", b"STOP*850*0001~", b"<html>ST*850*0001~"):
        assert not is_bare(data)
        assert validate(data)
