"""How a check of a contract is written: `@check` over an expression."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

import pandera.polars as pa
import polars as pl

from cleanhold.core.check import Severity
from cleanhold.errors import ContractError
from cleanhold.plan.terms import (
    CHECK_TERMS,
    CheckTerms,
    one_of,
    one_text,
    options_of,
    place_of_caller,
    refuse_option,
)


def check(
    expression: object = None,
    /,
    *,
    says: str = "",
    column: str | None = None,
    severity: str = "error",
    name: str | None = None,
    **unknown: Any,
) -> Callable[[Callable[[], pl.Expr]], Any]:
    """A check of the row, written as a function without arguments that gives an expression.

        @check(says="closed on {closed_on}, before it was opened on {signed_up}")
        def closes_after_it_opens() -> Expr:
            return col("closed_on").is_null() | (col("closed_on") >= col("signed_up"))

    Args:
        expression: none; only there to tell who forgot the brackets.
        says: a sentence for the steward; `{column}` is replaced by the row's value.
        column: the column to report it on, if one is to blame; `{value}` is then its value.
        severity: `error` or `warn`.
        name: what it is called; the function's name if not given.

    True means good. A null result means that there was nothing to check, and passes.

    Raises:
        ContractError: a term is mistaken.
    """
    where = place_of_caller()
    if unknown:
        refuse_option(next(iter(unknown)), options_of(check), where)
    if expression is not None or not isinstance(says, str) or not says.strip():
        raise ContractError(
            "the check has no sentence for the steward",
            where=where,
            next="write one: @check(says='closed on {closed_on}, before it was opened')",
        )
    level = one_of(Severity, severity, "severity", where)
    for option, given in (("column", column), ("name", name)):
        if given is not None:
            one_text(given, option, where)

    def declare(expression: Callable[[], pl.Expr]) -> Any:
        if inspect.iscoroutinefunction(expression) or inspect.isgeneratorfunction(expression):
            raise ContractError(
                f"the check {expression.__name__!r} is no plain function",
                where=where,
                next="write it with def and return, without async and yield",
            )
        if inspect.signature(expression).parameters:
            raise ContractError(
                f"the check {expression.__name__!r} takes arguments",
                where=where,
                next="write it without arguments, returning an expression over col('…')",
            )

        def evaluate(cls: Any, data: Any) -> Any:  # the shape pandera calls
            return data.lazyframe.select(expression())

        evaluate.__name__ = name or expression.__name__
        evaluate.__doc__ = expression.__doc__
        options = {
            "name": name or expression.__name__,
            "error": says,
            "statistics": {CHECK_TERMS: CheckTerms(says, column, where)},
            "raise_warning": level is Severity.WARN,
        }
        return pa.dataframe_check(**options)(evaluate)

    return declare
