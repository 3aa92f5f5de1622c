"""Commands about partners: `partners align`, `partners coverage`, `partners apply`."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from airflow_provider_sagex3_cleo.cleo.client import CleoClient
    from airflow_provider_sagex3_cleo.ledger import Ledger
    from airflow_provider_sagex3_cleo.partners import Book
    from airflow_provider_sagex3_cleo.pipeline.align import Compared
    from airflow_provider_sagex3_cleo.sagex3.reader import Reader
    from airflow_provider_sagex3_cleo.site import Site

__all__ = ["align", "apply", "coverage"]

csv_option = click.option("--csv", "file", type=click.Path(path_type=Path, dir_okay=False), help="Also write it there.")


@dataclass
class _Opened:
    """A site with all that a comparison needs, opened."""

    site: Site
    ledger: Ledger
    reader: Reader
    cleo: CleoClient
    book: Book
    source_id: int

    def compare(self) -> Compared:
        """The comparison as it is now; writes nothing."""
        from airflow_provider_sagex3_cleo.pipeline.align import compare

        return compare(self.source_id, reader=self.reader, ledger=self.ledger, cleo=self.cleo, specs=self.site.specs,
                       book=self.book, settings=self.site.settings)  # fmt: skip


@contextmanager
def _opened(ctx: click.Context) -> Iterator[_Opened]:
    from airflow_provider_sagex3_cleo.pipeline.extract import prove
    from airflow_provider_sagex3_cleo.site import Site

    site = Site(ctx.obj["sagex3"], ctx.obj["cleo"], ctx.obj["ledger"])
    book, ledger = site.book(), site.ledger()
    try:
        source_id = prove(ledger, site.settings)
        reader, cleo = site.reader(), site.cleo()
        try:
            yield _Opened(site, ledger, reader, cleo, book, source_id)
        finally:
            reader.close()
            cleo.close()
    finally:
        ledger.close()


@click.command()
@csv_option
@click.pass_context
def align(ctx: click.Context, file: Path | None) -> None:
    """Compare Sage X3, agreements and Cleo now; exit code 1 where a live agreement points to nobody. Writes nothing."""
    from airflow_provider_sagex3_cleo.pipeline.csv_out import write_csv

    with _opened(ctx) as opened:
        compared = opened.compare()
    found = compared.alignment
    for each in found.mismatches:
        click.echo(f"{each.severity} {each.kind}: {each.sentence}")
    for sentence in compared.not_enrolled():
        click.echo(sentence)
    warnings = len(found.mismatches) - len(found.alarms)
    click.echo(f"{len(found.alarms)} alarms, {warnings} warnings.")
    if file is not None:
        rows = ([m.severity, m.kind, m.agreement, m.code, m.subject, m.sentence] for m in found.mismatches)
        write_csv(file, ("severity", "kind", "agreement", "code", "subject", "sentence"), rows)
        click.echo(f"Written to {file}.")
    ctx.exit(1 if found.alarms else 0)


@click.command()
@click.option("--days", default=90, show_default=True, type=click.IntRange(1), help="How far to look back.")
@csv_option
@click.pass_context
def coverage(ctx: click.Context, days: int, file: Path | None) -> None:
    """List codes that records used lately and that have no entry in the tables of their agreement. Needs the ledger."""
    from airflow_provider_sagex3_cleo.pipeline.coverage import COVERAGE_COLUMNS, coverage_rows
    from airflow_provider_sagex3_cleo.pipeline.coverage import coverage as look
    from airflow_provider_sagex3_cleo.pipeline.csv_out import write_csv
    from airflow_provider_sagex3_cleo.pipeline.extract import prove
    from airflow_provider_sagex3_cleo.site import Site

    site = Site(ctx.obj["sagex3"], ctx.obj["cleo"], ctx.obj["ledger"])
    book, ledger = site.book(), site.ledger()
    try:
        found = look(ledger, prove(ledger, site.settings), book=book, days=days)
    finally:
        ledger.close()
    for gap in found.gaps:
        shown = ", ".join(f"{code} ({records})" for code, records in gap.codes[:5])
        more = f" and {len(gap.codes) - 5} more" if len(gap.codes) > 5 else ""
        effect = "held without it" if gap.held else "goes without it"
        used = f"{_many(len(gap.codes), 'code')} in {_many(gap.records, 'record')}"
        click.echo(f"{gap.agreement} {gap.table}: {used} ({effect}), e.g. {gap.example}: {shown}{more}")
    if found.units:
        click.echo(f"{_many(len(found.units), 'unit')} of Sage X3 without X12 code: {', '.join(found.units)}")
    click.echo(f"{found.records} records under agreements since {found.since:%Y-%m-%d}: {len(found.gaps)} gaps.")
    if file is not None:
        write_csv(file, COVERAGE_COLUMNS, coverage_rows(found))
        click.echo(f"Written to {file}.")


def _many(count: int, what: str) -> str:
    return f"{count} {what}" if count == 1 else f"{count} {what}s"


@click.command()
@click.option("--yes", "given", metavar="HASH", help="Make exactly the plan of this hash.")
@click.pass_context
def apply(ctx: click.Context, given: str | None) -> None:
    """Show which connections and users of Cleo would be switched on or off, and why; with --yes and its hash, do it.

    Only objects that an agreement names (cleo_connection, cleo_user), and only where the connection has can_change."""
    from airflow_provider_sagex3_cleo.ledger import now
    from airflow_provider_sagex3_cleo.pipeline.cleo_changes import apply_plan, plan_changes
    from airflow_provider_sagex3_cleo.pipeline.extract import bind

    with _opened(ctx) as opened:
        with opened.ledger.reading() as db:
            moment = now(db)
        plan = plan_changes(opened.compare(), cleo=opened.cleo, book=opened.book, on=moment.date())
        for change in plan.changes:
            click.echo(change.words)
        if not plan.changes:
            click.echo("Nothing to change.")
            return
        if given is None:
            click.echo(f"{len(plan.changes)} changes; nothing was changed. To make exactly these: --yes {plan.hash}")
            return
        source_id = bind(opened.ledger, opened.site.settings)
        run: dict[str, Any] = {
            "run_id": f"partners-apply:{moment.isoformat()}",
            "actor": os.environ.get("USER", "person"),
        }
        done = apply_plan(plan, given=given, cleo=opened.cleo, ledger=opened.ledger, source_id=source_id, **run)
        click.echo(f"{done} changes made.")
