"""Plan: what the next run, or the run of a window, would do. Reads Sage X3 and the ledger, decides, writes nothing.

(A login by refresh token renews it where it must, as any reading does.)
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from airflow_provider_sagex3_cleo.ledger import documents, queries, versions
from airflow_provider_sagex3_cleo.ledger.database import Ledger
from airflow_provider_sagex3_cleo.ledger.states import DocState
from airflow_provider_sagex3_cleo.partners import Book
from airflow_provider_sagex3_cleo.pipeline.convert import TermsBook
from airflow_provider_sagex3_cleo.pipeline.decide import Decision, Prior, decide
from airflow_provider_sagex3_cleo.pipeline.extract import bounds_of, prove
from airflow_provider_sagex3_cleo.pipeline.flows import flow_of
from airflow_provider_sagex3_cleo.pipeline.normalise import with_references
from airflow_provider_sagex3_cleo.pipeline.run import (
    PipelineSettings,
    Run,
    WatermarkStore,
    cause_hash,
)
from airflow_provider_sagex3_cleo.pipeline.transform import Sampler, base_reader, priors_of
from airflow_provider_sagex3_cleo.sagex3.reader import KeyStamp, Reader, Record
from airflow_provider_sagex3_cleo.sagex3.spec import EntitySpec

__all__ = ["Plan", "Planned", "plan"]

ROWS_AT_ONCE = 200
WAITING = (DocState.READY, DocState.SENDING, DocState.BLOCKED, DocState.IN_DOUBT)


@dataclass(frozen=True)
class Planned:
    """What would become of one record. `outcome` is the new state of its version, or "settling"; `known` records are
    landed already and due again."""

    key: str
    partner: str | None
    agreement: str | None
    outcome: str
    why: str
    remedy: str | None
    known: bool


@dataclass(frozen=True)
class Plan:
    """A run that was not made.

    Attributes:
        window: lower end (inclusive) and upper end (exclusive), aware UTC; None is open.
        source_time: Sage X3's clock when it was asked.
        counts: records by outcome.
        lines: at most so many of each outcome as asked for, in the order they were met.
        cut: more records were there than the plan was allowed to look at; the counts are a part of the truth.
        outbox: documents of all entities that earlier runs left behind, by state; the next run takes them up.
    """

    window: tuple[datetime | None, datetime]
    source_time: datetime
    counts: Mapping[str, int]
    lines: tuple[Planned, ...]
    cut: bool
    outbox: Mapping[str, int]


def plan(
    run: Run,
    *,
    reader: Reader,
    ledger: Ledger,
    spec: EntitySpec,
    book: Book,
    watermark: WatermarkStore,
    settings: PipelineSettings,
    limit: int = 20,
    most: int = 2_000,
) -> Plan:
    """Do all that `extract` and `transform` would do but their writing.

    Memory holds one page of keys, one record, and the keys looked at: `most` at the most.

    Args:
        run: a poll (the next run) or a backfill with its window; its run id is not used.
        limit: lines kept of each outcome.
        most: records looked at before the plan stops.

    Raises: what `extract` raises before it reads, and the reader's errors."""
    source_id = prove(ledger, settings)
    book = with_references(book, ledger, source_id)
    planning = _Planning(source_id, ledger, spec, book, settings, limit, most)
    bounds = bounds_of(run, watermark, ledger, source_id, settings)
    source_time, upper = datetime.now(UTC), bounds.upper
    for source in reader.sources(spec):
        for page in reader.key_pages(spec, source, lower=bounds.lower, upper=upper):
            if planning.source_time is None:
                planning.source_time = source_time = page.server_time
                upper = bounds.upper_at(source_time, ledger, settings)
            inside = [row for row in page.rows if upper is None or row.stamp < upper]
            planning.read(reader, inside)
            if planning.cut or len(inside) < len(page.rows):
                break
        if planning.cut:
            break
    planning.look_again(source_time)
    with ledger.reading() as db:
        standing = queries.standing(db, source_id).documents
    return Plan(
        (bounds.lower, upper or source_time), source_time, dict(sorted(planning.counts.items())),
        tuple(planning.lines), planning.cut, {str(s): standing[s] for s in WAITING if standing.get(s)},
    )  # fmt: skip


class _Planning:
    """Decides record by record, and keeps counts and some lines."""

    def __init__(
        self, source_id: int, ledger: Ledger, spec: EntitySpec, book: Book, settings: PipelineSettings, limit: int,
        most: int,
    ) -> None:  # fmt: skip
        self.source_id, self.ledger, self.spec = source_id, ledger, spec
        self.book, self.settings, self.limit, self.most = book, settings, limit, most
        self.counts: Counter[str] = Counter()
        self.lines: list[Planned] = []
        self.cut = False
        self.source_time: datetime | None = None
        self._keys: set[str] = set()
        self._base = base_reader(ledger)
        self._sampler, self._terms = Sampler(ledger, settings), TermsBook(flow_of(spec.name))

    def read(self, reader: Reader, rows: Sequence[KeyStamp]) -> None:
        """Decide on those records that the ledger has not seen at their stamp."""
        with self.ledger.reading() as db:
            unseen = versions.unseen(db, self.source_id, self.spec.name, [(row.key, row.stamp) for row in rows])
        keys = self._allowed(key for key in dict.fromkeys(row.key for row in rows) if key in unseen)
        priors = self._priors(keys)
        for record in reader.details(self.spec, keys):
            self._decide(record, priors.get(record.key, ()), known=False)

    def look_again(self, source_time: datetime) -> None:
        """Decide on what is landed and due, but for records that a newer version was read of."""
        after, cause = 0, cause_hash(self.book.hash, self.spec.hash)
        while not self.cut:
            with self.ledger.reading() as db:
                rows = versions.due(db, self.source_id, self.spec.name, cause_hash=cause, source_now=source_time,
                                    after_id=after, limit=ROWS_AT_ONCE)  # fmt: skip
            if not rows:
                return
            after = rows[-1].id
            payloads = {row.key: row.payload for row in rows}
            keys = self._allowed(iter(payloads))
            priors = self._priors(keys)
            for key in keys:
                self._decide(Record.load(payloads[key]), priors.get(key, ()), known=True)

    def _allowed(self, keys: Iterator[str]) -> list[str]:
        """The keys not looked at yet, as far as the plan may go."""
        fresh = [key for key in keys if key not in self._keys]
        room = self.most - len(self._keys)
        self.cut = self.cut or len(fresh) > room
        self._keys.update(fresh[:room])
        return fresh[:room]

    def _priors(self, keys: Sequence[str]) -> dict[str, list[Prior]]:
        with self.ledger.reading() as db:
            return priors_of(documents.for_keys(db, self.source_id, self.spec.name, keys))

    def _decide(self, record: Record, priors: Sequence[Prior], *, known: bool) -> None:
        assert self.source_time is not None, "a reader yields at least one page per source"
        decision: Decision = decide(
            record, spec=self.spec, book=self.book, settings=self.settings, priors=priors, base_record=self._base,
            source_time=self.source_time, terms=self._terms, second_opinion_due=self._sampler,
        )  # fmt: skip
        outcome = decision.outcome
        self.counts[outcome] += 1
        if self.counts[outcome] <= self.limit:
            self.lines.append(
                Planned(record.key, decision.partner, decision.agreement, outcome, decision.why, decision.remedy, known)
            )
