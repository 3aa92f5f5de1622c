"""Suppliers, customers, addresses, products, accounts and units of the seeded world as rows that change, each with its
stamp.

A partner has a row of BPSUPPLIER or BPCUSTOMER and one of BPARTNER, and at least one address.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, Final

from airflow_provider_sagex3_cleo.sandbox.clock import Clock
from airflow_provider_sagex3_cleo.sandbox.masterdata import SITES, Customer, Product, Supplier
from airflow_provider_sagex3_cleo.sandbox.seeding import NO_DATE_1599, NO_DATE_1753, typed_like
from airflow_provider_sagex3_cleo.sandbox.stampindex import Entry, StampIndex

__all__ = ["REFERENCE_KEYS", "References"]

Row = dict[str, Any]

REFERENCE_KEYS: Final[Mapping[str, tuple[str, ...]]] = {
    "BPSUPPLIER": ("BPSNUM",),
    "BPCUSTOMER": ("BPCNUM",),
    "BPARTNER": ("BPRNUM",),
    "BPADDRESS": ("BPATYP", "BPANUM", "BPAADD"),
    "ITMMASTER": ("ITMREF",),
    "GACCOUNT": ("COA", "ACC"),
    "TABUNIT": ("UOM",),
}
CARRIER: Final = "FAST1"
"""A partner that neither buys nor sells."""
_PARTNER, _SITE = 1, 3  # BPATYP
_ACCOUNTS: Final = ("Cash", "Receivables", "Inventory", "Payables", "Sales", "Purchases", "Freight", "Discounts")
_NO_DATES: Final = (NO_DATE_1599, NO_DATE_1753, None, "0000-00-00")
_UNITS: Final[Mapping[str, int]] = {
    "UN": 0, "BOX": 0, "CS": 0, "PAL": 0, "DZ": 0, "KG": 3, "LB": 3, "FT": 2, "BAG": 0,
}  # fmt: skip
"""Units with the decimals of their quantities; nothing in the world is counted in `BAG`."""
_PACKINGS: Final = 4
_SPREAD: Final = timedelta(days=400)
_BATCH: Final = range(100, 230)  # products that a nightly job touched at once


class References:
    """The reference tables.

    Args:
        lock: the world's.
        suppliers, customers: of the world; new ones are entered there too, so that they can be traded with.

    Attributes:
        tables: rows by table and key, the parts of a composite key joined by '~'.
        index: entries by table, as `World.index`.
    """

    def __init__(
        self, clock: Clock, lock: threading.RLock, suppliers: dict[str, Supplier], customers: dict[str, Customer],
        products: dict[str, Product],
    ) -> None:  # fmt: skip
        self.clock, self._lock = clock, lock
        self._suppliers, self._customers, self._products = suppliers, customers, products
        self.tables: dict[str, dict[str, Row]] = {table: {} for table in REFERENCE_KEYS}
        self.index = {table: StampIndex() for table in REFERENCE_KEYS}
        self._fill(clock.now().replace(microsecond=0))

    def calls(self) -> dict[str, Callable[..., Any]]:
        """The moves by name, as offered by the admin door."""
        names = (
            "new_supplier", "new_customer", "new_product", "new_unit", "rename", "deactivate", "change_product",
            "change_address", "change_record", "describe_reference",
        )  # fmt: skip
        return {name: getattr(self, name) for name in names}

    # Moves:

    def new_supplier(self, code: str, name: str, **columns: Any) -> str:
        """Enter an active supplier with an address; `columns` of BPSUPPLIER and BPARTNER. Returns its code."""
        with self._lock:
            town = ("1 Example Street", "", "")
            maker = Supplier(code, (name, ""), "ORD", town, "43215", "Columbus", "OH", "US", "USD", "NET30")
            self._suppliers[code] = maker
            self._enter_supplier(maker, self._now(), columns)
            return code

    def new_customer(self, code: str, name: str, **columns: Any) -> str:
        """Enter an active customer with two addresses; `columns` of BPCUSTOMER and BPARTNER. Returns its code."""
        with self._lock:
            buyer = Customer(
                code, (name, ""), "1 Sample Plaza", "43215", "Columbus", "OH", "US", "USD", "NET30", f"ST{code[-3:]}"
            )
            self._customers[code] = buyer
            self._enter_customer(buyer, self._now(), columns)
            return code

    def new_product(self, code: str, description: str, **columns: Any) -> str:
        """Enter a product in single units; `columns` of ITMMASTER. Returns its code."""
        with self._lock:
            product = Product(code, description, "UN", "UN", "UN", Decimal(1), Decimal("1.00"), "")
            self._products[code] = product
            self._enter("ITMMASTER", _product_row(product, self._now()), columns)
            return code

    def new_unit(self, code: str, decimals: int = 0) -> str:
        """Enter a unit. Returns its code."""
        with self._lock:
            self._enter("TABUNIT", {"UOM": code, "UOMDEC": decimals, "UPDDATTIM": self._now()})
            return code

    def rename(self, code: str, name: str) -> None:
        """Give a supplier, customer or both another name; the stamps of all its tables but the addresses move."""
        self._change_partner(code, {"BPSNAM": name, "BPCNAM": name, "BPRNAM0": name})

    def deactivate(self, code: str, *, active: bool = False) -> None:
        """Switch a supplier or customer off (or on again); BPARTNER stays as it is."""
        flag = 2 if active else 1
        self._change_partner(code, {"ENAFLG": flag, "BPCSTA": flag})

    def change_product(self, code: str, **columns: Any) -> None:
        """Change columns of a product."""
        self.change_record("ITMMASTER", code, **columns)

    def change_address(self, partner: str, address: str, **columns: Any) -> None:
        """Change columns of a partner's address; no other table's stamp moves."""
        self.change_record("BPADDRESS", f"{_PARTNER}~{partner}~{address}", **columns)

    def change_record(self, table: str, key: str, **columns: Any) -> None:
        """Change columns of one row; its stamp moves. Raises: LookupError"""
        with self._lock:
            row = self.tables.get(table, {}).get(key)
            if row is None:
                raise LookupError(f"{table} has no {key}")
            row.update(typed_like(columns, row))
            self._stamp(table, row, self._now())

    def delete(self, code: str) -> None:
        """Delete a partner with its addresses, or a product: no row is left. Raises: LookupError"""
        with self._lock:
            gone = [(table, key) for table, rows in self.tables.items() for key in rows if _is_of(table, key, code)]
            if not gone:
                raise LookupError(f"no supplier, customer or product {code}")
            for table, key in gone:
                row = self.tables[table].pop(key)
                self.index[table].exchange({_entry(table, row)}, set())
            for known in (self._suppliers, self._customers, self._products):
                known.pop(code, None)

    def describe_reference(self, code: str) -> dict[str, list[Row]]:
        """All rows of a partner, product or account by table, for tests and people."""
        with self._lock:
            found = {t: [dict(r) for k, r in rows.items() if _is_of(t, k, code)] for t, rows in self.tables.items()}
            return {table: rows for table, rows in found.items() if rows}

    # What the fakes read:

    def row(self, table: str, entry: Entry) -> Row:
        """The row of an index entry."""
        return self.tables[table][entry[1].replace("\0", "~")]

    def detail(self, table: str, key: str) -> Row | None:
        """A row by its key; None when it is not there."""
        return self.tables[table].get(key)

    # Inside:

    def _now(self) -> datetime:
        return self.clock.now().replace(microsecond=0)

    def _enter(self, table: str, row: Row, columns: Mapping[str, Any] | None = None) -> None:
        row.update(typed_like({name: value for name, value in (columns or {}).items() if name in row}, row))
        key = "~".join(str(row[name]) for name in REFERENCE_KEYS[table])
        if key in self.tables[table]:
            raise ValueError(f"{table} {key} exists")
        self.tables[table][key] = row
        self.index[table].exchange(set(), {_entry(table, row)})

    def _stamp(self, table: str, row: Row, now: datetime) -> None:
        before = _entry(table, row)
        row["UPDDATTIM"] = now
        self.index[table].exchange({before}, {_entry(table, row)})

    def _change_partner(self, code: str, columns: Mapping[str, Any]) -> None:
        with self._lock:
            homes = [t for t in ("BPSUPPLIER", "BPCUSTOMER", "BPARTNER") if code in self.tables[t]]
            if not homes:
                raise LookupError(f"no partner {code}")
            for table in homes:
                row = self.tables[table][code]
                mine = {name: value for name, value in columns.items() if name in row}
                if mine:
                    self.change_record(table, code, **mine)

    def _enter_supplier(self, maker: Supplier, moment: datetime, columns: Mapping[str, Any] | None = None) -> None:
        code, n = maker.code, len(self.tables["BPSUPPLIER"])
        row: Row = {
            "BPSNUM": code, "BPSNAM": maker.names[0].ljust(35 if n % 7 == 6 else 0), "BPSSHO": maker.names[0][:10],
            "ENAFLG": 1 if n % 61 == 60 else 2, "BPSTYP": 1, "BSGCOD": "EXP", "BPAADD": maker.address, "BPSINV": code,
            "BPRPAY": code, "BPCNUMBPS": f"EX{code[1:]}", "CUR": maker.currency, "PTE": maker.terms,
            "UPDDATTIM": moment,
        }  # fmt: skip
        self._enter("BPSUPPLIER", row, columns)
        self._enter_partner(code, maker.names, maker.country, "BPSFLG", moment, columns)
        town = (maker.postal_code, maker.city, maker.state, maker.country)
        self._enter_address(_PARTNER, code, maker.address, maker.lines, town, moment, default=True)
        if n % 4 == 3:
            self._enter_address(_PARTNER, code, "PAY", ("PO Box 7", "", ""), town, moment)

    def _enter_customer(self, buyer: Customer, moment: datetime, columns: Mapping[str, Any] | None = None) -> None:
        code = buyer.code
        row: Row = {
            "BPCNUM": code, "BPCNAM": buyer.names[0], "BPCSHO": buyer.names[0][:10], "BPCSTA": 2, "BPCTYP": 1,
            "BCGCOD": "EXP", "BPAADD": "INV", "BPDADD": buyer.store, "BPCINV": code, "BPCPYR": code, "BPCGRU": code,
            "BPCBPSNUM": f"EXV{code[1:]}", "CUR": buyer.currency, "PTE": buyer.terms, "UPDDATTIM": moment,
        }  # fmt: skip
        self._enter("BPCUSTOMER", row, columns)
        self._enter_partner(code, buyer.names, buyer.country, "BPCFLG", moment, columns)
        town = (buyer.postal_code, buyer.city, buyer.state, buyer.country)
        self._enter_address(_PARTNER, code, "INV", (buyer.street, "", ""), town, moment, default=True)
        self._enter_address(_PARTNER, code, buyer.store, (f"Dock of {buyer.street}", "", ""), town, moment)

    def _enter_partner(
        self, code: str, names: tuple[str, str], country: str, flag: str, moment: datetime,
        columns: Mapping[str, Any] | None = None,
    ) -> None:  # fmt: skip
        language = {"DE": "GER", "ES": "SPA", "PL": "POL"}.get(country, "ENG")
        row: Row = {
            "BPRNUM": code, "BPRNAM0": names[0], "BPRNAM1": names[1], "CRY": country, "LAN": language,
            "CRN": f"99-{code[1:].zfill(7)}" if country == "US" else "", "BPSFLG": 1, "BPCFLG": 1,
            "EECNUM": f"{country}{code[1:].zfill(9)}" if country in ("DE", "ES", "PL") else "", "UPDDATTIM": moment,
        }  # fmt: skip
        self._enter("BPARTNER", row | ({flag: 2} if flag else {}), columns)

    def _enter_address(
        self, kind: int, owner: str, code: str, lines: tuple[str, str, str], town: tuple[str, str, str, str],
        moment: datetime, *, default: bool = False,
    ) -> None:  # fmt: skip
        row: Row = {
            "BPATYP": kind, "BPANUM": owner, "BPAADD": code, "BPADES": f"Address {code}", "BPAADDLIG0": lines[0],
            "BPAADDLIG1": lines[1], "BPAADDLIG2": lines[2], "POSCOD": town[0], "CTY": town[1], "SAT": town[2],
            "CRY": town[3], "BPAADDFLG": 2 if default else 1, "UPDDATTIM": moment,
        }  # fmt: skip
        self._enter("BPADDRESS", row)

    def _fill(self, start: datetime) -> None:
        def moment(n: int, count: int, minute: int) -> datetime:
            age = _SPREAD * (1 - n / count) + timedelta(hours=1, minutes=minute)
            return (start - age).replace(microsecond=0)

        for n, maker in enumerate(self._suppliers.values()):
            self._enter_supplier(maker, moment(n, len(self._suppliers), 1))
        for n, buyer in enumerate(self._customers.values()):
            self._enter_customer(buyer, moment(n, len(self._customers), 2))
        self._enter_partner(CARRIER, ("Example Carrier", ""), "US", "", moment(0, 1, 3))
        for n, site in enumerate(SITES.values()):
            town = (site.postal_code, site.city, site.state, site.country)
            self._enter_address(_SITE, site.code, "DOCK", (site.street, "", ""), town, moment(n, len(SITES), 4))
        for n, product in enumerate(self._products.values()):
            at = _BATCH.start if n in _BATCH else n
            self._enter("ITMMASTER", _product_row(product, moment(at, len(self._products), 5)))
        for n in range(40):
            chart, turn = ("USA", "CAN")[n % 2], n // 2
            row: Row = {
                "COA": chart, "ACC": str(40000 + 100 * turn), "DES": f"{_ACCOUNTS[turn % 8]} {turn}",
                "DESSHO": _ACCOUNTS[turn % 8], "CLSCOD": str(turn % 8 + 1), "ENAFLG": 1 if turn == 7 else 2,
                "VLYSTR": date(2020, 1, 1), "VLYEND": _NO_DATES[n % 4], "SAC": "", "CUR": "",
                "UPDDATTIM": moment(n, 40, 6),
            }  # fmt: skip
            self._enter("GACCOUNT", row)
        for n, (unit, decimals) in enumerate(_UNITS.items()):
            self._enter("TABUNIT", {"UOM": unit, "UOMDEC": decimals, "UPDDATTIM": moment(n, len(_UNITS), 7)})


def _product_row(product: Product, moment: datetime) -> Row:
    """A product as ITMMASTER has it; every tenth has no bar code."""
    per_price_unit = Decimal(1) if product.puu == product.stu else Decimal(24)
    per_order_unit = product.coefficient * per_price_unit
    row: Row = {
        "ITMREF": product.code, "ITMDES1": product.description, "ITMDES2": "", "ITMDES3": "",
        "EANCOD": "" if product.code.endswith("0") else product.gtin, "ITMSTA": 5 if product.code.endswith("77") else 1,
        "TCLCOD": "GOODS", "STU": product.stu, "PUU": product.puu, "PUUSTUCOE": per_price_unit, "SAU": product.uom,
        "SAUSTUCOE": per_order_unit, "ITMWEI": Decimal("0.25"), "WEU": "LB", "PURFLG": 2, "SALFLG": 2,
        "UPDDATTIM": moment,
    }  # fmt: skip
    packed = product.uom != product.stu
    for place in range(_PACKINGS):
        mine = packed and place == 1  # the first place stays empty: places keep their number
        row |= {f"PCU{place}": product.uom if mine else "", f"PCUSTUCOE{place}": per_order_unit if mine else Decimal(0)}
    return row


def _is_of(table: str, key: str, code: str) -> bool:
    """Whether a row belongs to a partner, product or account of this code."""
    parts = key.split("~")
    return code == (parts[1] if len(parts) > 1 else key) and not (table == "BPADDRESS" and parts[0] != str(_PARTNER))


def _entry(table: str, row: Row) -> Entry:
    return (row["UPDDATTIM"], "\0".join(str(row[name]) for name in REFERENCE_KEYS[table]), 0, 0)
