"""Preview: what would become of one document of Sage X3 right now. Reads, decides, writes nothing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from airflow_provider_sagex3_cleo.errors import NotFound
from airflow_provider_sagex3_cleo.ledger import documents
from airflow_provider_sagex3_cleo.ledger.database import Ledger
from airflow_provider_sagex3_cleo.partners import Book
from airflow_provider_sagex3_cleo.pipeline.convert import LEVELS, TermsBook, envelope, file_bytes
from airflow_provider_sagex3_cleo.pipeline.decide import Decision, decide
from airflow_provider_sagex3_cleo.pipeline.extract import bind
from airflow_provider_sagex3_cleo.pipeline.flows import flow_of
from airflow_provider_sagex3_cleo.pipeline.normalise import with_references
from airflow_provider_sagex3_cleo.pipeline.run import PipelineSettings
from airflow_provider_sagex3_cleo.pipeline.transform import base_reader, priors_of
from airflow_provider_sagex3_cleo.sagex3.reader import Reader, Record
from airflow_provider_sagex3_cleo.sagex3.spec import EntitySpec
from airflow_provider_sagex3_cleo.x12 import SetBody

__all__ = ["Preview", "preview"]


@dataclass(frozen=True)
class Preview:
    """The record, the decision, and the file as it would look (numbers 1, nothing reserved), or None."""

    record: Record
    decision: Decision
    interchange: bytes | None


def preview(
    key: str, *, reader: Reader, ledger: Ledger, spec: EntitySpec, book: Book, settings: PipelineSettings
) -> Preview:
    """Decide on one record as it stands in Sage X3 now, settle time over.

    Raises: NotFound where Sage X3 does not know the key."""
    record = next(reader.details(spec, [key]), None)
    if record is None:
        raise NotFound(f"Sage X3 has no {spec.name} of this key", system="sagex3", record=key,
                       remedy="check the number and the read right")  # fmt: skip
    source_id = bind(ledger, settings)
    book = with_references(book, ledger, source_id)
    with ledger.reading() as db:
        priors = priors_of(documents.for_keys(db, source_id, spec.name, [key])).get(key, [])

    decision = decide(
        record, spec=spec, book=book, settings=settings, priors=priors, base_record=base_reader(ledger),
        source_time=datetime.max.replace(tzinfo=UTC), terms=TermsBook(flow_of(spec.name)),
        second_opinion_due=lambda terms, key: True,
    )  # fmt: skip
    data = None
    if decision.draft is not None:
        draft = decision.draft
        ids = envelope(draft.agreement, draft.identity)
        given = dict.fromkeys(LEVELS[draft.agreement.envelope], 1)
        form = settings.cleo_envelope
        data = file_bytes([SetBody.load(draft.body)], ids, given, st=["0001"], at=datetime.now(UTC), form=form)
    return Preview(record, decision, data)
