"""Shipments, Sage X3 to Cleo (X12 856): polls deliveries from the watermark."""

from airflow_provider_sagex3_cleo.dag_factory import entity_dag

dag = entity_dag("deliveries", dag_id="sagex3_shipments_to_cleo")
