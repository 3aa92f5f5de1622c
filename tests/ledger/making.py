"""Makes what a run makes, in few words."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from airflow_provider_sagex3_cleo.ledger import (
    Ledger,
    documents,
    interchanges,
    lanes,
    numbers,
    sources,
    versions,
    windows,
)
from airflow_provider_sagex3_cleo.ledger.documents import NewDocument
from airflow_provider_sagex3_cleo.ledger.states import DocState, VersionState
from airflow_provider_sagex3_cleo.ledger.versions import Landing, VersionMove

__all__ = ["ENTITY", "RUN", "T0", "World", "payload"]

T0 = datetime(2026, 11, 24, 6, 0, tzinfo=UTC)
ENTITY, RUN = "purchase_orders", "scheduled__2026-11-24T06:00:00+00:00"


def payload(key: str, text: str = "") -> bytes:
    return json.dumps({"entity": ENTITY, "key": key, "text": text}).encode()


class World:
    """One ledger with a source, a window and a lane."""

    def __init__(self, ledger: Ledger) -> None:
        self.ledger = ledger
        with ledger.begin() as db:
            self.source = sources.bind(db, source="x3:443/SEED", target="cleo:443", environment="test")
            self.lane = lanes.ensure(db, self.source, "US~0042~850", "/outbound/0042")
            self.window = windows.freeze(
                db,
                source_id=self.source,
                entity=ENTITY,
                run_id=RUN,
                kind="poll",
                lower=T0,
                upper=T0 + timedelta(hours=1),
                server_time=T0 + timedelta(hours=1),
            )

    def land(self, *keys: str, stamp: datetime = T0, run_id: str = RUN, text: str = "") -> versions.LandCounts:
        with self.ledger.begin() as db:
            return versions.land(
                db,
                source_id=self.source,
                entity=ENTITY,
                window_id=self.window.id,
                run_id=run_id,
                landings=[Landing(key, stamp, payload(key, text)) for key in keys],
            )

    def due(self, *, cause: str = "c1", at: datetime = T0, **more: int) -> list[versions.VersionRow]:
        with self.ledger.reading() as db:
            return versions.due(db, self.source, ENTITY, cause_hash=cause, source_now=at, **more)

    def settle(self, *moves: VersionMove, run_id: str = RUN) -> None:
        with self.ledger.begin() as db:
            versions.settle(db, run_id, "transform", moves)

    def new_document(self, key: str, version_id: int, sequence: int = 1, **more: object) -> NewDocument:
        values: dict[str, object] = {
            "source_id": self.source,
            "entity": ENTITY,
            "key": key,
            "version_id": version_id,
            "send_sequence": sequence,
            "set_id": "850",
            "role": "order_from",
            "usage": "P",
            "agreement": "0042-850",
            "lane_id": self.lane,
            "partner": "0042",
            "number": f"PO{key}",
            "body": f"BEG*00*NE*{key}".encode(),
            "content_hash": "c" * 64,
            "order_date": date(2026, 11, 20),
            "amount": Decimal("12.50"),
            "line_count": 1,
        }
        return NewDocument(**{**values, **more})  # type: ignore[arg-type]

    def ready(self, *keys: str, **more: object) -> list[int]:
        """Land, map and claim one document for each key; the documents' ids."""
        self.land(*keys)
        by_key = {row.key: row.id for row in self.due(limit=10_000)}
        with self.ledger.begin() as db:
            ids = documents.create(db, RUN, "transform", [self.new_document(key, by_key[key], **more) for key in keys])
            versions.settle(
                db,
                RUN,
                "transform",
                [
                    VersionMove(by_key[key], VersionState.MAPPED, "new", partner="0042", document_id=each)
                    for key, each in zip(keys, ids, strict=True)
                ],
            )
        return ids

    def lease(self, lease_s: float = 60.0) -> str:
        with self.ledger.begin() as db:
            token = lanes.lease(db, self.lane, "worker-1", lease_s)
        assert token is not None
        return token

    def store(self, lease: str, *document_ids: int, data: bytes = b"ISA*00~", run_id: str = RUN) -> int:
        """Number a file with these documents and move them to sending; the interchange's id."""
        with self.ledger.begin() as db:
            isa = numbers.take(db, self.source, "US", "0042", "ISA", run_id=run_id)
            gs = numbers.take(db, self.source, "US", "0042", "GS", run_id=run_id)
            documents.transition_many(
                db,
                document_ids,
                DocState.READY,
                DocState.SENDING,
                "grouped",
                run_id=run_id,
                actor="deliver",
                lease=lease,
            )
            return interchanges.store(
                db,
                lane_id=self.lane,
                lease=lease,
                file_name=f"850_0042_{isa:09}.edi",
                folder="/outbound/0042",
                sender="US",
                receiver="0042",
                numbers={"ISA": isa, "GS": gs},
                release="004010",
                usage="P",
                data=data,
                documents=[(each, f"{place:04}", place) for place, each in enumerate(document_ids, 1)],
                run_id=run_id,
            )
