"""How an agreement wants items named: the qualifiers that are sent, and the partner's own numbers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from airflow_provider_sagex3_cleo.partners.base import Name, Setting, gtin_fault

__all__ = ["GTIN_QUALIFIERS", "ITEM_QUALIFIERS", "ItemNumber", "ItemRules", "item_clashes"]

ITEM_QUALIFIERS = {  # X12 235 -> which of the document's references it carries
    "VP": "vendor",
    "VN": "vendor",
    "VC": "vendor",
    "VA": "vendor",
    "BP": "buyer",
    "IN": "buyer",
    "PI": "buyer",
    "CB": "buyer",
    "SK": "buyer",
    "UP": "gtin",
    "EN": "gtin",
    "UK": "gtin",
    "EO": "gtin",
    "MG": "manufacturer",
}
GTIN_QUALIFIERS = {8: "EO", 12: "UP", 13: "EN", 14: "UK"}  # digits of a GTIN -> its qualifier


def _item_qualifier(value: str) -> str:
    if value not in ITEM_QUALIFIERS:
        raise ValueError(f"unknown qualifier '{value}'; known: {', '.join(ITEM_QUALIFIERS)}")
    return value


class ItemRules(Setting):
    """`order`: X12 qualifiers in the order they are sent. `required`: references without which a line is held.

    With nothing required, any one reference of `order` will do."""

    order: Annotated[
        tuple[Annotated[str, AfterValidator(_item_qualifier)], ...], Field(min_length=1, max_length=10)
    ] = (
        "VP",
        "BP",
        "UP",
        "EN",
        "UK",
    )
    required: tuple[Literal["buyer", "vendor", "gtin", "manufacturer"], ...] = ()


class ItemNumber(Setting):
    """What the partner calls one of our items. `qualifier` (X12 235) says which kind of number it is; without it, it is
    the number of the partner's own catalogue."""

    id: Annotated[Name, Field(max_length=48)]
    qualifier: Annotated[str, AfterValidator(_item_qualifier)] | None = None


def item_clashes(rules: ItemRules, numbers: Mapping[str, ItemNumber], release: str) -> list[tuple[str, str]]:
    """What does not go together in the settings for items: (key to look at, sentence)."""
    found = []
    wanted = {ITEM_QUALIFIERS[qualifier] for qualifier in rules.order}
    for reference in rules.required:
        if reference not in wanted:
            found.append(("items", f"'{reference}' is required but no qualifier of `order` carries it"))
    if len(set(rules.order)) < len(rules.order):
        found.append(("items", "a qualifier of `order` stands twice"))
    for item, number in numbers.items():
        if number.qualifier and number.qualifier not in rules.order:
            found.append(("item_numbers", f"item {item} has qualifier {number.qualifier}, not in `order` of `items`"))
        elif number.qualifier and ITEM_QUALIFIERS[number.qualifier] == "gtin" and (fault := gtin_fault(number.id)):
            found.append(("item_numbers", f"'{number.id}' of item {item} is no GTIN: {fault}"))
    if "EO" in rules.order and release == "004010":
        found.append(("items", "qualifier EO came after release 004010"))
    return found
