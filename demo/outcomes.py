"""What runs did, so that it adds up: what became of the records they read, and of earlier ones they took up again."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass

from rich.table import Table
from sqlalchemy import select
from sqlalchemy.engine import Connection

from airflow_provider_sagex3_cleo.ledger import schema
from airflow_provider_sagex3_cleo.ledger.states import DocState, VersionState

__all__ = ["OUTCOMES", "Outcomes", "of_runs", "table"]

OUTCOMES = ("sent", "unchanged", "not for EDI", "waiting", "held", "quarantined")
#: A document in one of these states has not left.
HERE = {DocState.READY, DocState.SENDING}


@dataclass(frozen=True)
class Outcomes:
    """Records by outcome: those that the runs read, and those that were read before and decided anew."""

    read: Counter[str]
    again: Counter[str]

    @property
    def sent(self) -> int:
        """How many of all of them left as documents."""
        return self.read["sent"] + self.again["sent"]


def of_runs(db: Connection, source_id: int, entity: str, run_ids: Collection[str]) -> Outcomes:
    """What those runs decided; a version that a newer one of its record superseded is not counted."""
    version, document = schema.record_version.c, schema.document.c
    rows = db.execute(
        select(version.landed_run, version.state, document.state)
        .select_from(schema.record_version.outerjoin(schema.document, document.version_id == version.id))
        .where(version.source_id == source_id, version.entity == entity, version.state_run.in_(run_ids))
        .where(version.state != VersionState.SUPERSEDED.value)
    )
    read, again = Counter[str](), Counter[str]()
    for landed_run, state, document_state in rows:
        left = state == VersionState.MAPPED and document_state not in HERE
        (read if landed_run in run_ids else again)["sent" if left else _words(state)] += 1
    return Outcomes(read, again)


def table(title: str, outcomes: Outcomes) -> Table:
    """The outcomes for a terminal; the second row, and what it means, only where something was taken up again."""
    shown = Table("", "records", *OUTCOMES, title=title, title_justify="left", caption_justify="left")
    if outcomes.again:
        shown.caption = "taken up again: read earlier and still open; agreements or tables have changed since"
    for column in shown.columns[1:]:
        column.justify = "right"
    for name, counts in (("read", outcomes.read), ("taken up again", outcomes.again)):
        if counts or name == "read":
            shown.add_row(name, *(str(number) for number in (counts.total(), *(counts[o] for o in OUTCOMES))))
    return shown


def _words(state: str) -> str:
    return "not for EDI" if state == VersionState.NOT_FOR_EDI else str(state)
