"""Moderators' decisions, and the messages that they are on."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Create ``messages`` and ``decisions``."""
    op.create_table(
        "messages",
        sa.Column("digest", sa.String(64), primary_key=True),
        sa.Column("client", sa.String(63), sa.ForeignKey("clients.name"), nullable=False),
        sa.Column("id", sa.String(256), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("context", sa.JSON(), nullable=False),
        sa.Column("channel", sa.String(256)),
        sa.Column("author", sa.String(64)),
        sa.Column("sent_at", sa.DateTime(timezone=True)),
        sa.Column("language", sa.String(3)),
        sa.Column("stored_at", sa.DateTime(timezone=True), nullable=False),
    )
    op.create_table(
        "decisions",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("client", sa.String(63), sa.ForeignKey("clients.name"), nullable=False),
        sa.Column("key", sa.String(256), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("message", sa.String(64), sa.ForeignKey("messages.digest"), nullable=False),
        sa.Column("labels", sa.JSON(), nullable=False),
        sa.Column("intent", sa.String(32)),
        sa.Column("moderator", sa.String(64)),
        sa.Column("tool", sa.String(256)),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("model", sa.String(256)),
        sa.Column("shown", sa.JSON()),
        sa.Column("seconds", sa.Double()),
        sa.Column("stored_at", sa.DateTime(timezone=True), nullable=False),
        sa.UniqueConstraint("client", "key"),
    )


def downgrade() -> None:
    """Drop ``decisions`` and ``messages``."""
    op.drop_table("decisions")
    op.drop_table("messages")
