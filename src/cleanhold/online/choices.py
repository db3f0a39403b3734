"""One value in the place of another."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import polars as pl

from cleanhold.expressions.untranslatable import Untranslatable
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


def code_map(writer: Writer, text: Term, codes: Sequence[str], meanings: Any) -> Term:
    """A text's meaning by its place among the codes; null for what is not among them."""
    listed = isinstance(meanings, list) and len(meanings) == len(codes)
    if text.dtype != pl.String or not listed or not all(isinstance(m, str) for m in meanings):
        raise Untranslatable("values out of a list")
    known = writer.constant(dict(zip(codes, meanings, strict=True)))
    return Term(writer.let(f"{known}.get({text.code})"), pl.String(), True)


FUNCTIONS = {"FillNull": _fill_null}
