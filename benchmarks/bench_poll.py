"""What a poll costs Sage X3 when nothing has changed: requests, counted by the sandbox."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

from airflow_provider_sagex3_cleo import pipeline
from airflow_provider_sagex3_cleo.ledger import Ledger
from airflow_provider_sagex3_cleo.partners import load_book
from airflow_provider_sagex3_cleo.pipeline import PipelineSettings, Run
from airflow_provider_sagex3_cleo.sagex3.reader import open_reader
from airflow_provider_sagex3_cleo.sagex3.settings import SageX3Settings
from airflow_provider_sagex3_cleo.sagex3.spec import load_specs
from airflow_provider_sagex3_cleo.sandbox.agreements import write_agreements
from airflow_provider_sagex3_cleo.sandbox.run import Sandbox

__all__ = ["run"]

ENTITY = "purchase_orders"


class _Variables(dict[str, str]):
    def set(self, name: str, text: str) -> None:
        self[name] = text


def run(orders: int = 200) -> list[dict[str, Any]]:
    """One row: requests of one quiet poll after a baseline over so many orders."""
    spec = load_specs(None)[ENTITY]
    with tempfile.TemporaryDirectory() as folder, Sandbox(1, orders=orders) as sandbox:
        agreements = write_agreements(Path(folder) / "agreements", sandbox.world)
        access = {k: v for k, v in sandbox.access()["sagex3"].items() if k not in ("connected_app", "extra")}
        connection = SageX3Settings.from_connection(
            "sagex3_default", **access, extras=sandbox.access()["sagex3"]["extra"]
        )
        settings = PipelineSettings(
            source=connection.source, target="127.0.0.1:1", environment_source="test", environment_target="test",
            agreements=agreements,
        )  # fmt: skip
        with Ledger.open(f"sqlite:///{folder}/ledger.db", migrate=True) as ledger:
            common: dict[str, Any] = {
                "ledger": ledger, "spec": spec, "book": load_book(agreements), "watermark": _Variables(),
                "settings": settings,
            }  # fmt: skip
            reader = open_reader(connection)
            pipeline.baseline(ENTITY, reader=reader, **common)
            reader.close()
            before = len(sandbox.x3.server.log())
            reader = open_reader(connection)  # a poll is a task of its own: it logs in again
            pipeline.extract(Run("quiet", ENTITY), reader=reader, **common)
            reader.close()
            asked = len(sandbox.x3.server.log()) - before
    most = len(spec.sources) + 1
    return [
        {
            "name": f"quiet poll: requests to Sage X3 (one for each of {len(spec.sources)} tables, and the login)",
            "value": asked,
            "floor": most,
            "ok": asked <= most,
        }
    ]
