"""Decisions of stewards on held rows."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from cleanhold.store.migrations.append_only import append_only

revision = "v0003"
down_revision = "v0002"
branch_labels = None
depends_on = None


#: 64 bits, as SQLite's whole numbers have anyway.
COUNT = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Create the table of decisions, and the triggers that keep it append-only."""
    op.create_table(
        "decisions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("act", sa.String(16), nullable=False),
        sa.Column("dataset", sa.String(120), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("rows", COUNT, nullable=False),
        sa.Column("file", sa.String(64), nullable=False),
        sa.Column("who", sa.Text(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("at", sa.String(32), nullable=False),
        sa.Column("terms", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_decisions"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_decisions_dataset", "decisions", ["dataset", "id"])
    append_only("decisions", "decisions are append-only")
