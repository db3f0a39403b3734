"""entities: whose features are asked for, and as of when; checked before anything is read."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import polars as pl

from cleanhold.core.moments import MOMENT, as_moment
from cleanhold.core.training import FeatureTable
from cleanhold.errors import UsageError

#: Columns of `lookups`, beside the key as `key_names` calls it.
ROW, AS_OF, KNOWN, SINCE, UNTIL = "row", "as_of", "known", "since", "until"

_TEXTS = (pl.String, pl.Categorical, pl.Enum)


@dataclass(frozen=True, slots=True)
class Entities:
    """Entities, and their times.

    Attributes:
        frame: as they were given.
        times: a row for each: `ROW`, `AS_OF`, `KNOWN`.
    """

    frame: pl.DataFrame
    times: pl.DataFrame

    def lookups(self, table: FeatureTable) -> pl.DataFrame:
        """A row for each entity that has a key of the table: what it may see of it.

        It sees snapshots from the one that readers had at `SINCE` to the one of `UNTIL`, as their
        history was told at `KNOWN`:

        - of a table that keeps history, the one of `KNOWN`;
        - of one with event times, which has only the newest row of each entity, also those between
          `AS_OF` and `KNOWN`: what it said before may be true still;
        - of one without, the one of `AS_OF`: when it was published is the only time it has.
        """
        then = pl.min_horizontal(AS_OF, KNOWN)
        known = pl.col(KNOWN)
        since = known if table.keeps_history else then
        until = known if table.event_time else then
        keys = self.frame.select(
            pl.col(name).alias(key) for name, key in zip(table.key, key_names(table), strict=True)
        )
        return self.times.with_columns(since.alias(SINCE), until.alias(UNTIL), *keys).drop_nulls(
            keys.columns
        )

    def latest(self, table: FeatureTable) -> datetime:
        """The last moment that any of them, and there are some, may see something of a table."""
        latest = (
            self.times.select(
                pl.col(KNOWN) if table.event_time else pl.min_horizontal(AS_OF, KNOWN)
            )
            .to_series()
            .max()
        )
        assert isinstance(latest, datetime)
        return latest


def key_names(table: FeatureTable) -> list[str]:
    """What the columns of a table's key are called while it is joined."""
    return [f"key {position}" for position in range(len(table.key))]


def entities_of(
    given: pl.DataFrame | pl.LazyFrame, as_of: str, known_at: str | datetime
) -> Entities:
    """Entities with their times as moments.

    Args:
        as_of: column of dates or times.
        known_at: a column likewise, or a moment for all.

    Raises:
        UsageError: they are no frame, a column is missing, is no time, or has nulls.
    """
    if not isinstance(given, pl.DataFrame | pl.LazyFrame):
        raise UsageError(
            f"entities are a Polars frame, not {type(given).__name__}",
            next="convert them: pl.from_pandas(…), pl.read_parquet(…)",
        )
    frame = given.lazy().collect(engine="streaming")
    known = _times(frame, known_at) if isinstance(known_at, str) else pl.lit(known_at, MOMENT)
    times = frame.select(_times(frame, as_of).alias(AS_OF), known.alias(KNOWN))
    for name, what in ((AS_OF, as_of), (KNOWN, known_at)):
        if nulls := times[name].null_count():
            raise UsageError(
                f"{nulls:,} of {frame.height:,} entities have no time in {what!r}",
                next="leave them out: nobody can say what was known of them when",
            )
    return Entities(frame, times.with_row_index(ROW))


def _times(frame: pl.DataFrame, column: str) -> pl.Expr:
    if column not in frame.columns:
        raise UsageError(
            f"the entities have no column {column!r}, which says as of when",
            next=f"they have {', '.join(frame.columns) or 'none'}",
        )
    dtype = frame.schema[column]
    if not isinstance(dtype, pl.Date | pl.Datetime):
        raise UsageError(
            f"column {column!r} of the entities is of type {dtype}",
            next="it must be of dates or times: pl.col(…).str.to_datetime(…)",
        )
    return as_moment(column, dtype, late=False)


def require_keys(frame: pl.DataFrame, table: FeatureTable) -> None:
    """The entities have the key of a table.

    Raises:
        UsageError: a column of it is missing.
    """
    missing = [name for name in table.key if name not in frame.columns]
    if missing:
        raise UsageError(
            f"the entities have no column {', '.join(map(repr, missing))}, "
            f"which is in the key of {table.dataset}",
            next="add it, or rename the column that has it",
        )


def as_key(
    dtype: pl.DataType, wanted: pl.DataType, name: str, dataset: str, whose: str = "the entities"
) -> pl.DataType:
    """The dtype in which entities, or others, and a table compare a column of the key.

    Raises:
        UsageError: they cannot be compared.
    """
    if isinstance(dtype, _TEXTS) and isinstance(wanted, _TEXTS):
        return pl.String()
    if dtype == wanted or (dtype.is_integer() and wanted.is_integer()):
        return wanted
    raise UsageError(
        f"column {name!r} of {whose} is of type {dtype}, in {dataset} of {wanted}",
        next=f"convert it: pl.col({name!r}).cast(pl.{wanted})",
    )
