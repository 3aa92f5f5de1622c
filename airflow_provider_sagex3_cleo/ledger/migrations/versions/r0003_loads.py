"""The load a record belongs to, and the group of a document in a file of several. What was there has neither.

Revision: r0003, after r0002
"""

import sqlalchemy as sa
from alembic import op

revision = "r0003"
down_revision = "r0002"
branch_labels = None
depends_on = None

HAS_LOAD = sa.text("load IS NOT NULL")
IN_MORE_GROUPS = sa.text("gs IS NOT NULL")


def upgrade() -> None:
    """Add the columns and their indexes."""
    op.add_column("sxc_record_version", sa.Column("load", sa.String(length=250), nullable=True))
    op.create_index(
        "ix_sxc_record_version_load",
        "sxc_record_version",
        ["load"],
        unique=False,
        sqlite_where=HAS_LOAD,
        postgresql_where=HAS_LOAD,
    )
    op.add_column("sxc_document_in_interchange", sa.Column("gs", sa.Integer(), nullable=True))
    op.create_index(
        "ix_sxc_document_in_interchange_gs",
        "sxc_document_in_interchange",
        ["gs"],
        unique=False,
        sqlite_where=IN_MORE_GROUPS,
        postgresql_where=IN_MORE_GROUPS,
    )
