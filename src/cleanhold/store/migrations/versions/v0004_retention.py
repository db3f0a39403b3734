"""Which snapshots are pinned, and what has expired."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "v0004"
down_revision = "v0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the tables of pins, of expired snapshots and of expired extracts."""
    _about_snapshots(
        "pins",
        sa.Column("who", sa.Text(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("at", sa.String(32), nullable=False),
    )
    _about_snapshots(
        "expired",
        sa.Column("at", sa.String(32), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("key_file", sa.String(64), nullable=True),
    )
    op.create_table(
        "expired_extracts",
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("at", sa.String(32), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("sha256", name="pk_expired_extracts"),
    )


def _about_snapshots(name: str, *columns: sa.Column[Any]) -> None:
    """A table with at most one row for each snapshot."""
    op.create_table(
        name,
        sa.Column("dataset", sa.String(120), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        *columns,
        sa.PrimaryKeyConstraint("dataset", "number", name=f"pk_{name}"),
        sa.ForeignKeyConstraint(
            ["dataset", "number"],
            ["snapshots.dataset", "snapshots.number"],
            name=f"fk_{name}_dataset",
        ),
    )
