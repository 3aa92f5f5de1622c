"""Free texts of Sage X3 as notes: one note a line of the text, nothing cut.

Source: texts lie in a table of their own, and the document's columns hold keys of it; that the representation shows the
text in their place is in docs/assumptions.md.
"""

from __future__ import annotations

from airflow_provider_sagex3_cleo.errors import GateUnknown
from airflow_provider_sagex3_cleo.mapping.values import Row
from airflow_provider_sagex3_cleo.partners.agreement import Agreement

__all__ = ["note_of", "notes_of"]

_FORMATTED = ("{\\rtf", "<html", "<!doctype", "<p>", "<div")


def notes_of(head: Row, agreement: Agreement, header: str, footer: str) -> tuple[str, ...]:
    """The notes of a document that the agreement asks for, from its two text columns.

    Raises:
        AgreementIncomplete: the record was read without such a column.
        GateUnknown: a text is not plain: its marks would reach the partner."""
    wished = agreement.notes
    columns = [column for column, sent in ((header, wished.header), (footer, wished.footer)) if sent]
    return _lines(head, *columns) if wished.qualifier else ()


def note_of(row: Row, agreement: Agreement, column: str, qualifier: str | None) -> str | None:
    """The note of a line, with its lines of text, where the agreement asks for it and has a qualifier for it.

    Raises: as `notes_of`."""
    if not (qualifier and agreement.notes.lines):
        return None
    return "\n".join(_lines(row, column)) or None


def _lines(row: Row, *columns: str) -> tuple[str, ...]:
    """The lines of some text columns that hold something, in their order."""
    lines: list[str] = []
    for column in columns:
        text = row.read(column) or ""
        if text.lstrip().lower().startswith(_FORMATTED):
            raise GateUnknown(
                "the text is formatted (RTF or HTML), and only plain text can be sent",
                value=text[:20],
                expected="plain text",
                remedy="enter it as plain text in Sage X3, or take the text out of `notes` in the agreement",
                **row.where(column),
            )
        lines += [line.strip() for line in text.splitlines() if line.strip()]
    return tuple(lines)
