"""A Polars expression as a node and its parts, from the text that Polars writes of it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import polars as pl

from cleanhold.core.parsing import DataType
from cleanhold.expressions.untranslatable import Untranslatable


@dataclass(frozen=True, slots=True, eq=False)
class Node:
    """The outermost step of an expression.

    Attributes:
        kind: `Column`, `Literal`, `Alias`, `Ternary`, `Cast`, `BinaryExpr` or `Function`.
        told: what Polars writes of it.
        parts: the expressions it is made of: of a ternary then, otherwise and when.
    """

    kind: str
    told: Any
    parts: tuple[pl.Expr, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class Literal:
    """A constant.

    Attributes:
        value: a Python value; a list of them if `dtype` is a list.
        dynamic: a bare number, which takes the dtype of what it meets.
    """

    value: Any
    dtype: DataType
    dynamic: bool


def read(expression: pl.Expr) -> Node:
    """The outermost step of an expression.

    Raises:
        Untranslatable: it is of another kind.
    """
    (kind, told), *more = json.loads(_json(expression)).items()
    if more:
        raise Untranslatable("an unknown expression")
    if kind == "AnonymousFunction":
        raise Untranslatable("a Python function")
    if kind in ("Column", "Literal"):
        return Node(kind, told)
    return Node(kind, told, _parts(expression, kind, told))


def function_of(node: Node) -> tuple[str, str, Any]:
    """A function's family ("" if it has none), name and options."""
    name, options = _named(node.told["function"])
    if name in ("StringExpr", "Boolean", "TemporalExpr"):
        return (name, *_named(options))
    return "", name, options


def literal_of(expression: pl.Expr, node: Node) -> Literal:
    """The value of a literal.

    Raises:
        Untranslatable: it is several values, and no list.
    """
    told = node.told
    series = pl.select(expression).to_series()
    if isinstance(told, dict) and ("Series" in told or _is_list(told)):
        if series.dtype == pl.List and len(series) == 1:
            series = series.explode()
        return Literal(series.to_list(), pl.List(series.dtype), dynamic=False)
    if len(series) != 1:
        raise Untranslatable(f"literals of {series.dtype}")
    return Literal(series[0], series.dtype, isinstance(told, dict) and "Dyn" in told)


def key_of(expression: pl.Expr) -> bytes:
    """Equal for equal expressions."""
    return bytes(expression.meta.serialize())


def _parts(expression: pl.Expr, kind: str, told: Any) -> tuple[pl.Expr, ...]:
    """An expression's parts, in the order that its JSON names them."""
    parts = expression.meta.pop()[::-1]
    named: list[Any] = []
    if kind == "Function":
        named = told["input"]
    elif kind == "Ternary":
        named = [told["truthy"], told["falsy"], told["predicate"]]
    elif kind == "BinaryExpr":
        named = [told["left"], told["right"]]
    elif kind == "Cast":
        named = [told["expr"]]
    elif kind == "Alias":
        named = [told[0]]
    if len(named) != len(parts) or any(
        json.loads(_json(part)) != wanted for part, wanted in zip(parts, named, strict=True)
    ):
        raise Untranslatable(f"{kind} expressions")
    return tuple(parts)


def _is_list(told: Mapping[str, Any]) -> bool:
    scalar = told.get("Scalar")
    return isinstance(scalar, dict) and "List" in scalar


def _named(function: Any) -> tuple[str, Any]:
    """A function's name and options: Polars writes `"Name"` or `{"Name": options}`."""
    if isinstance(function, str):
        return function, None
    ((name, options),) = function.items()
    return name, options


def _json(expression: pl.Expr) -> str:
    return str(expression.meta.serialize(format="json"))
