"""Sales invoices, Sage X3 to Cleo (X12 810): one day at a time, the net under the poll, and what to backfill."""

from airflow_provider_sagex3_cleo.dag_factory import entity_dag

dag = entity_dag("sales_invoices", dag_id="sagex3_sales_invoices_daily", daily=True)
