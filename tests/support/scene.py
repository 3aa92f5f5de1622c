"""A whole scene for tests: sandbox, agreements, ledger, watermark; runs go through the pipeline as the DAG's do."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from airflow_provider_sagex3_cleo import pipeline
from airflow_provider_sagex3_cleo.cleo.client import CleoClient
from airflow_provider_sagex3_cleo.cleo.settings import CleoSettings
from airflow_provider_sagex3_cleo.errors import ProviderError
from airflow_provider_sagex3_cleo.ledger import Ledger
from airflow_provider_sagex3_cleo.partners import load_book
from airflow_provider_sagex3_cleo.pipeline import PipelineSettings, Run
from airflow_provider_sagex3_cleo.pipeline.align import align, alignment_report
from airflow_provider_sagex3_cleo.pipeline.partners import read_references
from airflow_provider_sagex3_cleo.pipeline.reference import keep
from airflow_provider_sagex3_cleo.pipeline.reference_files import reference_files
from airflow_provider_sagex3_cleo.sagex3.reader import open_reader
from airflow_provider_sagex3_cleo.sagex3.settings import SageX3Settings
from airflow_provider_sagex3_cleo.sagex3.spec import load_specs

ENTITY = "purchase_orders"
GATES_ALONE = """
deliveries:
  columns:
    CFMFLG: {graphql: isDeliveryValidated}
    RTNSTA: {graphql: returnStatus}
    BETFCY: {graphql: isIntersite}
"""
"""An entity file under which deliveries are read by GraphQL without what no public page names."""


class FileVariables:
    """Watermarks in a JSON file, so that several processes share them."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def _all(self) -> dict[str, str]:
        return json.loads(self.path.read_text()) if self.path.exists() else {}

    def get(self, name: str) -> str | None:
        return self._all().get(name)

    def set(self, name: str, text: str) -> None:
        self.path.write_text(json.dumps({**self._all(), name: text}))


@dataclass(frozen=True)
class Place:
    """Where everything is, as plain values: can be handed to another process. `entities` is the site's entity file."""

    sagex3: dict[str, Any]
    cleo: dict[str, Any]
    ledger_url: str
    agreements: str
    variables: str
    options: dict[str, Any]
    entities: str | None = None

    def json(self) -> str:
        return json.dumps(asdict(self))

    @classmethod
    def of(cls, text: str) -> Place:
        return cls(**json.loads(text))

    def sagex3_settings(self) -> SageX3Settings:
        return SageX3Settings.from_connection("sagex3_default", **_args(self.sagex3))

    def cleo_settings(self) -> CleoSettings:
        return CleoSettings.from_connection("cleo_default", **_args(self.cleo))

    def settings(self) -> PipelineSettings:
        sagex3, cleo = self.sagex3_settings(), self.cleo_settings()
        base = PipelineSettings(
            source=sagex3.source,
            target=cleo.base_url.partition("://")[2],
            environment_source=sagex3.environment,
            environment_target=cleo.environment,
            agreements=Path(self.agreements),
            lookback_s=60,
            safety_lag_s=1,
            settle_s=5,
            upload_deadline_s=20,
        )
        return replace(base, **self.options)

    def variables_store(self) -> FileVariables:
        return FileVariables(Path(self.variables))

    def ledger(self) -> Ledger:
        return Ledger.open(self.ledger_url, migrate=True)


def _args(connection: dict[str, Any]) -> dict[str, Any]:
    known = {key: connection.get(key) for key in ("host", "port", "schema", "login", "password")}
    return {**known, "extras": connection.get("extra", {})}


@dataclass
class Outcome:
    """What one run did: lineage of its steps, summed counts, and the problems that made tasks red."""

    run_id: str
    extract: dict[str, Any] | None
    counts: Counter[str]
    report: dict[str, Any] | None
    problems: list[ProviderError]

    @property
    def green(self) -> bool:
        return not self.problems


def run(place: Place, run_id: str, *, entity: str = ENTITY, **run_options: Any) -> Outcome:
    """One run with all its steps, as the DAG makes it: later steps go on when an earlier one failed."""
    step = Run(run_id, entity, **run_options)
    settings, spec = place.settings(), load_specs(place.entities)[entity]
    ledger, book = place.ledger(), load_book(place.agreements)
    problems: list[ProviderError] = []
    counts: Counter[str] = Counter()
    extracted: dict[str, Any] | None = None
    report: dict[str, Any] | None = None
    upstream: dict[str, str] = {}
    reader = open_reader(place.sagex3_settings())
    cleo = CleoClient(place.cleo_settings())
    try:
        try:
            extracted = pipeline.extract(
                step, reader=reader, ledger=ledger, spec=spec, book=book, watermark=place.variables_store(),
                settings=settings,
            )  # fmt: skip
        except ProviderError as problem:
            problems.append(problem)
            upstream["extract"] = "failed"
        for part in extracted["parts"] if extracted else [{"part": 0, "of": 1}]:
            done = pipeline.transform(step, ledger=ledger, spec=spec, book=book, settings=settings, part=part)
            counts.update(done["counts"])
        for part in pipeline.lane_parts(step, ledger=ledger, settings=settings):
            try:
                done = pipeline.deliver(step, ledger=ledger, cleo=cleo, book=book, settings=settings, lanes=part)
                counts.update(done["counts"])
            except ProviderError as problem:
                problems.append(problem)
                upstream["deliver"] = "failed"
        try:
            report = pipeline.report(step, ledger=ledger, settings=settings, upstream=upstream)
        except ProviderError:
            if not problems:
                raise
    finally:
        reader.close()
        cleo.close()
        ledger.close()
    return Outcome(run_id, extracted, counts, report, problems)


def baseline(place: Place, since: datetime | None = None, *, entity: str = ENTITY) -> dict[str, Any]:
    """`sagex3-cleo baseline` without the shell."""
    reader, ledger = open_reader(place.sagex3_settings()), place.ledger()
    try:
        return pipeline.baseline(
            entity, reader=reader, ledger=ledger, spec=load_specs(place.entities)[entity],
            book=load_book(place.agreements), watermark=place.variables_store(), settings=place.settings(), since=since,
        )  # fmt: skip
    finally:
        reader.close()
        ledger.close()


def acknowledge(place: Place, run_id: str, *, at: datetime | None = None) -> tuple[dict[str, Any], dict[str, Any]]:
    """One run of acknowledgments with its report, as its DAG makes it; the lineage of both."""
    step = Run(run_id, "acknowledgments")
    ledger, cleo, book = place.ledger(), CleoClient(place.cleo_settings()), load_book(place.agreements)
    common: dict[str, Any] = {"ledger": ledger, "book": book, "settings": place.settings(), "at": at}
    try:
        done = pipeline.acknowledge(step, cleo=cleo, **common)
        return done, pipeline.acknowledgments_report(step, upstream={"acknowledge": "success"}, **common)
    finally:
        cleo.close()
        ledger.close()


def partners(place: Place, run_id: str) -> tuple[dict[str, Any], list[ProviderError]]:
    """One run of the partners DAG, its steps in order, each whatever happened before; what they returned, by step."""
    step, settings, specs = Run(run_id, "partners"), place.settings(), load_specs(place.entities)
    ledger, book = place.ledger(), load_book(place.agreements)
    reader, cleo = open_reader(place.sagex3_settings()), CleoClient(place.cleo_settings())
    common: dict[str, Any] = {"ledger": ledger, "settings": settings}
    both = {**common, "reader": reader, "specs": specs, "book": book}
    todo = {
        "extract": lambda: read_references(step, watermark=place.variables_store(), **both),
        "keep": lambda: {e: keep(ledger, step, spec=specs[e], settings=settings) for e in settings.partner_entities},
        "align": lambda: align(step, cleo=cleo, **both),
        "reference_files": lambda: reference_files(step, cleo=cleo, **common),
    }
    done: dict[str, Any] = {}
    problems: list[ProviderError] = []
    try:
        for name, run_it in todo.items():
            try:
                done[name] = run_it()
            except ProviderError as problem:
                problems.append(problem)
        states = {name: "success" if name in done else "failed" for name in todo}
        try:
            done["report"] = alignment_report(step, upstream=states, **common)
        except ProviderError as problem:
            problems.append(problem)
    finally:
        reader.close()
        cleo.close()
        ledger.close()
    return done, problems
