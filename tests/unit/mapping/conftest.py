"""A good order of Sage X3, a book that maps it, and ways to bend both."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from airflow_provider_sagex3_cleo.partners import Agreement, Book, Identity, Tables
from airflow_provider_sagex3_cleo.sagex3.reader import Record
from airflow_provider_sagex3_cleo.sagex3.spec import load_specs
from airflow_provider_sagex3_cleo.sagex3.spec_types import EntitySpec

HEADER: dict[str, Any] = {
    "POHNUM": "PO-26-00417", "REVNUM": 0, "POHTYP": 1, "ORDDAT": "2026-05-04", "EXTRCPDAT": "2026-06-01",
    "BPSNUM": "S0001", "BPAADD": "ORD", "BPRNAM0": "Example Hardware Supply", "BPRNAM1": "Order Desk",
    "BPAADDLIG0": "1 Example Street", "BPAADDLIG1": None, "BPAADDLIG2": None, "POSCOD": "43215", "CTY": "Columbus",
    "SAT": "OH", "CRY": "US", "POHFCY": "NJ01", "RCPFCY": "NJ01", "INVFCY": "NJ01", "CPY": "EXDIS", "BUY": "JD",
    "ORDREF": "REQ-7", "PJTH": None, "CUR": "USD", "PTE": "NET30", "MDL": None, "BPTNUM": None, "TOTLINAMT": "37.5",
    "TOTORD": "37.5", "APPFLG": 3, "CLEFLG": 1, "RCPFLG": 1, "INVFLG": 1, "PRNFLG": 1, "LINNBR": None,
    "CLELINNBR": 0, "BETFCY": 1, "TEX1": None, "TEX2": None, "UPDDATTIM": "2026-05-04T08:00:00Z",
}  # fmt: skip
LINE: dict[str, Any] = {
    "POPLIN": 1000, "POQSEQ": 1000, "ITMREF": "ITM00001", "ITMDES": "Bolt, zinc", "ITMREFBPS": "HW-1001", "UOM": "UN",
    "PUU": "UN", "STU": "UN", "UOMPUUCOE": "1", "QTYUOM": "10", "QTYPUU": "10", "RCPQTYPUU": "0", "GROPRI": "2.5",
    "NETPRI": "2.5", "EXTRCPDAT": "2026-06-02", "DEMRCPDAT": "2026-06-01", "PRHFCY": "NJ01", "FCYADD": "DOCK",
    "LINAMT": "25", "LINCLEFLG": 1, "LINTYP": 1, "SOHNUM": None, "SOPLIN": None, "LINTEX": None, "USEPLC": None,
    "LINREVNUM": 0, "UPDDATTIM": "2026-05-04T08:00:00Z", **{f"DISCRGVAL{n}": "0" for n in range(1, 10)},
}  # fmt: skip
SECOND: dict[str, Any] = {
    **LINE, "POPLIN": 2000, "ITMREF": "ITM00002", "ITMREFBPS": "HW-2002", "UOM": "BOX", "UOMPUUCOE": "12",
    "QTYUOM": "1", "QTYPUU": "12", "NETPRI": "1.041667", "GROPRI": "1.041667", "LINAMT": "12.5",
}  # fmt: skip


def _order(*, lines: list[dict[str, Any]] | None = None, **header: Any) -> Record:
    rows = [LINE, SECOND] if lines is None else lines
    fields = {**HEADER, **header}
    stamp = datetime(2026, 5, 4, 8, tzinfo=UTC)
    return Record("purchase_orders", fields["POHNUM"], stamp, fields, tuple(dict(row) for row in rows))


@pytest.fixture
def order() -> Callable[..., Record]:
    """Make the good order with header columns changed and, by `lines`, other lines."""
    return _order


@pytest.fixture
def line() -> Callable[..., dict[str, Any]]:
    """Make the good line (10 UN at 2.5) with columns changed."""
    return lambda **columns: {**LINE, **columns}


@pytest.fixture
def second() -> Callable[..., dict[str, Any]]:
    """Make the second line (1 BOX of 12 UN at 1.041667 each) with columns changed."""
    return lambda **columns: {**SECOND, **columns}


@pytest.fixture
def agreement() -> Callable[..., Agreement]:
    """Make the good agreement with keys changed."""

    def make(**keys: Any) -> Agreement:
        base = {
            "id": "hardware-850",
            "partner": "S0001",
            "set": "850",
            "stage": "live",
            "effective_from": "2026-01-01",
            "ids": {"qualifier": "ZZ", "id": "EXHARDWARE"},
            "folder": "outbound/hardware",
        }
        return Agreement.model_validate({**base, **keys})

    return make


@pytest.fixture
def book() -> Callable[..., Book]:
    """Make a book whose tables map the good order, with tables changed."""

    def make(**tables: Any) -> Book:
        base = {
            "units": {"UN": "EA", "BOX": "BX"},
            "sites": {
                "NJ01": {"name": "Example Distribution Newark", "party": {"kind": "assigned_by_buyer", "id": "NJ01"}},
                "TX01": {"name": "Example Distribution Dallas"},
            },
            "items": {"ITM00002": {"gtin": "012345678905"}},
        }
        us = {
            "key": "us",
            "company": "EXDIS",
            "name": "Example Distribution Inc",
            "ids": {"qualifier": "ZZ", "id": "EXDIS"},
            "party": {"kind": "duns", "id": "123456789"},
        }
        return Book([Identity.model_validate(us)], Tables.model_validate({**base, **tables}), [])

    return make


@pytest.fixture(scope="session")
def spec() -> EntitySpec:
    """The specification of purchase orders as it is shipped."""
    return load_specs()["purchase_orders"]
