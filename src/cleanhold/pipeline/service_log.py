"""service_log: what a service wrote down that it saw, and when two values are one."""

from __future__ import annotations

import glob
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from cleanhold.audits.samples import thinned
from cleanhold.core.moments import as_moment
from cleanhold.errors import DeliveryError, UsageError

#: How far numbers may be apart, as a share of the larger: single precision is no difference.
_NEARLY = 1e-6

_JSON = (".ndjson", ".jsonl")
_TEXTS = (pl.String, pl.Categorical, pl.Enum)


def read_log(path: Path) -> pl.DataFrame:
    """The rows of a log, or of a large one a sample of about 200,000.

    Raises:
        UsageError: its name does not say that it is NDJSON or Parquet.
        DeliveryError: it cannot be read.
    """
    if path.suffix not in (*_JSON, ".parquet"):
        raise UsageError(
            "a log is NDJSON or Parquet",
            where=str(path),
            next=f"its name ends with one of {', '.join(_JSON)}, .parquet",
        )
    try:
        if path.suffix == ".parquet":
            rows = pl.scan_parquet(path, glob=False)
        else:
            rows = pl.scan_ndjson(glob.escape(str(path)), infer_schema_length=None)
        count = int(rows.select(pl.len()).collect(engine="streaming").item())
        return thinned(rows, count).collect(engine="streaming")
    except (OSError, pl.exceptions.PolarsError) as error:
        raise DeliveryError(
            f"the log cannot be read: {str(error).splitlines()[0]}",
            where=str(path),
            next="it is to have one JSON object a line, or to be a whole Parquet file",
        ) from None


@dataclass(frozen=True, slots=True)
class Pair:
    """How values of a snapshot and of a log are compared.

    Attributes:
        offline, online: dtypes of the snapshot, and of the log.
        fits: they can be compared.
        same_type: they have one type, as far as the log's format can tell.
    """

    offline: pl.DataType
    online: pl.DataType
    fits: bool
    same_type: bool

    def differ(self, offline: str, online: str) -> pl.Expr:
        """Whether two columns have different values; no value is one value, NaN is none."""
        dtype, text = self.offline, isinstance(self.online, pl.String)
        before, now = pl.col(offline), pl.col(online)
        if isinstance(self.online, pl.Null):
            return (before.fill_nan(None) if dtype.is_float() else before).is_not_null()
        if dtype.is_numeric():
            a, b = (v.cast(pl.Float64, strict=False).fill_nan(None) for v in (before, now))
            far = (a - b).abs() > _NEARLY * pl.max_horizontal(a.abs(), b.abs())
            return (far & (a != b)).fill_null(a.is_null() != b.is_null())
        if isinstance(dtype, pl.Datetime):
            # A zone that is written down counts; Polars gives such texts in UTC.
            then = (
                now.str.to_datetime(time_zone="UTC", strict=False)
                if text
                else as_moment(online, self.online, late=False)
            )
            return as_moment(offline, dtype, late=False).ne_missing(then)
        if isinstance(dtype, pl.Date) and text:
            return before.ne_missing(now.str.to_date(strict=False))
        if isinstance(dtype, _TEXTS):
            return before.cast(pl.String).ne_missing(now.cast(pl.String))
        return before.ne_missing(now)


def comparable(offline: pl.DataType, online: pl.DataType, *, text: bool) -> Pair:
    """How two columns are compared.

    Args:
        text: the log is JSON, which has no dates, no decimal numbers, and no widths of numbers.
    """
    both = offline, online
    fits = same = True
    if offline == online or isinstance(online, pl.Null):
        pass  # where all are missing, JSON does not say of what type they would be
    elif all(one.is_numeric() for one in both):
        same = text or offline.is_float() == online.is_float()
    elif isinstance(offline, pl.Datetime) and isinstance(online, pl.Datetime):
        same = (offline.time_zone is None) == (online.time_zone is None)
    elif not all(isinstance(one, _TEXTS) for one in both):
        written = isinstance(offline, pl.Date | pl.Datetime) or offline.is_decimal()
        fits = isinstance(online, pl.String) and (written or offline.is_numeric())
        same = fits and text and written
    return Pair(offline, online, fits, same)
