"""Which objects of Cleo should be switched on or off, by what the agreements say. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date

from airflow_provider_sagex3_cleo.partners.agreement import Agreement
from airflow_provider_sagex3_cleo.partners.alignment import CleoObject, CleoView, current, points_live
from airflow_provider_sagex3_cleo.partners.book import Book

__all__ = ["Switch", "switches"]


@dataclass(frozen=True)
class Switch:
    """One object of Cleo that is on and should be off, or the other way round, and why."""

    object: CleoObject
    enabled: bool
    why: str


def switches(book: Book, view: CleoView, *, lost: Collection[str], on: date) -> Iterator[Switch]:
    """Yield what should change. Only an object that an agreement names itself is ever changed.

    Args:
        lost: ids of agreements whose partner Sage X3 does not have, or has as inactive.
    """
    for each in view.objects:
        mine = [a for a in book.agreements if each.name == (a.cleo_connection, a.cleo_user)[each.kind == "user"]]
        if not mine or each.enabled is None:
            continue
        wanted = _wanted(mine, lost, on)
        if wanted is not None and wanted[0] is not each.enabled:
            yield Switch(each, *wanted)


def _wanted(mine: list[Agreement], lost: Collection[str], on: date) -> tuple[bool, str] | None:
    """On or off, and why; None where nobody can tell (no agreement is live, and one may be soon)."""
    live = [a for a in mine if points_live(a, on) and a.id not in lost]
    if live:
        return True, f"agreement {live[0].id} is live"
    names = ", ".join(a.id for a in mine)
    if not any(current(a, on) for a in mine):
        return False, f"agreement {names} has ended"
    if all(a.id in lost for a in mine if current(a, on)):
        return False, f"Sage X3 does not have the partner of agreement {names}, or not as an active one"
    return None
