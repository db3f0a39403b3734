"""PostgreSQL through ADBC. All readers of a query see one moment, however many they are."""

from __future__ import annotations

from collections.abc import Generator, Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from functools import partial
from typing import TYPE_CHECKING, Any

from cleanhold.deliveries.databases.adbc import AdbcSession, opened
from cleanhold.deliveries.databases.interleave import interleaved
from cleanhold.deliveries.databases.session import Column, Order
from cleanhold.deliveries.databases.url import DatabaseUrl

if TYPE_CHECKING:
    import pyarrow as pa

#: Seconds to wait for a connection, if the URL does not say.
CONNECT_SECONDS = 15

#: What arrives with its own type, whatever the value.
_PLAIN = {
    "bool": Order.NONE,
    "bytea": Order.NONE,
    "int2": Order.NUMBER,
    "int4": Order.NUMBER,
    "int8": Order.NUMBER,
    "float4": Order.NUMBER,
    "float8": Order.NUMBER,
    "text": Order.TEXT,
    "varchar": Order.TEXT,
    "bpchar": Order.TEXT,
    "name": Order.TEXT,
}
_WHOLE = {"int2", "int4", "int8"}
_MOMENTS = {"date", "timestamp", "timestamptz"}

#: So that text always looks the same.
_SETTINGS = (
    "set local timezone = 'UTC'",
    "set local datestyle = 'ISO, YMD'",
    "set local intervalstyle = 'iso_8601'",
    "set local bytea_output = 'hex'",
    "set local extra_float_digits = 1",
    "set local client_encoding = 'UTF8'",
)


class Postgres(AdbcSession):
    """A transaction of PostgreSQL: repeatable read, read only."""

    def __init__(self, connection: Any, url: DatabaseUrl, timeout: float | None) -> None:
        super().__init__(connection, url)
        self._timeout = timeout

    def begin(self, snapshot: str | None = None) -> None:
        """Begin the transaction; at the moment of another one, if `snapshot` names it."""
        statements = ["set transaction isolation level repeatable read, read only"]
        if snapshot:
            statements.append(f"set transaction snapshot '{snapshot}'")
        statements += _SETTINGS
        if self._timeout:
            statements.append(f"set local statement_timeout = {round(self._timeout * 1000)}")
        with self.told(), self._connection.cursor() as cursor:
            for statement in statements:
                cursor.execute(statement)

    def columns(self, query: str) -> list[Column]:
        """See `Session.columns`."""
        return [self._column(field) for field in self.schema(query)]

    def stream(self, queries: Sequence[str]) -> Generator[pa.RecordBatch, None, None]:
        """See `Session.stream`; several queries at once, each by a connection of its own."""
        if len(queries) == 1:
            yield from self.one_stream(queries[0])
            return
        (snapshot,) = self.row("select pg_export_snapshot()")
        with ExitStack() as stack:
            others = []
            for _ in queries:
                other = Postgres(
                    stack.enter_context(opened(partial(_open, self._url), self._url)),
                    self._url,
                    self._timeout,
                )
                other.begin(snapshot)
                others.append(other)
            reads = [partial(other.one_stream, q) for other, q in zip(others, queries, strict=True)]
            with closing(interleaved(reads)) as batches:
                yield from batches

    def as_text(self, expression: str, order: Order) -> str:
        """See `Session.as_text`."""
        return f"({expression})::text"

    def _column(self, field: pa.Field) -> Column:
        import pyarrow as pa

        name, quoted = field.name, self.name(field.name)
        told = {k.decode(): v.decode() for k, v in (field.metadata or {}).items()}
        declared = told.get("POSTGRESQL:type", "unknown")
        text = f"{quoted}::text"
        if declared in _PLAIN:
            return Column(name, declared, _PLAIN[declared], text, quoted, whole=declared in _WHOLE)
        if declared in _MOMENTS:
            # Arrow counts microseconds from 1970 and wraps around; Python and others know the
            # years 1 to 9999.
            last = "9999-12-31" if declared == "date" else "9999-12-31 23:59:59.999999"
            misfit = f"not {quoted} between '0001-01-01' and '{last}'"
            return Column(name, declared, Order.MOMENT, text, quoted, misfit)
        if declared == "numeric":
            precision, scale = _precision(int(told.get("POSTGRESQL:typmod", "-1")))
            if 0 <= scale <= precision <= 38:
                declared = f"numeric({precision},{scale})"
                decimal = pa.decimal128(precision, scale)
                misfit = f"{quoted} = 'NaN'"
                return Column(name, declared, Order.NUMBER, text, text, misfit, decimal)
            return Column(name, declared, Order.NUMBER, text)
        if declared == "money":  # its text depends on the server's language
            return Column(name, declared, Order.NONE, f"{quoted}::numeric::text")
        if pa.types.is_nested(field.type):  # arrays lose their dimensions in Arrow
            return Column(name, _array(declared), Order.NONE, f"to_json({quoted})::text")
        return Column(name, declared, Order.NONE, text)


def _array(type: str) -> str:
    return type[1:] + "[]" if type.startswith("_") else type


def _precision(typmod: int) -> tuple[int, int]:
    """Precision and scale of a numeric; (0, -1) if it has none (numeric.c, make_numeric_typmod)."""
    if typmod < 4:
        return 0, -1
    scale = (typmod - 4) & 0x7FF
    return ((typmod - 4) >> 16) & 0xFFFF, scale - 0x800 if scale >= 0x400 else scale


def _open(url: DatabaseUrl) -> Any:
    from adbc_driver_postgresql import dbapi

    uri = "postgresql://" + url.rest
    if "connect_timeout" not in uri:
        uri += ("&" if "?" in uri else "?") + f"connect_timeout={CONNECT_SECONDS}"
    return dbapi.connect(uri)


@contextmanager
def open_postgres(url: DatabaseUrl, timeout: float | None) -> Iterator[Postgres]:
    """A session; see `databases.connect`."""
    with opened(partial(_open, url), url) as connection:
        session = Postgres(connection, url, timeout)
        session.begin()
        yield session
