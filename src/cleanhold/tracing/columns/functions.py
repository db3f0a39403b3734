"""What Polars' functions do to lineage: by the names that its plans have for them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from cleanhold.core.column_lineage import Way
from cleanhold.tracing.columns.term import Height

_SEVERAL = Way.AGGREGATION


@dataclass(frozen=True, slots=True)
class Effect:
    """What a function does to the lineage of its arguments.

    Attributes:
        height: rows of the result; None for as many as its longest argument has.
        ordered: the result depends on the order of rows.
        masks: the result does not tell the value; see `MASKING`.
        deciding: way of the arguments after the first, where they decide and give no value.
    """

    way: Way = Way.TRANSFORMATION
    height: Height | None = None
    ordered: bool = False
    masks: bool = False
    deciding: Way | None = None


#: Results that do not tell a value, whatever the value is: how many there are, whether there is
#: one, and a hash (as OpenLineage has it; whoever can guess the values can hash them too).
#: A sum or a mean does not mask: over a group of one row it is the value. Neither does a
#: comparison (`status == "lapsed"` tells the status), a length, a rank, or a part of a text.
MASKING = frozenset({
    "count", "n_unique", "approx_n_unique", "null_count", "cum_count", "hash", "is_null",
    "is_not_null", "has_nulls",
})  # fmt: skip

#: Row by row: neither other rows nor their order matter.
_EACH = frozenset({
    "abs", "as_struct", "atan2", "cbrt", "ceil", "clip", "coalesce", "cot", "degrees", "exp",
    "fill_null", "floor", "hash", "log", "log1p", "max_horizontal", "mean_horizontal",
    "min_horizontal", "negate", "pow", "radians", "reinterpret", "replace", "replace_strict",
    "round", "round_sig_figs", "sign", "sqrt", "sum_horizontal", "to_physical",
})  # fmt: skip
#: Kinds of functions that work row by row, but for those named elsewhere here.
_EACH_OF = frozenset({
    "ArrayFunction", "BinaryFunction", "BooleanFunction", "CategoricalFunction", "ListFunction",
    "PowFunction", "StringFunction", "StructFunction", "TemporalFunction", "TrigonometricFunction",
})  # fmt: skip
#: One value of all rows, whatever their order.
_ONE = frozenset({
    "all", "any", "approx_n_unique", "corr", "cov", "entropy", "has_nulls", "kurtosis",
    "null_count", "product", "quantile", "skew",
})  # fmt: skip
#: One value of all rows, which may be another in another order.
_ONE_BY_ORDER = frozenset({"arg_max", "arg_min", "max_by", "min_by", "str.concat_vertical"})
#: As many rows as before, each of which may depend on other rows.
_OTHERS = frozenset({
    "cum_count", "cum_max", "cum_min", "cum_prod", "cum_sum", "diff", "interpolate",
    "interpolate_by", "is_duplicated", "is_first_distinct", "is_last_distinct", "is_unique",
    "pct_change", "peak_max", "peak_min", "rank",
})  # fmt: skip
#: As many rows as before, with values of other rows.
_MOVED = frozenset({
    "fill_null_with_strategy", "reverse", "rle_id", "shift", "shuffle",
})  # fmt: skip

_PREFIX = {
    "ArrayFunction": "arr.", "BinaryFunction": "bin.", "CategoricalFunction": "cat.",
    "EwmFunction": "ewm_", "ListFunction": "list.", "RollingFunction": "rolling_",
    "RollingFunctionBy": "rolling_", "StringFunction": "str.", "StructFunction": "struct.",
    "TemporalFunction": "dt.",
}  # fmt: skip


def named(function: Any) -> tuple[str, str]:
    """A function's name as people write it, and the kind of functions it belongs to.

    Args:
        function: a name, or a member of an enumeration, as a plan has it.
    """
    if isinstance(function, str):
        return function, ""
    kind, _, member = str(function).rpartition(".")
    return _PREFIX.get(kind, "") + _snake(member).removesuffix("_by_name"), kind


def effect(name: str, kind: str) -> Effect:
    """What a function does. What is not known here may depend on all rows and their order."""
    masks = name in MASKING
    if name in _ONE or name in _ONE_BY_ORDER:
        return Effect(_SEVERAL, Height.ONE, name in _ONE_BY_ORDER, masks)
    if name in _OTHERS or kind == "EwmFunction":
        return Effect(_SEVERAL, Height.SAME, True, masks)
    if kind == "RollingFunction":
        return Effect(_SEVERAL, Height.SAME, True)
    if kind == "RollingFunctionBy":
        return Effect(_SEVERAL, Height.SAME, True, deciding=Way.WINDOW)
    if name in ("top_k_by", "bottom_k_by"):
        return Effect(height=Height.OTHER, ordered=True, deciding=Way.SORT)
    if name in _MOVED:
        return Effect(height=Height.SAME, ordered=True)
    if name in _EACH or kind in _EACH_OF or (kind == "RangeFunction" and name.endswith("s")):
        return Effect(masks=masks)
    return Effect(height=Height.OTHER, ordered=True)


def _snake(member: str) -> str:
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", member).lower()
