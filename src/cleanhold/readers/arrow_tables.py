"""Arrow's record batches as frames: what Parquet, Arrow IPC and ORC files have in common.

Columns keep their types, with these exceptions, all of them exact: dictionaries are looked up,
`decimal256` (and a decimal of negative scale) becomes text, a UUID its usual text, seconds become
milliseconds, and a time zone that the time zone database does not know becomes UTC (the instant is
the same). Binary columns become text, if so wished; see `text_of`.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from zoneinfo import available_timezones

import polars as pl

from cleanhold.core.parsing import DataType
from cleanhold.core.reading import Chunk, Progress, Unreadable
from cleanhold.errors import DeliveryError, UsageError
from cleanhold.readers.arrow_views import safe, without_views
from cleanhold.readers.naming import column_names
from cleanhold.readers.tables import ROWS, table_chunks

#: What `binary` may be: how columns of bytes are read.
BINARY = ("text", "bytes")

#: How a value that is bytes, and no text in UTF-8, is shown: this, the bytes in hex, and a quote.
NOT_UTF8 = "not UTF-8: x'"


def is_not_utf8(text: pl.Expr) -> pl.Expr:
    """Where a column of text that was bytes holds none; see `Framing.unreadable`."""
    return text.str.starts_with(NOT_UTF8)


def text_of(values: pl.Series) -> pl.Series:
    """Bytes (Binary) as the text they are in UTF-8; `NOT_UTF8` and their hex where they are not."""
    try:
        return values.cast(pl.String)
    except pl.exceptions.ComputeError:  # one by one: only in a chunk that holds such bytes
        texts = [None if value is None else _text(value) for value in values.to_list()]
        return pl.Series(values.name, texts, dtype=pl.String)


def _text(value: bytes) -> str:
    try:
        return value.decode()
    except UnicodeDecodeError:
        return f"{NOT_UTF8}{value.hex().upper()}'"


@dataclass(frozen=True, slots=True)
class TypedFile(ABC):
    """What the readers of such files have in common; each has its own `format` and `open`.

    Args:
        binary: how columns of bytes are read: `text` (UTF-8; a value that is none is shown as
            `not UTF-8: x'…'` and holds its row where the contract uses the column) or `bytes`.

    Raises:
        UsageError: `binary` is neither.
    """

    binary: str = "bytes"

    def __post_init__(self) -> None:
        if self.binary not in BINARY:
            raise UsageError(
                f"binary is {self.binary!r}, and must be one of: {', '.join(BINARY)}",
                next="write 'text' if these columns hold text, else 'bytes'",
            )

    @property
    @abstractmethod
    def format(self) -> str:
        """The name of the format."""

    def describe(self) -> dict[str, Any]:
        return {"format": self.format, "binary": self.binary}


def damaged(kind: str, path: Path, error: BaseException | str) -> DeliveryError:
    """The error for a file that is not whole."""
    why = (str(error).splitlines() or [type(error).__name__])[0]
    return DeliveryError(
        f"this {kind} is damaged: {why}",
        where=path.name,
        next="ask the sender to deliver it again",
    )


def failures() -> tuple[type[BaseException], ...]:
    """What pyarrow and Polars raise for bytes that they cannot read."""
    import pyarrow as pa

    polars = (pl.exceptions.PolarsError, pl.exceptions.PanicException)
    python = (OSError, ValueError, KeyError, IndexError, TypeError, MemoryError)
    return (pa.ArrowException, *polars, *python)


@dataclass(frozen=True, slots=True)
class ArrowTable:
    """The columns of a file that pyarrow reads.

    Attributes:
        path: the file.
        kind: what it is, for messages: "Parquet file".
        schema: Arrow's.
        binary: one of `BINARY`.
    """

    path: Path
    kind: str
    schema: Any
    binary: str

    def layout(self) -> tuple[dict[str, DataType], list[str]]:
        """Raw columns with their types, and notes on what differs from the file's own.

        Raises:
            DeliveryError: a column has a type that no frame can hold, or a name that is no text.
        """
        import pyarrow as pa

        try:
            names, notes = column_names(self.schema.names)
        except UnicodeDecodeError as error:
            raise damaged(self.kind, self.path, error) from error
        if not names:
            raise DeliveryError(
                f"this {self.kind} has no columns",
                where=self.path.name,
                next="ask the sender to deliver it again",
            )
        columns: dict[str, DataType] = {}
        for name, field in zip(names, self.schema, strict=True):
            try:
                nothing = pa.schema([field]).empty_table().column(0).combine_chunks()
                column = self._column(safe(nothing), without_views(field.type), name)
            except failures() as error:
                raise DeliveryError(
                    f"the column {name!r} has the type {field.type}, which is not read",
                    where=self.path.name,
                    next="ask the sender for it as text, or without it",
                ) from error
            columns[name] = column.dtype
            if pa.types.is_timestamp(field.type) and not _is_known(field.type.tz):
                notes.append(f"column {name!r}: the time zone {field.type.tz!r} is read as UTC")
        return columns, notes

    def unreadable(self) -> dict[str, Unreadable]:
        """The columns of text that were bytes."""
        import pyarrow as pa

        names, _ = column_names(self.schema.names)
        if self.binary == "bytes":
            return {}
        bytes_like = (_is_bytes(_storage(pa, f.type), pa) for f in self.schema)
        return {n: is_not_utf8 for n, is_one in zip(names, bytes_like, strict=True) if is_one}

    def frames(self, batches: Iterable[Any]) -> Iterator[pl.DataFrame]:
        """Arrow's batches as frames of at most `ROWS` rows.

        Raises:
            DeliveryError: the bytes of a batch contradict themselves, or text is not UTF-8.
        """
        names, _ = column_names(self.schema.names)
        source = iter(batches)
        while True:
            try:
                batch = next(source, None)
                if batch is None:
                    return
            except failures() as error:
                raise damaged(self.kind, self.path, error) from error
            columns = self._safe(batch)
            for at in range(0, batch.num_rows, ROWS):
                yield self._frame([column.slice(at, ROWS) for column in columns], names)

    def _safe(self, batch: Any) -> list[Any]:
        try:
            for column in batch.columns:
                column.validate(full=True)
            return [safe(column) for column in batch.columns]
        except failures() as error:
            raise damaged(self.kind, self.path, error) from error

    def _frame(self, values: list[Any], names: list[str]) -> pl.DataFrame:
        try:
            columns = [self._column(v, v.type, name) for v, name in zip(values, names, strict=True)]
        except failures() as error:
            raise damaged(self.kind, self.path, error) from error
        return pl.DataFrame(columns)

    def _column(self, values: Any, kind: Any, name: str) -> pl.Series:
        import pyarrow as pa
        import pyarrow.compute as pc

        types = pa.types
        if isinstance(kind, pa.BaseExtensionType):
            is_uuid = kind.extension_name == "arrow.uuid"
            values, kind = values.storage, kind.storage_type
            if is_uuid:
                return _uuid_text(_series(pa, values, name))
        if types.is_dictionary(kind):
            values, kind = values.dictionary_decode(), kind.value_type
        if types.is_run_end_encoded(kind):
            values, kind = pc.run_end_decode(values), kind.value_type
        if types.is_decimal256(kind) or (types.is_decimal(kind) and kind.scale < 0):
            values = pc.cast(values, pa.string())
        elif types.is_timestamp(kind):
            zone = kind.tz if _is_known(kind.tz) else "UTC"
            unit = "ms" if kind.unit == "s" else kind.unit
            values = pc.cast(values, pa.timestamp(unit, zone))
        elif types.is_duration(kind) and kind.unit == "s":
            values = pc.cast(values, pa.duration("ms"))
        series = _series(pa, values, name)
        return text_of(series) if _is_bytes(kind, pa) and self.binary == "text" else series


def _series(pa: Any, values: Any, name: str) -> pl.Series:
    frame = pl.from_arrow(pa.RecordBatch.from_arrays([values], names=["values"]))
    assert isinstance(frame, pl.DataFrame)
    return frame["values"].alias(name)


def _storage(pa: Any, kind: Any) -> Any:
    """The type of what a dictionary or an extension holds; null for a UUID, which is text."""
    if isinstance(kind, pa.BaseExtensionType):
        return pa.null() if kind.extension_name == "arrow.uuid" else kind.storage_type
    if pa.types.is_dictionary(kind) or pa.types.is_run_end_encoded(kind):
        return kind.value_type
    return kind


def _is_bytes(kind: Any, pa: Any) -> bool:
    types = pa.types
    tests: tuple[Callable[[Any], bool], ...] = (
        types.is_binary,
        types.is_large_binary,
        types.is_fixed_size_binary,
        types.is_binary_view,
    )
    return any(test(kind) for test in tests)


def _is_known(zone: str | None) -> bool:
    return zone is None or zone == "UTC" or zone in available_timezones()


def _uuid_text(values: pl.Series) -> pl.Series:
    """Sixteen bytes as RFC 9562, section 4, writes them."""
    digits = pl.col(values.name).bin.encode("hex")
    parts = [digits.str.slice(at, length) for at, length in ((0, 8), (8, 4), (12, 4), (16, 4))]
    together = pl.concat_str([*parts, digits.str.slice(20)], separator="-")
    return values.to_frame().select(together.alias(values.name)).to_series()


def told_chunks(
    frames: Iterator[pl.DataFrame], size: int, read: Callable[[], int], progress: Progress | None
) -> Iterator[Chunk]:
    """`table_chunks` where nobody knows the number of rows; `read` says how far the file is read.

    Args:
        frames: the raw columns.
        size: the file's bytes.
        read: the position in the file.
        progress: called with bytes read.
    """
    told = 0
    tell = progress or (lambda _: None)
    for chunk in table_chunks(frames, rows=0, size=0, progress=None):
        yield chunk
        now = min(read(), size)
        tell(max(0, now - told))
        told = max(told, now)
    tell(size - told)
