"""Tries a check that is no expression on rows of nulls, to find its mistakes early."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

import polars as pl
from pandera.api.checks import Check as PanderaCheck

from cleanhold.core.parsing import DataType
from cleanhold.errors import ContractError
from cleanhold.plan.kinds import named
from cleanhold.plan.recorder import NotAnExpressionError
from cleanhold.plan.watched import UnusableAnswerError, answer, watched

#: Raised whatever the data are: nulls give no excuse for them.
_MISTAKES = (NameError, ImportError, SyntaxError, ZeroDivisionError)
_NO_SUCH_METHOD = re.compile(
    r"(LazyFrame|DataFrame|Series|Expr|PolarsData)'?( object)? "
    r"(has no attribute|is not (subscriptable|iterable|callable))"
)


@dataclass(frozen=True, slots=True)
class Trial:
    """What rows of nulls tell of a check.

    Attributes:
        reads: columns it asked for; more may follow where there are values.
        whole: it gives one Boolean for all rows.
    """

    reads: tuple[str, ...]
    whole: bool


def tried(
    check: PanderaCheck,
    column: str | None,
    schema: Mapping[str, DataType],
    reason: NotAnExpressionError,
    label: str,
    where: str,
) -> Trial:
    """Call a check with two rows of nulls, then with three.

    Args:
        check: pandera's; `column`: that it is about.
        schema: columns of its frame → dtype.
        reason: why it is no expression.
        label: of the check, for messages.

    Raises:
        ContractError: it cannot work on any rows. What fails on nulls alone is no mistake yet.
    """
    whole, read = [], set[str]()
    for height in (2, 3):
        nulls = pl.LazyFrame(
            {name: pl.Series(name, [None] * height, dtype=d) for name, d in schema.items()}
        )
        frame, asked = watched(nulls.select, nulls.collect_schema())
        try:
            given = answer(check, frame, column)
        except UnusableAnswerError as error:
            if error.is_nothing:  # a maximum of nulls, say
                continue
            raise ContractError(
                f"the check {label} gives {error}",
                where=where,
                next="give one Boolean for each row, or one for them all",
            ) from error
        except pl.exceptions.ColumnNotFoundError as error:
            found = re.search(r'"(.*?)"', str(error))
            named(label, (found[1] if found else "?",), schema, where)
        except Exception as error:  # a person's check may fail in any way
            if _is_mistake(error, reason):
                said = (str(error).splitlines() or [""])[0]
                raise ContractError(
                    f"the check {label} raises {type(error).__name__}: {said}",
                    where=where,
                    next=_remedy(said),
                ) from error
        else:
            whole.append(isinstance(given, bool) or len(given) == 1)
        finally:
            read |= asked
    return Trial(tuple(name for name in schema if name in read), whole == [True, True])


def _remedy(said: str) -> str:
    if "truth value" in said:
        return (
            "combine expressions with &, | and ~, each in brackets, instead of and, or, not; "
            "a < x < b is two comparisons"
        )
    return (
        "mend the check: of pandera's, data.lazyframe is the frame and data.key the column's "
        "name; of cleanhold's, it gives an expression like col('amount') > 0"
    )


def _is_mistake(error: Exception, reason: NotAnExpressionError) -> bool:
    if isinstance(error, _MISTAKES) or _NO_SUCH_METHOD.search(str(error)):
        return True
    cause = reason.__cause__
    return type(error) is type(cause) and str(error) == str(cause)
