"""What partners answered (997, 999, TA1, 824), read from Cleo's inbound folders: closes the loop."""

from airflow_provider_sagex3_cleo.dag_factory import acknowledgements_dag

dag = acknowledgements_dag(dag_id="cleo_acknowledgements")
