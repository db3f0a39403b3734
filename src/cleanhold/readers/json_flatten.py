"""Columns out of nested JSON: by declared paths, or all nested objects to `address.city`.

Every level is taken apart for all records of a block together, by the same arithmetic as the
outermost one. A record stays one row: lists are not spread over rows.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
import polars as pl

from cleanhold.errors import UsageError
from cleanhold.readers.framing import records_of
from cleanhold.readers.json_tokens import members, nth_elements, run_of
from cleanhold.readers.json_values import keys_of, texts_of
from cleanhold.readers.naming import column_names

#: Between the keys of a nested value. (A key may hold it, as `\\u0000`; then two are one, and the
#: record is refused as if it had the same key twice.)
WITHIN = "\0"

_STEP = re.compile(r"""\.([^.\[\]"'\s]+)|\[([0-9]+)\]|\["([^"]*)"\]|\['([^']*)'\]""")

#: The values of members: record, place among all outermost members, key, text, whether they are
#: objects or lists (nested), whether they are bad.
Values = pl.DataFrame


def json_path(text: str) -> tuple[str | int, ...]:
    """The steps of a path like `$.data.items`, `$.tags[0]` or `$["a key"].b`.

    Source: RFC 9535, of which only these (normalized, or in dots) are known.

    Raises:
        UsageError: it is no such path.
    """
    steps: list[str | int] = []
    at = 1
    while text.startswith("$") and at < len(text) and (found := _STEP.match(text, at)):
        name, number, double, single = found.groups()
        steps.append(int(number) if number else name or double or single or "")
        at = found.end()
    if not text.startswith("$") or at < len(text):
        raise UsageError(
            f"{text!r} is no path", next="write it like $.address.city, $.tags[0] or $['a key']"
        )
    return tuple(steps)


@dataclass(frozen=True, slots=True)
class Flatten:
    """What becomes columns besides the outermost keys.

    Attributes:
        dots: every nested object, member by member.
        paths: name → steps, the first of which is a key.
    """

    dots: bool = False
    paths: tuple[tuple[str, tuple[str | int, ...]], ...] = ()

    @classmethod
    def of(cls, option: str | Iterable[tuple[str, str]] | None) -> Flatten:
        """What a reader's option says; raises `UsageError` if it is mistaken."""
        if option is None or option == "dots":
            return cls(dots=option == "dots")
        if isinstance(option, str):
            raise UsageError(
                f"flatten is {option!r}", next="say 'dots', or name paths: {'city': '$.a.city'}"
            )
        paths = tuple((name, json_path(path)) for name, path in option)
        for name, steps in paths:
            if not steps or isinstance(steps[0], int):
                raise UsageError(
                    f"the path of {name!r} does not begin with a key",
                    next="a record is an object: write it like $.address.city",
                )
        return cls(paths=paths)

    def __bool__(self) -> bool:
        return self.dots or bool(self.paths)

    def apply(self, values: Values) -> Values:
        """The values of well-formed records, and those that are flattened out of them."""
        if self.dots:
            return _dotted(values)
        return pl.concat([values, *(_along(values, name, steps) for name, steps in self.paths)])


def frozen(option: str | Mapping[str, str] | None) -> str | tuple[tuple[str, str], ...] | None:
    """The option as a reader keeps it."""
    return tuple(option.items()) if isinstance(option, Mapping) else option


def in_words(option: str | tuple[tuple[str, str], ...] | None) -> str | dict[str, str] | None:
    """The option as a JSON value."""
    return dict(option) if isinstance(option, tuple) else option


def names_of(keys: Mapping[str, bool]) -> list[str]:
    """The keys that are columns, nested ones beside each other.

    Args:
        keys: whether each has a value other than null anywhere. One that has none and holds
            others is only an object that is missing now and then.
    """
    tree: dict[str, list[str]] = {}
    for key in keys:
        tree.setdefault(key.partition(WITHIN)[0], []).append(key)  # a flat one is its own
    holders = {key[:at] for key in keys for at, mark in enumerate(key) if mark == WITHIN}
    return [k for below in tree.values() for k in below if keys[k] or k not in holders]


def columns_of(keys: list[str], flatten: Flatten) -> tuple[list[str], list[str], list[str]]:
    """All keys that are columns, what the columns are called, and notes on changed names."""
    declared = [WITHIN + name for name, _ in flatten.paths]
    keys = [*(key for key in keys if key not in declared), *declared]
    names, notes = column_names([key.removeprefix(WITHIN).replace(WITHIN, ".") for key in keys])
    return keys, names, notes


def _dotted(values: Values) -> Values:
    parts = []
    while True:
        objects, others = _split(values, "{")
        parts.append(others)
        if not objects.height:  # then in the order of the members they come from
            return pl.concat(parts).sort("place", maintain_order=True)
        values, empty = _opened(objects)
        parts.append(empty)


def _along(values: Values, name: str, steps: tuple[str | int, ...]) -> Values:
    found = values.filter(pl.col("key") == steps[0])
    for step in steps[1:]:
        found = found.with_columns(key=pl.lit(""))
        if isinstance(step, str):
            found, _ = _opened(_split(found, "{")[0])
            found = found.filter(pl.col("key") == WITHIN + step)
        else:
            found = _picked(_split(found, "[")[0], step)
    return found.with_columns(key=pl.lit(WITHIN + name))


def _split(values: Values, mark: str) -> tuple[Values, Values]:
    """The objects (or lists) among values, and the others."""
    which = pl.col("nested") & pl.col("text").str.starts_with(mark) & ~pl.col("bad")
    return values.filter(which), values.filter(~which)


def _opened(objects: Values) -> tuple[Values, Values]:
    """The members of objects, and the objects that have none."""
    data, bounds = run_of(objects["text"])
    found = members(data, records_of(bounds, bounds[1:]), np.arange(objects.height))
    key, key_bad = keys_of(found.keys())
    within = objects["key"].gather(found.record)
    named = pl.concat_str(within, pl.lit(WITHIN), key.fill_null(""))
    values = _values(objects, found.record, found.values(), pl.Series(found.quotes == 2))
    empty = np.setdiff1d(np.arange(objects.height), found.record)
    return values.with_columns(key=named, bad=pl.col("bad") | key_bad), objects[empty]


def _picked(lists: Values, n: int) -> Values:
    which, raw, quotes = nth_elements(lists["text"], n)
    return _values(lists, which, raw, pl.Series(quotes == 2))


def _values(holders: Values, which: np.ndarray, raw: pl.Series, two_quotes: pl.Series) -> Values:
    text, bad, nested = texts_of(raw, two_quotes, check_strings=False)
    return pl.DataFrame(
        {
            "record": holders["record"].gather(which),
            "place": holders["place"].gather(which),
            "key": holders["key"].gather(which),
            "text": text,
            "nested": nested,
            "bad": bad,
        }
    )
