"""One small tree of errors; each class says what the caller does and what a person does.

    ProviderError
    ├── Retry        the same call may work later; Airflow's retries apply
    ├── Fail         no repeat helps: a person must change a setting
    ├── Hold         this record waits for a table, an agreement or a decision; the others go on
    └── Quarantine   this record is broken at its source; the others go on

A message is built from named parts only (system, record, field, value, expected, remedy), never from
headers or bodies, so that a secret cannot reach it.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Any, ClassVar

__all__ = [
    "AccessRejected",
    "Action",
    "AgreementFault",
    "AgreementIncomplete",
    "AgreementTie",
    "AlreadyThere",
    "AnswerLost",
    "AnswerTimedOut",
    "ConnectionLost",
    "DeadlinePassed",
    "Fail",
    "FieldMissing",
    "GateUnknown",
    "Hold",
    "ImpossibleTransition",
    "LedgerBusy",
    "LedgerMismatch",
    "LedgerUnusable",
    "LinkRefused",
    "LostRace",
    "NoLines",
    "NotFound",
    "NotJson",
    "NotRepresentable",
    "PackBroken",
    "PageDrift",
    "PageLoop",
    "PriceMismatch",
    "ProviderError",
    "QuantityMismatch",
    "Quarantine",
    "RateLimited",
    "RequestRejected",
    "Retry",
    "RightMissing",
    "ServerFailed",
    "SettingFault",
    "TlsRejected",
    "TotalMismatch",
    "UnknownItem",
    "UnknownUnit",
    "UnmappedValue",
    "ValueUnreadable",
    "WatermarkFault",
]


class Action(StrEnum):
    """What the caller does with an error."""

    RETRY = "retry"
    FAIL = "fail"
    HOLD = "hold"
    QUARANTINE = "quarantine"


class ProviderError(Exception):
    """Base of all errors raised here. `action` is for the caller, `str()` for a person.

    Args:
        found: what was found, in a few words.
        expected: what would have been right; may be empty.
        remedy: what a person does about it; falls back to the class's own `default_remedy`.
        where: system, record, field, value, line ... ; shown in that order.
    """

    action: ClassVar[Action] = Action.FAIL
    default_remedy: ClassVar[str] = ""

    def __init__(self, found: str, *, expected: str = "", remedy: str = "", **where: Any) -> None:
        super().__init__(found)
        self.found, self.expected, self.where = found, expected, where
        self.remedy = remedy or self.default_remedy

    def __reduce__(self) -> tuple[Any, ...]:  # keyword-only errors die in a worker pool without this
        return type(self).__new__, (type(self), *self.args), self.__dict__

    @property
    def sentence(self) -> str:
        """What was found, where, and what was expected, without the remedy."""
        place = " ".join(str(self.where[k]) for k in ("system", "record", "field") if self.where.get(k) is not None)
        text = f"{place}: {self.found}" if place else self.found
        if self.where.get("value") is not None:
            text += f" (value {str(self.where['value'])[:80]!r})"
        if self.expected:
            text += f"; expected {self.expected}"
        return f"{text}."

    def __str__(self) -> str:
        return f"{self.sentence} {self.remedy[:1].upper()}{self.remedy[1:]}." if self.remedy else self.sentence


class Retry(ProviderError):
    """The same call may work later. `retry_after` is what the server asked for, in seconds."""

    action = Action.RETRY
    default_remedy = "nothing to do unless it lasts: the task is retried"
    retry_after: float | None = None


class Fail(ProviderError):
    """No repeat helps: a person must change something."""

    default_remedy = "correct the setting and run again"


class Hold(ProviderError):
    """One record waits for a table, an agreement or a decision; the others go on."""

    action = Action.HOLD
    default_remedy = "complete the tables or the agreement; the record is taken up again by itself"


class Quarantine(ProviderError):
    """One record is broken at its source; the others go on."""

    action = Action.QUARANTINE
    default_remedy = "correct the record in Sage X3; its new version is read by itself"


# --- the wire -------------------------------------------------------------------------------------------------------
class ConnectionLost(Retry):
    """The server could not be reached, or the connection broke before or while it answered."""


class AnswerTimedOut(Retry):
    """The server did not answer within the time-out."""


class DeadlinePassed(Retry):
    """The total time allowed for one call, its retries included, is over."""


class RateLimited(Retry):
    """The server answered 429."""

    default_remedy = "lower rate_limit of the connection if it lasts"


class ServerFailed(Retry):
    """The server answered 5xx."""


class NotJson(Retry):
    """HTML or text where JSON belongs: a login page, a proxy or a maintenance page. Never 'no new data'."""


class PageDrift(Retry):
    """A page changed or broke while it was read; asking again is safe."""


class AnswerLost(Retry):
    """A call that must not be repeated blindly was sent and no answer came: its outcome is unknown."""

    default_remedy = "the next run looks for the file and settles it"


class AccessRejected(Fail):
    """The server refused a fresh login (401), or says the account is locked."""

    default_remedy = "check login, password and rights of the connection"


class RightMissing(Fail):
    """The server knows the user but forbids the call (403)."""

    default_remedy = "ask the administrator for the right on this resource"


class NotFound(Fail):
    """The server does not know the resource (404)."""

    default_remedy = "check the name in the settings"


class AlreadyThere(Fail):
    """The server says that the name exists (409)."""

    default_remedy = "the content decides, see `sagex3-cleo trace`"


class RequestRejected(Fail):
    """The server calls the request wrong (other 4xx, a 500 that names an unknown property, a GraphQL error)."""

    default_remedy = "check the entity specification against the site (`sagex3-cleo check`)"


class TlsRejected(Fail):
    """The server's certificate could not be verified."""

    default_remedy = "put the CA bundle's path into `verify` of the connection"


class LinkRefused(Fail):
    """A next-link points to another host and rewriting is off, or a redirect leads elsewhere."""


class PageLoop(Fail):
    """A next-link or page token came twice: reading on would never end."""

    default_remedy = "report it to the Sage X3 administrator; nothing was skipped and the watermark did not move"


# --- settings, agreements, ledger -------------------------------------------------------------------------------------
class SettingFault(Fail):
    """A setting, a connection extra or a file of ours is wrong."""


class AgreementFault(Fail):
    """An agreements file is wrong; the message names file and line."""

    default_remedy = "correct the file; `sagex3-cleo partners check` shows all faults at once"


class AgreementTie(Hold):
    """Two agreements fit one document equally well."""

    default_remedy = "make one of them more specific or give them dates that do not overlap"


class LedgerUnusable(Fail):
    """The ledger is read-only, newer than this code, not migrated, or on SQLite under a distributed executor."""


class LedgerBusy(Retry):
    """Another process holds the ledger's lock for too long."""


class LedgerMismatch(Fail):
    """The ledger belongs to another Sage X3 folder, Cleo host or environment."""


class ImpossibleTransition(Fail):
    """The state machine has no such edge; nothing was written."""

    default_remedy = "report it: this is a fault of the program"


class LostRace(Retry):
    """The row is not in the expected state or lease any more; nothing was written."""


class WatermarkFault(Fail):
    """The watermark is missing, garbage, in the future, shadowed, or of another ledger or source."""

    default_remedy = "run `sagex3-cleo watermark show`, then `watermark rebuild` or `baseline`"


# --- records ----------------------------------------------------------------------------------------------------------
class UnknownUnit(Hold):
    """An X3 unit has no X12 code in the agreement or in the common table."""

    default_remedy = "add the unit under `units` in the agreement or in tables.yaml"


class UnknownItem(Hold):
    """An item has none of the references that the agreement asks for."""

    default_remedy = "add the reference in Sage X3 (supplier's item number) or in the items table"


class AgreementIncomplete(Hold):
    """The agreement lacks a key, or a decision, that this document needs."""


class PartnerInactive(Hold):
    """The partner is switched off in Sage X3, and the tables say that its documents wait."""

    default_remedy = "activate the partner in Sage X3, send the document by other means, or end the agreement"


class PriceMismatch(Hold):
    """Price, quantity, unit conversion and line amount of a line do not agree exactly."""

    default_remedy = "check price, units and line amount in Sage X3"


class UnmappedValue(Hold):
    """A code (address, site, identity, currency, term) has no entry in a table."""


class NotRepresentable(Hold):
    """A value does not fit its element: too long, a forbidden character, a delimiter, too many decimals."""

    default_remedy = "shorten it in Sage X3, or allow a replacement in the agreement"


class GateUnknown(Hold):
    """A status has a value nobody has told us about: not sent."""

    default_remedy = "list the value under `gates` of the entity specification"


class FieldMissing(Quarantine):
    """A mandatory field is empty in Sage X3."""


class NoLines(Quarantine):
    """A document without lines."""


class ValueUnreadable(Quarantine):
    """A field of Sage X3 holds something that is not of its type."""


class TotalMismatch(Hold):
    """Lines, invoice elements and taxes of an invoice do not add up to Sage X3's total, to the cent."""

    default_remedy = "see that each invoice element and tax has the right entry in the tables"


class PackBroken(Hold):
    """A document breaks a rule of its partner's conformance pack; the sentence is the partner's."""

    default_remedy = "correct the value in Sage X3, the agreement or a table; or the pack, if the guide changed"


class QuantityMismatch(Hold):
    """A quantity cannot be said exactly in the unit that the customer ordered, or has more decimals than its unit."""

    default_remedy = "correct quantity, units or coefficients in Sage X3"
