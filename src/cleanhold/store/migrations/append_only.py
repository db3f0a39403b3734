"""Triggers that let nobody change or delete the rows of a table."""

from __future__ import annotations

from alembic import op


def append_only(table: str, says: str) -> None:
    """Refuse every update and delete of a table's rows.

    Args:
        says: the message.
    """
    if op.get_bind().dialect.name == "sqlite":
        for act in ("update", "delete"):
            op.execute(
                f"create trigger {table}_no_{act} before {act} on {table} "
                f"begin select raise(abort, '{says}'); end"
            )
        return
    op.execute(
        f"create function {table}_refuse() returns trigger language plpgsql as "
        f"$$ begin raise exception '{says}'; end $$"
    )
    for act, each in (("update", "row"), ("delete", "row"), ("truncate", "statement")):
        op.execute(
            f"create trigger {table}_no_{act} before {act} on {table} "
            f"for each {each} execute function {table}_refuse()"
        )
