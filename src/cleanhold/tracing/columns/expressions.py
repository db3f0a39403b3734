"""Reads the expressions of Polars' plans into terms."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from cleanhold.core.column_lineage import Way
from cleanhold.tracing.columns.functions import MASKING, effect, named
from cleanhold.tracing.columns.term import Height, Term

#: Aggregations whose result depends on the order of rows.
_BY_ORDER = frozenset({"first", "last", "implode", "item"})

_SIGNS = {
    "Plus": "+", "Minus": "-", "Multiply": "*", "Divide": "/", "TrueDivide": "/",
    "FloorDivide": "//", "Modulus": "%", "Eq": "==", "EqValidity": "==", "NotEq": "!=",
    "NotEqValidity": "!=", "Lt": "<", "LtEq": "<=", "Gt": ">", "GtEq": ">=", "And": "&",
    "LogicalAnd": "&", "Or": "|", "LogicalOr": "|", "Xor": "^",
}  # fmt: skip

#: What the plan says where it cannot show an expression → what people call it.
_HIDDEN = {"anonymousfunction": "a Python function", "fold": "pl.fold", "reduce": "pl.reduce"}


def term(plan: Any, node: int) -> Term:
    """An expression of the step that the plan stands at.

    Args:
        plan: Polars' traverser.
        node: the expression's number there.
    """
    try:
        view = plan.view_expression(node)
    except RuntimeError as hidden:  # the traverser lacks words for it
        said = str(hidden).split(" ", 1)[0]
        if said == "field":  # of the struct that is being changed, which counts as a whole
            return Term(height=Height.SAME)
        return Term(unseen=_HIDDEN.get(said, said or "an expression"), height=Height.OTHER)
    read = _READ.get(type(view).__name__)
    if read is None:
        return Term(unseen=type(view).__name__, height=Height.OTHER)
    return read(view, lambda one: term(plan, one if isinstance(one, int) else one.node))


_Inner = Callable[[Any], Term]


def _highest(*terms: Term) -> Height:
    return max((one.height for one in terms), default=Height.ONE)


def _column(view: Any, _: _Inner) -> Term:
    return Term(column=view.name, height=Height.SAME)


def _constant(*_: Any) -> Term:
    return Term()


def _literal(view: Any, _: _Inner) -> Term:
    if type(view.value).__name__ != "PySeries":
        return Term()
    return Term("a series", ordered=True, own="it has a table of its own")


def _cast(view: Any, inner: _Inner) -> Term:
    value = inner(view.expr)
    return Term("cast", (value,), height=value.height)


def _binary(view: Any, inner: _Inner) -> Term:
    both = inner(view.left), inner(view.right)
    sign = str(view.op).rpartition(".")[2]
    return Term(_SIGNS.get(sign, sign.lower()), both, height=_highest(*both))


def _ternary(view: Any, inner: _Inner) -> Term:
    when, *taken = inner(view.predicate), inner(view.truthy), inner(view.falsy)
    return Term("when", tuple(taken), deciding=((Way.CONDITION, when),),
                height=_highest(when, *taken))  # fmt: skip


def _aggregated(view: Any, inner: _Inner) -> Term:
    value, *others = (inner(one) for one in view.arguments)
    return Term(view.name, (value, *others), Way.AGGREGATION, masks=view.name in MASKING,
                ordered=view.name in _BY_ORDER)  # fmt: skip


def _function(view: Any, inner: _Inner) -> Term:
    name, kind = named(view.function_data[0])
    does = effect(name, kind)
    values = tuple(inner(one) for one in view.input)
    height = _highest(*values) if does.height is None else does.height
    first = 1 if does.deciding else len(values)
    deciding = tuple((does.deciding, v) for v in values[first:] if does.deciding)
    return Term(name, values[:first], does.way, deciding, masks=does.masks, ordered=does.ordered,
                height=height)  # fmt: skip


def _window(view: Any, inner: _Inner) -> Term:
    by = [*view.partition_by, *([] if view.order_by is None else [view.order_by])]
    height = Height.OTHER if getattr(view.options, "kind", "") == "explode" else Height.SAME
    return Term("over", (inner(view.function),), Way.IDENTITY,
                tuple((Way.WINDOW, inner(one)) for one in by), height=height)  # fmt: skip


def _rolling(view: Any, inner: _Inner) -> Term:
    return Term("rolling", (inner(view.function),), Way.IDENTITY,
                ((Way.WINDOW, inner(view.index_column)),), height=Height.SAME)  # fmt: skip


def _filtered(view: Any, inner: _Inner) -> Term:
    return Term("filter", (inner(view.input),), deciding=((Way.CONDITION, inner(view.by)),),
                height=Height.OTHER)  # fmt: skip


def _sorted(view: Any, inner: _Inner) -> Term:
    return Term("sort", (inner(view.expr),), height=Height.SAME)


def _sorted_by(view: Any, inner: _Inner) -> Term:
    by = tuple((Way.SORT, inner(one)) for one in view.by)
    value = inner(view.expr)
    return Term("sort_by", (value,), deciding=by, ordered=True, height=value.height)


def _gathered(view: Any, inner: _Inner) -> Term:
    index = inner(view.idx)
    return Term("gather", (inner(view.expr),), deciding=((Way.CONDITION, index),), ordered=True,
                height=Height.ONE if view.scalar else Height.OTHER)  # fmt: skip


def _sliced(view: Any, inner: _Inner) -> Term:
    limits = tuple((Way.CONDITION, inner(one)) for one in (view.offset, view.length))
    return Term("slice", (inner(view.input),), deciding=limits, ordered=True,
                height=Height.OTHER)  # fmt: skip


def _exploded(view: Any, inner: _Inner) -> Term:
    return Term("explode", (inner(view.expr),), height=Height.OTHER)


def _struct_changed(view: Any, inner: _Inner) -> Term:
    values = (inner(view.expr), *(inner(one) for one in view.evaluation))
    return Term("struct.with_fields", values, height=values[0].height)


_READ: dict[str, Callable[[Any, _Inner], Term]] = {
    "Column": _column,
    "Literal": _literal,
    "Len": _constant,
    "Cast": _cast,
    "BinaryExpr": _binary,
    "Ternary": _ternary,
    "Agg": _aggregated,
    "Function": _function,
    "Window": _window,
    "Rolling": _rolling,
    "Filter": _filtered,
    "Sort": _sorted,
    "SortBy": _sorted_by,
    "Gather": _gathered,
    "Slice": _sliced,
    "Explode": _exploded,
    "StructEval": _struct_changed,
}
