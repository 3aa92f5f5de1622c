"""The page of packs equals the format, and its example is right."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from pydantic import BaseModel

from airflow_provider_sagex3_cleo.partners.packs import PackShelf
from airflow_provider_sagex3_cleo.x12.packs import Pack, Rule
from airflow_provider_sagex3_cleo.x12.packs.model import Allowance

PAGE = (Path(__file__).parents[4] / "docs" / "how-to" / "conformance-packs.md").read_text(encoding="utf-8")


def rows(after: str, header: str) -> dict[str, str]:
    table = PAGE.split(after, 1)[1].split(header, 1)[1].split("\n\n", 1)[0]
    return dict(re.findall(r"^\| `(\w+)` \| (.*?) \|", table, flags=re.MULTILINE))


@pytest.mark.parametrize(
    ("after", "header", "model"),
    [
        ("## Keys of a pack", "| key |", Pack),
        ("## Keys of a rule", "| key |", Rule),
        ("## Keys of a rule", "| key of `allow` |", Allowance),
    ],
)
def test_every_key_stands_on_the_page_with_its_default(after: str, header: str, model: type[BaseModel]) -> None:
    expected = {}
    for name, info in model.model_fields.items():
        value = info.get_default(call_default_factory=True)
        empty = "needed" if info.is_required() else "none"
        expected[info.alias or name] = f"`{value}`" if isinstance(value, str) else empty
    assert rows(after, header) == expected


def test_the_pack_of_the_page_is_right(tmp_path: Path) -> None:
    (text,) = re.findall(r"```yaml\n(.*?)```", PAGE, flags=re.DOTALL)
    (tmp_path / "packs").mkdir()
    (tmp_path / "packs" / "hardware-850.yaml").write_text(re.sub("(?m)^   ", "", text))
    shelf = PackShelf(tmp_path)
    assert shelf.findings == []
    pack = shelf.resolved("hardware-850")
    assert pack is not None
    assert {rule.id for rule in pack.rules} >= {"units", "three-packs", "terms", "account"}


def test_every_shipped_pack_stands_on_the_page() -> None:
    folder = Path(__file__).parents[4] / "airflow_provider_sagex3_cleo" / "x12" / "packs" / "shipped"
    shelf = PackShelf(None)
    listed = re.findall(r"^\| `(example-[a-z0-9-]+)` \| (.*?) \| (.*?) \|", PAGE, flags=re.MULTILINE)
    assert sorted(name for name, _, _ in listed) == sorted(path.stem for path in folder.glob("*.yaml"))
    for name, set_id, releases in listed:
        pack = shelf.resolved(name)
        assert pack is not None
        assert (pack.set_id or "(to be extended)") == set_id
        assert releases == ("both" if len(pack.releases) == 2 else pack.releases[0])
