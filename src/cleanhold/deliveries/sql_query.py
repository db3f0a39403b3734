"""Deliveries that are the rows of a query: a snapshot of them lands as Parquet."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any, BinaryIO

from cleanhold.core.arrival import Delivery, Receipts
from cleanhold.core.reading import Progress
from cleanhold.deliveries.databases import connect, require_driver
from cleanhold.deliveries.databases.increment import Mark, newest_mark
from cleanhold.deliveries.databases.question import Question
from cleanhold.deliveries.databases.session import Column, survey
from cleanhold.deliveries.databases.url import FILES, DatabaseUrl, parse, url_from
from cleanhold.deliveries.parquet_file import write_parquet
from cleanhold.errors import DeliveryError, SourceError


@dataclass(frozen=True, slots=True)
class SqlQuery:
    """A query of a database; see `sql` for what its parts mean."""

    url_env: str | None
    url_block: str | None
    url: str | None
    question: Question
    timeout: float | None

    @property
    def format(self) -> str:
        """See `Formatted.format`."""
        return "parquet"

    def describe(self) -> str:
        """See `Arrivals.describe`."""
        what = f"the table {self.question.table}" if self.question.table else "a query"
        at = f"at ${self.url_env}" if self.url_env else f"in the block {self.url_block}"
        return f"{what} of the database {self.url or at}"

    def require(self, root: Path) -> None:
        """See that the URL is set and the driver installed; connects to nothing.

        Raises:
            SourceError: it is not so. A secret block is not looked up.
        """
        if not self.url_block:
            require_driver(self.database())

    def database(self) -> DatabaseUrl:
        """The database, with its secrets.

        Raises:
            SourceError: its URL is missing, or is none of a database known here.
        """
        return url_from(self.url_env, self.url_block, self.url)

    def waiting(self, root: Path, receipts: Receipts) -> Iterator[Delivery]:
        """See `Arrivals.waiting`: one delivery, of the rows that were not landed yet."""
        url, mark = self.database(), None
        if self.question.column:
            mark = newest_mark(receipts(), self.question.fingerprint)
            with connect(url, root, self.timeout) as session:
                if not self.question.has_news(session, mark):
                    return
        fetch = partial(self._fetch, url, root, mark)
        yield Delivery(f"{self.question.name}.parquet", url.shown, fetch)

    def _fetch(
        self, url: DatabaseUrl, root: Path, before: Mark | None, sink: BinaryIO, tell: Progress
    ) -> Mapping[str, Any]:
        asked = self.question
        with connect(url, root, self.timeout) as session:
            columns = session.columns(asked.sql(session))
            _require_names(columns, url)
            query = asked.since(session, asked.sql(session), columns, before)
            wanted = asked.aggregates(session, columns)
            columns, found = survey(session, query, columns, wanted)
            mark = None
            if asked.column:
                mark = asked.mark(session, query, columns, found[1], before)
                if mark and not session.one_moment:
                    query = asked.until(session, query, mark)
            parts = asked.parts(session, query, columns, found[-2:])
            with closing(session.stream([session.select(p, columns) for p in parts])) as batches:
                rows, schema = write_parquet(batches, columns, sink, tell)
        if session.one_moment and rows != found[0]:
            raise DeliveryError(
                f"the database counted {found[0]} rows and gave {rows}",
                where=url.shown,
                next="a query that gives other rows each time (random, now) cannot be landed",
            )
        types = [
            {"name": column.name, "type": column.type, "arrives": str(field.type)}
            for column, field in zip(columns, schema, strict=True)
        ]
        receipt = {
            "database": url.kind,
            "asked": url.without_secrets(asked.table or asked.query),
            "rows": rows,
            "one_moment": session.one_moment or len(parts) == 1,
            "schema": types,
        }
        return {"sql": receipt | ({"mark": mark.as_dict()} if mark else {})}


def _require_names(columns: Sequence[Column], url: DatabaseUrl) -> None:
    names = [column.name for column in columns]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise SourceError(
            f"the query has several columns named {', '.join(map(repr, twice))}",
            where=url.shown,
            next="give each a name of its own: select a.id as account_id, …",
        )


def sql(
    *,
    url_env: str | None = None,
    url_block: str | None = None,
    url: str | None = None,
    query: str = "",
    table: str = "",
    watermark: str | None = None,
    key: str | None = None,
    overlap: timedelta | int | None = None,
    partition_on: str | None = None,
    partitions: int = 4,
    timeout: float | None = None,
) -> SqlQuery:
    """A query of a database as the place where deliveries arrive: `Source(arrives=sql(…))`.

    Each delivery is a Parquet file of the rows the query gave, so that a run repeats without the
    database.

    Args:
        url_env: name of the environment variable that has the URL, as SQLAlchemy writes it:
            `postgresql://`, `mysql://`, `mariadb://`, `sqlite:///`, `duckdb:///`, `mssql://`,
            `oracle://`.
        url_block: name of a secret block of Prefect that has it; for flows.
        url: the URL itself, only of SQLite and DuckDB, whose URLs have no password.
        query: what is asked; one `select` whose columns have different names.
        table: instead of a query: all of `schema.table`.
        watermark: column that grows whenever a row changes (`updated_at`). Only rows with a value
            not below the highest one landed are asked for.
        key: column that grows with each new row, and rows never change. Only rows above the
            highest one landed are asked for.
        overlap: how far below the highest value rows may come late: a timedelta for times, a
            whole number for numbers.
        partition_on: column of whole numbers by whose ranges the query is read in parallel.
        partitions: into how many ranges.
        timeout: seconds that one statement may take (PostgreSQL).

    Raises:
        SourceError: the options contradict each other.
    """
    if sum(bool(given) for given in (url_env, url_block, url)) != 1:
        raise SourceError("sql() needs exactly one of url_env, url_block and url")
    if url and parse(url, "url=").kind not in FILES:
        raise SourceError(
            "url= is only for databases that are files: a password must not stand in code",
            next="put the URL in an environment variable, and name that: url_env='CRM_URL'",
        )
    query = query.strip().rstrip(";").rstrip()
    if bool(query) == bool(table):
        raise SourceError("sql() needs either query or table", next="give one of them")
    if watermark and key:
        raise SourceError(
            "sql() takes watermark or key, not both",
            next="use watermark= if rows change, key= if they are only added",
        )
    if overlap is not None and not (watermark or key):
        raise SourceError("overlap= needs a watermark= or key= that it is subtracted from")
    if (overlap.total_seconds() if isinstance(overlap, timedelta) else overlap or 0) < 0:
        raise SourceError("overlap= must not be negative")
    if partitions < 1:
        raise SourceError("partitions= must be at least 1")
    question = Question(
        query=query,
        table=table,
        column=watermark or key,
        strictly=bool(key),
        overlap=overlap or None,
        partition_on=partition_on,
        partitions=partitions,
    )
    return SqlQuery(url_env, url_block, url, question, timeout)
