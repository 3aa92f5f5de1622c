"""Faults put one at a time into a right 850, 810, 856 or 860, each with the finding that must come of it.

`mutants("850", "004010")` is the list; `mutant.of(clean("850", "004010"))` the broken file."""

from __future__ import annotations

from benchmarks.mutants.envelope import envelope
from benchmarks.mutants.kinds import KINDS, Mutant
from benchmarks.mutants.set_810 import set_810
from benchmarks.mutants.set_850 import set_850
from benchmarks.mutants.set_856 import set_856
from benchmarks.mutants.set_860 import set_860

__all__ = ["KINDS", "Mutant", "mutants"]

_OF_SET = {"850": set_850, "810": set_810, "856": set_856, "860": set_860}


def mutants(set_id: str, release: str) -> list[Mutant]:
    """All mutants of a set in a release, for the file that `documents.clean` writes; their names differ."""
    return [*envelope(set_id, release), *_OF_SET[set_id](release)]
