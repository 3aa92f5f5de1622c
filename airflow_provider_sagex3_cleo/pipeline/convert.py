"""From an agreement's plain data to the X12 room's types: the one place where the two meet."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from airflow_provider_sagex3_cleo.documents.base import content_hash
from airflow_provider_sagex3_cleo.partners import Agreement, Book, Identity
from airflow_provider_sagex3_cleo.pipeline.flows import Flow
from airflow_provider_sagex3_cleo.x12 import Delimiters, Envelope, SetBody, writer
from airflow_provider_sagex3_cleo.x12.packs import CompiledPack, compiled

__all__ = ["LEVELS", "AgreementTerms", "TermsBook", "envelope", "file_bytes", "identity_of_lane", "pack_of"]

#: The series that a file takes numbers from, by who gives the envelope: ours has two, and a name needs but one.
LEVELS: Mapping[str, tuple[str, ...]] = {"ours": ("ISA", "GS"), "cleo": ("FILE",)}


@dataclass(frozen=True)
class AgreementTerms:
    """What the steps need of one agreement: the rules of its set, its pack, its whole text and the hash of it."""

    rules: Any
    text: str
    hash: str
    pack: CompiledPack | None = None


class TermsBook:
    """Terms by agreement, worked out once each."""

    def __init__(self, flow: Flow) -> None:
        self._flow = flow
        self._known: dict[str, AgreementTerms] = {}

    def of(self, agreement: Agreement, book: Book) -> AgreementTerms:
        """The terms of one agreement of the book; its text holds the rules of its pack as well."""
        found = self._known.get(agreement.id)
        if found is None:
            data, rules, pack = agreement.model_dump(mode="json"), self._flow.rules(agreement), pack_of(agreement, book)
            if pack is not None:
                data["pack_rules"] = pack.plain()
                rules = replace(rules, relaxed=pack.relaxed(agreement.release))
            found = AgreementTerms(rules, json.dumps(data, sort_keys=True), content_hash(data), pack)
            self._known[agreement.id] = found
        return found


def pack_of(agreement: Agreement, book: Book) -> CompiledPack | None:
    """The conformance pack of an agreement, ready to judge; None where it names none."""
    pack = book.pack(agreement)
    return None if pack is None else compiled(pack)


def envelope(agreement: Agreement, identity: Identity) -> Envelope:
    """ISA and GS between one of our identities and the agreement's partner."""
    ids = vars(agreement.envelope_ids(identity))
    return Envelope(**{**ids, "delimiters": Delimiters(**ids["delimiters"])})


def file_bytes(
    bodies: Sequence[SetBody],
    ids: Envelope,
    given: Mapping[str, int],
    *,
    st: Sequence[str],
    at: datetime,
    form: str,
    more_groups: Sequence[int] = (),
    group_size: int | None = None,
) -> bytes:
    """The bytes that are uploaded.

    Args:
        given: one number for each of the `LEVELS` of the agreement's `envelope`.
        more_groups: numbers of the groups after the first one, of an envelope of ours.
        group_size: most sets in a group, as `writer.write`.
        form: what Cleo gets where it gives the envelope (setting `cleo_envelope`): `file`, an interchange whose
            numbers are our file number and stand only until Cleo puts its own in; or `sets`, ST to SE alone."""
    own = given.get("FILE")
    if own is None:
        groups = (given["GS"], *more_groups)
        return writer.write(bodies, ids, isa=given["ISA"], gs=groups, st=st, at=at, group_size=group_size)
    if form == "sets":
        return writer.write_sets(bodies, ids, st=st)
    return writer.write(bodies, ids, isa=own, gs=own, st=st, at=at)


def identity_of_lane(agreement: Agreement, lane_key: str, book: Book) -> Identity | None:
    """The identity of ours that a lane was named after, or None where the book no longer has it."""
    mine = book.identities.get(agreement.identity) if agreement.identity else None
    candidates = [mine] if mine else list(book.identities.values())
    return next((i for i in candidates if agreement.lane_key(i) == lane_key), None)
