"""Deliveries by GraphQL: refused until the site's file names the gates, read like by REST once describe wrote it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from airflow_provider_sagex3_cleo import errors as e
from airflow_provider_sagex3_cleo.mapping.gates import judged
from airflow_provider_sagex3_cleo.sagex3.describe import Description, Schema, describe
from airflow_provider_sagex3_cleo.sagex3.reader import Record
from airflow_provider_sagex3_cleo.sagex3.sessions import open_transport
from airflow_provider_sagex3_cleo.sagex3.settings import SageX3Settings
from airflow_provider_sagex3_cleo.sagex3.spec import EntitySpec, load_specs
from airflow_provider_sagex3_cleo.sandbox.faults import KINDS
from airflow_provider_sagex3_cleo.sandbox.run import Sandbox
from airflow_provider_sagex3_cleo.sandbox.x3_packages import PACKAGES
from airflow_provider_sagex3_cleo.sandbox.x3_schema import Leaf, Member
from tests.support.scene import GATES_ALONE

Open = Callable[..., Any]
Look = Callable[..., Description]
SHIPPED = load_specs()["deliveries"]
API = "/xtrem/api"


@pytest.fixture
def look(settings: Callable[..., SageX3Settings], sandbox: Sandbox) -> Look:
    """What `describe` finds for a specification of deliveries."""

    def ask(spec: EntitySpec = SHIPPED) -> Description:
        given = settings(transport="graphql", auth="connected_app")
        transport = open_transport(given)
        try:
            return describe(spec, Schema(given, transport))
        finally:
            transport.close()

    return ask


def site(folder: Path, text: str) -> EntitySpec:
    """Deliveries under a site's own entity file."""
    file = folder / "entities.yaml"
    file.write_text(text, encoding="utf-8")
    return load_specs(file)["deliveries"]


@pytest.fixture(scope="module")
def written() -> dict[str, EntitySpec]:
    return {}


@pytest.fixture
def spec(look: Look, tmp_path: Path, written: dict[str, EntitySpec]) -> EntitySpec:
    """Deliveries under the file that `describe` writes for the sandbox; it is asked once."""
    if not written:
        written["deliveries"] = site(tmp_path, look().file())
    return written["deliveries"]


def at_a_site_whose_deliveries_have(monkeypatch: pytest.MonkeyPatch, members: Mapping[str, Member]) -> None:
    """Serve these properties of a delivery in place of the one for CFMFLG."""
    node = PACKAGES["x3Sales"]["salesDelivery"]
    kept = {name: member for name, member in node.members.items() if name != "isDeliveryValidated"}
    monkeypatch.setitem(PACKAGES["x3Sales"], "salesDelivery", replace(node, members={**kept, **members}))  # type: ignore[arg-type]


def test_as_shipped_they_are_refused_naming_the_gates_and_the_remedy_and_nothing_is_asked(
    sandbox: Sandbox, graphql: Open
) -> None:
    opened = graphql()
    for ask in (
        lambda: opened.sources(SHIPPED),
        lambda: list(opened.key_pages(SHIPPED, "SDELIVERY", lower=None)),
        lambda: list(opened.details(SHIPPED, ["SDH-1"])),
        lambda: opened.probe(SHIPPED),
    ):
        with pytest.raises(e.SettingFault) as caught:
            ask()
        assert "CFMFLG.graphql, RTNSTA.graphql, BETFCY.graphql: deliveries cannot be read by GraphQL" in str(
            caught.value
        )
        assert "sagex3-cleo describe --entity deliveries --by graphql --write FILE" in str(caught.value)
        assert "entities_file" in str(caught.value)
    assert sandbox.x3.server.log() == []


def test_the_file_that_describe_writes_names_the_gates_and_makes_deliveries_readable(
    sandbox: Sandbox, graphql: Open, look: Look, tmp_path: Path
) -> None:
    found = look()
    assert "CFMFLG: isDeliveryValidated, not specified" in found.lines
    assert (found.missing, found.barring) == ([], [])
    spec = site(tmp_path, found.file())
    assert spec.unnamed == ()
    number = sandbox.world.deliveries.new_delivery("C0001", bill=True)
    (record,) = graphql().details(spec, [number])
    assert (record.fields["CFMFLG"], record.fields["SHIHOU"], len(record.lines)) == (2, "1430", 3)
    assert record.fields["BOLNUM"] == sandbox.world.deliveries.describe_delivery(number)["bill"]["BOLNUM"]


def test_every_delivery_is_as_by_rest_but_for_packs_and_bills(
    sandbox: Sandbox, rest: Open, graphql: Open, spec: EntitySpec
) -> None:
    numbers = sorted(sandbox.world.deliveries.deliveries)[-60:]
    pairs = list(zip(rest().details(spec, numbers), graphql().details(spec, numbers), strict=True))
    assert len(pairs) == 60
    for one, other in pairs:
        assert set(one.related) - set(other.related) == {"packs", "pack_items", "bills_of_lading"}
        shared = replace(one, stamp=other.stamp, related={"sales_orders": one.related["sales_orders"]})
        assert other == shared
        assert Record.load(other.canonical()) == other


def test_without_the_tables_that_only_rest_shows_the_records_are_the_same_bytes(
    sandbox: Sandbox, rest: Open, graphql: Open, look: Look, tmp_path: Path
) -> None:
    spec = site(tmp_path, look().file() + "  sources: [SDELIVERY, SDELIVERYD]\n  attached: null\n")
    numbers = sorted(sandbox.world.deliveries.deliveries)[-20:]
    pairs = zip(rest().details(spec, numbers), graphql().details(spec, numbers), strict=True)
    assert [one.key for one, other in pairs if one.canonical() != other.canonical()] == []


def test_a_column_without_a_name_is_not_on_the_record(sandbox: Sandbox, graphql: Open, tmp_path: Path) -> None:
    spec = site(tmp_path, GATES_ALONE)
    number = sandbox.world.deliveries.new_delivery("C0001", bill=True)
    (record,) = graphql().details(spec, [number])
    assert record.fields["CFMFLG"] == 2
    assert spec.unnamed == ("PACFLG", "PRNNDE", "ARVDAT", "BPTNUM", "GROWEI", "WEU", "PACNBR", "BOLNUM")
    assert not set(spec.unnamed) & record.fields.keys()
    *_, last = graphql().probe(spec)
    assert last.ok
    assert last.found == ", ".join((*spec.unnamed, "packs", "pack_items", "bills_of_lading"))


@pytest.mark.parametrize("lines", [1, 100, 101, 130])
def test_a_delivery_arrives_whole_however_many_lines_it_has(
    sandbox: Sandbox, graphql: Open, spec: EntitySpec, lines: int
) -> None:
    number = sandbox.world.deliveries.new_delivery("C0001", lines=lines)
    (record,) = graphql(page_size=40).details(spec, [number])
    assert [line["SDDLIN"] for line in record.lines] == [1000 * n for n in range(1, lines + 1)]


@pytest.mark.parametrize("source", ["SDELIVERY", "SDELIVERYD"])
def test_both_tables_list_the_delivery_and_no_other_table_is_asked(
    sandbox: Sandbox, graphql: Open, spec: EntitySpec, source: str
) -> None:
    opened, lower = graphql(), sandbox.clock.now().replace(microsecond=0)
    number = sandbox.world.deliveries.new_delivery("C0001", packs=1, bill=True)
    assert opened.sources(spec) == ("SDELIVERY", "SDELIVERYD")
    assert number in {row.key for page in opened.key_pages(spec, source, lower=lower) for row in page.rows}


def test_deliveries_are_found_by_the_day_they_were_shipped(sandbox: Sandbox, graphql: Open, spec: EntitySpec) -> None:
    days = {
        day: sandbox.world.deliveries.new_delivery("C0001", header={"SHIDAT": day})
        for day in ("2031-02-01", "2031-03-01")
    }
    lower = datetime.fromisoformat("2031-02-01T00:00:00+00:00")
    window: dict[str, Any] = {"lower": lower, "upper": lower + timedelta(days=28), "by": "business_date"}
    pages = graphql().key_pages(spec, "SDELIVERY", **window)
    assert [row.key for page in pages for row in page.rows] == [days["2031-02-01"]]


def test_lines_that_are_missing_in_the_answer_are_never_taken_for_all(
    sandbox: Sandbox, graphql: Open, spec: EntitySpec
) -> None:
    numbers = [sandbox.world.deliveries.new_delivery("C0001", lines=4) for _ in range(2)]
    opened = graphql()
    good = list(opened.details(spec, numbers))
    sandbox.x3.fault("truncated_page", API, text="salesDeliveryLines")
    assert list(opened.details(spec, numbers)) == good


def test_lines_that_stay_missing_mark_that_delivery_only(sandbox: Sandbox, graphql: Open, spec: EntitySpec) -> None:
    short, good = (sandbox.world.deliveries.new_delivery("C0001", lines=4) for _ in range(2))
    index = sandbox.world.deliveries.index["SDELIVERYD"]
    gone = {entry for entry in index.between(None, None) if entry[1] == short and entry[2] == 3}
    index.exchange(gone, set())  # the list shows three of the four lines
    one, other = graphql().details(spec, [short, good])
    assert one.fault == "the list of lines shows 3, but 4 were read"
    assert (other.fault, len(other.lines)) == (None, 4)


@pytest.mark.parametrize("after", [0, 2])
@pytest.mark.parametrize("kind", sorted(KINDS - {"status", "login_page", "wrong_json"}))
def test_one_bad_answer_anywhere_changes_no_record(
    sandbox: Sandbox, graphql: Open, spec: EntitySpec, kind: str, after: int
) -> None:
    numbers = [sandbox.world.deliveries.new_delivery("C0001", lines=count) for count in (2, 4, 9)]
    spec = replace(spec, graphql_source=replace(spec.graphql, lines_first=5))  # the third's come by their own query
    opened = graphql(page_size=7)
    opened.transport.backoff_base = 0.01
    good = list(opened.details(spec, numbers))
    sandbox.x3.fault(kind, API, after=after, seconds=0.01)
    assert list(opened.details(spec, numbers)) == good
    assert sandbox.x3.server.faults.listing()[0]["met"] > after


@pytest.mark.parametrize("kind", ["login_page", "wrong_json", "maintenance"])
def test_answers_that_stay_bad_stop_the_reading(sandbox: Sandbox, graphql: Open, spec: EntitySpec, kind: str) -> None:
    number = sandbox.world.deliveries.new_delivery("C0001")
    sandbox.x3.fault(kind, API, times=None)
    with pytest.raises(e.Retry):
        list(graphql(attempts=1).details(spec, [number]))


def test_a_gate_that_may_not_be_read_is_a_fault_and_no_delivery_without_it(
    sandbox: Sandbox, graphql: Open, spec: EntitySpec
) -> None:
    number = sandbox.world.deliveries.new_delivery("C0001")
    sandbox.x3.graphql.settings.denied = ["salesDelivery.isDeliveryValidated"]
    with pytest.raises(e.RequestRejected, match="isDeliveryValidated"):
        list(graphql().details(spec, [number]))


def test_a_state_that_the_enumeration_cannot_show_is_unknown_and_named(
    sandbox: Sandbox, graphql: Open, spec: EntitySpec
) -> None:
    odd, good = (
        sandbox.world.deliveries.new_delivery("C0001", header={"CFMFLG": 3}),
        sandbox.world.deliveries.new_delivery(),
    )
    one, other = graphql().details(spec, [odd, good])
    reason = judged(one, spec, {})["unknown"]
    assert "CFMFLG has the value None, which nobody has told us about" in reason
    assert "'isDeliveryValidated' holds a value that GraphQL cannot show" in reason
    assert judged(other, spec, {}) == {}


@pytest.mark.parametrize(("validated", "state"), [(True, 2), (False, 1)])
def test_a_site_that_shows_validated_as_true_and_false_is_read_alike(
    sandbox: Sandbox, graphql: Open, look: Look, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, validated: bool,
    state: int,
) -> None:  # fmt: skip
    at_a_site_whose_deliveries_have(monkeypatch, {"stockIssued": Leaf("CFMFLG", boolean=True)})
    spec = site(tmp_path, look().file())
    number = sandbox.world.deliveries.new_delivery("C0001", validated=validated)
    (record,) = graphql().details(spec, [number])
    assert record.fields["CFMFLG"] == state


def test_words_that_nobody_knows_are_told_by_describe_and_hold_the_delivery(
    sandbox: Sandbox, graphql: Open, look: Look, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    at_a_site_whose_deliveries_have(monkeypatch, {"stockIssue": Leaf("CFMFLG", 415)})
    found = look()
    assert any("CFMFLG: menu 1 has words nobody knows: open, closed" in line for line in found.lines)
    number = sandbox.world.deliveries.new_delivery("C0001")
    (record,) = graphql().details(site(tmp_path, found.file()), [number])
    assert judged(record, SHIPPED, {}) == {
        "unknown": "CFMFLG has the value 'closed', which nobody has told us about"
    }  # fmt: skip


@pytest.mark.parametrize(
    ("members", "sentence"),
    [
        ({}, "CFMFLG: not found (not specified)"),
        (
            {"isValidated": Leaf("CFMFLG", 1), "isIssued": Leaf("CFMFLG", 1)},
            "CFMFLG: isValidated and isIssued have its name in their descriptions; choose one (not specified)",
        ),
    ],
    ids=["none", "two"],
)
def test_a_gate_that_describe_cannot_name_keeps_graphql_refused(
    look: Look, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, members: dict[str, Member], sentence: str
) -> None:
    at_a_site_whose_deliveries_have(monkeypatch, members)
    found = look()
    assert sentence in found.lines
    assert (found.missing, found.barring) == (["CFMFLG"], ["CFMFLG"])
    assert "# CFMFLG: no property was taken for it, and a gate asks for it" in found.file()
    with pytest.raises(e.SettingFault, match=r"^sagex3 CFMFLG\.graphql: deliveries cannot be read by GraphQL"):
        _ = site(tmp_path, found.file()).graphql
