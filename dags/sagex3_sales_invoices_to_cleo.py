"""Sales invoices, Sage X3 to Cleo (X12 810): polls from the watermark."""

from airflow_provider_sagex3_cleo.dag_factory import entity_dag

dag = entity_dag("sales_invoices", dag_id="sagex3_sales_invoices_to_cleo")
