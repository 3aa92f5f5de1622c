"""docs/x12.md lists exactly the finding codes and the rules there are."""

from __future__ import annotations

import re
from dataclasses import MISSING, Field, fields
from pathlib import Path

import pytest

from airflow_provider_sagex3_cleo.x12.set_810 import Rules810
from airflow_provider_sagex3_cleo.x12.set_850 import Rules850
from airflow_provider_sagex3_cleo.x12.set_856 import Rules856
from airflow_provider_sagex3_cleo.x12.set_860 import Rules860
from airflow_provider_sagex3_cleo.x12.set_rules import SetRules

ROOT = Path(__file__).parents[3]
PAGE = ROOT / "docs" / "x12.md"


def test_every_finding_code_is_in_the_docs_and_the_docs_have_no_other() -> None:
    page = PAGE.read_text()
    table = page[page.index("## Findings") :]
    documented = {
        code for row in re.findall(r"^\| (`.*?) \|", table, re.M) for code in re.findall(r"`([a-z0-9-]+)`", row)
    }
    code = (
        r'"((?:isa|gs|st|iea|ge|se|group|segment|loop|element|count|release|set|ctt|amt|tds|hl|man|value|second|line|party|'
        + r"date|terms|tax|charge|quantity|unit|schedule|destination|poc|bpr|rmr|ak9|agreement)-[a-z0-9-]+|"
        + r'isa11|gs01|delimiters|syntax|character|not-utf8)"'
    )
    sources = (ROOT / "airflow_provider_sagex3_cleo" / "x12").rglob("*.py")
    used = {found for path in sources for found in re.findall(code, path.read_text())}
    assert documented == used


@pytest.mark.parametrize(
    ("heading", "rules", "base"),
    [
        ("850", Rules850, SetRules),
        ("810", Rules810, SetRules),
        ("856", Rules856, SetRules),
        ("860", Rules860, Rules850),
    ],
)
def test_every_rule_of_a_set_is_in_the_docs_with_its_default(
    heading: str, rules: type[SetRules], base: type[SetRules]
) -> None:
    table = PAGE.read_text().split(f"| {heading} | default | meaning |")[1].split("\n\n")[0]
    documented: dict[str, str] = {}
    for names, defaults in re.findall(r"^\| (`.*?) \| (.*?) \|", table, re.M):
        documented.update(zip(re.findall(r"`(\w+)`", names), defaults.split(", "), strict=True))
    shared = {field.name: default_of(field) for field in fields(base)}
    own = {field.name: default_of(field) for field in fields(rules)}
    assert documented == {name: said(own[name]) for name in own if name not in shared or own[name] != shared[name]}


def default_of(field: Field[object]) -> object:
    return field.default if field.default_factory is MISSING else field.default_factory()


def said(default: object) -> str:
    """A default as the page writes it."""
    if default in ((), {}):
        return "(none)"
    return str(default).lower() if isinstance(default, bool) else str(default)


def test_the_guide_says_how_many_lines_the_tables_of_the_820_took() -> None:
    folder = ROOT / "airflow_provider_sagex3_cleo" / "x12" / "tables"

    def lines(file: str) -> int:
        text = (folder / file).read_text()
        start = text.index('    "820": {\n')
        return text[start : text.index("\n    }", start)].count("\n") + 2

    guide = (ROOT / "docs" / "how-to" / "add-a-transaction-set.md").read_text()
    sets = [int(n) for n in re.findall(r"^\| `sets`: .*\| (\d+) \|$", guide, re.M)]
    assert sets == [lines("004010.json"), lines("005010.json")]
    told = sum(int(n) for n in re.findall(r"^\| .*\| (\d+) \|$", guide, re.M))
    assert f"took {told} lines of JSON" in guide
