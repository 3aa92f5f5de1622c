"""What a partner complains about, in words: the place, the code, the value, and where it comes from in Sage X3."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from airflow_provider_sagex3_cleo.mapping.delivery_table import delivery_mapping_table
from airflow_provider_sagex3_cleo.mapping.invoice_table import invoice_mapping_table
from airflow_provider_sagex3_cleo.mapping.origin import origin, qualified
from airflow_provider_sagex3_cleo.mapping.table import MappingRow, mapping_table
from airflow_provider_sagex3_cleo.x12 import Finding, SetBody, standard
from airflow_provider_sagex3_cleo.x12.acks import AckError
from airflow_provider_sagex3_cleo.x12.model import RELEASES

__all__ = ["explain", "way_of"]

#: Per set: the segment that opens a line, and the way of each value. A set that is missing is explained without.
_WAYS: Mapping[str, tuple[str, Callable[[], Sequence[MappingRow]]]] = {
    "850": ("PO1", mapping_table),
    "810": ("IT1", invoice_mapping_table),
    "856": ("LIN", delivery_mapping_table),
}

_HAS_ELEMENT_ERRORS = "8"


def explain(errors: Sequence[AckError], set_id: str, release: str, body: bytes | None) -> list[str]:
    """One sentence for each complaint. `body` is the document as it was kept, None where it has none."""
    segments = SetBody.load(body).segments if body is not None else ()
    detailed = {error.position for error in errors if error.element is not None}
    return [
        _sentence(error, set_id, release, segments)
        for error in errors
        if error.element is not None or error.code != _HAS_ELEMENT_ERRORS or error.position not in detailed
    ]


def _sentence(error: AckError, set_id: str, release: str, segments: Sequence[Sequence[str]]) -> str:
    line, ways = _WAYS.get(set_id, ("", tuple))
    found = origin(ways(), segments, error.position, error.segment, error.element, line=line) if segments else None
    if not error.segment:
        return f"{error.words}, value {error.value[:80]!r}" if error.value else error.words
    text = f"segment {error.position} " if error.position else ""
    text += error.place
    if name := _name(error, release):
        text += f" ({name})"
    if found is not None and found.line:
        text += f" of line {found.line}"
    text += f": {error.words}"
    if error.value:
        text += f", value {error.value[:80]!r}"
    if found is None:
        return text
    if not found.fits:
        if error.position:
            text += "; no such segment stands there in what was sent"
        return text
    if found.sent and found.sent != error.value:
        text += f", sent {found.sent[:80]!r}"
    return text if found.row is None else f"{text}; {_way(found.row)}"


def way_of(finding: Finding, body: SetBody, qualifiers: Mapping[str, Sequence[str]]) -> str:
    """Where the value of a finding comes from ('from Sage X3 lines.UOM'), '' where that is not known.

    Args:
        qualifiers: what tells a segment that is missing from others of its id: element and values."""
    line, ways = _WAYS.get(body.set_id, ("", tuple))
    element = int(finding.element.partition("-")[0][-2:]) if finding.element else None  # of POC05-1 the 5
    found = origin(ways(), body.segments, finding.position, finding.segment, element, line=line)
    row = found.row
    if row is None and element is None:
        names = [value for name, values in qualifiers.items() if name.startswith(finding.segment) for value in values]
        row = qualified(ways(), finding.segment, names, in_line=found.line is not None)
    return "" if row is None else _way(row)


def _way(row: MappingRow) -> str:
    columns = ", ".join(row.columns)
    text = f"from Sage X3 {columns}" if columns else "not from Sage X3"
    return f"{text} ({row.condition})" if row.condition else text


def _name(error: AckError, release: str) -> str:
    tables = standard.release(release if release in RELEASES else RELEASES[0])
    segment = tables.segments.get(error.segment)
    if segment is None:
        return ""
    if error.element is None:
        return segment.name
    if error.element > len(segment.slots):
        return ""
    return segment.slots[error.element - 1].element.name
