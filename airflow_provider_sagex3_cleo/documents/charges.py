"""Allowances and charges: what changes an amount besides quantity and price."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import Annotated, Literal

from pydantic import Field

from airflow_provider_sagex3_cleo.documents.base import EXACT, Business

__all__ = ["AllowanceOrCharge", "net_of"]


class AllowanceOrCharge(Business):
    """An allowance (subtracts) or charge (adds). `code` is what the charges table says; `amount` is positive."""

    kind: Literal["allowance", "charge"]
    code: Annotated[str, Field(min_length=1)]
    amount: Annotated[Decimal, Field(ge=0)]
    percent: Decimal | None = None
    description: str | None = None


def net_of(charges: Iterable[AllowanceOrCharge]) -> Decimal:
    """Charges minus allowances, exact."""
    total = Decimal(0)
    for charge in charges:
        total = EXACT.add(total, charge.amount if charge.kind == "charge" else -charge.amount)
    return total
