"""Tables of the alignment, of reference files and of changes in Cleo. Nothing that was there is changed.

Revision: r0002, after r0001
"""

import sqlalchemy as sa
from alembic import op

from airflow_provider_sagex3_cleo.ledger.types import ROW_ID, UtcTime

revision = "r0002"
down_revision = "r0001"
branch_labels = None
depends_on = None


def _own(table: str) -> list[sa.schema.SchemaItem]:
    """What every subject of the audit has, its key and its source."""
    return [
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("state_run", sa.String(length=250), nullable=False),
        sa.Column("state_at", UtcTime(), nullable=False),
        sa.Column("facts", sa.String(length=64), nullable=False),
        sa.Column("chain_seq", sa.Integer(), nullable=False),
        sa.Column("chain_hash", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(["source_id"], ["sxc_source.id"], name=op.f(f"fk_{table}_source_id")),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
    ]


def upgrade() -> None:
    """Create the three tables."""
    op.create_table(
        "sxc_alignment_finding",
        sa.Column("id", ROW_ID, nullable=False),
        sa.Column("source_id", ROW_ID, nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("severity", sa.String(length=16), nullable=False),
        sa.Column("agreement", sa.String(length=80), nullable=False),
        sa.Column("code", sa.String(length=250), nullable=False),
        sa.Column("subject", sa.String(length=500), nullable=False),
        sa.Column("sentence", sa.Text(), nullable=False),
        sa.Column("first_run", sa.String(length=250), nullable=False),
        sa.Column("first_seen", UtcTime(), nullable=False),
        sa.Column("opened_run", sa.String(length=250), nullable=False),
        sa.Column("last_run", sa.String(length=250), nullable=False),
        sa.Column("last_seen", UtcTime(), nullable=False),
        sa.Column("resolved_at", UtcTime(), nullable=True),
        *_own("sxc_alignment_finding"),
        sa.UniqueConstraint("agreement", "subject", "kind", "source_id", name="uq_sxc_alignment_finding_what"),
    )
    op.create_index("ix_sxc_alignment_finding_state", "sxc_alignment_finding", ["source_id", "state"], unique=False)
    op.create_table(
        "sxc_reference_file",
        sa.Column("id", ROW_ID, nullable=False),
        sa.Column("source_id", ROW_ID, nullable=False),
        sa.Column("entity", sa.String(length=80), nullable=False),
        sa.Column("format", sa.String(length=8), nullable=False),
        sa.Column("schema", sa.String(length=80), nullable=False),
        sa.Column("folder", sa.String(length=500), nullable=False),
        sa.Column("file_name", sa.String(length=250), nullable=False),
        sa.Column("records", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("size_bytes", sa.Integer(), nullable=False),
        sa.Column("created_run", sa.String(length=250), nullable=False),
        sa.Column("created_at", UtcTime(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        *_own("sxc_reference_file"),
        sa.Column("data", sa.LargeBinary(), nullable=False),
        sa.UniqueConstraint("file_name", "folder", "source_id", name="uq_sxc_reference_file_name"),
    )
    op.create_index(
        "ix_sxc_reference_file_entity", "sxc_reference_file", ["source_id", "entity", "format", "id"], unique=False
    )
    op.create_table(
        "sxc_cleo_change",
        sa.Column("id", ROW_ID, nullable=False),
        sa.Column("source_id", ROW_ID, nullable=False),
        sa.Column("object", sa.String(length=16), nullable=False),
        sa.Column("name", sa.String(length=250), nullable=False),
        sa.Column("change", sa.Text(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("plan", sa.String(length=64), nullable=False),
        sa.Column("asked_run", sa.String(length=250), nullable=False),
        sa.Column("asked_at", UtcTime(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        *_own("sxc_cleo_change"),
    )
    op.create_index("ix_sxc_cleo_change_plan", "sxc_cleo_change", ["plan"], unique=False)
