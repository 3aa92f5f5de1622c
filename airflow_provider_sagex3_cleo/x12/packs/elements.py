"""What stands at a place that a pack names: its value in a segment, and what the tables say of it."""

from __future__ import annotations

from collections.abc import Sequence

from airflow_provider_sagex3_cleo.x12 import standard
from airflow_provider_sagex3_cleo.x12.packs.model import Place

__all__ = ["NO_LIMIT", "Row", "Spot", "element_at", "is_number", "points", "size", "value_at"]

NO_LIMIT = 1 << 30  # characters

Row = Sequence[str]
Spot = tuple[int | None, int | None]  # element and component


def value_at(row: Row, spot: Spot, separator: str) -> str:
    """The value of an element, or of a component; '' where there is none."""
    element, component = spot
    value = row[element] if element is not None and element < len(row) else ""
    if component is None:
        return value
    parts = value.split(separator) if separator else [value]
    return parts[component - 1] if component <= len(parts) else ""


def element_at(at: Place, release: str) -> standard.Element | None:
    """What stands at a place; None for an element that is made of components."""
    slot = standard.release(release).segments[at.segment].slots[(at.element or 1) - 1].element
    if isinstance(slot, standard.Composite):
        if at.component is None:
            return None
        slot = slot.slots[at.component - 1].element
    return slot if isinstance(slot, standard.Element) else None


def is_number(at: Place, release: str) -> bool:
    """Whether an element is of a numeric type."""
    element = element_at(at, release)
    return element is not None and element.type in ("R", "N0", "N2")


def size(value: str, at: Place, release: str) -> int:
    """The length of a value: of a number the sign and the point do not count."""
    return sum(map(str.isdigit, value)) if is_number(at, release) else len(value)


def points(at: Place, release: str) -> int:
    """The decimals that an element implies."""
    element = element_at(at, release)
    return 2 if element is not None and element.type == "N2" else 0
