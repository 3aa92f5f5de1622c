"""The table that the demo prints: who adds its columns up gets the number of records that were read."""

from __future__ import annotations

import io
from collections import Counter

from rich.console import Console

from demo import outcomes
from tests.sandbox.pipeline.conftest import Scene


def told(scene: Scene, *run_ids: str) -> outcomes.Outcomes:
    ledger = scene.place.ledger()
    with ledger.reading() as db:
        found = outcomes.of_runs(db, 1, scene.entity, run_ids)
    ledger.close()
    return found


def test_what_was_read_and_what_was_taken_up_again_stand_in_rows_of_their_own_and_add_up(scene: Scene) -> None:
    scene.baseline()
    outsider = list(scene.world.suppliers)[-1]
    scene.world.new_orders(3, lines=2)
    scene.world.new_order(outsider)
    unsigned = scene.world.new_order(scene.supplier, header={"APPFLG": 1})
    scene.world.new_order(scene.supplier, lines=1, line_values=[{"UOM": "PAL", "PUU": "PAL", "UOMPUUCOE": 1}])
    scene.run("first")
    first = told(scene, "first")
    assert first.read == Counter({"sent": 3, "not for EDI": 1, "waiting": 1, "held": 1})
    assert not first.again

    scene.world.sign(unsigned)
    tables = scene.agreements / "tables.yaml"
    tables.write_text(tables.read_text().replace("units:", "units:\n  PAL: PL", 1))
    scene.run("second")
    second = told(scene, "second")
    assert second.read == Counter({"sent": 1})
    assert second.again["sent"] == 1
    assert second.again.keys() <= {"sent", "not for EDI", "waiting"}
    assert second.sent == 2
    assert told(scene, "first", "second").sent == len(scene.journal()) == 5

    shown = io.StringIO()
    Console(file=shown, width=140).print(outcomes.table("second window", second))
    rows = [line for line in shown.getvalue().splitlines() if line.startswith("│ ")]
    for row in rows:
        _, records, *columns = row.strip("│").split("│")
        assert int(records) == sum(map(int, columns))
    assert len(rows) == 2
