"""What an agreement says about the changes of its orders."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from airflow_provider_sagex3_cleo.partners.base import Setting

__all__ = ["ChangeRules"]

ChangeKind = Literal[
    "added", "deleted", "unchanged", "item", "quantity_up", "quantity_down", "price", "date", "quantity_price",
    "quantity_date", "quantity_price_date", "other",
]  # fmt: skip
ChangeCode = Literal["AI", "CA", "CT", "DI", "NC", "PC", "PQ", "PR", "QD", "QI", "RE", "RQ", "RS", "RZ"]


class ChangeRules(Setting):
    """How a partner wants its 860s. docs/agreements.md explains every key."""

    purpose: Literal["04", "05"] = "04"
    cancel_purpose: Literal["01", "03"] = "01"
    type: Annotated[str, Field(pattern=r"^[A-Z0-9]{2}$")] | None = None
    lines: Literal["changed", "all"] = "changed"
    quantity: Literal["new", "difference"] = "new"
    cancel_lines: bool = False
    codes: dict[ChangeKind, ChangeCode] = Field(default_factory=dict)
    accepted_codes: tuple[ChangeCode, ...] = ()

    def clashes(self) -> list[str]:
        """What does not go together, one sentence each."""
        found = []
        if self.purpose == "05" and (self.lines, self.quantity) != ("all", "new"):
            found.append("purpose 05 replaces the whole order: write `lines: all` and `quantity: new` with it")
        if self.accepted_codes:
            odd = sorted({code for code in self.codes.values() if code not in self.accepted_codes})
            if odd:
                found.append(f"`codes` has what `accepted_codes` has not: {' '.join(odd)}")
            if self.lines == "all" and self.codes.get("unchanged", "NC") not in self.accepted_codes:
                found.append("`lines: all` needs a code for lines that stay as they are, such as NC")
        return found
