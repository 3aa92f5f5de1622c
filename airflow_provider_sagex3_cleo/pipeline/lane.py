"""One lane under our lease, one file in it, and what can end its service for this run."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from sqlalchemy.engine import Connection

from airflow_provider_sagex3_cleo.cleo.client import CleoClient
from airflow_provider_sagex3_cleo.ledger import documents, interchanges, lanes
from airflow_provider_sagex3_cleo.ledger.database import Ledger
from airflow_provider_sagex3_cleo.ledger.documents import DocumentRow
from airflow_provider_sagex3_cleo.ledger.interchanges import InterchangeRow
from airflow_provider_sagex3_cleo.ledger.states import DocState, InterchangeState
from airflow_provider_sagex3_cleo.partners import Agreement, Book
from airflow_provider_sagex3_cleo.pipeline.run import PipelineSettings, Run

__all__ = ["File", "Lane", "LaneStopped"]

LEASE_MARGIN_S = 5.0


class LaneStopped(Exception):
    """The lane ends here for this run; `retry` says whether trying again soon may help."""

    def __init__(self, why: str, *, retry: bool) -> None:
        super().__init__(why)
        self.why, self.retry = why, retry


@dataclass(frozen=True)
class File:
    """A stored interchange with its bytes and its documents."""

    row: InterchangeRow
    data: bytes
    documents: tuple[DocumentRow, ...]

    @property
    def name(self) -> str:
        """Folder and name, for people."""
        return f"{self.row.folder}/{self.row.file_name}"

    @property
    def states(self) -> frozenset[DocState]:
        """The states its documents are in."""
        return frozenset(document.state for document in self.documents)

    @property
    def agreement(self) -> str:
        """Id of the agreement its documents were written under."""
        return self.documents[0].agreement or ""


@dataclass(frozen=True)
class Lane:
    """A lane (pair of identities and set) that this task serves; all its writes name the lease."""

    id: int
    key: str
    token: str
    source_id: int
    run: Run
    settings: PipelineSettings
    ledger: Ledger
    cleo: CleoClient
    book: Book
    counts: Counter[str]

    def hold_lease(self, db: Connection) -> float:
        """Seconds left of the lease by the database's clock, renewed when it is short.

        Raises: LostRace where another task has taken the lane over."""
        left = lanes.seconds_left(db, self.id, self.token)
        if left < self.settings.upload_deadline_s + LEASE_MARGIN_S:
            lanes.renew(db, self.id, self.token, self.settings.lease_s)
            left = lanes.seconds_left(db, self.id, self.token)
        return left

    def deadline_s(self, left: float) -> float:
        """Total seconds one upload may take: always shorter than what is left of the lease."""
        return max(1.0, min(self.settings.upload_deadline_s, left - LEASE_MARGIN_S))

    def agreement(self, agreement_id: str | None) -> Agreement:
        """The agreement a document was written under.

        Raises: LaneStopped where it is gone from the agreements folder."""
        found = self.book.agreement(agreement_id or "")
        if found is None:
            raise LaneStopped(
                f"agreement {agreement_id} is gone from {self.settings.agreements} while documents wait under it:"
                " put it back", retry=False,
            )  # fmt: skip
        return found

    def file(self, interchange_id: int) -> File:
        """The stored interchange of this id, as it is now."""
        with self.ledger.reading() as db:
            row = interchanges.get(db, interchange_id)
            assert row is not None, "interchanges are never deleted"
            return File(row, interchanges.data(db, interchange_id), tuple(documents.in_interchange(db, interchange_id)))

    def move_file(self, db: Connection, file: File, was: InterchangeState, to: InterchangeState, why: str) -> None:
        """Move the interchange under our lease."""
        interchanges.move(db, file.row.id, was, to, why, lease=self.token, run_id=self.run.run_id, actor=self.run.actor)

    def move_documents(self, db: Connection, ids: list[int], was: DocState, to: DocState, why: str) -> None:
        """Move documents under our lease."""
        documents.transition_many(db, ids, was, to, why, run_id=self.run.run_id, actor=self.run.actor, lease=self.token)
