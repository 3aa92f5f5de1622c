"""What agreements say about every set: release, characters, how items and parties are named."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache

from airflow_provider_sagex3_cleo import errors as e
from airflow_provider_sagex3_cleo.x12.model import RELEASES, Delimiters
from airflow_provider_sagex3_cleo.x12.standard import Element
from airflow_provider_sagex3_cleo.x12.values import Charset, TextRules

__all__ = [
    "GTIN_LENGTHS",
    "IDENTIFIER_KINDS",
    "ITEM_REFERENCES",
    "OTHER_DECIMALS",
    "TEXT_KINDS",
    "SetRules",
    "one_party_a_role",
]

# Which reference of an item each qualifier of element 235 carries.
ITEM_REFERENCES: Mapping[str, str] = {
    "VP": "vendor", "VN": "vendor", "VC": "vendor", "VA": "vendor",
    "BP": "buyer", "IN": "buyer", "PI": "buyer", "CB": "buyer", "SK": "buyer",
    "UP": "gtin", "EN": "gtin", "UK": "gtin", "EO": "gtin",
    "MG": "manufacturer",
}  # fmt: skip

# A GTIN qualifier says how many digits the number has: GTIN-12, 13, 14, 8.
GTIN_LENGTHS: Mapping[str, int] = {"UP": 12, "EN": 13, "UK": 14, "EO": 8}

# Currencies that do not have two decimals. Source: ISO 4217.
OTHER_DECIMALS = frozenset(
    {
        "BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG", "RWF",
        "UGX", "UYI", "VND", "VUV", "XAF", "XOF", "XPF",
        "BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND", "CLF", "UYW",
    }
)  # fmt: skip

# Kind of a party's identifier -> element 66.
IDENTIFIER_KINDS: Mapping[str, str] = {
    "duns": "1",
    "duns4": "9",
    "gln": "UL",
    "assigned_by_seller": "91",
    "assigned_by_buyer": "92",
    "mutual": "ZZ",
}


# Texts that an agreement may have a policy for, by the last part of their field's name.
TEXT_KINDS: Mapping[str, str] = {
    "name": "name", "name2": "name", "lines": "address", "city": "city", "description": "description",
    "notes": "notes", "note": "notes",
}  # fmt: skip
SPLITTABLE = frozenset({"name", "description", "notes"})  # where a set has another segment for what is left


@dataclass(frozen=True)
class SetRules:
    """How the partner wants its sets, as far as all sets share it.

    `item_order`: qualifiers of element 235 in the order they are written; what an item does not have is left out.
    `replacement`: stands for delimiters and foreign characters in free text (names, addresses, descriptions, notes).
    `transliterate`: accents are folded in free text; in the basic set letters become capitals.
    `split_text`: descriptions, notes and names too long for one segment go on in the next one, cut at a blank.
    `too_long`: what becomes of a text that is too long, by its kind (name, address, city, description, notes): `hold`,
        `cut`, or `split` where a set has room for it; otherwise as `split_text` says. Identifiers are always held.
    `references`, `line_references`: qualifier of each further reference of the document, by its name there.
    A reference qualifier of None leaves that reference out.
    `relaxed`: elements (by segment and position) that the partner takes with more codes or another length."""

    release: str = "004010"
    delimiters: Delimiters = field(default_factory=Delimiters)
    charset: Charset = "extended"
    replacement: str | None = None
    transliterate: bool = False
    split_text: bool = False
    item_order: tuple[str, ...] = ("VP", "BP", "UP", "EN", "UK")
    line_descriptions: bool = True
    too_long: Mapping[str, str] = field(default_factory=dict)
    references: Mapping[str, str] = field(default_factory=dict)
    line_references: Mapping[str, str] = field(default_factory=dict)
    relaxed: Mapping[tuple[str, int], Element] = field(default_factory=dict)

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
        for kind, policy in self.too_long.items():
            if kind not in TEXT_KINDS.values() or policy not in (
                "hold",
                "cut",
                *(["split"] if kind in SPLITTABLE else []),
            ):
                raise e.SettingFault("no policy for this kind of text", field="too_long", value=f"{kind}: {policy}")
        self.text()

    def policy(self, kind: str) -> str:
        """What becomes of a text of this kind that is too long: hold, cut or split."""
        return self.too_long.get(kind) or ("split" if self.split_text and kind in SPLITTABLE else "hold")

    def text(self) -> TextRules:
        """The rules for text that follow from character set, delimiters, release and replacement."""
        return _text(self.charset, self.delimiters.reserved(self.release), self.replacement, self.transliterate)


def one_party_a_role(set_id: str, *roles: str | None) -> None:
    """Refuse rules that give two parties of one loop the same role.

    Raises:
        SettingFault: a role is there twice."""
    given = [role for role in roles if role]
    if len(set(given)) != len(given):
        raise e.SettingFault("two parties have the same role", field=f"{set_id} roles", value=" ".join(given))


_text = lru_cache(maxsize=256)(TextRules)
