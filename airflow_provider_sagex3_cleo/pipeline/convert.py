"""From an agreement's plain data to the X12 room's types: the one place where the two meet."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import Any

from airflow_provider_sagex3_cleo.documents.base import content_hash
from airflow_provider_sagex3_cleo.partners import Agreement, Book, Identity
from airflow_provider_sagex3_cleo.pipeline.flows import Flow
from airflow_provider_sagex3_cleo.x12 import Delimiters, Envelope
from airflow_provider_sagex3_cleo.x12.packs import CompiledPack, compiled

__all__ = ["AgreementTerms", "TermsBook", "envelope", "identity_of_lane", "pack_of"]


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
    ids = vars(agreement.envelope(identity))
    return Envelope(**{**ids, "delimiters": Delimiters(**ids["delimiters"])})


def identity_of_lane(agreement: Agreement, lane_key: str, book: Book) -> Identity | None:
    """The identity of ours that a lane was named after, or None where the book no longer has it."""
    mine = book.identities.get(agreement.identity) if agreement.identity else None
    candidates = [mine] if mine else list(book.identities.values())
    return next((i for i in candidates if agreement.lane_key(i) == lane_key), None)
