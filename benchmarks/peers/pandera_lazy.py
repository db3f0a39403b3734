"""pandera: validate lazily, then take the failing rows out by their position.

pandera_lazy.py FILE ACCOUNTS FOLDER
"""

from __future__ import annotations

import sys

import pandera.polars as pa
import polars as pl
from pandera_schema import schema
from rows import scan, write

_, file, accounts, folder = sys.argv
rows = scan(file).collect(engine="streaming").with_row_index("position")
#: What pandera calls its own checks, as the rules are called.
rule = (
    pl.when(pl.col("check") == "not_nullable")
    .then(pl.col("column") + "_present")
    .when(pl.col("check") == "field_uniqueness")
    .then(pl.col("column") + "_unique")
    .otherwise("check")
)
try:
    schema(accounts).validate(rows, lazy=True)
    failing = pl.DataFrame(schema={"position": pl.UInt32, "failed": pl.List(pl.String)})
except pa.errors.SchemaErrors as errors:
    cases = errors.failure_cases.with_columns(position=pl.col("index").cast(pl.UInt32))
    failing = cases.group_by("position").agg(failed=rule)
clean = rows.join(failing, on="position", how="anti", maintain_order="left")
write(folder, clean, rows.join(failing, on="position", maintain_order="left"))
