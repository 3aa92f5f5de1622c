"""Supplier invoices of the seeded world, and the moves that change them: rows of PINVOICEV, PINVOICE and PINVOICED."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, Final

from airflow_provider_sagex3_cleo.sandbox.clock import Clock
from airflow_provider_sagex3_cleo.sandbox.masterdata import SITES, Product, Supplier
from airflow_provider_sagex3_cleo.sandbox.seeding import money, typed_like
from airflow_provider_sagex3_cleo.sandbox.stampindex import Entry, StampIndex

__all__ = ["PURCHASE_KEYS", "Purchases"]

Row = dict[str, Any]

PURCHASE_KEYS: Final[Mapping[str, tuple[str, ...]]] = {
    "PINVOICEV": ("NUM",),
    "PINVOICE": ("NUM",),
    "PINVOICED": ("NUM", "PIDLIN"),
}
_TAX_PLACES: Final = 10
_TAX: Final = Decimal("0.05")


@dataclass
class _Bill:
    """One supplier invoice: its rows of the two header tables and of PINVOICED."""

    purchase: Row
    accounting: Row
    lines: list[Row]

    def rows(self, table: str) -> list[Row]:
        return {"PINVOICEV": [self.purchase], "PINVOICE": [self.accounting], "PINVOICED": self.lines}[table]


class Purchases:
    """What suppliers billed.

    Args:
        lock: the world's.
        count: how many invoices lead up to the start.

    Attributes:
        index: entries by table, as `World.index`.
    """

    def __init__(
        self, seed: int, clock: Clock, lock: threading.RLock, suppliers: Mapping[str, Supplier],
        products: Mapping[str, Product], *, count: int = 120,
    ) -> None:  # fmt: skip
        self.clock, self._lock, self._suppliers, self._products = clock, lock, suppliers, products
        self.bills: dict[str, _Bill] = {}
        self.index = {table: StampIndex() for table in PURCHASE_KEYS}
        self._draw = random.Random(f"{seed}/purchases")
        start = clock.now().replace(microsecond=0)
        for n in range(count):
            stamp = start - timedelta(days=60 * (1 - n / count), hours=1)
            self.new_supplier_invoice(
                lines=135 if n == 7 else self._draw.randint(0 if n == 11 else 1, 6), kind=3 if n % 17 == 3 else 1,
                stamp=stamp.replace(microsecond=0),
            )  # fmt: skip

    def calls(self) -> dict[str, Callable[..., Any]]:
        """The moves by name, as offered by the admin door."""
        names = (
            "new_supplier_invoice", "edit_supplier_invoice", "edit_supplier_invoice_line", "describe_supplier_invoice",
        )  # fmt: skip
        return {name: getattr(self, name) for name in names}

    # Moves:

    def new_supplier_invoice(
        self,
        supplier: str | None = None,
        *,
        lines: int = 3,
        kind: int = 1,
        order: str = "",
        stamp: datetime | None = None,
        header: Mapping[str, Any] | None = None,
        line_values: Sequence[Mapping[str, Any]] = (),
    ) -> str:
        """Enter a supplier's invoice. Returns our number of it; BPRVCR is the supplier's own.

        Args:
            kind: PIHTYP: 1 invoice, 2 additional invoice, 3 credit memo, 4 credit memo on a return.
            order: the purchase order that its lines bill.
            header, line_values: replace columns by name."""
        with self._lock:
            maker = self._suppliers[supplier or self._draw.choice(list(self._suppliers))]
            moment = stamp or self._now()
            number = f"PINNJ01{moment:%y}{len(self.bills) + 1:05d}"
            rows = [self._row(number, n + 1, order, moment) for n in range(lines)]
            for row, values in zip(rows, line_values, strict=False):
                row.update(typed_like(values, row))
            bill = self._bill(number, maker, kind, rows, moment)
            for row in (bill.purchase, bill.accounting):
                row.update(typed_like({name: value for name, value in (header or {}).items() if name in row}, row))
            self.bills[number] = bill
            for table in PURCHASE_KEYS:
                self.index[table].exchange(set(), {_entry(row) for row in bill.rows(table)})
            return number

    def edit_supplier_invoice(self, number: str, **columns: Any) -> None:
        """Change header columns of the table that has them; that table's stamp moves."""
        with self._lock:
            bill = self._bill_of(number)
            for table, row in (("PINVOICEV", bill.purchase), ("PINVOICE", bill.accounting)):
                mine = {name: value for name, value in columns.items() if name in row}
                if mine:
                    self._change(table, row, mine)

    def edit_supplier_invoice_line(self, number: str, line: int = 1000, **columns: Any) -> None:
        """Change columns of one line; its stamp moves and nothing else does."""
        with self._lock:
            row = next(row for row in self._bill_of(number).lines if row["PIDLIN"] == line)
            self._change("PINVOICED", row, columns)

    def describe_supplier_invoice(self, number: str) -> dict[str, Any]:
        """A supplier invoice with its lines as plain rows, for tests and people."""
        with self._lock:
            bill = self._bill_of(number)
            return {"header": bill.accounting | bill.purchase, "lines": [dict(row) for row in bill.lines]}

    # What the fakes read:

    def row(self, table: str, entry: Entry) -> Row:
        """The row of an index entry."""
        _, number, line, _ = entry
        rows = self.bills[number].rows(table)
        return rows[line // 1000 - 1] if table == "PINVOICED" else rows[0]

    def detail(self, table: str, key: str) -> Row | None:
        """A row by its key, the header of the purchase with the array of its lines; None when it is not there."""
        number, _, line = key.partition("~")
        bill = self.bills.get(number)
        if bill is None:
            return None
        if table == "PINVOICED":
            return next((row for row in bill.lines if str(row["PIDLIN"]) == line), None)
        return bill.purchase | {"PINVOICED": bill.lines} if table == "PINVOICEV" else bill.accounting

    # Inside:

    def _now(self) -> datetime:
        return self.clock.now().replace(microsecond=0)

    def _bill_of(self, number: str) -> _Bill:
        if number not in self.bills:
            raise LookupError(f"no supplier invoice {number}")
        return self.bills[number]

    def _change(self, table: str, row: Row, columns: Mapping[str, Any]) -> None:
        before = _entry(row)
        row.update(typed_like(columns, row))
        row["UPDDATTIM"] = self._now()
        self.index[table].exchange({before}, {_entry(row)})

    def _row(self, number: str, n: int, order: str, moment: datetime) -> Row:
        product, quantity = self._draw.choice(list(self._products.values())), Decimal(self._draw.choice((1, 6, 24)))
        in_price_units = quantity * product.coefficient
        return {
            "NUM": number, "PIDLIN": 1000 * n, "ITMREF": product.code, "UOM": product.uom, "PUU": product.puu,
            "QTYUOM": quantity, "QTYPUU": in_price_units, "GROPRI": product.price, "NETPRI": product.price,
            "AMTNOTLIN": money(in_price_units * product.price), "POHNUM": order, "POPLIN": 1000 * n if order else 0,
            "TWMSTA": 2 if order else 1, "UPDDATTIM": moment,
        }  # fmt: skip

    def _bill(self, number: str, maker: Supplier, kind: int, rows: list[Row], moment: datetime) -> _Bill:
        site = SITES["ON01" if maker.currency == "CAD" else "NJ01"]
        net = sum((row["AMTNOTLIN"] for row in rows), Decimal(0))
        tax = money(net * _TAX)
        purchase: Row = {
            "NUM": number, "PIHTYP": kind, "PIVTYP": "PIN", "BPR": maker.code, "CUR": maker.currency,
            "LINNBR": len(rows), "QTYLINNBR": 0, "PRILINNBR": 0, "TOTLINAMT": net, "TOTTAXAMT": tax,
            "UPDDATTIM": moment,
        }  # fmt: skip
        accounting: Row = {
            "NUM": number, "INVTYP": 2 if kind > 2 else 1, "CPY": site.company, "FCY": site.code, "PTE": maker.terms,
            "ACCDAT": moment.date(), "BPRDAT": moment.date() - timedelta(days=3),
            "BPRVCR": f"{maker.code}-{number[-5:]}", "INVNUM": "", "AMTNOT": net, "AMTATI": net + tax,
            "UPDDATTIM": moment,
        }  # fmt: skip
        for place in range(_TAX_PLACES):
            mine = place == 0 and bool(rows)
            accounting |= {f"TAX{place}": "USE" if mine else "", f"BASTAX{place}": net if mine else Decimal(0),
                           f"AMTTAX{place}": tax if mine else Decimal(0)}  # fmt: skip
        return _Bill(purchase, accounting, rows)


def _entry(row: Row) -> Entry:
    return (row["UPDDATTIM"], row["NUM"], row.get("PIDLIN", 0), 0)
