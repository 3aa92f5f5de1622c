"""Customers, sales orders and sales invoices of the seeded world, and the moves that change them.

An invoice has its rows of SINVOICEV, SINVOICE and SINVOICED, each table with stamps of its own; totals and taxes are
worked out as Sage X3 does it: lines, invoice elements, tax on both.
"""

from __future__ import annotations

import random
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, Final

from airflow_provider_sagex3_cleo.sandbox.clock import Clock
from airflow_provider_sagex3_cleo.sandbox.masterdata import SITES, Customer, Product, customers
from airflow_provider_sagex3_cleo.sandbox.seeding import DISCOUNTS, money
from airflow_provider_sagex3_cleo.sandbox.stampindex import Entry, StampIndex

__all__ = [
    "ELEMENTS",
    "ENROLLED_CUSTOMERS",
    "INVOICE_STORIES",
    "SALES_TABLES",
    "TAX_RATES",
    "Sales",
    "stock_coefficient",
]

Row = dict[str, Any]

SALES_TABLES: Final = ("SINVOICEV", "SINVOICE", "SINVOICED", "SORDER", "SORDERQ", "SORDERP")
ENROLLED_CUSTOMERS: Final = 6
ELEMENTS: Final[Mapping[int, int]] = {1: 1, 2: 1, 3: -1, 9: 1}
"""Invoice elements (SFOOTINV): 1 freight, 2 handling, 3 discount, 9 one that nobody has mapped; with their sign."""
TAX_RATES: Final[Mapping[str, Decimal]] = {"NJS": Decimal("6.625"), "EXO": Decimal(0), "ONH": Decimal(13),
                                          "ODD": Decimal(3)}  # fmt: skip
_TAX_PLACES, _ELEMENT_PLACES = 10, 30
_DATES: Final = frozenset({"INVDAT"})

INVOICE_STORIES: Final[Mapping[str, Mapping[str, Any]]] = {
    "posted": {},
    "not_posted": {"posted": False},
    "proforma": {"kind": 5},
    "credit_memo": {"kind": 2},
    "credit_note": {"kind": 4},
    "debit_note": {"kind": 3},
    "two_orders": {"orders": 2, "lines": 4},
    "charges": {"charges": {"1": "25.00", "3": "4.10"}},
    "percent_charge": {"header": {"INVDTA0": 2, "INVDTAAMT0": Decimal("2.5"), "INVDTATYP0": 3}},
    "unknown_charge": {"charges": {"9": "3.00"}},
    "unknown_tax": {"tax": "ODD"},
    "yen": {"header": {"CUR": "JPY"}},
    "wrong_total": {"header": {"AMTATI": Decimal("1.00")}},
    "zero_line": {"line_values": [{"QTY": Decimal(0)}]},
    "no_invoice_lines": {"lines": 0},
    "no_customer_order": {"orders": 0},
}
"""One invoice for each odd case: what `new_invoice` is called with."""


@dataclass
class Invoice:
    """One sales invoice: its rows of the two header tables and of SINVOICED."""

    sale: Row
    accounting: Row
    lines: list[Row]


@dataclass
class SalesOrder:
    """One sales order: its header and its rows of SORDERQ and SORDERP."""

    header: Row
    quantities: list[Row]
    prices: list[Row]


class Sales:
    """What the world sells.

    Args:
        count: how many invoices lead up to the start, the special ones (`stories`) not counted.
        lock: the world's.

    Attributes:
        index: entries by table, as `World.index`.
        stories: invoice numbers by what is special about them.
    """

    def __init__(
        self, seed: int, clock: Clock, lock: threading.RLock, catalogue: Mapping[str, Product], *, count: int = 240
    ) -> None:
        self.clock, self._lock, self._catalogue = clock, lock, catalogue
        self.customers = customers(60)
        self.orders: dict[str, SalesOrder] = {}
        self.invoices: dict[str, Invoice] = {}
        self.stories: dict[str, str] = {}
        self.index = {table: StampIndex() for table in SALES_TABLES}
        self._draw = random.Random(f"{seed}/sales")
        self._numbers = {"SO": 0, "INV": 0}
        self._fill(count, clock.now().replace(microsecond=0))

    def enrolled(self, count: int = ENROLLED_CUSTOMERS) -> list[Customer]:
        """The customers meant to have an agreement: the first ones."""
        return list(self.customers.values())[:count]

    def customer(self, code: str | None) -> Customer:
        """The customer of this code, or any that is meant to have an agreement."""
        return self.customers[code] if code else self._draw.choice(self.enrolled())

    def calls(self) -> dict[str, Callable[..., Any]]:
        """The moves by name, as offered by the admin door."""
        names = (
            "new_sales_order", "new_invoice", "new_invoices", "post_invoice", "edit_invoice", "edit_invoice_line",
            "describe_invoice",
        )  # fmt: skip
        return {name: getattr(self, name) for name in names} | {"invoice_stories": lambda: self.stories}

    # Moves:

    def new_sales_order(
        self, customer: str | None = None, *, lines: int = 3, stamp: datetime | None = None, **columns: Any
    ) -> str:
        """Enter a sales order with the customer's own order number (CUSORDREF). Returns its number."""
        with self._lock:
            buyer, moment = self.customer(customer), stamp or self._now()
            number = self._next("SO", moment)
            header: Row = {
                "SOHNUM": number, "REVNUM": 0, "CUSORDREF": f"PO-{buyer.code[1:]}-{number[-4:]}",
                "ORDDAT": moment.date() - timedelta(days=5), "BPCORD": buyer.code, "BPCINV": buyer.code,
                "BPAADD": buyer.store, "SALFCY": "NJ01", "CPY": "EXDIS", "CUR": buyer.currency, "ORDSTA": 1,
                "BETFCY": 1, "LINNBR": lines, "UPDDATTIM": moment,
            }  # fmt: skip
            header.update(_typed(columns))
            order = SalesOrder(header, [], [])
            for n in range(1, lines + 1):
                product = self._any_product()
                common = {"SOHNUM": number, "SOPLIN": 1000 * n, "ITMREF": product.code, "UPDDATTIM": moment}
                order.quantities.append(common | {
                    "SOQSEQ": 1000 * n, "QTY": Decimal(self._draw.choice((1, 4, 12, 60))), "LINORDNUM": str(n),
                    "SOQSTA": 1, "BPAADD": header["BPAADD"],
                })  # fmt: skip
                order.prices.append(common | {"SOPSEQ": 1000 * n, "ITMREFBPC": f"B{buyer.code[1:]}-{product.code[3:]}",
                                              "SAU": product.uom, "STU": product.stu,
                                              "SAUSTUCOE": stock_coefficient(product)})  # fmt: skip
            self.orders[number] = order
            self._enter(number, moment, ("SORDER",))
            for table in ("SORDERQ", "SORDERP"):
                entries = {(moment, number, 1000 * n, 1000 * n) for n in range(1, lines + 1)}
                self.index[table].exchange(set(), entries)
            return number

    def new_invoice(
        self,
        customer: str | None = None,
        *,
        lines: int = 3,
        orders: int = 1,
        posted: bool = True,
        kind: int = 1,
        tax: str | None = None,
        charges: Mapping[str, Any] | None = None,
        stamp: datetime | None = None,
        header: Mapping[str, Any] | None = None,
        line_values: Sequence[Mapping[str, Any]] = (),
        stores: Sequence[str] = (),
    ) -> str:
        """Enter an invoice over so many sales orders, entered with it. Returns its number.

        Args:
            kind: INVTYP: 1 invoice, 2 credit memo, 3 debit note, 4 credit note, 5 proforma.
            tax: code of the one tax on everything; by default that of the customer's country.
            charges: amounts by the number of the invoice element.
            header, line_values: replace columns by name, one mapping per line from the first; totals follow unless
                they are given too. That is how a bad invoice is made.
            stores: addresses that the lines of the sales orders are for, in turn; by default the customer's store."""
        with self._lock:
            buyer, moment = self.customer(customer), stamp or self._now()
            number = self._next("INV", moment)
            rows: list[Row] = []
            for turn in range(orders):
                share = lines // orders + (turn < lines % orders)
                order = self.orders[self.new_sales_order(buyer.code, lines=share, stamp=moment)]
                for sold in order.quantities:
                    if stores:
                        sold["BPAADD"] = stores[len(rows) % len(stores)]
                    rows.append(self._row(number, len(rows) + 1, self._catalogue[sold["ITMREF"]], moment, sold))
            if not orders:
                rows = [self._row(number, n + 1, self._any_product(), moment, {}) for n in range(lines)]
            for row, values in zip(rows, line_values, strict=False):
                row.update(_typed(values))
                if "AMTNOTLIN" not in values:
                    row["AMTNOTLIN"] = money(row["QTY"] * row["NETPRINOT"])
            invoice = self._invoice(number, buyer, moment, rows, kind, 3 if posted else 1)
            for place, (element, amount) in enumerate((charges or {}).items()):
                invoice.sale |= {f"INVDTA{place}": int(element), f"INVDTAAMT{place}": Decimal(str(amount)),
                                 f"INVDTATYP{place}": 1}  # fmt: skip
            given = _typed(header or {})
            for table in (invoice.sale, invoice.accounting):
                table.update({column: value for column, value in given.items() if column in table})
            _total(invoice, tax or ("ONH" if buyer.country == "CA" else "NJS"), given)
            self.invoices[number] = invoice
            self._enter(number, moment, ("SINVOICEV", "SINVOICE"))
            self.index["SINVOICED"].exchange(set(), {(moment, number, row["SIDLIN"], 0) for row in rows})
            return number

    def new_invoices(self, count: int, *, customer: str | None = None, lines: int = 3) -> list[str]:
        """Enter many posted invoices. Returns their numbers."""
        return [self.new_invoice(customer, lines=lines) for _ in range(count)]

    def post_invoice(self, number: str) -> None:
        """Post an invoice (INVSTA 3): from now on nobody changes it on a screen."""
        self.edit_invoice(number, INVSTA=3)

    def edit_invoice(self, number: str, **columns: Any) -> None:
        """Change header columns of the table that has them; that table's stamp moves."""
        with self._lock:
            invoice, now = self._invoice_of(number), self._now()
            for column, value in _typed(columns).items():
                tables = {"SINVOICEV": invoice.sale, "SINVOICE": invoice.accounting}
                homes = [name for name, row in tables.items() if column in row]
                if not homes:
                    raise LookupError(f"an invoice has no column {column}")
                for name in homes:
                    self._stamp(name, tables[name], (number, 0, 0), now)
                    tables[name][column] = value

    def edit_invoice_line(self, number: str, line: int = 1000, **columns: Any) -> None:
        """Change columns of one line; its stamp moves and nothing else does: totals stay as they were."""
        with self._lock:
            row = next(row for row in self._invoice_of(number).lines if row["SIDLIN"] == line)
            self._stamp("SINVOICED", row, (number, line, 0), self._now())
            row.update(_typed(columns))

    def describe_invoice(self, number: str) -> dict[str, Any]:
        """An invoice with its lines as plain rows, for tests and people."""
        with self._lock:
            invoice = self._invoice_of(number)
            return {"header": invoice.accounting | invoice.sale, "lines": [dict(row) for row in invoice.lines]}

    # What the fakes read:

    def row(self, table: str, entry: Entry) -> Row:
        """The row of an index entry."""
        _, number, line, _ = entry
        if table == "SINVOICEV":
            return self.invoices[number].sale
        if table == "SINVOICE":
            return self.invoices[number].accounting
        if table == "SORDER":
            return self.orders[number].header
        if table == "SINVOICED":
            return next(row for row in self.invoices[number].lines if row["SIDLIN"] == line)
        rows = self.orders[number].quantities if table == "SORDERQ" else self.orders[number].prices
        return next(row for row in rows if row["SOPLIN"] == line)

    def detail(self, table: str, key: str) -> Row | None:
        """A row by its key, a header with the arrays of its lines; None when it is not there."""
        number, *rest = key.split("~")
        if rest:
            rows = [self.row(table, entry) for entry in self.index[table].between(None, None) if entry[1] == number]
            names = {"SINVOICED": ("SIDLIN",), "SORDERQ": ("SOPLIN", "SOQSEQ"), "SORDERP": ("SOPLIN", "SOPSEQ")}[table]
            return next((row for row in rows if [str(row[name]) for name in names] == rest), None)
        if table == "SORDER":
            order = self.orders.get(number)
            return order.header | {"SORDERQ": order.quantities, "SORDERP": order.prices} if order else None
        invoice = self.invoices.get(number)
        if invoice is None:
            return None
        return invoice.sale | {"SINVOICED": invoice.lines} if table == "SINVOICEV" else invoice.accounting

    # Inside:

    def _fill(self, count: int, start: datetime) -> None:
        for n in range(count):
            age = timedelta(days=60 * (1 - n / count), hours=1)
            self.new_invoice(
                self._any_customer(), lines=self._draw.randint(1, 6), stamp=(start - age).replace(microsecond=0),
                posted=self._draw.random() < 0.95, kind=self._draw.choices((1, 2, 3, 4, 5), (90, 3, 2, 2, 3))[0],
                charges={"1": "12.50"} if n % 3 == 0 else None,
            )  # fmt: skip
        for turn, (name, story) in enumerate(INVOICE_STORIES.items()):
            moment = start - timedelta(hours=1, minutes=len(INVOICE_STORIES) - turn)
            buyer = self.enrolled()[turn % 4]
            self.stories[name] = self.new_invoice(buyer.code, stamp=moment.replace(second=29), **story)

    def _any_customer(self) -> str:
        pool = list(self.customers)
        return self._draw.choice(pool[:ENROLLED_CUSTOMERS] if self._draw.random() < 0.5 else pool)

    def _any_product(self) -> Product:
        return self._draw.choice(list(self._catalogue.values()))

    def _now(self) -> datetime:
        return self.clock.now().replace(microsecond=0)

    def _next(self, series: str, moment: datetime) -> str:
        self._numbers[series] += 1
        return f"{series}NJ01{moment:%y}{self._numbers[series]:05d}"

    def _invoice_of(self, number: str) -> Invoice:
        if number not in self.invoices:
            raise LookupError(f"no invoice {number}")
        return self.invoices[number]

    def _enter(self, number: str, moment: datetime, tables: Sequence[str]) -> None:
        for table in tables:
            self.index[table].exchange(set(), {(moment, number, 0, 0)})

    def _stamp(self, table: str, row: Row, place: tuple[str, int, int], now: datetime) -> None:
        self.index[table].exchange({(row["UPDDATTIM"], *place)}, {(now, *place)})
        row["UPDDATTIM"] = now

    def _row(self, number: str, n: int, product: Product, moment: datetime, sold: Mapping[str, Any]) -> Row:
        """The n-th line, which bills the line of a sales order where `sold` is one."""
        quantity = sold.get("QTY", Decimal(self._draw.choice((1, 2, 6, 24))))
        price = (product.price * product.coefficient * Decimal("1.5")).quantize(Decimal("0.0001"))
        return {
            "NUM": number, "SIDLIN": 1000 * n, "ITMREF": product.code, "ITMDES": product.description, "QTY": quantity,
            "SAU": product.uom, "GROPRI": price,
            **dict.fromkeys(DISCOUNTS, Decimal(0)), "NETPRI": price, "NETPRINOT": price,
            "AMTNOTLIN": money(quantity * price), "FOCFLG": 1,
            "SOHNUM": sold.get("SOHNUM", ""), "SOPLIN": sold.get("SOPLIN", 0), "SOQSEQ": sold.get("SOQSEQ", 0),
            "SIDTEX": "", "UPDDATTIM": moment,
        }  # fmt: skip

    def _invoice(
        self, number: str, buyer: Customer, moment: datetime, rows: list[Row], kind: int, state: int
    ) -> Invoice:
        site = SITES["ON01" if buyer.country == "CA" else "NJ01"]
        sale: Row = {
            "NUM": number, "INVSTA": state, "SIVTYP": "INV", "INVDAT": moment.date(), "BPCINV": buyer.code,
            "BPCORD": buyer.code, "BPAINV": "INV", "BPRNAM0": buyer.names[0], "BPRNAM1": buyer.names[1],
            "BPAADDLIG0": buyer.street, "BPAADDLIG1": "", "BPAADDLIG2": "", "POSCOD": buyer.postal_code,
            "CTY": buyer.city, "SAT": buyer.state, "CRY": buyer.country, "BPAADD": buyer.store,
            "BPDNAM0": f"{buyer.names[0]} {buyer.store}", "BPDNAM1": "", "BPDADDLIG0": f"Dock of {buyer.street}",
            "BPDADDLIG1": "", "BPDADDLIG2": "", "BPDPOSCOD": buyer.postal_code, "BPDCTY": buyer.city,
            "BPDSAT": buyer.state, "BPDCRY": buyer.country, "SALFCY": site.code, "STOFCY": site.code,
            "CUR": buyer.currency, "PTE": buyer.terms, "INVREF": "", "PRITYP": 1, "SIHTEX1": "",
            "SIHTEX2": "", "UPDDATTIM": moment,
        }  # fmt: skip
        for place in range(_ELEMENT_PLACES):
            sale |= {f"INVDTA{place}": 0, f"INVDTAAMT{place}": Decimal(0), f"INVDTATYP{place}": 1}
        accounting: Row = {
            "NUM": number, "INVTYP": kind, "CPY": site.company, "CUR": buyer.currency, "AMTNOT": Decimal(0),
            "AMTATI": Decimal(0), "INVNUM": "", "UPDDATTIM": moment,
        }  # fmt: skip
        for place in range(_TAX_PLACES):
            accounting |= {f"TAX{place}": "", f"BASTAX{place}": Decimal(0), f"AMTTAX{place}": Decimal(0)}
        return Invoice(sale, accounting, rows)


def stock_coefficient(product: Product) -> Decimal:
    """How many stock units make one unit that is sold."""
    return Decimal(24) if product.uom == "CS" else product.coefficient


def _total(invoice: Invoice, tax: str, given: Mapping[str, Any]) -> None:
    """Totals and tax from lines and elements; what is given stays."""
    lines = sum((row["AMTNOTLIN"] for row in invoice.lines), Decimal(0))
    net = lines
    for place in range(_ELEMENT_PLACES):
        element, amount = invoice.sale[f"INVDTA{place}"], invoice.sale[f"INVDTAAMT{place}"]
        if element:
            share = invoice.sale[f"INVDTATYP{place}"] == 3
            net += ELEMENTS[element] * (money(lines * amount / 100) if share else amount)
    duty = money(net * TAX_RATES[tax] / 100)
    counted = {"AMTNOT": net, "AMTATI": net + duty, "TAX0": tax, "BASTAX0": net, "AMTTAX0": duty}
    invoice.accounting |= counted | {column: value for column, value in given.items() if column in counted}


def _typed(columns: Mapping[str, Any]) -> Row:
    """Columns that came as JSON, with dates and decimals made of their text."""
    typed: Row = {}
    for column, value in columns.items():
        if column in _DATES and isinstance(value, str) and value.strip():
            value = date.fromisoformat(value)
        elif column.startswith(("AMT", "BASTAX", "NETPRI", "GROPRI", "DISCRGVAL", "QTY", "INVDTAAMT")):
            value = Decimal(str(value))
        typed[column] = value
    return typed
