"""Bytes: several interchanges in a file, odd delimiters, broken brackets; and what the writer refuses."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from airflow_provider_sagex3_cleo import errors as e
from airflow_provider_sagex3_cleo.documents import PurchaseOrder
from airflow_provider_sagex3_cleo.x12 import Delimiters, Envelope, SetBody, findings_json, show
from airflow_provider_sagex3_cleo.x12.reader import ReadFault, read, sets
from airflow_provider_sagex3_cleo.x12.second_opinion import badx12
from airflow_provider_sagex3_cleo.x12.set_850 import Rules850, build, read_back
from airflow_provider_sagex3_cleo.x12.validator import validate
from airflow_provider_sagex3_cleo.x12.writer import check_envelope, write

AT = datetime(2026, 11, 24, 10, 30, tzinfo=UTC)
MakeBytes = Callable[[PurchaseOrder, Rules850], bytes]
Make = Callable[..., PurchaseOrder]
MakeEnvelope = Callable[[Rules850], Envelope]


def test_the_envelope_is_written_with_fixed_widths_and_zero_filled_numbers(
    make_order: Make, make_bytes: MakeBytes
) -> None:
    data = make_bytes(make_order(), Rules850())
    assert data[:106] == (
        b"ISA*00*          *00*          *ZZ*SENDER         *01*123456789      *261124*1030*U*00401*000000417*0*T*>~"
    )
    assert data[106:].startswith(b"GS*PO*SENDERGS*RECVGS*20261124*1030*93*X*004010~ST*850*0001~BEG*")
    assert data.endswith(b"~GE*1*93~IEA*1*000000417~")


def test_005010_has_its_repetition_separator_and_version(make_order: Make, make_bytes: MakeBytes) -> None:
    data = make_bytes(make_order(), Rules850(release="005010"))
    assert data[82:90] == b"^*00501*"
    assert b"*X*005010~" in data


def test_line_breaks_are_written_after_each_segment_and_read_as_nothing(
    make_order: Make, make_bytes: MakeBytes
) -> None:
    marks = Delimiters(line_break=True)
    data = make_bytes(make_order(), Rules850(delimiters=marks))
    assert data.count(b"~\n") == data.count(b"~")
    assert validate(data, own=True) == []
    assert badx12(data) == []


def test_several_bodies_share_one_group(make_order: Make, make_envelope: MakeEnvelope) -> None:
    rules = Rules850()
    bodies = [build(make_order(number=f"PO{n}"), rules) for n in range(3)]
    data = write(bodies, make_envelope(rules), isa=999_999_999, gs=999_999_999, st=["0001", "0002", "0003"], at=AT)
    assert validate(data, own=True) == []
    assert badx12(data) == []
    assert [read_back(item).number for _, _, item in sets(read(data))] == ["PO0", "PO1", "PO2"]
    assert b"GE*3*999999999~IEA*1*999999999~" in data


@pytest.mark.parametrize(("count", "size"), [(1, 1), (3, 1), (5, 2), (6, 3), (2, 9)])
@pytest.mark.parametrize("line_break", [False, True])
def test_several_groups_are_read_as_they_were_written(
    make_order: Make, make_envelope: MakeEnvelope, count: int, size: int, line_break: bool
) -> None:
    rules = Rules850(delimiters=Delimiters(line_break=line_break))
    bodies = [build(make_order(number=f"PO{n}"), rules) for n in range(count)]
    numbers = list(range(999_999_999, 999_999_999 - -(-count // size), -1))
    data = write(bodies, make_envelope(rules), isa=1, gs=numbers, st=[f"{n:04d}" for n in range(1, count + 1)], at=AT,
                 group_size=size)  # fmt: skip
    assert validate(data, own=True) == []
    assert badx12(data) == []
    (found,) = read(data)
    assert [int(group.control) for group in found.groups] == numbers
    assert [read_back(item).number for _, _, item in sets([found])] == [f"PO{n}" for n in range(count)]
    assert {len(group.sets) for group in found.groups[:-1]} <= {size}


@pytest.mark.parametrize("gs", [[1], [1, 2, 3], [1, 1], [1, 10**9]], ids=str)
def test_numbers_that_are_not_those_of_the_groups_are_refused(
    make_order: Make, make_envelope: MakeEnvelope, gs: list[int]
) -> None:
    body = build(make_order(), Rules850())
    with pytest.raises(ValueError, match=r"groups of different numbers|out of range"):
        write([body] * 3, make_envelope(Rules850()), isa=1, gs=gs, st=["0001", "0002", "0003"], at=AT, group_size=2)


def test_several_interchanges_with_other_delimiters_and_line_ends_are_read_in_order(
    make_order: Make, make_bytes: MakeBytes
) -> None:
    first = make_bytes(make_order(number="PO1"), Rules850())
    second = make_bytes(
        make_order(number="PO2"), Rules850(release="005010", delimiters=Delimiters("\n", "|", "<", "!"))
    )
    third = make_bytes(make_order(number="PO3"), Rules850(delimiters=Delimiters("'", "+", ":", "^"))).replace(
        b"'", b"'\r\n  "
    )
    data = b"\r\n" + first + b"\r\n\r\n" + second + third
    interchanges = read(data)
    assert [read_back(item).number for _, _, item in sets(interchanges)] == ["PO1", "PO2", "PO3"]
    for _, _, item in sets(interchanges):
        for segment in item.segments:
            assert segment.offset is not None
            assert data[segment.offset :].startswith(segment.elements[0].encode())
    # They are one file with one control number three times, and else nothing is wrong.
    assert [f.code for f in validate(data, own=True)] == ["isa-control", "isa-control"]


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "isa-missing"),
        (b"  \r\n", "isa-missing"),
        (b"<html>login</html>", "isa-missing"),
        (b"ISA*00*", "isa-cut"),
        (b"ISA", "isa-missing"),
        (b"ISA" + b"*" * 400, "isa-missing"),
    ],
)
def test_what_is_no_interchange_is_refused_with_a_sentence(data: bytes, code: str) -> None:
    findings = validate(data)
    assert [f.severity for f in findings][:1] == ["error"]
    if code != "isa-missing" or not data.startswith(b"ISA*"):
        assert findings[0].code == code
    with pytest.raises(ReadFault):
        read(data)


def test_a_file_cut_off_anywhere_is_never_taken_for_whole(make_order: Make, make_bytes: MakeBytes) -> None:
    data = make_bytes(make_order(), Rules850())
    for end in range(1, len(data), 7):
        with pytest.raises(ReadFault) as fault:
            read(data[:end])
        assert fault.value.findings


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=200), st.integers(0, 400))
def test_no_bytes_break_reader_or_validator(noise: bytes, at: int) -> None:
    frame = (
        b"ISA*00*          *00*          *ZZ*SENDER         *01*123456789      *261124*1030*U*00401*000000417*0*T*>~"
    )
    frame += b"GS*PO*A1*B1*20261124*1030*1*X*004010~ST*850*0001~BEG*00*SA*1**20261124~SE*3*0001~GE*1*1~IEA*1*000000417~"
    for data in (noise, frame[:at] + noise + frame[at:]):
        findings = validate(data)
        assert [row["code"] for row in findings_json(findings)] == [f.code for f in findings]


def test_all_broken_brackets_are_told_at_once(make_order: Make, make_bytes: MakeBytes) -> None:
    data = make_bytes(make_order(), Rules850())
    segments = [s for s in data.decode().split("~") if not s.startswith(("SE*", "GE*"))]
    with pytest.raises(ReadFault) as fault:
        read("~".join(segments).encode())
    assert [f.code for f in fault.value.findings] == ["se-missing", "ge-missing"]


def test_control_numbers_used_twice_are_found(make_order: Make, make_envelope: MakeEnvelope) -> None:
    rules = Rules850()
    body = build(make_order(), rules)
    data = write([body, body], make_envelope(rules), isa=1, gs=1, st=["0001", "0002"], at=AT)
    twice = data.replace(b"*0002~", b"*0001~")
    assert [(f.code, f.element) for f in validate(twice)] == [("st-control", "ST02")]
    one = write([body], make_envelope(rules), isa=1, gs=1, st=["0001"], at=AT)
    group = one[one.index(b"GS*") : one.index(b"IEA*")]
    doubled = one.replace(group, group + group).replace(b"IEA*1*", b"IEA*2*")
    assert [(f.code, f.element) for f in validate(doubled)] == [("gs-control", "GS06")]


def test_another_release_inside_an_interchange_is_tolerated_from_others_only(
    make_order: Make, make_bytes: MakeBytes
) -> None:
    data = make_bytes(make_order(), Rules850()).replace(b"*X*004010~", b"*X*005010~")
    assert [(f.code, f.severity) for f in validate(data)] == [("release-mixed", "warning")]
    assert [(f.code, f.severity) for f in validate(data, own=True)] == [("release-mixed", "error")]


def test_ta1_is_read_and_checked() -> None:
    head = b"ISA*00*          *00*          *ZZ*SENDER         *01*123456789      *261124*1030*U*00401*000000009*0*T*>~"
    data = head + b"TA1*000000417*261124*1030*A*000~IEA*0*000000009~"
    assert validate(data) == []
    [interchange] = read(data)
    assert interchange.acknowledgments[0].elements[4] == "A"
    assert {f.element for f in validate(data.replace(b"*A*000", b"*X*0001"))} == {"TA104", "TA105"}


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"sender_id": "S" * 16}, "sender_id"),
        ({"sender_id": ""}, "sender_id"),
        ({"sender_id": " SENDER"}, "sender_id"),
        ({"receiver_id": "A*B"}, "receiver_id"),
        ({"receiver_id": "É1"}, "receiver_id"),
        ({"sender_qualifier": "QQ"}, "sender_qualifier"),
        ({"gs_sender": "G"}, "gs_sender"),
        ({"gs_receiver": "G" * 16}, "gs_receiver"),
        ({"usage": "X"}, "usage"),
        ({"version": "005010"}, "version"),
        ({"version": "004010ABCDEFG"}, "version"),
    ],
)
def test_an_envelope_that_does_not_fit_is_refused_naming_the_field(
    wrong: dict, field: str, make_envelope: MakeEnvelope
) -> None:
    with pytest.raises(e.SettingFault) as fault:
        check_envelope(replace(make_envelope(Rules850()), **wrong))
    assert fault.value.where["field"] == field


def test_gs08_takes_the_agreed_suffix(make_order: Make, make_envelope: MakeEnvelope) -> None:
    rules = Rules850()
    envelope = replace(make_envelope(rules), version="004010VICS", ack_requested=True)
    data = write([build(make_order(), rules)], envelope, isa=1, gs=1, st=["0001"], at=AT)
    assert b"*X*004010VICS~" in data
    assert b"*000000001*1*T*" in data
    assert validate(data, own=True) == []


def test_a_body_made_for_other_delimiters_does_not_go_out(make_order: Make, make_envelope: MakeEnvelope) -> None:
    body = build(make_order(contract="A|B"), Rules850())
    envelope = make_envelope(Rules850(delimiters=Delimiters(element="|")))
    with pytest.raises(e.NotRepresentable, match=r"segment 5 REF02"):
        write([body], envelope, isa=1, gs=1, st=["0001"], at=AT)


@pytest.mark.parametrize(
    "wrong",
    [
        {"isa": 0},
        {"isa": 1_000_000_000},
        {"gs": 0},
        {"st": []},
        {"st": ["1"]},
        {"st": ["0001", "0002"]},
        {"st": ["12345678901"]},
    ],
)
def test_numbers_that_cannot_be_are_refused(wrong: dict, make_order: Make, make_envelope: MakeEnvelope) -> None:
    rules = Rules850()
    with pytest.raises(ValueError, match="number"):
        write(
            [build(make_order(), rules)], make_envelope(rules), **{"isa": 1, "gs": 1, "st": ["0001"], "at": AT, **wrong}
        )


def test_bodies_of_another_release_are_refused(make_order: Make, make_envelope: MakeEnvelope) -> None:
    body = build(make_order(), Rules850(release="005010"))
    with pytest.raises(ValueError, match="005010"):
        write([body], make_envelope(Rules850()), isa=1, gs=1, st=["0001"], at=AT)


def test_the_bytes_depend_on_the_arguments_alone(make_order: Make, make_bytes: MakeBytes) -> None:
    assert make_bytes(make_order(), Rules850()) == make_bytes(make_order(), Rules850())
    body = build(make_order(), Rules850())
    assert SetBody.load(body.dump()) == body
    assert SetBody.load(body.dump()).dump() == body.dump()
    with pytest.raises(ValueError, match="not the bytes"):
        SetBody.load(b"something else")


def test_an_interchange_is_shown_in_words(make_order: Make, make_bytes: MakeBytes) -> None:
    lines = list(show(make_bytes(make_order(), Rules850())))
    assert (
        "    BEG Start of the purchase order: purpose 00 (original), order type SA (stand-alone order), "
        "purchase order number POH260000417, order date 2026-11-24" in lines
    )
    [first, *_] = [line for line in lines if "PO1" in line]
    assert first == (
        "      PO1 Ordered item: assigned number 1, quantity ordered 11, unit EA (each), unit price 1.25, "
        "vendor part number (VP) VP-1, buyer part number (BP) BP1"
    )


def test_badx12_disagrees_when_bytes_and_brackets_do_not_match(make_order: Make, make_bytes: MakeBytes) -> None:
    data = make_bytes(make_order(), Rules850())
    assert badx12(data) == []
    assert [f.code for f in badx12(data.replace(b"GE*1*93~", b""))][:1] == ["second-opinion"]
    assert badx12(data + data)[0].message == "the file holds several interchanges"
    by_line_ends = make_bytes(make_order(), Rules850(delimiters=Delimiters("\n")))
    assert [f.severity for f in badx12(by_line_ends)] == ["warning"]
