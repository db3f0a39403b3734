"""One value in the place of another."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import polars as pl

from cleanhold.online.untranslatable import Untranslatable
from cleanhold.online.writer import Term, Writer


def _fill_null(writer: Writer, terms: Sequence[Term], _: Any) -> Term:
    term, filling = terms
    if term.dtype != filling.dtype or filling.dynamic or filling.value is None:
        raise Untranslatable(f"{filling.dtype} in the place of a null {term.dtype}")
    if not term.nullable:
        return term
    code = f"{filling.code} if {term.code} is None else {term.code}"
    if filling.value is True:
        code = f"{term.code} is not False"
    elif filling.value is False:
        code = f"{term.code} is True"
    return Term(writer.let(code), term.dtype, filling.nullable)


def _replace(writer: Writer, terms: Sequence[Term], _: Any) -> Term:
    """Null in the place of one number, which is how parse rules refuse infinity."""
    term, old, new = terms
    number = old.value
    if term.dtype != pl.Float64 or not isinstance(number, float) or new.value is not None:
        raise Untranslatable("replacing values")
    if math.isnan(number):
        raise Untranslatable("replacing NaN")
    return Term(writer.let(f"None if {term.code} == {old.code} else {term.code}"), term.dtype, True)


def _replace_strict(writer: Writer, terms: Sequence[Term], options: Any) -> Term:
    """A code map: text to text, null for what is not in it."""
    term, old, new, *default = terms
    listed = isinstance(old.value, list) and isinstance(new.value, list)
    texts = term.dtype == pl.String and options.get("return_dtype") == {"Literal": "String"}
    if not (listed and texts and len(default) == 1 and default[0].value is None):
        raise Untranslatable("replacing values")
    pairs = dict(zip(old.value, new.value, strict=False))
    if not all(isinstance(text, str) for pair in pairs.items() for text in pair):
        raise Untranslatable("replacing values")
    if len(pairs) != len(old.value) or len(old.value) != len(new.value):
        raise Untranslatable("replacing values")
    return Term(writer.let(f"{writer.constant(pairs)}.get({term.code})"), pl.String(), True)


FUNCTIONS = {"FillNull": _fill_null, "Replace": _replace, "ReplaceStrict": _replace_strict}
