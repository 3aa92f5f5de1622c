"""Suppliers, customers, addresses and products: aligned with agreements and Cleo, and as reference files."""

from airflow_provider_sagex3_cleo.dag_factory import partners_dag

dag = partners_dag(dag_id="sagex3_partners_to_cleo")
