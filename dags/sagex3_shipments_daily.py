"""Shipments, Sage X3 to Cleo (X12 856): one day at a time, the net under the poll, and what to backfill."""

from airflow_provider_sagex3_cleo.dag_factory import entity_dag

dag = entity_dag("deliveries", dag_id="sagex3_shipments_daily", daily=True)
