"""A week of traffic with acknowledgments of every kind: each document ends where the table says."""

from __future__ import annotations

from dataclasses import dataclass

from airflow_provider_sagex3_cleo.ledger import audit
from airflow_provider_sagex3_cleo.sandbox import partner as p
from tests.support.traffic import Traffic

TYPO = [p.Place("PO1", 3, "7", turn=2)]
OTHER = p.Spelling(kind="999", release="005010", zeros="added", element="|", line_break=True)
SHORT = p.Spelling(zeros="dropped")


@dataclass(frozen=True)
class Case:
    """What is sent, what comes back so many days later, and where each document must end."""

    ends: tuple[str, ...]
    answers: tuple[tuple[int, p.Answer], ...] = ()
    left: str = "sent"


#: Written down by hand from the trading rules; nothing in here is computed by the program.
WEEK = {
    "accepted": Case(("accepted",), ((0, p.accept()),)),
    "accepted, sets left out": Case(("accepted", "accepted"), ((0, p.accept(named=False)),)),
    "accepted by a 999 with zeros": Case(("accepted",), ((1, p.accept(OTHER)),)),
    "accepted without zeros": Case(("accepted",), ((0, p.accept(SHORT)),)),
    "accepted with errors": Case(("accepted_with_errors",), ((0, p.accept_with_errors(TYPO)),)),
    "rejected": Case(("rejected",), ((0, p.reject(TYPO)),)),
    "rejected as a group": Case(("rejected", "rejected"), ((1, p.reject(named=False)),)),
    "taken in part": Case(("accepted", "rejected", "sent"), ((0, p.partial({0: "A", 1: "R"}, TYPO)),)),
    "taken in part with errors": Case(("accepted_with_errors", "sent"), ((0, p.partial({0: "E"}, TYPO)),)),
    "group with errors, no sets": Case(("sent",), ((0, p.group_only("E")),)),
    "contradicts itself": Case(("rejected", "rejected"), ((0, p.contradict()),)),
    "envelope received": Case(("sent",), ((0, p.interchange("A")),)),
    "envelope and syntax": Case(("accepted",), ((0, p.interchange("A")), (1, p.accept()))),
    "envelope rejected": Case(("rejected", "rejected"), ((0, p.interchange("R", "025")),)),
    "business accepts": Case(("accepted",), ((0, p.advice("TA")),)),
    "business rejects after the syntax was fine": Case(("rejected",), ((0, p.accept()), (2, p.advice("TR", "price")))),
    "business rejects by order number": Case(("sent", "rejected"), ((0, p.advice("TR", by="reference", turn=1)),)),
    "business accepts with errors": Case(("accepted_with_errors",), ((0, p.accept()), (0, p.advice("TE", "date")))),
    "never answered": Case(("sent",)),
    "answered late": Case(("accepted",), ((5, p.accept()),)),
    "answered twice, same bytes": Case(("accepted",), ((0, p.accept()), (1, p.accept()))),
    "answered twice, other bytes": Case(("rejected",), ((0, p.reject(TYPO)), (1, p.repeat(p.reject(TYPO))))),
    "rejected after accepted": Case(("rejected",), ((0, p.accept()), (1, p.reject(TYPO)))),
    "accepted after rejected": Case(("rejected",), ((0, p.reject(TYPO)), (1, p.accept()))),
    "an unknown number": Case(("sent",), ((0, p.unknown_number()),)),
    "meant for somebody else": Case(("sent",), ((0, p.foreign()),)),
    "cut off": Case(("sent",), ((0, p.truncated(p.accept())),)),
    "cut off, then whole": Case(("accepted",), ((0, p.truncated(p.accept())), (1, p.accept()))),
    "not X12": Case(("sent",), ((0, p.not_x12()),)),
    "in doubt, then accepted": Case(("accepted", "accepted"), ((0, p.accept()),), "in_doubt"),
    "in doubt, then rejected": Case(("rejected",), ((1, p.reject(TYPO)),), "in_doubt"),
    "in doubt, envelope received": Case(("sent",), ((0, p.interchange("A")),), "in_doubt"),
    "in doubt, no answer": Case(("in_doubt",), (), "in_doubt"),
    "refused, yet answered": Case(("ready",), ((0, p.accept()),), "refused"),
    "still being sent": Case(("sending",), ((0, p.accept()),), "sending"),
}


def test_a_week_ends_with_each_document_where_the_table_says(any_traffic: Traffic) -> None:
    traffic = any_traffic
    sent: list[tuple[str, list[int]]] = []
    due: dict[int, list[bytes]] = {}
    for day in range(7):
        for n, (name, case) in enumerate(WEEK.items()):
            if (n + day) % 3 == 0:  # a third of the partners a day, so that each has several files in the end
                release = "005010" if day % 2 else "004010"
                file, ids = traffic.send(f"P{n:02d}", len(case.ends), end=case.left, release=release, family=f"d{day}")
                sent.append((name, ids))
                for later, answer in case.answers:
                    due.setdefault(day + later, []).append(answer(file))
        for data in due.pop(day, ()):
            traffic.partner.put(data)
        traffic.read()
    for day in sorted(due):
        for data in due[day]:
            traffic.partner.put(data)
        traffic.read()
    assert {name for name, _ in sent} == set(WEEK)
    for name, ids in sent:
        assert (name, traffic.states(ids)) == (name, list(WEEK[name].ends))
    assert set(traffic.outcomes()) == {
        "applied", "worsened", "received", "repeated", "kept", "waiting", "not_sent", "unmatched", "foreign"
    }  # fmt: skip
    with traffic.ledger.reading() as db:
        proven = audit.verify(db)
    assert (proven.ok, proven.faults, proven.unsealed >= 0) == (True, [], True)
