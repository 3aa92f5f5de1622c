"""badx12 as an independent parser: does somebody else see the same segments in our bytes?

Slow beside our own (about a thousand documents a second), so the pipeline asks it for the first documents of an
agreement and a sample."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Any

from airflow_provider_sagex3_cleo.x12.model import Finding
from airflow_provider_sagex3_cleo.x12.reader import Interchange, scan

__all__ = ["badx12"]

BRACKETS = ("ISA", "IEA", "GS", "GE", "ST", "SE")


def badx12(data: bytes) -> list[Finding]:
    """Compare what badx12 reads in one interchange with what our reader reads, segment by segment; empty if the same.

    Raises:
        ReadFault: our own reader finds no interchange."""
    interchanges = scan(data)
    if len(interchanges) != 1:
        return [_differs("the file holds several interchanges", str(len(interchanges)), "1")]
    if interchanges[0].separators.segment in "\r\n":
        # badx12 drops line ends before it looks for the terminator.
        return [
            Finding("warning", "second-opinion-missing", "badx12 cannot read a file that ends segments by line ends")
        ]
    try:
        document = _parser()().parse_document(data.decode())
    except Exception as exc:  # noqa: BLE001 - whatever a foreign parser raises is its opinion
        return [_differs(f"badx12 cannot read it: {type(exc).__name__}: {str(exc)[:200]}", "", "")]
    ours, theirs = list(_ours(interchanges[0])), list(_theirs(document))
    findings = [
        _differs(f"segment {n} differs", "*".join(b), "*".join(a))
        for n, (a, b) in enumerate(zip(ours, theirs, strict=False), 1)
        if a != b
    ]
    if len(ours) != len(theirs):
        findings.append(_differs("badx12 counts other segments", str(len(theirs)), str(len(ours))))
    return findings


@cache
def _parser() -> type[Any]:
    """badx12's parser. It makes an empty document for each segment, only to learn whether the segment is a bracket: it
    is not asked about those that are none."""
    from badx12 import Parser  # the rest of the package works without it

    class Routed(Parser):  # type: ignore[misc]
        def _route_segment_to_parser(self, segment: str) -> None:
            if segment.startswith(BRACKETS):
                super()._route_segment_to_parser(segment)
            else:
                self._parse_unknown_body(segment)

    return Routed


def _differs(message: str, found: str, expected: str) -> Finding:
    return Finding("error", "second-opinion", message, found=found, expected=expected)


def _ours(interchange: Interchange) -> Iterator[tuple[str, ...]]:
    yield interchange.header.elements
    for group in interchange.groups:
        yield group.header.elements
        for item in group.sets:
            for segment in item.segments:
                yield segment.elements
        if group.trailer:
            yield group.trailer.elements
    if interchange.trailer:
        yield interchange.trailer.elements


def _theirs(document: Any) -> Iterator[tuple[str, ...]]:
    def values(segment: Any) -> tuple[str, ...]:
        elements = [str(field.content) for field in segment.fields]
        while len(elements) > 1 and not elements[-1]:
            elements.pop()
        return tuple(elements)

    interchange = document.interchange
    yield values(interchange.header)
    for group in interchange.groups:
        yield values(group.header)
        for item in group.transaction_sets:
            yield values(item.header)
            for segment in item.transaction_body:
                yield values(segment)
            yield values(item.trailer)
        yield values(group.trailer)
    yield values(interchange.trailer)
