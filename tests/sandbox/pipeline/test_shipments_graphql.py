"""Deliveries by GraphQL on their way to Cleo: nothing without the gates, the same 856s under the site's own file."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from airflow_provider_sagex3_cleo.sagex3.describe import Schema, describe
from airflow_provider_sagex3_cleo.sagex3.sessions import open_transport
from airflow_provider_sagex3_cleo.sagex3.spec import load_specs
from airflow_provider_sagex3_cleo.sandbox.deliveries import DELIVERY_STORIES
from airflow_provider_sagex3_cleo.sandbox.faults import KINDS
from airflow_provider_sagex3_cleo.sandbox.run import Sandbox
from tests.sandbox.pipeline.conftest import START, Scene, values
from tests.support.scene import GATES_ALONE

PLAIN, PACKED, NO_PACKS = "C0001", "C0002", "C0003"  # what their sample agreements differ in


def described(scene: Scene) -> Path:
    """The entity file that `describe` writes for deliveries at this site."""
    settings = scene.place.sagex3_settings()
    transport = open_transport(settings)
    try:
        found = describe(load_specs()["deliveries"], Schema(settings, transport))
    finally:
        transport.close()
    file = scene.folder / "entities.yaml"
    file.write_text(found.file(), encoding="utf-8")
    return file


def read_by_graphql(scene: Scene) -> None:
    """As a site does it: the connection says graphql, describe writes the file, the setting names it."""
    scene.by_graphql()
    scene.by_graphql(described(scene))


def read_without_names(scene: Scene) -> None:
    """Only the gates have names beside what public pages name."""
    file = scene.folder / "entities.yaml"
    file.write_text(GATES_ALONE, encoding="utf-8")
    scene.by_graphql(file)


def test_as_shipped_a_run_is_red_with_the_remedy_and_nothing_is_read_or_sent(shipments: Scene) -> None:
    shipments.baseline()
    shipments.world.deliveries.new_delivery(PLAIN)
    shipments.by_graphql()
    shipments.sandbox.x3.server.clear_log()
    before = shipments.variables.get("sagex3_cleo_watermark_sagex3_default_deliveries")
    outcome = shipments.run()
    (problem,) = outcome.problems
    assert "CFMFLG.graphql" in str(problem)
    assert "nothing could tell what may be sent" in str(problem)
    assert "describe --entity deliveries" in problem.remedy
    assert shipments.x3_requests() == []
    assert shipments.journal() == []
    assert shipments.variables.get("sagex3_cleo_watermark_sagex3_default_deliveries") == before


def test_what_is_told_is_the_same_to_the_byte_but_for_the_bill_of_ladings_reference(tmp_path: Path) -> None:
    sent: dict[str, tuple[list[list[bytes]], list[str]]] = {}
    for transport in ("rest", "graphql"):
        (tmp_path / transport).mkdir()
        with Sandbox(7, orders=40, supplier_count=40, start=START, frozen=True) as sandbox:
            scene = Scene(tmp_path / transport, sandbox, entity="deliveries")
            if transport == "graphql":
                read_by_graphql(scene)
            scene.baseline()
            for customer in (PLAIN, NO_PACKS):
                for story in DELIVERY_STORIES.values():
                    if customer == NO_PACKS or "packs" not in story:
                        scene.world.deliveries.new_delivery(customer, **story)
            outcome = scene.run()
            assert outcome.green
            assert outcome.counts["sent"] >= 10
            # without ISA, GS and ST, SE, GE, IEA, and the reference that BILLLADH alone has
            files = sorted(row.data.split(row.data[105:106])[3:-4] for row in scene.journal())
            bodies = [[each for each in body if not each.strip().startswith(b"REF*CN*PRO")] for body in files]
            sent[transport] = (bodies, [f"{key}: {row.reason}" for key, row in sorted(scene.held().items())])
    assert sent["rest"] == sent["graphql"]


def test_a_delivery_that_is_not_validated_waits_and_goes_when_it_is(shipments: Scene) -> None:
    read_by_graphql(shipments)
    shipments.baseline()
    number = shipments.world.deliveries.new_delivery(PLAIN, validated=False)
    assert shipments.run().counts["waiting"] == 1
    assert shipments.journal() == []
    shipments.world.deliveries.validate_delivery(number)
    assert shipments.run().counts["sent"] == 1
    assert shipments.run().counts["sent"] == 0
    assert shipments.shipments_in_cleo() == [number]


@pytest.mark.parametrize("columns", [{"SDHCAT": 2}, {"BETFCY": 2}, {"RTNSTA": 3}], ids=str)
def test_loans_own_sites_and_returns_are_told_to_nobody(shipments: Scene, columns: dict[str, int]) -> None:
    read_without_names(shipments)
    shipments.baseline()
    shipments.world.deliveries.new_delivery(PLAIN, header=columns)
    assert shipments.run().counts["not_for_edi"] == 1
    assert shipments.held() == {}
    assert shipments.journal() == []


def test_a_value_of_cfmflg_that_nobody_knows_holds_that_delivery_and_no_other(shipments: Scene) -> None:
    read_by_graphql(shipments)
    shipments.baseline()
    odd = shipments.world.deliveries.new_delivery(PLAIN, header={"CFMFLG": 3})
    good = shipments.world.deliveries.new_delivery(PLAIN)
    assert shipments.run().green
    assert shipments.shipments_in_cleo() == [good]
    assert "CFMFLG has the value None" in shipments.held()[odd].reason
    assert "'isDeliveryValidated' holds a value that GraphQL cannot show" in shipments.held()[odd].reason


NEEDS: list[tuple[str, dict[str, str], str, str]] = [
    (PACKED, {}, "the agreement asks for packs, which are not read", "read deliveries by REST"),
    (
        PLAIN,
        {"  - carrier_code": "  - carrier_code\n  - tracking_numbers"},
        "PRONUM: is read neither of the delivery nor of its bill of lading",
        "tracking_field",
    ),
]


@pytest.mark.parametrize(("customer", "edits", "sentence", "remedy"), NEEDS, ids=["packs", "tracking"])
def test_an_agreement_that_needs_what_only_rest_shows_holds_and_says_so(
    shipments: Scene, customer: str, edits: dict[str, str], sentence: str, remedy: str
) -> None:
    read_by_graphql(shipments)
    for old, new in edits.items():
        shipments.edit_agreement(customer, old, new)
    shipments.baseline()
    number = shipments.world.deliveries.new_delivery(customer, packs=2, bill=True)
    good = shipments.world.deliveries.new_delivery(NO_PACKS)
    assert shipments.run().green
    assert shipments.shipments_in_cleo() == [good]
    assert sentence in shipments.held()[number].reason
    assert "GraphQL" in shipments.held()[number].reason
    assert remedy in shipments.held()[number].remedy


@pytest.mark.parametrize(
    ("shipment", "column"),
    [
        ("needs: [carrier_code]", "BPTNUM"),
        ("needs: [weight]", "GROWEI"),
        ("needs: [packages]", "PACNBR"),
        ("needs: [bill_of_lading]", "BOLNUM"),
        ("needs: [expected_date]", "ARVDAT"),
        ("when: packed", "PACFLG"),
        ("when: printed", "PRNNDE"),
        ("per: load", "BOLNUM"),
    ],
)
def test_an_agreement_that_asks_for_a_column_without_a_name_holds_and_says_so(
    shipments: Scene, shipment: str, column: str
) -> None:
    read_without_names(shipments)
    shipments.edit_agreement(PLAIN, r"^shipment:\n  needs:\n  - carrier_code$", f"shipment: {{{shipment}}}")
    shipments.baseline()
    number = shipments.world.deliveries.new_delivery(PLAIN, bill=True)
    assert shipments.run().green
    assert shipments.journal() == []
    held = shipments.held()[number]
    assert f"{column}: the agreement asks for a column that is not read" in held.reason
    assert "sagex3-cleo describe" in held.remedy


def test_what_no_agreement_asks_for_is_left_out_and_the_rest_is_told(shipments: Scene) -> None:
    read_without_names(shipments)
    shipments.edit_agreement(PLAIN, r"^shipment:\n  needs:\n  - carrier_code$", "shipment: {}")
    shipments.baseline()
    number = shipments.world.deliveries.new_delivery(PLAIN, lines=2, packs=2, bill=True)
    assert shipments.run().counts["sent"] == 1
    (sent,) = shipments.sets_in_cleo()
    shown = shipments.world.deliveries.describe_delivery(number)
    assert [row[2] for row in values(sent, "LIN")] == ["BP"] * 2
    assert values(sent, "BSN")[0][2:5] == [number, f"{shown['header']['SHIDAT']:%Y%m%d}", "1430"]
    assert [values(sent, name) for name in ("TD1", "TD5", "MAN")] == [[], [], []]
    assert [row[1] for row in values(sent, "DTM")] == ["011"]  # the day expected may be another one in ARVDAT


def test_a_quiet_poll_asks_each_table_once(shipments: Scene) -> None:
    read_by_graphql(shipments)
    shipments.baseline()
    shipments.run()
    shipments.advance(600)
    shipments.sandbox.x3.server.clear_log()
    assert shipments.run().green
    assert [row.notes["query"] for row in shipments.x3_requests()] == [
        ["salesDelivery.query"], ["salesDeliveryLine.query"],
    ]  # fmt: skip


@pytest.fixture(scope="module")
def struck(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    """One scene for all faults, one after the other."""
    with Sandbox(7, orders=4, supplier_count=30, start=START, frozen=True) as sandbox:
        scene = Scene(tmp_path_factory.mktemp("faults"), sandbox, entity="deliveries")
        read_by_graphql(scene)
        scene.baseline()
        yield scene


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_every_fault_of_sage_x3_on_the_routes_of_deliveries_ends_with_the_same_files(
    struck: Scene, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("airflow_provider_sagex3_cleo.transport.MAX_WAIT_S", 0.01)
    monkeypatch.setattr("airflow_provider_sagex3_cleo.transport._backoff", lambda state: 0.01)
    before = set(struck.shipments_in_cleo())
    new = struck.world.deliveries.new_deliveries(3, customer=PLAIN)
    routes: dict[str, int] = {
        r"\{salesDelivery\{query(?!.*salesDeliveryLines)": 1,  # keys of headers
        r"\{salesDeliveryLine\{query": 3,  # keys of lines, and how many there are
        r"salesDeliveryLines\{query": 1,  # details
        r"\{salesOrder\{query": 1,
    }
    for text, times in routes.items():
        struck.sandbox.x3.fault(kind, "/xtrem/api", text=text, times=times, seconds=0.01)
    assert any(struck.run().green for _ in range(4)), "not green again"
    struck.sandbox.x3.server.faults.clear()
    assert struck.run().green  # the lookback reads again what a shortened list left out
    assert struck.held() == {}
    assert sorted(each for each in struck.shipments_in_cleo() if each not in before) == sorted(new)
