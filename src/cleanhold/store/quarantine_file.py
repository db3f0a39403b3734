"""The database file of the quarantine: who may open it, how, and whether its tables are ours.

One process writes at a time, under a companion lock file; nobody can read while one writes, so both
hold the file as briefly as they can.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from typing import Any

import duckdb
import polars as pl

from cleanhold.errors import StateError
from cleanhold.store import quarantine_queries as queries
from cleanhold.store.files import (
    file_lock,
    fsync_file,
    fsync_folder,
    make_folder,
    temporary_folder,
)
from cleanhold.store.layout import StateFolder
from cleanhold.store.quarantine_schema import SCHEMA, VERSION
from cleanhold.store.statements import transaction

#: For people's connections: no files, no network, no way back.
_HARDENED = {"enable_external_access": "false", "lock_configuration": "true"}

#: What DuckDB may have in memory; beyond it, it writes to a folder beside the file. It would take
#: four fifths of the machine, of which the run that feeds needs some.
_MEMORY = {"memory_limit": "1GB"}


class QuarantineFile:
    """The file, opened for each question and closed again; see `Quarantine`."""

    def __init__(self, state: StateFolder, *, patience: float = 30.0) -> None:
        self._path = state.quarantine
        self._lock = state.quarantine_lock
        self._patience = patience
        self._keeps = False
        self._kept: duckdb.DuckDBPyConnection | None = None
        self._closing = ExitStack()

    @contextmanager
    def reading(self) -> Iterator[None]:
        """Keep the file open from one question of the block to the next: opening takes longer than
        most answers. Nobody else can write meanwhile; not for several threads.
        """
        if self._keeps:
            yield
            return
        self._keeps = True
        try:
            yield
        finally:
            self._keeps = False
            self._let_go()

    def _ask(self, statement: str, **parameters: Any) -> pl.DataFrame:
        with self._translated(), ExitStack() as stack:
            connection = self._kept or stack.enter_context(self._opened())
            answer: pl.DataFrame = connection.sql(statement, params=parameters).pl()
            if self._keeps and self._kept is None:
                self._kept, self._closing = connection, stack.pop_all()
            return answer

    @contextmanager
    def _opened(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """The file to be read, with its tables."""
        if not self._path.exists():
            self._require_tables()
        with self._locked(shared=True), self._connection(self._path, read_only=True) as connection:
            if self._has_tables(connection):
                yield connection
                return
        # A process killed while it made the file leaves one without tables.
        self._require_tables()
        with self._opened() as connection:
            yield connection

    def _let_go(self) -> None:
        """Close what is kept open; the next question opens it again."""
        self._kept = None
        self._closing.close()

    def _require_tables(self) -> None:
        """Make those that are missing."""
        with self._locked(shared=False), self._connection(self._path):
            pass

    def _has_tables(self, connection: duckdb.DuckDBPyConnection) -> bool:
        """Whether the tables are there; those of another version are refused."""
        made_by = dict(connection.execute(queries.TABLES).fetchall())
        if made_by and made_by.get("fed") != VERSION:
            raise StateError(
                "another version of cleanhold made the quarantine database",
                where=str(self._path),
                next="`cleanhold recover --quarantine` makes it again; nothing is lost",
            )
        return bool(made_by)

    @contextmanager
    def _locked(self, *, shared: bool) -> Iterator[None]:
        make_folder(self._lock.parent)
        with self._translated(), file_lock(self._lock, shared=shared, timeout=self._patience):
            yield

    @contextmanager
    def _connection(
        self, path: Path, *, read_only: bool = False
    ) -> Iterator[duckdb.DuckDBPyConnection]:
        with self._translated():
            if not read_only and not path.exists():
                self._make(path)
            connection = self._connect(path, read_only, _MEMORY | (_HARDENED if read_only else {}))
            try:
                if not read_only and not self._has_tables(connection):
                    _make_tables(connection)
                yield connection
            finally:
                connection.close()

    def _make(self, path: Path) -> None:
        """A file with empty tables, at once: DuckDB cannot open one that was only begun."""
        with temporary_folder(path.parent) as folder:
            draft = folder / path.name
            with closing(self._connect(draft, False, {})) as connection:
                _make_tables(connection)
            fsync_file(draft)
            # The log of a file that is gone must not be replayed into the new one.
            path.with_name(f"{path.name}.wal").unlink(missing_ok=True)
            draft.replace(path)
            fsync_folder(path.parent)

    def _connect(
        self, path: Path, read_only: bool, config: Mapping[str, str]
    ) -> duckdb.DuckDBPyConnection:
        """Connect, waiting for programs that do not know our lock, such as the DuckDB shell."""
        deadline = time.monotonic() + self._patience
        while True:
            try:
                return duckdb.connect(str(path), read_only=read_only, config=dict(config))
            except (duckdb.IOException, duckdb.ConnectionException) as error:
                if not _is_busy(error):
                    raise
                if time.monotonic() >= deadline:
                    raise TimeoutError(str(error)) from error
                time.sleep(0.05)

    @contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            yield
        except TimeoutError as error:
            raise StateError(
                "the quarantine database is in use by another program",
                where=str(self._path),
                next="try again in a moment, or close the DuckDB shell or notebook that has it "
                "open; runs are not affected, it is filled in when it is free",
            ) from error
        except duckdb.Error as error:
            raise StateError(
                f"the quarantine database refused: {str(error).splitlines()[0]}",
                where=str(self._path),
                next="check free disk space; if the file is damaged, "
                "`cleanhold recover --quarantine` makes it again, nothing is lost",
            ) from error


def _make_tables(connection: duckdb.DuckDBPyConnection) -> None:
    with transaction(connection):
        connection.execute(SCHEMA)
        connection.execute(f"comment on table fed is '{VERSION}'")


def _is_busy(error: Exception) -> bool:
    text = str(error)
    return "Could not set lock" in text or "different configuration" in text
