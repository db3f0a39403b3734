"""What somebody could do to a state folder, and what verify says of it."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

from cleanhold import Workspace
from cleanhold.pipeline.verify import Verified, verify

DATASET = "shop.orders"


def state(root: Path) -> Path:
    return root / ".cleanhold"


def verified(root: Path, dataset: str | None = None, anchor: str | None = None) -> Verified:
    with Workspace.find(root).open() as stores:
        return verify(stores, dataset, anchor=anchor)


def found(root: Path) -> str:
    """The problems in words; each says where, and what to do."""
    problems = verified(root).problems
    assert all(p.what and p.where and p.next for p in problems)
    return " / ".join(p.what for p in problems)


def shell(root: Path, *statements: str) -> list[Any]:
    """What somebody with the SQLite shell could do."""
    with closing(sqlite3.connect(state(root) / "ledger.db")) as connection, connection:
        connection.execute("pragma ignore_check_constraints = on")
        triggers = "select name, sql from sqlite_master where type = 'trigger'"
        guards = connection.execute(triggers).fetchall()
        for name, _ in guards:
            connection.execute(f"drop trigger {name}")
        for statement in statements:
            answer = connection.execute(statement).fetchall()
        for _, sql in guards:  # nobody is to notice
            connection.execute(sql)
    return answer
