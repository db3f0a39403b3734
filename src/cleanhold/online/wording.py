"""Findings in words, for the checks that failed."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import replace
from decimal import Decimal
from functools import lru_cache
from typing import Any

import polars as pl

from cleanhold.core.check import Check, Kind
from cleanhold.core.contract import MASK
from cleanhold.core.parsing import DataType
from cleanhold.core.rule import FOUND
from cleanhold.online.left import BeyondPython
from cleanhold.online.one_value import by_polars
from cleanhold.online.verdict import Finding
from cleanhold.plan.findings import MOST_NAMED
from cleanhold.plan.plan import Plan
from cleanhold.plan.sentences import BLANK, MOST_SHOWN, as_text, parts_of

#: How a uniqueness check speaks of an extract, and how of rows that are published.
_HERE, _PUBLISHED = "other rows of this extract have", "a published row has"


class Wording:
    """What the findings of a plan say; the same words as `plan.findings.explain`."""

    def __init__(self, plan: Plan) -> None:
        self._bound, self._masked = plan.bound, plan.masked
        self._makers = [self._maker(check) for check in plan.row_checks]
        self._taken = {
            number: self._maker(replace(check, says=check.says.replace(_HERE, _PUBLISHED)))
            for number, check in enumerate(plan.row_checks)
            if check.kind is Kind.UNIQUE
        }

    def finding(
        self,
        number: int,
        raw: Mapping[str, Any],
        values: Mapping[str, Any],
        shared: bool,
    ) -> Finding:
        """The finding of a check that failed.

        Args:
            number: of the check among the plan's `row_checks`.
            raw: raw column → value as delivered.
            values: column → parsed value.
            shared: a key that must be unique is also that of another record of the batch; if
                not, a published row has it.
        """
        make = self._makers[number] if shared else self._taken.get(number, self._makers[number])
        return make(raw, values)

    def _maker(self, check: Check) -> Callable[[Mapping[str, Any], Mapping[str, Any]], Finding]:
        offending = self._offending(check)
        hidden = check.column in self._masked
        evidence = {FOUND: self._found(check)} if check.found else {}
        parts = [p for piece in parts_of(check.says) for p in self._parts(*piece, evidence)]
        name, column, severity = check.name, check.column, str(check.severity)

        def make(raw: Mapping[str, Any], values: Mapping[str, Any]) -> Finding:
            value = offending(raw, values)
            shown = BLANK if value is None else value
            message = "".join(
                part if isinstance(part, str) else part(values, MASK if hidden else shown)
                for part in parts
            )
            return Finding(name, column, value, message, severity)

        return make

    def _found(self, check: Check) -> Callable[[Mapping[str, Any]], str | None]:
        """What a check says is wrong with the value of its column."""
        assert check.found is not None
        assert check.column is not None
        column = check.column
        if column in self._masked:
            return lambda values: MASK
        tell = by_polars(check.found("x"), self._bound[column].column.dtype)

        def told(values: Mapping[str, Any]) -> str | None:
            value = values[column]
            return None if type(value) is BeyondPython else _shortened(tell(value))

        return told

    def _parts(
        self,
        text: str,
        name: str | None,
        spec: str | None,
        conversion: str | None,
        evidence: Mapping[str, Callable[[Mapping[str, Any]], str | None]],
    ) -> list[str | Callable[[Mapping[str, Any], str], str]]:
        """A piece of a sentence: text, or a function of the values and the value to blame."""
        parts: list[str | Callable[[Mapping[str, Any], str], str]] = [text] if text else []
        if name is None:
            return parts
        if name == "value":
            return [*parts, lambda values, value: value]
        if name in evidence or name in self._bound:
            show = evidence.get(name) or self._shown(name)

            def of_column(values: Mapping[str, Any], value: str) -> str:
                shown = show(values)
                return BLANK if shown is None else shown

            return [*parts, of_column]
        as_written = name + (f"!{conversion}" if conversion else "") + (f":{spec}" if spec else "")
        return [*parts, "{" + as_written + "}"]

    def _offending(
        self, check: Check
    ) -> Callable[[Mapping[str, Any], Mapping[str, Any]], str | None]:
        own = self._bound.get(check.column)
        if own is not None:
            if own.raw is None:
                return lambda raw, values: None
            name, written = own.raw, text_of(own.raw_dtype)
            return lambda raw, values: _shortened(written(raw[name]))
        named = [r for r in check.reads[:MOST_NAMED] if r in self._bound]
        if check.kind is Kind.LAYOUT or not named:
            return lambda raw, values: None
        shown = [(r, self._shown(r)) for r in named]
        return lambda raw, values: ", ".join(f"{r}={show(values) or ''}" for r, show in shown)

    def _shown(self, name: str) -> Callable[[Mapping[str, Any]], str | None]:
        if name in self._masked:
            return lambda values: None if values[name] is None else MASK
        written = text_of(self._bound[name].column.dtype)
        return lambda values: _shortened(written(values[name]))


def _shortened(text: str | None) -> str | None:
    if text is None or len(text) <= MOST_SHOWN:
        return text
    return text[: MOST_SHOWN - 1] + "…"


@lru_cache(maxsize=64)
def text_of(dtype: DataType | None) -> Callable[[Any], str | None]:
    """A function that writes a value of a dtype as Polars does; null stays null."""
    if dtype is None or dtype == pl.String:
        return lambda x: x
    slow = by_polars(as_text(pl.col("x"), dtype), dtype)
    quick: Callable[[Any], str] = slow
    if dtype.is_integer():
        quick = str
    elif dtype == pl.Boolean:
        quick = _of_boolean
    elif dtype == pl.Date:
        quick = _of_date
    elif isinstance(dtype, pl.Datetime) and dtype.time_zone is None and dtype.time_unit != "ns":
        quick = _of_moment({"us": "microseconds", "ms": "milliseconds"}[dtype.time_unit])
    elif isinstance(dtype, pl.Decimal):
        quick = _of_decimal(dtype.scale)
    elif dtype == pl.Float64:

        def quick(x: float) -> str:
            plain = repr(x)
            return plain if math.isfinite(x) and "e" not in plain else str(slow(x))

    return lambda x: x if x is None or type(x) is BeyondPython else quick(x)


def _of_boolean(x: bool) -> str:
    return "true" if x else "false"


def _of_date(x: Any) -> str:
    return str(x.isoformat())


def _of_moment(precision: str) -> Callable[[Any], str]:
    return lambda x: str(x.isoformat(" ", precision))


def _of_decimal(scale: int) -> Callable[[Decimal], str]:
    return lambda x: f"{x:.{scale}f}"
