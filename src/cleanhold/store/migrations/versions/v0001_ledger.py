"""The first ledger: extracts, runs, accounts, snapshots, channels, outbox, audit log."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from cleanhold.store.migrations.append_only import append_only

revision = "v0001"
down_revision = None
branch_labels = None
depends_on = None


#: 64 bits, as SQLite's whole numbers have anyway.
COUNT = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Create every table, and the triggers that keep the audit log append-only."""
    _extracts()
    _runs()
    _snapshots()
    _outbox_and_audit_log()


def _extracts() -> None:
    op.create_table(
        "extracts",
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("source", sa.String(200), nullable=False),
        sa.Column("prefix", sa.String(16), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("path", sa.Text(), nullable=False),
        sa.Column("size", COUNT, nullable=False),
        sa.Column("landed_at", sa.String(32), nullable=False),
        sa.Column("dated", sa.String(10)),
        sa.Column("details", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("sha256", "source", name="pk_extracts"),
    )
    op.create_index("ix_extracts_prefix", "extracts", ["prefix"])


def _runs() -> None:
    op.create_table(
        "runs",
        sa.Column("id", sa.String(64), nullable=False),
        sa.Column("dataset", sa.String(120), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("contract_version", sa.Text(), nullable=False),
        sa.Column("details", sa.JSON(), nullable=False),
        sa.Column("reasons", sa.JSON(), nullable=False),
        sa.Column("started_at", sa.String(32), nullable=False),
        sa.Column("finished_at", sa.String(32)),
        sa.Column("lease_until", sa.String(32)),
        sa.Column("owner", sa.JSON()),
        sa.PrimaryKeyConstraint("id", name="pk_runs"),
        sa.CheckConstraint(
            "state in ('staging', 'published', 'candidate', 'failed')", name="state"
        ),
    )
    op.create_index("ix_runs_dataset", "runs", ["dataset", "started_at"])
    op.create_index("ix_runs_state", "runs", ["state"])
    op.create_table(
        "inputs",
        sa.Column("run", sa.String(64), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("number", sa.Integer()),
        sa.PrimaryKeyConstraint("run", "position", name="pk_inputs"),
        sa.ForeignKeyConstraint(["run"], ["runs.id"], name="fk_inputs_run"),
    )
    op.create_index("ix_inputs_sha256", "inputs", ["sha256"])
    op.create_table(
        "accounts",
        sa.Column("run", sa.String(64), nullable=False),
        sa.Column("records", COUNT, nullable=False),
        sa.Column("clean", COUNT, nullable=False),
        sa.Column("held", COUNT, nullable=False),
        sa.Column("refused", COUNT, nullable=False),
        sa.Column("superseded", COUNT, nullable=False),
        sa.Column("warned", COUNT, nullable=False),
        sa.PrimaryKeyConstraint("run", name="pk_accounts"),
        sa.CheckConstraint("records = clean + held + refused + superseded", name="balance"),
        sa.CheckConstraint(
            "clean >= 0 and held >= 0 and refused >= 0 and superseded >= 0 "
            "and warned >= 0 and warned <= clean",
            name="counts",
        ),
        sa.ForeignKeyConstraint(["run"], ["runs.id"], name="fk_accounts_run"),
    )


def _snapshots() -> None:
    op.create_table(
        "snapshots",
        sa.Column("dataset", sa.String(120), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("channel", sa.String(16), nullable=False),
        sa.Column("manifest", sa.String(64), nullable=False),
        sa.Column("run", sa.String(64), nullable=False),
        sa.Column("rows", COUNT, nullable=False),
        sa.Column("contract_version", sa.Text(), nullable=False),
        sa.Column("created_at", sa.String(32), nullable=False),
        sa.PrimaryKeyConstraint("dataset", "number", name="pk_snapshots"),
        sa.CheckConstraint("number >= 1", name="number"),
        sa.ForeignKeyConstraint(["run"], ["runs.id"], name="fk_snapshots_run"),
        sa.UniqueConstraint("position", name="uq_snapshots_position"),
        sa.UniqueConstraint("run", name="uq_snapshots_run"),
    )
    op.create_table(
        "channels",
        sa.Column("dataset", sa.String(120), nullable=False),
        sa.Column("channel", sa.String(16), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("dataset", "channel", name="pk_channels"),
    )


def _outbox_and_audit_log() -> None:
    op.create_table(
        "outbox",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(64), nullable=False),
        sa.Column("dataset", sa.String(120), nullable=False),
        sa.Column("run", sa.String(64), nullable=False),
        sa.Column("payload", sa.JSON(), nullable=False),
        sa.Column("created_at", sa.String(32), nullable=False),
        sa.Column("done_at", sa.String(32)),
        sa.PrimaryKeyConstraint("id", name="pk_outbox"),
        sa.ForeignKeyConstraint(["run"], ["runs.id"], name="fk_outbox_run"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_outbox_pending", "outbox", ["done_at", "id"])
    op.create_table(
        "audit_log",
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("previous", sa.String(64), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("hash", sa.String(64), nullable=False),
        sa.PrimaryKeyConstraint("number", name="pk_audit_log"),
        sa.UniqueConstraint("hash", name="uq_audit_log_hash"),
        sqlite_autoincrement=True,
    )
    append_only("audit_log", "the audit log is append-only")
