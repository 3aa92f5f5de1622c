"""Airflow provider: business documents from Sage X3 to trading partners through Cleo, as X12 EDI."""

__version__ = "0.1.0"
