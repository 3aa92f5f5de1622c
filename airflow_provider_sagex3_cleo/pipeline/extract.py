"""Extract: freeze the window, read keys and stamps, land what the ledger has not seen, certify, move the watermark."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from airflow_provider_sagex3_cleo.errors import LedgerBusy, PageDrift, ProviderError, SettingFault
from airflow_provider_sagex3_cleo.ledger import runs, sources, versions, windows
from airflow_provider_sagex3_cleo.ledger.database import Ledger
from airflow_provider_sagex3_cleo.ledger.windows import WindowRow
from airflow_provider_sagex3_cleo.partners import Book
from airflow_provider_sagex3_cleo.pipeline import watermark as marks
from airflow_provider_sagex3_cleo.pipeline.normalise import Completed
from airflow_provider_sagex3_cleo.pipeline.run import (
    PipelineSettings,
    Run,
    WatermarkStore,
    cause_hash,
    check_environment,
)
from airflow_provider_sagex3_cleo.sagex3.reader import KeyPage, KeyStamp, Reader, Record
from airflow_provider_sagex3_cleo.sagex3.spec import EntitySpec

__all__ = ["Bounds", "bind", "bounds_of", "extract", "prove"]

log = logging.getLogger(__name__)

DETAILS_AT_ONCE = 100


def bind(ledger: Ledger, settings: PipelineSettings) -> int:
    """Bind the ledger to this pair of systems (or prove that it is); returns the source's id.

    Raises: SettingFault for a mixed pair of environments, LedgerMismatch."""
    check_environment(settings)
    with ledger.begin() as db:
        return sources.bind(db, source=settings.source, target=settings.target, environment=settings.environment_source)


def prove(ledger: Ledger, settings: PipelineSettings) -> int:
    """As `bind`, writing nothing: the source's id, or 0 where the ledger is new and knows nothing of any source."""
    check_environment(settings)
    with ledger.reading() as db:
        bound = sources.prove(
            db, source=settings.source, target=settings.target, environment=settings.environment_source
        )
    return bound or 0


def extract(
    run: Run,
    *,
    reader: Reader,
    ledger: Ledger,
    spec: EntitySpec,
    book: Book,
    watermark: WatermarkStore,
    settings: PipelineSettings,
) -> dict[str, Any]:
    """Land each record changed in the run's window and certify it; returns lineage with the parts of the due work.

    A cleared or retried run reuses its frozen window. A poll reads from the watermark minus the lookback up to the
    source's own clock minus the safety lag, and moves the watermark; daily and backfill runs read their data interval
    and leave the watermark alone. Memory holds one page whatever the window.

    Raises:
        WatermarkFault, SettingFault, LedgerMismatch: before anything is read or moved.
        LedgerBusy: another run of this entity is reading.
        Retry errors of the reader; PageDrift where the window cannot be certified.
    """
    source_id = bind(ledger, settings)
    reading = _Reading(run, source_id, reader, ledger, spec, settings)
    reading.hold_lock(wait_s=settings.run_lock_wait_s)
    try:
        with ledger.reading() as db:
            window = windows.find(db, source_id, run.entity, run.run_id)
        if window is not None and window.certified_at is not None:
            log.info("The window of this run is certified already: nothing is read again.")
        else:
            window = reading.read(window, bounds_of(run, watermark, ledger, source_id, settings))
            certificate = reading.certify(window)
            with ledger.begin() as db:
                windows.certify(db, window.id, run_id=run.run_id, certificate=certificate)
    finally:
        with ledger.begin() as db:
            runs.unlock(db, source_id, run.entity, run.run_id)
    if run.kind in ("poll", "baseline"):
        _move_watermark(run, window, watermark, ledger, settings)
    cause = cause_hash(Completed(book, ledger, source_id).hash, spec.hash)
    with ledger.reading() as db:
        source_time = windows.latest_server_time(db, source_id, run.entity) or datetime.now(UTC)
        due = versions.due_count(db, source_id, run.entity, cause, source_time)
    meter = reader.meter
    log.info(
        "Read %d changed keys in %d answers (%d bytes): %d new versions landed, %d known, %d vanished; %d due.",
        reading.keys, meter.requests, meter.received_bytes, reading.landed, reading.known, reading.vanished, due,
    )  # fmt: skip
    return {
        "run_id": run.run_id,
        "kind": run.kind,
        "window": [str(window.lower) if window.lower else None, str(window.upper)],
        "source_time": source_time.isoformat(),
        "keys": reading.keys,
        "landed": reading.landed,
        "known": reading.known,
        "vanished": reading.vanished,
        "requests": meter.requests,
        "received_bytes": meter.received_bytes,
        "sessions": meter.sessions,
        "due": due,
        "parts": settings.parts(due, settings.part_size),
    }


@dataclass(frozen=True)
class Bounds:
    """The window as far as it is known before the first answer; `mark` and `landed` are proven again by X3's clock."""

    lower: datetime | None
    upper: datetime | None
    name: str = ""
    mark: marks.Watermark | None = None
    landed: datetime | None = None

    def upper_at(self, source_time: datetime, ledger: Ledger, settings: PipelineSettings) -> datetime:
        """The window's upper end once Sage X3's clock is known. Raises: WatermarkFault for one ahead of that clock."""
        if self.mark is not None:
            marks.check(self.mark, name=self.name, source=settings.source, ledger=ledger.uuid, landed=self.landed,
                        source_time=source_time)  # fmt: skip
        upper = self.upper or source_time - timedelta(seconds=settings.safety_lag_s)
        return upper if self.lower is None else max(upper, self.lower)


def bounds_of(
    run: Run, watermark: WatermarkStore, ledger: Ledger, source_id: int, settings: PipelineSettings
) -> Bounds:
    """What a run will read: its own window, or from the watermark minus the lookback on. Writes nothing.

    Raises: WatermarkFault, SettingFault."""
    if run.kind == "baseline":
        return Bounds(run.window_from, run.window_to)
    if run.kind != "poll":
        if run.window_from is None or run.window_to is None or run.window_from >= run.window_to:
            raise SettingFault(
                f"a {run.kind} run needs a window", field="window_from, window_to",
                value=f"{run.window_from} .. {run.window_to}",
                expected="two times with a zone, the first before the second",
            )  # fmt: skip
        return Bounds(run.window_from, run.window_to)
    name = marks.variable_name(settings.conn_id, run.entity)
    with ledger.reading() as db:
        last = windows.last_certified(db, source_id, run.entity)
    landed = last.upper if last else None
    mark = marks.check(  # before the first request: a wrong watermark must not cost one
        marks.read(watermark, name), name=name, source=settings.source, ledger=ledger.uuid, landed=landed,
    )  # fmt: skip
    return Bounds(mark.cursor - timedelta(seconds=settings.lookback_s), None, name, mark, landed)


def _move_watermark(
    run: Run, window: WindowRow, watermark: WatermarkStore, ledger: Ledger, settings: PipelineSettings
) -> None:
    """Forward only; a quiet poll moves it too."""
    assert window.upper is not None, "a window is frozen with its upper end"
    name = marks.variable_name(settings.conn_id, run.entity)
    current = marks.read(watermark, name) if run.kind == "poll" else None
    if current is None or current.cursor < window.upper:
        marks.write(watermark, name, marks.Watermark(window.upper, settings.source, ledger.uuid))


class _Reading:
    """Reads one window; counts what it saw."""

    def __init__(
        self, run: Run, source_id: int, reader: Reader, ledger: Ledger, spec: EntitySpec, settings: PipelineSettings
    ) -> None:
        self.run, self.source_id, self.reader = run, source_id, reader
        self.ledger, self.spec, self.settings = ledger, spec, settings
        self.keys = self.landed = self.known = self.vanished = 0
        self.one_answer_each = True
        self._locked_until = 0.0

    def hold_lock(self, wait_s: float = 0.0) -> None:
        """Take or renew the entity's run lock; short-lived, so that a dead run does not stop the next one for long.

        Args:
            wait_s: how long to wait for another run (a backfill starts many at once).

        Raises: LedgerBusy while another run reads."""
        now = time.monotonic()
        if now < self._locked_until - self.settings.run_lock_s / 2:
            return
        while not self._lock():
            if time.monotonic() - now >= wait_s:
                with self.ledger.reading() as db:
                    holder = runs.holder(db, self.source_id, self.run.entity)
                raise LedgerBusy(
                    f"run {holder.run_id if holder else 'of another task'} is reading {self.run.entity} now",
                    system="ledger", remedy="nothing to do: the task is retried when the other run is done",
                )  # fmt: skip
            time.sleep(1.0)
        self._locked_until = time.monotonic() + self.settings.run_lock_s

    def _lock(self) -> bool:
        with self.ledger.begin() as db:
            return runs.lock(db, self.source_id, self.run.entity, self.run.run_id, self.settings.run_lock_s)

    def read(self, window: WindowRow | None, bounds: Bounds) -> WindowRow:
        """Read and land the window; it is frozen by the first answer, whose clock sets its upper end."""
        upper = bounds.upper
        for source in self._sources():
            lower = window.lower if window is not None else bounds.lower
            pages = self.reader.key_pages(
                self.spec, source, lower=lower, upper=window.upper if window else upper, by=self.run.select_by
            )
            for page in pages:
                if window is None:
                    window = self._freeze(page, bounds)
                inside = self._inside(page, window)
                self._land(inside, window)
                if len(inside) < len(page.rows):
                    break
                self.one_answer_each &= page.last
        assert window is not None, "a reader yields at least one page per source"
        return window

    def certify(self, window: WindowRow) -> dict[str, Any]:
        """Prove that each key the source still shows in the window is landed at that stamp or later.

        One answer per table that held the whole window is proof enough; otherwise a keys-only pass is made, and what
        it finds is landed and looked at again.

        Raises: PageDrift where even the last pass found something new."""
        if self.one_answer_each:
            return {"how": "one answer per table held the window", "keys": self.keys, "passes": 0}
        for number in range(1, self.settings.certificate_passes + 1):
            seen = fresh = 0
            for source in self._sources():
                for page in self.reader.key_pages(
                    self.spec, source, lower=window.lower, upper=window.upper, by=self.run.select_by
                ):
                    inside = self._inside(page, window)
                    unseen = self._unseen(inside)
                    late = [row for row in inside if row.key in unseen]
                    seen, fresh = seen + len({row.key for row in inside}), fresh + len(late)
                    self._land(late, window)
            log.info("Certificate pass %d: %d keys shown, %d had to be read again.", number, seen, fresh)
            if not fresh:
                return {"how": "second pass over the keys", "keys": seen, "passes": number}
        raise PageDrift(
            "the window kept changing while it was read", system="sagex3", record=self.spec.name,
            remedy="the task is retried; the watermark did not move",
        )  # fmt: skip

    def _sources(self) -> Sequence[str]:
        """The tables asked: all of them by cursor, the header alone by business date."""
        found = self.reader.sources(self.spec)
        return found if self.run.select_by == "cursor" else found[:1]

    def _freeze(self, page: KeyPage, bounds: Bounds) -> WindowRow:
        upper = bounds.upper_at(page.server_time, self.ledger, self.settings)
        with self.ledger.begin() as db:
            window = windows.freeze(
                db, source_id=self.source_id, entity=self.run.entity, run_id=self.run.run_id, kind=self.run.kind,
                lower=bounds.lower, upper=upper, server_time=page.server_time, select_by=self.run.select_by,
            )  # fmt: skip
        log.info("Window %s to %s (Sage X3's clock says %s).", window.lower, window.upper, page.server_time)
        return window

    def _inside(self, page: KeyPage, window: WindowRow) -> list[KeyStamp]:
        """The rows of a page before the window's upper end; by business date the reader has cut already."""
        if self.run.select_by != "cursor" or window.upper is None:
            return list(page.rows)
        return [row for row in page.rows if row.stamp < window.upper]

    def _unseen(self, rows: Sequence[KeyStamp]) -> set[str]:
        with self.ledger.reading() as db:
            return versions.unseen(db, self.source_id, self.run.entity, [(row.key, row.stamp) for row in rows])

    def _land(self, rows: Sequence[KeyStamp], window: WindowRow) -> None:
        """Fetch and land the details of those rows that the ledger has not seen at their stamp."""
        self.hold_lock()
        if not rows:
            return
        stamps: dict[str, datetime] = {}
        for row in rows:
            stamps[row.key] = max(row.stamp, stamps.get(row.key, row.stamp))
        unseen = self._unseen(rows)
        missing = [key for key in stamps if key in unseen]
        self.keys += len(stamps)
        self.known += len(stamps) - len(missing)
        found = 0
        for group in _groups(self.reader.details(self.spec, missing), DETAILS_AT_ONCE):
            landings = [
                versions.Landing(r.key, max(r.stamp, stamps[r.key]), r.canonical(), self.spec.load_of(r.fields))
                for r in group
            ]
            with self.ledger.begin() as db:
                counts = versions.land(
                    db, source_id=self.source_id, entity=self.run.entity, window_id=window.id, run_id=self.run.run_id,
                    landings=landings,
                )  # fmt: skip
            self.hold_lock()
            found += len(group)
            self.landed += counts.landed
            self.known += counts.known
        if found < len(missing):
            log.warning("%d keys were listed but their details are gone (deleted meanwhile?).", len(missing) - found)
            self.vanished += len(missing) - found


def _groups(records: Iterator[Record], size: int) -> Iterator[list[Record]]:
    """Lists of at most `size`, in order, never more than one held; what came before an error is not lost."""
    group: list[Record] = []
    try:
        for record in records:
            group.append(record)
            if len(group) == size:
                yield group
                group = []
    except ProviderError:
        if group:
            yield group
        raise
    if group:
        yield group
