"""Read the reference entities that the alignment and the reference files need, one after the other."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from airflow_provider_sagex3_cleo.errors import ProviderError, SettingFault
from airflow_provider_sagex3_cleo.ledger import windows
from airflow_provider_sagex3_cleo.ledger.database import Ledger
from airflow_provider_sagex3_cleo.partners import Book
from airflow_provider_sagex3_cleo.pipeline import watermark as marks
from airflow_provider_sagex3_cleo.pipeline.extract import bind, extract
from airflow_provider_sagex3_cleo.pipeline.run import PipelineSettings, Run, WatermarkStore
from airflow_provider_sagex3_cleo.sagex3.reader import Reader
from airflow_provider_sagex3_cleo.sagex3.spec import EntitySpec

__all__ = ["read_references"]

log = logging.getLogger(__name__)


def read_references(
    run: Run,
    *,
    reader: Reader,
    ledger: Ledger,
    specs: Mapping[str, EntitySpec],
    book: Book,
    watermark: WatermarkStore,
    settings: PipelineSettings,
) -> dict[str, Any]:
    """Land what changed in each of `partner_entities`; returns counts by entity.

    The first run of an entity reads all there is: nothing is sent of a reference, so there is nothing to hold back.
    An entity that cannot be read does not stop the others.

    Raises: the first error of an entity, after the others were read; SettingFault for an unknown entity."""
    for entity in settings.partner_entities:
        if entity not in specs:
            raise SettingFault("unknown entity", field="partner_entities", value=entity,
                               expected=", ".join(sorted(specs)))  # fmt: skip
    source_id = bind(ledger, settings)
    counts: dict[str, Any] = {}
    problems: list[ProviderError] = []
    for entity in settings.partner_entities:
        own = replace(run, entity=entity)
        if run.kind == "poll" and _never_read(ledger, source_id, entity, watermark, settings):
            log.info("%s were never read: all of them are read now.", entity)
            own = replace(own, kind="baseline")
        try:
            read = extract(own, reader=reader, ledger=ledger, spec=specs[entity], book=book, watermark=watermark,
                           settings=settings)  # fmt: skip
        except ProviderError as problem:
            log.error("%s: %s", entity, problem)
            problems.append(problem)
        else:
            counts[entity] = {name: read[name] for name in ("keys", "landed", "known", "vanished")}
    if problems:
        raise problems[0]
    return {"run_id": run.run_id, "entities": counts, "requests": reader.meter.requests}


def _never_read(
    ledger: Ledger, source_id: int, entity: str, watermark: WatermarkStore, settings: PipelineSettings
) -> bool:
    with ledger.reading() as db:
        landed = windows.last_certified(db, source_id, entity)
    return landed is None and marks.read(watermark, marks.variable_name(settings.conn_id, entity)) is None
