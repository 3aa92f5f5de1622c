"""Whether a record may go now, by the status columns that the entity specification names."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from airflow_provider_sagex3_cleo.sagex3.reader import Record
from airflow_provider_sagex3_cleo.sagex3.spec_types import EntitySpec, Verdict

__all__ = ["Gate", "Reasons", "judged", "strongest"]

Reasons = Mapping[tuple[str, str], str]
_STRONGEST_FIRST: tuple[Verdict, ...] = ("never", "closed", "unknown", "wait")


@dataclass(frozen=True)
class Gate:
    """Whether a record may go now: send, wait (for a signature, for posting), never, closed, or unknown."""

    verdict: Verdict
    reason: str


def judged(record: Record, spec: EntitySpec, reasons: Reasons) -> dict[str, str]:
    """The reason for each verdict that some column of the header gives, but `send`.

    Args:
        reasons: the words for a column and a verdict."""
    found: dict[str, str] = {}
    for column, rule in spec.gates.items():
        value = record.fields.get(column)
        verdict = rule.verdict(value)
        if verdict == "unknown":
            shown = f"{column} has the value {value!r}, which nobody has told us about"
            found.setdefault(verdict, f"{shown}: {record.fault}" if value is None and record.fault else shown)
        elif verdict != "send":
            found.setdefault(verdict, f"{reasons.get((column, verdict), verdict)} ({column} {value})")
    return found


def strongest(found: Mapping[str, str], otherwise: str) -> Gate:
    """Never wins over closed, closed over unknown (a closed order's signature means nothing), unknown over wait."""
    for verdict in _STRONGEST_FIRST:
        if verdict in found:
            return Gate(verdict, found[verdict])
    return Gate("send", otherwise)
