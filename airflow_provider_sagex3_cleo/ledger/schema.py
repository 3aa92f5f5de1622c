"""All tables of the ledger. The migrations build exactly these (a test compares them).

Unique keys begin with the record's key, so that a trace by key alone uses them. Payloads, bodies and interchanges
stand last in their rows: SQLite then reads the other columns without walking through the blob's overflow pages.
"""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import (
    BigInteger,
    Column,
    Date,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    SmallInteger,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.sql.elements import TextClause

from airflow_provider_sagex3_cleo.ledger.states import OPEN_STATES, UNFINISHED, AckOutcome, DocState, State
from airflow_provider_sagex3_cleo.ledger.types import ROW_ID, UtcTime

__all__ = [
    "IS_OPEN",
    "IS_READY",
    "IS_SENT",
    "IS_UNFINISHED",
    "IS_WAITING",
    "acknowledgment",
    "acknowledgment_file",
    "agreement_version",
    "alignment_finding",
    "attempt",
    "baseline",
    "cleo_change",
    "control_number",
    "control_series",
    "document",
    "document_in_interchange",
    "event",
    "interchange",
    "lane",
    "ledger",
    "metadata",
    "record_version",
    "reference_file",
    "run_lock",
    "seal",
    "source",
    "token",
    "window",
]

metadata = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "uq": "uq_%(table_name)s_%(column_0_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "ix": "ix_%(table_name)s_%(column_0_name)s",
    }
)

HASH = String(64)
RUN = String(250)
CODE = String(80)
NAME = String(250)


def _is_one_of(states: Iterable[State]) -> TextClause:
    """Written out, without bound values, or SQLite would not use the partial index of the same words."""
    return text("state IN (" + ", ".join(f"'{state.value}'" for state in states) + ")")


#: What is still to be done is little beside what is done: partial indexes keep finding it cheap for years.
IS_OPEN = _is_one_of(OPEN_STATES)
IS_READY = _is_one_of([DocState.READY])
IS_UNFINISHED = _is_one_of(UNFINISHED)
#: Handed over and not acknowledged: what can become overdue.
IS_SENT = _is_one_of([DocState.SENT])
#: Most records belong to no load.
HAS_LOAD = text("load IS NOT NULL")
#: Most interchanges have one group.
IN_MORE_GROUPS = text("gs IS NOT NULL")
#: Acknowledgments that came before the sender of their document had written down how its try ended.
IS_WAITING = text(f"outcome = '{AckOutcome.WAITING.value}'")

#: One row: who this ledger is, the oldest code it bears, and the head of the chain of seals.
ledger = Table(
    "sxc_ledger",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("uuid", String(36), nullable=False),
    Column("oldest_code", String(32), nullable=False),
    Column("created_at", UtcTime, nullable=False),
    Column("seal_number", Integer, nullable=False),
    Column("seal_hash", HASH, nullable=False),
)

source = Table(
    "sxc_source",
    metadata,
    Column("id", ROW_ID, primary_key=True),
    Column("source", NAME, nullable=False),
    Column("target", NAME, nullable=False),
    Column("environment", String(32), nullable=False),
    Column("bound_at", UtcTime, nullable=False),
)

window = Table(
    "sxc_window",
    metadata,
    Column("id", ROW_ID, primary_key=True),
    Column("source_id", ROW_ID, ForeignKey("sxc_source.id"), nullable=False),
    Column("entity", CODE, nullable=False),
    Column("run_id", RUN, nullable=False),
    Column("kind", String(16), nullable=False),
    Column("lower_bound", UtcTime),
    Column("upper_bound", UtcTime),
    Column("server_time", UtcTime),
    Column("select_by", String(16), nullable=False),
    Column("frozen_at", UtcTime, nullable=False),
    Column("certified_at", UtcTime),
    Column("certified_run", RUN),
    Column("certificate", Text),
    UniqueConstraint("source_id", "entity", "run_id", name="uq_sxc_window_run"),
)

record_version = Table(
    "sxc_record_version",
    metadata,
    Column("id", ROW_ID, primary_key=True),
    Column("source_id", ROW_ID, ForeignKey("sxc_source.id"), nullable=False),
    Column("entity", CODE, nullable=False),
    Column("key", NAME, nullable=False),
    Column("stamp", UtcTime, nullable=False),
    Column("sha256", HASH, nullable=False),
    Column("bucket", SmallInteger, nullable=False),
    Column("window_id", ROW_ID, ForeignKey("sxc_window.id")),
    Column("landed_run", RUN, nullable=False),
    Column("landed_at", UtcTime, nullable=False),
    Column("state", String(32), nullable=False),
    Column("state_run", RUN, nullable=False),
    Column("state_at", UtcTime, nullable=False),
    Column("reason", Text),
    Column("remedy", Text),
    Column("field", NAME),
    Column("value", Text),
    Column("agreement", NAME),
    Column("partner", CODE),
    Column("cause_hash", HASH),
    Column("not_before", UtcTime),
    Column("document_id", ROW_ID),
    Column("facts", HASH, nullable=False),
    Column("chain_seq", Integer, nullable=False),
    Column("chain_hash", HASH, nullable=False),
    Column("payload", LargeBinary, nullable=False),
    Column("load", NAME),
    UniqueConstraint("key", "entity", "source_id", "stamp", "sha256", name="uq_sxc_record_version_content"),
    Index("ix_sxc_record_version_open", "source_id", "entity", "id", sqlite_where=IS_OPEN, postgresql_where=IS_OPEN),
    Index("ix_sxc_record_version_landed_run", "landed_run"),
    Index("ix_sxc_record_version_state_run", "state_run", "state"),
    Index("ix_sxc_record_version_partner", "partner", "state", "source_id", "entity", "key"),
    Index("ix_sxc_record_version_load", "load", sqlite_where=HAS_LOAD, postgresql_where=HAS_LOAD),
)

agreement_version = Table(
    "sxc_agreement_version",
    metadata,
    Column("hash", HASH, primary_key=True),
    Column("first_seen_at", UtcTime, nullable=False),
    Column("content", Text, nullable=False),
)

lane = Table(
    "sxc_lane",
    metadata,
    Column("id", ROW_ID, primary_key=True),
    Column("source_id", ROW_ID, ForeignKey("sxc_source.id"), nullable=False),
    Column("key", NAME, nullable=False),
    Column("folder", String(500), nullable=False),
    Column("lease", String(36)),
    Column("lease_owner", NAME),
    Column("lease_ends", UtcTime),
    UniqueConstraint("source_id", "key", name="uq_sxc_lane_key"),
)

document = Table(
    "sxc_document",
    metadata,
    Column("id", ROW_ID, primary_key=True),
    Column("source_id", ROW_ID, ForeignKey("sxc_source.id"), nullable=False),
    Column("entity", CODE, nullable=False),
    Column("key", NAME, nullable=False),
    Column("send_sequence", Integer, nullable=False),
    Column("set_id", String(8), nullable=False),
    Column("role", String(32), nullable=False),
    Column("usage", String(1), nullable=False),
    Column("version_id", ROW_ID, ForeignKey("sxc_record_version.id"), nullable=False),
    Column("base_version_id", ROW_ID, ForeignKey("sxc_record_version.id")),
    Column("agreement", NAME),
    Column("agreement_version", HASH, ForeignKey("sxc_agreement_version.hash")),
    Column("lane_id", ROW_ID, ForeignKey("sxc_lane.id")),
    Column("partner", CODE),
    Column("number", CODE),
    Column("order_date", Date),
    Column("amount", String(40)),
    Column("line_count", Integer),
    Column("content_hash", HASH),
    Column("body_sha256", HASH),
    Column("created_run", RUN, nullable=False),
    Column("created_at", UtcTime, nullable=False),
    Column("state", String(32), nullable=False),
    Column("state_run", RUN, nullable=False),
    Column("state_at", UtcTime, nullable=False),
    Column("reason", Text),
    Column("facts", HASH, nullable=False),
    Column("chain_seq", Integer, nullable=False),
    Column("chain_hash", HASH, nullable=False),
    Column("body", LargeBinary),
    UniqueConstraint(
        "key", "entity", "source_id", "send_sequence", "set_id", "role", "usage", name="uq_sxc_document_guard"
    ),
    Index("ix_sxc_document_ready", "lane_id", "id", sqlite_where=IS_READY, postgresql_where=IS_READY),
    Index("ix_sxc_document_sent", "agreement", "state_at", sqlite_where=IS_SENT, postgresql_where=IS_SENT),
    Index("ix_sxc_document_state_run", "state_run", "state"),
    Index("ix_sxc_document_number", "number"),
    Index("ix_sxc_document_agreement_version", "agreement_version"),
    Index("ix_sxc_document_partner", "partner", "id"),
)

#: `isa` and `gs` are the numbers of an envelope of ours; where Cleo gives the envelope, our `file_number` stands alone.
interchange = Table(
    "sxc_interchange",
    metadata,
    Column("id", ROW_ID, primary_key=True),
    Column("lane_id", ROW_ID, ForeignKey("sxc_lane.id"), nullable=False),
    Column("file_name", NAME, nullable=False),
    Column("folder", String(500), nullable=False),
    Column("sender", NAME, nullable=False),
    Column("receiver", NAME, nullable=False),
    Column("isa", Integer),
    Column("gs", Integer),
    Column("file_number", Integer),
    Column("release", String(12), nullable=False),
    Column("usage", String(1), nullable=False),
    Column("sha256", HASH, nullable=False),
    Column("size_bytes", Integer, nullable=False),
    Column("created_run", RUN, nullable=False),
    Column("created_at", UtcTime, nullable=False),
    Column("state", String(32), nullable=False),
    Column("state_run", RUN, nullable=False),
    Column("state_at", UtcTime, nullable=False),
    Column("reason", Text),
    Column("facts", HASH, nullable=False),
    Column("chain_seq", Integer, nullable=False),
    Column("chain_hash", HASH, nullable=False),
    Column("data", LargeBinary, nullable=False),
    Index("ix_sxc_interchange_unfinished", "lane_id", "id", sqlite_where=IS_UNFINISHED, postgresql_where=IS_UNFINISHED),
    Index("ix_sxc_interchange_file_name", "file_name"),
    Index("ix_sxc_interchange_isa", "isa"),
    Index("ix_sxc_interchange_gs", "gs"),
)

#: `gs` is the group's number where it is not the first one of the interchange.
document_in_interchange = Table(
    "sxc_document_in_interchange",
    metadata,
    Column("interchange_id", ROW_ID, ForeignKey("sxc_interchange.id"), primary_key=True),
    Column("document_id", ROW_ID, ForeignKey("sxc_document.id"), primary_key=True),
    Column("st", String(9), nullable=False),
    Column("position", Integer, nullable=False),
    Column("gs", Integer),
    Index("ix_sxc_document_in_interchange_document", "document_id"),
    Index("ix_sxc_document_in_interchange_gs", "gs", sqlite_where=IN_MORE_GROUPS, postgresql_where=IN_MORE_GROUPS),
)

attempt = Table(
    "sxc_attempt",
    metadata,
    Column("id", ROW_ID, primary_key=True),
    Column("interchange_id", ROW_ID, ForeignKey("sxc_interchange.id"), nullable=False),
    Column("number", Integer, nullable=False),
    Column("run_id", RUN, nullable=False),
    Column("worker", NAME, nullable=False),
    Column("lease", String(36), nullable=False),
    Column("started_at", UtcTime, nullable=False),
    Column("finished_at", UtcTime),
    Column("outcome", String(16)),
    Column("http_status", Integer),
    Column("detail", Text),
    UniqueConstraint("interchange_id", "number", name="uq_sxc_attempt_number"),
)

#: One row per file met in an inbound folder; its bytes stand with the first file that holds them.
acknowledgment_file = Table(
    "sxc_acknowledgment_file",
    metadata,
    Column("id", ROW_ID, primary_key=True),
    Column("source_id", ROW_ID, ForeignKey("sxc_source.id"), nullable=False),
    Column("folder", String(500), nullable=False),
    Column("file_name", String(255), nullable=False),
    Column("size_bytes", BigInteger, nullable=False),
    Column("sha256", HASH, nullable=False),
    Column("state", String(16), nullable=False),
    Column("reason", Text),
    Column("received_run", RUN, nullable=False),
    Column("received_at", UtcTime, nullable=False),
    Column("data", LargeBinary),
    UniqueConstraint("file_name", "folder", "source_id", "sha256", name="uq_sxc_acknowledgment_file_content"),
    Index("ix_sxc_acknowledgment_file_sha256", "sha256"),
    Index("ix_sxc_acknowledgment_file_folder", "source_id", "folder"),
    Index("ix_sxc_acknowledgment_file_run", "received_run"),
)

#: One row per document, group or interchange that a file speaks of.
acknowledgment = Table(
    "sxc_acknowledgment",
    metadata,
    Column("id", ROW_ID, primary_key=True),
    Column("file_id", ROW_ID, ForeignKey("sxc_acknowledgment_file.id"), nullable=False),
    Column("kind", String(8), nullable=False),
    Column("sender", NAME, nullable=False),
    Column("receiver", NAME, nullable=False),
    Column("number", String(40), nullable=False),
    Column("st", String(40)),
    Column("interchange_id", ROW_ID, ForeignKey("sxc_interchange.id")),
    Column("document_id", ROW_ID, ForeignKey("sxc_document.id")),
    Column("attempt_id", ROW_ID, ForeignKey("sxc_attempt.id")),
    Column("code", String(8), nullable=False),
    Column("outcome", String(16), nullable=False),
    Column("late", SmallInteger, nullable=False),
    Column("detail", Text),
    Column("received_run", RUN, nullable=False),
    Column("received_at", UtcTime, nullable=False),
    Index("ix_sxc_acknowledgment_file", "file_id"),
    Index("ix_sxc_acknowledgment_interchange", "interchange_id"),
    Index("ix_sxc_acknowledgment_document", "document_id"),
    Index("ix_sxc_acknowledgment_run", "received_run", "outcome"),
    Index("ix_sxc_acknowledgment_waiting", "id", sqlite_where=IS_WAITING, postgresql_where=IS_WAITING),
)

control_series = Table(
    "sxc_control_series",
    metadata,
    Column("id", ROW_ID, primary_key=True),
    Column("source_id", ROW_ID, ForeignKey("sxc_source.id"), nullable=False),
    Column("sender", NAME, nullable=False),
    Column("receiver", NAME, nullable=False),
    Column("level", String(4), nullable=False),
    Column("cycle", Integer, nullable=False),
    Column("last", Integer, nullable=False),
    UniqueConstraint("source_id", "sender", "receiver", "level", name="uq_sxc_control_series_pair"),
)

control_number = Table(
    "sxc_control_number",
    metadata,
    Column("id", ROW_ID, primary_key=True),
    Column("series_id", ROW_ID, ForeignKey("sxc_control_series.id"), nullable=False),
    Column("cycle", Integer, nullable=False),
    Column("number", Integer, nullable=False),
    Column("state", String(16), nullable=False),
    Column("reason", Text),
    Column("run_id", RUN, nullable=False),
    Column("at", UtcTime, nullable=False),
    UniqueConstraint("series_id", "cycle", "number", name="uq_sxc_control_number_number"),
)

event = Table(
    "sxc_event",
    metadata,
    Column("id", ROW_ID, primary_key=True),
    Column("subject", String(16), nullable=False),
    Column("subject_id", ROW_ID, nullable=False),
    Column("seq", Integer, nullable=False),
    Column("at", UtcTime, nullable=False),
    Column("run_id", RUN, nullable=False),
    Column("actor", NAME, nullable=False),
    Column("was", String(32)),
    Column("now", String(32), nullable=False),
    Column("why", Text, nullable=False),
    Column("detail", Text),
    Column("before", HASH),
    Column("after", HASH, nullable=False),
    Column("previous", HASH),
    Column("hash", HASH, nullable=False),
    Column("seal_id", ROW_ID),
    UniqueConstraint("subject", "subject_id", "seq", name="uq_sxc_event_seq"),
    Index("ix_sxc_event_seal", "seal_id", "run_id", "id"),
)

seal = Table(
    "sxc_seal",
    metadata,
    Column("id", ROW_ID, primary_key=True),
    Column("number", Integer, nullable=False),
    Column("run_id", RUN, nullable=False),
    Column("actor", NAME, nullable=False),
    Column("at", UtcTime, nullable=False),
    Column("events", Integer, nullable=False),
    Column("events_hash", HASH, nullable=False),
    Column("previous", HASH, nullable=False),
    Column("hash", HASH, nullable=False),
    UniqueConstraint("number", name="uq_sxc_seal_number"),
)

baseline = Table(
    "sxc_baseline",
    metadata,
    Column("id", ROW_ID, primary_key=True),
    Column("source_id", ROW_ID, ForeignKey("sxc_source.id"), nullable=False),
    Column("entity", CODE, nullable=False),
    Column("run_id", RUN, nullable=False),
    Column("window_id", ROW_ID, ForeignKey("sxc_window.id")),
    Column("position", Text),
    Column("landed", Integer, nullable=False),
    Column("started_at", UtcTime, nullable=False),
    Column("moved_at", UtcTime, nullable=False),
    Column("finished_at", UtcTime),
    Index("ix_sxc_baseline_entity", "source_id", "entity", "id"),
)

run_lock = Table(
    "sxc_run_lock",
    metadata,
    Column("source_id", ROW_ID, ForeignKey("sxc_source.id"), primary_key=True),
    Column("entity", CODE, primary_key=True),
    Column("run_id", RUN, nullable=False),
    Column("taken_at", UtcTime, nullable=False),
    Column("ends", UtcTime, nullable=False),
)

token = Table(
    "sxc_token",
    metadata,
    Column("name", NAME, primary_key=True),
    Column("seed_hash", HASH, nullable=False),
    Column("access_ends", UtcTime),
    Column("asked_at", UtcTime),
    Column("lease", String(36)),
    Column("lease_ends", UtcTime),
    Column("renewed_at", UtcTime, nullable=False),
    Column("refresh", LargeBinary, nullable=False),
    Column("access", LargeBinary),
)

#: One row per thing that does not fit between Sage X3, the agreements and Cleo; it stays when it is resolved.
alignment_finding = Table(
    "sxc_alignment_finding",
    metadata,
    Column("id", ROW_ID, primary_key=True),
    Column("source_id", ROW_ID, ForeignKey("sxc_source.id"), nullable=False),
    Column("kind", String(16), nullable=False),
    Column("severity", String(16), nullable=False),
    Column("agreement", CODE, nullable=False),
    Column("code", NAME, nullable=False),
    Column("subject", String(500), nullable=False),
    Column("sentence", Text, nullable=False),
    Column("first_run", RUN, nullable=False),
    Column("first_seen", UtcTime, nullable=False),
    Column("opened_run", RUN, nullable=False),
    Column("last_run", RUN, nullable=False),
    Column("last_seen", UtcTime, nullable=False),
    Column("resolved_at", UtcTime),
    Column("state", String(32), nullable=False),
    Column("state_run", RUN, nullable=False),
    Column("state_at", UtcTime, nullable=False),
    Column("facts", HASH, nullable=False),
    Column("chain_seq", Integer, nullable=False),
    Column("chain_hash", HASH, nullable=False),
    UniqueConstraint("agreement", "subject", "kind", "source_id", name="uq_sxc_alignment_finding_what"),
    Index("ix_sxc_alignment_finding_state", "source_id", "state"),
)

#: One row per reference file (suppliers, customers, products) that was written: one for each new content.
reference_file = Table(
    "sxc_reference_file",
    metadata,
    Column("id", ROW_ID, primary_key=True),
    Column("source_id", ROW_ID, ForeignKey("sxc_source.id"), nullable=False),
    Column("entity", CODE, nullable=False),
    Column("format", String(8), nullable=False),
    Column("schema", CODE, nullable=False),
    Column("folder", String(500), nullable=False),
    Column("file_name", NAME, nullable=False),
    Column("records", Integer, nullable=False),
    Column("sha256", HASH, nullable=False),
    Column("size_bytes", Integer, nullable=False),
    Column("created_run", RUN, nullable=False),
    Column("created_at", UtcTime, nullable=False),
    Column("state", String(32), nullable=False),
    Column("state_run", RUN, nullable=False),
    Column("state_at", UtcTime, nullable=False),
    Column("reason", Text),
    Column("facts", HASH, nullable=False),
    Column("chain_seq", Integer, nullable=False),
    Column("chain_hash", HASH, nullable=False),
    Column("data", LargeBinary, nullable=False),
    UniqueConstraint("file_name", "folder", "source_id", name="uq_sxc_reference_file_name"),
    Index("ix_sxc_reference_file_entity", "source_id", "entity", "format", "id"),
)

#: One row per change of an object of Cleo that a person has asked for.
cleo_change = Table(
    "sxc_cleo_change",
    metadata,
    Column("id", ROW_ID, primary_key=True),
    Column("source_id", ROW_ID, ForeignKey("sxc_source.id"), nullable=False),
    Column("object", String(16), nullable=False),
    Column("name", NAME, nullable=False),
    Column("change", Text, nullable=False),
    Column("why", Text, nullable=False),
    Column("plan", HASH, nullable=False),
    Column("asked_run", RUN, nullable=False),
    Column("asked_at", UtcTime, nullable=False),
    Column("state", String(32), nullable=False),
    Column("state_run", RUN, nullable=False),
    Column("state_at", UtcTime, nullable=False),
    Column("reason", Text),
    Column("facts", HASH, nullable=False),
    Column("chain_seq", Integer, nullable=False),
    Column("chain_hash", HASH, nullable=False),
    Index("ix_sxc_cleo_change_plan", "plan"),
)
