"""The watermark: how far a source was read. Kept in an Airflow Variable, provable by the ledger."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from airflow_provider_sagex3_cleo.errors import WatermarkFault
from airflow_provider_sagex3_cleo.pipeline.run import WatermarkStore

__all__ = ["FORMAT_VERSION", "Watermark", "check", "read", "variable_name", "write"]

FORMAT_VERSION = 1


@dataclass(frozen=True)
class Watermark:
    """All changes before `cursor` (aware UTC, exclusive) are landed in the ledger `ledger` from `source`."""

    cursor: datetime
    source: str
    ledger: str

    def text(self) -> str:
        """The small JSON that is kept."""
        cursor = self.cursor.astimezone(UTC).isoformat()
        return json.dumps(
            {"cursor": cursor, "source": self.source, "ledger": self.ledger, "version": FORMAT_VERSION}, sort_keys=True
        )


def variable_name(conn_id: str, entity: str) -> str:
    """Name of the Airflow Variable of one connection and entity."""
    return f"sagex3_cleo_watermark_{conn_id}_{entity}"


def read(store: WatermarkStore, name: str) -> Watermark | None:
    """The watermark kept under this name, or None.

    Raises: WatermarkFault where the text is not a watermark."""
    text = store.get(name)
    if text is None:
        return None
    try:
        data = json.loads(text)
        cursor = datetime.fromisoformat(data["cursor"])
        if data["version"] != FORMAT_VERSION or cursor.tzinfo is None:
            raise ValueError("wrong version or a time without zone")
        return Watermark(cursor.astimezone(UTC), str(data["source"]), str(data["ledger"]))
    except (ValueError, KeyError, TypeError) as problem:
        raise WatermarkFault(
            "the watermark cannot be read", system="airflow", record=f"Variable {name}", value=text[:60],
            expected='JSON as {"cursor", "source", "ledger", "version": 1}',
        ) from problem  # fmt: skip


def check(
    mark: Watermark | None,
    *,
    name: str,
    source: str,
    ledger: str,
    landed: datetime | None,
    source_time: datetime | None = None,
) -> Watermark:
    """The watermark, if the ledger and the source's clock bear it out.

    Args:
        landed: upper end of the last certified window (or baseline) in the ledger, None if there is none.
        source_time: the source's own clock, once it is known.

    Raises: WatermarkFault, one sentence with the command that mends it."""
    where = {"system": "airflow", "record": f"Variable {name}"}
    if mark is None and landed is None:
        raise WatermarkFault(
            "there is no watermark yet, so nothing was read",
            remedy="run `sagex3-cleo baseline` once: earlier documents count as sent elsewhere, then unpause the DAG",
            **where,
        )
    if mark is None:
        raise WatermarkFault("the watermark is lost; the ledger can prove it",
                             remedy="run `sagex3-cleo watermark rebuild`", **where)  # fmt: skip
    if mark.ledger != ledger:
        raise WatermarkFault("the watermark belongs to another ledger", value=mark.ledger, expected=ledger,
                             remedy="use the ledger it was made with, or run `sagex3-cleo watermark rebuild`",
                             **where)  # fmt: skip
    if mark.source != source:
        raise WatermarkFault("the watermark belongs to another source", value=mark.source, expected=source,
                             remedy="check host and folder of the connection", **where)  # fmt: skip
    if source_time is not None and mark.cursor > source_time + timedelta(minutes=5):
        raise WatermarkFault("the watermark lies in the future of Sage X3's clock", value=mark.cursor.isoformat(),
                             remedy="run `sagex3-cleo watermark rebuild`", **where)  # fmt: skip
    if landed is None or mark.cursor > landed:
        raise WatermarkFault("the watermark is ahead of what the ledger has landed", value=mark.cursor.isoformat(),
                             expected=f"at most {landed.isoformat() if landed else 'nothing landed yet'}",
                             remedy="run `sagex3-cleo watermark rebuild`; it goes back to what is proven",
                             **where)  # fmt: skip
    return mark


def write(store: WatermarkStore, name: str, mark: Watermark) -> None:
    """Keep the watermark and read it back.

    Raises: WatermarkFault where another value is read: an environment or secrets-backend copy shadows the Variable."""
    text = mark.text()
    store.set(name, text)
    if store.get(name) != text:
        raise WatermarkFault(
            "the watermark was written but another value is read back",
            system="airflow", record=f"Variable {name}",
            remedy=f"remove the environment variable AIRFLOW_VAR_{name.upper()} or the secrets-backend entry that"
            " shadows it",
        )  # fmt: skip
