"""An 820 is held against itself: what is paid is what is listed."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from airflow_provider_sagex3_cleo.x12 import Finding, SetBody
from airflow_provider_sagex3_cleo.x12.model import RELEASES
from airflow_provider_sagex3_cleo.x12.validator import validate, validate_body
from benchmarks.documents import written

INVOICES = ("RMR*IV*INV1**980*1000*20", "DTM*003*20261102", "RMR*IV*INV2**450.5*500.5", "ADX*-50*01")
ON_ACCOUNT = "ADX*-30.5*01*IV*CM1"


def body(paid: str, *listed: str, release: str = "004010") -> SetBody:
    """A payment of that amount by cheque for what is listed."""
    rows = (
        f"BPR*I*{paid}*C*CHK************20261130", "TRN*1*PAY1", "N1*PR*Example Distribution", "N1*PE*Example Tools",
        *(("ENT*1", *listed) if listed else ()),
    )  # fmt: skip
    return SetBody("820", "RA", release, tuple(tuple(row.split("*")) for row in rows))


def findings(paid: str, *listed: str) -> Sequence[Finding]:
    found = [validate_body(body(paid, *listed, release=release)) for release in RELEASES]
    assert found[0] == found[1]
    return found[0]


def codes(paid: str, *listed: str) -> list[tuple[str, str, str, str]]:
    return [(f.code, f.element, f.found, f.expected) for f in findings(paid, *listed)]


@pytest.mark.parametrize(
    ("paid", "listed"),
    [
        ("1430.5", INVOICES),
        ("1400", (ON_ACCOUNT, *INVOICES)),
        ("1430.51", INVOICES),  # within a cent
        ("930", ("RMR*IV*INV1**980", "ADX*-50*01")),  # the adjustment comes besides
        ("980", ("RMR*IV*INV1**980*1030", "ADX*-50*01")),  # or is in what is paid
        ("-10", ("RMR*IV*CM1**-10*-10",)),
        ("5000", ()),  # nothing is listed
        ("5000", ("RMR*IV*INV1",)),  # nor what is paid of the invoice
    ],
)
def test_a_payment_that_is_what_is_listed_is_right(paid: str, listed: tuple[str, ...]) -> None:
    assert findings(paid, *listed) == []


@pytest.mark.parametrize(
    ("paid", "listed", "expected"),
    [
        ("1430.52", INVOICES, "1430.5"),
        ("1430.5", (ON_ACCOUNT, *INVOICES), "1400.0"),
        ("143050", INVOICES, "1430.5"),  # in cents
        ("1430.5", INVOICES[:2], "980"),  # an invoice lost
    ],
)
def test_a_payment_that_is_not_what_is_listed_is_an_error_of_ours(
    paid: str, listed: tuple[str, ...], expected: str
) -> None:
    assert codes(paid, *listed) == [("bpr-sum", "BPR02", paid, expected)]


def test_what_is_paid_of_an_invoice_is_its_amount_less_the_discount_with_its_adjustments() -> None:
    assert codes("985", "RMR*IV*INV1**985*1000*20") == [("rmr-paid", "RMR04", "985", "980")]
    assert codes("460.5", "RMR*IV*INV2**460.5*500.5", "ADX*-50*01") == [("rmr-paid", "RMR04", "460.5", "450.5")]


@pytest.mark.parametrize(("paid", "severity"), [("1400", "error"), ("1500", "warning")])
def test_in_files_of_others_more_may_be_paid_than_is_listed_but_not_less(paid: str, severity: str) -> None:
    [finding] = validate(written(body(paid, *INVOICES)))
    assert (finding.severity, finding.code, finding.path) == (severity, "bpr-sum", "BPR, amount paid")
    assert finding.message == "BPR02 is not the sum of the amounts paid (RMR04) and the adjustments (ADX01)"


def test_a_published_payment_with_masked_amounts_is_warned_of_and_its_invoices_add_up(reference: Path) -> None:
    data = (reference / "x12_samples" / "820_4010_01_ach.txt").read_bytes()
    [finding] = [f for f in validate(data) if f.code in ("bpr-sum", "rmr-paid")]
    assert (finding.severity, finding.found, finding.expected) == ("warning", "99999.99", "28051.32")
