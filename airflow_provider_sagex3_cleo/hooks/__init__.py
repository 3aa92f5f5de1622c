"""Airflow glue: thin hooks over the core."""
