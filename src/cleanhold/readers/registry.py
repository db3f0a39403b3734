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
        "copybook": "copybook",
        "csv": "delimited",
        "tsv": "tab_delimited",
        "fixed-width": "fixed_width",
        "ndjson": "ndjson",
        "parquet": "parquet",
        "dbase": "dbase",
        "excel": "excel",
        "statistics": "statistics",
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
        options = {name: _value(format, name, value) for name, value in options.items()}
    make: Callable[..., Reader] = entry.load()
    try:
        signature(make).bind(**options)
    except TypeError as error:
        known = ", ".join(signature(make).parameters) or "none"
        raise UsageError(
            f"these options do not fit format {format!r}: {error}", next=f"its options: {known}"
        ) from error
    return make(**options)


def _value(format: str, name: str, value: Any) -> Any:
    """An option's value from its text; where formats differ, the words name the format too."""
    understand = _WORDS.get(f"{format} {name}") or _WORDS.get(name)
    return understand(value) if isinstance(value, str) and understand else value


def _named(words: Mapping[str, Any], text: str) -> Any:
    return words.get(text.lower(), text)


def _number(name: str, text: str) -> int:
    if not (text.isascii() and text.isdigit()):
        raise UsageError(f"{name} must be a whole number, not {text!r}")
    return int(text)


def _signed(name: str, text: str) -> int:
    sign, digits = (-1, text[1:]) if text.startswith("-") else (1, text)
    return sign * _number(name, digits)


def _segments(text: str) -> dict[str, str]:
    pairs = [part.partition(":") for part in text.split(",")]
    return {key.strip(): group.strip() for key, _, group in pairs}


def _yes(name: str, text: str) -> bool:
    if text.lower() not in ("true", "false"):
        raise UsageError(f"{name} must be true or false, not {text!r}")
    return text.lower() == "true"


def _header(text: str) -> Any:
    return True if text.lower() == "true" else tuple(name.strip() for name in text.split(","))


def _place(text: str) -> Any:
    return int(text) if text.isascii() and text.isdigit() else _header(text)


def _lines(text: str) -> Any:
    return int(text) if text.isascii() and text.isdigit() else text


def _layout(text: str) -> Any:
    if text.lower().endswith((".csv", ".tsv", ".txt")):
        return text
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
    "escape": partial(_named, {"none": None, "": None, "backslash": "\\"}),
    "header_row": _place,
    "header_rows": partial(_number, "header_rows"),
    "trailer": _lines,
    "skip_rows": partial(_number, "skip_rows"),
    "width": partial(_number, "width"),
    "layout": _layout,
    "segments": _segments,
    "filler": partial(_yes, "filler"),
    **{
        name: partial(_number, name)
        for name in ("record_length", "record_start", "record_end", "file_start", "file_end")
    },
    **{
        name: partial(_signed, name)
        for name in ("rdw_adjustment", "bdw_adjustment", "length_adjustment")
    },
    **dict.fromkeys(("flatten", "namespaces", "xml columns"), _pairs),
}
