"""A file, sniffed: format, encoding, dialect, header, columns, each with its evidence."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Container
from inspect import signature
from pathlib import Path
from typing import Any

import polars as pl

from cleanhold.core.reading import LENGTH, OFFSET, RECORD, Framing, Reader
from cleanhold.errors import CleanholdError, DeliveryError, UsageError
from cleanhold.readers import delimited, formats, reader_for
from cleanhold.sniffing.columns import SniffedColumn, sniff_columns
from cleanhold.sniffing.content import Content, content_of
from cleanhold.sniffing.dialect import SniffedDialect, sniff_dialect
from cleanhold.sniffing.elements import list_path, record_path
from cleanhold.sniffing.encodings import SniffedEncoding, decode
from cleanhold.sniffing.fixed import SniffedLayout, sniff_layout
from cleanhold.sniffing.header import SniffedHeader, sniff_header
from cleanhold.sniffing.lines import is_prose, joined, line_endings, whole_lines
from cleanhold.sniffing.sample import Sample, take_sample
from cleanhold.sniffing.sniffed import GUESS, LIKELY, SURE, Fact, Sniffed

#: Rows whose values are looked at, and the records of other formats they are taken from.
_MOST_ROWS = 100_000

#: Characters of the start that the dialect, the header and a layout are looked for in.
_LOOK = 400_000

#: Formats of which any whole lines are a sample; others are read from their start.
_CUT_ANYWHERE = frozenset({"csv", "tsv", "fixed-width", "ndjson"})

#: Share of refused records beyond which the proposal is doubted.
_MOST_REFUSED = 0.05


def sniff(path: Path) -> Sniffed:
    """Look at a file; nothing is changed, and no more than some MB are read.

    Raises:
        UsageError: there is no such file.
        DeliveryError: it is empty, or its compression is damaged.
    """
    if not path.is_file():
        raise UsageError(f"there is no file {path}", next="check the path")
    sample = take_sample(path)
    content = content_of(sample, path)
    found = _Found(path, sample, content)
    if content.format == "csv":
        found.text()
    elif content.format is not None:
        found.other(content.format)
    else:
        found.advice.append(content.advice)
    return found.sniffed()


class _Found:
    """What is known so far of one file."""

    def __init__(self, path: Path, sample: Sample, content: Content) -> None:
        self.path, self.sample, self.content = path, sample, content
        self.format = content.format
        self.options: dict[str, Any] = {}
        self.facts: list[Fact] = []
        self.advice: list[str] = []
        self.notes: list[str] = []
        self.refused: dict[str, int] = {}
        self.columns: list[SniffedColumn] = []
        self.rows = 0
        if sample.compression:
            inside = f"{sample.member} of {sample.members}" if sample.member else ""
            self.say(
                "compression", f"{sample.compression} {inside}".strip(), SURE, "its first bytes"
            )

    def say(self, what: str, found: str, confidence: str, because: str) -> None:
        self.facts.append(Fact(what, found, confidence, because))

    def text(self) -> None:
        """Delimited or fixed-width text."""
        encoding = self.content.encoding
        assert encoding is not None
        complete = self.sample.whole and self.sample.looked_at <= _LOOK
        decoded = decode(self.sample.start[: 4 * _LOOK], encoding.name)[:_LOOK]
        start = whole_lines(decoded, complete=complete)
        dialect = sniff_dialect(start)
        layout = None
        if dialect.delimiter is None or not dialect.is_regular:
            layout = sniff_layout(start)
        if layout is not None and (layout.even or dialect.delimiter is None):
            self._fixed_width(layout, encoding)
        elif is_prose(start) and (dialect.delimiter is None or dialect.is_wild):
            self.format = None
            self.say("format", "text", LIKELY, "whole sentences, and no delimiter between fields")
            self.advice.append(
                "there is no table in it; if it is one, ask the sender for its layout"
            )
        else:
            self._delimited(start, dialect, encoding)

    def _fixed_width(self, layout: SniffedLayout, encoding: SniffedEncoding) -> None:
        self.format = "fixed-width"
        self.say("format", "fixed-width", GUESS, layout.because)
        self._encoding(encoding)
        names = [f"column_{n}" for n in range(1, len(layout.fields) + 1)]
        self.options["layout"] = [
            (n, start, length) for n, (start, length) in zip(names, layout.fields, strict=True)
        ]
        if not layout.even:
            self.options["short"] = "pad"
        self.say("columns", str(len(names)), GUESS, "places that are blank in every line part them")
        self.advice.append(
            "ask the sender for the layout: fields that touch cannot be told apart, nor blank ones"
        )
        self._read_sample()

    def _delimited(self, start: str, dialect: SniffedDialect, encoding: SniffedEncoding) -> None:
        delimiter = dialect.delimiter or ","
        self.format = "tsv" if delimiter == "\t" else "csv"
        rows = sum(count for _, count in dialect.shape)
        width, usual = dialect.shape[0] if dialect.shape else (0, 0)
        regular = LIKELY if dialect.is_regular else GUESS
        because = f"{usual} of the first {rows} records have {width} field{'s' * (width != 1)}"
        self.say("format", self.format, regular, because)
        self._encoding(encoding)
        if dialect.delimiter is None:
            self.say("delimiter", "none", LIKELY, "all is one column")
        else:
            clear = dialect.is_regular and dialect.score > 1.5 * dialect.runner_up
            self.say("delimiter", _shown(delimiter), SURE if clear else LIKELY,
                     "no other makes the records as regular")  # fmt: skip
        if delimiter not in ",\t":
            self.options["delimiter"] = delimiter
        if dialect.quote != '"':
            self.options["quote"] = dialect.quote
        if dialect.escape:
            self._escape(dialect.escape)
        is_used = dialect.quote is not None and dialect.quote in start
        self.say("quote", dialect.quote or "none", LIKELY,
                 "around fields" if is_used else "none in the sample")  # fmt: skip
        ending, told, because = line_endings(self.sample.start)
        self.say("line ending", ending, SURE if told else LIKELY, because)
        head = sniff_header(start, delimiter, dialect.quote, whole=self.sample.whole)
        self._header(head)
        self._read_sample()

    def _encoding(self, encoding: SniffedEncoding) -> None:
        self.say("encoding", encoding.name, SURE if encoding.sure else LIKELY, encoding.because)
        if encoding.name != "utf-8":
            self.options["encoding"] = encoding.name
        if encoding.broken:
            self.advice.append(
                f"{encoding.broken:,} bytes of the sample mean nothing in {encoding.name}: records "
                "that hold them are refused; ask the sender for one encoding"
            )

    def _escape(self, escape: str) -> None:
        self.say("escape", escape, LIKELY, "quotes inside fields are not doubled")
        if "escape" in _options_of(delimited):
            self.options["escape"] = escape

    def _header(self, head: SniffedHeader) -> None:
        sure = SURE if head.sure else GUESS
        if head.skip_lines:
            self.options["skip_lines"] = head.skip_lines
        if head.is_there:
            self.say("header", f"line {head.skip_lines + 1}", sure, head.because)
        else:
            names = [f"column_{number}" for number in range(1, head.width + 1)]
            self.options["header"] = names
            self.say("header", "none", sure, head.because)
            self.advice.append("name the columns in the source: header=[…], in their order")
        if head.trailing:
            many = f"{head.trailing} lines" if head.trailing > 1 else "line"
            because = "fewer fields than the others, like a trailer"
            self.say("trailer", f"the last {many}", GUESS, because)
            if "trailer" in _options_of(delimited):
                self.options["trailer"] = head.trailing

    def other(self, name: str) -> None:
        """Formats that say themselves what is in them."""
        sure = LIKELY if name == "copybook" else SURE
        self.say("format", name, sure, f"{self.content.says}: {self.content.because}")
        if name == "copybook":
            self.format = None
            self.advice.append(self.content.advice)
        elif name not in formats():
            self.format = None
            self.advice.append(f"there is no reader for it yet: {self.content.advice}")
        else:
            if name == "xml":
                self._xml()
            elif name == "json":
                self._json()
            self._read_sample()

    def _xml(self) -> None:
        """The element that is a record: the first path that is there several times."""
        path = record_path(self.sample.start)
        if path is not None:
            self.options["record"] = path
            self.say("record", path, GUESS, "the first element that is there several times")

    def _json(self) -> None:
        """The list whose objects are the records."""
        path = list_path(self.sample.start) if self.sample.whole else None
        if path is not None and path != "$":
            self.options["records"] = path
            self.say("records", path, GUESS, "the outermost list of objects")

    def _read_sample(self) -> None:
        """Read rows with the reader that is proposed, so that the proposal is tried."""
        assert self.format is not None
        try:
            reader = reader_for(self.format, **self.options)
            rows, headers = self._rows(reader)
        except (CleanholdError, OSError, ImportError) as error:
            self.format = None
            what = error.what if isinstance(error, CleanholdError) else str(error)
            then = error.next if isinstance(error, CleanholdError) else None
            self.advice.append(
                f"it cannot be read this way: {what}" + (f"; {then}" if then else "")
            )
            return
        self.rows = rows.height
        refused = sum(self.refused.values())
        if refused > _MOST_REFUSED * (refused + self.rows):
            self.advice.append(
                f"{refused:,} of {refused + self.rows:,} records of the sample are refused: the "
                "file is not as regular as this format asks; look at it, or ask the sender"
            )
        self.columns = sniff_columns(rows, headers)

    def _rows(self, reader: Reader) -> tuple[pl.DataFrame, list[str]]:
        sample = self.sample
        in_pieces = self.format in _CUT_ANYWHERE and self.content.encoding is not None
        if not sample.compression and (sample.whole or not in_pieces):
            return self._taken(reader.open(self.path))
        if not in_pieces and not sample.whole:
            raise DeliveryError(
                f"a {self.format} file is looked into as a whole, and this one is compressed",
                next="decompress it first",
            )
        encoding = self.content.encoding.name if self.content.encoding else ""
        with tempfile.TemporaryDirectory(prefix="cleanhold-sniff-") as folder:
            part = Path(folder) / "sample"
            part.write_bytes(joined(sample.pieces, encoding, sample.whole))
            return self._taken(reader.open(part))

    def _taken(self, opened: Framing) -> tuple[pl.DataFrame, list[str]]:
        """The first rows of an opened extract, and its raw columns."""
        self.notes += opened.notes
        headers = list(opened.columns)
        parts = [pl.DataFrame(schema={RECORD: pl.UInt64, **opened.columns})]
        height = 0
        for chunk in opened.chunks:
            for code, count in chunk.refused["code"].value_counts().iter_rows():
                self.refused[code] = self.refused.get(code, 0) + count
            parts.append(chunk.rows.drop(OFFSET, LENGTH))
            height += chunk.rows.height
            if height >= _MOST_ROWS:
                break
        close: Callable[[], None] | None = getattr(opened.chunks, "close", None)
        if close is not None:
            close()
        rows = pl.concat([part.select(headers) for part in parts])
        if height > _MOST_ROWS:  # of the start, the middle and the end alike
            rows = rows.gather_every(-(-height // _MOST_ROWS))
        return rows, headers

    def sniffed(self) -> Sniffed:
        if self.format is None and not any(f.what == "format" for f in self.facts):
            self.say("format", "unknown", LIKELY, f"{self.content.says}: {self.content.because}")
        return Sniffed(
            name=self.path.name,
            size=self.sample.size,
            looked_at=self.sample.looked_at,
            whole=self.sample.whole,
            format=self.format,
            options=self.options,
            facts=tuple(self.facts),
            columns=tuple(self.columns),
            rows=self.rows,
            refused=self.refused,
            advice=tuple(filter(None, self.advice)),
            notes=tuple(self.notes),
        )


def _options_of(factory: Callable[..., Reader]) -> Container[str]:
    """The options that a reader has."""
    return signature(factory).parameters


def _shown(mark: str) -> str:
    return {"\t": "tab", " ": "blank"}.get(mark, mark if mark.isprintable() else repr(mark))
