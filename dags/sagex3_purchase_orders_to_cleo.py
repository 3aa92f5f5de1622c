"""Purchase orders, Sage X3 to Cleo (X12 850): polls from the watermark."""

from airflow_provider_sagex3_cleo.dag_factory import entity_dag

dag = entity_dag("purchase_orders", dag_id="sagex3_purchase_orders_to_cleo")
