"""Whether a text says something: repetition, and how much of it is letters."""

from __future__ import annotations

from functools import partial

import numpy as np
import polars as pl

from cleanhold.builtins.checks.conditions import failing
from cleanhold.builtins.checks.listing import listed
from cleanhold.builtins.checks.shapes import text_rule
from cleanhold.builtins.shingles import bytes_of, pieces, shingles, word_counts
from cleanhold.core.reading import RECORD
from cleanhold.core.rule import ColumnRule, GroupRule, Takes
from cleanhold.errors import ContractError

_LINE = "__line"


def _require_share(name: str, share: float) -> None:
    if not 0 <= share <= 1:
        raise ContractError(f"{name}={share!r} is no share", next=f"write {name}=0.3, for 30 %")


def _require_count(name: str, count: int) -> None:
    if count < 1:
        raise ContractError(f"{name}={count!r} is less than one", next=f"write {name}=5")


def _share_again(parts: pl.Expr) -> pl.Expr:
    """Of a list's elements, the share that another one before it is equal to; 0 to 1."""
    count = parts.list.len()
    return 1 - parts.list.n_unique() / pl.when(count > 0).then(count).otherwise(1)


@listed(
    passes=["a\nb\nc\nd\ne", "yes\nyes", "verse\nchorus\nverse 2\nchorus\nverse 3\nend"],
    fails=["Home\nNews\nHome\nNews\nHome\nNews", "a\n a\n\nb\na\nb\n"],
)
def no_repeated_lines(most: float = 0.3, least: int = 5) -> ColumnRule:
    """Text whose lines are not, for the most part, lines that were there before. Blank lines and
    white space around lines do not count.

    Source: Rae et al., Scaling Language Models (Gopher, 2021), table A1.

    Args:
        most: share of lines that may be repeats.
        least: lines that a text must have to be judged.

    Raises:
        ContractError: the share is not one of 0 to 1, or `least` is less than one.
    """
    _require_share("most", most)
    _require_count("least", least)

    def judge(text: pl.Expr) -> pl.Expr:
        line = pl.element().str.strip_chars()
        lines = text.str.split("\n").list.eval(line.filter(line != ""))
        return (lines.list.len() < least) | (_share_again(lines) <= most)

    return text_rule("no_repeated_lines", f"repeats more than {most:.0%} of its lines", judge)


_SAID = "the quick brown fox jumps over the lazy dog and runs away from all the noise it has made"


@listed(
    passes=[_SAID, "buy now buy now", f"{_SAID}. So it goes, and nobody has seen it ever since."],
    fails=["buy cheap pills online now " * 8, f"{_SAID} {_SAID}"],
)
def no_repeated_phrases(size: int = 5, most: float = 0.15, least: int = 15) -> ColumnRule:
    """Text that does not say the same again and again: of its phrases of so many words, few were
    there before. Case and punctuation do not count.

    Source: Rae et al., Scaling Language Models (Gopher, 2021), table A1, which measures characters
    where phrases are counted here.

    Args:
        size: words of a phrase.
        most: share of phrases that may be repeats. Gopher has 0.15 for 5 words, 0.10 for 10.
        least: phrases that a text must have to be judged.

    Raises:
        ContractError: the share is not one of 0 to 1, or a number is less than one.
    """
    _require_share("most", most)
    _require_count("size", size)
    _require_count("least", least)

    share = partial(_repeats, size=size, least=least)
    rule = text_rule(
        "no_repeated_phrases",
        f"says the same again in more than {most:.0%} of it",
        lambda text: text.map_batches(share, return_dtype=pl.Float64, is_elementwise=True) <= most,
    )
    return rule.but(code=f"no_repeated_phrases 1 {size} {most} {least}")


def _repeats(texts: pl.Series, *, size: int, least: int) -> pl.Series:
    """Of each text's phrases, the share that were there before; 0 if it has too few."""
    phrases = (word_counts(texts).fill_null(0).to_numpy().astype(float) - size + 1).clip(min=1)
    sizes = [shingles(texts[piece], size).sizes for piece in pieces(bytes_of(texts))]
    different = np.concatenate(sizes) if sizes else np.zeros(0)
    too_few = (phrases < least) | (different == 0)
    return pl.Series(texts.name, np.where(too_few, 0.0, 1 - different / phrases))


@listed(
    passes=["A sentence, with 2 numbers in it.", "12:30", "Это предложение из слов.",
            "日本語の文章です。日本語の文章です。"],
    fails=["|----|----|====|----|", "0.12 0.98 1.22 3.44 9.10", "$$$ !!! *** WIN *** !!! $$$"],
)  # fmt: skip
def mostly_letters(least: float = 0.5, length: int = 15) -> ColumnRule:
    """Text that is made of letters, not of digits and symbols. White space does not count.

    Args:
        least: share of characters that must be letters, of any script, with their marks.
        length: characters that a text must have to be judged.

    Raises:
        ContractError: the share is not one of 0 to 1.
    """
    _require_share("least", least)

    def judge(text: pl.Expr) -> pl.Expr:
        # Runs are taken out: to count single characters takes five times as long.
        visible = text.str.replace_all(r"\s+", "").str.len_chars()
        others = text.str.replace_all(r"[\p{L}\p{M}\s]+", "").str.len_chars()
        return (visible < length) | (others <= visible * (1 - least))

    return text_rule("mostly_letters", f"is letters for less than {least:.0%}", judge)


_FOOTER = "Sent from my phone, please excuse typing errors."


@listed(
    "body",
    least=1,
    passes=[{"body": [f"Dear Ada\n{_FOOTER}", "Dear Bob\nyours, Ada", None]}],
    fails=[{"body": [f"Dear Ada\n{_FOOTER}", f"Dear Bob\n{_FOOTER}"]}],
)
def no_shared_lines(
    column: str, *, share: float = 0.01, least: int = 20, length: int = 30
) -> GroupRule:
    """Text without lines that many rows have: menus, signatures, disclaimers. The finding names the
    first of them, and in how many rows it is. Memory: about twice that of the column.

    Args:
        share: of the rows that a line may be in.
        least: rows that it may be in, however few rows there are.
        length: characters of a line that counts.

    Raises:
        ContractError: the share is not one of 0 to 1, or a number is less than one.
    """
    _require_share("share", share)
    _require_count("least", least)
    _require_count("length", length)

    def fails(rows: pl.LazyFrame) -> pl.LazyFrame:
        text = pl.col(column).cast(pl.String)
        known = rows.select(RECORD, text.str.split("\n").alias(_LINE), pl.len().alias("__rows"))
        lines = known.explode(_LINE).with_columns(pl.col(_LINE).str.strip_chars())
        lines = lines.filter(pl.col(_LINE).str.len_chars() >= length)
        lines = lines.unique([RECORD, _LINE], keep="any").with_columns(
            pl.len().over(_LINE).alias("__count")
        )
        often = pl.col("__count") > pl.max_horizontal(pl.col("__rows") * share, pl.lit(least))
        found = pl.format("{} rows have the line {}", "__count", _LINE)
        ordered = lines.sort(RECORD, _LINE)
        return failing(ordered, often, found).unique(RECORD, keep="first", maintain_order=True)

    return GroupRule(
        name="no_shared_lines",
        says="{column} has a line that many rows have: {found}",
        reads=(column,),
        fails=fails,
        column=column,
        needs={column: Takes.TEXT},
    )
