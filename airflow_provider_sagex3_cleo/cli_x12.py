"""`sagex3-cleo x12`: look at X12 files, check them, compare them, turn them into JSON."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from airflow_provider_sagex3_cleo.partners import Book
    from airflow_provider_sagex3_cleo.x12 import Finding
    from airflow_provider_sagex3_cleo.x12.agreed import Agreed
    from airflow_provider_sagex3_cleo.x12.packs import GuidePack

__all__ = ["x12"]

COLOURS = {"error": "red", "warning": "yellow", "note": "blue"}

x12_file = click.Path(path_type=Path, dir_okay=False, exists=True)


@click.group()
def x12() -> None:
    """Look at X12 files, of ours and of others. Needs no connection."""


@x12.command("show")
@click.argument("file", type=x12_file)
@click.option("--color/--no-color", default=None, help="Colours; by default on a terminal only.")
def show(file: Path, color: bool | None) -> None:
    """Show a file segment by segment, names and values in words, with what is wrong under its segment."""
    from airflow_provider_sagex3_cleo.x12.validator import validate
    from airflow_provider_sagex3_cleo.x12.words import INDENT, lines

    data = file.read_bytes()
    for line in lines(data, validate(data)):
        if line.finding:
            click.secho(str(line), fg=COLOURS[line.finding.severity], color=color)
        else:
            name, colon, rest = line.words.partition(":")
            head = click.style(f"{line.segment:<3}", fg="cyan", bold=True)
            click.echo(f"{INDENT * line.level}{head} {click.style(name + colon, bold=True)}{rest}", color=color)


@x12.command("check")
@click.argument("files", nargs=-1, required=True, type=x12_file)
@click.option("--partner", metavar="CODE", help="Also against the agreements with this partner and their packs.")
@click.option("--pack", metavar="ID", help="Also against this conformance pack, of the agreements folder or shipped.")
@click.option("--agreements", type=click.Path(path_type=Path, file_okay=False, exists=True),
              help="Folder of the agreements, for --partner and --pack; default: the one of the settings.")  # fmt: skip
@click.option("--own", is_flag=True, help="As strict as with our own files: customs and unknown codes are errors.")
@click.option("--json", "as_json", is_flag=True, help="A list of {file, findings}.")
@click.pass_context
def check(
    ctx: click.Context,
    files: tuple[Path, ...],
    partner: str | None,
    pack: str | None,
    agreements: Path | None,
    own: bool,
    as_json: bool,
) -> None:
    """Validate files of any size; exit code 1 when there are errors."""
    from airflow_provider_sagex3_cleo.x12 import findings_json, has_errors
    from airflow_provider_sagex3_cleo.x12.agreed import agreed
    from airflow_provider_sagex3_cleo.x12.packs import fitting
    from airflow_provider_sagex3_cleo.x12.validator import validate_stream

    wanted, packs = _wanted(partner, pack, agreements)
    rules = [agreed(wanted)] if wanted else []
    unicode = any(one.envelope.charset == "utf8" for each in wanted.values() for one in each)
    red, rows = False, []
    for file in files:
        with file.open("rb") as stream:
            fit = fitting(packs, stream)
            found = validate_stream(stream, own=own, rules=rules, pack=fit, charset="utf8" if unicode else "extended")
            findings = sorted(found, key=lambda f: f.offset or 0)
        red = red or has_errors(findings)
        rows.append({"file": str(file), "findings": findings_json(findings)})
        if not as_json:
            for finding in findings:
                click.echo(f"{file}: {_finding(finding)}")
            click.echo(f"{file}: {_counted(findings)}")
    if as_json:
        click.echo(json.dumps(rows, indent=1))
    ctx.exit(1 if red else 0)


def _finding(finding: Finding) -> str:
    told = click.style(f"{finding.severity} {finding.code}", fg=COLOURS[finding.severity])
    rest = str(finding).split(":", 1)[1]
    expected = f" Found {finding.found!r}, expected {finding.expected}." if finding.expected else ""
    return f"{told}:{rest}.{expected}"


def _counted(findings: list[Finding]) -> str:
    errors = sum(f.severity == "error" for f in findings)
    notes = sum(f.severity == "note" for f in findings)
    told = f"{errors} errors, {len(findings) - errors - notes} warnings" + (f", {notes} notes" if notes else "")
    return told if findings else "0 findings"


def _wanted(
    partner: str | None, pack: str | None, folder: Path | None
) -> tuple[dict[str, list[Agreed]], list[GuidePack]]:
    """What a partner's files are held against: what was agreed, and the pack of that id or those of its agreements."""
    from airflow_provider_sagex3_cleo import settings
    from airflow_provider_sagex3_cleo.errors import NotFound
    from airflow_provider_sagex3_cleo.partners import find_pack, load_book

    if partner is None and pack is None:
        return {}, []
    where = folder or settings.agreements_folder()
    named = [find_pack(pack, where)] if pack else []
    if partner is None:
        return {}, named
    book = load_book(where)
    packs = named or book.packs_of(partner)
    wanted = _agreed(book, partner)
    if not wanted and not packs:
        known = ", ".join(sorted({agreement.partner for agreement in book.agreements}))
        raise NotFound("no complete agreement", system="agreements", record=f"partner {partner}", value=str(where),
                       expected=known, remedy="complete it, or check without --partner")  # fmt: skip
    return wanted, packs


def _agreed(book: Book, partner: str) -> dict[str, list[Agreed]]:
    """What the complete agreements with a partner ask of its files, by set."""
    from airflow_provider_sagex3_cleo.pipeline.convert import envelope
    from airflow_provider_sagex3_cleo.x12.agreed import Agreed

    wanted: dict[str, list[Agreed]] = {}
    for agreement in book.agreements:
        if agreement.partner == partner and not agreement.missing():
            mine = book.identities.get(agreement.identity) if agreement.identity else None
            wanted.setdefault(agreement.set_id, []).extend(
                Agreed(agreement.id, envelope(agreement, identity))
                for identity in ([mine] if mine else book.identities.values())
            )
    return wanted


@x12.command("diff")
@click.argument("first", type=x12_file)
@click.argument("second", type=x12_file)
@click.option("--json", "as_json", is_flag=True, help="A list of {where, name, first, second}.")
@click.pass_context
def diff(ctx: click.Context, first: Path, second: Path, as_json: bool) -> None:
    """Say in business words what two files say differently; exit code 1 when they differ.

    Order of segments, delimiters, line ends, control numbers and envelope times do not count."""
    from airflow_provider_sagex3_cleo.x12.meaning import differences

    found = differences(first.read_bytes(), second.read_bytes())
    if as_json:
        click.echo(json.dumps([one._asdict() for one in found], indent=1))
    else:
        for one in found:
            click.echo(str(one))
        click.echo(f"{len(found)} differences" if found else "They say the same.")
    ctx.exit(1 if found else 0)


@x12.command("json")
@click.argument("file", type=x12_file)
def as_json(file: Path) -> None:
    """Print a file as JSON: a list of interchanges, sets as trees of loops, elements with names and meanings."""
    from airflow_provider_sagex3_cleo.x12.tree import as_json as told

    with file.open("rb") as stream:
        click.echo(json.dumps(list(told(stream)), indent=1))
