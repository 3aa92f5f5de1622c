"""What an agreement says about its 850s."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from functools import lru_cache

from airflow_provider_sagex3_cleo import errors as e
from airflow_provider_sagex3_cleo.x12.model import RELEASES, Delimiters
from airflow_provider_sagex3_cleo.x12.values import Charset, TextRules

__all__ = ["GTIN_LENGTHS", "IDENTIFIER_KINDS", "ITEM_REFERENCES", "Rules850", "Terms"]

# Which reference of an item each qualifier of element 235 carries.
ITEM_REFERENCES: Mapping[str, str] = {
    "VP": "vendor", "VN": "vendor", "VC": "vendor", "VA": "vendor",
    "BP": "buyer", "IN": "buyer", "PI": "buyer", "CB": "buyer", "SK": "buyer",
    "UP": "gtin", "EN": "gtin", "UK": "gtin", "EO": "gtin",
    "MG": "manufacturer",
}  # fmt: skip

# A GTIN qualifier says how many digits the number has: GTIN-12, 13, 14, 8.
GTIN_LENGTHS: Mapping[str, int] = {"UP": 12, "EN": 13, "UK": 14, "EO": 8}

# Kind of a party's identifier -> element 66.
IDENTIFIER_KINDS: Mapping[str, str] = {
    "duns": "1",
    "duns4": "9",
    "gln": "UL",
    "assigned_by_seller": "91",
    "assigned_by_buyer": "92",
    "mutual": "ZZ",
}


@dataclass(frozen=True)
class Terms:
    """Payment terms as the ITD segment says them. Days are counted from the date that `basis` names (element 333)."""

    kind: str = "01"
    basis: str = "3"
    discount_percent: Decimal | None = None
    discount_days: int | None = None
    net_days: int | None = None
    description: str | None = None


@dataclass(frozen=True)
class Rules850:
    """How the partner wants its 850. The defaults are what most guides ask for.

    `item_order`: qualifiers of element 235 in the order they are written; what an item does not have is left out.
    `replacement`: stands for delimiters and foreign characters in free text (names, addresses, descriptions, notes).
    `transliterate`: accents are folded in free text; in the basic set letters become capitals.
    `split_text`: descriptions, notes and names too long for one segment go on in the next one, cut at a blank.
    `note_reference`: qualifier of the N9 loop that carries notes; None sends no notes.
    `terms`: the document's code of payment terms -> ITD; None sends no terms.
    A reference qualifier of None leaves that reference out."""

    release: str = "004010"
    delimiters: Delimiters = field(default_factory=Delimiters)
    charset: Charset = "extended"
    replacement: str | None = None
    transliterate: bool = False
    split_text: bool = False
    purpose: str = "00"
    order_type: str = "SA"
    drop_ship_type: str = "DS"
    seller_role: str | None = "SU"
    item_order: tuple[str, ...] = ("VP", "BP", "UP", "EN", "UK")
    price_basis: str | None = None
    date_qualifier: str = "002"
    line_dates: bool = True
    line_descriptions: bool = True
    currency: bool = True
    contact: bool = True
    vendor_reference: str | None = "IA"
    contract_reference: str | None = "CT"
    internal_reference: str | None = "IL"
    note_reference: str | None = None
    terms: Mapping[str, Terms] | None = None
    hash_total: bool = True
    amount_total: bool = False

    def __post_init__(self) -> None:
        if self.release not in RELEASES:
            raise e.SettingFault(
                "no tables for this release", field="release", value=self.release, expected=" or ".join(RELEASES)
            )
        unknown = [q for q in self.item_order if q not in ITEM_REFERENCES]
        if unknown or not self.item_order:
            raise e.SettingFault(
                "not a known item qualifier", field="item_order", value=" ".join(unknown) or "(empty)",
                expected="one or more of " + " ".join(ITEM_REFERENCES),
            )  # fmt: skip
        if len(set(self.item_order)) != len(self.item_order) or len(self.item_order) > 10:
            raise e.SettingFault("item qualifiers repeat or are more than ten", field="item_order")
        self.text()

    def text(self) -> TextRules:
        """The rules for text that follow from character set, delimiters, release and replacement."""
        return _text(self.charset, self.delimiters.reserved(self.release), self.replacement, self.transliterate)


_text = lru_cache(maxsize=256)(TextRules)
