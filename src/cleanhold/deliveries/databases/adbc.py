"""What PostgreSQL, SQLite and DuckDB share: ADBC drivers, which give Arrow batches as they read."""

from __future__ import annotations

from collections.abc import Callable, Container, Generator, Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from typing import TYPE_CHECKING, Any

from cleanhold.deliveries.databases.failures import told_by
from cleanhold.deliveries.databases.session import (
    Column,
    Order,
    Probing,
    expressions,
    number_or_text,
    quoted,
)
from cleanhold.deliveries.databases.url import DatabaseUrl

if TYPE_CHECKING:
    import pyarrow as pa

#: Rows of a batch, where the driver asks.
BATCH_ROWS = 65_536


class AdbcSession(Probing):
    """A connection through ADBC, in one transaction that only reads."""

    one_moment = True
    options: dict[str, Any] = {}  # noqa: RUF012 - of each statement; a constant of the class

    def __init__(self, connection: Any, url: DatabaseUrl) -> None:
        self._connection = connection
        self._url = url

    @contextmanager
    def told(self) -> Iterator[None]:
        """Errors of the driver become ours."""
        from adbc_driver_manager import Error

        # Of a batch that cannot be had, Arrow tells, not the driver: OSError among others.
        with told_by(self._url, Error, OSError, ValueError):
            yield

    def row(self, query: str) -> tuple[Any, ...]:
        """See `Session.row`."""
        with self.told(), self._connection.cursor() as cursor:
            cursor.execute(query)
            return tuple(cursor.fetchone() or ())

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        """All rows of a small query."""
        with self.told(), self._connection.cursor() as cursor:
            cursor.execute(query)
            return [tuple(row) for row in cursor.fetchall()]

    def schema(self, query: str) -> pa.Schema:
        """The Arrow schema in which the driver gives a query."""
        with closing(self.one_stream(f"select * from ({query}) q limit 0")) as batches:
            return next(batches).schema

    def one_stream(self, query: str) -> Generator[pa.RecordBatch, None, None]:
        """The rows of one query; first an empty batch, for its schema."""
        import pyarrow as pa

        with self.told():
            statement = self._connection.cursor(adbc_stmt_kwargs=self.options)
        with statement as cursor:
            with self.told():
                cursor.execute(query)
                batches = cursor.fetch_record_batch()
            yield pa.RecordBatch.from_pylist([], batches.schema)
            while True:
                with self.told():
                    batch = next(batches, None)
                if batch is None:
                    return
                yield batch

    def select(self, query: str, columns: Sequence[Column], as_text: Container[str] = ()) -> str:
        """See `Session.select`."""
        return f"select {', '.join(expressions(self, columns, as_text))} from ({query}) q"

    def stream(self, queries: Sequence[str]) -> Generator[pa.RecordBatch, None, None]:
        """See `Session.stream`; one query after the other."""
        for query in queries:
            yield from self.one_stream(query)

    def columns(self, query: str) -> list[Column]:
        """See `Session.columns`."""
        raise TypeError(f"{type(self).__name__} does not say which columns it has")

    def name(self, identifier: str) -> str:
        """See `Session.name`."""
        return quoted(identifier, '"')

    def as_text(self, expression: str, order: Order) -> str:
        """See `Session.as_text`."""
        return f"cast({expression} as varchar)"

    def literal(self, value: str, order: Order) -> str:
        """See `Session.literal`."""
        return number_or_text(value, order)


@contextmanager
def opened(open: Callable[[], Any], url: DatabaseUrl) -> Iterator[Any]:
    """An ADBC connection, rolled back and closed at the end."""
    from adbc_driver_manager import Error

    with told_by(url, Error):
        connection = open()
    try:
        yield connection
    finally:
        with suppress(Error):  # a connection that is broken already; what broke it was told
            connection.close()
