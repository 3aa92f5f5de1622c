"""A document against its partner's conformance pack: held with the partner's sentence, or sent with what is allowed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from functools import lru_cache

from airflow_provider_sagex3_cleo.errors import PackBroken
from airflow_provider_sagex3_cleo.pipeline.explain import way_of
from airflow_provider_sagex3_cleo.x12 import Envelope, Finding, SetBody, reader, writer
from airflow_provider_sagex3_cleo.x12.packs import CompiledPack, is_of_pack

__all__ = ["conforms"]

MORE = 3  # other broken rules that are named beside the first


def conforms(findings: Sequence[Finding], pack: CompiledPack | None, ids: Envelope, body: SetBody, number: str) -> str:
    """What the pack let pass or warned of, in words for the audit trail; '' where there is nothing to tell.

    Args:
        findings: of the body, those of the pack's rules among them.

    Raises:
        PackBroken: the body, or the agreement's envelope, breaks a rule."""
    if pack is None:
        return ""
    mine = [finding for finding in findings if is_of_pack(finding)]
    mine += _envelope_findings(pack, ids, body.functional_group)
    faults = [finding for finding in mine if finding.severity == "error"]
    if faults:
        raise _broken(faults, pack, body, number)
    told = _sentences(mine)
    return f"; pack {pack.id}: {'; '.join(told)}" if told else ""


def _broken(faults: Sequence[Finding], pack: CompiledPack, body: SetBody, number: str) -> PackBroken:
    """The partner's sentence, the value, and where it comes from in Sage X3; other broken rules beside it."""
    first = faults[0]
    way = way_of(first, body, pack.rules[first.code].where)
    sentence, *others = _sentences([first, *(fault for fault in faults if fault.code != first.code)])
    also = "".join(f"; also {message}" for message in others[:MORE])
    more = f"; and {len(others) - MORE} more" if len(others) > MORE else ""
    return PackBroken(
        f"breaks pack {pack.id}: {sentence}{also}{more}", system="x12", record=number,
        field=first.element or first.segment, value=first.found or None,
        expected=first.expected + (f"; {way}" if way else ""),
    )  # fmt: skip


def _sentences(findings: Sequence[Finding]) -> list[str]:
    """Place and sentence of each finding, each once."""
    return list(dict.fromkeys(f"{finding.path}: {finding.message}" for finding in findings))


@lru_cache(maxsize=1024)
def _envelope_findings(pack: CompiledPack, ids: Envelope, functional_group: str) -> tuple[Finding, ...]:
    """What the pack's rules for ISA and GS find in an agreement's envelope; its numbers and time are made up."""
    empty = SetBody(pack.pack.set_id or "", functional_group, ids.release, (("CTT",),))
    data = writer.write([empty], ids, isa=1, gs=1, st=["0001"], at=datetime(2000, 1, 1, tzinfo=UTC))
    return tuple(pack.judge_envelope(reader.scan(data)[0], ()))
