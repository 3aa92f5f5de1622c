"""The sample agreements of a world are what the provider's own check takes, and fit the world's orders."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from airflow_provider_sagex3_cleo.partners.loading import check, load_book
from airflow_provider_sagex3_cleo.sandbox.agreements import folder_of, write_agreements
from airflow_provider_sagex3_cleo.sandbox.clock import Clock
from airflow_provider_sagex3_cleo.sandbox.world import World


@pytest.fixture(scope="module")
def world() -> World:
    return World(7, Clock(datetime(2026, 3, 2, 8, tzinfo=UTC), frozen=True), orders=200)


def find(book, supplier: str, on: date = date(2026, 3, 2)):
    return book.find(company="EXDIS", site="NJ01", partner=supplier, role="supplier", set_id="850", on=on)


def test_the_sample_folder_has_no_fault_and_no_warning(tmp_path: Path, world: World):
    assert check(write_agreements(tmp_path, world)) == []


def test_the_first_suppliers_have_an_agreement_and_the_next_has_none(tmp_path: Path, world: World):
    book = load_book(write_agreements(tmp_path, world, 5))
    assert [find(book, s.code) is not None for s in world.enrolled(6)] == [True] * 5 + [False]
    assert find(book, "S0002").target_folder == folder_of("S0002")


def test_agreements_begin_on_the_day_the_world_starts_or_on_the_day_given(tmp_path: Path, world: World):
    book = load_book(write_agreements(tmp_path / "one", world))
    assert find(book, "S0001", date(2026, 3, 1)) is None
    book = load_book(write_agreements(tmp_path / "other", world, effective_from=date(2026, 1, 1)))
    assert find(book, "S0001", date(2026, 3, 1)) is not None


def test_releases_are_mixed(tmp_path: Path, world: World):
    book = load_book(write_agreements(tmp_path, world, 6))
    assert [find(book, s.code).release for s in world.enrolled(6)] == ["004010", "004010", "005010"] * 2


def test_the_last_ones_can_be_left_incomplete(tmp_path: Path, world: World):
    book = load_book(write_agreements(tmp_path, world, 3, incomplete=1))
    assert find(book, "S0003") is None
    assert book.enrolled("S0003", "supplier", "850")


def test_every_unit_of_the_world_but_the_odd_one_is_in_the_table(tmp_path: Path, world: World):
    book = load_book(write_agreements(tmp_path, world))
    used = {line.q["UOM"] for order in world.orders.values() for line in order.lines}
    assert used - set(book.tables.units) == {"PAL"}


def test_a_folder_can_be_written_again(tmp_path: Path, world: World):
    first = load_book(write_agreements(tmp_path, world)).hash
    assert load_book(write_agreements(tmp_path, world)).hash == first


def test_some_partners_ask_for_a_pack_whatever_their_release(tmp_path: Path, world: World):
    for every, packs in (
        (3, ["example-industrial-850", "example-distributor-850"]),
        (2, ["example-distributor-850", "example-industrial-850"]),
    ):
        folder = write_agreements(tmp_path / str(every), world, 5, newer_release_every=every)
        assert check(folder) == []
        asked = {a.partner: a.pack for a in load_book(folder).agreements if a.pack}
        suppliers = [s.code for s in world.enrolled(5)]
        assert [asked.get(code) for code in suppliers] == [None, None, *packs, None]
        assert "example-retailer-810" in asked.values()
