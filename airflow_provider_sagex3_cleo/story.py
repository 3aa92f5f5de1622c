"""A document's story, and a run that was not made, in lines for people."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import TYPE_CHECKING

from airflow_provider_sagex3_cleo.ledger.trace import DocumentStory, EventRow, Story

if TYPE_CHECKING:
    from airflow_provider_sagex3_cleo.pipeline.plan import Plan

__all__ = ["tell", "tell_plan"]


def tell(story: Story) -> Iterator[str]:
    """Yield the story of one record: its versions, our documents, their files and tries."""
    yield f"{story.entity} {story.key}"
    for version in story.versions:
        whose = f"{version.key}, " if version.key != story.key else ""
        yield f"  record version of {whose}{_time(version.stamp)}: {version.state.value}" + _because(version.reason)
        if version.remedy:
            yield f"      remedy: {version.remedy}"
        yield from _events(version.events, "      ")
    for document in story.documents:
        yield from _document(document)


def _document(document: DocumentStory) -> Iterator[str]:
    row = document.row
    amount = f", {row.line_count} lines, {row.amount}" if row.line_count else ""
    under = f" under agreement {row.agreement}" if row.agreement else ""
    state = "sent (handed to Cleo)" if row.state == "sent" else row.state.value
    yield f"  {row.set_id} {row.number} to {row.partner}{under}, usage {row.usage}{amount}: {state}" + _because(
        row.reason
    )
    yield from _events(document.events, "      ")
    for file in document.files:
        ix = file.row
        ours = f"envelope by Cleo, our no. {ix.file_number}"
        if ix.isa is not None:
            ours = f"ISA13 {ix.isa:09d}, GS06 {file.gs}"
        numbers = f"{ours}, ST02 {file.st}"
        yield f"    file {ix.folder}/{ix.file_name} ({ix.size_bytes} bytes, {numbers})"
        yield f"      {ix.sender} -> {ix.receiver}, release {ix.release}, sha256 {ix.sha256[:16]}...: {ix.state.value}"
        for attempt in file.attempts:
            outcome = attempt.outcome.value if attempt.outcome else "no outcome yet"
            yield f"      attempt {attempt.number} at {_time(attempt.started_at)}: {outcome}" + _because(attempt.detail)
        for said in file.acknowledgments:
            late = ", late" if said.late else ""
            yield (
                f"      acknowledged {_time(said.received_at)} by {said.kind} {said.code or 'without verdict'}"
                f" ({said.outcome.value}{late}), file {said.folder}/{said.file_name}"
            )
            for sentence in said.detail:
                yield f"        {sentence}"


def _events(events: tuple[EventRow, ...], indent: str) -> Iterator[str]:
    for event in events:
        was = f"{event.was} -> " if event.was else ""
        yield f"{indent}{_time(event.at)} {was}{event.now} by {event.actor}, run {event.run_id}" + _because(event.why)


def _because(why: str | None) -> str:
    return f" ({why})" if why else ""


def _time(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M:%S}Z"


#: The outcomes of a plan in the order a reader wants them, and what they are called there.
_OUTCOMES = {
    "mapped": "would be written and sent",
    "held": "would be held",
    "quarantined": "would be quarantined",
    "waiting": "would wait for Sage X3",
    "settling": "would settle first",
    "not_for_edi": "not for EDI",
    "unchanged": "unchanged",
}


def tell_plan(plan: Plan) -> Iterator[str]:
    """Yield a plan: its window, each outcome with its count, and the records listed under it."""
    lower, upper = plan.window
    yield f"Window {_time(lower) if lower else 'the beginning'} to {_time(upper)}; Sage X3's clock says" + (
        f" {_time(plan.source_time)}. Nothing was written or sent."
    )
    if not plan.counts:
        yield "No record is new, changed or due again."
    for outcome in sorted(plan.counts, key=lambda name: [*_OUTCOMES, name].index(name)):
        yield f"{plan.counts[outcome]} {_OUTCOMES.get(outcome, outcome)}:"
        listed = [line for line in plan.lines if line.outcome == outcome]
        for line in listed:
            under = f" under {line.agreement}" if line.agreement else ""
            again = ", landed before" if line.known else ""
            yield f"  {line.key} ({line.partner or 'no partner'}{under}{again}): {line.why}"
            if line.remedy:
                yield f"      remedy: {line.remedy}"
        if len(listed) < plan.counts[outcome]:
            yield f"  ... and {plan.counts[outcome] - len(listed)} more"
    if plan.cut:
        yield "More records are there than this plan looks at (--most); the counts are not complete."
    if plan.outbox:
        left = ", ".join(f"{count} {state}" for state, count in plan.outbox.items())
        yield f"Left by earlier runs, taken up by the next one: {left}."
