"""Takes the expression out of a pandera check, without running it on data."""

from __future__ import annotations

import io
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast

import polars as pl
from pandera.api.checks import Check as PanderaCheck
from pandera.api.function_dispatch import Dispatcher
from pandera.api.polars.types import PolarsData

from cleanhold.core.parsing import DataType
from cleanhold.errors import ContractError

_SELECTOR = "Selector"  # as Polars writes `pl.all()` and its kin


class _Recorder:
    """Stands in for the LazyFrame a check selects from, and keeps what it selects."""

    def __init__(self) -> None:
        self.selected: list[Any] = []

    def select(self, *exprs: Any, **named: Any) -> _Recorder:
        if self.selected:
            raise _NotAnExpressionError("it selects twice")
        flat = [e for given in exprs for e in (given if isinstance(given, list) else [given])]
        flat += named.values()
        self.selected = [pl.col(e) if isinstance(e, str) else e for e in flat]
        return self

    def __getattr__(self, name: str) -> Any:
        raise _NotAnExpressionError(f"it calls .{name}() on the frame")


class _NotAnExpressionError(Exception):
    """The check does more than select an expression."""


@dataclass(frozen=True, slots=True)
class Predicate:
    """A check as one expression; true = good, nulls resolved as `ignore_na` says.

    Attributes:
        reads: columns it depends on.
    """

    passes: pl.Expr
    reads: tuple[str, ...]


def predicate_of(
    check: PanderaCheck, column: str | None, schema: Mapping[str, DataType], where: str
) -> Predicate:
    """The check as an expression over columns that are named.

    Args:
        check: pandera's.
        column: that it is about; None if it is about the row.
        schema: columns that `pl.all()` and other selectors stand for.
        where: for messages.

    Raises:
        ContractError: the check cannot be written as one expression, or raises.
    """
    name = check.name or "check"
    if check.element_wise:
        names = (column,) if column else tuple(schema)
        given = [_element_wise(check, n, where) for n in names]
    else:
        given = [_by_name(e, schema) for e in _recorded(check, name, column, where)]
    many = len(given) > 1 or given[0].meta.has_multiple_outputs()
    passes = pl.all_horizontal(given) if many else given[0]
    reads = dict.fromkeys(n for e in given for n in _names(e))
    return Predicate(passes.fill_null(bool(check.ignore_na)), tuple(reads))


def _element_wise(check: PanderaCheck, column: str, where: str) -> pl.Expr:
    """A Python function called with each value: slow, and only where a person asked for it."""

    def judge(value: Any) -> bool | None:
        try:
            verdict = check._check_fn(value, **check._check_kwargs)
        except Exception as error:  # whatever a person's check raises is theirs to see
            raise ContractError(  # the value itself is not told: it may be personal
                f"the check {check.name!r} raises {type(error).__name__} on a value of {column!r}",
                where=where,
                next="make it give true or false for every value, or write it as an expression",
            ) from error
        return None if verdict is None else bool(verdict)

    return pl.col(column).map_elements(judge, return_dtype=pl.Boolean)


def _recorded(check: PanderaCheck, name: str, column: str | None, where: str) -> list[pl.Expr]:
    recorder = _Recorder()
    function = check._check_fn
    if isinstance(function, Dispatcher):  # a copy made before the Polars checks were known
        function = PanderaCheck.CHECK_FUNCTION_REGISTRY[name]
    data = PolarsData(cast(Any, recorder), column or "*")
    try:
        given = function(data, **_ordered(check._check_kwargs))
    except ContractError:
        raise
    except _NotAnExpressionError as reason:
        raise ContractError(
            f"the check {name!r} cannot be compiled: {reason}",
            where=where,
            next="return data.lazyframe.select(<one expression over columns>), "
            "or use @check from cleanhold",
        ) from None
    except Exception as error:  # whatever a person's check raises is theirs to see
        raise ContractError(
            f"the check {name!r} raises {type(error).__name__}: {error}",
            where=where,
            next="mend the check; it must give an expression without looking at data",
        ) from error
    if given is not recorder or not recorder.selected:
        raise ContractError(
            f"the check {name!r} gives {_kind(given)}, not an expression for each row",
            where=where,
            next="return data.lazyframe.select(<expression that is true for good rows>), "
            "or use @check from cleanhold",
        )
    for one in recorder.selected:
        if not isinstance(one, pl.Expr):
            raise ContractError(
                f"the check {name!r} gives {_kind(one)}, not an expression",
                where=where,
                next="return an expression over columns, like col('amount') > 0",
            )
    return list(recorder.selected)


def _kind(value: object) -> str:
    return "nothing" if value is None else f"{value!r:.60} ({type(value).__name__})"


def _by_name(expression: pl.Expr, schema: Mapping[str, DataType]) -> pl.Expr:
    """`pl.all()` and other selectors as the names they stand for.

    Evaluated as they are, they would take in the working columns of the pass as well.
    """
    if not expression.meta.has_multiple_outputs():
        return expression
    return _expression(_expanded(_tree(expression), pl.LazyFrame(schema=dict(schema))))


def _expanded(node: Any, frame: pl.LazyFrame) -> Any:
    if isinstance(node, list):
        return [_expanded(part, frame) for part in node]
    if not isinstance(node, dict):
        return node
    if set(node) == {_SELECTOR}:
        names = frame.select(_expression(node)).collect_schema().names()
        return {_SELECTOR: {"ByName": {"names": names, "strict": True}}}
    return {key: _expanded(part, frame) for key, part in node.items()}


def _names(expression: pl.Expr) -> list[str]:
    """Columns an expression reads; Polars does not count what a selector stands for."""
    names = list(expression.meta.root_names())
    return names + _selected(_tree(expression)) if expression.meta.has_multiple_outputs() else names


def _selected(node: Any) -> list[str]:
    if isinstance(node, dict) and set(node) == {_SELECTOR}:
        return list(node[_SELECTOR]["ByName"]["names"])
    parts = node.values() if isinstance(node, dict) else node if isinstance(node, list) else ()
    return [name for part in parts for name in _selected(part)]


def _tree(expression: pl.Expr) -> Any:
    return json.loads(expression.meta.serialize(format="json"))


def _expression(tree: Any) -> pl.Expr:
    return pl.Expr.deserialize(io.StringIO(json.dumps(tree)), format="json")


def _ordered(options: dict[str, Any]) -> dict[str, Any]:
    """Sets as sorted lists: a set's order differs between processes, a fingerprint must not."""
    return {
        name: sorted(value, key=str) if isinstance(value, set | frozenset) else value
        for name, value in options.items()
    }
