"""Lines, invoice elements and taxes of a sales invoice: prices without tax, references of both sides, table look-ups.

Source: docs/mapping-810.md; what an element's value means (INVDTATYP) is in docs/assumptions.md.
"""

from __future__ import annotations

from collections.abc import Iterable
from decimal import ROUND_HALF_UP, Decimal

from airflow_provider_sagex3_cleo.documents import EXACT
from airflow_provider_sagex3_cleo.documents.invoice import AllowanceOrCharge, InvoiceLine, Tax
from airflow_provider_sagex3_cleo.errors import GateUnknown, PriceMismatch, UnmappedValue, ValueUnreadable
from airflow_provider_sagex3_cleo.mapping.discounts import gross
from airflow_provider_sagex3_cleo.mapping.order_lines import TOLERANCE, need_decimals, unit_code
from airflow_provider_sagex3_cleo.mapping.references import INVOICE_SOURCES, referred
from airflow_provider_sagex3_cleo.mapping.sold import Orders, sold_item, sold_line
from airflow_provider_sagex3_cleo.mapping.texts import note_of
from airflow_provider_sagex3_cleo.mapping.values import Row
from airflow_provider_sagex3_cleo.partners.agreement import Agreement
from airflow_provider_sagex3_cleo.partners.tables import Tables

__all__ = ["elements", "exact_sum", "invoice_line", "taxes_of"]

_EXCLUDING_TAX = 1  # local menu 243, PRITYP
_AMOUNT, _PERCENT = 1, 3  # local menu 2227, INVDTATYP
_CENT = Decimal("0.01")


def invoice_line(
    number: int,
    row: Row,
    head: Row,
    orders: Orders,
    agreement: Agreement,
    tables: Tables,
) -> InvoiceLine:
    """One line as it is sent.

    Args:
        orders: the sales orders that the invoice names, by number.

    Raises:
        FieldMissing, ValueUnreadable: the line is broken: no item, no amount, a quantity that is not above zero.
        PriceMismatch: quantity x price is not AMTNOTLIN within 0.01, or there is no price without tax.
        QuantityMismatch: more decimals than the unit has, where the tables ask for that.
        UnknownItem, UnknownUnit: a table or the sales order lacks what the agreement asks for."""
    quantity, amount = row.needed_number("QTY"), row.needed_number("AMTNOTLIN")
    if quantity <= 0:
        raise ValueUnreadable("the quantity is not above zero", value=row.data["QTY"], **row.where("QTY"))
    need_decimals(row, quantity, row.needed("SAU"), tables.known, "QTY")
    price = _price(row, head)
    money = EXACT.multiply(quantity, price)
    if EXACT.abs(EXACT.subtract(money, amount)) > TOLERANCE:
        raise PriceMismatch(
            f"quantity x price is {money:f} ({quantity:f} {row.text('SAU')} at {price:f})",
            value=row.data["AMTNOTLIN"],
            expected="the line amount within 0.01",
            **row.where("AMTNOTLIN"),
        )
    allowances: tuple[AllowanceOrCharge, ...] = ()
    if agreement.discounts == "gross_with_sac":
        _without_tax(row, head)
        price, allowances = gross(row, quantity, Decimal(1), "AMTNOTLIN", agreement, tables)
    sold = sold_line(row, orders)
    return InvoiceLine(
        number=number,
        item=sold_item(row, sold, agreement, tables),
        quantity=quantity,
        unit=unit_code(row, row.needed("SAU"), agreement, tables, "SAU"),
        unit_price=price,
        amount=amount,
        allowances=allowances,
        order_line=sold.text("LINORDNUM"),
        references=referred(row, agreement.line_references, INVOICE_SOURCES, agreement.id),
        note=note_of(row, agreement, "SIDTEX", agreement.invoice.line_note_reference),
    )


def _price(row: Row, head: Row) -> Decimal:
    """The net price without tax, per sales unit: NETPRINOT, or NETPRI where the document's prices are without tax.

    Raises:
        PriceMismatch: only a price with tax is there.
        FieldMissing, ValueUnreadable: no price, or a negative one."""
    price, column = row.number("NETPRINOT"), "NETPRINOT"
    if price is None:
        _without_tax(row, head)
        price, column = row.needed_number("NETPRI"), "NETPRI"
    if price < 0:
        raise ValueUnreadable("the price is negative", value=row.data[column], **row.where(column))
    return price


def _without_tax(row: Row, head: Row) -> None:
    """Raises: PriceMismatch where the prices of the document include tax, all but NETPRINOT."""
    if head.data.get("PRITYP") != _EXCLUDING_TAX:
        raise PriceMismatch(
            "prices include tax, and the line has none without it",
            value=head.data.get("PRITYP"),
            expected="NETPRINOT on the line, or PRITYP 1",
            **row.where("NETPRINOT"),
        )


def _slots(head: Row, *columns: str) -> list[Row]:
    """The places of some arrays, each as a row of its own; empty places are left out by the caller."""
    values = [head.data.get(column) or [] for column in columns]
    return [
        Row(head.record, {c: v[place] if place < len(v) else None for c, v in zip(columns, values, strict=True)},
            f"place {place} of ")
        for place in range(max(map(len, values)))
    ]  # fmt: skip


def elements(head: Row, lines_total: Decimal, agreement: Agreement, tables: Tables) -> tuple[AllowanceOrCharge, ...]:
    """Invoice elements by table. A percentage is worked out on the lines; the total proves it, or holds the invoice.

    Raises:
        UnmappedValue: an element with a value has no entry.
        GateUnknown: nobody has told how its value is meant."""
    found = []
    for slot in _slots(head, "INVDTA", "INVDTAAMT", "INVDTATYP"):
        element, value = slot.text("INVDTA"), slot.number("INVDTAAMT")
        if element in (None, "0") or not value:
            continue
        code = agreement.charges.get(element) or tables.charges.get(element)
        if code is None:
            raise UnmappedValue(
                f"invoice element {element} has no entry, and its value is {value:f}",
                value=element,
                expected="allowance or charge, and its SAC02",
                remedy=f"add {element} under `charges` in tables.yaml, or in agreement {agreement.id}",
                **slot.where("INVDTA"),
            )
        how = slot.data.get("INVDTATYP")
        if how not in (None, 0, _AMOUNT, _PERCENT) or value < 0:
            raise GateUnknown(
                f"invoice element {element} has an amount that includes tax, or is negative",
                value=f"{value:f}, INVDTATYP {how}",
                expected="an amount without tax above zero, or a percentage",
                remedy="enter it without tax in Sage X3, or send this invoice by other means",
                **slot.where("INVDTAAMT"),
            )
        share = EXACT.multiply(lines_total, value) / 100
        amount = share.quantize(_CENT, ROUND_HALF_UP, EXACT) if how == _PERCENT else value
        if amount:
            found.append(
                AllowanceOrCharge(
                    kind=code.kind,
                    code=code.code,
                    amount=amount,
                    percent=value if how == _PERCENT else None,
                    description=code.description,
                )
            )
    return tuple(found)


def taxes_of(head: Row, agreement: Agreement, tables: Tables) -> tuple[Tax, ...]:
    """The taxes of the whole invoice, by table.

    Raises:
        UnmappedValue: a tax code has no entry.
        FieldMissing: an amount without a code."""
    found = []
    for slot in _slots(head, "TAX", "BASTAX", "AMTTAX"):
        base, amount = slot.number("BASTAX"), slot.number("AMTTAX") or Decimal(0)
        if slot.text("TAX") is None and not base and not amount:
            continue
        name = slot.needed("TAX")
        code = agreement.taxes.get(name) or tables.taxes.get(name)
        if code is None:
            raise UnmappedValue(
                f"tax {name} has no entry, and its amount is {amount:f}",
                value=name,
                expected="its TXI01",
                remedy=f"add {name} under `taxes` in tables.yaml, or in agreement {agreement.id}",
                **slot.where("TAX"),
            )
        found.append(
            Tax(
                kind=code.kind,
                code=name,
                jurisdiction=code.jurisdiction,
                rate=code.rate,
                base=base,
                amount=amount,
                exempt=code.exempt,
            )
        )
    return tuple(found)


def exact_sum(amounts: Iterable[Decimal]) -> Decimal:
    """The exact sum."""
    total = Decimal(0)
    for amount in amounts:
        total = EXACT.add(total, amount)
    return total
