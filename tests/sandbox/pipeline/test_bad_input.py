"""Bad orders from Sage X3: one clear sentence each (record, field, value, remedy); the good ones go on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from airflow_provider_sagex3_cleo.errors import NotRepresentable
from airflow_provider_sagex3_cleo.ledger import Ledger, documents
from airflow_provider_sagex3_cleo.ledger.states import VersionState
from airflow_provider_sagex3_cleo.partners import load_book
from airflow_provider_sagex3_cleo.pipeline.convert import TermsBook
from airflow_provider_sagex3_cleo.pipeline.decide import drafted
from airflow_provider_sagex3_cleo.pipeline.flows import Summary, Written, flow_of
from airflow_provider_sagex3_cleo.x12 import SetBody
from tests.sandbox.pipeline.conftest import START, Scene, sets_of

HELD, QUARANTINED = VersionState.HELD, VersionState.QUARANTINED
LONG_NUMBER = "PO-" + "9" * 25


def order(**options: Any) -> Callable[[Scene], str]:
    return lambda scene: scene.world.new_order(scene.supplier, **{"lines": 1, **options})


CASES: dict[str, tuple[Callable[[Scene], str], VersionState, tuple[str, ...]]] = {
    "order date missing": (order(header={"ORDDAT": None}), QUARANTINED, ("date", "is empty", "Sage X3")),
    "order date 1599-12-31": (order(header={"ORDDAT": "1599-12-31"}), QUARANTINED, ("date", "is empty", "Sage X3")),
    "unknown unit": (
        order(line_values=[{"UOM": "PAL", "PUU": "PAL", "UOMPUUCOE": 1}]), HELD, ("UOM", "PAL", "tables.yaml"),
    ),
    "PO number too long": (order(number=LONG_NUMBER), HELD, ("POHNUM", "1 to 22", "agreement")),
    "item number missing": (order(line_values=[{"ITMREF": ""}]), QUARANTINED, ("line 1000", "ITMREF", "is empty")),
    "negative quantity": (order(line_values=[{"QTYUOM": "-3", "QTYPUU": "-3"}]), QUARANTINED, ("QTYUOM", "-3")),
    "currency unknown": (order(header={"CUR": "ZZ9"}), HELD, ("CUR", "ZZ9", "currencies")),
    "site unknown": (order(line_values=[{"PRHFCY": "XX99", "FCYADD": ""}]), HELD, ("PRHFCY", "XX99", "sites")),
    "status unknown": (order(header={"APPFLG": 9}), HELD, ("APPFLG", "9")),
    "delimiter in text": (order(line_values=[{"ITMDES": "Bolt ~ zinc"}]), HELD, ("~", "replacement")),
    "price that does not add up": (order(line_values=[{"NETPRI": "1.00", "LINAMT": "99.00"}]), HELD, ("LINAMT", "99")),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_a_bad_order_says_what_is_wrong_and_the_others_go_on(scene: Scene, case: str) -> None:
    make, state, words = CASES[case]
    scene.baseline()
    bad, good = make(scene), scene.world.new_order(scene.supplier)
    outcome = scene.run()
    assert outcome.problems == []
    assert scene.orders_in_cleo() == [good]
    row = scene.held()[bad]
    told = f"{row.reason} {row.field} {row.value} {row.remedy}"
    assert row.state is state, told
    assert row.key == bad
    assert row.remedy
    assert row.partner == scene.supplier
    for word in words:
        assert word.lower() in told.lower(), f"{word!r} not in: {told}"


def test_an_order_without_lines_is_quarantined(scene: Scene) -> None:
    scene.baseline()
    bad = scene.world.new_order(scene.supplier, lines=0)
    scene.run()
    row = scene.held()[bad]
    assert row.state is QUARANTINED
    assert "no lines" in row.reason
    assert scene.journal() == []


def test_an_enrolled_but_incomplete_partner_is_held_with_the_missing_key(scene: Scene) -> None:
    scene.baseline()
    scene.edit_agreement(scene.supplier, r"^ids:\n(  .*\n)+", "")
    number = scene.world.new_order(scene.supplier)
    scene.run()
    row = scene.held()[number]
    assert row.state is HELD
    assert "ids" in row.reason


def test_an_item_without_the_reference_the_partner_asks_for_is_held(scene: Scene) -> None:
    scene.baseline()
    scene.edit_agreement(scene.supplier, r"^stage: live", "items: {order: [VP], required: [vendor]}\nstage: live")
    number = scene.world.new_order(scene.supplier, lines=1, line_values=[{"ITMREFBPS": ""}])
    scene.run()
    row = scene.held()[number]
    assert row.state is HELD
    assert "vendor" in f"{row.reason} {row.remedy}"
    assert "line 1000" in row.reason


def test_huge_quantities_and_six_decimal_prices_arrive_exact(scene: Scene) -> None:
    scene.baseline()
    scene.world.new_order(
        scene.supplier,
        lines=1,
        line_values=[{"UOM": "UN", "PUU": "UN", "UOMPUUCOE": 1, "QTYUOM": "1234567890", "NETPRI": "0.123456"}],
    )
    assert scene.run().counts["sent"] == 1
    (transaction_set,) = sets_of(scene.journal()[0].data)
    po1 = next(s.elements for s in transaction_set.segments if s.elements[0] == "PO1")
    assert (po1[2], po1[4]) == ("1234567890", "0.123456")


def test_names_outside_ascii_are_held_unless_the_agreement_folds_them(scene: Scene) -> None:
    scene.baseline()
    number = scene.world.new_order(scene.supplier, lines=1, line_values=[{"ITMDES": "Écrou à ailettes"}])
    scene.run()
    assert "transliterate" in f"{scene.held()[number].reason} {scene.held()[number].remedy}"
    scene.edit_agreement(scene.supplier, r"^stage: live", "transliterate: true\nstage: live")
    assert scene.run().counts["sent"] == 1
    assert b"Ecrou a ailettes" in scene.journal()[0].data


def test_a_document_that_would_not_be_valid_is_held_naming_the_column_of_sage_x3(scene: Scene) -> None:
    scene.baseline()
    number = scene.world.new_order(scene.supplier, lines=1)
    scene.run()
    (document,) = scene.documents(number)
    with Ledger.open(scene.place.ledger_url) as ledger, ledger.reading() as db:
        body = SetBody.load(documents.body(db, document.id))
    rows = tuple((*row[:3], "Q", *row[4:]) if row[0] == "PO1" else row for row in body.segments)
    book = load_book(scene.agreements)
    agreement = book.agreement(document.agreement or "")
    assert agreement is not None
    with pytest.raises(NotRepresentable) as caught:
        drafted(
            Written(Summary(number, START.date(), None, 1), replace(body, segments=rows), []),
            agreement, book.identity(agreement, "EXDIS", "NJ01"),
            TermsBook(flow_of("purchase_orders")).of(agreement, book),
            content_hash="", at=START, second_opinion_due=lambda: False,
        )  # fmt: skip
    text = str(caught.value)
    assert "the 850 would not be valid: PO103" in text
    assert "'Q'" in text
    assert "from Sage X3 lines.UOM, lines.PUU" in text
