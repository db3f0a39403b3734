"""Writes a Polars expression as Python, with Polars' meaning of null and NaN.

Only what is known to mean the same is written; anything else is `Untranslatable`.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

import polars as pl

from cleanhold.core.parsing import DataType
from cleanhold.online import booleans, casts, choices, texts
from cleanhold.online.untranslatable import Untranslatable
from cleanhold.online.writer import Term, Writer

#: Dtypes of which a Python object holds every value without loss.
PLAIN = (pl.String, pl.Boolean, pl.Date, pl.Float64, pl.Decimal)


def is_plain(dtype: DataType) -> bool:
    """Whether Python's own type for a dtype means the same."""
    if isinstance(dtype, pl.Datetime):
        return dtype.time_zone is None and dtype.time_unit != "ns"
    return dtype in PLAIN or dtype.is_integer()


class Translator:
    """Writes expressions over the columns of one row.

    Args:
        writer: takes the code.
        schema: every column that an expression may read → dtype.
    """

    def __init__(self, writer: Writer, schema: Mapping[str, DataType]) -> None:
        self.writer = writer
        self.columns: dict[str, Term] = {}
        self._frame = pl.LazyFrame(schema=dict(schema))

    def term(self, expression: pl.Expr) -> Term:
        """The value of an expression, written if it is not yet.

        Raises:
            Untranslatable: it has a part that is not known to mean the same.
        """
        key = _bytes(expression)
        known = self.writer.recall(key)
        return known or self.writer.remember(key, self._write(expression))

    def dtype(self, expression: pl.Expr) -> DataType:
        """The dtype that Polars gives an expression."""
        return self._frame.select(expression).collect_schema().dtypes()[0]

    def _write(self, expression: pl.Expr) -> Term:
        (kind, node), *more = json.loads(_json(expression)).items()
        if more:
            raise Untranslatable("an unknown expression")
        if kind == "Column":
            if node not in self.columns:
                raise Untranslatable(f"the column {node!r}")
            return self.columns[node]
        if kind == "Literal":
            return self._literal(expression, node)
        children = _children(expression, kind, node)
        if kind == "Alias":
            return self.term(children[0])
        if kind == "Ternary":
            return self._ternary(expression, *children)
        if kind == "Cast":
            strict = node["options"] != "NonStrict"
            return casts.cast(self.writer, self.term(children[0]), self.dtype(expression), strict)
        if kind == "BinaryExpr":
            left, right = map(self.term, children)
            return booleans.binary(self.writer, node["op"], left, right)
        if kind == "Function":
            return self._function(expression, node["function"], children)
        raise Untranslatable(f"{kind} expressions")

    def _literal(self, expression: pl.Expr, node: Any) -> Term:
        series = pl.select(expression).to_series()
        is_list = isinstance(node, dict) and ("Series" in node or _is_list(node))
        if is_list:
            if series.dtype == pl.List:
                series = series.explode() if len(series) == 1 else series
            dtype: DataType = pl.List(series.dtype)
            return Term(
                self.writer.constant(series.to_list()), dtype, False, value=series.to_list()
            )
        if len(series) != 1 or not (is_plain(series.dtype) or series.dtype == pl.Null):
            raise Untranslatable(f"literals of {series.dtype}")
        value = series[0]
        plain = value is None or isinstance(value, bool | int | str)
        code = repr(value) if plain else self.writer.constant(value)
        dynamic = isinstance(node, dict) and "Dyn" in node
        return Term(code, series.dtype, value is None, dynamic, value)

    def _ternary(
        self, expression: pl.Expr, then: pl.Expr, otherwise: pl.Expr, when: pl.Expr
    ) -> Term:
        dtype = _plainly(self.dtype(expression))
        test = self.term(when)
        name, nullable = self.writer.fresh(), False
        for head, branch in ((f"if {test.code}:", then), ("else:", otherwise)):
            with self.writer.block(head):
                term = self.term(branch)
                self.writer.line(f"{name} = {_as(term, dtype)}")
                nullable |= term.nullable
        return Term(name, dtype, nullable)

    def _function(self, expression: pl.Expr, function: Any, children: list[pl.Expr]) -> Term:
        name, options = _named(function)
        if name == "Coalesce":
            return self._coalesce(expression, children)
        if name == "ListExpr" and options == {"Get": True}:
            return self._code_map(*children)
        terms = [self.term(child) for child in children]
        family: Callable[..., Term] | None = None
        if name == "StringExpr":
            name, options = _named(options)
            family = texts.FUNCTIONS.get(name)
        elif name == "Boolean":
            name, options = _named(options)
            family = booleans.BOOLEANS.get(name)
        elif name == "TemporalExpr":
            name, options = _named(options)
            family = texts.TIMES.get(name)
        else:
            family = choices.FUNCTIONS.get(name)
        if family is None:
            raise Untranslatable(f"the function {name}")
        return family(self.writer, terms, options)

    def _code_map(self, meanings: pl.Expr, place: pl.Expr) -> Term:
        """A text's place in an Enum, in a list: how parse rules read codes."""
        cast, *more = _parts(place, "Function")
        places = self.dtype(cast)
        if more or not isinstance(places, pl.Enum):
            raise Untranslatable("values out of a list")
        (text,) = _parts(cast, "Cast")
        if not place.meta.eq(text.cast(places, strict=False).to_physical()):
            raise Untranslatable("values out of a list")
        return choices.code_map(
            self.writer,
            self.term(text),
            places.categories.to_list(),
            self.term(meanings).value,
        )

    def _coalesce(self, expression: pl.Expr, children: list[pl.Expr]) -> Term:
        dtype = _plainly(self.dtype(expression))
        first = self.term(children[0])
        name, nullable = self.writer.let(_as(first, dtype)), first.nullable
        for child in children[1:]:
            with self.writer.block(f"if {name} is None:"):
                term = self.term(child)
                self.writer.line(f"{name} = {_as(term, dtype)}")
                nullable = nullable and term.nullable
        return Term(name, dtype, nullable)


def _plainly(dtype: DataType) -> DataType:
    if not is_plain(dtype):
        raise Untranslatable(f"values of {dtype}")
    return dtype


def _children(expression: pl.Expr, kind: str, node: Any) -> list[pl.Expr]:
    """An expression's parts, in the order that its JSON names them."""
    parts = expression.meta.pop()[::-1]
    named: list[Any] = []
    if kind == "Function":
        named = node["input"]
    elif kind == "Ternary":
        named = [node["truthy"], node["falsy"], node["predicate"]]
    elif kind == "BinaryExpr":
        named = [node["left"], node["right"]]
    elif kind == "Cast":
        named = [node["expr"]]
    elif kind == "Alias":
        named = [node[0]]
    if len(named) != len(parts) or any(
        json.loads(_json(part)) != wanted for part, wanted in zip(parts, named, strict=True)
    ):
        raise Untranslatable(f"{kind} expressions")
    return parts


def _parts(expression: pl.Expr, wanted: str) -> list[pl.Expr]:
    """The parts of an expression of one kind; none of any other kind is known."""
    ((kind, node),) = json.loads(_json(expression)).items()
    if kind != wanted:
        raise Untranslatable(f"{kind} expressions")
    return _children(expression, kind, node)


def _as(term: Term, dtype: DataType) -> str:
    """The code of a term that becomes a value of `dtype` without a conversion."""
    if term.dtype == pl.Null or (term.dtype == dtype and not term.dynamic):
        return term.code
    if term.dynamic and isinstance(term.value, int) and dtype.is_integer():
        return term.code
    raise Untranslatable(f"{term.dtype} where there is {dtype} too")


def _is_list(node: Mapping[str, Any]) -> bool:
    scalar = node.get("Scalar")
    return isinstance(scalar, dict) and "List" in scalar


def _named(function: Any) -> tuple[str, Any]:
    """A function's name and options: Polars writes `"Name"` or `{"Name": options}`."""
    if isinstance(function, str):
        return function, None
    ((name, options),) = function.items()
    return name, options


def _json(expression: pl.Expr) -> str:
    return str(expression.meta.serialize(format="json"))


def _bytes(expression: pl.Expr) -> bytes:
    return bytes(expression.meta.serialize())
