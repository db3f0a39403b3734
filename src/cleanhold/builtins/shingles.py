"""Texts as sets of numbers: each run of words is one. The same on every machine, in every process.

Words are hashed by a polynomial over their bytes, modulo 2^64 (Karp and Rabin, Efficient randomized
pattern-matching algorithms, 1987): no loop over texts or words.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

Numbers = npt.NDArray[np.uint64]
Places = npt.NDArray[np.int64]

#: Runs of letters and digits; of scripts without blanks, single characters.
_WORD = (
    r"[\p{Han}\p{Hiragana}\p{Katakana}\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}]\p{M}*|[\p{L}\p{M}\p{N}]+"
)
#: Bytes of text that are looked at together.
_PIECE = 8_000_000
_BASE = 0x9E3779B97F4A7C15


@dataclass(frozen=True, slots=True)
class Shingles:
    """The sets of some texts, one after the other.

    Attributes:
        numbers: those of the first text, ascending and each once, then those of the second, …
        starts: where each text's begin; ends with the length of `numbers`.
    """

    numbers: Numbers
    starts: Places

    @property
    def sizes(self) -> Places:
        """How many numbers each text has."""
        return np.diff(self.starts)

    @property
    def sums(self) -> Numbers:
        """Of each text one number that is the same for the same set; every text must have one."""
        return np.add.reduceat(_mixed(self.numbers), self.starts[:-1])


def pieces(sizes: Places) -> Iterator[slice]:
    """Texts, or pairs of them, in runs of bounded size; `sizes` are their bytes."""
    ends = np.cumsum(sizes)
    start = 0
    while start < len(sizes):
        before = int(ends[start - 1]) if start else 0
        end = max(start + 1, int(np.searchsorted(ends, before + _PIECE, side="right")))
        yield slice(start, end)
        start = end


def bytes_of(texts: pl.Series) -> Places:
    """How many bytes each text has in UTF-8."""
    return texts.str.len_bytes().fill_null(0).cast(pl.Int64).to_numpy()


def word_counts(texts: pl.Series) -> pl.Series:
    """How many words each text has."""
    return texts.str.count_matches(_WORD)


def shingles(texts: pl.Series, size: int) -> Shingles:
    """The runs of `size` words of each text, without regard to case and punctuation, as numbers of
    64 bits. A text of fewer words is one run; one without words, or null, has none."""
    words = texts.str.to_lowercase().str.extract_all(_WORD)
    counts = words.list.len().fill_null(0).to_numpy().astype(np.int64)
    hashed = _hashed(words.explode(empty_as_null=False, keep_nulls=False))
    runs = np.where(counts > 0, np.maximum(counts - size + 1, 1), 0)
    owner = np.repeat(np.arange(len(counts)), runs)
    first_word, first_run = np.cumsum(counts) - counts, np.cumsum(runs) - runs
    at = first_word[owner] + np.arange(len(owner)) - first_run[owner]
    end = (first_word + counts)[owner]
    numbers = np.zeros(len(owner), dtype=np.uint64)
    padded = np.append(hashed, np.zeros(size, dtype=np.uint64))
    for after in range(size):
        word = np.where(at + after < end, padded[at + after], 0).astype(np.uint64)
        numbers = numbers * np.uint64(_BASE) + word
    numbers = _mixed(numbers)
    order = np.lexsort((numbers, owner))
    numbers, owner = numbers[order], owner[order]
    once = np.ones(len(owner), dtype=bool)
    once[1:] = (numbers[1:] != numbers[:-1]) | (owner[1:] != owner[:-1])
    sizes = np.bincount(owner[once], minlength=len(counts))
    return Shingles(numbers[once], np.append(0, np.cumsum(sizes)).astype(np.int64))


def _hashed(words: pl.Series) -> Numbers:
    """A number for each word; none is empty."""
    if not len(words):
        return np.zeros(0, dtype=np.uint64)
    lengths = words.str.len_bytes().cast(pl.Int64).to_numpy()
    starts = np.cumsum(lengths) - lengths
    body = np.frombuffer(words.str.join("").item().encode(), dtype=np.uint8)
    places = np.arange(len(body)) - np.repeat(starts, lengths)
    powers = np.cumprod(np.full(lengths.max(), _BASE, dtype=np.uint64))
    sums = np.add.reduceat(_BYTES[body] * powers[places], starts)
    return _mixed(sums + lengths.astype(np.uint64))


def _mixed(numbers: Numbers) -> Numbers:
    """Numbers whose bits are spread (Steele et al., Fast splittable generators, 2014)."""
    numbers = (numbers ^ (numbers >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    numbers = (numbers ^ (numbers >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return numbers ^ (numbers >> np.uint64(31))


_BYTES = _mixed(np.arange(1, 257, dtype=np.uint64))
