"""The tables of settings.md, errors.md and entities.md in docs, made from the code; `python -m tests.meta.tables`."""

from __future__ import annotations

import importlib
import pkgutil
import re
from collections.abc import Iterator
from pathlib import Path

import airflow_provider_sagex3_cleo as package
from airflow_provider_sagex3_cleo.errors import Fail, Hold, ProviderError, Quarantine, Retry
from airflow_provider_sagex3_cleo.get_provider_info import SECTION, SETTINGS
from airflow_provider_sagex3_cleo.sagex3.spec import load_specs

DOCS = Path(__file__).resolve().parents[2] / "docs"
#: Importers of airflow, which the core does not need.
GLUE = (
    *("hooks", "operators", "dag_factory", "settings", "compat", "resolver", "site"),
    *("cli", "cli_partners", "cli_source"),
)
BASES = (ProviderError, Retry, Fail, Hold, Quarantine)


def module_names() -> list[str]:
    """Every module of the package."""
    return sorted(info.name for info in pkgutil.walk_packages(package.__path__, f"{package.__name__}."))


def core_modules() -> list[str]:
    """Those that run without airflow (and are no migration script)."""
    return [n for n in module_names() if n.split(".")[1] not in GLUE and ".migrations" not in n]


def error_leaves() -> list[type[ProviderError]]:
    """Every error class that is raised, in the order of their names."""
    for name in core_modules():
        importlib.import_module(name)

    def below(cls: type[ProviderError]) -> Iterator[type[ProviderError]]:
        for child in cls.__subclasses__():
            yield child
            yield from below(child)

    found = {c for c in below(ProviderError) if c not in BASES and c.__module__.startswith(package.__name__)}
    return sorted(found, key=lambda cls: (cls.action.value, cls.__name__))


def errors_table() -> str:
    rows = ["| error | what the caller does | what it says | what a person does |", "| --- | --- | --- | --- |"]
    for cls in error_leaves():
        meaning = " ".join((cls.__doc__ or "").split("\n\n")[0].split()).rstrip(".")
        rows.append(f"| `{cls.__name__}` | {cls.action.value} | {meaning} | {cls.default_remedy} |")
    return "\n".join(rows)


def settings_table() -> str:
    rows = ["| setting | type | default | meaning |", "| --- | --- | --- | --- |"]
    for name, option in SETTINGS.items():
        default = f"`{option['default']}`" if option["default"] else "(empty)"
        rows.append(f"| `{name}` | {option['type']} | {default} | {option['description']} |")
    return "\n".join([f"Section `[{SECTION}]`; in the environment `AIRFLOW__{SECTION.upper()}__<NAME>`.", "", *rows])


def entities_table() -> str:
    rows = []
    for spec in load_specs().values():
        lines = {f"lines.{name}": column for name, column in (spec.lines.columns if spec.lines else {}).items()}
        rows += [f"### {spec.name}", "", "| column | type | GraphQL | assumed |", "| --- | --- | --- | --- |"]
        for name, column in {**spec.columns, **lines}.items():
            kind = f"{column.type}, {column.slots} places" if column.slots else str(column.type)
            path = f"`{'.'.join(column.graphql)}`" if column.graphql else "none known"
            rows.append(f"| {name} | {kind} | {path} | {'yes' if column.assumed else ''} |")
        rows.append("")
    return "\n".join(rows[:-1])


def with_table(text: str, table: str) -> str:
    """The page with the part between its two marks replaced."""
    found = re.subn(
        r"(<!-- table -->\n).*?(<!-- end of table -->)", lambda m: f"{m[1]}{table}\n{m[2]}", text, flags=re.S
    )
    assert found[1] == 1, "the page needs one pair of marks"
    return found[0]


PAGES = {"errors.md": errors_table, "settings.md": settings_table, "entities.md": entities_table}

if __name__ == "__main__":
    for page, table in PAGES.items():
        path = DOCS / page
        path.write_text(with_table(path.read_text(encoding="utf-8"), table()), encoding="utf-8")
