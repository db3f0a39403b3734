"""The part of a plan that Polars goes on evaluating: right for every expression, and slow."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl

from cleanhold.core.parsing import DataType
from cleanhold.core.reading import RECORD
from cleanhold.errors import ContractError
from cleanhold.plan.binding import RAW
from cleanhold.plan.culprit import what_is_said
from cleanhold.plan.plan import Plan, RowExpressions
from cleanhold.plan.recorder import names_of
from cleanhold.plan.sentences import as_text


class BeyondPython(str):
    """The text of a value that Python has no object for: of the year 0, or of nanoseconds."""


class Left:
    """Columns and checks that are evaluated on a small frame.

    Args:
        plan: what they are part of.
        expressions: of the plan.
        columns: names of columns whose values are wanted.
        checks: labels of checks whose verdicts are wanted.
    """

    def __init__(
        self,
        plan: Plan,
        expressions: RowExpressions,
        columns: Sequence[str],
        checks: Sequence[str],
    ) -> None:
        self.columns, self.checks = tuple(columns), tuple(checks)
        self._raw, self._where = dict(plan.raw), plan.contract.where
        self._verdicts = [
            expressions.verdicts[label].alias(f"__{number}")
            for number, label in enumerate(self.checks)
        ]
        # Of a wide contract they may need little, and a query costs by its expressions.
        needed = {*self.columns, *_read_by(self._verdicts)}
        self._values = [e.alias(n) for n, e in expressions.values.items() if n in needed]
        needed.update(_read_by(self._values))
        self._texts = [e.alias(n) for n, e in expressions.texts.items() if n in needed]

    def evaluate(self, records: Sequence[Mapping[str, Any]]) -> list[tuple[Any, ...]]:
        """For each record: the values, then true for each check that fails (or null)."""
        columns = [
            pl.Series(name, [r[name] for r in records], dtype=dtype)
            for name, dtype in self._raw.items()
        ]
        return self.on(pl.DataFrame(columns), len(records))

    def on(self, frame: pl.DataFrame, height: int) -> list[tuple[Any, ...]]:
        """The same for a frame of raw columns; `height` counts even if it has no columns."""
        numbers = pl.int_range(1, height + 1, dtype=pl.UInt64, eager=True).alias(RECORD)
        rows = pl.DataFrame([numbers, *(s.alias(RAW + s.name) for s in frame)]).lazy()
        judged = rows.with_columns(self._texts).with_columns(self._values)
        wanted = [pl.col(name) for name in self.columns]
        found = judged.with_columns(self._verdicts).select(
            *wanted, *(pl.col(f"__{number}") for number in range(len(self.checks)))
        )
        try:
            answers = found.collect()
        except pl.exceptions.PolarsError as error:
            raise ContractError(
                f"checking the record raises {what_is_said(error)}",
                where=self._where,
                next="an expression of a check or parse rule must give null or false for a value "
                "it cannot take (strict=False), not raise",
            ) from error
        return list(zip(*(_objects(s) for s in answers), strict=True))


def _read_by(expressions: Sequence[pl.Expr]) -> set[str]:
    return {name for e in expressions for name in names_of(e)}


def is_exact(dtype: DataType) -> bool:
    """Whether Python's objects hold every value of a dtype, dates far away aside."""
    if isinstance(dtype, pl.Datetime | pl.Duration):
        return dtype.time_unit != "ns"
    return not dtype.is_nested() and dtype not in (pl.Time, pl.Object)


def raw_records(frame: pl.DataFrame) -> list[dict[str, Any]] | None:
    """The rows of a frame as Python's objects; None if there are none that hold them."""
    if not all(map(is_exact, frame.dtypes)):
        return None
    try:
        return frame.to_dicts()
    except (ValueError, OverflowError):
        return None


def written_records(frame: pl.DataFrame) -> list[dict[str, Any]]:
    """The rows of a frame, each value as text."""
    texts = frame.select(as_text(pl.col(n), d).alias(n) for n, d in frame.schema.items())
    return [
        {name: value if value is None else BeyondPython(value) for name, value in row.items()}
        for row in texts.to_dicts()
    ]


def _objects(series: pl.Series) -> list[Any]:
    if isinstance(series.dtype, pl.Datetime | pl.Duration | pl.Time) and not is_exact(series.dtype):
        cut = (series.to_physical() % 1000 != 0).fill_null(False)
        texts, values = series.cast(pl.String), series.set(cut, None)
        return [
            BeyondPython(text) if lost else value
            for lost, text, value in zip(cut, texts, _in_range(values), strict=True)
        ]
    return _in_range(series)


def _in_range(series: pl.Series) -> list[Any]:
    try:
        return series.to_list()
    except (ValueError, OverflowError):
        return [_object(series[place : place + 1]) for place in range(len(series))]


def _object(one: pl.Series) -> Any:
    try:
        return one.item()
    except (ValueError, OverflowError):
        return BeyondPython(one.cast(pl.String).item())
