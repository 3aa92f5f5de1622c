"""A mutant: one fault, and what must be found."""

from __future__ import annotations

from dataclasses import dataclass

from benchmarks.edits import Edit, mutated

__all__ = ["KINDS", "Mutant", "listed"]

#: The classes of faults, as the scoreboard counts them.
KINDS = (
    "envelope", "control number", "count", "delimiter", "character", "structure", "presence", "type", "length", "date",
    "syntax note", "code", "arithmetic", "cross-segment", "empty or padded",
)  # fmt: skip

Row = tuple[str, Edit, str, str]  # name, edit, the code that must be found, the element or segment it must name


@dataclass(frozen=True)
class Mutant:
    """One fault. `keep_count`: SE01 is not set right after the edit, because the count is the fault or the set ends.

    `severity` is what our validator says in a file of ours; a warning is no proof, and does not hold a document."""

    name: str
    kind: str
    edit: Edit
    code: str
    place: str
    keep_count: bool = False
    severity: str = "error"

    def of(self, data: bytes) -> bytes:
        """The right file with this fault."""
        return mutated(self.edit, data, keep_count=self.keep_count)


def listed(kind: str, *rows: Row, keep_count: bool = False, severity: str = "error") -> list[Mutant]:
    """Mutants of one kind."""
    return [Mutant(name, kind, edit, code, place, keep_count, severity) for name, edit, code, place in rows]
