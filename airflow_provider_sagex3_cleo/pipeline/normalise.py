"""What the tables leave open, filled from references of Sage X3: products give their bar codes (`gtin_from`)."""

from __future__ import annotations

from airflow_provider_sagex3_cleo.documents.base import content_hash
from airflow_provider_sagex3_cleo.ledger import kept
from airflow_provider_sagex3_cleo.ledger.database import Ledger
from airflow_provider_sagex3_cleo.partners import Book
from airflow_provider_sagex3_cleo.partners.base import gtin_fault
from airflow_provider_sagex3_cleo.partners.tables import Item
from airflow_provider_sagex3_cleo.sagex3.reader import Record

__all__ = ["PRODUCTS", "with_references"]

PRODUCTS = "products"


def with_references(book: Book, ledger: Ledger, source_id: int) -> Book:
    """The book, its items completed from the products in force; the same book where the tables do not ask for it.

    The table's own GTIN wins, and what is no GTIN is left out. The hash of the book covers what was added, so that a
    document held for want of it is looked at again when Sage X3 has it. Memory holds one GTIN for each product."""
    if book.tables.gtin_from != PRODUCTS:
        return book
    found: dict[str, str] = {}
    for each in kept.latest(ledger, source_id, PRODUCTS):
        record = Record.load(each.payload)
        gtin = record.fields.get("EANCOD")
        if isinstance(gtin, str) and gtin_fault(gtin) is None:
            found[record.key] = gtin
    items = dict(book.tables.items)
    for code, gtin in found.items():
        item = items.get(code, Item())
        if item.gtin is None:
            items[code] = item.model_copy(update={"gtin": gtin})
    return book.with_tables(book.tables.model_copy(update={"items": items}), content_hash(found))
