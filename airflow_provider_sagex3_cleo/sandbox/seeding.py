"""Purchase orders drawn from a seed: the headers at once, the lines of an order only when somebody asks for them."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, Final

from airflow_provider_sagex3_cleo.sandbox.masterdata import SITES, Product, Site, Supplier, reference_of

__all__ = ["DISCOUNTS", "NO_DATE_1599", "NO_DATE_1753", "Line", "Order", "OrderSeed", "line_of", "money", "typed_like"]

Row = dict[str, Any]

NO_DATE_1599: Final = date(1599, 12, 31)
NO_DATE_1753: Final = date(1753, 1, 1)
DISCOUNTS: Final = tuple(f"DISCRGVAL{n}" for n in range(1, 10))
_CENT: Final = Decimal("0.01")


def money(amount: Decimal) -> Decimal:
    """An amount to the cent, half up, as X3 rounds line amounts of a two-decimal currency."""
    return amount.quantize(_CENT, ROUND_HALF_UP)


def typed_like(columns: Mapping[str, Any], row: Mapping[str, Any]) -> Row:
    """Columns that came as JSON in the types of the row's own values. Raises: LookupError for a column it lacks"""
    typed: Row = {}
    for column, value in columns.items():
        if column not in row:
            raise LookupError(f"there is no column {column}")
        if isinstance(row[column], Decimal):
            value = Decimal(str(value))
        elif isinstance(row[column], date) and isinstance(value, str):
            value = date.fromisoformat(value)
        typed[column] = value
    return typed


@dataclass
class Line:
    """One order line: its rows of PORDERQ and PORDERP, each with its own stamp."""

    q: Row
    p: Row

    def merged(self) -> Row:
        """Both rows as one, with the later stamp of the two."""
        return self.p | self.q | {"UPDDATTIM": max(self.q["UPDDATTIM"], self.p["UPDDATTIM"])}


@dataclass(frozen=True)
class OrderSeed:
    """What the lines of an order are drawn from, so that they can be made later."""

    random_seed: str
    supplier: Supplier
    site: Site
    order_date: date
    catalogue: Sequence[Product]
    line_count: int


@dataclass
class Order:
    """One purchase order. `header` has all columns but the totals, which come from the lines."""

    header: Row
    seed: OrderSeed
    line_values: Sequence[Mapping[str, Any]] = ()
    _lines: list[Line] | None = field(default=None, repr=False)

    @property
    def number(self) -> str:
        """POHNUM."""
        return str(self.header["POHNUM"])

    @property
    def stamp(self) -> datetime:
        """UPDDATTIM of the header."""
        moment: datetime = self.header["UPDDATTIM"]
        return moment

    @property
    def lines(self) -> list[Line]:
        """All lines in order of POPLIN, drawn now if nobody asked before."""
        if self._lines is None:
            self._lines = self._draw()
        return self._lines

    def line_keys(self) -> list[tuple[int, int, datetime, datetime]]:
        """(POPLIN, sequence, stamp of PORDERQ, stamp of PORDERP) of every line, without drawing them."""
        if self._lines is None:
            return [(1000 * n, 1000 * n, self.stamp, self.stamp) for n in range(1, self.seed.line_count + 1)]
        return [(ln.q["POPLIN"], ln.q["POQSEQ"], ln.q["UPDDATTIM"], ln.p["UPDDATTIM"]) for ln in self._lines]

    def full_header(self) -> Row:
        """The header with its totals and counts of lines."""
        total = sum((ln.q["LINAMT"] for ln in self.lines), Decimal(0))
        closed = sum(ln.q["LINCLEFLG"] == 2 for ln in self.lines)
        counted = {"TOTLINAMT": total, "TOTORD": total, "LINNBR": len(self.lines), "CLELINNBR": closed}
        return counted | self.header

    def _draw(self) -> list[Line]:
        draw = random.Random(self.seed.random_seed)
        given = list(self.line_values) + [{}] * (self.seed.line_count - len(self.line_values))
        lines = [
            line_of(
                self.header,
                self.seed,
                1000 * (n + 1),
                product=draw.choice(self.seed.catalogue),
                quantity=Decimal(draw.choice((1, 2, 5, 10, 12, 24, 48, 100, 250))),
                days=draw.randint(5, 40),
                values=given[n],
            )
            for n in range(self.seed.line_count)
        ]
        received, closed = self.header["RCPFLG"] == 3, self.header["CLEFLG"] == 2
        for line, values in zip(lines, given, strict=True):
            if received and "RCPQTYPUU" not in values:
                line.q["RCPQTYPUU"] = line.q["QTYPUU"]
            if closed and "LINCLEFLG" not in values:
                line.q["LINCLEFLG"] = 2
        return lines


def line_of(
    header: Mapping[str, Any],
    seed: OrderSeed,
    number: int,
    *,
    product: Product,
    quantity: Decimal,
    days: int,
    values: Mapping[str, Any],
) -> Line:
    """One line as X3 stores it. `values` replaces columns by name; amounts follow unless they are given too."""
    uom = values.get("UOM", product.uom)
    coefficient = Decimal(values.get("UOMPUUCOE", product.coefficient))
    quantity = Decimal(values.get("QTYUOM", quantity))
    price = Decimal(values.get("NETPRI", values.get("GROPRI", product.price)))
    expected = seed.order_date + timedelta(days=days)
    common = {
        "POHNUM": header["POHNUM"],
        "POPLIN": number,
        "ITMREF": product.code,
        "PRHFCY": header["RCPFCY"],
        "FCYADD": "DOCK",
        "UPDDATTIM": header["UPDDATTIM"],
    }
    q = common | {
        "POQSEQ": number,
        "ITMREFBPS": reference_of(product, seed.supplier),
        "UOM": uom,
        "PUU": product.puu,
        "STU": product.stu,
        "UOMPUUCOE": coefficient,
        "QTYUOM": quantity,
        "QTYPUU": quantity * coefficient,
        "RCPQTYPUU": Decimal(0),
        "EXTRCPDAT": expected,
        "DEMRCPDAT": expected if number % 3000 else NO_DATE_1753,
        "LINAMT": money(quantity * coefficient * price),
        "LINCLEFLG": 1,
        "LINTYP": 1,
        "SOHNUM": "",
        "SOPLIN": 0,
        "USEPLC": "",
        "LINTEX": "",
    }
    p = common | {
        "POPSEQ": number,
        "ITMDES": product.description,
        "GROPRI": price,
        "NETPRI": price,
        "LINREVNUM": 0,
        **dict.fromkeys(DISCOUNTS, Decimal(0)),
    }
    for column, value in values.items():
        for row in (q, p):
            if column in row:
                row[column] = value
    return Line(q, p)


class Drawer:
    """Draws the headers of a world: who buys what from whom, when, in which state."""

    def __init__(self, seed: int, suppliers: Sequence[Supplier], catalogue: Sequence[Product], enrolled: int) -> None:
        self.seed, self._suppliers, self._catalogue = seed, suppliers, catalogue
        self._enrolled = enrolled
        self._sites = list(SITES.values())

    def catalogue_of(self, supplier: Supplier) -> Sequence[Product]:
        """The products that a supplier delivers: a fixed stretch of 40 of the list."""
        start = int(supplier.code[1:]) * 7 % max(len(self._catalogue) - 40, 1)
        return self._catalogue[start : start + 40]

    def supplier(self, draw: random.Random) -> Supplier:
        """A supplier; about two orders in five go to those who are candidates for EDI."""
        pool = self._suppliers[: self._enrolled] if draw.random() < 0.4 else self._suppliers
        return draw.choice(pool)

    def site(self, draw: random.Random, supplier: Supplier) -> Site:
        """The site that buys: Canada buys in Canadian dollars."""
        if supplier.currency == "CAD":
            return SITES["ON01"]
        return self._sites[draw.choices((0, 1, 2), (5, 3, 2))[0]]

    def line_count(self, draw: random.Random) -> int:
        """How many lines: mostly few, one order in two hundred between 60 and 140."""
        return draw.randint(*draw.choices(((1, 4), (5, 12), (13, 40), (60, 140)), (600, 300, 95, 5))[0])

    def order(
        self,
        number: str,
        stamp: datetime,
        order_date: date,
        *,
        supplier: Supplier,
        site: Site,
        line_count: int,
        line_values: Sequence[Mapping[str, Any]] = (),
        **columns: Any,
    ) -> Order:
        """One order; `columns` replaces header columns by name."""
        seed = OrderSeed(f"{self.seed}/{number}", supplier, site, order_date, self.catalogue_of(supplier), line_count)
        header: Row = {
            "POHNUM": number,
            "REVNUM": 0,
            "POHTYP": 1,
            "ORDDAT": order_date,
            "EXTRCPDAT": order_date + timedelta(days=30),
            "BPSNUM": supplier.code,
            "BPAADD": supplier.address,
            "BPRNAM0": supplier.names[0],
            "BPRNAM1": supplier.names[1],
            "BPAADDLIG0": supplier.lines[0],
            "BPAADDLIG1": supplier.lines[1],
            "BPAADDLIG2": supplier.lines[2],
            "POSCOD": supplier.postal_code,
            "CTY": supplier.city,
            "SAT": supplier.state,
            "CRY": supplier.country,
            "POHFCY": site.code,
            "RCPFCY": site.code,
            "INVFCY": site.code,
            "CPY": site.company,
            "BUY": "BUYER1",
            "ORDREF": f"REQ-{number[-5:]}",
            "PJTH": "",
            "CUR": supplier.currency,
            "PTE": supplier.terms,
            "MDL": "1",
            "BPTNUM": "",
            "APPFLG": 3,
            "CLEFLG": 1,
            "RCPFLG": 1,
            "INVFLG": 1,
            "PRNFLG": 1,
            "BETFCY": 1,
            "TEX1": "",
            "TEX2": "",
            "UPDDATTIM": stamp,
        }  # fmt: skip
        header.update(columns)
        return Order(header, seed, tuple(line_values))
