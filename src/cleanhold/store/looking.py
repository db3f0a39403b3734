"""A look at the database of a ledger, which changes nothing."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection, text

from cleanhold.store.database import backend, translated


@dataclass(frozen=True, slots=True)
class LedgerServer:
    """What was seen.

    Attributes:
        says: where it is, and which version.
        problem: why it can keep no ledger, or not safely; empty if it can.
        mend: what to do about that.
    """

    says: str
    problem: str = ""
    mend: str = ""


def look(location: str) -> LedgerServer:
    """Connect, and ask the server about itself; nothing is made there.

    Raises:
        LedgerError: it cannot be reached, or lets nobody in.
        WorkspaceError: the URL cannot be used.
    """
    found = backend(location)
    try:
        with translated(found), found.engine.connect() as connection:
            if connection.dialect.name != "postgresql":
                return LedgerServer(found.where)
            version = connection.execute(text("show server_version")).scalar()
            return LedgerServer(f"{found.where} (PostgreSQL {version})", *_problem(connection))
    finally:
        found.engine.dispose()


def _problem(connection: Connection) -> tuple[str, str]:
    if connection.execute(text("select pg_is_in_recovery()")).scalar():
        return "it is a replica and takes no writes", "give the URL of the primary server"
    if (encoding := connection.execute(text("show server_encoding")).scalar()) != "UTF8":
        mend = "create one with: createdb --encoding=UTF8 --template=template0 NAME"
        return f"the database keeps text as {encoding}, which lacks most letters", mend
    for setting in ("fsync", "full_page_writes"):
        if connection.execute(text(f"show {setting}")).scalar() == "off":
            return (
                f"{setting} is off there: a power cut may lose what was committed",
                f"set {setting} = on in its postgresql.conf",
            )
    return "", ""
