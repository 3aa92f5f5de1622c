"""`check` for one entity: each thing tried on its own, so that one fault hides no other."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from airflow_provider_sagex3_cleo.errors import ProviderError
from airflow_provider_sagex3_cleo.sagex3.reader import ProbeResult

__all__ = ["probe_details", "probe_list"]


def probe_list(name: str, read: Callable[[], object]) -> ProbeResult:
    """A list of one row; `read` gives it, or None."""
    try:
        found = read()
    except ProviderError as problem:
        return _failed(name, problem)
    return ProbeResult(name, True, "readable" if found is not None else "readable, but empty")


def probe_details(name: str, read: Callable[[], Sequence[str] | None]) -> ProbeResult:
    """One record in full; `read` gives the columns that are missing, or None where there is no record."""
    try:
        missing = read()
    except ProviderError as problem:
        return _failed(name, problem)
    if missing is None:
        return ProbeResult(name, True, "not tried: there is no record to read")
    if not missing:
        return ProbeResult(name, True, "all columns are there")
    return ProbeResult(
        name, False, "columns missing: " + ", ".join(missing),
        "put them on the representation's $details facet, or take them out of the entity specification (name: null)",
    )  # fmt: skip


def _failed(name: str, problem: ProviderError) -> ProbeResult:
    remedy, problem.remedy = problem.remedy, ""
    return ProbeResult(name, False, str(problem), remedy)
