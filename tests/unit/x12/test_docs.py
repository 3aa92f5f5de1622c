"""docs/x12.md lists exactly the finding codes there are."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parents[3]


def test_every_finding_code_is_in_the_docs_and_the_docs_have_no_other() -> None:
    page = (ROOT / "docs" / "x12.md").read_text()
    table = page[page.index("## Findings") :]
    documented = {
        code for row in re.findall(r"^\| (`.*?) \|", table, re.M) for code in re.findall(r"`([a-z0-9-]+)`", row)
    }
    code = (
        r'"((?:isa|gs|st|iea|ge|se|group|segment|loop|element|count|release|set|ctt|amt|tds|hl|man|value|second)-[a-z0-9-]+|'
        + (r'isa11|gs01|delimiters|syntax|character)"')
    )
    sources = (ROOT / "airflow_provider_sagex3_cleo" / "x12").rglob("*.py")
    used = {found for path in sources for found in re.findall(code, path.read_text())}
    assert documented == used
