"""Writes a Polars expression in narwhals, where every engine gives the same bits for it."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import narwhals.stable.v2 as nw
import polars as pl

from cleanhold.core.parsing import DataType
from cleanhold.expressions.limits import limits
from cleanhold.expressions.tree import Literal, Node, function_of, key_of, literal_of, read
from cleanhold.expressions.untranslatable import Untranslatable
from cleanhold.plan.portable import casts, numbers, texts, truths
from cleanhold.plan.portable.term import Span, Term, is_moment

_FAMILIES: Mapping[str, tuple[str, Mapping[str, Callable[[Sequence[Term], Any], Term]]]] = {
    "StringExpr": ("str.", texts.FUNCTIONS),
    "TemporalExpr": ("dt.", texts.TIMES),
    "Boolean": ("", truths.FUNCTIONS),
    "": (
        "",
        {
            "Abs": lambda terms, _: numbers.absolute(terms[0]),
            "Clip": lambda terms, options: numbers.clipped(terms[0], terms[1], options),
            "Round": lambda terms, options: numbers.rounded(terms[0], options),
        },
    ),
}
#: Functions whose name in Polars is not what Polars writes of them, or that need a word more.
_TOLD = {
    "Business": "dt.is_business_day and its like",
    "Lowercase": "str.to_lowercase, for engines differ on letters beyond ASCII",
    "Uppercase": "str.to_uppercase, for engines differ on letters beyond ASCII",
    "Strptime": "text as a date or time, for engines differ on what they take for one",
}


class Translator:
    """Writes expressions over the columns of a table.

    Args:
        schema: every column that an expression may read → dtype.
        prefix: of the working columns.

    Attributes:
        numbers: working column → a number that was read from text. Checks of digits refer to one
            again and again, and an engine that put it in each place would plan for minutes.
    """

    def __init__(self, schema: Mapping[str, DataType], prefix: str) -> None:
        self.numbers: dict[str, nw.Expr] = {}
        self._schema, self._prefix = schema, prefix
        self._frame = pl.LazyFrame(schema=dict(schema))
        self._known: dict[bytes, Term] = {}

    def term(self, expression: pl.Expr) -> Term:
        """An expression in narwhals.

        Raises:
            Untranslatable: a part of it is not known to be the same everywhere; says which.
        """
        key = key_of(expression)
        if key not in self._known:
            self._known[key] = self._written(expression)
        return self._known[key]

    def column(self, name: str) -> Term:
        """The values of a column."""
        dtype = self._schema[name]
        if dtype.is_integer() and dtype not in (pl.Int128, pl.UInt128):
            return numbers.whole(nw.col(name), dtype, limits(dtype))
        return Term(nw.col(name), dtype)

    def _dtype(self, expression: pl.Expr) -> DataType:
        return self._frame.select(expression).collect_schema().dtypes()[0]

    def _written(self, expression: pl.Expr) -> Term:
        node = read(expression)
        match node.kind:
            case "Column":
                return self.column(node.told)
            case "Literal":
                return _literal(literal_of(expression, node))
            case "Alias":
                return self.term(node.parts[0])
            case "Ternary":
                return self._ternary(expression, *node.parts)
            case "Cast":
                return self._cast(expression, node)
            case "BinaryExpr":
                return self._binary(expression, node)
            case "Function":
                return self._function(expression, node)
        raise Untranslatable(f"{node.kind} expressions")

    def _cast(self, expression: pl.Expr, node: Node) -> Term:
        (part,) = node.parts
        term, strict = self.term(part), node.told["options"] != "NonStrict"
        made = casts.cast(term, self._dtype(expression), strict=strict)
        if term.dtype != pl.String or made.span is None or "NonStrict" in str(node.told["expr"]):
            return made
        name = f"{self._prefix}{len(self.numbers)}"
        self.numbers[name] = made.expr
        return replace(made, expr=nw.col(name))

    def _binary(self, expression: pl.Expr, node: Node) -> Term:
        op = node.told["op"]
        left, right = map(self.term, node.parts)
        if op in numbers.OPERATORS:
            return numbers.arithmetic(op, left, right, self._dtype(expression))
        return truths.binary(op, left, right)

    def _ternary(
        self, expression: pl.Expr, then: pl.Expr, otherwise: pl.Expr, when: pl.Expr
    ) -> Term:
        dtype = self._dtype(expression)
        test, yes, no = self.term(when), self.term(then), self.term(otherwise)
        if test.dtype != pl.Boolean:
            raise Untranslatable(f"when of {test.dtype}")
        given = _as_one(dtype, [t for t in (yes, no) if t.value is not None])
        whens = nw.when(test.expr)
        if no.value is None:
            return Term(whens.then(given.exprs[0]), dtype, given.span)
        if yes.value is None:
            return Term(
                nw.when(~test.expr.fill_null(False)).then(given.exprs[0]), dtype, given.span
            )
        return Term(whens.then(given.exprs[0]).otherwise(given.exprs[1]), dtype, given.span)

    def _function(self, expression: pl.Expr, node: Node) -> Term:
        family, name, options = function_of(node)
        if name in ("Coalesce", "FillNull"):
            return self._first_of(expression, node.parts)
        if name == "SumHorizontal":
            terms = [self.term(part) for part in node.parts]
            dtype = self._dtype(expression)
            return numbers.total(terms, dtype, ignore_nulls=options["ignore_nulls"])
        if family == "Boolean" and name in truths.OF_ORDINARY and self._is_ordinary(node.parts[0]):
            return self._same_for_all(node.parts[0], truths.OF_ORDINARY[name])
        prefix, functions = _FAMILIES[family]
        if name not in functions:
            raise Untranslatable(_TOLD.get(name, prefix + _snake(name)))
        return functions[name]([self.term(part) for part in node.parts], options)

    def _first_of(self, expression: pl.Expr, parts: Sequence[pl.Expr]) -> Term:
        dtype = self._dtype(expression)
        given = _as_one(dtype, [self.term(part) for part in parts])
        return Term(nw.coalesce(*given.exprs), dtype, given.span)

    def _is_ordinary(self, part: pl.Expr) -> bool:
        """Whether it is a whole or decimal number, as a float or not."""
        node = read(part)
        dtype = self._dtype(node.parts[0] if node.kind == "Cast" else part)
        return dtype.is_integer() or isinstance(dtype, pl.Decimal)

    def _same_for_all(self, part: pl.Expr, answer: bool) -> Term:
        node = read(part)
        value = self.term(node.parts[0] if node.kind == "Cast" else part)
        return Term(nw.when(~value.expr.is_null()).then(nw.lit(answer)), pl.Boolean())


@dataclass(frozen=True, slots=True)
class _AsOne:
    """Values that became one type."""

    exprs: Sequence[nw.Expr]
    span: Span | None = None


def _as_one(dtype: DataType, terms: Sequence[Term]) -> _AsOne:
    if not terms:
        raise Untranslatable("nulls of no type")
    if dtype.is_integer():
        span = numbers.around(*map(numbers.span_of, terms))
        if not numbers.within(span, limits(dtype)):
            raise Untranslatable(f"values that may leave {dtype}")
        return _AsOne(numbers.alike(terms), span)
    if dtype == pl.Float64:
        return _AsOne([numbers.floating(term) for term in terms])
    plain = dtype in (pl.String, pl.Boolean, pl.Date) or is_moment(dtype)
    if not plain or any(term.dtype != dtype for term in terms):
        raise Untranslatable(f"one of several values as {dtype}")
    return _AsOne([term.expr for term in terms])


def _literal(found: Literal) -> Term:
    value, dtype = found.value, found.dtype
    if isinstance(value, list):
        return Term(nw.lit(None), dtype, value=value)
    if value is None:
        return Term(nw.lit(None), dtype, value=None)
    if dtype.is_integer():
        return numbers.literal_whole(value, dtype, dynamic=found.dynamic)
    known = dtype in (pl.String, pl.Boolean, pl.Date, pl.Float64) or is_moment(dtype)
    if not (known or isinstance(dtype, pl.Decimal)):
        raise Untranslatable(f"literals of {dtype}")
    return Term(nw.lit(value), dtype, None, found.dynamic, value)


def _snake(name: str) -> str:
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name).lower()
