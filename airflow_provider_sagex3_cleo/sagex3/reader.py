"""What every way of reading Sage X3 gives: keys with stamps, and whole records in one canonical form."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Literal, Protocol

from airflow_provider_sagex3_cleo.errors import ValueUnreadable

if TYPE_CHECKING:
    from airflow_provider_sagex3_cleo.sagex3.oauth import TokenStore
    from airflow_provider_sagex3_cleo.sagex3.settings import SageX3Settings
    from airflow_provider_sagex3_cleo.sagex3.spec import EntitySpec
    from airflow_provider_sagex3_cleo.transport import Meter

__all__ = [
    "By",
    "KeyPage",
    "KeyStamp",
    "ProbeResult",
    "Reader",
    "Record",
    "format_stamp",
    "join_key",
    "open_reader",
    "parse_stamp",
    "split_key",
]

By = Literal["cursor", "business_date"]


@dataclass(frozen=True, slots=True)
class KeyStamp:
    """A record's key (parts of a composite key joined by '~') and a stamp at which it changed (aware UTC)."""

    key: str
    stamp: datetime


@dataclass(frozen=True, slots=True)
class KeyPage:
    """One page of keys. `server_time` is the source's clock at this answer; `last` says that none follows."""

    rows: tuple[KeyStamp, ...]
    server_time: datetime
    last: bool


@dataclass(frozen=True, slots=True)
class ProbeResult:
    """One line of `check`: what was probed, whether it works, what was found, and what to do where it does not."""

    name: str
    ok: bool
    found: str
    remedy: str = ""


@dataclass(frozen=True, slots=True)
class Record:
    """One record of Sage X3 with its lines, spelled the same whatever the transport.

    Args:
        stamp: the latest change of header and lines, aware UTC.
        fields: header columns by X3 name; values as `normalise` leaves them.
        all_lines: the lines as they came, sorted by their key; use `lines`, which refuses a record that is not whole.
        fault: set where the record is not whole: Sage X3 keeps giving another number of lines than its header says,
            or a value that the API cannot show.
        related: what other records the lines name, by entity and key: columns, and `lines` with theirs. Not there:
            Sage X3 has no such record (any more).
    """

    entity: str
    key: str
    stamp: datetime
    fields: dict[str, Any]
    all_lines: tuple[dict[str, Any], ...] = ()
    fault: str | None = None
    related: dict[str, dict[str, dict[str, Any]]] = field(default_factory=dict)

    @property
    def lines(self) -> tuple[dict[str, Any], ...]:
        """All lines.

        Raises: ValueUnreadable (quarantine) where the record is not whole."""
        if self.fault is not None:
            raise ValueUnreadable(
                self.fault, system="sagex3", record=self.key,
                remedy="correct the record in Sage X3; where its count of lines is never right, set line_count to null "
                "in the entity specification",
            )  # fmt: skip
        return self.all_lines

    def canonical(self) -> bytes:
        """Canonical JSON: sorted keys, no blanks, UTF-8. The same record gives the same bytes by any transport."""
        value: dict[str, Any] = {
            "entity": self.entity,
            "fields": self.fields,
            "key": self.key,
            "lines": self.all_lines,
            "stamp": format_stamp(self.stamp),
        }
        if self.fault is not None:
            value["fault"] = self.fault
        if self.related:
            value["related"] = self.related
        text = _encode(value)
        try:
            return text.encode()
        except UnicodeEncodeError:  # half a surrogate pair: only an escape keeps it
            return _encode_ascii(value).encode()

    @classmethod
    def load(cls, payload: bytes) -> Record:
        """The inverse of `canonical`."""
        value = json.loads(payload)
        stamp = parse_stamp(value["stamp"])
        if stamp is None:
            raise ValueUnreadable("no stamp in the landed record", system="ledger", record=value["key"])
        return cls(
            value["entity"], value["key"], stamp, value["fields"], tuple(value["lines"]), value.get("fault"),
            value.get("related", {}),
        )  # fmt: skip


_encode = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode
_encode_ascii = json.JSONEncoder(sort_keys=True, separators=(",", ":")).encode


def format_stamp(moment: datetime) -> str:
    """An aware time as "YYYY-MM-DDTHH:MM:SSZ" in UTC; a fraction is kept where there is one, without end zeros."""
    text = moment.astimezone(UTC).isoformat()[:-6]
    return (text.rstrip("0") if "." in text else text) + "Z"


def parse_stamp(text: Any) -> datetime | None:
    """An ISO date and time as aware UTC (without a zone it is UTC, as X3's stamps are); None where unreadable."""
    if not isinstance(text, str) or len(text) < 10:
        return None
    try:
        moment = datetime.fromisoformat(text.strip())
    except ValueError:
        return None
    try:
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except OverflowError:
        return None


def join_key(parts: Sequence[Any]) -> str:
    """The parts of a key as one text."""
    return "~".join(str(part) for part in parts)


def split_key(key: str, parts: int) -> list[str]:
    """The parts of a key; only a composite key is split."""
    return key.split("~", parts - 1) if parts > 1 else [key]


class Reader(Protocol):
    """Reads entities of one Sage X3 folder. Holds at most `sessions` HTTP sessions; safe to share between threads."""

    meter: Meter

    def sources(self, spec: EntitySpec) -> tuple[str, ...]:
        """The key sources worth asking by this transport, header first; a source that shows the same rows is left out.

        Args:
            spec: the entity."""
        ...

    def key_pages(
        self, spec: EntitySpec, source: str, *, lower: datetime | None, upper: datetime | None = None,
        by: By = "cursor",
    ) -> Iterator[KeyPage]:  # fmt: skip
        """Yield keys with stamps, ordered by (stamp, key); `lower` is inside, `upper` outside, None is open.

        A line source gives the header's key with the line's stamp. At least one page is yielded, because it brings
        the source's clock. By "business_date" only the header source can be read, and the bounds are dates.
        Memory holds one page.

        Raises: PageDrift, PageLoop, and what `Transport.send` raises."""
        ...

    def details(self, spec: EntitySpec, keys: Sequence[str]) -> Iterator[Record]:
        """Yield the records of these keys in their order, lines complete; a key that is gone is not yielded.

        Raises: PageDrift, RequestRejected, and what `Transport.send` raises."""
        ...

    def probe(self, spec: EntitySpec) -> list[ProbeResult]:
        """One line per source and one for the details: readable, and are the columns there."""
        ...

    def close(self) -> None:
        """Close all sessions."""
        ...


def open_reader(settings: SageX3Settings, tokens: TokenStore | None = None) -> Reader:
    """The reader for the transport that the settings name; `tokens` is where refresh tokens are kept (auth oauth2)."""
    from airflow_provider_sagex3_cleo.sagex3.sessions import open_transport

    transport = open_transport(settings, tokens)
    if settings.transport == "graphql":
        from airflow_provider_sagex3_cleo.sagex3.graphql import GraphqlReader

        return GraphqlReader(settings, transport)
    from airflow_provider_sagex3_cleo.sagex3.rest import RestReader

    return RestReader(settings, transport)
