"""Discounts of a line as allowances and charges: the gross price, and what brings it to Sage X3's net line amount.

Source: GROPRI, NETPRI and DISCRGVAL1 to 9; what a column means is set up per site (table `discount_columns`).
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Decimal

from airflow_provider_sagex3_cleo.documents import EXACT
from airflow_provider_sagex3_cleo.documents.charges import AllowanceOrCharge, net_of
from airflow_provider_sagex3_cleo.errors import GateUnknown, PriceMismatch, UnmappedValue
from airflow_provider_sagex3_cleo.mapping.values import Row
from airflow_provider_sagex3_cleo.partners.agreement import Agreement
from airflow_provider_sagex3_cleo.partners.invoicing import DiscountColumn
from airflow_provider_sagex3_cleo.partners.tables import Tables

__all__ = ["COLUMNS", "gross"]

COLUMNS = {str(n): f"DISCRGVAL{n}" for n in range(1, 10)}
_CENT = Decimal("0.01")


def gross(
    row: Row, quantity: Decimal, per_unit: Decimal, amount: str, agreement: Agreement, tables: Tables
) -> tuple[Decimal, tuple[AllowanceOrCharge, ...]]:
    """The gross price per sent unit, and the allowances and charges of the line.

    Quantity x gross price to the cent, with the charges and without the allowances, is the net line amount exactly:
    what rounding leaves is put on the largest one, up to a cent for each of them.

    Args:
        quantity: in the unit that is sent.
        per_unit: how many units of the price make one of those.
        amount: the column of the net line amount.

    Raises:
        AgreementIncomplete: the record was read without a column of these.
        FieldMissing, ValueUnreadable: no gross price or no line amount.
        UnmappedValue: a discount column with a value has no entry.
        GateUnknown: a value below zero: nobody has told how it is meant.
        PriceMismatch: gross price and discounts do not make the net line amount."""
    for column in ("GROPRI", *COLUMNS.values()):
        row.read(column)
    price, net = row.needed_number("GROPRI"), row.needed_number(amount)
    units = EXACT.multiply(quantity, per_unit)
    parts = _discounts(row, price, units, agreement, tables)
    made = EXACT.add(_cents(EXACT.multiply(units, price)), net_of(parts))
    settled = _with_rest(parts, EXACT.subtract(net, made))
    if settled is None:
        raise PriceMismatch(
            f"the gross price with its discounts makes {made:f}",
            value=row.data[amount],
            expected=f"{made:f}",
            remedy="check the discounts in Sage X3 and `discount_columns` in tables.yaml, or send net prices "
            f"(`discounts: net` in agreement {agreement.id})",
            **row.where(amount),
        )
    return EXACT.multiply(price, per_unit), settled


def _discounts(
    row: Row, price: Decimal, units: Decimal, agreement: Agreement, tables: Tables
) -> list[AllowanceOrCharge]:
    """What each discount column takes off or adds for so many units of the price, to the cent."""
    left, found = price, []
    for name, column in COLUMNS.items():
        value = row.number(column)
        if not value:
            continue
        rule = _rule(row, name, column, value, agreement, tables)
        base = price if rule.of == "gross" else left
        share = EXACT.divide(EXACT.multiply(base, value), Decimal(100)) if rule.value == "percent" else value
        left = EXACT.subtract(left, share) if rule.kind == "allowance" else EXACT.add(left, share)
        found.append(
            AllowanceOrCharge(
                kind=rule.kind,
                code=rule.code,
                amount=_cents(EXACT.multiply(units, share)),
                percent=value if rule.value == "percent" else None,
                description=rule.description,
            )
        )
    return found


def _with_rest(parts: Sequence[AllowanceOrCharge], rest: Decimal) -> tuple[AllowanceOrCharge, ...] | None:
    """The parts with what rounding left put on the largest one, without those of nothing; None where it is too much."""
    if rest:
        largest = max(parts, key=lambda part: part.amount, default=None)
        if largest is None or EXACT.abs(rest) > _CENT * len(parts):
            return None
        amount = EXACT.add(largest.amount, rest if largest.kind == "charge" else -rest)
        if amount < 0:
            return None
        parts = [part.model_copy(update={"amount": amount}) if part is largest else part for part in parts]
    return tuple(part for part in parts if part.amount)


def _rule(row: Row, name: str, column: str, value: Decimal, agreement: Agreement, tables: Tables) -> DiscountColumn:
    rule = agreement.discount_columns.get(name) or tables.discount_columns.get(name)
    if rule is None:
        raise UnmappedValue(
            f"discount column {name} has no entry, and its value is {value:f}",
            value=f"{value:f}",
            expected="allowance or charge, percent or amount, and its SAC02",
            remedy=f"add {name} under `discount_columns` in tables.yaml, or in agreement {agreement.id}",
            **row.where(column),
        )
    if value < 0:
        raise GateUnknown(
            "a discount below zero: nobody has told how it is meant",
            value=f"{value:f}",
            remedy="enter it in a column of the other kind in Sage X3",
            **row.where(column),
        )
    return rule


def _cents(value: Decimal) -> Decimal:
    return value.quantize(_CENT, ROUND_HALF_UP, EXACT)
