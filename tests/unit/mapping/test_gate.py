"""What may go now, and why not."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from airflow_provider_sagex3_cleo.errors import ValueUnreadable
from airflow_provider_sagex3_cleo.mapping.purchase_orders import gate
from airflow_provider_sagex3_cleo.sagex3.spec_types import EntitySpec

Make = Callable[..., Any]


@pytest.mark.parametrize("signed", [3, 4, 5])
def test_a_signed_open_order_goes(order: Make, spec: EntitySpec, signed: int) -> None:
    assert gate(order(APPFLG=signed), spec).verdict == "send"


@pytest.mark.parametrize("unsigned", [1, 2])
def test_an_order_that_is_not_fully_signed_waits(order: Make, spec: EntitySpec, unsigned: int) -> None:
    found = gate(order(APPFLG=unsigned), spec)
    assert (found.verdict, found.reason) == ("wait", f"not fully signed in Sage X3 (APPFLG {unsigned})")


@pytest.mark.parametrize("odd", [None, 0, 6, "perhaps"])
def test_a_status_nobody_told_us_about_is_unknown_and_named(order: Make, spec: EntitySpec, odd: Any) -> None:
    found = gate(order(APPFLG=odd), spec)
    assert (found.verdict, found.reason) == ("unknown", f"APPFLG has the value {odd!r}, which nobody has told us about")


def test_a_contract_and_an_order_between_own_sites_never_go(order: Make, spec: EntitySpec) -> None:
    found = gate(order(POHTYP=2, APPFLG=9, CLEFLG=2), spec)
    assert (found.verdict, found.reason) == ("never", "a contract, not an order (POHTYP 2)")
    assert gate(order(BETFCY=2), spec).reason == "an order between our own sites (BETFCY 2)"


def test_a_closed_order_is_closed_signed_or_not(order: Make, spec: EntitySpec) -> None:
    for signed in (1, 3, 9):
        found = gate(order(CLEFLG=2, APPFLG=signed), spec)
        assert (found.verdict, found.reason) == ("closed", "closed in Sage X3 (CLEFLG 2)")


def test_an_order_whose_lines_are_all_closed_is_closed(order: Make, line: Make, spec: EntitySpec) -> None:
    assert gate(order(lines=[line(LINCLEFLG=2)]), spec).reason == "all lines are closed in Sage X3"
    assert gate(order(lines=[line(LINCLEFLG=2), line(POPLIN=2000)]), spec).verdict == "send"


def test_a_line_of_unknown_state_is_unknown(order: Make, line: Make, spec: EntitySpec) -> None:
    found = gate(order(lines=[line(), line(POPLIN=2000, LINCLEFLG=7)]), spec)
    assert found.verdict == "unknown"
    assert found.reason.startswith("line 2000 LINCLEFLG has the value 7")


def test_printing_counts_only_where_the_agreement_asks_for_it(order: Make, spec: EntitySpec, agreement: Make) -> None:
    asks = agreement(printed_only=True)
    assert gate(order(PRNFLG=1), spec, agreement()).verdict == "send"
    assert gate(order(PRNFLG=1), spec, asks).reason == "not printed yet in Sage X3 (PRNFLG 1)"
    assert gate(order(PRNFLG=2), spec, asks).verdict == "send"
    assert gate(order(PRNFLG=None), spec, asks).verdict == "unknown"


def test_a_contract_is_never_looked_at_further(order: Make, spec: EntitySpec) -> None:
    """Even where Sage X3 gave another number of lines than it counts."""
    assert gate(replace(order(POHTYP=2), fault="19 of 21 lines"), spec).verdict == "never"
    with pytest.raises(ValueUnreadable, match=r"PO-26-00417.*19 of 21 lines"):
        gate(replace(order(), fault="19 of 21 lines"), spec)
