"""pandera: `drop_invalid_rows`, which does not tell the rule; held rows are those that are gone.

pandera_drop.py FILE ACCOUNTS FOLDER
"""

from __future__ import annotations

import sys

import polars as pl
from pandera_schema import schema
from rows import scan, write

_, file, accounts, folder = sys.argv
rows = scan(file).collect(engine="streaming")
clean = schema(accounts, drop_invalid_rows=True).validate(rows, lazy=True)
held = rows.join(clean, on="record", how="anti", maintain_order="left")
write(folder, clean, held.with_columns(failed=pl.lit([], pl.List(pl.String))))
