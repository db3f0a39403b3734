"""Rows that were warned of may be superseded: those of a delivery that comes late, all of them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from cleanhold.store.migrations.versions.v0001_ledger import COUNT

revision = "v0005"
down_revision = "v0004"
branch_labels = None
depends_on = None

_COUNTS = (
    "clean >= 0 and held >= 0 and refused >= 0 and superseded >= 0 "
    "and warned >= 0 and warned <= clean + superseded"
)
_COLUMNS = ("records", "clean", "held", "refused", "superseded", "warned")


def upgrade() -> None:
    """Let the accounts be warned of superseded rows, too."""
    if op.get_bind().dialect.name == "sqlite":
        _made_again()
        return
    op.drop_constraint(op.f("ck_accounts_counts"), "accounts", type_="check")
    op.create_check_constraint(op.f("ck_accounts_counts"), "accounts", _COUNTS)


def _made_again() -> None:
    """SQLite cannot change a constraint: the table is copied into one that has the new one."""
    op.create_table(
        "accounts_again",
        sa.Column("run", sa.String(64), nullable=False),
        *(sa.Column(name, COUNT, nullable=False) for name in _COLUMNS),
        sa.PrimaryKeyConstraint("run", name="pk_accounts"),
        sa.CheckConstraint(
            "records = clean + held + refused + superseded", name=op.f("ck_accounts_balance")
        ),
        sa.CheckConstraint(_COUNTS, name=op.f("ck_accounts_counts")),
        sa.ForeignKeyConstraint(["run"], ["runs.id"], name="fk_accounts_run"),
    )
    named = ", ".join(("run", *_COLUMNS))
    op.execute(f"insert into accounts_again ({named}) select {named} from accounts")
    op.drop_table("accounts")
    op.rename_table("accounts_again", "accounts")
