"""Documents on their way in any state, without Sage X3: a ledger, a fake Cleo over HTTP, and partners who answer."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import update

from airflow_provider_sagex3_cleo import pipeline
from airflow_provider_sagex3_cleo.cleo.client import CleoClient
from airflow_provider_sagex3_cleo.cleo.settings import CleoSettings
from airflow_provider_sagex3_cleo.ledger import Ledger, acknowledgments, documents, interchanges, lanes, numbers, schema
from airflow_provider_sagex3_cleo.ledger.states import DocState, InterchangeState, NumberState
from airflow_provider_sagex3_cleo.partners import Agreement, Book, Tables
from airflow_provider_sagex3_cleo.pipeline import PipelineSettings, Run
from airflow_provider_sagex3_cleo.sandbox.cleo_fake import DEFAULT_USERS, CleoFake
from airflow_provider_sagex3_cleo.sandbox.partner import INBOUND, Partner, Sent
from airflow_provider_sagex3_cleo.x12 import Envelope, SetBody
from airflow_provider_sagex3_cleo.x12.writer import write
from tests.ledger.making import RUN, T0, World

__all__ = ["Traffic"]

_S = schema.control_series.c


class Traffic(World):
    """One ledger and one fake Cleo. `send` leaves files behind as a sender does, `read` is a run of acknowledgments."""

    def __init__(self, ledger: Ledger, cleo: CleoFake, **settings: Any) -> None:
        super().__init__(ledger)
        self.cleo = cleo
        cleo.store.folder(INBOUND)
        self.partner = Partner(cleo.store)
        self.settings = replace(
            PipelineSettings("x3:443/SEED", "cleo:443", "test", "test", Path("none"), ack_folders=(INBOUND,)),
            **settings,
        )
        self.agreements: list[Agreement] = []
        login, password = next(iter(DEFAULT_USERS.items()))
        self.client = CleoClient(
            CleoSettings.from_connection(
                "cleo_default", "127.0.0.1", cleo.server.port, "http", login, password,
                {"environment": "test", "can_delete": "true"},
            )
        )  # fmt: skip
        self._made, self._runs = 0, 0

    def agreement(self, partner: str, **more: Any) -> None:
        """What was agreed with a partner."""
        values = {"id": f"{partner}-850", "partner": partner, "set": "850", "stage": "live", **more}
        self.agreements.append(Agreement.model_validate(values))

    def send(
        self, partner: str = "P1", count: int = 1, *, end: str = "sent", release: str = "004010", family: str = "a"
    ) -> tuple[Sent, list[int]]:
        """One file with so many documents, left as `end`: sent, in_doubt, sending or refused. (The file, their ids.)"""
        self._made += count
        keys = [f"PO{n:05d}" for n in range(self._made - count + 1, self._made + 1)]
        with self.ledger.begin() as db:
            lane = lanes.ensure(db, self.source, f"ZZ:US>ZZ:{partner}/{family}/P", f"out/{partner}")
        bodies = [self.body(key, release) for key in keys]
        self.land(*keys)
        by_key = {row.key: row.id for row in self.due(limit=10_000)}
        with self.ledger.begin() as db:
            news = [
                self.new_document(
                    key, by_key[key], lane_id=lane, body=body.dump(), partner=partner, number=key,
                    agreement=f"{partner}-850",
                )
                for key, body in zip(keys, bodies, strict=True)
            ]  # fmt: skip
            ids = documents.create(db, RUN, "transform", news)
        return self._leave(lane, partner, ids, bodies, end, release), ids

    @staticmethod
    def body(key: str, release: str = "004010") -> SetBody:
        rows = [
            ("BEG", "00", "SA", key, "", "20261124"),
            ("REF", "IL", "REQ-1"),
            ("N1", "ST", "Example Warehouse", "92", "NJ01"),
            ("PO1", "1000", "5", "EA", "2.5", "", "VP", "V-1", "BP", "B-1"),
            ("PID", "F", "", "", "", "Hex bolt"),
            ("PO1", "2000", "7", "QQ", "3", "", "VP", "V-2"),
            ("DTM", "002", "20261201"),
            ("CTT", "2"),
        ]
        return SetBody("850", "PO", release, tuple(rows))

    def _leave(self, lane: int, partner: str, ids: list[int], bodies: list[SetBody], end: str, release: str) -> Sent:
        st = [f"{n:04d}" for n in range(1, len(ids) + 1)]
        pair = ("ZZ:US", f"ZZ:{partner}")
        envelope = Envelope(release, "P", "ZZ", "US", "ZZ", partner, "USGS", f"{partner}GS")
        with self.ledger.begin() as db:
            token = lanes.lease(db, lane, "worker", 60)
            assert token is not None
            isa, gs = (numbers.take(db, self.source, *pair, level, run_id=RUN) for level in ("ISA", "GS"))
            data = write(bodies, envelope, isa=isa, gs=gs, st=st, at=T0)
            name = f"850_{partner}_{isa:09d}.edi"
            file = interchanges.store(
                db, lane_id=lane, lease=token, file_name=name, folder=f"out/{partner}", sender=pair[0],
                receiver=pair[1], numbers={"ISA": isa, "GS": gs}, release=release, usage="P", data=data,
                documents=list(zip(ids, st, range(len(ids)), strict=True)), run_id=RUN,
            )  # fmt: skip
            how = {"run_id": RUN, "actor": "deliver", "lease": token}
            documents.transition_many(db, ids, DocState.READY, DocState.SENDING, "claimed", **how)
            interchanges.move(db, file, InterchangeState.STORED, InterchangeState.SENDING, "begins", **how)
            for level, number in (("ISA", isa), ("GS", gs)):
                numbers.mark(db, self.source, *pair, level, number, NumberState.USED, run_id=RUN)
            lanes.release(db, lane, token)
        if end != "sending":
            self.finish(file, end)
        self.cleo.store.folder(f"out/{partner}")
        self.cleo.store.put(f"out/{partner}", name, data)
        return Sent(data)

    def finish(self, file: int, end: str) -> None:
        """The sender writes down how its try ended."""
        with self.ledger.begin() as db:
            row = interchanges.get(db, file)
            assert row is not None
            token = lanes.lease(db, row.lane_id, "worker", 60)
            how = {"run_id": RUN, "actor": "deliver", "lease": token}
            ids = [d.id for d in documents.in_interchange(db, file)]
            interchanges.move(db, file, InterchangeState.SENDING, InterchangeState(end), end, **how)
            to = {"refused": DocState.READY}.get(end) or DocState(end)
            documents.transition_many(db, ids, DocState.SENDING, to, end, **how)
            lanes.release(db, row.lane_id, token or "")

    def wrap(self) -> None:
        """All series of control numbers begin again."""
        with self.ledger.begin() as db:
            db.execute(update(schema.control_series).values(last=0, cycle=_S.cycle + 1))

    def read(self, *, at: datetime | None = None, **settings: Any) -> dict[str, Any]:
        """One run of acknowledgments with its report."""
        self._runs += 1
        run, book = Run(f"ack-{self._runs}", "acknowledgments"), self.book()
        with_settings = replace(self.settings, **settings)
        try:
            done = pipeline.acknowledge(
                run, ledger=self.ledger, cleo=self.client, book=book, settings=with_settings, at=at
            )
        finally:
            self.report = pipeline.acknowledgments_report(
                run, ledger=self.ledger, book=book, settings=with_settings, upstream={}, at=at
            )
        return done

    def book(self) -> Book:
        return Book([], Tables(), self.agreements)

    def states(self, ids: list[int]) -> list[str]:
        with self.ledger.reading() as db:
            rows = [documents.get(db, each) for each in ids]
        return [row.state.value for row in rows if row is not None]

    def said(self, document_id: int) -> list[acknowledgments.AckRow]:
        """What was said about a document, oldest first."""
        with self.ledger.reading() as db:
            files = [row.interchange_id for row in db.execute(
                schema.document_in_interchange.select().where(
                    schema.document_in_interchange.c.document_id == document_id
                )
            )]  # fmt: skip
            return [row for row in acknowledgments.of_interchanges(db, files) if row.document_id == document_id]

    def recorded(self) -> list[acknowledgments.AckFileRow]:
        """The files recorded by any run, oldest first."""
        with self.ledger.reading() as db:
            return [row for n in range(self._runs + 1) for row in acknowledgments.files_of_run(db, f"ack-{n}")]

    def outcomes(self) -> list[str]:
        """The outcomes of all statements, oldest first."""
        with self.ledger.reading() as db:
            return [
                row.outcome.value for n in range(self._runs + 1) for row in acknowledgments.of_run(db, f"ack-{n}")
            ]  # fmt: skip

    def number_states(self, partner: str, number: int) -> set[NumberState | None]:
        with self.ledger.reading() as db:
            return {
                numbers.state_of(db, self.source, "ZZ:US", f"ZZ:{partner}", level, number) for level in ("ISA", "GS")
            }  # fmt: skip
