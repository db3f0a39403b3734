"""What is asked of a database, and the SQL of its parts: what is new, pieces to read at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from itertools import pairwise
from typing import Any

from cleanhold.deliveries.databases.increment import (
    Mark,
    beyond,
    digest,
    edge_of,
    fingerprint,
    from_edge,
)
from cleanhold.deliveries.databases.session import Column, Order, Session
from cleanhold.errors import SourceError


@dataclass(frozen=True, slots=True)
class Question:
    """A query or a table, and how it is read. See `sql` for what the parts mean.

    Attributes:
        column: the watermark or the key; None to read everything each time.
        strictly: it is a key: only rows above the highest one are new.
    """

    query: str
    table: str
    column: str | None
    strictly: bool
    overlap: timedelta | int | None
    partition_on: str | None
    partitions: int

    @property
    def name(self) -> str:
        """What a delivery is called."""
        return self.table or f"query-{self.fingerprint}"

    @property
    def fingerprint(self) -> str:
        """Changes with whatever makes older marks meaningless."""
        return fingerprint(self.query, self.table, self.column, self.strictly, self.overlap)

    def sql(self, session: Session) -> str:
        """What is asked."""
        if self.query:
            return self.query
        return "select * from " + ".".join(map(session.name, self.table.split(".")))

    def has_news(self, session: Session, mark: Mark | None) -> bool:
        """Whether there are rows that were not landed as they are now."""
        query = self.sql(session)
        if mark is None:
            return bool(session.row(f"select count(*) as n from ({query}) q")[0])
        columns = session.columns(query)
        column = self._marking(columns)
        higher = beyond(session, column.name, mark)
        if column.misfit:
            higher += f" and not {column.misfit}"
        if session.row(f"select count(*) as n from ({query}) q where {higher}")[0]:
            return True
        edge = self._edge(session, query, mark, column)
        rows, said = digest(session, edge, columns)
        return rows > 0 and (rows, said) != (mark.rows, mark.digest)

    def since(
        self, session: Session, query: str, columns: Sequence[Column], mark: Mark | None
    ) -> str:
        """The query of the rows that may be new."""
        if mark is None:
            return query
        column = self._marking(columns)
        return f"select * from ({query}) q where {from_edge(session, column, mark)}"

    def until(self, session: Session, query: str, mark: Mark) -> str:
        """The query without rows higher than the mark."""
        name = session.name(self.column or "")
        higher = beyond(session, self.column or "", mark)
        return f"select * from ({query}) q where {name} is null or not {higher}"

    def aggregates(self, session: Session, columns: Sequence[Column]) -> list[str]:
        """SQL of: how many rows, the highest value, and the bounds of what is split."""
        wanted = ["count(*)"]
        if self.column:
            column = self._marking(columns)
            value = session.name(column.name)
            if column.misfit:
                value = f"case when not {column.misfit} then {value} end"
            wanted.append(session.as_text(f"max({value})", column.order))
        if self.partition_on:
            name = session.name(self._named(columns, self.partition_on, "partition_on").name)
            wanted += [f"min({name})", f"max({name})"]
        return wanted

    def mark(
        self,
        session: Session,
        query: str,
        columns: Sequence[Column],
        highest: str | None,
        before: Mark | None,
    ) -> Mark | None:
        """How far a delivery of these rows goes; None if that cannot be said.

        Args:
            highest: the highest value among them.
            before: how far the deliveries before went.
        """
        column = self._marking(columns)
        if highest is not None and column.order is Order.NONE:
            raise SourceError(
                f"the column {column.name!r} is of the type {column.type}, which has no order",
                where=self.name,
                next="name a column of numbers, dates, times or text as watermark= or key=",
            )
        value, order = highest, column.order
        if value is None:  # there are only rows without a value
            if before is None:
                return None
            value, order = before.value, before.order
        edge = None
        if self.overlap or not self.strictly:
            edge = edge_of(value, order, self.overlap, column.name)
        mark = Mark(self.fingerprint, value, order, edge, 0, "")
        rows, said = digest(session, self._edge(session, query, mark, column), columns)
        return replace(mark, rows=rows, digest=said)

    def parts(
        self, session: Session, query: str, columns: Sequence[Column], bounds: Sequence[Any]
    ) -> list[str]:
        """The query in pieces that have every row once, those without a value too.

        Args:
            bounds: the lowest and the highest value of the column that it is split by.
        """
        if not self.partition_on or bounds[0] is None:
            return [query]
        column = self._named(columns, self.partition_on, "partition_on")
        if not column.whole:
            raise SourceError(
                f"the column {column.name!r} is of the type {column.type}; ranges need whole "
                "numbers",
                where=self.name,
                next="name a column of integers as partition_on=, or read in one piece",
            )
        low, high = map(int, bounds)
        steps = range(1, self.partitions)
        cuts = sorted({low + (high + 1 - low) * n // self.partitions for n in steps} - {low})
        if not cuts:
            return [query]
        name = session.name(column.name)
        wheres = [f"{name} < {cuts[0]} or {name} is null"]
        wheres += [f"{name} >= {a} and {name} < {b}" for a, b in pairwise(cuts)]
        wheres.append(f"{name} >= {cuts[-1]}")
        return [f"select * from ({query}) p where {where}" for where in wheres]

    def _marking(self, columns: Sequence[Column]) -> Column:
        """The column of the watermark or key."""
        return self._named(columns, self.column or "", "key" if self.strictly else "watermark")

    def _edge(self, session: Session, query: str, mark: Mark, column: Column) -> str:
        """The rows up to the mark that may still change, or get company."""
        name = session.name(column.name)
        where = f"{name} is null" if mark.edge is None else from_edge(session, column, mark)
        return f"select * from ({query}) q where {where}"

    def _named(self, columns: Sequence[Column], name: str, option: str) -> Column:
        for column in columns:
            if column.name == name:
                return column
        raise SourceError(
            f"{option}= names {name!r}, which is not a column of the query",
            where=self.name,
            next="use one of " + ", ".join(c.name for c in columns),
        )
