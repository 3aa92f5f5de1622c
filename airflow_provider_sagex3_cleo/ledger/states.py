"""The states of all that moves in the ledger, and the only edges there are."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from airflow_provider_sagex3_cleo.errors import ImpossibleTransition

__all__ = [
    "ALLOWED",
    "DUE_STATES",
    "OPEN_STATES",
    "UNFINISHED",
    "AckOutcome",
    "AttemptOutcome",
    "ChangeState",
    "DocState",
    "FindingState",
    "InterchangeState",
    "NumberState",
    "State",
    "VersionState",
    "check_edge",
]


class VersionState(StrEnum):
    """What became of one version of an X3 record."""

    LANDED = "landed"
    MAPPED = "mapped"
    UNCHANGED = "unchanged"
    NOT_FOR_EDI = "not_for_edi"
    WAITING = "waiting"
    HELD = "held"
    QUARANTINED = "quarantined"
    SUPERSEDED = "superseded"


class DocState(StrEnum):
    """Where a document stands. `sent` means Cleo has the bytes, nothing more."""

    READY = "ready"
    SENDING = "sending"
    SENT = "sent"
    ACCEPTED = "accepted"
    ACCEPTED_WITH_ERRORS = "accepted_with_errors"
    REJECTED = "rejected"
    BLOCKED = "blocked"
    IN_DOUBT = "in_doubt"
    SUPERSEDED = "superseded"
    CANCELLED = "cancelled"
    CORRECTED = "corrected"
    SENT_ELSEWHERE = "sent_elsewhere"
    KEPT = "kept"


class InterchangeState(StrEnum):
    """Where a file stands: its bytes never change, only its state does."""

    STORED = "stored"
    SENDING = "sending"
    SENT = "sent"
    REFUSED = "refused"
    IN_DOUBT = "in_doubt"
    VOIDED = "voided"


class NumberState(StrEnum):
    """What became of one control number."""

    RESERVED = "reserved"
    USED = "used"
    ACKNOWLEDGED = "acknowledged"
    VOIDED = "voided"


class AttemptOutcome(StrEnum):
    """How one try to hand over a file ended."""

    SENT = "sent"
    REFUSED = "refused"
    UNKNOWN = "unknown"


class AckOutcome(StrEnum):
    """What one acknowledgment did to the document or file it speaks of."""

    APPLIED = "applied"  # the document moved
    WORSENED = "worsened"  # moved, against an earlier acknowledgment that was better
    RECEIVED = "received"  # proves receipt and nothing more
    REPEATED = "repeated"  # says what was known
    KEPT = "kept"  # says better than an earlier one: the worse stays
    WAITING = "waiting"  # the sender has not written down yet how its try ended
    NOT_SENT = "not_sent"  # the ledger says that this never left
    UNMATCHED = "unmatched"  # from a partner we send to, for a number we never sent
    FOREIGN = "foreign"  # between two parties this ledger does not know as a pair


class FindingState(StrEnum):
    """Where a finding of the alignment stands."""

    OPEN = "open"
    RESOLVED = "resolved"


class ChangeState(StrEnum):
    """What became of a change of an object of Cleo."""

    ASKED = "asked"
    DONE = "done"
    REFUSED = "refused"
    IN_DOUBT = "in_doubt"


State = VersionState | DocState | InterchangeState | NumberState | FindingState | ChangeState

_V, _D, _I, _N = VersionState, DocState, InterchangeState, NumberState
_DECIDED = frozenset(
    {_V.MAPPED, _V.UNCHANGED, _V.NOT_FOR_EDI, _V.WAITING, _V.HELD, _V.QUARANTINED, _V.SUPERSEDED},
)

#: Per machine, from each state to what. An edge that is not here does not exist. One table per machine: members of
#: different StrEnums with the same value are equal, so they must never share a dictionary.
ALLOWED: Mapping[type[State], Mapping[State, frozenset[State]]] = {
    VersionState: {
        _V.LANDED: _DECIDED,
        _V.WAITING: _DECIDED | {_V.LANDED},  # mended, and not quiet long enough yet
        _V.HELD: _DECIDED | {_V.LANDED},
        _V.QUARANTINED: frozenset({_V.LANDED, _V.SUPERSEDED}),
        # a reference record, by a newer version that is kept; a delivery, when its load is put together anew
        _V.MAPPED: frozenset({_V.SUPERSEDED, _V.LANDED}),
        _V.UNCHANGED: frozenset(),
        _V.NOT_FOR_EDI: frozenset(),
        _V.SUPERSEDED: frozenset(),
    },
    DocState: {
        _D.READY: frozenset({_D.SENDING, _D.SUPERSEDED, _D.CANCELLED, _D.BLOCKED, _D.SENT_ELSEWHERE}),
        _D.SENDING: frozenset({_D.SENT, _D.READY, _D.BLOCKED, _D.IN_DOUBT}),
        _D.SENT: frozenset({_D.ACCEPTED, _D.ACCEPTED_WITH_ERRORS, _D.REJECTED}),
        _D.IN_DOUBT: frozenset({_D.SENT, _D.READY, _D.SENT_ELSEWHERE}),
        _D.BLOCKED: frozenset({_D.READY, _D.SUPERSEDED, _D.CANCELLED, _D.SENT_ELSEWHERE}),
        _D.REJECTED: frozenset({_D.CORRECTED}),
        _D.ACCEPTED: frozenset({_D.ACCEPTED_WITH_ERRORS, _D.REJECTED}),  # a later, worse acknowledgment counts
        _D.ACCEPTED_WITH_ERRORS: frozenset({_D.REJECTED}),
        _D.SUPERSEDED: frozenset(),
        _D.CANCELLED: frozenset(),
        _D.CORRECTED: frozenset(),
        _D.SENT_ELSEWHERE: frozenset(),
        _D.KEPT: frozenset(),
    },
    InterchangeState: {
        _I.STORED: frozenset({_I.SENDING, _I.VOIDED}),
        _I.SENDING: frozenset({_I.SENT, _I.REFUSED, _I.IN_DOUBT, _I.STORED}),
        _I.REFUSED: frozenset({_I.SENDING, _I.VOIDED}),
        _I.IN_DOUBT: frozenset({_I.SENT, _I.SENDING, _I.STORED, _I.VOIDED}),
        _I.SENT: frozenset(),
        _I.VOIDED: frozenset(),
    },
    NumberState: {
        _N.RESERVED: frozenset({_N.USED, _N.VOIDED}),
        _N.USED: frozenset({_N.ACKNOWLEDGED, _N.VOIDED}),
        _N.ACKNOWLEDGED: frozenset(),
        _N.VOIDED: frozenset(),
    },
    FindingState: {
        FindingState.OPEN: frozenset({FindingState.RESOLVED, FindingState.OPEN}),  # says something else than before
        FindingState.RESOLVED: frozenset({FindingState.OPEN}),
    },
    ChangeState: {
        ChangeState.ASKED: frozenset({ChangeState.DONE, ChangeState.REFUSED, ChangeState.IN_DOUBT}),
        ChangeState.DONE: frozenset(),
        ChangeState.REFUSED: frozenset(),
        ChangeState.IN_DOUBT: frozenset(),
    },
}

#: Versions whose story is not over: a newer version of the same key supersedes them.
OPEN_STATES = (VersionState.LANDED, VersionState.WAITING, VersionState.HELD, VersionState.QUARANTINED)
#: Versions that transform takes up by itself.
DUE_STATES = (VersionState.LANDED, VersionState.WAITING, VersionState.HELD)
#: Files that deliver has still something to do about, or a person to decide.
UNFINISHED = (
    InterchangeState.STORED,
    InterchangeState.SENDING,
    InterchangeState.REFUSED,
    InterchangeState.IN_DOUBT,
)


def check_edge(was: State, to: State, **where: Any) -> None:
    """Raises: ImpossibleTransition where the machine has no edge from `was` to `to`."""
    edges = ALLOWED[type(was)][was] if type(was) is type(to) else frozenset()
    if to not in edges:
        ways = ", ".join(sorted(edges)) or "nothing: this state is final"
        raise ImpossibleTransition(f"{was.value} -> {to.value} is no edge", expected=ways, system="ledger", **where)
