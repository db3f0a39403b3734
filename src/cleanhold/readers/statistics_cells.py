"""The cells of SPSS, Stata and SAS files as frames of text: the part that runs in a child.

pyreadstat gives lists of Python objects, a run of rows at a time: there is no other way.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import polars as pl

from cleanhold.errors import DeliveryError
from cleanhold.readers.dbase_fields import number_texts
from cleanhold.readers.isolated import Piece, library
from cleanhold.readers.naming import column_names
from cleanhold.readers.statistics_times import meaning, time_texts

#: Cells read together, about, and rows at least: every run starts again at the file's beginning.
_CELLS, _ROWS = 2_000_000, 500

#: Kind of file → pyreadstat's function, the program it is from, whether user-missing values and an
#: encoding can be asked for.
_KINDS = {
    "sav": ("read_sav", "spss", True, True),
    "por": ("read_por", "spss", False, False),
    "dta": ("read_dta", "stata", True, True),
    "sas7bdat": ("read_sas7bdat", "sas", True, True),
    "xpt": ("read_xport", "sas", False, True),
}


def pieces(path: Path, options: dict[str, Any]) -> Iterator[Piece]:
    """What a file holds, then its rows.

    The first piece has `columns`, `notes`, `rows` (null if the file does not say), `encoding` and
    `missing` (column → `ranges`, `texts` that stand for no value). Frames of the columns follow.

    Args:
        path: of the file.
        options: those of `Statistics`, as JSON values, and its `kind`.

    Raises:
        DeliveryError: the file is damaged, or has fewer rows than it promises.
        UsageError: pyreadstat is not installed.
    """
    yield from _File(library("pyreadstat", "stats"), path, options).pieces()


class _File:
    def __init__(self, pyreadstat: Any, path: Path, options: dict[str, Any]) -> None:
        function, self._program, self._has_missing, has_encoding = _KINDS[options["kind"]]
        self._path, self._options = path, options
        self._read_function = getattr(pyreadstat, function)
        self._failures = (pyreadstat.ReadstatError, pyreadstat.PyreadstatError, UnicodeError)
        self._asked = {"output_format": "dict", "disable_datetime_conversion": True}
        if options["encoding"] and has_encoding:
            self._asked["encoding"] = options["encoding"]
        if self._has_missing:
            self._asked["user_missing"] = True

    def _read(self, **more: Any) -> tuple[dict[str, list[Any]], Any]:
        try:
            data, meta = self._read_function(str(self._path), **self._asked, **more)
        except self._failures as error:
            raise DeliveryError(
                f"the file cannot be read: {error}",
                next="ask the sender to deliver it again; if texts are the trouble, say encoding=",
            ) from error
        return data, meta

    def pieces(self) -> Iterator[Piece]:
        _, meta = self._read(metadataonly=True)
        delivered = list(meta.column_names)
        if not delivered or len(set(delivered)) < len(delivered):
            raise DeliveryError(
                "the file has no variables, or two of the same name",
                next="ask the sender to deliver it again",
            )
        columns, notes = column_names(delivered)
        # User-missing values that are declared (SPSS) are only told with data.
        ranges = self._read(row_limit=1)[1].missing_ranges if self._has_missing else {}
        named = dict(zip(delivered, columns, strict=True))
        missing = {
            named[name]: _missing(ranges.get(name, ()), meta.variable_value_labels.get(name, {}))
            for name in delivered
            if name in ranges or (self._program != "spss" and self._is_number(meta, name))
        }
        yield {
            "columns": columns,
            "notes": [*notes, *self._told(meta, ranges)],
            "rows": meta.number_rows,
            "encoding": meta.file_encoding,
            "missing": missing if self._options["missing"] == "finding" else {},
        }
        count, read = max(_ROWS, _CELLS // len(columns)), 0
        while meta.number_rows is None or read < meta.number_rows:
            data, found = self._read(row_offset=read, row_limit=count)
            rows = len(data[delivered[0]]) if data else 0
            if not rows:
                break
            yield pl.DataFrame(
                [
                    self._column(name, data[name], found, ranges.get(name, ())).alias(named[name])
                    for name in delivered
                ]
            )
            read += rows
        if meta.number_rows is not None and read != meta.number_rows:
            raise DeliveryError(
                f"the file promises {meta.number_rows} rows and has {read}",
                next="ask the sender to deliver it again",
            )

    @staticmethod
    def _is_number(meta: Any, name: str) -> bool:
        return bool(meta.readstat_variable_types[name] != "string")

    def _column(
        self, name: str, values: list[Any], meta: Any, ranges: Sequence[Mapping[str, Any]]
    ) -> pl.Series:
        """A variable's values as text."""
        keep = self._options["missing"] != "null"
        labels = meta.variable_value_labels.get(name, {})
        if not self._is_number(meta, name):
            texts = pl.Series(values, dtype=pl.String)
            texts = texts.set(texts == "", None)
            if not keep:
                texts = texts.set(texts.is_in([one["lo"] for one in ranges]), None)
            return self._labelled(texts, {str(code): label for code, label in labels.items()})
        tags = None
        if name in meta.missing_user_values:
            # Stata and SAS have missing values of several kinds, .a to .z.
            tags = pl.Series(
                [f".{v}" if isinstance(v, str) else None for v in values], dtype=pl.String
            )
            values = [None if isinstance(v, str) else v for v in values]
        numbers = pl.Series(values, dtype=pl.Float64)
        single = meta.readstat_variable_types[name] == "float"
        texts = number_texts(numbers.cast(pl.Float32) if single else numbers)
        declared = pl.Series([False]).new_from_index(0, len(numbers))
        for one in ranges:
            declared |= numbers.is_between(one["lo"], one["hi"]).fill_null(False)
        if meant := meaning(self._program, meta.original_variable_types[name] or ""):
            times = time_texts(numbers, meant)
            texts = times.set(declared, None).fill_null(texts)
        if not keep:
            texts = texts.set(declared, None)
        elif tags is not None:
            texts = tags.fill_null(texts)
        return self._labelled(texts, {_code_text(code): label for code, label in labels.items()})

    def _labelled(self, texts: pl.Series, labels: dict[str, str]) -> pl.Series:
        return texts.replace(labels) if labels and self._options["labels"] == "text" else texts

    def _told(self, meta: Any, ranges: Mapping[str, Any]) -> Iterator[str]:
        if self._options["kind"] == "xpt":
            yield "the file does not say how many rows it has: a cut between two rows does not show"
        if not self._has_missing:
            yield "user-missing values of this format are null: the library does not tell them"
        if ranges:
            told = [
                f"{name} ({', '.join(map(_range_text, some))})" for name, some in ranges.items()
            ]
            how = {"code": "are kept as codes", "null": "are null", "finding": "are findings"}
            more = f" and {len(told) - 20} more" if len(told) > 20 else ""
            yield (
                f"user-missing values {how[self._options['missing']]}: {', '.join(told[:20])}{more}"
            )
        if self._options["labels"] == "text":
            for name, labels in meta.variable_value_labels.items():
                if len(set(labels.values())) < len(labels):
                    yield f"{name}: two codes have the same label, and read alike"


def _missing(ranges: Sequence[Mapping[str, Any]], labels: Mapping[Any, str]) -> dict[str, Any]:
    """What stands for no value: ranges of numbers, texts, and the labels of either.

    A text that has a label is a tag of Stata or SAS (`a` for `.a`), unless texts are declared.
    """
    numbers = [(one["lo"], one["hi"]) for one in ranges if not isinstance(one["lo"], str)]
    texts = [one["lo"] for one in ranges if isinstance(one["lo"], str)]

    def stands_for_none(code: Any) -> bool:
        if isinstance(code, str):
            return not texts or code in texts
        return any(low <= code <= high for low, high in numbers)

    labelled = [label for code, label in labels.items() if stands_for_none(code)]
    return {"ranges": numbers, "texts": [*texts, *labelled]}


def _code_text(code: Any) -> str:
    if isinstance(code, str):
        return f".{code}"
    return str(number_texts(pl.Series([float(code)]))[0])


def _range_text(one: Mapping[str, Any]) -> str:
    low, high = one["lo"], one["hi"]
    if low == high:
        return low if isinstance(low, str) else _code_text(low)
    return f"{_code_text(low)} to {_code_text(high)}"
