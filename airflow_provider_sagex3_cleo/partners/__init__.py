"""Our identities, the tables and the partner agreements: read from YAML, checked, looked up."""

from airflow_provider_sagex3_cleo.partners.agreement import Agreement, EnvelopeIds
from airflow_provider_sagex3_cleo.partners.book import Book, Explanation
from airflow_provider_sagex3_cleo.partners.findings import Finding
from airflow_provider_sagex3_cleo.partners.identities import Identity
from airflow_provider_sagex3_cleo.partners.loading import check, load_book
from airflow_provider_sagex3_cleo.partners.packs import find_pack
from airflow_provider_sagex3_cleo.partners.tables import Tables

__all__ = [
    "Agreement",
    "Book",
    "EnvelopeIds",
    "Explanation",
    "Finding",
    "Identity",
    "Tables",
    "check",
    "find_pack",
    "load_book",
]
