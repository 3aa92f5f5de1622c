"""The page of all keys equals the models, and the guide's example is right."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest
from pydantic import BaseModel
from pydantic_core import PydanticUndefined

from airflow_provider_sagex3_cleo.partners import Agreement, Identity, Tables, check
from airflow_provider_sagex3_cleo.partners.agreement import Delimiters, ItemRules, PoNumberRules
from airflow_provider_sagex3_cleo.partners.changing import ChangeRules
from airflow_provider_sagex3_cleo.partners.invoicing import CreditNoteRules, InvoiceRules, SacRules
from airflow_provider_sagex3_cleo.partners.ordering import DateRule, IdChoice, NoteRules, ReferenceRule

DOCS = Path(__file__).parents[3] / "docs"
PAGE = (DOCS / "agreements.md").read_text(encoding="utf-8")


def rows(after: str, header: str) -> dict[str, str]:
    """Key -> default of the first table with this header after some text."""
    table = PAGE.split(after, 1)[1].split(header, 1)[1].split("\n\n", 1)[0]
    return dict(re.findall(r"^\| `(\w+)` \| (.*?) \|", table, flags=re.MULTILINE))


def default(info: Any) -> str:
    value = info.get_default(call_default_factory=True)
    if value is PydanticUndefined:
        return "needed"
    if isinstance(value, BaseModel):
        return "see below"
    if value in (None, {}, (), ""):
        return "none"
    if isinstance(value, bool):
        return f"`{str(value).lower()}`"
    return f"`{', '.join(value)}`" if isinstance(value, tuple) else f"`{value}`"


@pytest.mark.parametrize(
    ("after", "header", "model", "own"),
    [
        ("## Keys of an agreement", "| key |", Agreement, set()),
        ("## Keys of an agreement", "| key of `delimiters` |", Delimiters, set()),
        ("## Keys of an agreement", "| key of `shown_ids` |", IdChoice, set()),
        ("## Keys of an agreement", "| key of a reference |", ReferenceRule, set()),
        ("## Keys of an agreement", "| key of `notes` |", NoteRules, set()),
        ("## Keys of an agreement", "| key of `sac` |", SacRules, set()),
        ("## Keys of an agreement", "| key of a date |", DateRule, set()),
        ("## Keys of an agreement", "| key of `items` |", ItemRules, set()),
        ("## Keys of an agreement", "| key of `po_number` |", PoNumberRules, set()),
        ("## Keys of an agreement", "| key of `invoice` |", InvoiceRules, set()),
        ("## Keys of an agreement", "| key of `credit_notes` |", CreditNoteRules, set()),
        ("## Keys of an agreement", "| key of `change` |", ChangeRules, set()),
        ("## identities.yaml", "| key |", Identity, {"key"}),
        ("## tables.yaml", "| key |", Tables, set()),
    ],
)
def test_every_key_stands_on_the_page_with_its_default(
    after: str, header: str, model: type[BaseModel], own: set[str]
) -> None:
    expected = {info.alias or name: default(info) for name, info in model.model_fields.items() if name not in own}
    assert rows(after, header) == expected


def test_the_agreements_of_the_guide_are_right(write: Callable[..., Path]) -> None:
    guide = (DOCS / "how-to" / "add-a-partner.md").read_text(encoding="utf-8")
    first, wishes, second = re.findall(r"```yaml\n(.*?)```", guide, flags=re.DOTALL)
    hardware = dedent(first) + wishes
    assert check(write({"partners/hardware.yaml": hardware, "partners/fasteners.yaml": second})) == []
