"""Load an agreements folder and tell all its faults at once, each with file and line.

identities.yaml    who we are, per company and site
tables.yaml        units, items, sites, currencies, countries, terms (items and sites may be CSV files)
not_for_edi.yaml   optional: partners that somebody decided do no EDI
partners/*.yaml    the agreements
packs/*.yaml       optional: conformance packs
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from airflow_provider_sagex3_cleo.errors import AgreementFault
from airflow_provider_sagex3_cleo.partners.agreement import Agreement
from airflow_provider_sagex3_cleo.partners.book import Book
from airflow_provider_sagex3_cleo.partners.checks import Placed, cross_check
from airflow_provider_sagex3_cleo.partners.csv_tables import code_table_from, code_tables, items_from, sites_from
from airflow_provider_sagex3_cleo.partners.findings import Finding
from airflow_provider_sagex3_cleo.partners.identities import Identity
from airflow_provider_sagex3_cleo.partners.marks import Loc, Marked, read_yaml
from airflow_provider_sagex3_cleo.partners.packs import PackShelf
from airflow_provider_sagex3_cleo.partners.tables import Tables
from airflow_provider_sagex3_cleo.partners.validating import validated

__all__ = ["check", "load_book"]


@dataclass
class _Folder:
    root: Path
    findings: list[Finding] = field(default_factory=list)
    read: set[Path] = field(default_factory=set)

    def yaml(self, name: str) -> Marked:
        path = self.root / name
        self.read.add(path)
        marked = read_yaml(path, name)
        if marked.data is not None and not isinstance(marked.data, dict):
            marked.fault((), "expected keys with values, found a list or a single value")
            marked.data = None
        return marked

    def take(self, marked: Marked) -> None:
        self.findings += marked.faults
        marked.faults = []


def load_book(folder: Path) -> Book:
    """Read the folder into a Book.

    Raises:
        AgreementFault: anything is wrong; the message holds every fault as `file:line: sentence`."""
    book, findings = _read(Path(folder))
    faults = [finding for finding in findings if finding.severity == "error"]
    if book is None or faults:
        lines = "\n".join(map(str, faults))
        raise AgreementFault(f"{len(faults)} {'fault' if len(faults) == 1 else 'faults'} in {folder}\n{lines}\n")
    return book


def check(folder: Path) -> list[Finding]:
    """All faults and warnings of the folder, by file and line; an empty list means that it is right."""
    return sorted(_read(Path(folder))[1])


def _read(root: Path) -> tuple[Book | None, list[Finding]]:
    if not root.is_dir():
        return None, [Finding(str(root), 1, "is no folder; expected identities.yaml, tables.yaml and partners/")]
    folder = _Folder(root)
    identities = list(_identities(folder))
    tables = _tables(folder)
    not_for_edi = _not_for_edi(folder)
    placed = list(_agreements(folder, tables))
    folder.findings += cross_check(identities, placed, not_for_edi)
    shelf = PackShelf(root)
    packs = shelf.of_agreements(placed)
    folder.findings += shelf.findings
    folder.findings += [
        Finding(str(stray.relative_to(root)), 1, "nobody reads this file; agreements live in partners/", "warning")
        for stray in sorted(
            [
                *root.glob("*.y*ml"),
                *root.glob("*.csv"),
                *(root / "partners").glob("**/*.yml"),
                *(root / "packs").glob("**/*.yml"),
            ]
        )
        if stray not in folder.read
    ]
    book = Book(
        (item.value for item in identities),
        tables,
        (item.value for item in placed),
        {partner: why for partner, (why, _) in not_for_edi.items()},
        hash=_content_hash(folder, shelf),
        packs=packs,
    )
    return book, folder.findings


def _identities(folder: _Folder) -> Iterator[Placed[Identity]]:
    marked = folder.yaml("identities.yaml")
    entries = (marked.data or {}).get("identities")
    for key in [key for key in marked.data or {} if key != "identities"]:
        marked.fault((key,), f"unknown key '{key}'; known keys: identities")
    if not isinstance(entries, dict) or not entries:
        if not marked.faults:
            marked.fault(("identities",), "expected `identities:` with one entry for each of our identities")
        entries = {}
    for key, entry in entries.items():
        loc: Loc = ("identities", key)
        if not isinstance(entry, dict):
            marked.fault(loc, f"identity '{key}' is empty")
        elif identity := validated(Identity, {"key": key, **entry}, marked, loc, own=("key",)):
            yield Placed(identity, marked.file, marked.line(loc), marked, loc)
    folder.take(marked)


def _tables(folder: _Folder) -> Tables:
    marked = folder.yaml("tables.yaml")
    data = dict(marked.data or {})
    csvs = _from_csv(folder, Tables, data, marked, (), {"items": items_from, "sites": sites_from})
    tables = validated(Tables, data, marked, ())
    if tables is None:
        _blame_csv(Tables, data, marked, csvs)
    _take_csv(folder, csvs)
    folder.take(marked)
    return tables or Tables()


def _from_csv(
    folder: _Folder, model: type[BaseModel], data: dict[str, Any], marked: Marked, loc: Loc,
    special: dict[str, Callable[[Path, str], tuple[dict[str, Any], Marked]]] | None = None,
) -> dict[str, Marked]:  # fmt: skip
    """Read the tables of `data` that are the names of CSV files, in place; where each of their values stands."""
    csvs: dict[str, Marked] = {}
    for key, columns in code_tables(model).items():
        name = data.get(key)
        if not isinstance(name, str):
            continue
        path = (folder.root / name).resolve()
        if not path.is_relative_to(folder.root.resolve()):
            marked.fault((*loc, key), f"'{name}' lies outside the agreements folder")
            data.pop(key)
            continue
        folder.read.add(folder.root / name)
        reader = (special or {}).get(key)
        data[key], csvs[key] = reader(path, name) if reader else code_table_from(path, name, key, columns)
    return csvs


def _blame_csv(model: type[BaseModel], data: dict[str, Any], marked: Marked, csvs: dict[str, Marked]) -> None:
    """Say what is wrong in a CSV in the CSV's own lines."""
    for key, source in csvs.items():
        validated(model, {key: data[key]}, source, ())
        elsewhere = f"{key}."  # only this table was given: all else is missing, and not meant
        source.faults = [f for f in source.faults if not f.message.endswith(": is missing") or elsewhere in f.message]
    marked.faults = [fault for fault in marked.faults if not fault.message.startswith(tuple(f"{k}." for k in csvs))]


def _take_csv(folder: _Folder, csvs: dict[str, Marked]) -> None:
    for source in csvs.values():
        source.faults = [fault for fault in source.faults if fault not in folder.findings]  # read for other agreements
        folder.take(source)


def _not_for_edi(folder: _Folder) -> dict[str, tuple[str, Finding]]:
    """Partner -> (reason, where it stands). A list of codes, or codes with a reason each."""
    if not (folder.root / "not_for_edi.yaml").exists():
        return {}
    marked = folder.yaml("not_for_edi.yaml")
    listed = (marked.data or {}).get("not_for_edi")
    for key in [key for key in marked.data or {} if key != "not_for_edi"]:
        marked.fault((key,), f"unknown key '{key}'; known keys: not_for_edi")
    entries: list[tuple[Any, Any, Loc]] = []
    if isinstance(listed, dict):
        entries = [(code, why or "", ("not_for_edi", code)) for code, why in listed.items()]
    elif isinstance(listed, list):
        entries = [(code, "", ("not_for_edi", i)) for i, code in enumerate(listed)]
    elif listed is not None:
        marked.fault(("not_for_edi",), "expected a list of partner codes, or codes with a reason each")
    found: dict[str, tuple[str, Finding]] = {}
    for code, why, loc in entries:
        if not isinstance(code, str) or not isinstance(why, str):
            marked.fault(loc, "expected a partner code, or a code with a reason")
        elif code in found:
            marked.fault(loc, f"partner {code} stands twice (first in line {found[code][1].line})")
        else:
            found[code] = (why, Finding(marked.file, marked.line(loc), ""))
    folder.take(marked)
    return found


def _agreements(folder: _Folder, tables: Tables) -> Iterator[Placed[Agreement]]:
    for path in sorted((folder.root / "partners").glob("**/*.yaml")):
        marked = folder.yaml(str(path.relative_to(folder.root)))
        common = dict(marked.data or {})
        entries = common.pop("agreements", None)
        if entries is None:
            items: list[tuple[Any, Loc]] = [({}, ())] if common else []
            if not items and not marked.faults:
                marked.fault((), "holds no agreement")
        elif isinstance(entries, list):
            items = [(entry, ("agreements", i)) for i, entry in enumerate(entries)]
        else:
            items = []
            marked.fault(("agreements",), "expected a list of agreements ('- id: ...')")
        for entry, loc in items:
            if not isinstance(entry, dict):
                marked.fault(loc, "expected an agreement with keys and values")
                continue
            data = {**common, **entry}
            csvs = _from_csv(folder, Agreement, data, marked, loc)
            agreement = validated(Agreement, data, marked, loc)
            if agreement is None:
                _blame_csv(Agreement, data, marked, csvs)
            _take_csv(folder, csvs)
            if agreement:
                if agreement.terms == "send":
                    terms = {**tables.terms, **agreement.payment_terms}
                    agreement = agreement.model_copy(update={"payment_terms": terms})
                placed = Placed(agreement, marked.file, marked.line(loc), marked, loc)
                for key, sentence in agreement.clashes():
                    folder.findings.append(placed.finding(key, f"{key}: {sentence}"))
                yield placed
        folder.take(marked)


def _content_hash(folder: _Folder, shelf: PackShelf) -> str:
    digest = hashlib.sha256(shelf.digest())
    for path in sorted(folder.read):
        data = path.read_bytes() if path.is_file() else b""
        digest.update(f"{path.relative_to(folder.root).as_posix()}\0{len(data)}\0".encode() + data)
    return digest.hexdigest()
