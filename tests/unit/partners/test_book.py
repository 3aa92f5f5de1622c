"""Which agreement rules a document, and why."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import date
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from airflow_provider_sagex3_cleo.errors import AgreementTie, FieldMissing, UnmappedValue
from airflow_provider_sagex3_cleo.partners import Agreement, Book, Tables, load_book

DAY = date(2026, 5, 1)


def agreement(id: str, **keys: Any) -> Agreement:
    base = {
        "partner": "S0001",
        "set": "850",
        "stage": "live",
        "effective_from": "2026-01-01",
        "ids": {"qualifier": "ZZ", "id": "EXONE"},
        "folder": "outbound/one",
    }
    return Agreement.model_validate({"id": id, **base, **keys})


def book(*agreements: Agreement, **keys: Any) -> Book:
    return Book([], Tables(), agreements, **keys)


def look(which: Book, on: date | None = DAY, **keys: Any) -> Any:
    where = {"company": "EXDIS", "site": "NJ01", "partner": "S0001", "role": "supplier", "set_id": "850", **keys}
    return which.explain(on=on, **where)


def found(which: Book, **keys: Any) -> str | None:
    chosen = look(which, **keys).agreement
    return chosen.id if chosen else None


def test_the_most_specific_agreement_wins_whatever_the_order() -> None:
    wide, company, site = agreement("wide"), agreement("company", company="EXDIS"), agreement("site", site="NJ01")
    both = agreement("both", site="NJ01", order_address="ORD")
    for order in ((wide, company, site, both), (both, site, company, wide)):
        which = book(*order)
        assert found(which, address="ORD") == "both"
        assert found(which, address="HQ") == "site"
        assert found(which, site="TX01") == "company"
        assert found(which, site="ON01", company="EXCAN") == "wide"


def test_agreements_that_cross_are_a_tie_that_names_both() -> None:
    which = book(agreement("by-site", site="NJ01"), agreement("by-address", order_address="ORD"))
    with pytest.raises(
        AgreementTie, match=r"agreements by-site and by-address fit partner S0001 on 2026-05-01"
    ) as caught:
        look(which, address="ORD")
    assert "dates that do not overlap" in str(caught.value)
    assert found(which, address="HQ") == "by-site"


def test_both_end_days_belong_to_the_agreement() -> None:
    which = book(
        agreement("old", effective_to="2026-06-30"), agreement("new", effective_from="2026-07-01", release="005010")
    )
    assert found(which, on=date(2026, 1, 1)) == "old"
    assert found(which, on=date(2026, 6, 30)) == "old"
    assert found(which, on=date(2026, 7, 1)) == "new"


def test_before_the_first_day_nothing_is_sent_and_the_sentence_says_when_it_begins() -> None:
    why = look(book(agreement("a")), on=date(2025, 12, 31))
    assert (why.verdict, why.held, why.agreement) == ("before_effective_from", False, None)
    assert why.sentence == "2025-12-31 is before 2026-01-01, when the agreement of partner S0001 begins"


def test_after_the_last_day_nothing_is_sent() -> None:
    why = look(book(agreement("a", effective_to="2026-04-30")))
    assert (why.verdict, why.held) == ("ended", False)
    assert why.sentence == "the agreement of partner S0001 ended on 2026-04-30, before 2026-05-01"


def test_without_effective_from_nothing_is_sent_and_the_document_waits() -> None:
    why = look(book(agreement("a", effective_from=None)))
    assert (why.verdict, why.held, why.agreement) == ("incomplete", True, None)
    assert why.sentence == "agreement a of partner S0001 is incomplete: effective_from missing"


def test_an_enrolled_partner_without_ids_or_folder_is_held_with_what_is_missing() -> None:
    why = look(book(agreement("a", ids=None, folder=None)))
    assert why.held
    assert why.sentence == "agreement a of partner S0001 is incomplete: ids, folder missing"


def test_stage_setup_holds() -> None:
    why = look(book(agreement("a", stage="setup")))
    assert why.held
    assert why.sentence == "agreement a of partner S0001 is still in stage setup"


def test_stage_test_needs_its_own_folder() -> None:
    assert look(book(agreement("a", stage="test"))).sentence.endswith("incomplete: test_folder missing")
    assert found(book(agreement("a", stage="test", test_folder="test/one"))) == "a"


def test_a_test_beside_a_live_agreement_never_takes_its_orders() -> None:
    live, test = agreement("live"), agreement("test", stage="test", test_folder="t", site="NJ01", release="005010")
    assert found(book(live, test)) == "live"
    assert found(book(test, live)) == "live"


def test_most_partners_are_not_enrolled_and_that_is_no_fault() -> None:
    which = book(agreement("a"), not_for_edi={"S0009": "by telephone"})
    assert look(which, partner="S0008").verdict == "not_enrolled"
    assert look(which, partner="S0009").sentence == "partner S0009 is listed as not for EDI: by telephone"
    assert not look(which, partner="S0009").held
    assert which.listed_not_for_edi("S0009")
    assert not which.enrolled("S0009", "supplier", "850")
    assert which.enrolled("S0001", "supplier", "850")
    assert not which.enrolled("S0001", "supplier", "860")


def test_an_agreement_for_another_company_does_not_count() -> None:
    why = look(book(agreement("a", company="EXCAN")))
    assert (why.verdict, why.held) == ("elsewhere", False)


def test_an_enrolled_partners_order_without_a_date_is_broken_one_without_agreement_is_not_looked_at() -> None:
    with pytest.raises(FieldMissing, match="is empty"):
        look(book(agreement("a")), on=None)
    assert look(book(agreement("a")), on=None, partner="S0002").verdict == "not_enrolled"


@given(
    st.lists(
        st.tuples(
            st.sampled_from([None, "EXDIS"]), st.sampled_from([None, "NJ01", "TX01"]), st.sampled_from([None, "O"])
        ),
        min_size=1,
        max_size=6,
        unique=True,
    )
)
@settings(max_examples=60, deadline=None)
def test_a_winner_names_all_that_every_other_fitting_agreement_names(shapes: list[tuple[Any, Any, Any]]) -> None:
    made = [agreement(f"a{i}", company=c, site=s, order_address=o) for i, (c, s, o) in enumerate(shapes)]
    for site, address in product(("NJ01", "TX01"), ("O", None)):
        fitting = [a for a in made if a.fits("EXDIS", site, address)]
        best = [a for a in fitting if all(o is a or o.constraints() < a.constraints() for o in fitting)]
        try:
            chosen = look(book(*made), site=site, address=address).agreement
        except AgreementTie:
            assert not best
        else:
            assert [chosen] == (best or [None])


def test_the_identity_is_the_agreements_own_else_the_sites_else_the_companys(write: Callable[..., Path]) -> None:
    which = load_book(write())
    plain, own = agreement("a"), agreement("b", identity="fresno")
    assert which.identity(plain, "EXDIS", "NJ01").key == "us"
    assert which.identity(plain, "EXDIS", "CA01").key == "fresno"
    assert which.identity(own, "EXDIS", "NJ01").key == "fresno"
    with pytest.raises(
        UnmappedValue, match=r"no identity for company NEW, site X .*Add it to identities.yaml"
    ) as caught:
        which.identity(plain, "NEW", "X")
    assert caught.value.where["value"] == "NEW"


def test_the_stage_decides_usage_ids_folder_and_lane(write: Callable[..., Path]) -> None:
    us = load_book(write()).identities["us"]
    keys: dict[str, Any] = {"test_ids": {"qualifier": "ZZ", "id": "EXTEST"}, "test_folder": "test/one"}
    live, test = agreement("a", **keys), agreement("a", stage="test", **keys)
    assert (live.usage, live.target_folder, live.lane_key(us)) == ("P", "outbound/one", "ZZ:EXDIS>ZZ:EXONE/orders/P")
    assert (test.usage, test.target_folder, test.lane_key(us)) == ("T", "test/one", "ZZ:EXDIS>ZZ:EXTEST/orders/T")
    assert agreement("a", stage="parallel").usage == "P"
    assert test.envelope_ids(us).receiver_id == "EXTEST"
    assert live.envelope_ids(us).gs_receiver == "EXONE"


def test_the_file_name_carries_the_control_number() -> None:
    assert agreement("hardware").file_name_of(42) == "850_hardware_000000042.edi"
    assert agreement("hardware", envelope="cleo").file_name_of(42) == "850_hardware_C000000042.edi"
    assert agreement("h", file_name="PO{isa13}-{partner}{usage}.x12").file_name_of(7) == "PO000000007-S0001P.x12"


def test_a_thousand_partners_load_and_are_found_quickly(write: Callable[..., Path], partner: str) -> None:
    files = {
        f"partners/p{n:04d}.yaml": partner.replace("hardware-850", f"p{n}")
        .replace("S0001", f"P{n:04d}")
        .replace("0005550001", f"9{n:09d}")
        for n in range(1000)
    }
    folder = write(files)
    started = time.process_time()
    which = load_book(folder)
    loaded = time.process_time()
    for n in range(1000):
        assert found(which, partner=f"P{n:04d}") == f"p{n}"
    asked = time.process_time()
    assert loaded - started < 5
    assert asked - loaded < 0.2


def shipping(id: str, role: str, **keys: Any) -> Agreement:
    return agreement(id, set="856", role=role, partner="C0001", **keys)


def test_a_shipments_agreement_is_found_in_either_role() -> None:
    ask: dict[str, Any] = {"role": ("ship_to", "sold_to"), "set_id": "856", "partner": "C0001", "address": "ST001"}
    assert found(book(shipping("a", "sold_to")), **ask) == "a"
    assert found(book(shipping("a", "ship_to")), **ask) == "a"
    wide, narrow = shipping("wide", "sold_to"), shipping("narrow", "ship_to", order_address="ST001")
    assert found(book(wide, narrow), **ask) == "narrow"
    assert found(book(wide, narrow), **{**ask, "address": "ST002"}) == "wide"
    nobody = look(book(), **ask)
    assert nobody.sentence == "partner C0001 has no agreement as ship_to or sold_to for 856"


def test_a_shipment_that_two_roles_claim_alike_is_a_tie_that_names_both() -> None:
    both = book(shipping("one", "sold_to"), shipping("other", "ship_to"))
    with pytest.raises(AgreementTie, match="other and one"):
        look(both, role=("ship_to", "sold_to"), set_id="856", partner="C0001")
