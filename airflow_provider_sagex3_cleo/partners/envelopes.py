"""The envelope in the words of an agreement: separators, and all that ISA and GS need but numbers and time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import AfterValidator

from airflow_provider_sagex3_cleo.partners.base import Setting

__all__ = ["Delimiters", "EnvelopeIds"]


def _separator(value: str) -> str:
    if len(value) != 1 or not value.isascii() or value.isalnum() or value in " .-+":
        raise ValueError(f"{value!r} is no delimiter; expected one character, no letter, digit, blank, '.', '-' or '+'")
    return value


Separator = Annotated[str, AfterValidator(_separator)]


class Delimiters(Setting):
    """Separators of the interchange; `line_break` adds CR LF after each segment for partners who want it."""

    segment: Separator = "~"
    element: Separator = "*"
    component: Separator = ">"
    repetition: Separator = "^"
    line_break: bool = False

    def all(self) -> tuple[str, ...]:
        return self.segment, self.element, self.component, self.repetition


@dataclass(frozen=True)
class EnvelopeIds:
    """All that the envelope of an interchange needs but its numbers and time; names as in the X12 envelope."""

    release: str
    version: str
    usage: str
    sender_qualifier: str
    sender_id: str
    receiver_qualifier: str
    receiver_id: str
    gs_sender: str
    gs_receiver: str
    ack_requested: bool
    charset: str
    delimiters: dict[str, Any]
