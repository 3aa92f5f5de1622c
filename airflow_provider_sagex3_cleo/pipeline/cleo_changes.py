"""Change Cleo's own objects: a plan that a person reads first, then exactly that plan.

Nothing is changed unless the Cleo connection allows it (`can_change`) and the plan's hash is given back. The hash
covers each object as it was read: where one was changed meanwhile, the plan is another one.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from airflow_provider_sagex3_cleo import errors as e
from airflow_provider_sagex3_cleo.cleo.client import CleoClient
from airflow_provider_sagex3_cleo.documents.base import content_hash
from airflow_provider_sagex3_cleo.ledger import audit, cleo_changes
from airflow_provider_sagex3_cleo.ledger.database import Ledger
from airflow_provider_sagex3_cleo.ledger.states import ChangeState
from airflow_provider_sagex3_cleo.partners import Book
from airflow_provider_sagex3_cleo.partners.cleo_changes import switches
from airflow_provider_sagex3_cleo.pipeline.align import Compared

__all__ = ["ChangesUnfinished", "CleoPlan", "PlannedChange", "apply_plan", "plan_changes"]

log = logging.getLogger(__name__)


class ChangesUnfinished(e.Fail):
    """One or more objects of Cleo were not changed, or nobody knows whether they were; the others were."""

    default_remedy = "look at them in Cleo, then ask for a new plan"


@dataclass(frozen=True)
class PlannedChange:
    """One object of Cleo, how it would be changed, and why; `seen` is all of it as it was read."""

    kind: str
    name: str
    path: str
    change: Mapping[str, Any]
    why: str
    seen: Mapping[str, Any]

    @property
    def words(self) -> str:
        fields = ", ".join(f"{name}: {self.seen.get(name)!r} -> {value!r}" for name, value in self.change.items())
        return f"{self.kind} {self.name}: {fields}; {self.why}"


@dataclass(frozen=True)
class CleoPlan:
    """What would be changed. `hash` names exactly this plan over exactly these objects."""

    changes: tuple[PlannedChange, ...]

    @property
    def hash(self) -> str:
        return content_hash([[c.kind, c.name, c.path, dict(c.change), c.why, dict(c.seen)] for c in self.changes])


def plan_changes(compared: Compared, *, cleo: CleoClient, book: Book, on: date) -> CleoPlan:
    """The plan that follows from a comparison; reads each object that would be changed, and writes nothing."""
    lost = {m.agreement for m in compared.alignment.mismatches if m.kind in ("missing", "inactive")}
    planned = []
    for switch in switches(book, compared.view, lost=lost, on=on):
        seen = cleo.read_object(switch.object.path)
        text = isinstance(seen.get("enabled"), str)  # Cleo has switches as text beside real ones
        value: Any = str(switch.enabled).lower() if text else switch.enabled
        planned.append(
            PlannedChange(
                switch.object.kind, switch.object.name, switch.object.path, {"enabled": value}, switch.why, seen
            )
        )
    return CleoPlan(tuple(planned))


def apply_plan(
    plan: CleoPlan, *, given: str, cleo: CleoClient, ledger: Ledger, source_id: int, run_id: str, actor: str
) -> int:
    """Make the changes of a plan, one after the other; returns how many were made.

    Each is written down before it is made, and how it ended afterwards; all of it is sealed.

    Args:
        given: the hash that the person has read.

    Raises:
        SettingFault: changing is off, or the plan is not the one that was read; nothing was changed.
        ChangesUnfinished: something was refused, or its outcome is unknown."""
    if not cleo.settings.can_change:
        raise e.SettingFault(
            "changing objects of Cleo is switched off", system="cleo", record=f"connection {cleo.settings.conn_id}",
            field="can_change", expected="true", remedy="switch it on in the connection, for as long as it is needed",
        )  # fmt: skip
    if given != plan.hash:
        raise e.SettingFault("this is not the plan that was read", field="--yes", value=given, expected=plan.hash,
                             remedy="read the plan as it is now, and give its hash")  # fmt: skip
    problems = []
    for change in plan.changes:
        with ledger.begin() as db:
            asked = cleo_changes.ask(
                db, source_id, object=change.kind, name=change.name, change=json.dumps(dict(change.change)),
                why=change.why, plan=plan.hash, run_id=run_id, actor=actor,
            )  # fmt: skip
        try:
            cleo.change_object(change.path, change.seen, change.change)
        except e.ProviderError as problem:
            state = ChangeState.IN_DOUBT if isinstance(problem, e.AnswerLost) else ChangeState.REFUSED
            why = str(problem)
            problems.append(f"{change.kind} {change.name} ({state.value}): {problem.sentence}")
        else:
            state, why = ChangeState.DONE, "Cleo took it"
        with ledger.begin() as db:
            cleo_changes.end(db, asked, state, why, run_id=run_id, actor=actor)
    with ledger.begin() as db:
        audit.seal(db, run_id, actor)
    if problems:
        raise ChangesUnfinished("; ".join(problems), system="cleo")
    return len(plan.changes)
