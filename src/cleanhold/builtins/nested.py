"""Texts that hold several values: JSON, and lists with a separator."""

from __future__ import annotations

import json as std_json
import math
import re
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Context, Decimal, InvalidOperation
from functools import partial
from typing import Any, NoReturn

import polars as pl

from cleanhold.builtins.text import text
from cleanhold.core.parsing import DataType, ParseRule, refuse_type
from cleanhold.errors import ContractError
from cleanhold.expressions.limits import limits

_EXACT = Context(prec=76)
_DAY = "[0-9]{4}-[0-9]{2}-[0-9]{2}"


@dataclass(frozen=True, slots=True)
class Json:
    """See `json`."""

    fallible = True
    says = "JSON of the column's type"

    def clean(self, text: pl.Expr) -> pl.Expr:
        return text.str.strip_chars()

    def value(self, text: pl.Expr, dtype: DataType) -> pl.Expr:
        if dtype == pl.String:
            is_json = text.str.json_path_match("$").is_not_null() | (text == "null")
            return pl.when(is_json).then(text)
        if not isinstance(dtype, pl.Struct | pl.List | pl.Array):
            refuse_type("JSON", dtype, "str, a Struct or a List")
        return text.map_batches(
            partial(_decoded, dtype=dtype), return_dtype=dtype, is_elementwise=True
        )


def json() -> Json:
    """JSON. In a column of text it stays as written, but must be JSON; in one of `pl.Struct` or
    `pl.List` it becomes a value of that type.

    Nothing is lost on the way: a key that the type does not have, a value of another type and a
    number that would be rounded or cut do not parse. A key that is missing is a null. Dates in it
    are ISO 8601. Each distinct text of a Struct or List goes through Python's `json`: Polars' own
    stops at the first text that is none, and leaves out keys that it does not know.

    Source: RFC 8259.
    """
    return Json()


def _decoded(texts: pl.Series, *, dtype: pl.DataType) -> pl.Series:
    """JSON texts as values; null where one is not of the type."""
    distinct = texts.unique().drop_nulls()
    values = [_value_of(one, dtype) for one in distinct]
    known = pl.DataFrame({"text": distinct, "value": pl.Series(values, dtype=dtype)})
    asked = texts.alias("text").to_frame()
    return asked.join(known, on="text", how="left", maintain_order="left")["value"]


def _value_of(text: str, dtype: pl.DataType) -> Any:
    try:
        read = std_json.loads(
            text, parse_float=Decimal, parse_constant=_refuse, object_pairs_hook=_object
        )
        text.encode("utf-8")
        return _fitted(read, dtype)
    except (ValueError, RecursionError, InvalidOperation, OverflowError):
        return None


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    return found if len(found) == len(pairs) else _refuse("a key twice")


def _refuse(what: object) -> NoReturn:
    raise ValueError(what)


def _fitted(value: Any, dtype: Any) -> Any:
    """A value of JSON as one of a Polars type.

    Raises:
        ValueError: it is none, or would lose something.
    """
    if value is None:
        return None
    if isinstance(dtype, pl.Struct):
        kinds = {field.name: field.dtype for field in dtype.fields}
        if not isinstance(value, dict) or value.keys() - kinds.keys():
            _refuse(value)
        return {name: _fitted(value.get(name), kind) for name, kind in kinds.items()}
    if isinstance(dtype, pl.List | pl.Array):
        if not isinstance(value, list):
            _refuse(value)
        if isinstance(dtype, pl.Array) and len(value) != dtype.size:
            _refuse(value)
        return [_fitted(one, dtype.inner) for one in value]
    return _scalar(value, dtype)


def _scalar(value: Any, dtype: Any) -> Any:
    if isinstance(value, bool):
        return value if dtype == pl.Boolean else _refuse(value)
    if isinstance(value, str):
        return _of_text(value, dtype)
    if not isinstance(value, int | Decimal):
        _refuse(value)
    if isinstance(dtype, pl.Decimal):
        exact = Decimal(value)
        kept = exact.quantize(Decimal(1).scaleb(-dtype.scale), context=_EXACT)
        fits = kept == exact and kept.adjusted() < (dtype.precision or 38) - dtype.scale
        return kept if fits else _refuse(value)
    if dtype.is_float():
        number = float(value)
        return number if math.isfinite(number) else _refuse(value)
    if dtype.is_integer():
        low, high = limits(dtype)
        return int(value) if low <= value <= high and value == int(value) else _refuse(value)
    _refuse(value)


def _of_text(value: str, dtype: Any) -> Any:
    value.encode("utf-8")  # half of a surrogate pair is no text
    if dtype == pl.String:
        return value
    if dtype == pl.Date and re.fullmatch(_DAY, value):
        return date.fromisoformat(value)
    if isinstance(dtype, pl.Datetime) and dtype.time_zone is None:
        places = 3 if dtype.time_unit == "ms" else 6
        clock = rf"[T ][0-9]{{2}}:[0-9]{{2}}(?::[0-9]{{2}}(?:\.[0-9]{{1,{places}}})?)?"
        if re.fullmatch(_DAY + clock, value):
            return datetime.fromisoformat(value)
    _refuse(value)


@dataclass(frozen=True, slots=True)
class Split:
    """See `split`."""

    separator: str
    each: ParseRule
    blanks: bool = False

    fallible = True

    @property
    def says(self) -> str:
        return f"a list parted by {self.separator!r}, each {self.each.says}"

    def clean(self, text: pl.Expr) -> pl.Expr:
        return text.str.strip_chars()

    def value(self, text: pl.Expr, dtype: DataType) -> pl.Expr:
        if not isinstance(dtype, pl.List):
            refuse_type("lists", dtype, "a pl.List")
        inner: Any = dtype.inner
        piece = self.each.clean(pl.element())
        read = self.each.value(piece, inner)
        is_good = read.is_not_null()
        if self.blanks:
            read, is_good = pl.when(piece != "").then(read), is_good | (piece == "")
        else:
            is_good &= piece != ""
        pieces = text.str.split(self.separator)
        return pl.when(pieces.list.eval(is_good).list.all()).then(pieces.list.eval(read))


def split(separator: str = ",", each: ParseRule | None = None, *, blanks: bool = False) -> Split:
    """A list of values in a `pl.List` column: `red, green` parted at the commas.

    One piece that cannot be read, and the whole text does not parse.

    Args:
        separator: what stands between the pieces; blanks around it count for nothing.
        each: the rule that reads a piece; `text()` if not given.
        blanks: make a null of a blank piece, as in `a,,b`, which else does not parse.

    Raises:
        ContractError: there is no separator, or `each` is no rule.
    """
    if not isinstance(separator, str) or not separator:
        raise ContractError("split needs a separator", next="write split(';')")
    rule = text() if each is None else each
    if not isinstance(rule, ParseRule) or isinstance(rule, type):
        raise ContractError(
            f"each={each!r} is not a parse rule", next="write split(',', integer())"
        )
    return Split(separator, rule, blanks)
