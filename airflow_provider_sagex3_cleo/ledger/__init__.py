"""The durable memory: schema, state machine, control numbers, audit chain.

`Ledger.open` opens it; every other function takes the caller's connection first, so that the caller decides what
is one transaction. All changes of state go through `machine`, which writes the chained audit event with them.
"""

from airflow_provider_sagex3_cleo.ledger.database import Ledger, status, upgrade
from airflow_provider_sagex3_cleo.ledger.sql import now

__all__ = ["Ledger", "now", "status", "upgrade"]
