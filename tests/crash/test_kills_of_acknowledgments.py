"""A process that dies anywhere while it takes acknowledgments up: each counts once, all ends as without a death."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from airflow_provider_sagex3_cleo.ledger import audit, schema
from airflow_provider_sagex3_cleo.sandbox import partner as p
from airflow_provider_sagex3_cleo.sandbox.run import Sandbox
from tests.sandbox.pipeline.conftest import START, Scene
from tests.support.process import start
from tests.support.scene import Place

KILLS = 20
TYPO = [p.Place("PO1", 3, "7")]
ANSWERS = [
    (p.accept(), p.interchange("A")),
    (p.reject(TYPO), p.repeat(p.reject(TYPO))),
    (p.accept(p.Spelling(kind="999")), p.advice("TR", "price")),
    (p.accept_with_errors(TYPO), p.accept()),
    (p.unknown_number(), p.foreign(), p.not_x12()),
    (p.truncated(p.accept()), p.accept()),
]


@pytest.fixture(scope="module")
def answered(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Scene, dict[str, bytes]]]:
    """Orders that were sent (one of them in doubt), and what the partners put into the inbound folder."""
    folder = tmp_path_factory.mktemp("answered")
    with Sandbox(11, orders=10, supplier_count=30, start=START, frozen=True) as sandbox:
        scene = Scene(folder, sandbox)
        scene.pickup("may")
        scene.baseline()
        cleo = {**scene.place.cleo, "extra": {**scene.place.cleo["extra"], "can_delete": "true"}}
        scene.place = replace(scene.place, cleo=cleo, options={"ack_folders": (p.INBOUND,)})
        partner = p.Partner(sandbox.cleo.store)
        for turn, answers in enumerate((*ANSWERS, (p.accept(),))):
            if turn == len(ANSWERS):
                sandbox.cleo.store.folder(f"{scene.supplier.lower()}-850", pickup="at_once")
                sandbox.cleo.cut_upload("after")
            scene.world.new_order(scene.supplier, lines=2)
            scene.run()
            partner.answer(*answers)
        yield scene, sandbox.cleo.store.files(p.INBOUND)


def begin_again(scene: Scene, files: dict[str, bytes], run_id: str, *, delete: bool) -> Place:
    """A copy of the ledger as it was before any acknowledgment, and the inbound folder full again."""
    store = scene.sandbox.cleo.store
    for name in store.files(p.INBOUND):
        store.delete(p.INBOUND, name)
    for name, data in files.items():
        store.place(p.INBOUND, name, data)
    source, copy = scene.place.ledger_url.removeprefix("sqlite:///"), scene.folder / f"{run_id}.db"
    with closing(sqlite3.connect(source)) as old, closing(sqlite3.connect(copy)) as new:
        old.backup(new)
    options = {**scene.place.options, "ack_delete": delete}
    return replace(scene.place, ledger_url=f"sqlite:///{copy}", options=options)


def end(place: Place) -> dict[str, list[Any]]:
    """What the ledger holds in the end, without ids, runs and times."""
    a, f, d, n = (schema.acknowledgment.c, schema.acknowledgment_file.c, schema.document.c, schema.control_number.c)
    said = select(f.file_name, a.kind, a.number, a.st, a.code, a.outcome, a.late, a.detail)
    questions = {
        "documents": select(d.key, d.state, d.reason, d.chain_seq),
        "files": select(f.file_name, f.size_bytes, f.sha256, f.state, f.reason),
        "said": said.join_from(schema.acknowledgment, schema.acknowledgment_file, f.id == a.file_id),
        "numbers": select(n.series_id, n.number, n.state),
    }
    ledger = place.ledger()
    with ledger.reading() as db:
        found = {name: sorted(map(repr, db.execute(query))) for name, query in questions.items()}
        assert audit.verify(db).faults == []
    ledger.close()
    return found


@pytest.mark.parametrize("delete", [False, True], ids=["files stay", "files are deleted"])
def test_killed_anywhere_each_acknowledgment_counts_once(
    answered: tuple[Scene, dict[str, bytes]], tmp_path: Path, delete: bool
) -> None:
    scene, files = answered
    place = begin_again(scene, files, f"whole-{delete}", delete=delete)
    out = start(place, "whole", tmp_path, acknowledging=True).finish()
    assert "green" in out, out
    calls, expected = int(out.split()[0]), end(place)
    assert calls > KILLS
    assert len(expected["files"]) == len(files)
    unread = {row.split("'")[1] for row in expected["files"] if "'unreadable'" in row}
    left = sorted(unread if delete else files)
    assert sorted(scene.sandbox.cleo.store.files(p.INBOUND)) == left

    for turn in range(KILLS):
        run_id = f"kill-{delete}-{turn}"
        place = begin_again(scene, files, run_id, delete=delete)
        process = start(place, run_id, tmp_path, kill_at=1 + turn * calls // KILLS, acknowledging=True)
        process.finish()
        assert process.killed
        assert "green" in start(place, f"after-{run_id}", tmp_path, acknowledging=True).finish()
        assert end(place) == expected, f"killed before call {1 + turn * calls // KILLS} of {calls}"
        assert sorted(scene.sandbox.cleo.store.files(p.INBOUND)) == left
