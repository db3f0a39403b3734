"""The extract as rows of Polars, parsed as the floor does it, and both outcomes as Parquet."""

from __future__ import annotations

from pathlib import Path

import polars as pl
from floor import trimmed, typed
from rules import COLUMNS, READ

TEXTS = [f"{column}_text" for column in COLUMNS]
#: Rules that no library has ready. True passes; what has no value passes too.
CUSTOM = {
    **{f"{column}_read": ~pl.col(f"{column}_unread") for column in READ},
    "close_date_after_created": (pl.col("close_date") >= pl.col("created_date")).fill_null(True),
    "probability_won": ((pl.col("stage") != "closed won") | (pl.col("probability") == 100))
    .fill_null(True),
}  # fmt: skip


def scan(file: str) -> pl.LazyFrame:
    """Every row: its record number, the text as it came, values, and which text is unreadable."""
    rows = pl.scan_csv(file, infer_schema=False, row_index_name="record", row_index_offset=1)
    rows = trimmed(rows.with_columns(pl.col(COLUMNS).name.suffix("_text")))
    given = pl.col(READ).is_not_null().name.suffix("_given")
    rows = typed(rows.with_columns(given))
    unread = {f"{c}_unread": pl.col(f"{c}_given") & pl.col(c).is_null() for c in READ}
    return rows.with_columns(**unread).drop([f"{c}_given" for c in READ])


def known(accounts: str) -> pl.Expr:
    """Is the account known? True passes."""
    names = pl.read_parquet(accounts)["account_id"]
    return pl.col("account_id").is_in(names.implode()).fill_null(True)


def write(folder: str, clean: pl.DataFrame, held: pl.DataFrame) -> None:
    """Write rows that pass with their values, others as they came with `failed`, rules' names.

    Compressed as cleanhold does, which is quicker than what Polars does by default.
    """
    texts = [pl.col(text).alias(column) for text, column in zip(TEXTS, COLUMNS, strict=True)]
    clean.select("record", *COLUMNS).write_parquet(
        Path(folder) / "clean.parquet", compression="lz4"
    )
    held.select("record", *texts, "failed").write_parquet(
        Path(folder) / "held.parquet", compression="lz4"
    )
