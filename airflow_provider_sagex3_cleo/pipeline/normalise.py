"""What records and tables leave open, filled from references of Sage X3 where tables.yaml asks for it.

docs/decisions/references.md says what is filled, and what never is.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property

from airflow_provider_sagex3_cleo.documents.base import content_hash
from airflow_provider_sagex3_cleo.ledger import kept
from airflow_provider_sagex3_cleo.ledger.database import Ledger
from airflow_provider_sagex3_cleo.mapping.known_values import (
    PARTNER_CODES,
    known_address,
    known_decimals,
    known_description,
    known_partner,
)
from airflow_provider_sagex3_cleo.partners import Book
from airflow_provider_sagex3_cleo.partners.base import gtin_fault
from airflow_provider_sagex3_cleo.partners.known import Known
from airflow_provider_sagex3_cleo.partners.tables import Item, Tables
from airflow_provider_sagex3_cleo.sagex3.reader import Record

__all__ = ["UNITS", "Completed", "asked_for", "with_references"]

ADDRESSES, PRODUCTS, UNITS = "addresses", "products", "units"


class Completed:
    """A book and what the references in force add to it.

    The hash covers the versions of what is asked for, so that a document held for want of a value is looked at again
    when Sage X3 has it. It costs one list of ids for each entity; records are read when `book` is asked for first."""

    def __init__(self, book: Book, ledger: Ledger, source_id: int) -> None:
        self._book, self._ledger, self._source_id = book, ledger, source_id
        self._wanted = asked_for(book.tables)

    @cached_property
    def _versions(self) -> str:
        """Hash of the versions in force."""
        with self._ledger.reading() as db:
            return content_hash({each: kept.in_force(db, self._source_id, each) for each in self._wanted})

    @property
    def hash(self) -> str:
        """What `book.hash` is or will be; nothing is read where the tables ask for nothing."""
        return f"{self._book.hash}+{self._versions}" if self._wanted else self._book.hash

    @cached_property
    def book(self) -> Book:
        """The same book where the tables ask for nothing. Memory holds one small tuple for each reference."""
        if not self._wanted:
            return self._book
        added = self._versions  # before what is read: a change in between is seen as one by the next run
        return self._book.with_tables(self._tables(), added)

    def _tables(self) -> Tables:
        tables = self._book.tables
        items, descriptions = dict(tables.items), {}
        for record in self._records(PRODUCTS):
            if tables.gtin_from == PRODUCTS:
                _fill_gtin(items, record)
            if tables.descriptions_from == PRODUCTS and (text := known_description(record)):
                descriptions[record.key] = text
        known = Known(
            partners={
                (entity, record.key): known_partner(entity, record.fields)
                for entity in PARTNER_CODES
                for record in self._records(entity)
            },
            addresses=dict(found for record in self._records(ADDRESSES) if (found := known_address(record))),
            descriptions=descriptions,
            decimals={
                record.key: most for record in self._records(UNITS) if (most := known_decimals(record)) is not None
            },
        )
        return tables.knowing(known, items=items)

    def _records(self, entity: str) -> Iterator[Record]:
        """The references of an entity that is asked for; nothing of any other."""
        if entity in self._wanted:
            for each in kept.latest(self._ledger, self._source_id, entity):
                yield Record.load(each.payload)


def asked_for(tables: Tables) -> tuple[str, ...]:
    """The entities of which the tables ask for anything."""
    parties = tables.parties_from == "partners"
    asked = {
        **dict.fromkeys(
            PARTNER_CODES, parties or tables.our_numbers_from == "partners" or tables.inactive_partner != "send"
        ),
        ADDRESSES: parties,
        PRODUCTS: PRODUCTS in (tables.gtin_from, tables.descriptions_from),
        UNITS: tables.unit_decimals == "hold",
    }
    return tuple(entity for entity, is_asked in asked.items() if is_asked)


def _fill_gtin(items: dict[str, Item], record: Record) -> None:
    """The product's bar code for an item that has none in the table; what is no GTIN is left out."""
    gtin, item = record.fields.get("EANCOD"), items.get(record.key, Item())
    if item.gtin is None and isinstance(gtin, str) and gtin_fault(gtin) is None:
        items[record.key] = item.model_copy(update={"gtin": gtin})


def with_references(book: Book, ledger: Ledger, source_id: int) -> Book:
    """The book with what the references in force add to it; the same book where the tables ask for nothing."""
    return Completed(book, ledger, source_id).book
