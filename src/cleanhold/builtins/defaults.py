"""The parse rule a column gets when its contract names none."""

from __future__ import annotations

import polars as pl

from cleanhold.builtins.booleans import booleans
from cleanhold.builtins.dates import dates, datetimes
from cleanhold.builtins.numbers import decimal, integer, number
from cleanhold.builtins.text import Text, text
from cleanhold.core.parsing import DataType, ParseRule


class _Choice(Text):
    """Text that must be one of an Enum's categories."""

    fallible = True

    @property
    def says(self) -> str:
        return "one of the listed values"


def default_rule(dtype: DataType) -> ParseRule | None:
    """The rule for text that becomes `dtype`; None if text cannot become it without one."""
    if dtype in (pl.String, pl.Categorical):
        return text()
    if dtype == pl.Enum:
        return _Choice()
    if dtype == pl.Boolean:
        return booleans()
    if dtype == pl.Date:
        return dates()
    if dtype == pl.Datetime:
        return datetimes()
    if dtype == pl.Decimal:
        return decimal()
    if dtype.is_integer():
        return integer()
    if dtype.is_float():
        return number()
    return None
