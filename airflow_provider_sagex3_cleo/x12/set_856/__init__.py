"""Transaction set 856, ship notice: build it from a document, read it back, compare value by value."""

from airflow_provider_sagex3_cleo.x12.set_856.builder import build
from airflow_provider_sagex3_cleo.x12.set_856.comparison import compare
from airflow_provider_sagex3_cleo.x12.set_856.reading import ReadLevel, ReadShipment, read_back
from airflow_provider_sagex3_cleo.x12.set_856.rules import Rules856

__all__ = ["ReadLevel", "ReadShipment", "Rules856", "build", "compare", "read_back"]
