"""MySQL, MariaDB, SQL Server and Oracle through ConnectorX.

ConnectorX cuts decimals to ten digits after the point and panics at dates it does not know, so
whatever is not a whole number, a float, text or bytes is made text by the database itself. Each
query has a connection of its own, so that two queries see two moments.
"""

from __future__ import annotations

import os
import socket
from collections.abc import Container, Generator, Iterator, Sequence
from contextlib import closing, contextmanager
from functools import partial
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit, urlunsplit

from cleanhold.deliveries.databases.adbc import BATCH_ROWS
from cleanhold.deliveries.databases.failures import told_by
from cleanhold.deliveries.databases.interleave import interleaved
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

#: SQL that makes a text of a number, and of a moment.
_NUMBERS = {
    "mysql": "cast({} as char)",
    "mssql": "convert(varchar(100), {})",
    "oracle": "to_char({}, 'TM9', 'NLS_NUMERIC_CHARACTERS=''. ''')",
}
_MOMENTS = {
    "mysql": "cast({} as char)",
    "mssql": "convert(varchar(40), {}, 121)",
    "oracle": "to_char({}, 'SYYYY-MM-DD HH24:MI:SS.FF9')",
}
#: Oracle's DATE has no fractions, and `FF` is an error for it.
_DAYS = {**_MOMENTS, "oracle": "to_char({}, 'SYYYY-MM-DD HH24:MI:SS')"}

_PORTS = {"mysql": 3306, "mssql": 1433, "oracle": 1521}

#: Seconds to wait for a connection.
CONNECT_SECONDS = 15

_QUOTES = {"mysql": ("`", "`"), "mssql": ("[", "]"), "oracle": ('"', '"')}

#: Statements before each query, for what text looks like.
_BEFORE = {"mysql": ["set time_zone = '+00:00'"]}


class ConnectorX(Probing):
    """Connections of ConnectorX, one for each query."""

    one_moment = False

    def __init__(self, module: Any, url: DatabaseUrl) -> None:
        self._module = module
        self._url = url
        # The driver (`+pymysql`) is SQLAlchemy's business, and MariaDB speaks MySQL's language.
        self._uri = urlunsplit(urlsplit(url.secret)._replace(scheme=url.kind))

    @contextmanager
    def told(self) -> Iterator[None]:
        """Errors of ConnectorX become ours; its panics are no `Exception`."""
        try:
            with told_by(self._url, RuntimeError, OSError, ValueError):
                yield
        except Exception:
            raise
        except BaseException as panic:
            if type(panic).__name__ != "PanicException":
                raise
            hidden = RuntimeError(str(panic))
        else:
            return
        with told_by(self._url, RuntimeError):
            raise hidden

    def columns(self, query: str) -> list[Column]:
        """See `Session.columns`."""
        with closing(self._one_stream(f"select * from ({query}) q where 1 = 0")) as batches:
            return [self._column(field) for field in next(batches).schema]

    def row(self, query: str) -> tuple[Any, ...]:
        """See `Session.row`."""
        for batch in self._one_stream(query):
            for row in batch.slice(0, 1).to_pylist():
                return tuple(row.values())
        return ()

    def select(self, query: str, columns: Sequence[Column], as_text: Container[str] = ()) -> str:
        """See `Session.select`."""
        return f"select {', '.join(expressions(self, columns, as_text))} from ({query}) q"

    def stream(self, queries: Sequence[str]) -> Generator[pa.RecordBatch, None, None]:
        """See `Session.stream`; several queries at once."""
        reads = [partial(self._one_stream, query) for query in queries]
        if len(reads) == 1:
            yield from reads[0]()
            return
        with closing(interleaved(reads)) as batches:
            yield from batches

    def name(self, identifier: str) -> str:
        """See `Session.name`."""
        opening, closing = _QUOTES[self._url.kind]
        return opening + identifier.replace(closing, closing * 2) + closing

    def as_text(self, expression: str, order: Order) -> str:
        """See `Session.as_text`."""
        if order is Order.TEXT:
            return expression
        forms = _MOMENTS if order is Order.MOMENT else _NUMBERS
        return forms[self._url.kind].format(expression)

    def literal(self, value: str, order: Order) -> str:
        """See `Session.literal`."""
        if order is Order.MOMENT and self._url.kind == "oracle":
            return f"to_timestamp({quoted(value)}, 'SYYYY-MM-DD HH24:MI:SS.FF')"
        if self._url.kind == "mysql":  # where a backslash escapes
            value = value.replace("\\", "\\\\")
        return number_or_text(value, order)

    def _one_stream(self, query: str) -> Generator[pa.RecordBatch, None, None]:
        import pyarrow as pa

        with self.told():
            batches = self._module.read_sql(
                self._uri,
                query,
                return_type="arrow_stream",
                batch_size=BATCH_ROWS,
                pre_execution_query=_BEFORE.get(self._url.kind),
            )
        yield pa.RecordBatch.from_pylist([], batches.schema)
        while True:
            with self.told():
                batch = next(batches, None)
            if batch is None:
                return
            yield batch

    def _column(self, field: pa.Field) -> Column:
        import pyarrow as pa

        name, arrow, kind = field.name, field.type, self._url.kind
        quoted, told = self.name(name), str(arrow)
        if pa.types.is_integer(arrow) or pa.types.is_floating(arrow):
            # An Oracle NUMBER may have more digits than any of these.
            text = _NUMBERS[kind].format(quoted)
            typed = None if kind == "oracle" else quoted
            whole = pa.types.is_integer(arrow)
            return Column(name, told, Order.NUMBER, text, typed, whole=whole)
        if pa.types.is_decimal(arrow):
            return Column(name, told, Order.NUMBER, _NUMBERS[kind].format(quoted))
        if pa.types.is_date(arrow):
            return Column(name, told, Order.MOMENT, _DAYS[kind].format(quoted))
        if pa.types.is_temporal(arrow):
            return Column(name, told, Order.MOMENT, _MOMENTS[kind].format(quoted))
        if pa.types.is_string(arrow) or pa.types.is_large_string(arrow):
            return Column(name, told, Order.TEXT, quoted, quoted)
        return Column(name, told, Order.NONE, quoted, quoted)


@contextmanager
def open_connectorx(url: DatabaseUrl) -> Iterator[ConnectorX]:
    """A session; see `databases.connect`."""
    os.environ.setdefault("RUST_LOG", "off")  # or it writes to the standard error by itself
    import connectorx

    # ConnectorX tries for half a minute before it says that nobody is there.
    parts = urlsplit(url.secret)
    with told_by(url, OSError):
        address = (parts.hostname or "localhost", parts.port or _PORTS[url.kind])
        socket.create_connection(address, CONNECT_SECONDS).close()
    yield ConnectorX(connectorx, url)
