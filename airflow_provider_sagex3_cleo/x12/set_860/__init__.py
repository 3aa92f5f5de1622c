"""Transaction set 860, purchase order change: build it from a document, read it back, compare value by value."""

from airflow_provider_sagex3_cleo.x12.set_860.builder import build
from airflow_provider_sagex3_cleo.x12.set_860.comparison import compare
from airflow_provider_sagex3_cleo.x12.set_860.reading import ReadChange, ReadChangedLine, read_back
from airflow_provider_sagex3_cleo.x12.set_860.rules import CHANGE_CODES, Rules860

__all__ = ["CHANGE_CODES", "ReadChange", "ReadChangedLine", "Rules860", "build", "compare", "read_back"]
