"""Baseline: land what exists before the first run, so that it counts as sent elsewhere. Resumable; sends nothing."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from datetime import datetime
from functools import partial
from typing import Any

from airflow_provider_sagex3_cleo.documents.base import content_hash
from airflow_provider_sagex3_cleo.errors import Action, ProviderError, SettingFault, WatermarkFault
from airflow_provider_sagex3_cleo.ledger.database import Ledger
from airflow_provider_sagex3_cleo.ledger.states import VersionState
from airflow_provider_sagex3_cleo.partners import Book
from airflow_provider_sagex3_cleo.pipeline import watermark as marks
from airflow_provider_sagex3_cleo.pipeline.decide import Decision, Elsewhere, Prior
from airflow_provider_sagex3_cleo.pipeline.extract import extract
from airflow_provider_sagex3_cleo.pipeline.flows import FLOWS, flow_of
from airflow_provider_sagex3_cleo.pipeline.reference import keep
from airflow_provider_sagex3_cleo.pipeline.report import report
from airflow_provider_sagex3_cleo.pipeline.run import PipelineSettings, Run, WatermarkStore, cause_hash
from airflow_provider_sagex3_cleo.pipeline.transform import drain
from airflow_provider_sagex3_cleo.sagex3.reader import Reader, Record
from airflow_provider_sagex3_cleo.sagex3.spec import EntitySpec

__all__ = ["baseline", "decide_baseline"]

log = logging.getLogger(__name__)


def baseline(
    entity: str, *, reader: Reader, ledger: Ledger, spec: EntitySpec, book: Book, watermark: WatermarkStore,
    settings: PipelineSettings, since: datetime | None = None, actor: str = "person",
) -> dict[str, Any]:  # fmt: skip
    """Land all records changed since `since` (None: all there are), mark the sendable ones as sent elsewhere, and set
    the watermark to Sage X3's clock. Started again after a stop it fetches only what is missing. Records of which
    nothing is sent are kept as references.

    Raises:
        WatermarkFault: there is a watermark already.
        SettingFault: `since` is after the day from which an agreement counts documents as its own."""
    if entity in FLOWS:
        _check_since(since, book, flow_of(entity).set_id)
    name = marks.variable_name(settings.conn_id, entity)
    if marks.read(watermark, name) is not None:
        raise WatermarkFault(
            "there is a watermark already, so a baseline would hide changes", system="airflow",
            record=f"Variable {name}", remedy="go on with the DAG; `sagex3-cleo watermark show` tells where it stands",
        )  # fmt: skip
    run = Run(f"baseline:{settings.conn_id}:{entity}", entity, "baseline", window_from=since, actor=actor)
    held_back = _Later(watermark)
    lineage = extract(run, reader=reader, ledger=ledger, spec=spec, book=book, watermark=held_back, settings=settings)
    if entity in FLOWS:
        part = {"part": 0, "of": 1}
        counts = drain(run, decide_baseline(spec), ledger=ledger, spec=spec, cause=cause_hash(book.hash, spec.hash),
                       settings=settings, part=part)  # fmt: skip
    else:
        counts = keep(ledger, run, spec=spec, settings=settings)
    held_back.commit()  # last: without a watermark no run starts, so a baseline that stopped half-way is simply resumed
    report(run, ledger=ledger, settings=settings, upstream={})
    return {**lineage, "counts": counts["counts"]}


def _check_since(since: datetime | None, book: Book, set_id: str) -> None:
    """An older record that is not landed would look like a new one when it is edited."""
    for agreement in book.agreements:
        if agreement.set_id != set_id:
            continue
        begins = agreement.effective_from
        if since is not None and begins is not None and begins < since.date():
            raise SettingFault(
                f"agreement {agreement.id} counts documents from {begins} on, but those before {since.date()} would not"
                " be landed and would be sent when somebody edits them",
                field="--since", value=since.date(), expected=f"{begins} or earlier",
                remedy="give an earlier day, or a later effective_from in the agreement",
            )  # fmt: skip


class _Later:
    """A watermark store that keeps the new value until all else is done."""

    def __init__(self, store: WatermarkStore) -> None:
        self._store, self._kept = store, dict[str, str]()

    def get(self, name: str) -> str | None:
        return self._kept.get(name) or self._store.get(name)

    def set(self, name: str, text: str) -> None:
        self._kept[name] = text

    def commit(self) -> None:
        for name, text in self._kept.items():
            self._store.set(name, text)


def decide_baseline(
    spec: EntitySpec,
) -> Callable[[Record, Sequence[Prior], Callable[[int], Record], datetime], Decision]:
    """What becomes of a version that a baseline landed: final records are sent elsewhere, others wait for X3."""

    flow = flow_of(spec.name)

    def decider(
        record: Record, priors: Sequence[Prior], base: Callable[[int], Record], source_time: datetime
    ) -> Decision:
        try:
            routing, gate = flow.route(record), flow.gate(record, spec)
        except ProviderError as problem:
            if problem.action not in (Action.HOLD, Action.QUARANTINE):
                raise
            return Decision(VersionState.QUARANTINED, problem.sentence, remedy=problem.remedy,
                            partner=flow.partner(record))  # fmt: skip
        by = partial(Decision, partner=routing.partner)
        if priors:
            return by(VersionState.UNCHANGED, "landed before")
        if gate.verdict == "never":
            return by(VersionState.NOT_FOR_EDI, gate.reason)
        if gate.verdict == "wait":
            return by(VersionState.WAITING, gate.reason)
        if gate.verdict == "unknown":
            return by(VersionState.HELD, gate.reason)
        if gate.verdict == "closed":
            return by(VersionState.UNCHANGED, f"{gate.reason} before the baseline")
        elsewhere = Elsewhere(routing, content_hash(record.fields))
        return by(VersionState.MAPPED, "sent elsewhere before the baseline", elsewhere=elsewhere)

    return decider
