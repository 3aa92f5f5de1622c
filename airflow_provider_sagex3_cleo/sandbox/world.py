"""One seeded world of a distributor's purchase orders (what it sells is in `sales`), and the moves that change it.

Deterministic by seed (and by the clock's start, to which the history leads up). Both transports of the fake Sage X3
read it; tests and the demo move it on, by method or by admin call of the same name.
"""

from __future__ import annotations

import random
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, Final, Protocol

from airflow_provider_sagex3_cleo.sandbox.clock import Clock
from airflow_provider_sagex3_cleo.sandbox.deliveries import DELIVERY_KEYS, Deliveries
from airflow_provider_sagex3_cleo.sandbox.history import fill_history
from airflow_provider_sagex3_cleo.sandbox.masterdata import SITES, Supplier, products, suppliers
from airflow_provider_sagex3_cleo.sandbox.purchases import PURCHASE_KEYS, Purchases
from airflow_provider_sagex3_cleo.sandbox.references import REFERENCE_KEYS, References
from airflow_provider_sagex3_cleo.sandbox.sales import SALES_TABLES, Sales
from airflow_provider_sagex3_cleo.sandbox.seeding import DISCOUNTS, Drawer, Line, Order, OrderSeed, line_of, money
from airflow_provider_sagex3_cleo.sandbox.stampindex import Entry, StampIndex

__all__ = ["TABLES", "Store", "World"]

TABLES: Final = ("PORDER", "PORDERQ", "PORDERP", "LINES")
"""What is indexed by stamp: the three tables, and lines as one (GraphQL shows PORDERQ and PORDERP as one node)."""
ENROLLED: Final = 12
_DATES: Final = frozenset({"ORDDAT", "EXTRCPDAT", "DEMRCPDAT"})
_DECIMALS: Final = frozenset({"UOMPUUCOE", "QTYUOM", "QTYPUU", "RCPQTYPUU", "LINAMT", "GROPRI", "NETPRI", *DISCOUNTS})


class Store(Protocol):
    """Who keeps the rows of some tables."""

    def row(self, table: str, entry: Entry) -> Any:
        """The row of an index entry."""
        ...

    def detail(self, table: str, key: str) -> Any:
        """A row by its key, the parts joined by '~', a header with the arrays of its lines; None: not there."""
        ...


class World:
    """Suppliers, products and purchase orders.

    Args:
        seed: everything drawn depends on it.
        clock: gives the stamps of all moves.
        orders: how many orders there are at the start, the special ones (`stories`) included.
        supplier_count: how many suppliers; only the first few are candidates for EDI.

    Attributes:
        stories: order numbers by what is special about them ('long', 'rejected', 'line_newer' ...).
        sales: customers, sales orders and sales invoices.
        deliveries: what was shipped of them, packs and bills of lading.
        references: suppliers, customers, addresses, products and accounts as rows.
        purchases: supplier invoices.
        stores: who keeps the rows of a table, but those of purchase orders.
    """

    def __init__(self, seed: int, clock: Clock, *, orders: int = 5_200, supplier_count: int = 320) -> None:
        self.seed, self.clock, self.lock = seed, clock, threading.RLock()
        self.suppliers = suppliers(supplier_count)
        self.products = products(seed, 600)
        self.orders: dict[str, Order] = {}
        self.stories: dict[str, str] = {}
        self.drawer = Drawer(seed, list(self.suppliers.values()), list(self.products.values()), ENROLLED)
        self.index = {table: StampIndex() for table in TABLES}
        self._draw = random.Random(f"{seed}/moves")
        self._last_number = 0
        fill_history(self, orders, clock.now().replace(microsecond=0))
        self._reindex()
        self.sales = Sales(seed, clock, self.lock, self.products)
        self.references = References(clock, self.lock, self.suppliers, self.sales.customers, self.products)
        self.purchases = Purchases(seed, clock, self.lock, self.suppliers, self.products)
        self.deliveries = Deliveries(seed, clock, self.lock, self.products, self.sales)
        self.stores: dict[str, Store] = dict.fromkeys(SALES_TABLES, self.sales)
        self.stores |= dict.fromkeys(REFERENCE_KEYS, self.references)
        self.stores |= dict.fromkeys(PURCHASE_KEYS, self.purchases)
        self.stores |= dict.fromkeys(DELIVERY_KEYS, self.deliveries)
        for store in (self.sales, self.references, self.purchases, self.deliveries):
            self.index.update(store.index)

    # What the fakes and the tests read:

    def enrolled(self, count: int = ENROLLED) -> list[Supplier]:
        """The suppliers meant to have an agreement: the first ones."""
        return list(self.suppliers.values())[:count]

    def get(self, number: str) -> Order | None:
        """An order, or None when it is not there (any more)."""
        return self.orders.get(number)

    def entries_of(self, number: str, table: str) -> list[Entry]:
        """The index entries of one order or invoice in order of (stamp, key); none when it is not there."""
        if table in self.stores:
            return [entry for entry in self.index[table].between(None, None) if entry[1] == number]
        order = self.orders.get(number)
        return sorted(self._entries(order)[table]) if order is not None else []

    def line(self, number: str, line: int) -> Line:
        """One line of an order. Raises: LookupError"""
        found = next((ln for ln in self._order(number).lines if ln.q["POPLIN"] == line), None)
        if found is None:
            raise LookupError(f"order {number} has no line {line}")
        return found

    def describe(self, number: str) -> dict[str, Any]:
        """An order with its lines as plain rows, for tests and people."""
        with self.lock:
            order = self._order(number)
            return {"header": order.full_header(), "lines": [ln.merged() for ln in order.lines]}

    def calls(self) -> dict[str, Callable[..., Any]]:
        """The moves by name, as offered by the admin door."""
        names = (
            "new_order", "new_orders", "edit", "edit_line", "add_line", "receive", "close", "close_line", "cancel",
            "sign", "unsign", "late_commit", "delete", "touch", "describe",
        )  # fmt: skip
        own = {name: getattr(self, name) for name in names} | {"stories": lambda: self.stories}
        return own | self.sales.calls() | self.deliveries.calls() | self.references.calls() | self.purchases.calls()

    # Moves:

    def new_order(
        self,
        supplier: str | None = None,
        *,
        lines: int = 3,
        site: str | None = None,
        number: str | None = None,
        stamp: datetime | None = None,
        header: Mapping[str, Any] | None = None,
        line_values: Sequence[Mapping[str, Any]] = (),
    ) -> str:
        """Enter a signed order. Returns its number.

        `header` and `line_values` (one mapping per line, from the first) replace columns by name: that is how a bad
        order is made. Raises: LookupError for an unknown supplier or site."""
        with self.lock:
            buyer_of = self.suppliers[supplier] if supplier else self._draw.choice(self.enrolled())
            where = SITES[site] if site else self.drawer.site(self._draw, buyer_of)
            moment = stamp or self._now()
            order = self.drawer.order(
                number or self.next_number(where.code, moment),
                moment,
                moment.date(),
                supplier=buyer_of,
                site=where,
                line_count=max(lines, len(line_values)),
                line_values=[_typed(values) for values in line_values],
                **_typed(header or {}),
            )
            if order.number in self.orders:
                raise ValueError(f"order {order.number} exists")
            self.orders[order.number] = order
            for table, entries in self._entries(order).items():
                self.index[table].exchange(set(), entries)
            return order.number

    def new_orders(self, count: int, *, supplier: str | None = None, lines: int = 3) -> list[str]:
        """Enter many orders. Returns their numbers."""
        return [self.new_order(supplier, lines=lines) for _ in range(count)]

    def late_commit(self, seconds: float, supplier: str | None = None, **values: Any) -> str:
        """Enter an order whose long transaction ends now: its stamp is `seconds` old. Returns its number."""
        return self.new_order(supplier, stamp=self._now() - timedelta(seconds=seconds), **values)

    def edit(self, number: str, **columns: Any) -> None:
        """Change header columns; the header's stamp moves."""
        with self._changing(number) as order:
            order.header.update(_typed(columns))
            order.header["UPDDATTIM"] = self._now()

    def edit_line(self, number: str, line: int = 1000, *, header_stamp: bool = True, **columns: Any) -> None:
        """Change columns of one line (QTYUOM, NETPRI, EXTRCPDAT ...); quantities and amount follow.

        The stamp of each table touched moves, and the header's with it unless `header_stamp` is False."""
        with self._changing(number) as order:
            row, now = self.line(number, line), self._now()
            for column, value in _typed(columns).items():
                if column not in row.q and column not in row.p:
                    raise LookupError(f"a line has no column {column}")
                for table in (row.q, row.p):
                    if column in table:
                        table[column], table["UPDDATTIM"] = value, now
            if "QTYUOM" in columns:
                row.q["QTYPUU"] = row.q["QTYUOM"] * row.q["UOMPUUCOE"]
            if "NETPRI" in columns and "GROPRI" not in columns:
                row.p["GROPRI"] = row.p["NETPRI"]
            if "LINAMT" not in columns:
                row.q["LINAMT"] = money(row.q["QTYPUU"] * row.p["NETPRI"])
            if header_stamp:
                order.header["UPDDATTIM"] = now

    def add_line(self, number: str, **columns: Any) -> int:
        """Append a line. Returns its POPLIN."""
        with self._changing(number) as order:
            line = max((ln.q["POPLIN"] for ln in order.lines), default=0) + 1000
            order.header["UPDDATTIM"] = self._now()
            order.lines.append(self._drawn_line(order.header, order.seed, line, _typed(columns)))
            return line

    def receive(self, number: str, line: int | None = None, *, share: str | float = 1) -> None:
        """Book a receipt of `share` (0..1] of what was ordered, on one line or on all.

        A line received in full is closed, and with its last line the order, as X3 does it."""
        with self._changing(number) as order:
            now = self._now()
            for ln in order.lines:
                if line is None or ln.q["POPLIN"] == line:
                    ln.q["RCPQTYPUU"] = ln.q["QTYPUU"] * Decimal(str(share))
                    ln.q["UPDDATTIM"] = now
                    if ln.q["RCPQTYPUU"] >= ln.q["QTYPUU"]:
                        ln.q["LINCLEFLG"] = 2
            done = all(ln.q["RCPQTYPUU"] >= ln.q["QTYPUU"] for ln in order.lines)
            order.header.update(RCPFLG=3 if done else 2, UPDDATTIM=now)
            if all(ln.q["LINCLEFLG"] == 2 for ln in order.lines):
                order.header["CLEFLG"] = 2

    def close_line(self, number: str, line: int) -> None:
        """Close one line, whatever was received of it."""
        with self._changing(number) as order:
            now = self._now()
            self.line(number, line).q.update(LINCLEFLG=2, UPDDATTIM=now)
            order.header["UPDDATTIM"] = now

    def close(self, number: str) -> None:
        """Close the order and its lines, whatever was received."""
        with self._changing(number) as order:
            now = self._now()
            for ln in order.lines:
                ln.q.update(LINCLEFLG=2, UPDDATTIM=now)
            order.header.update(CLEFLG=2, UPDDATTIM=now)

    def cancel(self, number: str) -> None:
        """Close an order of which nothing was received. Raises: ValueError when something was."""
        if any(ln.q["RCPQTYPUU"] for ln in self._order(number).lines):
            raise ValueError(f"order {number} was received in part: it can be closed, not cancelled")
        self.close(number)

    def sign(self, number: str, flag: int = 3) -> None:
        """Sign an order (APPFLG 3 in full, 4 not managed, 5 automatic)."""
        self.edit(number, APPFLG=flag)

    def unsign(self, number: str, flag: int = 1) -> None:
        """Take the signatures back (APPFLG 1 no, 2 in part)."""
        self.edit(number, APPFLG=flag)

    def delete(self, number: str) -> None:
        """Delete an order, a partner or a product: no row of it is left in any table."""
        with self.lock:
            if number not in self.orders:
                return self.references.delete(number)
            for table, entries in self._entries(self._order(number)).items():
                self.index[table].exchange(entries, set())
            del self.orders[number]

    def touch(self, numbers: Sequence[str] | None = None, *, count: int = 0) -> list[str]:
        """Move the header's stamp and nothing else, of these orders or of the `count` newest. Returns their numbers."""
        with self.lock:
            chosen = list(numbers or [])
            if count:
                newest = self.index["PORDER"].between(None, None, newest_first=True)
                chosen += [entry[1] for entry, _ in zip(newest, range(count), strict=False)]
            for number in chosen:
                order = self._order(number)
                keys = order.line_keys()
                order.header["UPDDATTIM"] = self._now()
                if keys and order.line_keys()[0][2] != keys[0][2]:  # lines not drawn yet follow the header: draw them
                    for ln, (_, _, q_stamp, p_stamp) in zip(order.lines, keys, strict=True):
                        ln.q["UPDDATTIM"], ln.p["UPDDATTIM"] = q_stamp, p_stamp
            self._reindex()
            return chosen

    def next_number(self, site: str, moment: datetime) -> str:
        """The next order number of a site."""
        self._last_number += 1
        return f"P{site}{moment:%y}{self._last_number:06d}"

    # Inside:

    def _now(self) -> datetime:
        return self.clock.now().replace(microsecond=0)

    def _order(self, number: str) -> Order:
        order = self.orders.get(number)
        if order is None:
            raise LookupError(f"no order {number}")
        return order

    def _drawn_line(self, header: Mapping[str, Any], seed: OrderSeed, line: int, values: Mapping[str, Any]) -> Line:
        product, quantity = self._draw.choice(seed.catalogue), Decimal(self._draw.randint(1, 50))
        return line_of(header, seed, line, product=product, quantity=quantity, days=20, values=values)

    @contextmanager
    def _changing(self, number: str) -> Iterator[Order]:
        """An order to be changed: its lines are drawn first, and the indexes follow its stamps."""
        with self.lock:
            order = self._order(number)
            before = self._entries(order)
            _ = order.lines
            yield order
            after = self._entries(order)
            for table in TABLES:
                self.index[table].exchange(before[table], after[table])

    def _entries(self, order: Order) -> dict[str, set[Entry]]:
        header: Entry = (order.stamp, order.number, 0, 0)
        return {"PORDER": {header}} | {table: set(entries) for table, entries in _line_entries(order).items()}

    def _reindex(self) -> None:
        everything: dict[str, list[Entry]] = {table: [] for table in TABLES}
        for order in self.orders.values():
            everything["PORDER"].append((order.stamp, order.number, 0, 0))
            for table, entries in _line_entries(order).items():
                everything[table] += entries
        for table in TABLES:
            self.index[table].fill(everything[table])


def _line_entries(order: Order) -> dict[str, list[Entry]]:
    keys, number = order.line_keys(), order.number
    return {
        "PORDERQ": [(q_stamp, number, line, sequence) for line, sequence, q_stamp, _ in keys],
        "PORDERP": [(p_stamp, number, line, sequence) for line, sequence, _, p_stamp in keys],
        "LINES": [(max(q_stamp, p_stamp), number, line, sequence) for line, sequence, q_stamp, p_stamp in keys],
    }


def _typed(columns: Mapping[str, Any]) -> dict[str, Any]:
    """Columns that came as JSON, with dates and decimals made of their text."""
    typed: dict[str, Any] = {}
    for column, value in columns.items():
        if column in _DECIMALS and isinstance(value, str | int | float):
            value = Decimal(str(value))
        elif column in _DATES and isinstance(value, str) and not value.startswith("0000"):
            value = date.fromisoformat(value) if value.strip() else None
        typed[column] = value
    return typed
