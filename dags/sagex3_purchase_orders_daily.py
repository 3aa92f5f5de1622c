"""Purchase orders, Sage X3 to Cleo (X12 850): one day at a time, the net under the poll, and what to backfill."""

from airflow_provider_sagex3_cleo.dag_factory import entity_dag

dag = entity_dag("purchase_orders", dag_id="sagex3_purchase_orders_daily", daily=True)
