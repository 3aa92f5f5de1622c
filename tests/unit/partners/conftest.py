"""A small agreements folder that is right, and a way to make it wrong."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from textwrap import dedent

import pytest

IDENTITIES = """\
identities:
  us:
    company: EXDIS
    name: Example Distribution Inc
    ids: {qualifier: ZZ, id: EXDIS}
  fresno:
    company: EXDIS
    sites: [CA01]
    name: Example Distribution Fresno
    ids: {qualifier: ZZ, id: EXDISCA}
"""
TABLES = """\
units: {UN: EA}
sites:
  NJ01: {name: Example Distribution Newark}
"""
PARTNER = """\
id: hardware-850
partner: S0001
set: "850"
stage: live
effective_from: 2026-01-01
ids: {qualifier: "12", id: "0005550001"}
folder: outbound/hardware
"""


@pytest.fixture
def partner() -> str:
    """The YAML of one agreement that is right."""
    return PARTNER


@pytest.fixture
def write(tmp_path: Path) -> Callable[..., Path]:
    """Write an agreements folder: the good files, each replaced or completed by name (None leaves one out)."""

    def make(files: dict[str, str | None] | None = None) -> Path:
        good: dict[str, str | None] = {
            "identities.yaml": IDENTITIES,
            "tables.yaml": TABLES,
            "partners/hardware.yaml": PARTNER,
        }
        for name, text in {**good, **(files or {})}.items():
            if text is not None:
                path = tmp_path / name
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(dedent(text), encoding="utf-8")
        (tmp_path / "partners").mkdir(exist_ok=True)
        return tmp_path

    return make
