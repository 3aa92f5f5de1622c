"""Our own identities: who we are towards trading partners, per Sage X3 company and site."""

from __future__ import annotations

from functools import cached_property
from typing import Annotated
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, Field

from airflow_provider_sagex3_cleo.documents import Party
from airflow_provider_sagex3_cleo.partners.base import (
    Address,
    CodeList,
    ContactDesk,
    Name,
    PartyId,
    Setting,
    TradingIds,
)

__all__ = ["Identity", "RemitTo"]


def _zone(value: str) -> str:
    try:
        ZoneInfo(value)
    except (KeyError, ValueError, OSError) as exc:  # an unknown name, a path, a folder
        raise ValueError(f"'{value}' is no time zone; expected a name such as America/Chicago") from exc
    return value


class RemitTo(Setting):
    """Where our customers pay to, where that is not our own address."""

    name: Annotated[Name, Field(max_length=60)]
    name2: Name | None = None
    party: PartyId | None = None
    address: Address | None = None


class Identity(Setting):
    """One of our identities. Without `sites` it stands for the whole company, with them for these sites only.

    `time_zone` gives date and time of the envelope (ISA09/10, GS04/05); document dates never shift."""

    key: Name
    company: Name
    sites: CodeList = ()
    name: Annotated[Name, Field(max_length=60)]
    name2: Name | None = None
    ids: TradingIds
    test_ids: TradingIds | None = None
    party: PartyId | None = None
    more_ids: tuple[PartyId, ...] = ()
    address: Address | None = None
    contact: ContactDesk | None = None
    remit_to: RemitTo | None = None
    time_zone: Annotated[str, AfterValidator(_zone)] = "UTC"

    @cached_property
    def payee(self) -> Party | None:
        """Where an invoice is paid to, or None where nobody has told."""
        if self.remit_to is None:
            return None
        return Party(
            code=self.key,
            name=self.remit_to.name,
            name2=self.remit_to.name2,
            identifier_kind=self.remit_to.party.kind if self.remit_to.party else None,
            identifier=self.remit_to.party.id if self.remit_to.party else None,
            address=self.remit_to.address.postal() if self.remit_to.address else None,
        )

    @cached_property
    def us(self) -> Party:
        """We as a party of a document."""
        return Party(
            code=self.key,
            name=self.name,
            name2=self.name2,
            identifier_kind=self.party.kind if self.party else None,
            identifier=self.party.id if self.party else None,
            address=self.address.postal() if self.address else None,
            contact=self.contact.contact() if self.contact else None,
        )

    def trading_ids(self, usage: str) -> TradingIds:
        """The ids for usage 'P' or 'T' (test ids are the production ones where none are given)."""
        return self.test_ids or self.ids if usage == "T" else self.ids
