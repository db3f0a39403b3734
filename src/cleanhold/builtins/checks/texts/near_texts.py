"""Texts that are nearly those of other rows."""

from __future__ import annotations

from functools import partial

import numpy as np
import polars as pl

from cleanhold.builtins.checks.listing import listed
from cleanhold.builtins.minhash import Bands, meeting
from cleanhold.builtins.shingles import Places, bytes_of, pieces, shingles, word_counts
from cleanhold.core.reading import RECORD
from cleanhold.core.rule import FOUND, GroupRule, Takes
from cleanhold.errors import ContractError

_ANSWER = pl.Schema({RECORD: pl.UInt64(), FOUND: pl.String()})

_STORY = "There was a small dog that lived by the sea and was not afraid of the rain."
_OTHER = "Sales in the northern region grew last year while all the others fell."


@listed(
    "body",
    passes=[{"body": [_STORY, _OTHER, None]}, {"body": ["thank you", "thank you"]}],
    fails=[
        {"body": [_STORY, _OTHER, _STORY.upper() + "!"]},
        {"body": [_STORY, _OTHER, _STORY.replace("the rain", "the cold")]},
    ],
)
def no_near_duplicates(
    column: str, *, similarity: float = 0.8, size: int = 3, least: int = 10, best: str | None = None
) -> GroupRule:
    """Texts that are not nearly those of other rows, without regard to case and punctuation. Of
    two that are, the later fails, and its finding names the record of the other and how alike they
    are: the share of all their runs of words that both have (Jaccard). What is called alike is so:
    candidates are found by MinHash, and then compared exactly. Some may be missed.

    Sources: Broder, On the resemblance and containment of documents (1997); Lee et al.,
    Deduplicating Training Data Makes Language Models Better (2022).

    Args:
        similarity: from which on texts are alike; 0.5 to 1.
        size: words of a run. Each character counts as a word where a script has no blanks.
        least: words that a text must have to be judged.
        best: a column; the row where it is greatest is kept, and not the first.

    Raises:
        ContractError: an option is out of its range.
    """
    if not 0.5 <= similarity <= 1:
        raise ContractError(
            f"similarity={similarity!r} is not from 0.5 to 1", next="write similarity=0.8"
        )
    if size < 1 or least < 1:
        raise ContractError(
            f"size={size!r} and least={least!r} are not both one or more",
            next="write size=3, least=10",
        )
    near = partial(_near, column=column, similarity=similarity, size=size, least=least, best=best)
    return GroupRule(
        name="no_near_duplicates",
        says="{column} is nearly that of another row: {found}",
        reads=(column, best) if best else (column,),
        fails=lambda rows: rows.map_batches(near, schema=_ANSWER),
        column=column,
        needs={column: Takes.TEXT, **({best: Takes.MEASURE} if best else {})},
        code=f"no_near_duplicates 1 {column!r} {similarity} {size} {least} {best!r}",
    )


def _near(
    rows: pl.DataFrame, *, column: str, similarity: float, size: int, least: int, best: str | None
) -> pl.DataFrame:
    """The rows that are nearly another one, and which; in the order in which rows are kept."""
    first = [pl.col(best).alias("best")] if best else []
    known = rows.select(RECORD, pl.col(column).cast(pl.String).alias("text"), *first)
    known = known.filter(word_counts(known["text"]) >= least)
    if best:
        known = known.sort("best", RECORD, descending=[True, False], nulls_last=True)
    if known.height < 2:
        return _ANSWER.to_frame()
    alike = _same(known["text"], similarity, size)
    twins = known[RECORD].gather(alike["twin"])
    told = pl.format(
        "record {} is {} % the same", twins, (alike["share"] * 100 + 1e-9).floor().cast(pl.Int64)
    )
    return pl.DataFrame(
        {RECORD: known[RECORD].gather(alike["place"]), FOUND: pl.select(told).to_series()}
    )


def _same(texts: pl.Series, similarity: float, size: int) -> pl.DataFrame:
    """Places of texts that are like one before them: `place`, `twin`, `share`."""
    bands = Bands.of(similarity)
    keys, sums = [], []
    for piece in pieces(bytes_of(texts)):
        given = shingles(texts[piece], size)
        keys.append(bands.keys(given))
        sums.append(given.sums)
    sets = pl.DataFrame({"sum": np.concatenate(sums)}).with_row_index("place")
    sets = sets.with_columns(
        pl.col("place").min().over("sum").alias("twin"), pl.lit(1.0).alias("share")
    )
    is_first = (sets["place"] == sets["twin"]).to_numpy()
    firsts = np.flatnonzero(is_first)
    earlier, later = meeting(np.concatenate(keys, axis=1)[:, is_first])
    near = _shares(texts, firsts[earlier], firsts[later], size)
    near = near.filter(pl.col("share") >= similarity).unique(
        "place", keep="first", maintain_order=True
    )
    return pl.concat([sets.filter(~is_first).select(near.columns).cast(near.schema), near])


def _shares(texts: pl.Series, twins: Places, places: Places, size: int) -> pl.DataFrame:
    """How much of what either of two texts has both have, 0 to 1, exactly."""
    length = bytes_of(texts)
    found = [pl.DataFrame(schema={"place": pl.Int64, "twin": pl.Int64, "share": pl.Float64})]
    for piece in pieces(length[twins] + length[places]):
        used = np.unique(np.append(twins[piece], places[piece]))
        given = shingles(texts.gather(used), size)
        sizes = pl.DataFrame({"text": used, "size": given.sizes})
        sets = pl.DataFrame({"text": np.repeat(used, given.sizes), "number": given.numbers})
        pairs = pl.DataFrame({"place": places[piece], "twin": twins[piece]}).with_row_index("pair")
        both = (
            pairs.join(sets, left_on="twin", right_on="text")
            .join(sets, left_on=["place", "number"], right_on=["text", "number"])
            .group_by("pair")
            .agg(pl.len().cast(pl.Int64).alias("both"))
        )
        measured = (
            pairs.join(both, on="pair", how="left", maintain_order="left")
            .join(sizes, left_on="place", right_on="text", maintain_order="left")
            .join(sizes, left_on="twin", right_on="text", suffix="_twin", maintain_order="left")
        )
        common = pl.col("both").fill_null(0)
        either = pl.col("size") + pl.col("size_twin") - common
        found.append(measured.select("place", "twin", (common / either).alias("share")))
    return pl.concat(found)
