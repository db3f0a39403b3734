"""Runs a check that is more than an expression, and watches which columns it reads."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

import polars as pl
from pandera.api.checks import Check as PanderaCheck
from pandera.api.polars.types import PolarsData
from polars.io.plugins import register_io_source

from cleanhold.core.parsing import DataType
from cleanhold.plan.functions import function_of, ordered_options
from cleanhold.plan.recorder import kind_of_answer


class UnusableAnswerError(Exception):
    """What a check gave is neither one Boolean a row nor one for all rows."""

    def __init__(self, what: str, *, is_nothing: bool = False) -> None:
        super().__init__(what)
        self.is_nothing = is_nothing


def watched(
    values: Callable[[list[str]], pl.LazyFrame], schema: Mapping[str, DataType]
) -> tuple[pl.LazyFrame, set[str]]:
    """A frame that fetches columns when they are asked for, and the names asked for so far.

    Args:
        values: some of the columns → their values, one row a record, always in the same order.
        schema: all columns → dtype. At least one.
    """
    names, read = list(schema), set[str]()

    def deliver(
        wanted: list[str] | None, only: pl.Expr | None, most: int | None, _: int | None
    ) -> Iterator[pl.DataFrame]:
        columns = names if wanted is None else wanted
        read.update(columns)
        rows = values(columns or names[:1])
        if only is not None:
            rows = rows.filter(only)
        if most is not None:
            rows = rows.head(most)
        frame = rows.collect(engine="streaming")
        # of no column, the number of rows is still asked for; `select([])` would lose it
        yield frame.select(columns) if columns else frame.drop(frame.columns)

    return register_io_source(deliver, schema=dict(schema)), read


def answer(
    check: PanderaCheck, frame: pl.LazyFrame, column: str | None, *, alone: bool = False
) -> pl.Series | bool:
    """What a check says of a frame: one Boolean a row, nulls resolved, or one for all.

    The frame is collected in memory, as pandera does it: a join without `maintain_order` keeps
    the order of rows there, and may not when it streams.

    Args:
        check: pandera's.
        frame: values; `column`: that the check is about, if it is about one.
        alone: the check is shown that column only.

    Raises:
        UnusableAnswerError: it gives neither.
        Exception: whatever the check raises.
    """
    data = PolarsData(frame.select(column) if column and alone else frame, column or "*")
    given = function_of(check)(data, **ordered_options(check))
    if isinstance(given, bool):
        return given
    if isinstance(given, pl.LazyFrame):
        given = given.collect(engine="in-memory")
    if isinstance(given, pl.Series):
        given = given.to_frame()
    if not isinstance(given, pl.DataFrame) or not given.width:
        told = kind_of_answer(given)
        raise UnusableAnswerError(f"{told}, not true or false", is_nothing=given is None)
    for dtype in given.dtypes:
        if dtype != pl.Boolean:
            raise UnusableAnswerError(f"{dtype}, not true or false")
    verdict = given.select(pl.all_horizontal(pl.all()).alias("verdict"))["verdict"]
    return verdict.fill_null(bool(check.ignore_na))
