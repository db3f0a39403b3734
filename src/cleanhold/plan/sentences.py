"""Plain sentences for checks, and filling in what the row says."""

from __future__ import annotations

import string
from collections.abc import Collection, Mapping
from typing import Any

import polars as pl

from cleanhold.core.contract import MASK
from cleanhold.core.parsing import DataType
from cleanhold.plan.conversion import moment_as_text

#: Shown in the place of a null, and of a value that must not be shown.
BLANK = "(blank)"
_MOST_LISTED = 12

#: How the sentence of a check of the row begins that was given none.
ROW_FAILS = "the row fails"

#: Characters of a value that are shown.
MOST_SHOWN = 200


def literal(text: object) -> str:
    """Text that stands for itself in a sentence."""
    return str(text).replace("{", "{{").replace("}", "}}")


def builtin_sentence(name: str, column: str, statistics: Mapping[str, Any]) -> str | None:
    """The sentence of one of pandera's own checks, or None for a check that is not."""
    said = {key: literal(listed(value)) for key, value in statistics.items()}
    template = _SENTENCES.get(name)
    if template is None:
        return None
    if name == "in_range":
        said["lower"] = "from" if statistics.get("include_min", True) else "more than"
        said["upper"] = "to" if statistics.get("include_max", True) else "less than"
    if name == "str_length":
        said["length"] = _length(statistics)
    if name == "str_matches":
        said["pattern"] = said["pattern"].removeprefix("^(?:").removesuffix(")$")
    for key, text in said.items():
        template = template.replace(f"<{key}>", text)
    return f"{literal(column)} {template}"


_SENTENCES = {
    "equal_to": "is {value}; it must be <value>",
    "not_equal_to": "must not be {value}",
    "greater_than": "is {value}; it must be more than <min_value>",
    "greater_than_or_equal_to": "is {value}; it must be <min_value> or more",
    "less_than": "is {value}; it must be less than <max_value>",
    "less_than_or_equal_to": "is {value}; it must be <max_value> or less",
    "in_range": "is {value}; it must be <lower> <min_value> <upper> <max_value>",
    "isin": "is {value}; it must be one of <allowed_values>",
    "notin": "must not be {value}",
    "str_matches": "is {value}, which is not written like <pattern>",
    "str_contains": "is {value}, which does not contain <pattern>",
    "str_startswith": "is {value}; it must begin with <string>",
    "str_endswith": "is {value}; it must end with <string>",
    "str_length": "is {value}; it must have <length>",
}


def listed(value: Any) -> str:
    """An option's value, or the first dozen of several."""
    if isinstance(value, str) or not isinstance(value, Collection):
        return str(getattr(value, "pattern", value))
    return few(sorted(str(v) for v in value))


def few(names: Collection[str]) -> str:
    """Names in their order; of many, the first dozen and how many there are."""
    more = f", … ({len(names):,} in all)" if len(names) > _MOST_LISTED else ""
    return ", ".join(list(names)[:_MOST_LISTED]) + more


def _length(statistics: Mapping[str, Any]) -> str:
    exact, least, most = (statistics.get(k) for k in ("exact_value", "min_value", "max_value"))
    if exact is not None:
        return f"{exact} characters"
    if least is not None and most is not None:
        return f"{least} to {most} characters"
    return f"{least} characters or more" if least is not None else f"at most {most} characters"


def fill(
    says: str,
    *,
    value: pl.Expr | None,
    columns: Mapping[str, DataType],
    masked: Collection[str],
) -> pl.Expr:
    """The sentence for each row, as an expression (String).

    Args:
        says: `{value}` becomes `value`, `{column}` the row's value of that column; any other
            braces stay as they are.
        value: the offending value, as text.
        columns: columns of the frame that may be shown → dtype.
        masked: columns whose values are not shown.
    """
    parts: list[pl.Expr] = []
    for text, name, spec, conversion in parts_of(says):
        if text:
            parts.append(pl.lit(text))
        if name is None:
            continue
        if name == "value" and value is not None:
            parts.append(value.fill_null(BLANK))
        elif name in columns:
            parts.append(shown_value(name, columns[name], masked).fill_null(BLANK))
        else:
            as_written = name + (f"!{conversion}" if conversion else "")
            parts.append(pl.lit("{" + as_written + (f":{spec}" if spec else "") + "}"))
    return pl.concat_str(parts) if parts else pl.lit("")


def shortened(text: pl.Expr) -> pl.Expr:
    """Text cut to `MOST_SHOWN` characters, the last of them … if any are missing."""
    too_long = text.str.len_chars() > MOST_SHOWN
    return pl.when(too_long).then(text.str.head(MOST_SHOWN - 1) + "…").otherwise(text)


def as_text(column: pl.Expr, dtype: DataType | None) -> pl.Expr:
    """Values of any dtype as text: bytes in hex, durations in ISO 8601, lists and structs as
    JSON."""
    if dtype is None or dtype == pl.String:
        return column
    if _is_odd(dtype) and not dtype.is_nested():
        return encodable(column, dtype)
    if dtype.is_nested():
        encoded = pl.struct(encodable(column, dtype).alias("v")).struct.json_encode()
        return pl.when(column.is_not_null()).then(encoded.str.slice(5).str.head(-1))
    if dtype in (pl.Date, pl.Datetime):
        return moment_as_text(column)
    return column.cast(pl.String)


def encodable(column: pl.Expr, dtype: Any) -> pl.Expr:
    """Values as something that Polars can write as JSON: it knows no bytes, and panics."""
    if not _is_odd(dtype):
        return column
    if dtype == pl.Binary:
        return column.bin.encode("hex")
    if dtype == pl.Duration:
        return column.dt.to_string("iso")
    if isinstance(dtype, pl.Array):
        return encodable(column.arr.to_list(), pl.List(dtype.inner))
    if isinstance(dtype, pl.List):
        return column.list.eval(encodable(pl.element(), dtype.inner))
    if isinstance(dtype, pl.Struct):
        fields = [
            encodable(column.struct.field(f.name), f.dtype).alias(f.name) for f in dtype.fields
        ]
        return pl.when(column.is_not_null()).then(pl.struct(fields))
    return column.cast(pl.String)


def _is_odd(dtype: Any) -> bool:
    """Whether a dtype is, or holds, one that is not text, a number, a truth or a moment."""
    if isinstance(dtype, pl.List | pl.Array):
        return _is_odd(dtype.inner)
    if isinstance(dtype, pl.Struct):
        return any(_is_odd(f.dtype) for f in dtype.fields)
    return dtype in (pl.Binary, pl.Duration, pl.Int128, pl.UInt128)


def shown_value(name: str, dtype: DataType, masked: Collection[str]) -> pl.Expr:
    """A column's values for people: shortened, or not shown at all. Null stays null."""
    if name in masked:
        return pl.when(pl.col(name).is_not_null()).then(pl.lit(MASK))
    return shortened(as_text(pl.col(name), dtype))


def parts_of(says: str) -> list[tuple[str, str | None, str | None, str | None]]:
    """(text, then a name in braces, its format, its conversion) of a sentence, one by one."""
    try:
        return list(string.Formatter().parse(says))
    except ValueError:  # unbalanced braces, such as a regular expression
        return [(says, None, None, None)]
