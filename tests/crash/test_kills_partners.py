"""A partners run that dies anywhere: one name has one content, and no reference file comes twice."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from airflow_provider_sagex3_cleo.ledger import Ledger, audit
from airflow_provider_sagex3_cleo.sandbox.run import Sandbox
from tests.sandbox.pipeline.conftest import START, Scene
from tests.support.process import start

FOLDER, KILLS = "reference", 10


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[Scene]:
    with Sandbox(11, orders=5, supplier_count=20, start=START, frozen=True) as sandbox:
        scene = Scene(tmp_path, sandbox)
        sandbox.cleo.store.folder(FOLDER)
        options = {
            "lease_s": 0.5, "run_lock_s": 0.3, "upload_deadline_s": 0.3, "reference_folder": FOLDER,
            "partner_entities": ("suppliers",), "reference_entities": ("suppliers",), "reference_formats": ("csv",),
            "lookback_s": 60,
        }  # fmt: skip
        scene.place = replace(scene.place, options=options)
        yield scene


def change(scene: Scene, turn: int) -> None:
    scene.world.references.rename(scene.supplier, f"Example Name {turn}")
    scene.advance(90)


def settle(scene: Scene, run_id: str) -> int:
    """Start new processes until a run is green; how many calls it made."""
    deadline, turn, out = time.monotonic() + 60, 0, ""
    while time.monotonic() < deadline:
        turn += 1
        out = start(scene.place, f"{run_id}.{turn}", scene.folder, entity="partners").finish()
        if "green" in out:
            return int(out.split()[0])
        time.sleep(0.1)  # the dead one's lock runs out on the database's clock, which a test cannot move
    raise AssertionError(f"not settled: {out}")


@pytest.mark.parametrize("pickup", ["never", "may"])
def test_killed_between_upload_and_record_no_second_file_and_no_other_content(scene: Scene, pickup: str) -> None:
    scene.place = replace(scene.place, options={**scene.place.options, "reference_pickup": pickup})
    scene.advance(90)
    settle(scene, "first")
    change(scene, 0)
    calls = settle(scene, "count")
    sent_from = calls * 6 // 10  # reading, keeping and comparing come first
    kills = 0
    for turn in range(KILLS):
        change(scene, turn + 1)
        kill_at = sent_from + turn * (calls - sent_from) // KILLS
        process = start(scene.place, f"kill-{turn}", scene.folder, kill_at=kill_at, entity="partners")
        process.finish()
        kills += process.killed
        settle(scene, f"after-{turn}")
    assert kills >= KILLS - 1

    journal = scene.sandbox.cleo.store.journal(FOLDER)
    contents = {row.name: row.data for row in journal}
    assert all(row.data == contents[row.name] for row in journal), "one name, one content"
    assert len({row.data for row in journal}) == len(contents), "one content, one name"
    wanted = {f"Example Name {turn}".encode() for turn in range(KILLS + 1)}
    arrived = {name for name in wanted if any(name + b"," in row.data for row in journal)}
    if pickup == "never":
        assert arrived == wanted
    else:
        assert len(journal) == len(contents), "nothing is uploaded twice"
    with Ledger.open(scene.place.ledger_url) as ledger, ledger.reading() as db:
        assert audit.verify(db).faults == []
