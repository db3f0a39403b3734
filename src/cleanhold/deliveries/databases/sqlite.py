"""SQLite through ADBC. Values have types there and columns do not, so the values are asked."""

from __future__ import annotations

from collections.abc import Container, Generator, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from cleanhold.deliveries.databases.adbc import BATCH_ROWS, AdbcSession, opened
from cleanhold.deliveries.databases.files import file_of
from cleanhold.deliveries.databases.session import Column, Order, in_text
from cleanhold.deliveries.databases.url import DatabaseUrl

if TYPE_CHECKING:
    import pyarrow as pa

#: Storage class of all values of a column → a value of that class.
_SAMPLES = {"integer": "0", "real": "0.0", "text": "''", "blob": "x''"}
_ORDERS = {"integer": Order.NUMBER, "real": Order.NUMBER, "text": Order.TEXT}

#: Begins a query whose first row is none: the driver takes the types of columns from the first
#: rows, and those may have nothing but nulls.
_SAMPLED = "/* types in the first row */"


class Sqlite(AdbcSession):
    """A read transaction of SQLite."""

    options = {"adbc.sqlite.query.batch_rows": BATCH_ROWS}  # noqa: RUF012

    def columns(self, query: str) -> list[Column]:
        """See `Session.columns`; all text, until the values were asked what they are."""
        return [
            Column(name, "unknown", Order.NONE, self.as_text(self.name(name), Order.NONE))
            for name in self.schema(query).names
        ]

    def probe(self, column: Column) -> str:
        """See `Session.probe`: the storage classes of its values."""
        n = self.name(column.name)
        return f"group_concat(distinct case when {n} is not null then typeof({n}) end)"

    def settled(self, column: Column, found: Any) -> Column:
        """See `Session.settled`: values of one class keep it; others arrive as text."""
        classes = sorted(set((found or "").split(",")) - {""})
        orders = {_ORDERS.get(one, Order.NONE) for one in classes}
        order = orders.pop() if len(orders) == 1 else Order.NONE
        told = replace(column, type=" or ".join(classes) or "null", order=order)
        if len(classes) != 1:
            return told
        (one,) = classes
        name = self.name(column.name)
        return replace(told, typed=name, whole=one == "integer", sample=_SAMPLES[one])

    def select(self, query: str, columns: Sequence[Column], as_text: Container[str] = ()) -> str:
        """See `Session.select`; the first row has a value of its type in every column."""
        given = [_SAMPLES["text"] if in_text(c, as_text) else c.sample for c in columns]
        samples = ", ".join(
            f"{value} as {self.name(c.name)}" for value, c in zip(given, columns, strict=True)
        )
        return f"{_SAMPLED} select {samples} union all {super().select(query, columns, as_text)}"

    def one_stream(self, query: str) -> Generator[pa.RecordBatch, None, None]:
        """See `AdbcSession.one_stream`."""
        batches = super().one_stream(query)
        yield next(batches)
        if query.startswith(_SAMPLED):
            yield next(batches).slice(1)
        yield from batches

    def as_text(self, expression: str, order: Order) -> str:
        """See `Session.as_text`."""
        # cast() gives 15 digits of a real number, and takes a blob's bytes for text.
        return (
            f"case typeof({expression}) when 'real' then printf('%!.17g', {expression}) "
            f"when 'blob' then 'x''' || hex({expression}) || '''' "
            f"else cast({expression} as text) end"
        )


@contextmanager
def open_sqlite(url: DatabaseUrl, root: Path) -> Iterator[Sqlite]:
    """A session; see `databases.connect`."""
    from adbc_driver_sqlite import dbapi

    file = file_of(url, root)
    with opened(lambda: dbapi.connect(f"file:{quote(str(file))}?mode=ro"), url) as connection:
        yield Sqlite(connection, url)
