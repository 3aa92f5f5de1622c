"""Transaction set 850, purchase order: build it from a document, read it back, compare value by value."""

from airflow_provider_sagex3_cleo.x12.set_850.builder import build
from airflow_provider_sagex3_cleo.x12.set_850.comparison import compare
from airflow_provider_sagex3_cleo.x12.set_850.reading import ReadLine, ReadOrder, ReadParty, read_back
from airflow_provider_sagex3_cleo.x12.set_850.rules import Rules850, Terms

__all__ = ["ReadLine", "ReadOrder", "ReadParty", "Rules850", "Terms", "build", "compare", "read_back"]
