"""What each remedy makes of a text. None guesses: where two answers fit, there is none."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import polars as pl

from cleanhold.builtins.mojibake import repaired
from cleanhold.builtins.text import INVISIBLE
from cleanhold.core.remedy import Remedy

#: Shortest text that has a nearest one: in shorter ones a single letter makes another word.
_SHORTEST = 4

#: Most distinct texts of a list that are compared one by one.
_LONGEST_LIST = 5_000

#: How much further off the next known text must be, in letters.
_AHEAD = 2

_NUMBERS = re.compile(r"\D?[0-9]+\D?")
_SEPARATORS = r"[\s\-_/'’:;]+"


@dataclass(frozen=True, slots=True)
class Known:
    """Texts that a value may be.

    Attributes:
        listed: all of them, where they are few enough to be listed.
        written: what `plain` makes of one → the one; of those that are alike, none.
    """

    listed: frozenset[str] = frozenset()
    written: Mapping[str, str] = field(default_factory=dict)

    def meaning(self, pairs: Iterable[tuple[str, str]]) -> Known:
        """The same, where what a text means is another way to write it; (text, meaning) each.

        Of a meaning that several texts have, or that is itself a text, nothing is known.
        """
        texts: dict[str, list[str]] = {}
        for text, meaning in pairs:
            texts.setdefault(meaning, []).append(text)
        meant = known_of(texts.keys()).written
        more = {p: texts[m][0] for p, m in meant.items() if len(texts[m]) == 1}
        return Known(self.listed, {**more, **self.written})


def known_of(listed: Collection[str]) -> Known:
    """What may be looked up in a list."""
    names = pl.Series("name", sorted(listed), dtype=pl.String)
    plains = names.to_frame().select(plain(pl.col("name"))).to_series().to_list()
    times = Counter(plains)
    found = zip(plains, names, strict=True)
    return Known(frozenset(listed), {p: n for p, n in found if p and times[p] == 1})


def remedied(
    values: Sequence[str], remedies: Collection[Remedy], known: Known | None = None
) -> dict[str, tuple[str, tuple[Remedy, ...]]]:
    """Values that remedies change → what they become, and the remedies it took.

    They are tried one after the other, in the order of `Remedy`, until the text is a known one.
    Where texts are looked up, what is not found stays as it is.

    Args:
        values: distinct texts.
        remedies: that may be used.
        known: texts to look up in.
    """
    known, texts = known or Known(), pl.Series("text", values, dtype=pl.String)
    used: list[tuple[Remedy, ...]] = [()] * len(texts)
    allowed = set(known.written.values()) | known.listed
    for remedy in Remedy:
        if remedy in remedies:
            news = _applied(remedy, texts, known).to_list()
            both = list(zip(texts, news, strict=True))
            is_done = [old in allowed or new is None or new == old for old, new in both]
            used = [u if done else (*u, remedy) for u, done in zip(used, is_done, strict=True)]
            found = (old if done else new for (old, new), done in zip(both, is_done, strict=True))
            texts = pl.Series("text", list(found), dtype=pl.String)
    every = zip(values, texts, used, strict=True)
    must = any(remedy.looks_up for remedy in remedies)
    return {
        old: (new, steps) for old, new, steps in every if steps and (new in allowed or not must)
    }


def _applied(remedy: Remedy, texts: pl.Series, known: Known) -> pl.Series:
    """What one remedy makes of texts; a text as it is, or null, where it has no answer."""
    match remedy:
        case Remedy.MOJIBAKE:
            mended = repaired(texts)
            return texts.zip_with(mended.str.contains("\ufffd"), mended)  # bytes were lost
        case Remedy.WIDTH:
            return pl.Series(texts.name, [_narrow(t) for t in texts], dtype=pl.String)
        case Remedy.TRIM:
            seen = texts.str.replace_all(INVISIBLE, "").str.replace_all(r"\s+", " ")
            return seen.str.strip_chars()
        case Remedy.WRITING:
            plains = texts.to_frame("text").select(plain(pl.col("text"))).to_series()
            return pl.Series([known.written.get(p) for p in plains], dtype=pl.String)
        case Remedy.NEAREST:
            plains = texts.to_frame("text").select(plain(pl.col("text"))).to_series()
            return pl.Series([nearest(p, known.written) for p in plains], dtype=pl.String)


def _narrow(text: str) -> str:
    """Without the wide forms of letters and digits, and the narrow ones of kana."""
    return unicodedata.normalize("NFC", "".join(_narrowed(c) for c in text))


def _narrowed(char: str) -> str:
    kind = unicodedata.decomposition(char)
    return unicodedata.normalize("NFKC", char) if kind.startswith(("<wide>", "<narrow>")) else char


def plain(text: pl.Expr) -> pl.Expr:
    """Text → what is left of it without case, width, separators and leading zeros.

    Signs stay: `-5` is not `5`, nor `A-` or `A+` an `A`, `1.5` not `15`, nor `1-5`: between digits
    blanks and hyphens are taken away only from long numbers.
    """
    usual = pl.when(text.str.contains(r"\p{No}")).then(text.str.normalize("NFC")).otherwise(
        text.str.normalize("NFKC")
    )  # fmt: skip
    made = usual.str.replace_all(INVISIBLE, "").str.to_lowercase().str.strip_chars()
    made = made.str.replace_all(r"(\p{L})[.,]+", "${1}")
    for _ in range(2):  # a single letter ends one match and cannot begin the next
        made = made.str.replace_all(rf"([\p{{L}}\p{{N}}]){_SEPARATORS}(\p{{L}})", "${1}${2}")
        made = made.str.replace_all(r"(\p{L})(?:\s+-\s+|\s+|[-_/'’:;])(\p{N})", "${1}${2}")
    joined = made
    for _ in range(2):
        joined = joined.str.replace_all(r"(\p{N})[\s-](\p{N})", "${1}${2}")
    made = pl.when(made.str.count_matches(r"\p{N}") >= 6).then(joined).otherwise(made)
    return made.str.replace_all(r"(^|\p{L})0+([0-9])", "${1}${2}")


def nearest(text: str | None, written: Mapping[str, str]) -> str | None:
    """The known text that one is most like, by letters left out, put in, swapped or mistaken.

    At most one in texts of up to seven letters, two in up to 19, a tenth in longer ones. Digits
    and what is beside them must be the same, for a digit off is something else; so must the first
    letter be, for `inactive` is not `active`, unless it alone was mistaken. The next known text
    must be two letters further off.

    Args:
        text: as `plain` makes it; `written`: so too → the text.
    """
    from rapidfuzz import process
    from rapidfuzz.distance import OSA

    if text is None or len(text) < _SHORTEST or len(written) > _LONGEST_LIST:
        return None
    most = 1 if len(text) < 8 else max(2, len(text) // 10)
    numbers = _NUMBERS.findall(text)
    rivals = [p for p in written if _NUMBERS.findall(p) == numbers]
    close = process.extract(
        text, rivals, scorer=OSA.distance, score_cutoff=most + _AHEAD - 1, limit=2
    )
    if not close or (len(close) > 1 and close[1][1] - close[0][1] < _AHEAD):
        return None
    found, distance, _ = close[0]
    is_mistaken = distance == 1 and len(found) == len(text) > _SHORTEST
    if distance > most or not (found[0] == text[0] or is_mistaken):
        return None
    return written[found]
