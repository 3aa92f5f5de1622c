"""Deliver: drain sendable documents lane by lane, in order; exact bytes are stored before the first one leaves."""

from __future__ import annotations

import itertools
import logging
import os
import socket
from collections import Counter
from datetime import datetime
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

from airflow_provider_sagex3_cleo import errors as e
from airflow_provider_sagex3_cleo.cleo.client import CleoClient
from airflow_provider_sagex3_cleo.ledger import documents, interchanges, numbers
from airflow_provider_sagex3_cleo.ledger import lanes as lane_rows
from airflow_provider_sagex3_cleo.ledger.database import Ledger
from airflow_provider_sagex3_cleo.ledger.states import DocState
from airflow_provider_sagex3_cleo.partners import Book
from airflow_provider_sagex3_cleo.pipeline.convert import LEVELS, envelope, file_bytes, identity_of_lane, pack_of
from airflow_provider_sagex3_cleo.pipeline.extract import bind
from airflow_provider_sagex3_cleo.pipeline.flows import FLOWS
from airflow_provider_sagex3_cleo.pipeline.lane import Lane, LaneStopped
from airflow_provider_sagex3_cleo.pipeline.run import PipelineSettings, Run
from airflow_provider_sagex3_cleo.pipeline.upload import resume, upload, void_numbers
from airflow_provider_sagex3_cleo.x12 import SetBody, validator

__all__ = ["DeliveryIncomplete", "DeliveryRefused", "deliver", "lane_parts"]

log = logging.getLogger(__name__)


class DeliveryRefused(e.Fail):
    """Cleo refused the files of one or more lanes; the other lanes were delivered."""

    default_remedy = "mend what the reasons name; the next run delivers exactly what is left"


class DeliveryIncomplete(e.Retry):
    """Some lanes could not be finished now; trying again is safe."""


def lane_parts(run: Run, *, ledger: Ledger, settings: PipelineSettings) -> list[dict[str, int]]:
    """Parts of the lanes that have something to send: one at least, `max_parts` at most."""
    source_id = bind(ledger, settings)
    with ledger.reading() as db:
        due = len(lane_rows.due(db, source_id, _sets(run)))
    return settings.parts(due, settings.lanes_per_part)


def _sets(run: Run) -> list[str]:
    """The transaction sets of the entity; none where nothing of it is sent."""
    return [FLOWS[run.entity].set_id] if run.entity in FLOWS else []


def deliver(
    run: Run, *, ledger: Ledger, cleo: CleoClient, book: Book, settings: PipelineSettings, lanes: dict[str, int]
) -> dict[str, Any]:
    """Hand to Cleo what is sendable in one part of the lanes; repeats are safe. Returns lineage counts.

    Per lane: take the lease, settle what an earlier sender left behind, then number, store and upload new documents in
    order. What Cleo refuses goes back to ready or blocked with the reason; the other lanes go on.

    Raises:
        DeliveryRefused: one or more lanes were refused (the task ends red).
        DeliveryIncomplete: one or more outcomes are still unknown or the server failed; a retry settles them."""
    source_id = bind(ledger, settings)
    part, of = lanes["part"], lanes["of"]
    owner = f"{socket.gethostname()}:{os.getpid()}"
    counts: Counter[str] = Counter()
    refused: list[str] = []
    unfinished: list[str] = []
    with ledger.reading() as db:
        due = [row for row in lane_rows.due(db, source_id, _sets(run)) if row.id % of == part]
    for row in due:
        with ledger.begin() as db:
            token = lane_rows.lease(db, row.id, owner, settings.lease_s)
        if token is None:
            log.info("Lane %s is being served by another task.", row.key)
            counts["busy_lanes"] += 1
            continue
        lane = Lane(row.id, row.key, token, source_id, run, settings, ledger, cleo, book, counts)
        try:
            _serve(lane)
        except LaneStopped as stop:
            log.error("Lane %s: %s", lane.key, stop.why)
            (unfinished if stop.retry else refused).append(f"lane {lane.key}: {stop.why}")
        except e.LostRace:
            log.warning("Lane %s was taken over by another task; nothing of ours was written.", lane.key)
            counts["lanes_taken_over"] += 1
        finally:
            with ledger.begin() as db:
                lane_rows.release(db, row.id, token)
    words = ", ".join(f"{count} {name}" for name, count in sorted(counts.items())) or "nothing to send"
    log.info("Lanes part %d of %d: %s.", part + 1, of, words)
    if refused:
        raise DeliveryRefused("; ".join(refused + unfinished), system="cleo", record=run.run_id)
    if unfinished:
        raise DeliveryIncomplete("; ".join(unfinished), system="cleo", record=run.run_id)
    return {
        "run_id": run.run_id,
        "part": part,
        "of": of,
        "counts": dict(sorted(counts.items())),
        "requests": cleo.meter.requests,
        "sent_bytes": cleo.meter.sent_bytes,
    }


def _serve(lane: Lane) -> None:
    with lane.ledger.reading() as db:
        left_behind = interchanges.unfinished(db, lane.id)
    for row in left_behind:
        resume(lane.file(row.id), lane)
    while (interchange_id := _claim(lane)) is not None:
        upload(lane.file(interchange_id), lane)


def _claim(lane: Lane) -> int | None:
    """Claim the lane's next documents: numbers, exact bytes and state sending in one transaction; None when none wait.

    The envelope's date and time are the sender's own zone."""
    while True:
        with lane.ledger.reading() as db:
            waiting = documents.ready_in_lane(db, lane.id, limit=50)
            if not waiting:
                return None
            agreement = lane.agreement(waiting[0].agreement)
            alike = next(itertools.groupby(waiting, key=lambda d: d.agreement))[1]
            group = [d.id for d in itertools.islice(alike, agreement.documents_per_interchange)]
            found = documents.bodies(db, group)
        identity = identity_of_lane(agreement, lane.key, lane.book)
        if identity is None or agreement.target_folder is None:
            raise LaneStopped(f"agreement {agreement.id} no longer fits lane {lane.key}: put its ids back", retry=False)
        ids = envelope(agreement, identity)
        sender, receiver = f"{ids.sender_qualifier}:{ids.sender_id}", f"{ids.receiver_qualifier}:{ids.receiver_id}"
        st = [f"{position:04d}" for position in range(1, len(group) + 1)]
        bodies = [SetBody.load(found[document_id]) for document_id in group]
        take = partial(numbers.take, source_id=lane.source_id, sender=sender, receiver=receiver, run_id=lane.run.run_id)
        with lane.ledger.begin() as db:
            lane.hold_lease(db)
            given = {level: take(db, level=level) for level in LEVELS[agreement.envelope]}
            size = agreement.documents_per_group or len(group)
            more_groups = [take(db, level="GS") for _ in range(size, len(group), size)]
            at = datetime.now(ZoneInfo(identity.time_zone))
            data = file_bytes(bodies, ids, given, st=st, at=at, form=lane.settings.cleo_envelope,
                              more_groups=more_groups, group_size=size)  # fmt: skip
            judged = validator.validate(
                data, own=True, pack=pack_of(agreement, lane.book), charset=ids.charset, release=ids.release,
                component=ids.delimiters.component,
            )  # fmt: skip
            faults = [finding for finding in judged if finding.severity == "error"]
            if not faults:
                name = agreement.file_name_of(next(iter(given.values())))
                interchange_id = interchanges.store(
                    db, lane_id=lane.id, lease=lane.token, file_name=name, folder=agreement.target_folder,
                    sender=sender, receiver=receiver, numbers=given, release=ids.release, usage=ids.usage, data=data,
                    documents=list(zip(group, st, range(len(group)), strict=True)),
                    gs_of={d: more_groups[n // size - 1] for n, d in enumerate(group) if n >= size},
                    run_id=lane.run.run_id, actor=lane.run.actor,
                )  # fmt: skip
                lane.move_documents(db, group, DocState.READY, DocState.SENDING, f"claimed for {name}")
                return interchange_id
            why = f"the interchange would not be valid: {faults[0].message}"
            void_numbers(db, lane, sender, receiver, [*given.items(), *(("GS", n) for n in more_groups)], why)
            lane.move_documents(db, group, DocState.READY, DocState.BLOCKED, why)
        lane.counts["blocked"] += len(group)
        log.error("Lane %s: %s", lane.key, why)
