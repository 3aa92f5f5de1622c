"""Coverage: the codes that landed records used lately and that have no entry in the tables of their agreement."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from airflow_provider_sagex3_cleo.errors import ProviderError
from airflow_provider_sagex3_cleo.ledger import kept, now, versions, windows
from airflow_provider_sagex3_cleo.ledger.database import Ledger
from airflow_provider_sagex3_cleo.mapping.coverage import OPTIONAL, missing, uses
from airflow_provider_sagex3_cleo.partners import Agreement, Book
from airflow_provider_sagex3_cleo.pipeline.flows import FLOWS, Flow
from airflow_provider_sagex3_cleo.pipeline.normalise import UNITS, with_references
from airflow_provider_sagex3_cleo.sagex3.reader import Record

__all__ = ["COVERAGE_COLUMNS", "Covered", "Gap", "coverage", "coverage_rows"]

ROWS_AT_ONCE = 200
COVERAGE_COLUMNS = ("agreement", "table", "code", "records", "example", "effect")


@dataclass(frozen=True)
class Gap:
    """Codes of one table that an agreement's records used and that have no entry, the most used first.

    `records`: how many records use any of them; `example`: one of these; `held`: documents are held for it."""

    agreement: str
    table: str
    codes: tuple[tuple[str, int], ...]
    records: int
    example: str
    held: bool


@dataclass(frozen=True)
class Covered:
    """What was looked at, and the gaps by agreement and table.

    `units`: units of Sage X3, where they are kept, that neither the tables nor any agreement has a code for; a record
    need not have used them."""

    since: datetime
    records: int
    gaps: tuple[Gap, ...]
    units: tuple[str, ...] = ()


@dataclass
class _Counted:
    codes: Counter[str] = field(default_factory=Counter)
    records: int = 0
    example: str = ""


def coverage(ledger: Ledger, source_id: int, *, book: Book, days: float, at: datetime | None = None) -> Covered:
    """Look at the latest version of each record that changed in the last `days` days of Sage X3's clock.

    Memory holds one page of records, and the codes without an entry."""
    book = with_references(book, ledger, source_id)
    found: dict[tuple[str, str], _Counted] = {}
    looked = 0
    since = None
    for entity, flow in FLOWS.items():
        with ledger.reading() as db:
            end = at or windows.latest_server_time(db, source_id, entity) or now(db)
        begin = end - timedelta(days=days)
        since = begin if since is None else min(since, begin)
        for record in _records(ledger, source_id, entity, begin):
            agreement = _agreement(record, flow, book)
            if agreement is None:
                continue
            looked += 1
            _count(record, agreement, book, found)
    gaps = [
        Gap(agreement, table, tuple(each.codes.most_common()), each.records, each.example, table not in OPTIONAL)
        for (agreement, table), each in sorted(found.items())
    ]
    assert since is not None, "there is a flow"
    return Covered(since, looked, tuple(gaps), _units_without_code(ledger, source_id, book))


def _units_without_code(ledger: Ledger, source_id: int, book: Book) -> tuple[str, ...]:
    known = set(book.tables.units).union(*(agreement.units for agreement in book.agreements))
    return tuple(each.key for each in kept.latest(ledger, source_id, UNITS) if each.key not in known)


def _records(ledger: Ledger, source_id: int, entity: str, since: datetime) -> Iterator[Record]:
    after = 0
    while True:
        with ledger.reading() as db:
            rows = versions.latest_since(db, source_id, entity, since, after_id=after, limit=ROWS_AT_ONCE)
        for _, payload in rows:
            yield Record.load(payload)
        if len(rows) < ROWS_AT_ONCE:
            return
        after = rows[-1][0]


def _agreement(record: Record, flow: Flow, book: Book) -> Agreement | None:
    """The agreement that rules a record; None where there is none, or where nobody can tell."""
    try:
        routing = flow.route(record)
        return book.find(
            company=routing.company, site=routing.site, partner=routing.partner, role=flow.roles, set_id=flow.set_id,
            on=routing.date, address=routing.address,
        )  # fmt: skip
    except ProviderError:
        return None


def _count(record: Record, agreement: Agreement, book: Book, found: dict[tuple[str, str], _Counted]) -> None:
    tables: dict[str, set[str]] = {}
    for use in uses(record):
        if missing(use, agreement, book.tables):
            code = f"{use.code}/{use.address}" if use.address else use.code
            tables.setdefault(use.table, set()).add(code)
    for table, codes in tables.items():
        counted = found.setdefault((agreement.id, table), _Counted())
        counted.codes.update(codes)
        counted.records += 1
        counted.example = counted.example or record.key


def coverage_rows(found: Covered) -> Iterator[list[str]]:
    """One row per code, for CSV; a unit that stands in no table comes without agreement."""
    for gap in found.gaps:
        for code, records in gap.codes:
            yield [gap.agreement, gap.table, code, str(records), gap.example, "held" if gap.held else "goes without"]
    for unit in found.units:
        yield ["", UNITS, unit, "", "", "in no table"]
