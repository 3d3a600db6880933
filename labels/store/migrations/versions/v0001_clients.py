"""Clients and their charters."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Create ``clients``."""
    op.create_table(
        "clients",
        sa.Column("name", sa.String(63), primary_key=True),
        sa.Column("charter", sa.JSON(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
    )


def downgrade() -> None:
    """Drop ``clients``."""
    op.drop_table("clients")
