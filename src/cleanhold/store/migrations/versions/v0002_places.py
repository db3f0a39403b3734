"""What was last seen at each place of a source, and bytes that were delivered again."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "v0002"
down_revision = "v0001"
branch_labels = None
depends_on = None


#: 64 bits, as SQLite's whole numbers have anyway.
COUNT = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Add both tables, empty: what has arrived is seen at the next run."""
    op.create_table(
        "redeliveries",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("source", sa.String(200), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("landed_at", sa.String(32), nullable=False),
        sa.Column("dated", sa.String(10)),
        sa.Column("details", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_redeliveries"),
        sa.ForeignKeyConstraint(
            ["sha256", "source"],
            ["extracts.sha256", "extracts.source"],
            name="fk_redeliveries_sha256",
        ),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_redeliveries_sha256", "redeliveries", ["sha256", "source"])
    op.create_table(
        "places",
        sa.Column("source", sa.String(200), nullable=False),
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("stamp", sa.Text(), nullable=False),
        sa.Column("terms", sa.JSON(), nullable=False),
        sa.Column("sha256", sa.String(64)),
        sa.Column("size", COUNT),
        sa.Column("seen_at", sa.String(32), nullable=False),
        sa.Column("extracts", sa.JSON(), nullable=False),
        sa.Column("problem", sa.JSON()),
        sa.PrimaryKeyConstraint("source", "place", name="pk_places"),
    )
