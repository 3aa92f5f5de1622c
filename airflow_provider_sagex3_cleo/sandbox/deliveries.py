"""Deliveries of the seeded world with their packs and bills of lading, and the moves that change them.

A delivery issues lines of sales orders: rows of SDELIVERY and SDELIVERYD. Packs are rows of SPACK and SPACKD of the
same number (VCRTYP 4), a bill of lading is a row of BILLLADH; each table has stamps of its own.
"""

from __future__ import annotations

import random
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, Final

from airflow_provider_sagex3_cleo.sandbox.clock import Clock
from airflow_provider_sagex3_cleo.sandbox.masterdata import SITES, Customer, Product
from airflow_provider_sagex3_cleo.sandbox.sales import Sales, stock_coefficient
from airflow_provider_sagex3_cleo.sandbox.stampindex import Entry, StampIndex

__all__ = ["DELIVERY_KEYS", "DELIVERY_STORIES", "Deliveries", "sscc"]

Row = dict[str, Any]

DELIVERY_KEYS: Final[Mapping[str, tuple[str, ...]]] = {
    "SDELIVERY": ("SDHNUM",),
    "SDELIVERYD": ("SDHNUM", "SDDLIN"),
    "SPACK": ("VCRTYP", "VCRNUM", "PACNUM", "PACSEQ"),
    "SPACKD": ("VCRTYP", "VCRNUM", "VCRLIN", "PACNUM", "PACIND", "PACSEQ", "VCRSEQ"),
    "BILLLADH": ("BOLNUM",),
}
"""The tables and the columns of their keys."""
_DELIVERY: Final = 4  # VCRTYP
_CARRIERS: Final = ("EXPARCEL", "EXFREIGHT")
_DATES: Final = frozenset({"SHIDAT", "DLVDAT", "ARVDAT"})
_DECIMALS: Final = frozenset({"QTY", "QTYSTU", "SAUSTUCOE", "GROWEI", "NETWEI"})

DELIVERY_STORIES: Final[Mapping[str, Mapping[str, Any]]] = {
    "shipped": {},
    "not_validated": {"validated": False},
    "loan": {"header": {"SDHCAT": 2}},
    "between_own_sites": {"header": {"BETFCY": 2}},
    "returned": {"header": {"RTNSTA": 3}},
    "two_customer_orders": {"orders": 2, "lines": 4},
    "packed": {"packs": 2},
    "packs_without_sscc": {"packs": 2, "pack_values": [{"SCCCOD": ""}, {"SCCCOD": ""}]},
    "wrong_check_digit": {"packs": 1, "pack_values": [{"SCCCOD": "001234567890123456"}]},
    "with_bill_of_lading": {"bill": True},
    "no_carrier": {"header": {"BPTNUM": ""}},
    "unknown_carrier": {"header": {"BPTNUM": "EXNEW"}},
    "other_unit": {"line_values": [{"SAU": "PAL", "SAUSTUCOE": Decimal(0)}]},
    "zero_lines": {"line_values": [{"QTY": Decimal(0)}] * 3},
    "no_delivery_lines": {"lines": 0},
    "no_customer_order": {"order_values": {"CUSORDREF": ""}},
}
"""One delivery for each odd case: what `new_delivery` is called with."""


@dataclass
class Delivery:
    """One delivery: its header, its lines, its packs and what is in them."""

    header: Row
    lines: list[Row]
    packs: list[Row] = field(default_factory=list)
    contents: list[Row] = field(default_factory=list)

    def rows(self, table: str) -> list[Row]:
        """Its rows of one table."""
        return {"SDELIVERY": [self.header], "SDELIVERYD": self.lines, "SPACK": self.packs, "SPACKD": self.contents}[
            table
        ]


class Deliveries:
    """What the world ships of what it sold.

    Args:
        count: how many deliveries lead up to the start, the special ones (`stories`) not counted.
        lock: the world's.

    Attributes:
        index: entries by table, as `World.index`.
        stories: delivery numbers by what is special about them.
    """

    def __init__(
        self,
        seed: int,
        clock: Clock,
        lock: threading.RLock,
        catalogue: Mapping[str, Product],
        sales: Sales,
        *,
        count: int = 120,
    ) -> None:
        self.clock, self._lock, self._catalogue, self._sales = clock, lock, catalogue, sales
        self.deliveries: dict[str, Delivery] = {}
        self.bills: dict[str, Row] = {}
        self.stories: dict[str, str] = {}
        self.index = {table: StampIndex() for table in DELIVERY_KEYS}
        self._draw = random.Random(f"{seed}/deliveries")
        self._numbers = {"SDH": 0, "BOL": 0, "SSCC": 0}
        self._fill(count, clock.now().replace(microsecond=0))

    def calls(self) -> dict[str, Callable[..., Any]]:
        """The moves by name, as offered by the admin door."""
        names = (
            "new_delivery", "new_deliveries", "validate_delivery", "edit_delivery", "edit_delivery_line",
            "pack_delivery", "edit_pack", "new_bill_of_lading", "edit_bill_of_lading", "describe_delivery",
        )  # fmt: skip
        return {name: getattr(self, name) for name in names} | {"delivery_stories": lambda: self.stories}

    # Moves:

    def new_delivery(
        self,
        customer: str | None = None,
        *,
        lines: int = 3,
        orders: int = 1,
        validated: bool = True,
        packs: int = 0,
        bill: bool = False,
        stamp: datetime | None = None,
        header: Mapping[str, Any] | None = None,
        line_values: Sequence[Mapping[str, Any]] = (),
        pack_values: Sequence[Mapping[str, Any]] = (),
        order_values: Mapping[str, Any] | None = None,
    ) -> str:
        """Enter a delivery of all lines of so many sales orders, entered with it. Returns its number.

        Args:
            packs: into how many packs it is packed, each with an SSCC of its own.
            bill: make a bill of lading for it alone.
            header, line_values, pack_values, order_values: replace columns by name (of the delivery, of its lines and
                packs from the first, of its sales orders): that is how a bad delivery is made."""
        with self._lock:
            moment = stamp or self._now()
            buyer = self._sales.customer(customer)
            number = self._next("SDH", moment)
            rows: list[Row] = []
            for turn in range(orders):
                share = lines // orders + (turn < lines % orders)
                order = self._sales.new_sales_order(buyer.code, lines=share, stamp=moment, **(order_values or {}))
                rows += [self._row(number, n, sold, moment) for n, sold in enumerate(self._sold(order), len(rows) + 1)]
            for row, values in zip(rows, line_values, strict=False):
                row.update(_typed(values))
                if "QTYSTU" not in values:
                    row["QTYSTU"] = row["QTY"] * row["SAUSTUCOE"]
            head = self._header(number, buyer, moment, rows, 2 if validated else 1)
            head |= ({"PACNBR": packs} if packs else {}) | _typed(header or {})
            self.deliveries[number] = Delivery(head, rows)
            self._enter("SDELIVERY", number)
            self._enter("SDELIVERYD", number)
            if packs:
                self.pack_delivery(number, packs, pack_values=pack_values, stamp=moment)
            if bill:
                self.new_bill_of_lading([number], stamp=moment)
            return number

    def new_deliveries(self, count: int, *, customer: str | None = None, lines: int = 3) -> list[str]:
        """Enter many validated deliveries. Returns their numbers."""
        return [self.new_delivery(customer, lines=lines) for _ in range(count)]

    def validate_delivery(self, number: str) -> None:
        """Validate a delivery (CFMFLG 2): its stock is issued."""
        self.edit_delivery(number, CFMFLG=2)

    def edit_delivery(self, number: str, **columns: Any) -> None:
        """Change header columns; the header's stamp moves. Raises: LookupError"""
        with self._lock:
            self._change("SDELIVERY", number, 0, self._delivery(number).header, columns)

    def edit_delivery_line(self, number: str, line: int = 1000, **columns: Any) -> None:
        """Change columns of one line; its stamp moves and nothing else does. Raises: LookupError"""
        with self._lock:
            rows = self._delivery(number).lines
            place = next(place for place, row in enumerate(rows) if row["SDDLIN"] == line)
            self._change("SDELIVERYD", number, place, rows[place], columns)

    def pack_delivery(
        self,
        number: str,
        packs: int = 2,
        *,
        pack_values: Sequence[Mapping[str, Any]] = (),
        stamp: datetime | None = None,
    ) -> list[str]:
        """Pack all lines anew into so many packs, the lines in turn. Returns their SSCCs. Raises: LookupError"""
        with self._lock:
            delivery, moment = self._delivery(number), stamp or self._now()
            before = {table: self._entries(table, number) for table in ("SPACK", "SPACKD")}
            common = {"VCRTYP": _DELIVERY, "VCRNUM": number, "PACSEQ": 1, "UPDDATTIM": moment}
            delivery.packs, delivery.contents = [], []
            for n in range(packs):
                label = {"PACNUM": f"{n + 1:04d}", "SCCCOD": self._sscc(), "PCK": "CTN"}
                delivery.packs.append(common | label | {"PCKWEI": Decimal("0.5"), "NETWEI": Decimal(5), "WEU": "LB"})
            for turn, line in enumerate(delivery.lines):
                inside = {"VCRLIN": line["SDDLIN"], "PACNUM": f"{turn % packs + 1:04d}", "PACIND": 1, "VCRSEQ": 1,
                          "ITMREF": line["ITMREF"], "QTY": line["QTY"], "SAU": line["SAU"]}  # fmt: skip
                delivery.contents.append(common | inside)
            for pack, values in zip(delivery.packs, pack_values, strict=False):
                pack.update(values)
            for table, entries in before.items():
                self.index[table].exchange(entries, self._entries(table, number))
            return [str(pack["SCCCOD"]) for pack in delivery.packs]

    def edit_pack(self, number: str, pack: int = 1, **columns: Any) -> None:
        """Change columns of one pack; the stamp of its row moves and no other. Raises: LookupError"""
        with self._lock:
            self._change("SPACK", number, pack - 1, self._delivery(number).packs[pack - 1], columns)

    def new_bill_of_lading(self, deliveries: Sequence[str], *, stamp: datetime | None = None, **columns: Any) -> str:
        """Put deliveries on one bill of lading. Returns its number."""
        with self._lock:
            moment = stamp or self._now()
            number = self._next("BOL", moment)
            first = self._delivery(deliveries[0]).header
            bill = {
                "BOLNUM": number, "BOLTYP": 1, "BOLDAT": moment.date(), "BPTNUM": first["BPTNUM"], "SCAC": "",
                "PRONUM": f"PRO{number[-5:]}", "TRAILER": "", "FCY": first["STOFCY"], "CPY": first["CPY"],
                "UPDDATTIM": moment,
            }  # fmt: skip
            self.bills[number] = bill | columns
            self.index["BILLLADH"].exchange(set(), {(moment, number, 0, 0)})
            for delivery in deliveries:
                header = self._delivery(delivery).header
                self._change("SDELIVERY", delivery, 0, header, {"BOLNUM": number}, moment)
            return number

    def edit_bill_of_lading(self, number: str, **columns: Any) -> None:
        """Change columns of a bill of lading; no stamp of a delivery moves."""
        with self._lock:
            row, now = self.bills[number], self._now()
            self.index["BILLLADH"].exchange({(row["UPDDATTIM"], number, 0, 0)}, {(now, number, 0, 0)})
            row.update(columns)
            row["UPDDATTIM"] = now

    def describe_delivery(self, number: str) -> dict[str, Any]:
        """A delivery with lines, packs, contents and bill of lading as plain rows, for tests and people."""
        with self._lock:
            found = self._delivery(number)
            return {
                "header": dict(found.header),
                "lines": [dict(row) for row in found.lines],
                "packs": [dict(row) for row in found.packs],
                "contents": [dict(row) for row in found.contents],
                "bill": dict(self.bills.get(found.header["BOLNUM"], {})),
            }

    # What the fakes read:

    def row(self, table: str, entry: Entry) -> Row:
        """The row of an index entry."""
        _, number, place, _ = entry
        return self.bills[number] if table == "BILLLADH" else self.deliveries[number].rows(table)[place]

    def detail(self, table: str, key: str) -> Row | None:
        """A row by its key, a header with the array of its lines; None when it is not there."""
        parts = key.split("~")
        if table == "BILLLADH":
            return self.bills.get(key)
        names = DELIVERY_KEYS[table]
        if len(parts) != len(names):
            return None
        found = self.deliveries.get(parts[0 if names[0] == "SDHNUM" else 1])
        if found is None:
            return None
        if table == "SDELIVERY":
            return found.header | {"SDELIVERYD": found.lines}
        return next((row for row in found.rows(table) if [str(row[name]) for name in names] == parts), None)

    # Inside:

    def _fill(self, count: int, start: datetime) -> None:
        for n in range(count):
            age = timedelta(days=60 * (1 - n / count), hours=1)
            self.new_delivery(
                self._draw.choice(list(self._sales.customers)[:12]), lines=self._draw.randint(1, 6),
                stamp=(start - age).replace(microsecond=0), validated=self._draw.random() < 0.95,
                packs=2 if n % 4 == 0 else 0, bill=n % 3 == 0,
            )  # fmt: skip
        for turn, (name, story) in enumerate(DELIVERY_STORIES.items()):
            moment = start - timedelta(hours=1, minutes=len(DELIVERY_STORIES) - turn)
            buyer = self._sales.enrolled()[turn % 4]
            self.stories[name] = self.new_delivery(buyer.code, stamp=moment.replace(second=31), **story)

    def _now(self) -> datetime:
        return self.clock.now().replace(microsecond=0)

    def _next(self, series: str, moment: datetime) -> str:
        self._numbers[series] += 1
        return f"{series}NJ01{moment:%y}{self._numbers[series]:05d}"

    def _sscc(self) -> str:
        self._numbers["SSCC"] += 1
        return sscc(self._numbers["SSCC"])

    def _delivery(self, number: str) -> Delivery:
        if number not in self.deliveries:
            raise LookupError(f"no delivery {number}")
        return self.deliveries[number]

    def _entries(self, table: str, number: str) -> set[Entry]:
        rows = self.deliveries[number].rows(table)
        return {(row["UPDDATTIM"], number, place, 0) for place, row in enumerate(rows)}

    def _enter(self, table: str, number: str) -> None:
        self.index[table].exchange(set(), self._entries(table, number))

    def _change(
        self, table: str, number: str, place: int, row: Row, columns: Mapping[str, Any], moment: datetime | None = None
    ) -> None:
        for column in columns:
            if column not in row:
                raise LookupError(f"{table} has no column {column}")
        now = moment or self._now()
        self.index[table].exchange({(row["UPDDATTIM"], number, place, 0)}, {(now, number, place, 0)})
        row.update(_typed(columns))
        row["UPDDATTIM"] = now

    def _sold(self, order: str) -> list[Row]:
        sold = self._sales.orders[order]
        return [q | {"SAU": p["SAU"]} for q, p in zip(sold.quantities, sold.prices, strict=True)]

    def _row(self, number: str, n: int, sold: Mapping[str, Any], moment: datetime) -> Row:
        """The n-th line, which issues a line of a sales order."""
        product = self._catalogue[sold["ITMREF"]]
        coefficient = stock_coefficient(product)
        return {
            "SDHNUM": number, "SDDLIN": 1000 * n, "ITMREF": product.code, "ITMDES": product.description,
            "QTY": sold["QTY"], "SAU": sold["SAU"], "QTYSTU": sold["QTY"] * coefficient, "STU": product.stu,
            "SAUSTUCOE": coefficient, "RTNQTY": Decimal(0), "SOHNUM": sold["SOHNUM"], "SOPLIN": sold["SOPLIN"],
            "SOQSEQ": sold["SOQSEQ"], "PRHNUM": "", "UPDDATTIM": moment,
        }  # fmt: skip

    def _header(self, number: str, buyer: Customer, moment: datetime, rows: Sequence[Row], state: int) -> Row:
        site = SITES["ON01" if buyer.country == "CA" else "NJ01"]
        weight = sum((row["QTYSTU"] for row in rows), Decimal(0)) * Decimal("1.25")
        turn = self._numbers["SDH"]
        return {
            "SDHNUM": number, "SDHCAT": 1, "CFMFLG": state, "RTNSTA": 1, "BETFCY": 1, "PACFLG": 1, "PRNNDE": 1,
            "CPY": site.company, "SALFCY": site.code, "STOFCY": site.code, "BPCORD": buyer.code, "BPCINV": buyer.code,
            "BPAADD": buyer.store, "BPDNAM0": f"{buyer.names[0]} {buyer.store}", "BPDNAM1": "",
            "BPDADDLIG0": f"Dock of {buyer.street}", "BPDADDLIG1": "", "BPDADDLIG2": "",
            "BPDPOSCOD": buyer.postal_code, "BPDCTY": buyer.city, "BPDSAT": buyer.state, "BPDCRY": buyer.country,
            "SHIDAT": moment.date(), "SHIHOU": "1430", "DLVDAT": moment.date() + timedelta(days=3),
            "ARVDAT": date(1753, 1, 1), "BPTNUM": _CARRIERS[turn % len(_CARRIERS)], "MDL": "1", "GROWEI": weight,
            "NETWEI": weight, "WEU": "LB", "PACNBR": max(len(rows), 1), "BOLNUM": "", "LICPLATE": "",
            "YTRACK": f"1Z{turn:08d}", "UPDDATTIM": moment,
        }  # fmt: skip


def sscc(serial: int) -> str:
    """An SSCC below GS1's prefix for demonstrations, with a right check digit."""
    digits = f"09506000{serial:09d}"
    total = sum(int(digit) * (3 if place % 2 == 0 else 1) for place, digit in enumerate(digits))
    return f"{digits}{-total % 10}"


def _typed(columns: Mapping[str, Any]) -> Row:
    """Columns that came as JSON, with dates and decimals made of their text."""
    typed: Row = {}
    for column, value in columns.items():
        if column in _DATES and isinstance(value, str) and value.strip():
            value = date.fromisoformat(value)
        elif column in _DECIMALS:
            value = Decimal(str(value))
        typed[column] = value
    return typed
