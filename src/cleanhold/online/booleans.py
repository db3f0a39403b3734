"""Comparisons and Boolean functions, with three values: true, false and null."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import polars as pl

from cleanhold.expressions.untranslatable import Untranslatable
from cleanhold.online.writer import Term, Writer

_COMPARE = {"Eq": "==", "NotEq": "!=", "Lt": "<", "LtEq": "<=", "Gt": ">", "GtEq": ">="}
_TURNED = {"Eq": "Eq", "NotEq": "NotEq", "Lt": "Gt", "LtEq": "GtEq", "Gt": "Lt", "GtEq": "LtEq"}

#: How floats compare when the right one may be NaN too: NaN equals NaN and is the greatest.
_FLOATS = {
    "Eq": "({a} == {b} or ({a} != {a} and {b} != {b}))",
    "NotEq": "not ({a} == {b} or ({a} != {a} and {b} != {b}))",
    "Lt": "({a} < {b} or ({a} == {a} and {b} != {b}))",
    "LtEq": "({a} <= {b} or {b} != {b})",
    "Gt": "({a} > {b} or ({a} != {a} and {b} == {b}))",
    "GtEq": "({a} >= {b} or {a} != {a})",
}


def binary(writer: Writer, op: str, left: Term, right: Term) -> Term:
    """A comparison, `&` or `|`."""
    if op in ("And", "Or", "LogicalAnd", "LogicalOr"):
        return both(writer, [left, right]) if op.endswith("And") else either(writer, [left, right])
    if op not in _COMPARE:
        raise Untranslatable(f"the operator {op}")
    return compare(writer, op, left, right)


def compare(writer: Writer, op: str, left: Term, right: Term) -> Term:
    """One of the six comparisons; null if a side is null."""
    if left.is_literal and not right.is_literal:
        left, right, op = right, left, _TURNED[op]
    a, b = _alike(writer, left, right)
    pattern = f"{{a}} {_COMPARE[op]} {{b}}"
    if "float(" in a or left.dtype == pl.Float64 or right.dtype == pl.Float64:
        a, b = (x if x.isidentifier() else writer.let(x) for x in (a, b))
        pattern = _FLOATS[op]
    code = pattern.format(a=a, b=b)
    return _boolean(writer, _where_given(code, [left, right]), left.nullable or right.nullable)


def _alike(writer: Writer, left: Term, right: Term) -> tuple[str, str]:
    """Both sides as Python values that compare as Polars' do."""
    kinds = (left.dtype, right.dtype)
    if left.value is None or right.value is None or left.is_literal:
        raise Untranslatable("comparing literals")
    if kinds[0] == kinds[1] and not right.dynamic:
        return left.code, right.code
    number = right.value if right.is_literal and not isinstance(right.value, bool) else None
    if kinds[0].is_integer() and right.dynamic and isinstance(number, int):
        return left.code, right.code
    if isinstance(kinds[0], pl.Decimal) and (
        (right.dynamic and isinstance(number, int)) or isinstance(kinds[1], pl.Decimal)
    ):
        return left.code, right.code
    if kinds[0] == pl.Float64 and right.dynamic and isinstance(number, int | float):
        return left.code, writer.constant(float(number))
    raise Untranslatable(f"comparing {kinds[0]} with {kinds[1]}")


def _where_given(code: str, terms: Sequence[Term]) -> str:
    missing = " or ".join(dict.fromkeys(f"{t.code} is None" for t in terms if t.nullable))
    return f"None if {missing} else {code}" if missing else code


def _boolean(writer: Writer, code: str, nullable: bool) -> Term:
    return Term(writer.let(code), pl.Boolean(), nullable)


def _truths(terms: Sequence[Term]) -> None:
    for term in terms:
        if term.dtype != pl.Boolean:
            raise Untranslatable(f"logic on {term.dtype}")


def both(writer: Writer, terms: Sequence[Term], _: Any = None) -> Term:
    """`&` of any number: false if one is, else null if one is."""
    _truths(terms)
    terms = [t for t in terms if t.value is not True]
    if any(t.value is False for t in terms):
        return Term("False", pl.Boolean(), False, value=False)
    if not terms:
        return Term("True", pl.Boolean(), False, value=True)
    if len(terms) == 1:
        return terms[0]
    return _combined(writer, terms, "False", " and ", "True")


def either(writer: Writer, terms: Sequence[Term], _: Any = None) -> Term:
    """`|` of any number: true if one is, else null if one is."""
    _truths(terms)
    terms = [t for t in terms if t.value is not False]
    if any(t.value is True for t in terms):
        return Term("True", pl.Boolean(), False, value=True)
    if not terms:
        return Term("False", pl.Boolean(), False, value=False)
    if len(terms) == 1:
        return terms[0]
    return _combined(writer, terms, "True", " or ", "False")


def _combined(writer: Writer, terms: Sequence[Term], decides: str, joint: str, rest: str) -> Term:
    nullable = [t for t in terms if t.nullable]
    if not nullable:
        return _boolean(writer, joint.join(t.code for t in terms), False)
    decided = " or ".join(
        f"{t.code} is {decides}"
        if t.nullable
        else (t.code if decides == "True" else f"not {t.code}")
        for t in terms
    )
    unknown = " or ".join(f"{t.code} is None" for t in nullable)
    return _boolean(writer, f"{decides} if {decided} else None if {unknown} else {rest}", True)


def _not(writer: Writer, terms: Sequence[Term], _: Any) -> Term:
    (term,) = terms
    _truths(terms)
    if isinstance(term.value, bool):
        return Term(str(not term.value), pl.Boolean(), False, value=not term.value)
    return _boolean(writer, _where_given(f"not {term.code}", terms), term.nullable)


def _is_null(writer: Writer, terms: Sequence[Term], _: Any) -> Term:
    if not terms[0].nullable:
        return Term("False", pl.Boolean(), False, value=False)
    return _boolean(writer, f"{terms[0].code} is None", False)


def _is_not_null(writer: Writer, terms: Sequence[Term], _: Any) -> Term:
    if not terms[0].nullable:
        return Term("True", pl.Boolean(), False, value=True)
    return _boolean(writer, f"{terms[0].code} is not None", False)


def _is_nan(writer: Writer, terms: Sequence[Term], _: Any) -> Term:
    (term,) = terms
    if term.dtype != pl.Float64:
        raise Untranslatable(f"NaN of {term.dtype}")
    return _boolean(writer, _where_given(f"{term.code} != {term.code}", terms), term.nullable)


def _is_finite(writer: Writer, terms: Sequence[Term], _: Any) -> Term:
    (term,) = terms
    if term.dtype != pl.Float64:
        raise Untranslatable(f"infinity of {term.dtype}")
    most = writer.constant(math.inf)
    return _boolean(writer, _where_given(f"-{most} < {term.code} < {most}", terms), term.nullable)


def _is_in(writer: Writer, terms: Sequence[Term], options: Any) -> Term:
    term, listed = terms
    inner = listed.dtype.inner if isinstance(listed.dtype, pl.List) else None
    values = listed.value
    if options != {"nulls_equal": False} or not isinstance(values, list) or inner is None:
        raise Untranslatable("is_in among other values of the row")
    alike = (
        inner == term.dtype
        or (term.dtype.is_integer() and inner.is_integer())
        or (isinstance(term.dtype, pl.Decimal) and isinstance(inner, pl.Decimal))
    )
    if not alike or None in values:
        raise Untranslatable(f"{term.dtype} in a list of {inner}")
    numbers = [v for v in values if v == v]
    known = writer.constant(frozenset(numbers))
    code = f"{term.code} in {known}"
    if len(numbers) < len(values):  # NaN is in a list that has it
        code = f"({code} or {term.code} != {term.code})"
    return _boolean(writer, _where_given(code, [term]), term.nullable)


def _is_between(writer: Writer, terms: Sequence[Term], options: Any) -> Term:
    term, low, high = terms
    closed = options["closed"]
    lower = compare(writer, "GtEq" if closed in ("Both", "Left") else "Gt", term, low)
    upper = compare(writer, "LtEq" if closed in ("Both", "Right") else "Lt", term, high)
    return both(writer, [lower, upper])


BOOLEANS = {
    "Not": _not,
    "IsNull": _is_null,
    "IsNotNull": _is_not_null,
    "IsNan": _is_nan,
    "IsFinite": _is_finite,
    "IsIn": _is_in,
    "IsBetween": _is_between,
    "AllHorizontal": both,
    "AnyHorizontal": either,
}
