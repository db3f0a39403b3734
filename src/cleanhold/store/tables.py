"""The tables of the ledger. Migrations in `migrations/` make them; a test keeps both equal."""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import (
    JSON,
    BigInteger,
    CheckConstraint,
    Column,
    Dialect,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    TypeDecorator,
)

#: Newest migration. Opening a ledger compares this with what the ledger says, which is why
#: it is written here: asking Alembic would cost its import on every start.
HEAD = "v0005"


#: How many, or how large: 64 bits, as SQLite's whole numbers have anyway.
Count = BigInteger().with_variant(Integer(), "sqlite")


class UtcTime(TypeDecorator[datetime]):
    """A moment as ISO text in UTC with microseconds, so that text order is time order."""

    impl = String(32)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> str | None:
        return None if value is None else utc_text(value)

    def process_result_value(self, value: str | None, dialect: Dialect) -> datetime | None:
        return None if value is None else datetime.fromisoformat(value)


def utc_text(moment: datetime) -> str:
    """`2026-01-31T06:00:00.000000+00:00`: sortable; a moment without a zone is taken as UTC."""
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return aware.astimezone(UTC).isoformat(timespec="microseconds")


metadata = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "uq": "uq_%(table_name)s_%(column_0_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "ix": "ix_%(table_name)s_%(column_0_name)s",
    }
)

extracts = Table(
    "extracts",
    metadata,
    Column("sha256", String(64), primary_key=True),
    # The same bytes may come from two sources: one file, two receipts.
    Column("source", String(200), primary_key=True),
    Column("prefix", String(16), nullable=False, index=True),
    Column("name", Text, nullable=False),
    Column("path", Text, nullable=False),
    Column("size", Count, nullable=False),
    Column("landed_at", UtcTime, nullable=False),
    Column("dated", String(10)),
    Column("details", JSON, nullable=False),
)

# Bytes that a source delivered again after others: from then on they count as that new.
redeliveries = Table(
    "redeliveries",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("sha256", String(64), nullable=False),
    Column("source", String(200), nullable=False),
    Column("name", Text, nullable=False),
    Column("landed_at", UtcTime, nullable=False),
    Column("dated", String(10)),
    Column("details", JSON, nullable=False),
    ForeignKeyConstraint(["sha256", "source"], ["extracts.sha256", "extracts.source"]),
    Index("ix_redeliveries_sha256", "sha256", "source"),
    sqlite_autoincrement=True,
)

# What was last seen at each place of a source, and what became of it.
places = Table(
    "places",
    metadata,
    Column("source", String(200), primary_key=True),
    Column("place", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("stamp", Text, nullable=False),
    Column("terms", JSON, nullable=False),
    # Of the delivery as it came; null if its bytes could not be had.
    Column("sha256", String(64)),
    Column("size", Count),
    Column("seen_at", UtcTime, nullable=False),
    # SHA-256 of its extracts; none if it could not be landed: then the problem says why.
    Column("extracts", JSON, nullable=False),
    Column("problem", JSON(none_as_null=True)),
)

runs = Table(
    "runs",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("dataset", String(120), nullable=False),
    Column("state", String(16), nullable=False),
    # Also the fencing token: only the holder of the newest attempt may commit.
    Column("attempt", Integer, nullable=False),
    Column("contract_version", Text, nullable=False),
    Column("details", JSON, nullable=False),
    Column("reasons", JSON, nullable=False),
    Column("started_at", UtcTime, nullable=False),
    Column("finished_at", UtcTime),
    Column("lease_until", UtcTime),
    Column("owner", JSON(none_as_null=True)),
    CheckConstraint("state in ('staging', 'published', 'candidate', 'failed')", name="state"),
    Index("ix_runs_dataset", "dataset", "started_at"),
    Index("ix_runs_state", "state"),
)

inputs = Table(
    "inputs",
    metadata,
    Column("run", String(64), ForeignKey("runs.id"), primary_key=True),
    Column("position", Integer, primary_key=True),
    Column("kind", String(16), nullable=False),
    Column("name", Text, nullable=False),
    Column("sha256", String(64), nullable=False, index=True),
    Column("number", Integer),
)

accounts = Table(
    "accounts",
    metadata,
    Column("run", String(64), ForeignKey("runs.id"), primary_key=True),
    Column("records", Count, nullable=False),
    Column("clean", Count, nullable=False),
    Column("held", Count, nullable=False),
    Column("refused", Count, nullable=False),
    Column("superseded", Count, nullable=False),
    Column("warned", Count, nullable=False),
    CheckConstraint("records = clean + held + refused + superseded", name="balance"),
    CheckConstraint(
        "clean >= 0 and held >= 0 and refused >= 0 and superseded >= 0 "
        "and warned >= 0 and warned <= clean + superseded",
        name="counts",
    ),
)

snapshots = Table(
    "snapshots",
    metadata,
    Column("dataset", String(120), primary_key=True),
    Column("number", Integer, primary_key=True),
    # Order of the commits across datasets: 1, 2, 3 …
    Column("position", Integer, nullable=False, unique=True),
    Column("channel", String(16), nullable=False),
    Column("manifest", String(64), nullable=False),
    Column("run", String(64), ForeignKey("runs.id"), nullable=False, unique=True),
    Column("rows", Count, nullable=False),
    Column("contract_version", Text, nullable=False),
    Column("created_at", UtcTime, nullable=False),
    CheckConstraint("number >= 1", name="number"),
)

channels = Table(
    "channels",
    metadata,
    Column("dataset", String(120), primary_key=True),
    Column("channel", String(16), primary_key=True),
    Column("number", Integer, nullable=False),
)

# Snapshots that are kept whatever the settings say.
pins = Table(
    "pins",
    metadata,
    Column("dataset", String(120), primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("who", Text, nullable=False),
    Column("why", Text, nullable=False),
    Column("at", UtcTime, nullable=False),
    ForeignKeyConstraint(["dataset", "number"], ["snapshots.dataset", "snapshots.number"]),
)

# Snapshots whose rows were removed on purpose.
expired = Table(
    "expired",
    metadata,
    Column("dataset", String(120), primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("at", UtcTime, nullable=False),
    Column("why", Text, nullable=False),
    # Of the file of keys that the quarantine still needs.
    Column("key_file", String(64)),
    ForeignKeyConstraint(["dataset", "number"], ["snapshots.dataset", "snapshots.number"]),
)

# Extracts whose bytes were removed on purpose; delivered again later, they are there again.
expired_extracts = Table(
    "expired_extracts",
    metadata,
    Column("sha256", String(64), primary_key=True),
    Column("at", UtcTime, nullable=False),
    Column("why", Text, nullable=False),
)

outbox = Table(
    "outbox",
    metadata,
    # Numbers are given under the write lock, so their order is the order of the commits.
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("kind", String(64), nullable=False),
    Column("dataset", String(120), nullable=False),
    Column("run", String(64), ForeignKey("runs.id"), nullable=False),
    Column("payload", JSON, nullable=False),
    Column("created_at", UtcTime, nullable=False),
    Column("done_at", UtcTime),
    Index("ix_outbox_pending", "done_at", "id"),
    sqlite_autoincrement=True,
)

decisions = Table(
    "decisions",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("act", String(16), nullable=False),
    Column("dataset", String(120), nullable=False),
    # The newest commit it was made after: `snapshots.position`.
    Column("position", Integer, nullable=False),
    Column("rows", Count, nullable=False),
    Column("file", String(64), nullable=False),
    Column("who", Text, nullable=False),
    Column("why", Text, nullable=False),
    Column("at", UtcTime, nullable=False),
    Column("terms", JSON, nullable=False),
    Index("ix_decisions_dataset", "dataset", "id"),
    sqlite_autoincrement=True,
)

audit_log = Table(
    "audit_log",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=True),
    Column("previous", String(64), nullable=False),
    Column("body", Text, nullable=False),
    Column("hash", String(64), nullable=False, unique=True),
    sqlite_autoincrement=True,
)
