"""Orders on their way through Cleo's HTTP service: the same promises as through its REST API."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from airflow_provider_sagex3_cleo.ledger.states import DocState
from airflow_provider_sagex3_cleo.sandbox.run import Sandbox
from tests.sandbox.pipeline.conftest import START, Scene


@pytest.fixture
def service(tmp_path: Path) -> Iterator[Scene]:
    """A scene whose Cleo connection says `dialect: server`."""
    with Sandbox(7, orders=60, supplier_count=40, start=START, frozen=True) as sandbox:
        scene = Scene(tmp_path, sandbox)
        cleo = scene.place.cleo
        scene.place = replace(scene.place, cleo={**cleo, "extra": {**cleo["extra"], "dialect": "server"}})
        yield scene


def sends(scene: Scene) -> list[str]:
    return [row.query["filename"] for row in scene.sandbox.cleo.server.log() if row.query.get("request") == "send"]


def test_new_orders_arrive_once_and_are_read_back(service: Scene) -> None:
    service.place = replace(service.place, options={"read_back": True})
    service.baseline()
    new = service.world.new_orders(6)
    assert service.run().counts["sent"] == 6
    assert service.run().green
    assert sorted(service.orders_in_cleo()) == sorted(new)
    assert len(sends(service)) == 6
    assert {row.path for row in service.sandbox.cleo.server.log()} == {"/server"}


@pytest.mark.parametrize("when", ["before", "during", "after"])
def test_an_upload_without_an_answer_is_settled_by_looking_where_nobody_picks_up(service: Scene, when: str) -> None:
    service.pickup("never")
    service.baseline()
    number = service.world.new_order(service.supplier)
    service.sandbox.cleo.cut_upload(when, dialect="server")
    assert service.run().problems == []
    assert service.documents(number)[-1].state is DocState.SENT
    assert len(set(sends(service))) == 1


def test_where_files_are_picked_up_an_unanswered_upload_is_in_doubt_and_never_sent_again(service: Scene) -> None:
    service.pickup("may")
    service.baseline()
    number = service.world.new_order(service.supplier)
    for name in service.sandbox.cleo.store.folder_names():
        service.sandbox.cleo.store.folder(name, pickup="at_once")
    service.sandbox.cleo.cut_upload("after", dialect="server")
    for _ in range(3):
        service.run()
    assert service.documents(number)[-1].state is DocState.IN_DOUBT
    assert len(service.journal()) == 1
