"""What a database gives to those who ask: columns, single rows, streams of Arrow batches."""

from __future__ import annotations

from collections.abc import Container, Generator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    import pyarrow as pa


class Order(StrEnum):
    """How the values of a column are compared, and so how one is written in SQL."""

    NUMBER = "number"
    MOMENT = "moment"
    TEXT = "text"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a query.

    Attributes:
        name: as the query names it.
        type: in the database's words.
        order: how its values are compared.
        text: SQL that gives every value of it exactly, as text.
        typed: SQL that gives it with its own type; None if no type of Parquet holds it.
        misfit: SQL that is true for a value that `typed` cannot give (NaN in a decimal, infinity
            in a date); None if there is no such value.
        cast: what to make of `typed` once it is here: text becomes `decimal128(12, 2)`.
        whole: its values are whole numbers, so that they can be split into ranges.
        sample: SQL of a value of its type, for a driver that guesses types from the first rows.
    """

    name: str
    type: str
    order: Order
    text: str
    typed: str | None = None
    misfit: str | None = None
    cast: pa.DataType | None = None
    whole: bool = False
    sample: str = "''"


class Session(Protocol):
    """An open connection; what is asked in it is SQL of that database."""

    #: All that is read in one session is of one moment.
    one_moment: bool

    def columns(self, query: str) -> list[Column]:
        """The columns of a query, in order."""
        ...

    def select(self, query: str, columns: Sequence[Column], as_text: Container[str] = ()) -> str:
        """SQL that gives the columns of a query exactly; those named in `as_text` as text."""
        ...

    def row(self, query: str) -> tuple[Any, ...]:
        """The first row of a query, as Python values."""
        ...

    def stream(self, queries: Sequence[str]) -> Generator[pa.RecordBatch, None, None]:
        """The rows of some queries with the same columns, in batches; the first may be empty,
        for its schema. The order of the batches depends on nothing but the rows.
        """
        ...

    def name(self, identifier: str) -> str:
        """A name, quoted."""
        ...

    def as_text(self, expression: str, order: Order) -> str:
        """SQL of a value as text, exactly."""
        ...

    def probe(self, column: Column) -> str | None:
        """SQL of an aggregate that tells how the column can arrive; None if that is known."""
        ...

    def settled(self, column: Column, found: Any) -> Column:
        """The column, once its probe has been asked."""
        ...

    def literal(self, value: str, order: Order) -> str:
        """SQL of a value that `as_text` gave."""
        ...


class Probing:
    """What most databases share: a column with a value that has no place in its type is text."""

    def probe(self, column: Column) -> str | None:
        """See `Session.probe`."""
        return f"max(case when {column.misfit} then 1 else 0 end)" if column.misfit else None

    def settled(self, column: Column, found: Any) -> Column:
        """See `Session.settled`."""
        return replace(column, typed=None, cast=None) if found else column


def survey(
    session: Session, query: str, columns: Sequence[Column], wanted: Sequence[str]
) -> tuple[list[Column], tuple[Any, ...]]:
    """The columns of a query as they can arrive, and some aggregates, in one pass."""
    probes = {c.name: p for c in columns if (p := session.probe(c))}
    asked = ", ".join(f"{sql} as a{n}" for n, sql in enumerate([*wanted, *probes.values()]))
    row = session.row(f"select {asked} from ({query}) q")
    found = dict(zip(probes, row[len(wanted) :], strict=True))
    settled = [session.settled(c, found[c.name]) if c.name in found else c for c in columns]
    return settled, row[: len(wanted)]


def expressions(
    session: Session, columns: Sequence[Column], as_text: Container[str] = ()
) -> list[str]:
    """What to select: each column as its own type if it has one and is not in `as_text`."""
    given = (c.text if in_text(c, as_text) else c.typed for c in columns)
    names = (session.name(c.name) for c in columns)
    return [f"{sql} as {name}" for sql, name in zip(given, names, strict=True)]


def in_text(column: Column, as_text: Container[str]) -> bool:
    """Whether a column arrives as text."""
    return column.typed is None or column.name in as_text


def quoted(text: str, quote: str = "'") -> str:
    """A text between quotes, those inside doubled."""
    return quote + text.replace(quote, quote * 2) + quote


def number_or_text(value: str, order: Order) -> str:
    """A value in SQL as most databases have it: digits, or a text they compare with anything."""
    return value if order is Order.NUMBER else quoted(value)
