"""Rows that are nearly others: the same person or firm, written twice."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial

import numpy as np
import polars as pl

from cleanhold.builtins.checks.conditions import grouped, literal, named, shown
from cleanhold.builtins.checks.listing import listed
from cleanhold.core.reading import RECORD
from cleanhold.core.rule import FOUND, GroupRule
from cleanhold.errors import ContractError

#: Pairs that are compared at a time.
_AT_ONCE = 200_000
_ANSWER = pl.Schema({RECORD: pl.UInt64(), FOUND: pl.String()})
_BLOCK, _SIZE, _OTHER = "block", "size", "other"


@listed(
    "name",
    "street",
    block="zip",
    passes=[
        {
            "name": ["Ada Lovelace", "Bob Dole", "Ada Lovelace", None],
            "street": ["1 Main St", "2 High St", "1 Main St", None],
            "zip": ["1", "1", "2", "1"],
        }
    ],
    fails=[
        {
            "name": ["Ada Lovelace", "ada lovelase"],
            "street": ["1 Main St", "1  Main Str."],
            "zip": ["1", "1"],
        }
    ],
)
def no_near_records(
    *columns: str, block: str | Sequence[str], least: float = 85, most: int = 200
) -> GroupRule:
    """Rows that are not nearly others, when some columns are read as one text, without regard to
    case and doubled blanks. Of two that are, the later fails, and its finding names the record of
    the other and how alike they are. Only rows of one block are compared, those that are alike in
    a column of `block`; if there are several, it is enough that one is. A block of more rows than
    `most` is left out, and the notes of the run tell how many there are.

    The score is that of rapidfuzz's `fuzz.ratio`: 100 for the same, 0 for nothing in common; twice
    the longest common subsequence by the characters of both. Memory: the columns, and 200,000 pairs
    at a time.

    Args:
        block: column or columns, such as a postal code or a date of birth.
        least: score from which on rows are alike, 0 to 100.
        most: rows of a block that are compared with each other.

    Raises:
        ContractError: no column is named, or an option is out of its range.
    """
    blocks = grouped(block)
    if not columns or not blocks or not 0 < least <= 100 or most < 2:
        raise ContractError(
            f"no_near_records has the columns {columns!r}, block={block!r}, least={least!r}, "
            f"most={most!r}; it needs columns, a block, a score up to 100 and two rows or more",
            next="write no_near_records('name', 'street', block='zip', least=85, most=200)",
        )
    near = partial(_near, columns=columns, blocks=blocks, least=least, most=most)
    return GroupRule(
        name="no_near_records",
        says=f"is nearly another row in {named(columns)} ({shown(columns)}): {{found}}",
        reads=tuple(dict.fromkeys([*columns, *blocks])),
        fails=lambda rows: rows.map_batches(near, schema=_ANSWER),
        code=f"no_near_records 1 {columns!r} {blocks!r} {least} {most}",
        beyond=lambda rows: [told for b in blocks for told in _left_out(rows.collect(), b, most)],
    )


def _near(
    rows: pl.DataFrame, *, columns: Sequence[str], blocks: Sequence[str], least: float, most: int
) -> pl.DataFrame:
    """The rows that are nearly an earlier one, and which."""
    texts = rows.select(RECORD, _as_one(columns).alias("text"), *blocks)
    texts = texts.filter(pl.col("text") != "")
    found = [pl.DataFrame(schema={RECORD: pl.UInt64, _OTHER: pl.UInt64, "score": pl.Float64})]
    for block in blocks:
        sized = _blocks(texts, block).filter(pl.col(_SIZE).is_between(2, most))
        for piece in _pieces(sized.sort(_BLOCK, RECORD)):
            found.append(_alike(piece, least))
    earliest = pl.concat(found).sort(RECORD, _OTHER).unique(RECORD, keep="first")
    told = pl.format("record {}, {} of 100", _OTHER, pl.col("score").round(1))
    return earliest.sort(RECORD).select(RECORD, told.alias(FOUND))


def _as_one(columns: Sequence[str]) -> pl.Expr:
    texts = [pl.col(c).cast(pl.String) for c in columns]
    joined = pl.concat_str(texts, separator=" ", ignore_nulls=True).str.to_lowercase()
    return joined.str.replace_all(r"\s+", " ").str.strip_chars()


def _blocks(rows: pl.DataFrame, block: str) -> pl.DataFrame:
    known = rows.rename({block: _BLOCK}).drop_nulls(_BLOCK)
    return known.with_columns(pl.len().over(_BLOCK).alias(_SIZE))


def _pieces(rows: pl.DataFrame) -> Iterator[pl.DataFrame]:
    """Whole blocks, so many at a time that their pairs are few enough."""
    pairs = (pl.col(_SIZE) - 1).cum_sum() // (2 * _AT_ONCE)
    numbered = rows.with_columns(pairs.first().over(_BLOCK).alias("piece"))
    yield from numbered.partition_by("piece", maintain_order=True)


def _alike(rows: pl.DataFrame, least: float) -> pl.DataFrame:
    from rapidfuzz import fuzz, process

    mine = rows.select(_BLOCK, RECORD, "text")
    pairs = mine.join(mine, on=_BLOCK, suffix="_other").filter(
        pl.col(RECORD) > pl.col(f"{RECORD}_other")
    )
    scores = process.cpdist(
        pairs["text"], pairs["text_other"], scorer=fuzz.ratio, dtype=np.float64, workers=1
    )
    return pairs.select(
        RECORD, pl.col(f"{RECORD}_other").alias(_OTHER), pl.Series("score", scores)
    ).filter(pl.col("score") >= least)


def _left_out(rows: pl.DataFrame, block: str, most: int) -> list[str]:
    large = _blocks(rows.select(RECORD, block), block).filter(pl.col(_SIZE) > most)
    if large.is_empty():
        return []
    count, height = large[_BLOCK].n_unique(), large.height
    blocks = "1 block" if count == 1 else f"{count:,} blocks"
    return [
        f"{height:,} rows are in {blocks} of {literal(block)} with more than {most} rows, "
        "and were not compared there"
    ]
