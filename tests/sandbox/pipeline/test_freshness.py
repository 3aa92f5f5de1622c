"""A flow that stands still is noticed by those that run, and by `check`."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import update

from airflow_provider_sagex3_cleo.ledger import now, schema
from airflow_provider_sagex3_cleo.pipeline.check import Line
from tests.sandbox.pipeline.conftest import Scene
from tests.sandbox.pipeline.test_check_invoices import lines_of_check
from tests.support.scene import acknowledge, baseline


def age(scene: Scene, entity: str, hours: float) -> None:
    """Let the windows of an entity have ended so many hours ago."""
    window, ledger = schema.window, scene.place.ledger()
    with ledger.begin() as db:
        mine = (window.c.entity == entity, window.c.certified_at.is_not(None))
        db.execute(update(window).where(*mine).values(certified_at=now(db) - timedelta(hours=hours)))
    ledger.close()


def of_freshness(scene: Scene) -> list[Line]:
    return [line for line in lines_of_check(scene) if line.what.startswith("freshness")]


def test_a_flow_that_stands_still_is_told_by_the_reports_of_the_others_and_fails_none(
    scene: Scene, caplog: pytest.LogCaptureFixture
) -> None:
    scene.baseline()
    baseline(scene.place, entity="sales_invoices")
    outcome = scene.run()
    assert outcome.report is not None
    assert outcome.report["stale"] == 0
    age(scene, "sales_invoices", 25)
    outcome = scene.run()
    assert outcome.green
    assert outcome.report is not None
    assert outcome.report["stale"] == 1
    (warned,) = [text for text in caplog.messages if text.startswith("Not fresh")]
    assert "sales_invoices: the last poll that ended well did so 25 hours ago" in warned
    assert "paused" in warned
    assert acknowledge(scene.place, "ack-1")[1]["stale"] == 1


def test_check_is_red_for_it_until_it_runs_again(scene: Scene) -> None:
    scene.baseline()
    assert of_freshness(scene) == []
    age(scene, "purchase_orders", 30)
    (line,) = of_freshness(scene)
    assert (line.state, line.what) == ("red", "freshness purchase_orders")
    assert "30 hours ago" in line.found
    assert "freshness_h" in line.remedy
    scene.run()
    assert of_freshness(scene) == []


def test_daily_runs_do_not_hide_that_the_poll_stands_still(scene: Scene) -> None:
    scene.baseline()
    age(scene, "purchase_orders", 30)
    day = scene.world.clock.now().replace(hour=0, minute=0, second=0, microsecond=0)
    outcome = scene.run(kind="daily", window_from=day, window_to=day + timedelta(days=1))
    assert outcome.report is not None
    assert outcome.report["stale"] == 1


def test_what_was_never_read_is_not_judged_and_zero_switches_it_off(scene: Scene) -> None:
    assert of_freshness(scene) == []
    scene.baseline()
    age(scene, "purchase_orders", 1_000)
    scene.place = replace(scene.place, options={"freshness_h": 0})
    assert of_freshness(scene) == []
