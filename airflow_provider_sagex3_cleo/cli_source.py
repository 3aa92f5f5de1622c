"""Commands that look at Sage X3 and change nothing: `plan` and `describe`."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import click

__all__ = ["MOMENT", "describe", "entity_option", "plan"]

MOMENT = click.DateTime(["%Y-%m-%dT%H:%M:%S", "%Y-%m-%d"])

entity_option = click.option("--entity", default="purchase_orders", show_default=True, help="Entity of Sage X3.")


@click.command()
@entity_option
@click.option("--from", "lower", type=MOMENT, help="Plan this window (UTC) instead of the next run.")
@click.option("--to", "upper", type=MOMENT, help="End of the window, outside it.")
@click.option("--limit", default=20, show_default=True, type=click.IntRange(0), help="Records listed per outcome.")
@click.option("--most", default=2_000, show_default=True, type=click.IntRange(1), help="Records looked at in all.")
@click.pass_context
def plan(ctx: click.Context, entity: str, lower: datetime | None, upper: datetime | None, limit: int,
         most: int) -> None:  # fmt: skip
    """Show what the next run, or the run of a window, would do: counts and reasons. Writes and sends nothing."""
    from airflow_provider_sagex3_cleo.pipeline.plan import plan as look
    from airflow_provider_sagex3_cleo.pipeline.run import Run
    from airflow_provider_sagex3_cleo.site import Site
    from airflow_provider_sagex3_cleo.story import tell_plan

    if (lower is None) != (upper is None):
        raise click.UsageError("--from and --to belong together")
    run = Run("plan", entity)
    if lower and upper:
        run = Run("plan", entity, "backfill", lower.replace(tzinfo=UTC), upper.replace(tzinfo=UTC))
    site = Site(ctx.obj["sagex3"], ctx.obj["cleo"], ctx.obj["ledger"])
    reader, ledger = site.reader(), site.ledger()
    try:
        seen = look(run, reader=reader, ledger=ledger, spec=site.spec(entity), book=site.book(),
                    watermark=site.watermark, settings=site.settings, limit=limit, most=most)  # fmt: skip
    finally:
        reader.close()
        ledger.close()
    for line in tell_plan(seen):
        click.echo(line)


@click.command()
@entity_option
@click.option("--write", "file", type=click.Path(path_type=Path, dir_okay=False), help="Write the entity file there.")
@click.option("--by", type=click.Choice(["graphql", "rest"]), help="The API to ask; default: the connection's.")
@click.option("--try", "candidates", multiple=True, metavar="NAME", help="REST: also try this representation.")
@click.pass_context
def describe(ctx: click.Context, entity: str, file: Path | None, by: str | None, candidates: tuple[str, ...]) -> None:
    """Compare an entity specification with what this site shows; print, or write, what differs.

    By GraphQL the schema is asked; by REST, which has none, one row and one record of each class."""
    from airflow_provider_sagex3_cleo.sagex3.describe import Schema
    from airflow_provider_sagex3_cleo.sagex3.describe import describe as look
    from airflow_provider_sagex3_cleo.sagex3.describe_rest import RestProbe, describe_rest
    from airflow_provider_sagex3_cleo.site import Site

    site = Site(ctx.obj["sagex3"], ctx.obj["cleo"], ctx.obj["ledger"])
    spec = site.spec(entity)
    if spec.graphql_source is None:
        by = by or "rest"  # the only API that reads it
    transport = site.sagex3_transport()
    try:
        if (by or site.sagex3_settings.transport) == "rest":
            found = describe_rest(spec, RestProbe(site.sagex3_settings, transport, candidates))
        else:
            found = look(spec, Schema(site.sagex3_settings, transport))
    finally:
        transport.close()
    for line in found.lines:
        click.echo(line)
    click.echo(f"{found.same} columns are as specified, {len(found.missing)} were not found.")
    if file is None:
        click.echo(found.file(), nl=False)
        return
    if file.exists():
        raise click.UsageError(f"{file} exists; name another file, and compare the two")
    file.write_text(found.file(), encoding="utf-8")
    click.echo(f"Written to {file}; the setting entities_file names the file that is used.")
