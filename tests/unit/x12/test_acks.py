"""What partners answer: read in any spelling, and believed no further than it goes."""

from __future__ import annotations

import tracemalloc
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from airflow_provider_sagex3_cleo.sandbox import partner as p
from airflow_provider_sagex3_cleo.x12 import SetBody
from airflow_provider_sagex3_cleo.x12.acks import Ack, read_acks
from airflow_provider_sagex3_cleo.x12.model import Delimiters, Envelope
from airflow_provider_sagex3_cleo.x12.reader import ReadFault, read
from airflow_provider_sagex3_cleo.x12.writer import write
from tests.unit.x12.conftest import AT, REFERENCE

BODY = SetBody("850", "PO", "004010", (("BEG", "00", "SA", "PO-1", "", "20261124"), ("PO1", "10", "5", "EA", "2.5")))


def sent(count: int = 1, *, isa: int = 41, gs: int = 93, release: str = "004010", **marks: str) -> p.Sent:
    """A file of ours with so many sets."""
    envelope = Envelope(
        release, "P", "ZZ", "US", "01", "THEM", "USGS", "THEMGS", None, False, Delimiters(**marks)
    )  # fmt: skip
    numbers = [f"{n:04d}" for n in range(1, count + 1)]
    return p.Sent(write([BODY] * count, envelope, isa=isa, gs=gs, st=numbers, at=AT))


def only(data: bytes) -> Ack:
    (ack,) = read_acks(data).acks
    return ack


@pytest.mark.parametrize("kind", ["997", "999"])
@pytest.mark.parametrize("release", ["004010", "005010", "006010", "003060"])
@pytest.mark.parametrize("zeros", ["as sent", "dropped", "added"])
def test_an_acceptance_is_read_in_any_release_and_with_any_zeros(kind: str, release: str, zeros: str) -> None:
    ack = only(p.accept(p.Spelling(kind=kind, release=release, zeros=zeros))(sent(2)))
    assert (ack.kind, ack.sender, ack.receiver) == (kind, "01:THEM", "ZZ:US")
    assert (ack.gs_sender, ack.gs_receiver, ack.functional_id, ack.group) == ("THEMGS", "USGS", "PO", 93)
    assert [(int(s.st), s.code) for s in ack.sets] == [(1, "A"), (2, "A")]
    assert ack.unnamed == "A"


@settings(max_examples=60, deadline=None)
@given(
    verdicts=st.lists(st.sampled_from("AER"), min_size=1, max_size=6),
    spelling=st.builds(
        p.Spelling,
        kind=st.sampled_from(["997", "999"]),
        release=st.sampled_from([None, "004010", "005010"]),
        zeros=st.sampled_from(["as sent", "dropped", "added"]),
        element=st.sampled_from("*|:"),
        segment=st.sampled_from("~'\n"),
        line_break=st.booleans(),
    ),
)
def test_each_set_has_the_verdict_that_was_written(verdicts: list[str], spelling: p.Spelling) -> None:
    ack = only(p.partial(dict(enumerate(verdicts)), [p.Place("PO1", 3, "7")], spelling)(sent(len(verdicts))))
    assert [s.code for s in ack.sets] == verdicts
    for each in ack.sets:
        places = [(e.place, e.position, e.value) for e in each.errors if e.element]
        assert places == ([] if each.code == "A" else [("PO103", 3, "EA")])


def test_what_the_partner_writes_in_the_sandbox_is_a_whole_interchange() -> None:
    for make in (p.accept(), p.reject([p.Place("PO1", 3, "7")]), p.interchange("R", "025"), p.advice("TR", "no")):
        assert len(read(make(sent(2)))) == 1


def test_a_set_that_a_partly_accepted_group_does_not_name_is_not_proven_accepted() -> None:
    ack = only(p.partial({0: "A"})(sent(2)))
    assert [s.code for s in ack.sets] == ["A"]
    assert ack.unnamed == ""
    assert only(p.partial({0: "A"}, group="E")(sent(2))).unnamed == ""


def test_a_group_that_is_rejected_while_its_sets_are_accepted_counts_as_rejected() -> None:
    ack = only(p.contradict()(sent(2)))
    assert [s.code for s in ack.sets] == ["R", "R"]
    assert "whole group was rejected" in ack.sets[0].words


def test_a_group_called_rejected_that_counts_its_accepted_sets_right_is_decided_set_by_set() -> None:
    ack = only(p.partial({0: "A", 1: "R"}, group="R")(sent(2)))
    assert [s.code for s in ack.sets] == ["A", "R"]
    assert ack.unnamed == ""


def test_an_accepted_group_that_counts_too_few_proves_nothing_of_what_it_does_not_name() -> None:
    data = p.group_only("A")(sent(3)).replace(b"AK9*A*3*3*3", b"AK9*A*3*3*2")
    assert only(data).unnamed == ""


def test_a_set_accepted_with_complaints_is_accepted_with_errors() -> None:
    data = p.reject([p.Place("PO1", 3, "7")])(sent()).replace(b"AK5*R*5", b"AK5*A").replace(b"AK9*R", b"AK9*A")
    assert [s.code for s in only(data).sets] == ["E"]


def test_a_set_without_a_verdict_and_a_group_without_a_verdict_prove_nothing() -> None:
    data = p.accept()(sent()).replace(b"AK5*A~", b"").replace(b"AK9*A*1*1*1~", b"")
    ack = only(data)
    assert [s.code for s in ack.sets] == [""]
    assert (ack.code, ack.unnamed) == ("", "")


def test_security_failures_are_rejections() -> None:
    for letter in (b"M", b"W", b"X"):
        data = p.reject()(sent()).replace(b"AK5*R", b"AK5*" + letter).replace(b"AK9*R", b"AK9*" + letter)
        assert [s.code for s in only(data).sets] == ["R"]


def test_a_ta1_says_which_interchange_and_why_in_words() -> None:
    ack = only(p.interchange("R", "025")(sent()))
    assert (ack.kind, ack.interchange, ack.code, ack.date) == ("TA1", 41, "R", "261124")
    assert ack.words == "rejected: the interchange control number was used before"


def test_an_824_names_the_document_the_verdict_and_the_reason() -> None:
    ack = only(p.advice("TR", "price not agreed")(sent()))
    assert (ack.kind, ack.code, ack.reference, ack.group) == ("824", "R", "PO-1", 93)
    assert ack.sets[0].st == "0001"
    assert ack.sets[0].errors[0].words == "price not agreed"
    assert only(p.advice("TA", by="reference")(sent())).group is None


def test_an_acknowledgment_that_is_cut_off_is_not_believed_and_one_before_it_is() -> None:
    whole, cut = p.accept()(sent()), p.truncated(p.reject())(sent(gs=94))
    found = read_acks(whole + cut)
    assert [ack.group for ack in found.acks] == [93]
    assert any("cut off" in fault for fault in found.faults)
    for keep in range(110, len(whole)):
        for ack in read_acks(whole[:keep]).acks:
            assert ack == only(whole)


@pytest.mark.parametrize("data", [b"", b"   \r\n", b"<html></html>", b"ISA", b"\x00\xff" * 400, b"UNB+UNOA:1+A+B'"])
def test_what_is_not_x12_is_said_to_be_not_x12(data: bytes) -> None:
    with pytest.raises(ReadFault):
        read_acks(data)


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=60), st.integers(0, 300))
def test_whatever_is_spliced_into_a_file_it_is_read_or_refused(junk: bytes, at: int) -> None:
    whole = p.reject([p.Place("PO1", 3, "7")])(sent(2))
    with suppress(ReadFault):
        for ack in read_acks(whole[:at] + junk + whole[at:]).acks:
            assert ack.code in ("A", "E", "P", "R", "")


def test_other_sets_are_named_and_not_read() -> None:
    found = read_acks(sent(2).data)
    assert (found.acks, found.others) == ((), ("850",))


def test_a_large_file_takes_little_memory_beside_itself() -> None:
    start = p.accept()(sent()).split(b"AK2*")[0]
    row = b"AK3*PO1*3**8~AK4*3*355*7*EA~"
    data = start + b"AK2*850*0001~" + row * 50_000 + b"AK5*R*5~AK9*R*1*1*0~SE*9*0001~GE*1*93~IEA*1*000000041~"
    tracemalloc.start()
    ack = only(data)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert len(ack.sets[0].errors) == 500
    assert peak < 2 * len(data)


def samples() -> list[Path]:
    found = sorted((REFERENCE / "x12_samples").glob("997_*"))
    return found or [Path("none")]


EXPECTED = {
    "997_4010_01_rejected.edi": ("PO", 2, [("103465910", "R")]),
    "997_4010_02_accepted.edi": ("PO", 341217, [("0001", "A")]),
    "997_4010_03_contradicts.txt": ("IN", 1, [("ST02", "R")]),
    "997_5010_01_invalid.edi": ("HC NOT IN CODESET", 1, [("0021", "R")]),
}


@pytest.mark.parametrize("path", samples(), ids=lambda path: path.name)
def test_published_acknowledgments_say_what_their_source_says(path: Path) -> None:
    if not path.exists():
        pytest.skip(f"NOT TESTED: no samples in {REFERENCE}")
    ack = only(path.read_bytes())
    assert (ack.functional_id, ack.group, [(s.st, s.code) for s in ack.sets]) == EXPECTED[path.name]
