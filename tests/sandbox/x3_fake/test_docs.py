"""The sandbox's page says what is there."""

from __future__ import annotations

import re
from pathlib import Path

from airflow_provider_sagex3_cleo.sandbox.faults import KINDS
from airflow_provider_sagex3_cleo.sandbox.history import STORIES
from airflow_provider_sagex3_cleo.sandbox.run import Sandbox

PAGE = (Path(__file__).parents[3] / "docs" / "sandbox.md").read_text(encoding="utf-8")


def test_the_page_lists_every_kind_of_fault():
    assert set(re.findall(r"^\| `(\w+)` \|", PAGE, re.M)) == set(KINDS)


def test_the_page_names_every_move_and_story():
    with Sandbox(1, orders=60) as sandbox:
        moves = set(sandbox.world.calls()) - {"describe", "stories"}
    assert [move for move in moves if f"`{move}(" not in PAGE] == []
    assert [
        story for story in STORIES if f"`{story}`" not in PAGE and story not in ("signed", "one_line", "same_stamp_b")
    ] == []
