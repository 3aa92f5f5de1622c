"""Alignment: what Sage X3, agreements and Cleo know of our partners, compared on plain values."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from airflow_provider_sagex3_cleo.partners import Agreement, Book, Tables
from airflow_provider_sagex3_cleo.partners.alignment import Alignment, CleoObject, CleoView, X3Partner, align

TODAY = date(2026, 11, 24)
FOLDERS = {"outbound/s1": True, "outbound/s2": True}
EVERYTHING = frozenset({"connection", "user"})


def agreement(number: int = 1, **more: Any) -> Agreement:
    given = {
        "id": f"s{number}-850", "partner": f"S{number}", "set": "850", "stage": "live", "effective_from": "2026-01-01",
        "ids": {"qualifier": "ZZ", "id": f"IDS{number}"}, "folder": f"outbound/s{number}",
        "test_folder": f"test/s{number}",
    }  # fmt: skip
    return Agreement.model_validate({**given, **more})


def supplier(number: int = 1, **more: Any) -> X3Partner:
    known = {"name": f"Example {number}", "active": True, "first_name": f"Example {number}"}
    return X3Partner("suppliers", f"S{number}", **{**known, **more})


def compared(
    agreements: list[Agreement], partners: list[X3Partner], cleo: CleoView | None = None, **options: Any
) -> Alignment:
    return align(partners, Book([], Tables(), agreements), cleo or CleoView(folders=FOLDERS), on=TODAY, **options)


def shown(found: Alignment) -> list[tuple[str, str, str]]:
    return [(m.kind, m.severity, m.agreement) for m in found.mismatches]


def test_three_sides_that_agree_give_nothing_to_do() -> None:
    view = CleoView((CleoObject("connection", "s1", True, True),), EVERYTHING, FOLDERS)
    assert compared([agreement()], [supplier()], view).mismatches == ()


def test_a_live_agreement_whose_partner_sage_x3_does_not_have_is_an_alarm() -> None:
    found = compared([agreement()], [])
    assert shown(found) == [("missing", "alarm", "s1-850")]
    assert found.alarms[0].sentence == (
        "agreement s1-850: Sage X3 has no supplier S1; expected a supplier of this code. Correct `partner` of "
        "agreement s1-850, or end the agreement (`effective_to`)."
    )


def test_a_partner_that_is_gone_is_named_by_what_it_was() -> None:
    found = compared([agreement()], [supplier(there=False)])
    assert "has no supplier S1, which was there as 'Example 1'" in found.alarms[0].sentence


@pytest.mark.parametrize(
    "more", [{"stage": "test"}, {"stage": "setup"}, {"stage": "parallel"}, {"effective_from": "2026-12-01"}], ids=str
)
def test_an_agreement_that_sends_nothing_today_is_only_a_warning(more: dict[str, str]) -> None:
    found = compared([agreement(**more)], [])
    assert [(m.kind, m.severity) for m in found.mismatches if m.kind == "missing"] == [("missing", "warning")]


def test_an_agreement_that_has_ended_is_nobodys_business_any_more() -> None:
    assert shown(compared([agreement(effective_to="2026-11-23")], [])) == []


def test_a_customer_is_looked_for_among_customers() -> None:
    bill = agreement(role="bill_to", set="810")
    assert shown(compared([bill], [supplier()])) == [("missing", "alarm", "s1-850")]
    assert shown(compared([bill], [X3Partner("customers", "S1", "Example 1", True)])) == []


def test_nothing_is_said_of_partners_that_were_not_read() -> None:
    assert shown(compared([agreement()], [], entities=("customers",))) == []


def test_a_new_name_is_a_warning_until_the_agreement_confirms_it() -> None:
    renamed = supplier(name="Other Firm", first_name="Example 1")
    assert shown(compared([agreement()], [renamed])) == [("renamed", "warning", "s1-850")]
    assert "partner_name: Other Firm" in compared([agreement()], [renamed]).mismatches[0].remedy
    assert shown(compared([agreement(partner_name="Other Firm")], [renamed])) == []
    assert shown(compared([agreement(partner_name="OTHER  firm")], [renamed])) == []


def test_an_inactive_partner_of_an_agreement_is_a_warning() -> None:
    assert shown(compared([agreement()], [supplier(active=False)])) == [("inactive", "warning", "s1-850")]


def test_a_folder_that_cleo_does_not_have_is_an_alarm_and_one_that_cannot_be_asked_is_nothing() -> None:
    gone = compared([agreement()], [supplier()], CleoView(folders={"outbound/s1": False}))
    assert shown(gone) == [("orphaned", "alarm", "s1-850")]
    assert "Cleo has no folder outbound/s1" in gone.alarms[0].sentence
    assert shown(compared([agreement()], [supplier()], CleoView(folders={"outbound/s1": None}))) == []


def test_a_named_connection_or_user_that_is_not_there_is_an_alarm() -> None:
    named = agreement(cleo_connection="ACME", cleo_user="acme-ftp")
    view = CleoView((CleoObject("user", "acme-ftp"),), EVERYTHING, FOLDERS)
    assert [(m.kind, m.severity, m.subject) for m in compared([named], [supplier()], view).mismatches] == [
        ("orphaned", "alarm", "connection ACME")
    ]


def test_a_connection_is_not_missed_where_connections_cannot_be_read() -> None:
    named = agreement(cleo_connection="ACME")
    assert shown(compared([named], [supplier()], CleoView((), frozenset({"user"}), FOLDERS))) == []


def test_what_cleo_has_and_no_agreement_names_is_orphaned_unless_ignored() -> None:
    view = CleoView((CleoObject("connection", "Old Partner"), CleoObject("user", "office")), EVERYTHING, FOLDERS)
    found = compared([agreement()], [supplier()], view)
    assert [(m.kind, m.severity, m.subject) for m in found.mismatches] == [
        ("orphaned", "warning", "connection Old Partner"),
        ("orphaned", "warning", "user office"),
    ]
    assert shown(compared([agreement()], [supplier()], view, ignore=("off*", "Old Partner"))) == []


@pytest.mark.parametrize(
    ("name", "match", "belongs"),
    [
        ("s1", ("code",), True), ("S1 ", ("code",), True), ("ids1", ("id",), True), ("ids1", ("code",), False),
        ("Firm One", ("name",), True), ("outbound/s1", ("folder",), True), ("S1", (), False),
    ],
)  # fmt: skip
def test_names_of_cleo_are_matched_as_the_setting_says(name: str, match: tuple[str, ...], belongs: bool) -> None:
    view = CleoView((CleoObject("connection", name),), EVERYTHING, FOLDERS)
    one = agreement(partner_name="Firm One")
    found = compared([one], [supplier(name="Firm One")], view, match=match)
    assert (shown(found) == []) is belongs


def test_a_connection_that_cannot_work_is_reported_with_cleos_reason() -> None:
    view = CleoView((CleoObject("connection", "S1", True, False, "no partner certificate"),), EVERYTHING, FOLDERS)
    found = compared([agreement()], [supplier()], view)
    assert shown(found) == [("not_ready", "warning", "s1-850")]
    assert "is not ready (no partner certificate)" in found.mismatches[0].sentence


def test_another_id_in_cleo_than_in_the_agreement_is_a_conflict() -> None:
    view = CleoView((CleoObject("connection", "S1", True, True, partner_id="IDS9"),), EVERYTHING, FOLDERS)
    found = compared([agreement()], [supplier()], view)
    assert shown(found) == [("id_conflict", "warning", "s1-850")]
    assert "'IDS9'; expected 'IDS1'" in found.mismatches[0].sentence


def test_two_partners_behind_one_id_are_a_conflict_unless_it_is_meant() -> None:
    ids = {"qualifier": "ZZ", "id": "ONE"}
    both = [supplier(1), supplier(2)]
    assert shown(compared([agreement(1, ids=ids), agreement(2, ids=ids)], both)) == [
        ("id_conflict", "warning", "s2-850")
    ]
    meant = {"ids": ids, "shared_ids": True}
    assert shown(compared([agreement(1, **meant), agreement(2, **meant)], both)) == []


def test_partners_without_agreement_are_one_count_and_never_a_finding() -> None:
    others = [supplier(7), supplier(8, active=False), supplier(9, there=False), X3Partner("customers", "C1", "c", True)]
    found = compared([agreement()], [supplier(), *others])
    assert (found.mismatches, found.not_enrolled) == ((), {"suppliers": 1, "customers": 1})
    assert found.partners == {"suppliers": 3, "customers": 1}


def test_alarms_come_first() -> None:
    found = compared([agreement(1), agreement(2)], [supplier(1, active=False)])
    assert [m.severity for m in found.mismatches] == ["alarm", "warning"]


def test_the_keys_for_cleo_are_read_from_an_agreement_file(write: Callable[..., Path], partner: str) -> None:
    from airflow_provider_sagex3_cleo.partners import load_book

    folder = write({"partners/hardware.yaml": partner + "cleo_connection: ACME\npartner_name: Example Hardware\n"})
    (read,) = load_book(folder).agreements
    assert (read.cleo_connection, read.cleo_user, read.partner_name) == ("ACME", None, "Example Hardware")
