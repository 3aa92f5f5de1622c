"""Control numbers: one series per pair of identities and level, given under a row lock, each number recorded."""

from __future__ import annotations

from sqlalchemy import insert, select, update
from sqlalchemy.engine import Connection

from airflow_provider_sagex3_cleo.errors import ImpossibleTransition, LostRace
from airflow_provider_sagex3_cleo.ledger import schema
from airflow_provider_sagex3_cleo.ledger.sql import insert_once, now
from airflow_provider_sagex3_cleo.ledger.states import NumberState, check_edge

__all__ = ["HIGHEST", "mark", "skip_to", "state_of", "take"]

#: ISA13 and GS06 have nine digits; after this one comes 1 again.
HIGHEST = 999_999_999

_S, _N = schema.control_series.c, schema.control_number.c


def take(db: Connection, source_id: int, sender: str, receiver: str, level: str, *, run_id: str) -> int:
    """The next number of the series (level 'ISA', 'GS' or 'FILE'), reserved; the series is locked until the commit."""
    series_id, cycle, last = _locked(db, source_id, sender, receiver, level)
    number = last + 1
    if number > HIGHEST:
        number, cycle = 1, cycle + 1
    db.execute(update(schema.control_series).where(_S.id == series_id).values(last=number, cycle=cycle))
    db.execute(
        insert(schema.control_number).values(
            series_id=series_id,
            cycle=cycle,
            number=number,
            state=NumberState.RESERVED.value,
            run_id=run_id,
            at=now(db),
        )
    )
    return number


def skip_to(
    db: Connection, source_id: int, sender: str, receiver: str, level: str, number: int, *, run_id: str, reason: str
) -> None:
    """Let the next number be the one after `number`, which is voided with the reason (a restored database).

    Raises: ImpossibleTransition when that would give numbers out again."""
    series_id, cycle, last = _locked(db, source_id, sender, receiver, level)
    if not last < number <= HIGHEST:
        raise ImpossibleTransition(
            f"series {sender} -> {receiver} {level} is at {last}: it cannot jump to {number}",
            expected=f"a number from {last + 1} to {HIGHEST}",
            system="ledger",
        )
    db.execute(update(schema.control_series).where(_S.id == series_id).values(last=number))
    db.execute(
        insert(schema.control_number).values(
            series_id=series_id,
            cycle=cycle,
            number=number,
            state=NumberState.VOIDED.value,
            reason=reason,
            run_id=run_id,
            at=now(db),
        )
    )


def mark(
    db: Connection,
    source_id: int,
    sender: str,
    receiver: str,
    level: str,
    number: int,
    state: NumberState,
    *,
    run_id: str,
    reason: str | None = None,
) -> None:
    """Say what became of a number: used, acknowledged, or voided (with a reason). After a wrap the newest is meant.

    Raises: ImpossibleTransition (no such edge, voided without a reason, never given)."""
    if state is NumberState.VOIDED and not reason:
        raise ImpossibleTransition(f"number {number} voided without a reason", system="ledger")
    row = _newest(db, source_id, sender, receiver, level, number)
    if row is None:
        raise ImpossibleTransition(f"{sender} -> {receiver} {level} {number} was never given", system="ledger")
    number_id, was = row
    if was is state:
        return
    check_edge(was, state, record=f"{sender} -> {receiver} {level} {number}")
    values = {"state": state.value, "reason": reason, "run_id": run_id, "at": now(db)}
    mine = (_N.id == number_id, _N.state == was.value)
    if db.execute(update(schema.control_number).where(*mine).values(values)).rowcount != 1:
        raise LostRace(f"number {number} is not {was.value} any more", system="ledger")


def state_of(db: Connection, source_id: int, sender: str, receiver: str, level: str, number: int) -> NumberState | None:
    """What became of a number; None where it was never given."""
    row = _newest(db, source_id, sender, receiver, level, number)
    return row[1] if row else None


def _newest(
    db: Connection, source_id: int, sender: str, receiver: str, level: str, number: int
) -> tuple[int, NumberState] | None:
    query = (
        select(_N.id, _N.state)
        .join(schema.control_series, _S.id == _N.series_id)
        .where(_S.source_id == source_id, _S.sender == sender, _S.receiver == receiver, _S.level == level)
        .where(_N.number == number)
        .order_by(_N.cycle.desc())
        .limit(1)
    )
    row = db.execute(query).first()
    return (row.id, NumberState(row.state)) if row else None


def _locked(db: Connection, source_id: int, sender: str, receiver: str, level: str) -> tuple[int, int, int]:
    names = {"source_id": source_id, "sender": sender, "receiver": receiver, "level": level}
    mine = [_S[name] == value for name, value in names.items()]
    query = select(_S.id, _S.cycle, _S.last).where(*mine).with_for_update()
    row = db.execute(query).first()
    if row is None:
        insert_once(db, schema.control_series, **names, cycle=1, last=0)
        row = db.execute(query).one()
    return row.id, row.cycle, row.last
