"""Findings, and the schemas of the files that carry them."""

from __future__ import annotations

from typing import Any

import polars as pl

#: One check failing on one row. `value` is the offending value as text (null when the check
#: is about several columns and none is to blame); `severity` is `error` or `warn`.
FINDING: dict[str, Any] = {
    "check": pl.String,
    "column": pl.String,
    "value": pl.String,
    "message": pl.String,
    "severity": pl.String,
}
FINDINGS = pl.List(pl.Struct(FINDING))

#: A quarantine batch: one row per held row. `raw` and `parsed` are JSON objects
#: (raw column → text as delivered; contract column → parsed value).
HELD_SCHEMA: dict[str, Any] = {
    "row_id": pl.String,
    "record": pl.UInt64,
    "offset": pl.UInt64,
    "length": pl.UInt64,
    "business_key": pl.String,
    "raw": pl.String,
    "parsed": pl.String,
    "findings": FINDINGS,
}

#: Findings of severity `warn` on rows that passed.
WARNED_SCHEMA: dict[str, Any] = {"row_id": pl.String, "record": pl.UInt64, "findings": FINDINGS}

#: Records that could not become rows.
REFUSED_FILE_SCHEMA: dict[str, Any] = {
    "row_id": pl.String,
    "record": pl.UInt64,
    "offset": pl.UInt64,
    "length": pl.UInt64,
    "code": pl.String,
    "message": pl.String,
    "bytes": pl.Binary,
}

#: Provenance columns that begin every clean file.
ROW_ID, RECORD_NUMBER = "row_id", "record"


def business_key(columns: tuple[str, ...]) -> pl.Expr:
    """The key of a row as one text, parts joined with ` | `; null if any part is null."""
    if not columns:
        return pl.lit(None, dtype=pl.String)
    return pl.concat_str([pl.col(c).cast(pl.String) for c in columns], separator=" | ")
