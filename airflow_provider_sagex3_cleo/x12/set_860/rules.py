"""What an agreement says about its 860s."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from airflow_provider_sagex3_cleo import errors as e
from airflow_provider_sagex3_cleo.documents import PurchaseOrder
from airflow_provider_sagex3_cleo.x12.set_850.rules import Rules850

__all__ = ["CHANGE_CODES", "DELETED", "DIRECTED", "OTHER", "Rules860"]

DELETED, OTHER = "deleted", "other"
DIRECTED = frozenset({"QI", "QD", "DI"})  # codes that say themselves whether it is more or less

CHANGE_CODES: Mapping[str, str] = {  # what is different in a line -> element 670
    "added": "AI",
    DELETED: "DI",
    "unchanged": "NC",
    "item": "RE",
    "quantity_up": "QI",
    "quantity_down": "QD",
    "price": "PC",
    "date": "CT",
    "quantity_price": "PQ",
    "quantity_date": "RQ",
    "quantity_price_date": "PR",
    OTHER: "CA",
}


@dataclass(frozen=True)
class Rules860(Rules850):
    """How the partner wants its 860; what it shares with the 850 is as there. The defaults are the common ones.

    `change_type`: BCH02; None repeats BEG02 of the order.
    `lines`: the lines that are different, or all lines of the order, those that stay as they are under `unchanged`.
    `quantity`: POC03 is the new quantity of the line, or by how much it changes: without a sign where the code says
        which way (QI, QD, DI), else with it. Added lines always say their quantity.
    `cancel_lines`: a cancelled order lists its lines as deleted, else it has a heading only.
    `line_ship_to`: lines may have a place of their own; else the heading says it for all of them.
    `codes`: other codes than `CHANGE_CODES`, by kind of change.
    `accepted_codes`: the codes that the partner takes, none: all. In place of another one goes `other`, where the
        partner takes that; adding and deleting a line have no substitute."""

    purpose: str = "04"
    cancel_purpose: str = "01"
    change_type: str | None = None
    lines: Literal["changed", "all"] = "changed"
    quantity: Literal["new", "difference"] = "new"
    cancel_lines: bool = False
    line_ship_to: bool = False
    codes: Mapping[str, str] = field(default_factory=dict)
    accepted_codes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        super().__post_init__()
        if unknown := set(self.codes) - set(CHANGE_CODES):
            raise e.SettingFault(
                "not a kind of change", field="codes", value=" ".join(sorted(unknown)),
                expected="some of " + " ".join(CHANGE_CODES),
            )  # fmt: skip

    def type_of(self, order: PurchaseOrder) -> str:
        """BCH02, the kind of order (element 92)."""
        return self.change_type or super().type_of(order)

    def code_of(self, kind: str) -> str | None:
        """POC02 for a kind of change; None when the partner takes no code for it."""
        for each in (kind, *((OTHER,) if kind not in ("added", DELETED, "unchanged") else ())):
            code = self.codes.get(each, CHANGE_CODES[each])
            if not self.accepted_codes or code in self.accepted_codes:
                return code
        return None
