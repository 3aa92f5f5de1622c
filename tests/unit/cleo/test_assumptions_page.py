"""The page of assumptions names every setting of the connection."""

from __future__ import annotations

from pathlib import Path

import pytest

from airflow_provider_sagex3_cleo.cleo.settings import known_extras

PAGE = Path(__file__).parents[3] / "docs" / "assumptions.md"


@pytest.mark.parametrize("extra", [field.name for field in known_extras()])
def test_every_extra_of_the_connection_is_on_the_page(extra: str) -> None:
    assert f"`{extra}`" in PAGE.read_text().partition("## Cleo")[2]
