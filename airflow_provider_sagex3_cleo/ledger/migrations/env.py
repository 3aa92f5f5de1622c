"""Alembic's entry: runs on the connection it is given, inside the caller's transaction."""

from alembic import context

from airflow_provider_sagex3_cleo.ledger.database import VERSION_TABLE
from airflow_provider_sagex3_cleo.ledger.schema import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    version_table=VERSION_TABLE,
)
context.run_migrations()
