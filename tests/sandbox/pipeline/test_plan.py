"""A plan says what the run will do, and leaves no trace of itself."""

from __future__ import annotations

import hashlib
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from airflow_provider_sagex3_cleo.errors import LedgerMismatch, SettingFault, WatermarkFault
from airflow_provider_sagex3_cleo.ledger import Ledger
from airflow_provider_sagex3_cleo.partners import load_book
from airflow_provider_sagex3_cleo.pipeline.plan import Plan, plan
from airflow_provider_sagex3_cleo.pipeline.run import Run
from airflow_provider_sagex3_cleo.sagex3.reader import open_reader
from airflow_provider_sagex3_cleo.sagex3.spec import load_specs
from airflow_provider_sagex3_cleo.story import tell_plan
from tests.sandbox.pipeline.conftest import Scene
from tests.support.scene import ENTITY


def look(scene: Scene, run: Run | None = None, **options: Any) -> Plan:
    place = scene.place
    reader, ledger = open_reader(place.sagex3_settings()), Ledger.open(place.ledger_url)
    try:
        return plan(
            run or Run("plan", ENTITY), reader=reader, ledger=ledger, spec=load_specs(None)[ENTITY],
            book=load_book(place.agreements), watermark=place.variables_store(), settings=place.settings(), **options,
        )  # fmt: skip
    finally:
        reader.close()
        ledger.close()


def busy(scene: Scene) -> list[str]:
    """Orders of every fate: new, sent and touched, sent and changed, unsigned, without agreement."""
    scene.baseline()
    sent = scene.world.new_orders(4)
    scene.run()
    scene.world.touch([sent[0]])
    scene.world.edit_line(sent[1], QTYUOM="77")
    new = scene.world.new_orders(6, lines=3)
    scene.world.unsign(new[0])
    uncovered = next(s.code for s in scene.world.suppliers.values() if s not in scene.world.enrolled())
    return [*new, scene.world.new_order(uncovered)]


def fingerprint(scene: Scene) -> dict[str, str]:
    """Everything a run could move: the ledger's file, the Variables, the files on Cleo."""
    files = [Path(scene.place.ledger_url.removeprefix("sqlite:///")), Path(scene.place.variables)]
    found = {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in files}
    return found | {row.name: row.sha256 for row in scene.journal()}


def test_a_plan_foretells_the_next_run_and_leaves_no_trace(scene: Scene) -> None:
    busy(scene)
    scene.advance(30)
    before, calls = fingerprint(scene), len(scene.sandbox.cleo.server.log())
    foretold = look(scene)
    assert fingerprint(scene) == before
    assert len(scene.sandbox.cleo.server.log()) == calls
    done = scene.run(settled=False)
    assert foretold.counts == {name: n for name, n in done.counts.items() if name in foretold.counts and n}
    assert foretold.counts["mapped"] == done.counts["sent"]
    assert set(foretold.counts) >= {"mapped", "held", "unchanged", "waiting", "not_for_edi"}
    assert not foretold.cut


def test_what_is_not_quiet_yet_settles_in_the_plan_as_in_the_run(scene: Scene) -> None:
    scene.baseline()
    number = scene.world.new_order(scene.supplier)
    scene.advance(2)
    (line,) = look(scene).lines
    assert (line.key, line.outcome, line.known) == (number, "settling", False)
    assert "settling until" in line.why


def test_what_is_landed_and_due_again_is_in_the_plan_once(scene: Scene) -> None:
    scene.baseline()
    first, second = scene.world.new_orders(2)
    scene.advance(2)
    scene.run(settled=False)
    scene.advance(30)
    assert [(line.key, line.known) for line in look(scene).lines] == [(first, True), (second, True)]
    scene.world.touch([first])
    scene.advance(30)
    assert sorted((line.key, line.known) for line in look(scene).lines) == sorted([(first, False), (second, True)])


def test_a_window_is_planned_without_the_watermark(scene: Scene) -> None:
    busy(scene)
    scene.advance(30)
    now = scene.sandbox.clock.now()
    Path(scene.place.variables).unlink()
    window = (now - timedelta(hours=1), now)
    found = look(scene, Run("plan", ENTITY, "backfill", *window))
    assert found.window == window
    assert found.counts["mapped"] > 0
    with pytest.raises(WatermarkFault, match="watermark rebuild"):
        look(scene)
    with pytest.raises(SettingFault, match="the first before the second"):
        look(scene, Run("plan", ENTITY, "backfill", window[1], window[0]))


def test_a_plan_is_bounded_and_says_so(scene: Scene) -> None:
    scene.baseline()
    scene.world.new_orders(8)
    scene.advance(30)
    found = look(scene, most=5, limit=2)
    assert found.cut
    assert sum(found.counts.values()) == 5
    assert max(Counter(line.outcome for line in found.lines).values()) == 2
    assert "--most" in "\n".join(tell_plan(found))
    assert not look(scene, most=8).cut


def test_a_first_plan_names_the_baseline_and_binds_no_ledger(scene: Scene) -> None:
    scene.place.ledger().close()
    before = hashlib.sha256(Path(scene.place.ledger_url.removeprefix("sqlite:///")).read_bytes()).hexdigest()
    with pytest.raises(WatermarkFault, match="sagex3-cleo baseline"):
        look(scene)
    look(scene, Run("plan", ENTITY, "backfill", datetime(2026, 11, 1, tzinfo=UTC), datetime(2026, 11, 2, tzinfo=UTC)))
    after = hashlib.sha256(Path(scene.place.ledger_url.removeprefix("sqlite:///")).read_bytes()).hexdigest()
    assert after == before


def test_a_ledger_of_another_pair_is_refused(scene: Scene) -> None:
    scene.baseline()
    scene.place.sagex3["extra"]["folder"] = "OTHER"
    with pytest.raises(LedgerMismatch):
        look(scene)


def test_documents_left_behind_are_named(scene: Scene) -> None:
    scene.baseline()
    scene.world.new_order(scene.supplier)
    fault = scene.sandbox.cleo.server.fault("maintenance", "", times=None)
    scene.run()
    scene.sandbox.cleo.server.faults.clear(fault)
    found = look(scene)
    assert sum(found.outbox.values()) == 1
    assert "taken up by the next one: 1" in list(tell_plan(found))[-1]
