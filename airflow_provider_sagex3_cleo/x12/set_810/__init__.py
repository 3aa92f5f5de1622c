"""Transaction set 810, invoice: build it from a document, read it back, compare value by value."""

from airflow_provider_sagex3_cleo.x12.set_810.builder import build
from airflow_provider_sagex3_cleo.x12.set_810.comparison import compare
from airflow_provider_sagex3_cleo.x12.set_810.reading import (
    ReadCharge,
    ReadInvoice,
    ReadInvoiceLine,
    ReadTax,
    read_back,
)
from airflow_provider_sagex3_cleo.x12.set_810.rules import CreditNotes, Rules810

__all__ = [
    "CreditNotes",
    "ReadCharge",
    "ReadInvoice",
    "ReadInvoiceLine",
    "ReadTax",
    "Rules810",
    "build",
    "compare",
    "read_back",
]
