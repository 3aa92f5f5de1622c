"""Upload one stored interchange and settle what came of it.

Three outcomes: sent; definitely refused (back to ready); unknown. An unknown one is settled by looking for the file:
presence proves, and absence proves only where the folder's agreement says that nobody picks files up.
"""

from __future__ import annotations

import logging
import os
import socket
from collections.abc import Iterable
from dataclasses import replace

from sqlalchemy.engine import Connection

from airflow_provider_sagex3_cleo import errors as e
from airflow_provider_sagex3_cleo.ledger import attempts, interchanges, numbers
from airflow_provider_sagex3_cleo.ledger.states import AttemptOutcome, DocState, InterchangeState, NumberState
from airflow_provider_sagex3_cleo.pipeline.lane import File, Lane, LaneStopped
from airflow_provider_sagex3_cleo.pipeline.looking import Seen, look

__all__ = ["resume", "upload", "void_numbers"]

log = logging.getLogger(__name__)

TRIES = 3


def upload(file: File, lane: Lane, *, verify: bool = False) -> None:
    """Send the stored bytes under their name, once, and store the outcome.

    Args:
        verify: look at the file after a success as well.

    Raises: LaneStopped after a refusal or where the outcome stays unknown, LostRace where the lane was taken over."""
    row = file.row
    lane.agreement(file.agreement)
    with lane.ledger.begin() as db:
        left = lane.hold_lease(db)
        if row.state is not InterchangeState.SENDING:
            lane.move_file(db, file, row.state, InterchangeState.SENDING, "upload begins")
        if row.state is InterchangeState.REFUSED:
            ids = [d.id for d in file.documents]
            lane.move_documents(db, ids, DocState.READY, DocState.SENDING, "sent again under the same numbers")
        for level, number in interchanges.numbers_of(db, row):
            numbers.mark(db, lane.source_id, row.sender, row.receiver, level, number, NumberState.USED,
                         run_id=lane.run.run_id)  # fmt: skip
        attempts.close_open(db, row.id, "its sender stopped", lease=lane.token)
        worker = f"{socket.gethostname()}:{os.getpid()}"
        attempt = attempts.start(db, row.id, lease=lane.token, run_id=lane.run.run_id, worker=worker)
    file = replace(file, row=replace(row, state=InterchangeState.SENDING))
    try:
        result = lane.cleo.upload(row.folder, row.file_name, file.data, deadline_s=lane.deadline_s(left))
    except e.AnswerLost as problem:
        _by_sight(file, lane, attempt, _look(file, lane), str(problem))
    except e.AlreadyThere as problem:
        seen = _look(file, lane)
        if seen == "absent":
            seen = "unknown"  # Cleo says it is there and does not show it: believe neither
        _by_sight(file, lane, attempt, "other" if seen == "part" else seen, str(problem))
    except e.ProviderError as problem:
        _settle(file, lane, attempt, InterchangeState.REFUSED, DocState.READY, str(problem), "refused",
                problem.where.get("status"))  # fmt: skip
        raise LaneStopped(f"folder {row.folder}: {problem}", retry=isinstance(problem, e.Retry)) from problem
    else:
        note = f"Cleo answered {result.status}"
        if result.stored_name and result.stored_name != row.file_name:
            note += f" and stored it as {result.stored_name}"
        if verify or lane.settings.read_back:
            seen = _look(file, lane)
            note += f"; looked: {seen}"
            if seen in ("other", "part"):
                why = f"{note}, so the file there is not what was sent"
                _settle(file, lane, attempt, InterchangeState.IN_DOUBT, DocState.IN_DOUBT, why, "in_doubt")
                raise LaneStopped(f"{file.name}: {why}; remove it there", retry=False)
        _settle(file, lane, attempt, InterchangeState.SENT, DocState.SENT, note, "sent", result.status)


def resume(file: File, lane: Lane) -> None:
    """Settle an interchange that an earlier sender left behind.

    Stored ones never left; refused ones are tried again with their number and bytes unless a document was replaced
    meanwhile; sending, doubtful and blocked ones are looked for first."""
    state = file.row.state
    if state is InterchangeState.STORED:
        upload(file, lane)
    elif state is InterchangeState.SENDING:
        _by_sight(file, lane, None, _look(file, lane), "a sender stopped before the outcome was known")
    elif state is InterchangeState.IN_DOUBT:
        if _look(file, lane) == "same":
            _settle(file, lane, None, InterchangeState.SENT, DocState.SENT, "found on Cleo", "sent")
        else:
            lane.counts["in_doubt"] += len(file.documents)
    elif file.states == {DocState.READY}:
        upload(file, lane)
    elif file.states == {DocState.BLOCKED}:
        _unblock(file, lane)
    else:
        why = "a document of it was replaced before it could be sent; its numbers are void"
        with lane.ledger.begin() as db:
            lane.hold_lease(db)
            lane.move_file(db, file, state, InterchangeState.VOIDED, why)
            void_numbers(db, lane, file.row.sender, file.row.receiver, interchanges.numbers_of(db, file.row), why)


def void_numbers(
    db: Connection, lane: Lane, sender: str, receiver: str, given: Iterable[tuple[str, int]], why: str
) -> None:  # fmt: skip
    """Say of the numbers given to an interchange, each with its level, that they are void, and why."""
    for level, number in given:
        numbers.mark(db, lane.source_id, sender, receiver, level, number, NumberState.VOIDED,
                     run_id=lane.run.run_id, reason=why)  # fmt: skip


def _unblock(file: File, lane: Lane) -> None:
    """A file of the same name and other content stood in the way: go on when it is gone."""
    if _look(file, lane) in ("other", "part", "unknown"):
        lane.counts["blocked"] += len(file.documents)
        raise LaneStopped(f"{file.name} exists with other content: remove it there", retry=False)
    with lane.ledger.begin() as db:
        lane.hold_lease(db)
        lane.move_documents(db, [d.id for d in file.documents], DocState.BLOCKED, DocState.READY,
                            "the file that stood in the way is gone")  # fmt: skip
    upload(lane.file(file.row.id), lane)


def _by_sight(file: File, lane: Lane, attempt: int | None, seen: Seen, why: str) -> None:
    """Settle an unknown outcome by what is on Cleo under the file's name."""
    never = lane.agreement(file.agreement).pickup == "never"
    if seen == "same":
        _settle(file, lane, attempt, InterchangeState.SENT, DocState.SENT, f"{why}; found on Cleo", "sent")
    elif seen in ("absent", "part") and never:
        note = f"{why}; looked: {seen}, so it did not arrive whole"
        _close(file, lane, attempt, note)
        with lane.ledger.reading() as db:
            tries = sum(a.run_id == lane.run.run_id for a in attempts.of(db, file.row.id))
        if tries >= TRIES:
            lane.counts["unknown"] += len(file.documents)
            raise LaneStopped(f"{file.name}: no answer after {tries} tries ({why})", retry=True)
        log.warning("%s: %s; the same bytes go again under the same name.", file.name, note)
        upload(file, lane, verify=True)
    elif seen == "other":
        note = f"{why}; a file of this name with other content is on Cleo"
        _settle(file, lane, attempt, InterchangeState.REFUSED, DocState.BLOCKED, note, "blocked")
        raise LaneStopped(f"{file.name} exists with other content: remove it there", retry=False)
    elif seen in ("absent", "part"):
        note = f"{why}; looked: {seen}, but this folder is emptied by others, so that proves nothing"
        _settle(file, lane, attempt, InterchangeState.IN_DOUBT, DocState.IN_DOUBT, note, "in_doubt")
        log.error("%s is in doubt: ask the partner or look into Cleo's log; it is not sent again by itself.", file.name)
    else:
        _close(file, lane, attempt, f"{why}; and looking for it failed")
        lane.counts["unknown"] += len(file.documents)
        raise LaneStopped(f"{file.name}: the outcome is unknown and Cleo cannot be asked now ({why})", retry=True)


def _look(file: File, lane: Lane) -> Seen:
    return look(lane.cleo, file.row.folder, file.row.file_name, file.data)


def _close(file: File, lane: Lane, attempt: int | None, note: str) -> None:
    with lane.ledger.begin() as db:
        lane.hold_lease(db)
        if attempt is None:
            attempts.close_open(db, file.row.id, note, lease=lane.token)
        else:
            attempts.finish(db, attempt, AttemptOutcome.UNKNOWN, note)


def _settle(
    file: File, lane: Lane, attempt: int | None, state: InterchangeState, document: DocState, why: str, counted: str,
    status: int | None = None,
) -> None:  # fmt: skip
    """One transaction: the attempt's outcome, the interchange's and its documents' new state."""
    outcome = {InterchangeState.SENT: AttemptOutcome.SENT, InterchangeState.REFUSED: AttemptOutcome.REFUSED}
    doubtful = file.row.state is InterchangeState.IN_DOUBT
    with lane.ledger.begin() as db:
        lane.hold_lease(db)
        if attempt is None:
            attempts.close_open(db, file.row.id, why, lease=lane.token)
        else:
            attempts.finish(db, attempt, outcome.get(state, AttemptOutcome.UNKNOWN), why, status)
        lane.move_file(db, file, file.row.state, state, why)
        was = DocState.IN_DOUBT if doubtful else DocState.SENDING
        lane.move_documents(db, [d.id for d in file.documents], was, document, why)
    lane.counts[counted] += len(file.documents)
    log.info("%s: %s (%s)", file.name, counted, why)
