"""The load a record belongs to. What landed before belongs to none.

Revision: r0003, after r0002
"""

import sqlalchemy as sa
from alembic import op

revision = "r0003"
down_revision = "r0002"
branch_labels = None
depends_on = None

HAS_LOAD = sa.text("load IS NOT NULL")


def upgrade() -> None:
    """Add the column and its index."""
    op.add_column("sxc_record_version", sa.Column("load", sa.String(length=250), nullable=True))
    op.create_index(
        "ix_sxc_record_version_load",
        "sxc_record_version",
        ["load"],
        unique=False,
        sqlite_where=HAS_LOAD,
        postgresql_where=HAS_LOAD,
    )
