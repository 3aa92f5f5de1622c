"""`sagex3-cleo`: the same verbs from a shell. Exit code 0: all is well; 1: something is red; 2: wrong usage."""

from __future__ import annotations

import json
import logging
import sys
import warnings
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from airflow_provider_sagex3_cleo import __version__
from airflow_provider_sagex3_cleo.cli_partners import align, apply, coverage
from airflow_provider_sagex3_cleo.cli_source import MOMENT, describe, entity_option, plan
from airflow_provider_sagex3_cleo.cli_x12 import x12
from airflow_provider_sagex3_cleo.errors import NotFound, ProviderError, SettingFault

if TYPE_CHECKING:
    from rich.console import Console

    from airflow_provider_sagex3_cleo.site import Site

__all__ = ["main"]

MARK = {"ok": "[green]ok[/green]     ", "warning": "[yellow]warning[/yellow]", "red": "[red]RED[/red]    "}


def _console() -> Console:
    from rich.console import Console

    return Console(highlight=False, soft_wrap=True)


class _Group(click.Group):
    """Errors of ours are one sentence and exit code 1, never a trace."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except ProviderError as problem:
            click.echo(f"Error: {problem}", err=True)
            ctx.exit(1)


@click.group(cls=_Group, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.version_option(__version__, prog_name="sagex3-cleo")
@click.option("--sagex3-conn-id", default="sagex3_default", show_default=True, help="Airflow connection of Sage X3.")
@click.option("--cleo-conn-id", default="cleo_default", show_default=True, help="Airflow connection of Cleo.")
@click.option("--ledger-conn-id", default="edi_ledger", show_default=True, help="Airflow connection of the ledger.")
@click.option("-v", "--verbose", is_flag=True, help="Show the log of each step.")
@click.pass_context
def main(ctx: click.Context, sagex3_conn_id: str, cleo_conn_id: str, ledger_conn_id: str, verbose: bool) -> None:
    """Business documents from Sage X3 to trading partners through Cleo, as X12 EDI."""
    if not verbose:  # Airflow sets up its own logging on import, shows every step, and warns of its own deprecations
        logging.disable(logging.WARNING)
        sys.warnoptions.append("ignore")  # it asks this before it switches them on
        warnings.simplefilter("ignore")
    ctx.obj = {"sagex3": sagex3_conn_id, "cleo": cleo_conn_id, "ledger": ledger_conn_id}


def _site(ctx: click.Context) -> Site:
    from airflow_provider_sagex3_cleo.site import Site

    return Site(ctx.obj["sagex3"], ctx.obj["cleo"], ctx.obj["ledger"])


# --- does it work, where does it stand --------------------------------------------------------------------------------
@main.command()
@click.option("--write-probe", metavar="FOLDER", help="Also upload a small file to this folder of Cleo.")
@click.pass_context
def check(ctx: click.Context, write_probe: str | None) -> None:
    """Check both systems, the ledger and the agreements; one line each, with the remedy where it is red."""
    from airflow_provider_sagex3_cleo.pipeline import check as checks

    site = _site(ctx)
    console, red = _console(), False
    lines = list(
        checks.check(
            settings=site.settings, specs=site.specs, reader=site.reader, cleo=site.cleo, ledger=site.ledger,
            watermark=site.watermark,
        )
    )  # fmt: skip
    if write_probe:
        client = site.cleo()
        lines += checks.write_probes(client, write_probe, site.settings)
        client.close()
    for line in lines:
        remedy = f" [dim]{_plain(line.remedy)}[/dim]" if line.remedy else ""
        console.print(f"{MARK[line.state]} {line.what}: {_plain(line.found)}{remedy}")
        red = red or line.state == "red"
    ctx.exit(1 if red else 0)


def _plain(text: str) -> str:
    return text.replace("[", r"\[")


@main.command()
@entity_option
@click.option("--since", type=click.DateTime(), help="Land what changed since this day (UTC); default: all there is.")
@click.pass_context
def baseline(ctx: click.Context, entity: str, since: datetime | None) -> None:
    """Land what exists so that it counts as sent elsewhere, and set the watermark. Resumable; sends nothing.

    Entities of which nothing is sent (suppliers, customers, addresses, products, units, gl_accounts, supplier_invoices,
    sales_orders) are kept as references."""
    from airflow_provider_sagex3_cleo import pipeline

    site = _site(ctx)
    reader, ledger = site.reader(), site.ledger()
    try:
        done = pipeline.baseline(
            entity, reader=reader, ledger=ledger, spec=site.spec(entity), book=site.book(), watermark=site.watermark,
            settings=site.settings, since=since.replace(tzinfo=UTC) if since else None,
        )  # fmt: skip
    finally:
        reader.close()
        ledger.close()
    words = ", ".join(f"{count} {name}" for name, count in done["counts"].items())
    click.echo(f"Baseline of {entity}: {done['landed']} records landed ({words or 'all known before'}).")
    click.echo(f"Nothing was sent. The watermark stands at {done['window'][1]}: the DAG may be unpaused.")


@main.group()
def watermark() -> None:
    """How far a source was read."""


def _marks(ctx: click.Context, entity: str) -> tuple[Site, str, Any, Any]:
    from airflow_provider_sagex3_cleo.ledger import windows
    from airflow_provider_sagex3_cleo.pipeline import watermark as marks
    from airflow_provider_sagex3_cleo.pipeline.extract import bind

    site = _site(ctx)
    ledger = site.ledger()
    source_id = bind(ledger, site.settings)
    with ledger.reading() as db:
        last = windows.last_certified(db, source_id, entity)
    return site, marks.variable_name(site.settings.conn_id, entity), last, ledger


@watermark.command("show")
@entity_option
@click.pass_context
def watermark_show(ctx: click.Context, entity: str) -> None:
    """Show the watermark and what the ledger can prove."""
    site, name, last, _ = _marks(ctx, entity)
    click.echo(f"Variable {name}: {site.watermark.get(name) or 'not set'}")
    click.echo(f"Ledger: landed and certified up to {last.upper.isoformat() if last else 'nothing yet'}")


@watermark.command("rebuild")
@entity_option
@click.pass_context
def watermark_rebuild(ctx: click.Context, entity: str) -> None:
    """Set the watermark to what the ledger can prove."""
    from airflow_provider_sagex3_cleo.pipeline import watermark as marks

    site, name, last, ledger = _marks(ctx, entity)
    if last is None:
        raise NotFound("the ledger has no certified window to rebuild from", system="ledger", record=entity,
                       remedy="run `sagex3-cleo baseline`")  # fmt: skip
    marks.write(site.watermark, name, marks.Watermark(last.upper, site.settings.source, ledger.uuid))
    click.echo(f"Variable {name} stands at {last.upper.isoformat()}.")


@watermark.command("set")
@entity_option
@click.argument("moment", type=MOMENT)
@click.pass_context
def watermark_set(ctx: click.Context, entity: str, moment: datetime) -> None:
    """Set the watermark back to MOMENT (UTC): what changed since is read again, and nothing is sent twice."""
    from airflow_provider_sagex3_cleo.pipeline import watermark as marks

    site, name, last, ledger = _marks(ctx, entity)
    cursor = moment.replace(tzinfo=UTC)
    if last is None or cursor > last.upper:
        raise SettingFault("this would skip changes that were never read", record=f"Variable {name}",
                           value=cursor.isoformat(), expected=f"at most {last.upper if last else 'a baseline first'}",
                           remedy="choose an earlier time")  # fmt: skip
    marks.write(site.watermark, name, marks.Watermark(cursor, site.settings.source, ledger.uuid))
    click.echo(f"Variable {name} stands at {cursor.isoformat()}.")


@main.command()
@entity_option
@click.argument("key")
@click.pass_context
def preview(ctx: click.Context, entity: str, key: str) -> None:
    """Show what would become of one document of Sage X3 right now. Writes and sends nothing."""
    from airflow_provider_sagex3_cleo.pipeline.preview import preview as look
    from airflow_provider_sagex3_cleo.x12 import show

    site = _site(ctx)
    reader, ledger = site.reader(), site.ledger()
    try:
        seen = look(key, reader=reader, ledger=ledger, spec=site.spec(entity), book=site.book(), settings=site.settings)
    finally:
        reader.close()
        ledger.close()
    decision = seen.decision
    click.echo(f"{key}: {decision.to.value}: {decision.why}")
    if decision.remedy:
        click.echo(f"Remedy: {decision.remedy}.")
    if seen.interchange is not None:
        for line in show(seen.interchange):
            click.echo(line)


@main.command()
@click.argument("term")
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
@click.pass_context
def trace(ctx: click.Context, term: str, as_json: bool) -> None:
    """A record's whole story, by number or code, file name, control number or partner. Needs the ledger alone."""
    from airflow_provider_sagex3_cleo.ledger.trace import trace as find

    ledger = _site(ctx).ledger()
    with ledger.reading() as db:
        stories = find(db, term)
    ledger.close()
    if as_json:
        from dataclasses import asdict

        click.echo(json.dumps([asdict(story) for story in stories], default=str, indent=1))
    else:
        from airflow_provider_sagex3_cleo.story import tell

        for story in stories:
            for line in tell(story):
                click.echo(line)
    if not stories:
        remedy = "try the PO number, the file name, or a control number without leading zeros"
        raise NotFound("nothing of this name, number or partner", system="ledger", record=term, remedy=remedy)


# --- agreements, audit, ledger ----------------------------------------------------------------------------------------
@main.group()
def partners() -> None:
    """The agreements folder, and how it fits Sage X3 and Cleo."""


@partners.command("check")
@click.argument("folder", required=False, type=click.Path(path_type=Path, file_okay=False, exists=True))
@click.pass_context
def partners_check(ctx: click.Context, folder: Path | None) -> None:
    """Show all faults of the agreements folder at once, each with file and line."""
    from airflow_provider_sagex3_cleo.partners import check as check_folder

    where = folder or _site(ctx).settings.agreements
    findings = check_folder(where)
    for finding in findings:
        click.echo(str(finding))
    faults = sum(finding.severity == "error" for finding in findings)
    click.echo(f"{where}: {faults} faults, {len(findings) - faults} warnings")
    ctx.exit(1 if faults else 0)


@main.group()
def audit() -> None:
    """The audit trail."""


@audit.command("verify")
@click.pass_context
def audit_verify(ctx: click.Context) -> None:
    """Recompute every chain, seal and content hash, and name what does not agree."""
    from airflow_provider_sagex3_cleo.ledger import audit as trail

    ledger = _site(ctx).ledger()
    with ledger.reading() as db:
        found = trail.verify(db)
    ledger.close()
    for fault in found.faults:
        click.echo(f"FAULT {fault}")
    click.echo(f"{found.events} events, {found.seals} seals: {'all proven' if found.ok else 'NOT PROVEN'}")
    ctx.exit(0 if found.ok else 1)


@main.group()
def ledger() -> None:
    """The ledger's database."""


@ledger.command("upgrade")
@click.pass_context
def ledger_upgrade(ctx: click.Context) -> None:
    """Bring the ledger's tables up to this code."""
    from airflow_provider_sagex3_cleo.ledger.database import upgrade

    click.echo(upgrade(_site(ctx).ledger_url).sentence)


@ledger.command("status")
@click.pass_context
def ledger_status(ctx: click.Context) -> None:
    """Show where the ledger is and whether its tables fit this code."""
    from airflow_provider_sagex3_cleo.ledger.database import status

    found = status(_site(ctx).ledger_url)
    click.echo(f"{found.url}: {found.sentence}")
    ctx.exit(0 if found.usable else 1)


# --- sandbox ----------------------------------------------------------------------------------------------------------
@main.command()
@click.option("--x3-port", default=8124, show_default=True, type=int)
@click.option("--cleo-port", default=5080, show_default=True, type=int)
@click.option("--seed", default=1, show_default=True, type=int)
@click.option("--orders", default=5200, show_default=True, type=int, help="Size of the seeded history.")
@click.option("--agreements", type=click.Path(path_type=Path), help="Also write a fitting agreements folder here.")
def sandbox(x3_port: int, cleo_port: int, seed: int, orders: int, agreements: Path | None) -> None:
    """Serve a Sage X3 and a Cleo on 127.0.0.1 over one seeded world, until Ctrl-C."""
    from airflow_provider_sagex3_cleo.sandbox.agreements import write_agreements
    from airflow_provider_sagex3_cleo.sandbox.run import Sandbox, serve

    def ready(served: Sandbox) -> None:
        if agreements is not None:
            write_agreements(agreements, served.world)
            click.echo(f"Agreements for {len(served.world.enrolled())} of its suppliers: {agreements}")
        click.echo(f"Sage X3 on {served.x3_url}, Cleo on {served.cleo_url}. Connections:")
        click.echo(json.dumps(served.access(), indent=1))

    serve(seed, x3_port, cleo_port, orders=orders, ready=ready)


for command in (plan, describe, x12):
    main.add_command(command)
for command in (align, coverage, apply):
    partners.add_command(command)

if __name__ == "__main__":
    sys.exit(main())
