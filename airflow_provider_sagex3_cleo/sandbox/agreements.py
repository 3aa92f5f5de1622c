"""A sample agreements folder for a world: our two companies, the tables, and agreements with its first suppliers
and customers.

Everything else in the world stays without an agreement, as most partners of a real Sage X3 do.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any, Final, Literal

import yaml

from airflow_provider_sagex3_cleo.sandbox.masterdata import SITES, Customer, Product, Site, Supplier
from airflow_provider_sagex3_cleo.sandbox.sales import ENROLLED_CUSTOMERS
from airflow_provider_sagex3_cleo.sandbox.world import ENROLLED, World

__all__ = ["folder_of", "invoice_folder_of", "shipment_folder_of", "write_agreements"]

UNITS: Final = {"UN": "EA", "BOX": "BX", "CS": "CA", "KG": "KG", "FT": "FT", "DZ": "DZ", "LB": "LB"}
"""Units of the world in X12 355. `PAL` is left out on purpose: an order in it is held."""

CHARGES: Final[Mapping[str, Mapping[str, str]]] = {
    "1": {"kind": "charge", "code": "D240", "description": "Freight"},
    "2": {"kind": "charge", "code": "D500", "description": "Handling"},
    "3": {"kind": "allowance", "code": "C310", "description": "Discount"},
}
"""Invoice elements of the world by SAC02. `9` is left out on purpose: an invoice with it is held."""
TAXES: Final[Mapping[str, Mapping[str, Any]]] = {
    "NJS": {"kind": "ST", "rate": "6.625"},
    "EXO": {"kind": "ST", "rate": "0", "exempt": True},
    "ONH": {"kind": "GS", "rate": "13"},
}
"""Tax codes of the world by TXI01. `ODD` is left out on purpose."""
CARRIERS: Final[Mapping[str, Mapping[str, str]]] = {
    "EXPARCEL": {"scac": "XXPA", "mode": "U", "name": "Example Parcel"},
    "EXFREIGHT": {"scac": "XXFR", "mode": "M", "name": "Example Freight"},
}
"""Carriers of the world by SCAC. `EXNEW` is left out on purpose: a delivery with it is held."""

PACKS: Final[Mapping[str, str]] = {"004010": "example-distributor-850", "005010": "example-industrial-850"}
"""The conformance packs that the third and the fourth supplier ask for, by release of the agreement."""

_COMPANIES: Final[Mapping[str, tuple[str, str]]] = {
    "EXDIS": ("EXAMPLEDIST", "America/New_York"),
    "EXCAN": ("EXAMPLECANADA", "America/Toronto"),
}


def folder_of(supplier: str) -> str:
    """Cleo's folder for the 850s of a supplier."""
    return f"{supplier.lower()}-850"


def invoice_folder_of(customer: str) -> str:
    """Cleo's folder for the 810s of a customer."""
    return f"{customer.lower()}-810"


def shipment_folder_of(customer: str) -> str:
    """Cleo's folder for the 856s of a customer."""
    return f"{customer.lower()}-856"


def write_agreements(
    folder: Path,
    world: World,
    n: int = ENROLLED,
    *,
    effective_from: date | None = None,
    stage: Literal["setup", "test", "parallel", "live"] = "live",
    pickup: Literal["never", "may"] = "never",
    settle_s: int | None = None,
    newer_release_every: int = 3,
    incomplete: int = 0,
    cleo_folders: Mapping[str, str] | None = None,
    customers: int = ENROLLED_CUSTOMERS,
) -> Path:
    """Write identities, tables and files for each of the first `n` suppliers and `customers`. Returns the folder.

    Args:
        effective_from: from which order date on; None for the day the world starts.
        settle_s: how long an order must be quiet, in seconds; None for the provider's default.
        newer_release_every: every so many agreements are 005010, the others 004010; 0 for none.
        incomplete: so many agreements, the last ones, lack the partner's ids: their orders are held.
        cleo_folders: Cleo's folder by supplier where it is not `folder_of`.
    """
    start = effective_from or world.clock.now().date()
    partners = folder / "partners"
    partners.mkdir(parents=True, exist_ok=True)
    _write(folder / "identities.yaml", "Who we are, per company.", _identities())
    _write(folder / "tables.yaml", "Codes of Sage X3 in the words of trading partners.", _tables(world.products))
    chosen = world.enrolled(n)
    for turn, supplier in enumerate(chosen, start=1):
        agreement = _agreement(supplier, turn, (cleo_folders or {}).get(supplier.code, folder_of(supplier.code)))
        agreement |= {"effective_from": start, "stage": stage, "pickup": pickup}
        if newer_release_every and turn % newer_release_every == 0:
            agreement["release"] = "005010"
        if turn in (3, 4):
            agreement["pack"] = PACKS[agreement.get("release", "004010")]
        if settle_s is not None:
            agreement["settle_s"] = settle_s
        if turn > len(chosen) - incomplete:
            del agreement["ids"]
        _write(partners / f"{supplier.code.lower()}.yaml", f"{supplier.names[0]} sells to us.", agreement)
    for turn, customer in enumerate(world.sales.enrolled(customers), start=1):
        common: dict[str, Any] = {"effective_from": start, "stage": stage, "pickup": pickup}
        if newer_release_every and turn % newer_release_every == 0:
            common["release"] = "005010"
        if settle_s is not None:
            common["settle_s"] = settle_s
        name, file = customer.names[0], customer.code.lower()
        _write(partners / f"{file}.yaml", f"{name} buys from us.", _invoice_agreement(customer, turn) | common)
        _write(partners / f"{file}_856.yaml", f"We ship to {name}.", _shipment_agreement(customer, turn) | common)
    return folder


def _identities() -> dict[str, Any]:
    identities: dict[str, Any] = {}
    for company, (trading_id, zone) in _COMPANIES.items():
        site = next(site for site in SITES.values() if site.company == company)
        identities[company.lower()] = {
            "company": company,
            "name": site.company_name,
            "ids": {"qualifier": "ZZ", "id": trading_id},
            "test_ids": {"qualifier": "ZZ", "id": f"{trading_id}T"},
            "party": {"kind": "assigned_by_buyer", "id": company},
            "address": _address(site),
            "contact": {"name": "EDI desk", "phone": "555-0100"},
            "time_zone": zone,
        }
    identities["exdis"]["remit_to"] = {
        "name": "Example Distribution Lockbox",
        "address": {"lines": ["PO Box 100"], "city": "Newark", "state": "NJ", "postal_code": "07101", "country": "US"},
    }
    return {"identities": identities}


def _tables(products: Mapping[str, Product]) -> dict[str, Any]:
    sites = {
        site.code: {
            "name": site.name,
            "party": {"kind": "assigned_by_buyer", "id": site.code},
            "address": _address(site),
        }
        for site in SITES.values()
    }
    docks = {f"{code}/DOCK": site for code, site in sites.items()}
    items = {product.code: {"gtin": product.gtin} for product in products.values()}
    terms = {f"NET{days}": {"net_days": days, "description": f"Net {days} days"} for days in (30, 45, 60)}
    return {"units": dict(UNITS), "sites": sites | docks, "items": items, "terms": terms,
            "charges": CHARGES, "taxes": TAXES, "carriers": CARRIERS}  # fmt: skip


def _address(site: Site) -> dict[str, Any]:
    return {
        "lines": [site.street],
        "city": site.city,
        "state": site.state,
        "postal_code": site.postal_code,
        "country": site.country,
    }


def _agreement(supplier: Supplier, turn: int, cleo_folder: str) -> dict[str, Any]:
    """What differs a little from partner to partner, so that the samples show it."""
    agreement: dict[str, Any] = {
        "id": f"{supplier.code.lower()}-850",
        "name": f"Orders to {supplier.names[0]}",
        "partner": supplier.code,
        "role": "supplier",
        "set": "850",
        "ids": {"qualifier": "ZZ", "id": f"EXAMPLE{supplier.code}"},
        "party": {"kind": "assigned_by_buyer", "id": supplier.code},
        "vendor_number": f"V-{supplier.code}",
        "folder": cleo_folder,
        "test_folder": f"{cleo_folder}-test",
    }
    if turn % 4 == 0:
        agreement["items"] = {"order": ["VP", "BP", "UP"], "required": ["vendor"]}
    if turn % 4 == 2:
        agreement["items"] = {"order": ["BP", "VP", "UP"]}
    if turn % 5 == 0:
        agreement["delimiters"] = {"element": "|", "segment": "~", "component": ">", "repetition": "^"}
    if turn % 6 == 0:
        agreement |= {"replacement": "/", "transliterate": True}
    return agreement


def _invoice_agreement(customer: Customer, turn: int) -> dict[str, Any]:
    folder = invoice_folder_of(customer.code)
    agreement: dict[str, Any] = {
        "id": f"{customer.code.lower()}-810",
        "name": f"Invoices to {customer.names[0]}",
        "partner": customer.code,
        "role": "bill_to",
        "set": "810",
        "ids": {"qualifier": "ZZ", "id": f"EXAMPLE{customer.code}"},
        "party": {"kind": "assigned_by_buyer", "id": customer.code},
        "vendor_number": f"OURS-{customer.code}",
        "folder": folder,
        "test_folder": f"{folder}-test",
        "terms": "send",
        "items": {"order": ["BP", "VP", "UP"]},
        "addresses": {customer.store: {"kind": "assigned_by_buyer", "id": f"STORE{customer.code[1:]}"}},
    }
    if turn % 4 == 2:
        agreement["invoice"] = {"credit_notes": {"type": "CR", "reference": None}, "several_orders": "first"}
    if turn % 4 == 3:
        agreement["invoice"] = {"line_id": "order", "tax_base": True, "percent_basis": "1"}
    if turn == 1:
        agreement["pack"] = "example-retailer-810"
    return agreement


def _shipment_agreement(customer: Customer, turn: int) -> dict[str, Any]:
    folder = shipment_folder_of(customer.code)
    agreement: dict[str, Any] = {
        "id": f"{customer.code.lower()}-856",
        "name": f"Shipments to {customer.names[0]}",
        "partner": customer.code,
        "role": "sold_to",
        "set": "856",
        "ids": {"qualifier": "ZZ", "id": f"EXAMPLE{customer.code}"},
        "vendor_number": f"OURS-{customer.code}",
        "folder": folder,
        "test_folder": f"{folder}-test",
        "items": {"order": ["BP", "VP", "UP"]},
        "sites": {code: {"kind": "assigned_by_seller", "id": code} for code in SITES},
        "addresses": {customer.store: {"kind": "assigned_by_buyer", "id": f"STORE{customer.code[1:]}"}},
        "shipment": {"needs": ["carrier_code"]},
    }
    if turn % 3 == 2:
        agreement["shipment"] = {"packs": "always", "needs": ["carrier_code", "weight"]}
    if turn % 4 == 3:
        agreement["shipment"] = {"packs": "never", "line_id": "order", "count": "items"}
    if turn % 4 == 0:
        agreement |= {"role": "ship_to", "shipment": {"needs": ["bill_of_lading"], "sscc_mark": "AA"}}
    return agreement


def _write(path: Path, heading: str, content: Mapping[str, Any]) -> None:
    text = yaml.dump(content, Dumper=_Plain, sort_keys=False, allow_unicode=True, width=110)
    path.write_text(f"# {heading}\n{text}", encoding="utf-8")


class _Plain(yaml.SafeDumper):
    def ignore_aliases(self, data: Any) -> bool:
        """Write what occurs twice twice: people read it."""
        return True
