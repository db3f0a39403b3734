"""Formats by name: the built-in ones, and those that installed packages add.

A package adds a format with an entry point in the group `cleanhold.readers`: the name users write
after `--format`, and a callable that takes the options as keywords and gives a `Reader`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from importlib.metadata import EntryPoint, entry_points
from inspect import signature
from typing import Any

from cleanhold.core.reading import Reader
from cleanhold.errors import UsageError

GROUP = "cleanhold.readers"

_BUILT_IN = {
    name: EntryPoint(name, f"cleanhold.readers:{factory}", GROUP)
    for name, factory in {
        "csv": "delimited",
        "tsv": "tab_delimited",
        "fixed-width": "fixed_width",
        "ndjson": "ndjson",
        "parquet": "parquet",
        "arrow": "arrow",
        "orc": "orc",
        "avro": "avro",
        "json": "json_document",
        "xml": "xml",
    }.items()
}


def formats() -> list[str]:
    """The names of all formats, sorted."""
    return sorted({*_BUILT_IN, *entry_points(group=GROUP).names})


def reader_for(format: str, **options: Any) -> Reader:
    """The reader of a format.

    Args:
        format: a name from `formats()`.
        options: the format's options. A text is understood where the option is no text, so that
            options can come from a command line: `skip_lines="2"`, `header="id,name"`,
            `delimiter="tab"`, `quote="none"`, `layout="id:1:8,name:9:20"`.

    Raises:
        UsageError: there is no such format, or it has no such option or value.
    """
    entry = _BUILT_IN.get(format)
    if entry is None:
        added = list(entry_points(group=GROUP, name=format))
        if not added:
            raise UsageError(
                f"there is no format {format!r}",
                next=f"use one of: {', '.join(formats())}",
            )
        entry = added[0]
    elif "layout" not in options and format == "fixed-width":
        raise UsageError(
            "fixed-width text needs a layout",
            next="write -o layout=NAME:START:LENGTH,NAME:START:LENGTH (the first character is 1)",
        )
    else:
        options = {name: _value(name, value) for name, value in options.items()}
    make: Callable[..., Reader] = entry.load()
    try:
        signature(make).bind(**options)
    except TypeError as error:
        known = ", ".join(signature(make).parameters) or "none"
        raise UsageError(
            f"these options do not fit format {format!r}: {error}", next=f"its options: {known}"
        ) from error
    return make(**options)


def _value(name: str, value: Any) -> Any:
    return _WORDS[name](value) if isinstance(value, str) and name in _WORDS else value


def _named(words: Mapping[str, Any], text: str) -> Any:
    return words.get(text.lower(), text)


def _number(name: str, text: str) -> int:
    if not (text.isascii() and text.isdigit()):
        raise UsageError(f"{name} must be a whole number, not {text!r}")
    return int(text)


def _header(text: str) -> Any:
    return True if text.lower() == "true" else tuple(name.strip() for name in text.split(","))


def _layout(text: str) -> tuple[tuple[Any, ...], ...]:
    fields = [part.strip().rsplit(":", 2) for part in text.split(",")]
    return tuple(
        tuple(int(part) if at and part.isdigit() else part for at, part in enumerate(field))
        for field in fields
    )


def _pairs(text: str) -> Any:
    pairs = [part.strip().partition(":") for part in text.split(",")]
    return {name: value for name, _, value in pairs} if ":" in text else text


_WORDS: dict[str, Callable[[str], Any]] = {
    "delimiter": partial(_named, {"tab": "\t", "\\t": "\t", "comma": ",", "space": " "}),
    "quote": partial(_named, {"none": None, "": None}),
    "header": _header,
    "skip_lines": partial(_number, "skip_lines"),
    "width": partial(_number, "width"),
    "layout": _layout,
    **dict.fromkeys(("columns", "flatten", "namespaces"), _pairs),
}
