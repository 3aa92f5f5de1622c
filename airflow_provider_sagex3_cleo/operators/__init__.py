"""Airflow glue: thin operators over the core."""
