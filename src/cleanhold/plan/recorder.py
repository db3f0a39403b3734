"""Takes the expression out of a pandera check, without running it on data."""

from __future__ import annotations

import io
import json
import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast

import polars as pl
from pandera.api.checks import Check as PanderaCheck
from pandera.api.polars.types import PolarsData

from cleanhold.core.parsing import DataType
from cleanhold.errors import ContractError
from cleanhold.plan.functions import code_of, function_of, ordered_options

_WITH_NONE = "Comparisons with None"  # how Polars' warning begins

_SELECTOR = "Selector"  # as Polars writes `pl.all()` and its kin


class _Recorder:
    """Stands in for the LazyFrame a check selects from, and keeps what it selects."""

    def __init__(self) -> None:
        self.selected: list[Any] = []
        self.refused = ""

    def select(self, *exprs: Any, **named: Any) -> _Recorder:
        if self.selected:
            raise self._refuse("it selects twice")
        flat = [e for given in exprs for e in (given if isinstance(given, list) else [given])]
        flat += named.values()
        self.selected = [pl.col(e) if isinstance(e, str) else e for e in flat]
        return self

    def __getattr__(self, name: str) -> Any:
        raise self._refuse(f"it calls .{name}() on the frame")

    def _refuse(self, why: str) -> NotAnExpressionError:
        self.refused = why
        return NotAnExpressionError(why)


class NotAnExpressionError(Exception):
    """The check does more than select an expression: why, in a few words."""


@dataclass(frozen=True, slots=True)
class Predicate:
    """A check as one expression; true = good, nulls resolved as `ignore_na` says.

    Attributes:
        reads: columns it depends on.
        code: of a Python function within it; see `code_of`.
        selects: it stands for columns that are not named.
    """

    passes: pl.Expr
    reads: tuple[str, ...]
    code: str = ""
    selects: bool = False


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
        NotAnExpressionError: the check does more than select an expression.
        ContractError: it gives no expression, or raises.
    """
    name = check.name or "check"
    if check.element_wise:
        names = (column,) if column else tuple(schema)
        given = [_element_wise(check, n, where) for n in names]
    else:
        given = [_by_name(e, schema) for e in _recorded(check, name, column, where)]
    selects = any(e.meta.has_multiple_outputs() for e in given)
    many = len(given) > 1 or selects
    passes = pl.all_horizontal(given) if many else given[0]
    reads = dict.fromkeys(n for e in given for n in names_of(e))
    code = code_of(check) if check.element_wise else ""
    selects = selects or (check.element_wise and column is None)
    return Predicate(passes.fill_null(bool(check.ignore_na)), tuple(reads), code, selects)


def _element_wise(check: PanderaCheck, column: str, where: str) -> pl.Expr:
    """A Python function called with each value: slow, and only where a person asked for it."""

    def judge(value: Any) -> bool | None:
        try:
            verdict = function_of(check)(value, **check._check_kwargs)
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
    data = PolarsData(cast(Any, recorder), column or "*")
    try:
        with warnings.catch_warnings():
            warnings.filterwarnings("error", _WITH_NONE)
            given = function_of(check)(data, **ordered_options(check))
    except (ContractError, NotAnExpressionError):
        raise
    except UserWarning as error:
        raise ContractError(
            f"the check {name!r} compares with None, which is neither true nor false",
            where=where,
            next="write .is_null() or .is_not_null()",
        ) from error
    except Exception as error:  # whatever a person's check raises is theirs to see
        raise NotAnExpressionError("it needs a frame with data") from error
    if recorder.refused:  # the check has caught what was raised
        raise NotAnExpressionError(recorder.refused)
    if given is recorder and not recorder.selected:
        raise NotAnExpressionError("it gives the frame itself")
    if given is not recorder:
        raise ContractError(
            f"the check {name!r} gives {kind_of_answer(given)}, not an expression for each row",
            where=where,
            next="return data.lazyframe.select(<expression that is true for good rows>), "
            "or use @check from cleanhold",
        )
    for one in recorder.selected:
        if not isinstance(one, pl.Expr):
            raise ContractError(
                f"the check {name!r} gives {kind_of_answer(one)}, not an expression",
                where=where,
                next="return an expression over columns, like col('amount') > 0",
            )
    return list(recorder.selected)


def counts_rows(expression: pl.Expr) -> bool:
    """Whether it asks how many rows there are, and so depends on them without a column."""
    return '"Len"' in expression.meta.serialize(format="json")


def kind_of_answer(value: object) -> str:
    """What a check gave, for a message."""
    told = " ".join(repr(value).split())
    return "nothing" if value is None else f"{told:.60} ({type(value).__name__})"


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


def within(expression: pl.Expr, fields: Mapping[str, pl.Expr]) -> pl.Expr:
    """The expression with other expressions in the place of its columns."""
    trees = {name: _tree(field) for name, field in fields.items()}

    def replaced(node: Any) -> Any:
        if isinstance(node, list):
            return [replaced(part) for part in node]
        if not isinstance(node, dict):
            return node
        if set(node) == {"Column"}:
            return trees[node["Column"]]
        return {key: replaced(part) for key, part in node.items()}

    return _expression(replaced(_tree(expression)))


def names_of(expression: pl.Expr) -> list[str]:
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
