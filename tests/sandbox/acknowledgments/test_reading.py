"""What a run of acknowledgments does with files, folders, numbers and time."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from airflow_provider_sagex3_cleo import errors as e
from airflow_provider_sagex3_cleo.ledger import audit, queries
from airflow_provider_sagex3_cleo.ledger.states import NumberState
from airflow_provider_sagex3_cleo.ledger.trace import trace
from airflow_provider_sagex3_cleo.pipeline import FoldersUnreadable
from airflow_provider_sagex3_cleo.sandbox import partner as p
from airflow_provider_sagex3_cleo.story import tell
from tests.support.traffic import Traffic

TYPO = [p.Place("PO1", 3, "7", turn=2)]
SPELLINGS = st.builds(
    p.Spelling,
    kind=st.sampled_from(["997", "999"]),
    release=st.sampled_from([None, "004010", "005010", "003060"]),
    zeros=st.sampled_from(["as sent", "dropped", "added"]),
    element=st.sampled_from("*|"),
    line_break=st.booleans(),
)
WORST = {"A": "accepted", "E": "accepted_with_errors", "R": "rejected", None: "sent"}


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    verdicts=st.lists(st.sampled_from(["A", "E", "R", None]), min_size=1, max_size=4),
    spelling=SPELLINGS,
    release=st.sampled_from(["004010", "005010"]),
    doubtful=st.booleans(),
    rank=st.integers(0, 2),
)
def test_for_any_file_each_document_ends_where_its_verdict_says(
    traffic: Traffic, verdicts: list[str | None], spelling: p.Spelling, release: str, doubtful: bool, rank: int
) -> None:
    file, ids = traffic.send("P1", len(verdicts), end="in_doubt" if doubtful else "sent", release=release)
    named = {n: code for n, code in enumerate(verdicts) if code is not None}
    traffic.partner.put(p.partial(named, TYPO, spelling)(file))
    traffic.read()
    assert traffic.states(ids) == [WORST[code] for code in verdicts]


def test_reading_takes_nothing_away_and_a_second_run_reads_nothing_again(traffic: Traffic) -> None:
    file, ids = traffic.send()
    name = traffic.partner.put(p.accept()(file))
    assert traffic.read()["counts"] == {"applied": 1, "read_files": 1}
    before = traffic.client.meter.requests
    assert traffic.read()["counts"] == {}
    assert traffic.client.meter.requests == before + 1  # the listing
    assert name in traffic.cleo.store.files(p.INBOUND)
    assert traffic.states(ids) == ["accepted"]


def test_where_it_may_delete_a_recorded_file_goes_and_what_was_not_understood_stays(traffic: Traffic) -> None:
    file, _ = traffic.send()
    traffic.partner.put(p.accept()(file))
    odd = traffic.partner.put(b"no X12 at all")
    for _ in range(2):
        traffic.read(ack_delete=True)
        assert list(traffic.cleo.store.files(p.INBOUND)) == [odd]


def test_a_file_of_a_known_name_and_size_is_read_again_only_where_that_is_set(traffic: Traffic) -> None:
    first, one = traffic.send()
    second, two = traffic.send()
    traffic.partner.put(p.accept()(first), "997.edi")
    traffic.read()
    traffic.partner.put(p.accept()(second), "997.edi")
    traffic.read()
    assert (traffic.states(one), traffic.states(two)) == (["accepted"], ["sent"])
    traffic.read(ack_read_again=True)
    assert traffic.states(two) == ["accepted"]


def test_the_same_bytes_under_another_name_are_recorded_and_count_once(traffic: Traffic) -> None:
    file, ids = traffic.send()
    for _ in range(3):
        traffic.partner.put(p.accept()(file))
    assert traffic.read()["counts"] == {"applied": 1, "read_files": 1, "repeated_files": 2}
    assert [row.state for row in traffic.recorded()] == ["read", "repeated", "repeated"]
    assert len(traffic.said(ids[0])) == 1


@pytest.mark.parametrize(
    ("data", "state", "words"),
    [
        (b"", "unreadable", "is not X12: the file is empty"),
        (b"<html>hello</html>", "unreadable", "is not X12"),
        (b"\x00\xff\xfe" * 100, "unreadable", "is not X12"),
        (b"ISA*00*", "unreadable", "fewer than 16 elements"),
    ],
)
def test_a_bad_file_is_recorded_with_a_sentence_and_the_others_go_on(
    traffic: Traffic, data: bytes, state: str, words: str
) -> None:
    file, ids = traffic.send()
    traffic.partner.put(data, "a_bad_one.edi")
    traffic.partner.put(p.accept()(file))
    traffic.read()
    assert traffic.states(ids) == ["accepted"]
    bad = traffic.recorded()[0]
    assert (bad.state, words in (bad.reason or "")) == (state, True)
    assert traffic.report["counts"] == {"applied": 1, "read_files": 1, f"{state}_files": 1}


def test_a_file_of_fifty_megabytes_is_not_even_read(traffic: Traffic) -> None:
    file, ids = traffic.send()
    traffic.partner.put(b"ISA*" + b"A" * 50_000_000, "a_huge_one.edi")
    traffic.partner.put(p.accept()(file))
    traffic.read()
    assert traffic.states(ids) == ["accepted"]
    assert traffic.client.meter.received_bytes < 100_000
    assert "50000004 bytes, more than ack_max_bytes (10000000)" in (traffic.recorded()[0].reason or "")
    assert traffic.read()["counts"] == {}


def test_a_file_that_was_too_large_is_read_once_the_limit_is_raised(traffic: Traffic) -> None:
    file, ids = traffic.send()
    traffic.partner.put(p.accept()(file))
    traffic.read(ack_max_bytes=10)
    assert traffic.states(ids) == ["sent"]
    traffic.read()
    assert traffic.states(ids) == ["accepted"]


def test_another_set_in_the_inbound_folder_is_named(traffic: Traffic) -> None:
    file, _ = traffic.send()
    traffic.partner.put(file.data)
    traffic.read()
    assert traffic.recorded()[0].state == "other"
    assert "holds 850" in (traffic.recorded()[0].reason or "")


def test_a_folder_that_is_not_there_is_said_after_the_others_were_read(traffic: Traffic) -> None:
    file, ids = traffic.send()
    traffic.partner.put(p.accept()(file))
    with pytest.raises(FoldersUnreadable, match="a-folder-nobody-has"):
        traffic.read(ack_folders=("a-folder-nobody-has", p.INBOUND))
    assert traffic.states(ids) == ["accepted"]


def test_a_server_that_fails_for_one_file_is_asked_again_and_nothing_is_lost(traffic: Traffic) -> None:
    file, ids = traffic.send(count=1)
    other, more = traffic.send(count=1)
    traffic.partner.put(p.accept()(file), "a.edi")
    traffic.partner.put(p.accept()(other), "b.edi")
    traffic.cleo.server.fault("status", r"/files/inbound/a\.edi", status=500, times=20)
    with pytest.raises(e.Retry):
        traffic.read()
    assert (traffic.states(ids), traffic.states(more)) == (["sent"], ["accepted"])
    traffic.cleo.server.faults.clear()
    traffic.read()
    assert traffic.states(ids) == ["accepted"]


def test_the_folder_of_an_agreement_is_read_too(traffic: Traffic) -> None:
    traffic.agreement("P1", ack_folder="in/p1")
    file, ids = traffic.send("P1")
    traffic.cleo.store.place("in/p1", "997.edi", p.accept()(file))
    assert traffic.read(ack_folders=())["folders"] == ["in/p1"]
    assert traffic.states(ids) == ["accepted"]


def test_without_any_folder_nothing_is_done_and_nothing_fails(traffic: Traffic) -> None:
    assert traffic.read(ack_folders=())["counts"] == {}


def test_control_numbers_are_acknowledged_by_whatever_proves_that_they_arrived(traffic: Traffic) -> None:
    for n, answer in enumerate((p.accept(), p.reject(), p.interchange("A")), start=1):
        file, _ = traffic.send(f"P{n}")
        traffic.partner.put(answer(file))
    traffic.send("P4")
    traffic.read()
    done = {NumberState.ACKNOWLEDGED}
    assert [traffic.number_states(f"P{n}", 1) for n in (1, 2, 3, 4)] == [
        done, done, done | {NumberState.USED}, {NumberState.USED}
    ]  # fmt: skip


def test_after_a_wrap_the_newest_of_a_number_is_meant(any_traffic: Traffic) -> None:
    _, old = any_traffic.send("P1")
    any_traffic.wrap()
    file, new = any_traffic.send("P1")
    any_traffic.partner.put(p.accept()(file))
    any_traffic.read()
    assert (any_traffic.states(old), any_traffic.states(new)) == (["sent"], ["accepted"])


def test_what_comes_before_the_sender_has_finished_is_taken_up_afterwards(any_traffic: Traffic) -> None:
    traffic = any_traffic
    file, ids = traffic.send("P1", 2, end="sending")
    traffic.partner.put(p.partial({0: "A", 1: "R"}, TYPO)(file))
    assert traffic.read()["counts"] == {"read_files": 1, "waiting": 2}
    assert traffic.read()["counts"] == {}
    traffic.finish(1, "in_doubt")
    assert traffic.read()["counts"] == {"applied": 2}
    assert traffic.states(ids) == ["accepted", "rejected"]


def test_an_answer_under_other_group_ids_is_not_taken_for_ours(traffic: Traffic) -> None:
    file, ids = traffic.send("P1")
    traffic.partner.put(p.accept()(file).replace(b"*P1GS*USGS*", b"*P1GS*OTHERS*"))
    traffic.partner.put(p.accept()(file).replace(b"AK1*PO", b"AK1*IN"))
    traffic.read()
    assert traffic.states(ids) == ["sent"]
    assert traffic.outcomes() == ["unmatched", "unmatched"]


def test_a_set_that_was_not_in_the_group_is_told_apart(traffic: Traffic) -> None:
    file, ids = traffic.send("P1")
    data = p.partial({0: "A"})(file).replace(b"AK9", b"AK2*850*0009~AK5*A~AK9")
    traffic.partner.put(data)
    traffic.read()
    assert traffic.states(ids) == ["accepted"]
    assert sorted(traffic.outcomes()) == ["applied", "unmatched"]


def test_a_partner_who_saw_fewer_sets_than_were_sent_has_not_accepted_the_rest(traffic: Traffic) -> None:
    file, ids = traffic.send("P1", 3)
    data = p.partial({0: "A"}, group="A")(file).replace(b"AK9*A*3*3*1", b"AK9*A*1*1*1")
    traffic.partner.put(data)
    traffic.read()
    assert traffic.states(ids) == ["accepted", "sent", "sent"]


def test_complaints_are_tied_to_the_line_and_to_the_column_of_sage_x3(traffic: Traffic) -> None:
    file, (document,) = traffic.send("P1")
    places = [
        p.Place("PO1", 3, "7", turn=2),
        p.Place("PO1", 9, "7", turn=1),
        p.Place("N1", 4, "7"),
        p.Place("REF", 2, "5"),
        p.Place("BEG", 3, "1"),
        p.Place("DTM", 2, "8"),
        p.Place("CTT", 1, "4"),
        p.Place("PID", None, "2"),
    ]
    traffic.partner.put(p.reject(places)(file))
    traffic.read()
    found = traffic.said(document)[0].detail[1:]
    expected = [
        ("segment 7 PO103 (unit) of line 2000: code not in the list, value 'QQ'", "lines.UOM, lines.PUU"),
        ("segment 5 PO109 (product id) of line 1000: code not in the list, value 'B-1'", "lines.ITMREF "),
        ("segment 4 N104 (identifier): code not in the list, value 'NJ01'", "lines.PRHFCY, lines.FCYADD, RCPFCY"),
        ("segment 3 REF02", "ORDREF"),
        ("segment 2 BEG03 (purchase order number): mandatory element missing", "POHNUM"),
        ("segment 8 DTM02 (date) of line 2000: not a date, value '20261201'", "lines.DEMRCPDAT"),
        ("segment 9 CTT01 (number of lines): too short, value '2'", ""),
        ("segment 6 PID", "lines.ITMDES"),
    ]
    assert len(found) == len(expected)
    for sentence, (start, column) in zip(found, expected, strict=True):
        assert sentence.startswith(start), sentence
        assert (f"from Sage X3 {column}" in sentence) if column else ("Sage X3" not in sentence), sentence


def test_a_place_that_does_not_fit_what_was_sent_is_said_so(traffic: Traffic) -> None:
    file, (document,) = traffic.send("P1")
    data = p.reject(TYPO)(file).replace(b"AK3*PO1*7", b"AK3*PO1*99")
    traffic.partner.put(data)
    traffic.read()
    assert "no such segment stands there in what was sent" in traffic.said(document)[0].detail[-1]


def test_late_is_counted_and_overdue_is_warned_of_until_an_answer_comes(any_traffic: Traffic) -> None:
    traffic = any_traffic
    traffic.agreement("P1", ack_within_h=24)
    traffic.agreement("P2")
    file, ids = traffic.send("P1")
    traffic.send("P2")
    now = datetime.now(UTC)
    traffic.read(at=now + timedelta(hours=23))
    assert traffic.report["overdue"] == 0
    traffic.read(at=now + timedelta(hours=25))
    assert traffic.report["overdue"] == 1
    with traffic.ledger.reading() as db:
        (row,) = queries.overdue(db, traffic.source, {"P1-850": 24.0}, at=now + timedelta(hours=25))
    assert (row.number, row.partner, row.hours) == ("PO00001", "P1", 24.0)
    traffic.partner.put(p.accept()(file))
    traffic.read(at=now + timedelta(hours=26))
    assert (traffic.states(ids), traffic.report["overdue"], traffic.report["counts"]["late"]) == (["accepted"], 0, 1)
    assert traffic.said(ids[0])[0].late


def test_the_story_of_a_document_tells_what_the_partner_said(traffic: Traffic) -> None:
    file, _ = traffic.send("P1", 2)
    traffic.partner.put(p.interchange("A")(file))
    traffic.partner.put(p.partial({0: "A", 1: "R"}, TYPO)(file))
    traffic.read()
    with traffic.ledger.reading() as db:
        lines = [line for story in trace(db, "PO00002") for line in tell(story)]
    text = "\n".join(lines)
    assert "by TA1 A (received), file inbound/ack_000001.edi" in text
    assert "by 997 R (applied), file inbound/ack_000002.edi" in text
    assert "segment 7 PO103 (unit) of line 2000" in text
    assert "by 997 A (applied)" not in text  # that was said of the other document


def test_every_change_is_an_event_with_the_file_that_caused_it_and_the_run_is_sealed(any_traffic: Traffic) -> None:
    traffic = any_traffic
    file, _ = traffic.send("P1", end="in_doubt")
    name = traffic.partner.put(p.reject(TYPO)(file))
    traffic.read()
    with traffic.ledger.reading() as db:
        (story,) = trace(db, "PO00001")
        proven = audit.verify(db)
    events = story.documents[0].events
    assert [event.now for event in events][-2:] == ["sent", "rejected"]
    assert events[-1].detail["file"] == f"inbound/{name}"
    assert proven.ok
    assert traffic.report["seal"]
    assert traffic.report["documents"] == {"rejected": 1}


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(junk=st.binary(max_size=40), at=st.integers(0, 260), drop=st.integers(0, 30))
def test_however_a_file_is_damaged_it_is_recorded_and_never_accepts_what_it_rejected(
    any_traffic: Traffic, junk: bytes, at: int, drop: int
) -> None:
    file, ids = any_traffic.send("P1")
    whole = p.reject(TYPO)(file)
    any_traffic.partner.put(whole[:at] + junk + whole[at + drop :])
    any_traffic.read()
    assert any_traffic.states(ids)[0] in ("sent", "rejected")


def test_nul_bytes_and_the_longest_name_are_no_trouble_for_any_database(any_traffic: Traffic) -> None:
    file, ids = any_traffic.send("P1")
    data = p.reject(TYPO)(file).replace(b"*QQ~", b"*Q\0Q~").replace(b"US   ", b"US\0\0\0")
    any_traffic.partner.put(data, "a" * 251 + ".edi")
    any_traffic.read()
    assert any_traffic.states(ids) == ["rejected"]


def test_two_runs_at_once_count_everything_once(any_traffic: Traffic) -> None:
    traffic = any_traffic
    sent = [traffic.send("P1", 2) for _ in range(6)]
    for file, _ in sent:
        for _ in range(2):
            traffic.partner.put(p.partial({0: "A", 1: "R"}, TYPO)(file))
    with ThreadPoolExecutor(2) as pool:
        for done in [pool.submit(traffic.read) for _ in range(2)]:
            done.result()
    traffic.read()
    assert {tuple(traffic.states(ids)) for _, ids in sent} == {("accepted", "rejected")}
    outcomes = traffic.outcomes()
    assert outcomes.count("applied") == 12
    assert set(outcomes) <= {"applied", "repeated"}
    with traffic.ledger.reading() as db:
        assert audit.verify(db).ok
