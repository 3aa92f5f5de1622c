"""Several tasks at once, on SQLite and on PostgreSQL: parts and lanes share the work, nothing is done twice."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from airflow_provider_sagex3_cleo import pipeline
from airflow_provider_sagex3_cleo.cleo.client import CleoClient
from airflow_provider_sagex3_cleo.ledger import Ledger, audit
from airflow_provider_sagex3_cleo.partners import load_book
from airflow_provider_sagex3_cleo.pipeline import Run
from airflow_provider_sagex3_cleo.sagex3.reader import open_reader
from airflow_provider_sagex3_cleo.sagex3.spec import load_specs
from airflow_provider_sagex3_cleo.sandbox.run import Sandbox
from tests.sandbox.pipeline.conftest import START, Scene, values
from tests.support.scene import ENTITY


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest) -> str | None:
    """The address of a new database; None is the scene's own SQLite."""
    return None if request.param == "sqlite" else request.getfixturevalue("postgres").new_database()


def crowded(scene: Scene, database: str | None) -> Scene:
    """The scene with as much work at once as can be."""
    options = {"part_size": 1, "lanes_per_part": 1}
    scene.place = replace(scene.place, options=options, ledger_url=database or scene.place.ledger_url)
    return scene


@pytest.fixture
def busy(database: str | None, tmp_path: Path) -> Iterator[Scene]:
    with Sandbox(7, orders=30, supplier_count=40, start=START, frozen=True) as sandbox:
        scene = crowded(Scene(tmp_path, sandbox), database)
        scene.baseline()
        yield scene


def test_sixteen_parts_at_once_send_every_order_once(busy: Scene) -> None:
    new = busy.world.new_orders(120, lines=3)
    busy.advance(30)
    place, run = busy.place, Run("parallel", ENTITY)
    settings, spec, book = place.settings(), load_specs(None)[ENTITY], load_book(place.agreements)
    ledger = place.ledger()
    reader = open_reader(place.sagex3_settings())
    extracted = pipeline.extract(
        run, reader=reader, ledger=ledger, spec=spec, book=book, watermark=busy.variables, settings=settings
    )
    reader.close()
    assert len(extracted["parts"]) == 16

    def transform(part: dict[str, int]) -> dict[str, Any]:
        return pipeline.transform(run, ledger=ledger, spec=spec, book=book, settings=settings, part=part)

    def deliver(part: dict[str, int]) -> dict[str, Any]:
        with CleoClient(place.cleo_settings()) as cleo:
            return pipeline.deliver(run, ledger=ledger, cleo=cleo, book=book, settings=settings, lanes=part)

    with ThreadPoolExecutor(4) as pool:
        done = list(pool.map(transform, extracted["parts"]))
        assert sum(each["counts"].get("mapped", 0) for each in done) == 120
        lanes = pipeline.lane_parts(run, ledger=ledger, settings=settings)
        assert 1 < len(lanes) <= 16
        list(pool.map(deliver, [*lanes, *lanes]))  # the same lanes asked twice: the lease decides
    report = pipeline.report(run, ledger=ledger, settings=settings, upstream={})
    assert report["counts"]["sent"] == 120
    assert sorted(busy.orders_in_cleo()) == sorted(new)
    by_pair: dict[str, list[int]] = {}
    for row in busy.journal():
        by_pair.setdefault(row.folder, []).append(int(row.data[90:99]))  # ISA13
    assert all(numbers == sorted(numbers) for numbers in by_pair.values()), "in order within a lane"
    with ledger.reading() as db:
        assert audit.verify(db).faults == []
    ledger.close()


def test_a_whole_week_of_runs_ends_proven(busy: Scene) -> None:
    expected: list[str] = []
    for day in range(5):
        expected += busy.world.new_orders(6, lines=2)
        busy.world.touch(expected[:2])  # a stamp moves, nothing else
        if day:
            busy.world.receive(expected[day])
        assert busy.run().problems == []
        busy.advance(86_000)
    assert sorted(busy.orders_in_cleo()) == sorted(expected)
    ledger = Ledger.open(busy.place.ledger_url)
    with ledger.reading() as db:
        found = audit.verify(db)
    ledger.close()
    assert found.faults == []
    assert found.unsealed == 0


def test_sixteen_parts_at_once_write_every_load_once(shipments: Scene, database: str | None) -> None:
    busy = crowded(shipments, database)
    busy.edit_agreement("C0001", r"^shipment:$", "shipment:\n  per: load")
    busy.baseline()
    numbers = [busy.world.deliveries.new_delivery("C0001", lines=1, header={"BPTNUM": "EXPARCEL"}) for _ in range(30)]
    bills = [busy.world.deliveries.new_bill_of_lading(numbers[n::5]) for n in range(5)]
    busy.advance(30)
    run, entity = Run("parallel", busy.entity), busy.entity
    place, spec = busy.place, load_specs(None)[entity]
    settings, book, ledger = place.settings(), load_book(place.agreements), place.ledger()
    reader = open_reader(place.sagex3_settings())
    extracted = pipeline.extract(
        run, reader=reader, ledger=ledger, spec=spec, book=book, watermark=busy.variables, settings=settings
    )
    reader.close()

    def transform(part: dict[str, int]) -> dict[str, Any]:
        return pipeline.transform(run, ledger=ledger, spec=spec, book=book, settings=settings, part=part)

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(transform, [*extracted["parts"], *extracted["parts"]]))
    ledger.close()
    assert busy.run().counts["sent"] == len(bills)
    assert sorted(busy.shipments_in_cleo()) == sorted(bills)
    assert sum(len(values(each, "LIN")) for each in busy.sets_in_cleo()) == len(numbers)
    with Ledger.open(place.ledger_url) as again, again.reading() as db:
        assert audit.verify(db).faults == []
