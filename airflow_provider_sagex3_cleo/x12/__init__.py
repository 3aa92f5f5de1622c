"""The X12 engine: tables as data, writer, reader, validator, one module per transaction set."""

from airflow_provider_sagex3_cleo.x12.model import Delimiters, Envelope, Finding, SetBody, findings_json, has_errors
from airflow_provider_sagex3_cleo.x12.words import show

__all__ = ["Delimiters", "Envelope", "Finding", "SetBody", "findings_json", "has_errors", "show"]
