"""Writes a Polars expression as Python, with Polars' meaning of null and NaN.

Only what is known to mean the same is written; anything else is `Untranslatable`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import polars as pl

from cleanhold.core.parsing import DataType
from cleanhold.expressions.tree import Literal, Node, function_of, key_of, literal_of, read
from cleanhold.expressions.untranslatable import Untranslatable
from cleanhold.online import booleans, casts, choices, texts
from cleanhold.online.writer import Term, Writer

#: Dtypes of which a Python object holds every value without loss.
PLAIN = (pl.String, pl.Boolean, pl.Date, pl.Float64, pl.Decimal)

_FAMILIES: Mapping[str, Mapping[str, Callable[..., Term]]] = {
    "StringExpr": texts.FUNCTIONS,
    "Boolean": booleans.BOOLEANS,
    "TemporalExpr": texts.TIMES,
    "": choices.FUNCTIONS,
}


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
        key = key_of(expression)
        known = self.writer.recall(key)
        return known or self.writer.remember(key, self._write(expression))

    def dtype(self, expression: pl.Expr) -> DataType:
        """The dtype that Polars gives an expression."""
        return self._frame.select(expression).collect_schema().dtypes()[0]

    def _write(self, expression: pl.Expr) -> Term:
        node = read(expression)
        match node.kind:
            case "Column":
                if node.told not in self.columns:
                    raise Untranslatable(f"the column {node.told!r}")
                return self.columns[node.told]
            case "Literal":
                return self._literal(literal_of(expression, node))
            case "Alias":
                return self.term(node.parts[0])
            case "Ternary":
                return self._ternary(expression, *node.parts)
            case "Cast":
                strict = node.told["options"] != "NonStrict"
                (part,) = node.parts
                return casts.cast(self.writer, self.term(part), self.dtype(expression), strict)
            case "BinaryExpr":
                left, right = map(self.term, node.parts)
                return booleans.binary(self.writer, node.told["op"], left, right)
            case "Function":
                return self._function(expression, node)
        raise Untranslatable(f"{node.kind} expressions")

    def _literal(self, found: Literal) -> Term:
        value, dtype = found.value, found.dtype
        if dtype == pl.List:
            return Term(self.writer.constant(value), dtype, False, value=value)
        if not (is_plain(dtype) or dtype == pl.Null):
            raise Untranslatable(f"literals of {dtype}")
        plain = value is None or isinstance(value, bool | int | str)
        code = repr(value) if plain else self.writer.constant(value)
        return Term(code, dtype, value is None, found.dynamic, value)

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

    def _function(self, expression: pl.Expr, node: Node) -> Term:
        family, name, options = function_of(node)
        if name == "Coalesce":
            return self._coalesce(expression, node.parts)
        if name == "ListExpr" and options == {"Get": True}:
            return self._code_map(*node.parts)
        terms = [self.term(part) for part in node.parts]
        written = _FAMILIES[family].get(name)
        if written is None:
            raise Untranslatable(f"the function {name}")
        return written(self.writer, terms, options)

    def _code_map(self, meanings: pl.Expr, place: pl.Expr) -> Term:
        """A text's place in an Enum, in a list: how parse rules read codes."""
        cast, *more = _parts_of(place, "Function")
        places = self.dtype(cast)
        if more or not isinstance(places, pl.Enum):
            raise Untranslatable("values out of a list")
        (text,) = _parts_of(cast, "Cast")
        if not place.meta.eq(text.cast(places, strict=False).to_physical()):
            raise Untranslatable("values out of a list")
        return choices.code_map(
            self.writer,
            self.term(text),
            places.categories.to_list(),
            self.term(meanings).value,
        )

    def _coalesce(self, expression: pl.Expr, parts: tuple[pl.Expr, ...]) -> Term:
        dtype = _plainly(self.dtype(expression))
        first = self.term(parts[0])
        name, nullable = self.writer.let(_as(first, dtype)), first.nullable
        for part in parts[1:]:
            with self.writer.block(f"if {name} is None:"):
                term = self.term(part)
                self.writer.line(f"{name} = {_as(term, dtype)}")
                nullable = nullable and term.nullable
        return Term(name, dtype, nullable)


def _plainly(dtype: DataType) -> DataType:
    if not is_plain(dtype):
        raise Untranslatable(f"values of {dtype}")
    return dtype


def _parts_of(expression: pl.Expr, wanted: str) -> tuple[pl.Expr, ...]:
    """The parts of an expression of one kind; none of any other kind is known."""
    node = read(expression)
    if node.kind != wanted:
        raise Untranslatable(f"{node.kind} expressions")
    return node.parts


def _as(term: Term, dtype: DataType) -> str:
    """The code of a term that becomes a value of `dtype` without a conversion."""
    if term.dtype == pl.Null or (term.dtype == dtype and not term.dynamic):
        return term.code
    if term.dynamic and isinstance(term.value, int) and dtype.is_integer():
        return term.code
    raise Untranslatable(f"{term.dtype} where there is {dtype} too")
