"""What a run is, and what all steps of it need to know."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Literal, Protocol

from airflow_provider_sagex3_cleo import __version__
from airflow_provider_sagex3_cleo.documents.base import content_hash
from airflow_provider_sagex3_cleo.errors import SettingFault
from airflow_provider_sagex3_cleo.partners.alignment import MATCHES

__all__ = ["Kind", "PipelineSettings", "Run", "WatermarkStore", "cause_hash", "check_environment"]

Kind = Literal["poll", "daily", "backfill", "baseline"]


@dataclass(frozen=True)
class Run:
    """One run of one entity. `window_from` / `window_to` (aware UTC) are given for daily and backfill runs only."""

    run_id: str
    entity: str
    kind: Kind = "poll"
    window_from: datetime | None = None
    window_to: datetime | None = None
    select_by: Literal["cursor", "business_date"] = "cursor"
    actor: str = "airflow"


@dataclass(frozen=True)
class PipelineSettings:
    """What the steps need beyond their clients. Times are seconds; names say so.

    `source` is host:port/folder of Sage X3, `target` host:port of Cleo: the ledger is bound to both."""

    source: str
    target: str
    environment_source: str
    environment_target: str
    agreements: Path
    conn_id: str = "sagex3_default"
    lookback_s: float = 900.0
    safety_lag_s: float = 60.0
    settle_s: float = 600.0
    part_size: int = 500
    max_parts: int = 16
    lanes_per_part: int = 50
    lease_s: float = 300.0
    run_lock_s: float = 300.0
    run_lock_wait_s: float = 120.0
    upload_deadline_s: float = 120.0
    read_back: bool = False
    second_opinion_first: int = 20
    second_opinion_every: int = 100
    certificate_passes: int = 3
    ack_folders: tuple[str, ...] = ()
    ack_max_bytes: int = 10_000_000
    ack_delete: bool = False
    ack_read_again: bool = False
    cleo_envelope: str = "file"
    freshness_h: float = 24.0
    partner_entities: tuple[str, ...] = ("suppliers", "customers", "addresses", "products")
    align_match: tuple[str, ...] = MATCHES[:3]
    align_ignore: tuple[str, ...] = ()
    align_folders: bool = True
    align_csv_folder: Path | None = None
    reference_folder: str = ""
    reference_entities: tuple[str, ...] = ("suppliers", "customers", "products")
    reference_formats: tuple[str, ...] = ("csv", "jsonl")
    reference_pickup: str = "may"
    reference_guard: bool = True

    def parts(self, due: int, size: int) -> list[dict[str, int]]:
        """Parts of mapped tasks for so much due work: one at least, `max_parts` at most, growing in size instead."""
        of = min(self.max_parts, max(1, -(-due // size)))
        return [{"part": part, "of": of} for part in range(of)]


class WatermarkStore(Protocol):
    """Where watermarks live (an Airflow Variable); names and texts are ours."""

    def get(self, name: str) -> str | None:
        """The text kept under this name, or None."""
        ...

    def set(self, name: str, text: str) -> None:
        """Keep this text under this name."""
        ...


def check_environment(settings: PipelineSettings) -> None:
    """Refuse to pair a test system with a production one.

    Raises: SettingFault."""
    if settings.environment_source != settings.environment_target:
        raise SettingFault(
            f"Sage X3 is marked {settings.environment_source!r} and Cleo {settings.environment_target!r}",
            field="extra 'environment' of the two connections",
            expected="the same word on both (test or production)",
            remedy="use connections of one environment; test documents must not reach production partners",
        )


def cause_hash(book_hash: str, spec_hash: str) -> str:
    """What a held record waits for, as one hash: agreements and tables, entity specification, code version."""
    return content_hash([book_hash, spec_hash, __version__])
