"""Companies, sites, suppliers and products of the seeded world: invented, and plainly so."""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

__all__ = [
    "SITES",
    "Customer",
    "Product",
    "Site",
    "Supplier",
    "customers",
    "products",
    "reference_of",
    "suppliers",
]


@dataclass(frozen=True)
class Site:
    """One of our sites with the company it belongs to (X3: FACILITY and COMPANY)."""

    code: str
    name: str
    company: str
    company_name: str
    street: str
    city: str
    state: str
    postal_code: str
    country: str
    currency: str


@dataclass(frozen=True)
class Supplier:
    """A supplier (X3: BPSUPPLIER, BPARTNER and its order address). `names` and `lines` fill BPRNAM and BPAADDLIG."""

    code: str
    names: tuple[str, str]
    address: str
    lines: tuple[str, str, str]
    postal_code: str
    city: str
    state: str
    country: str
    currency: str
    terms: str


@dataclass(frozen=True)
class Customer:
    """A customer (X3: BPCUSTOMER); `store` is the code of the address that goods go to (X3: BPDLVCUST)."""

    code: str
    names: tuple[str, str]
    street: str
    postal_code: str
    city: str
    state: str
    country: str
    currency: str
    terms: str
    store: str


@dataclass(frozen=True)
class Product:
    """A product (X3: ITMMASTER). Quantities are ordered in `uom` and priced in `puu`; 1 uom = `coefficient` puu."""

    code: str
    description: str
    uom: str
    puu: str
    stu: str
    coefficient: Decimal
    price: Decimal
    gtin: str


SITES: Final[Mapping[str, Site]] = {
    site.code: site
    for site in (
        Site("NJ01", "Example Distribution Newark", "EXDIS", "Example Distribution Inc", "100 Sample Street",
             "Newark", "NJ", "07102", "US", "USD"),
        Site("TX01", "Example Distribution Dallas", "EXDIS", "Example Distribution Inc", "200 Sample Road",
             "Dallas", "TX", "75201", "US", "USD"),
        Site("CA01", "Example Distribution Fresno", "EXDIS", "Example Distribution Inc", "300 Sample Avenue",
             "Fresno", "CA", "93721", "US", "USD"),
        Site("ON01", "Example Distribution Toronto", "EXCAN", "Example Distribution Canada Ltd", "400 Sample Lane",
             "Toronto", "ON", "M5H 2N2", "CA", "CAD"),
    )
}  # fmt: skip

_TRADES: Final = (
    "Hardware", "Fastener", "Electrical", "Plumbing", "Packaging", "Lighting", "Paint", "Tool", "Safety", "Bearing",
    "Cable", "Filter", "Hose", "Adhesive", "Lumber", "Roofing", "Garden", "Janitorial", "Steel", "Valve",
)  # fmt: skip
_FORMS: Final = ("Supply", "Works", "Trading", "Products", "Industries", "Wholesale", "Goods", "Mills")
_PLACES: Final = (
    ("Columbus", "OH", "43215", "US"), ("Peoria", "IL", "61602", "US"), ("Reno", "NV", "89501", "US"),
    ("Macon", "GA", "31201", "US"), ("Tulsa", "OK", "74103", "US"), ("Hamilton", "ON", "L8P 1A1", "CA"),
    ("Boise", "ID", "83702", "US"), ("Mobile", "AL", "36602", "US"),
)  # fmt: skip
_FOREIGN: Final = (
    ("Éclairage Exemple Ltée", "Québec", "QC", "G1R 4P5", "CA", "12, rue de l’Exemple"),
    ("Beispiel Schraubenwerk GmbH", "Köln", "", "50667", "DE", "Musterstraße 7"),
    ("Señalización Ejemplo S.A.", "Logroño", "", "26001", "ES", "Calle Ejemplo 3, 2º"),
    ("Przykład Łożyska Sp. z o.o.", "Łódź", "", "90-001", "PL", "ul. Przykładowa 5"),
)

_UNITS: Final = (  # order unit, price unit, stock unit, how many price units in one order unit, weight of the draw
    ("UN", "UN", "UN", "1", 55),
    ("BOX", "UN", "UN", "12", 15),
    ("CS", "CS", "UN", "1", 10),
    ("KG", "KG", "KG", "1", 8),
    ("FT", "FT", "FT", "1", 6),
    ("DZ", "UN", "UN", "12", 6),
)
_THINGS: Final = ("Bolt", "Hinge", "Bracket", "Sleeve", "Lamp", "Switch", "Gasket", "Roller", "Clamp", "Panel")
_KINDS: Final = ("zinc", "steel", "brass", "black", "heavy duty", "round", "slim", "outdoor", "6 in", "3/8 in")


def suppliers(count: int) -> dict[str, Supplier]:
    """So many suppliers by code, the same ones for every seed; every 23rd has a name outside ASCII."""
    made: dict[str, Supplier] = {}
    for n in range(1, count + 1):
        code = f"S{n:04d}"
        city, state, postal_code, country = _PLACES[n % len(_PLACES)]
        name, street = f"Example {_TRADES[n % 20]} {_FORMS[n // 20 % 8]} {n}", f"{n} Example Street"
        if n % 23 == 0:
            name, city, state, postal_code, country, street = _FOREIGN[n // 23 % len(_FOREIGN)]
        made[code] = Supplier(
            code=code,
            names=(name, "Order Desk" if n % 3 == 0 else ""),
            address="ORD" if n % 5 else "HQ1",
            lines=(street, f"Suite {n}" if n % 4 == 0 else "", ""),
            postal_code=postal_code,
            city=city,
            state=state,
            country=country,
            currency="CAD" if country == "CA" else "EUR" if country in ("DE", "ES", "PL") else "USD",
            terms=("NET30", "NET45", "NET60")[n % 3],
        )
    return made


def customers(count: int) -> dict[str, Customer]:
    """So many customers by code, the same ones for every seed."""
    made: dict[str, Customer] = {}
    for n in range(1, count + 1):
        code = f"C{n:04d}"
        city, state, postal_code, country = _PLACES[(n + 3) % len(_PLACES)]
        made[code] = Customer(
            code=code,
            names=(f"Example {_TRADES[(n * 3) % 20]} Stores {n}", "Accounts Payable" if n % 2 == 0 else ""),
            street=f"{n} Sample Plaza",
            postal_code=postal_code,
            city=city,
            state=state,
            country=country,
            currency="CAD" if country == "CA" else "USD",
            terms=("NET30", "NET45", "NET60")[n % 3],
            store=f"ST{n:03d}",
        )
    return made


def products(seed: int, count: int) -> dict[str, Product]:
    """So many products by code, deterministic by seed."""
    draw = random.Random(f"{seed}/products")
    made: dict[str, Product] = {}
    for n in range(1, count + 1):
        uom, puu, stu, coefficient, _ = draw.choices(_UNITS, [u[4] for u in _UNITS])[0]
        places = draw.choices((2, 3, 4), (90, 6, 4))[0]
        code = f"ITM{n:05d}"
        made[code] = Product(
            code=code,
            description=f"{_THINGS[n % 10]} {_KINDS[n // 10 % 10]} {n}",
            uom=uom,
            puu=puu,
            stu=stu,
            coefficient=Decimal(coefficient),
            price=Decimal(draw.randint(15, 30_000)).scaleb(-2) + Decimal(draw.randint(0, 9)).scaleb(-places),
            gtin=_gtin(n),
        )
    return made


def reference_of(product: Product, supplier: Supplier) -> str:
    """The supplier's own number of a product (X3: ITMBPS)."""
    return f"V{supplier.code[1:]}-{product.code[3:]}"


def _gtin(number: int) -> str:
    """A GTIN-12 with a right check digit, in a prefix range that is never issued to a company (04: local use)."""
    digits = f"04{number:09d}"
    odd, even = sum(map(int, digits[::2])), sum(map(int, digits[1::2]))
    return digits + str(-(3 * odd + even) % 10)
