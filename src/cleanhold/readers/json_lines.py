"""NDJSON: one JSON object per line.

A scalar becomes text as it is written (`1.50` stays `1.50`, `true` is `true`), a string without
its quotes and escapes, null is null; an object or a list stays JSON text. The columns are the
union of the keys, in the order they first appear, so a file is read twice: for its keys, then for
its rows.
"""

from __future__ import annotations

import json
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

import numpy as np
import polars as pl

from cleanhold.core.reading import Framing, Progress
from cleanhold.errors import DeliveryError
from cleanhold.readers.body import Body, chunks, first_bytes, text_body
from cleanhold.readers.encoding import text_encoding
from cleanhold.readers.framing import Batch, Records, ahead, batches, octets, split_lines
from cleanhold.readers.json_tokens import Members, members
from cleanhold.readers.naming import column_names
from cleanhold.readers.refusals import Refusal
from cleanhold.readers.spans import holding, span_columns, with_faults

#: More distinct keys than this are no table.
MAX_KEYS = 10_000

_STRING = r'\A"(?:[^"\\\x00-\x1f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"\z'
_SCALAR = r"\A(?:-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?|true|false|null)\z"
_UTF8 = text_encoding("utf-8")


@dataclass(frozen=True, slots=True)
class Ndjson:
    """A reader of NDJSON (JSON Lines), which is UTF-8 by its standard."""

    @property
    def format(self) -> str:
        return "ndjson"

    def describe(self) -> dict[str, Any]:
        return {"format": self.format}

    def open(self, path: Path, progress: Progress | None = None) -> Framing:
        """Open an extract; see `Reader.open`. Reads it once, for its keys."""
        body = text_body(path, self.format, _UTF8, 0)
        if first_bytes(path, body.start + 1)[body.start :] == b"[":
            raise DeliveryError(
                "this is one JSON list, not one object per line",
                where=path.name,
                next="convert it first (jq -c '.[]')",
            )
        keys = _keys(path, body)
        names, notes = column_names(keys)
        objects = _Objects(keys, names)
        return Framing(
            columns=dict.fromkeys(names, pl.String),
            chunks=chunks(path, body, split_lines, objects.read, {"encoding": "utf-8"}, progress),
            overhead=body.overhead,
            notes=(*body.notes, *notes),
        )


def _keys(path: Path, body: Body) -> list[str]:
    """The keys of all valid objects. Values are judged only in blocks where a key is new."""
    keys: dict[str, None] = {}
    with closing(ahead(batches(path, body.start, body.stop, split_lines))) as framed:
        for batch in framed:
            key, bad = _keys_of(_shaped(batch)[1].keys())
            if set(key.filter(~bad).unique()) <= keys.keys():
                continue
            found = _judged(batch)[1]["key"].unique(maintain_order=True)
            keys.update(dict.fromkeys(found.to_list()))
            if len(keys) > MAX_KEYS:
                raise DeliveryError(
                    f"the objects have more than {MAX_KEYS:,} different keys",
                    where=path.name,
                    next="deliver what varies as a value, not as a key",
                )
    return list(keys)


@dataclass(frozen=True, slots=True)
class _Objects:
    keys: list[str]
    names: list[str]

    def read(self, batch: Batch, first: int) -> tuple[pl.DataFrame, Batch]:
        """The rows with their spans, and the batch with every verdict."""
        judged, found = _judged(batch)
        which = np.flatnonzero(judged.records.faults == Refusal.NONE)
        row_of = np.zeros(len(judged.records), dtype=np.int64)
        row_of[which] = np.arange(len(which))
        parts = found.with_row_index("member").partition_by("key", as_dict=True)
        columns = []
        for key, name in zip(self.keys, self.names, strict=True):
            members_of = np.full(len(which), -1, dtype=np.int64)
            if (part := parts.get((key,))) is not None:
                members_of[row_of[part["record"].to_numpy()]] = part["member"].to_numpy()
            index = pl.Series(members_of)
            picked = found["text"].gather(index.set(index < 0, None))
            columns.append(picked.alias(name))
        return pl.DataFrame([*span_columns(judged, first, which), *columns]), judged


def _shaped(batch: Batch) -> tuple[Records, Members]:
    """The records with a verdict on their encoding, and the members of those that have any."""
    data, records = batch.data[: batch.records.end], batch.records
    invalid = holding(records, _UTF8.invalid(data))
    records = with_faults(records, invalid, Refusal.UNDECODABLE)
    return records, members(data, records, np.flatnonzero(records.faults == Refusal.NONE))


def _judged(batch: Batch) -> tuple[Batch, pl.DataFrame]:
    """The batch with every verdict, and the members (record, key, text) of its good records."""
    records, found = _shaped(batch)
    key, key_bad = _keys_of(found.keys())
    text, text_bad = _texts(found.values(), pl.Series(found.quotes == 2), _has_controls(batch.data))
    frame = pl.DataFrame(
        {"record": found.record, "key": key, "text": text, "bad": key_bad | text_bad}
    )
    bad = np.union1d(found.misshapen, frame.filter("bad")["record"].to_numpy())
    records = with_faults(records, bad, Refusal.BAD_JSON)
    number = frame["key"].cast(pl.Categorical).to_physical().cast(pl.UInt64)
    twice = (frame["record"].cast(pl.UInt64) * 2**32 + number).is_duplicated()
    records = with_faults(
        records, frame.filter(twice)["record"].unique().to_numpy(), Refusal.DUPLICATE_KEY
    )
    good = pl.Series(records.faults == Refusal.NONE)
    frame = frame.filter(good.gather(frame["record"])).select("record", "key", "text")
    return Batch(batch.data, batch.offset, records, batch.read), frame


def _keys_of(raw: pl.Series) -> tuple[pl.Series, pl.Series]:
    """The text of keys, and which are no JSON strings; each different key is judged once."""
    different = raw.unique()
    text, bad = _texts(different, different.str.contains(_STRING), check_strings=True)
    bad |= ~different.str.starts_with('"')
    judged = pl.DataFrame({"raw": different, "text": text, "bad": bad})
    looked_up = raw.to_frame("raw").join(judged, on="raw", how="left", maintain_order="left")
    return looked_up["text"], looked_up["bad"]


def _has_controls(data: bytes) -> bool:
    """Whether a byte is there that must not stand in a JSON string as it is."""
    marks = octets(data)
    return int(np.count_nonzero(marks < 0x20)) > data.count(b"\n") + data.count(b"\r")


def _texts(
    raw: pl.Series, two_quotes: pl.Series, check_strings: bool
) -> tuple[pl.Series, pl.Series]:
    """The text of JSON values (null for null), and which are no valid JSON.

    Args:
        raw: the values as written, without blanks around them.
        two_quotes: which hold exactly two unescaped quotes.
        check_strings: strings may hold control characters, so look.
    """
    is_string = two_quotes & raw.str.starts_with('"') & raw.str.ends_with('"')
    is_escaped = is_string & raw.str.contains("\\", literal=True)
    text = pl.select(pl.when(raw != "null").then(raw)).to_series()
    text = text.str.strip_prefix('"').str.strip_suffix('"')
    is_nested = raw.str.contains(r"\A[{\[]")
    bad = ~(is_string | is_nested)
    for which, valid in ((bad, _SCALAR), (is_string if check_strings else is_escaped, _STRING)):
        where = which.arg_true()
        bad = bad.scatter(where, ~raw.gather(where).str.contains(valid))
    if (where := (is_escaped & ~bad).arg_true()).len():
        plain = _unescaped(raw.gather(where))
        text = text.scatter(where, plain)
        bad = bad.scatter(where, plain.is_null())
    if (where := is_nested.arg_true()).len():
        bad = bad.scatter(where, ~_well_formed(raw.gather(where)))
        text = text.scatter(where, raw.gather(where))
    return text.alias("text"), bad


def _unescaped(strings: pl.Series) -> pl.Series:
    """Valid JSON strings → their text; null for half a surrogate pair, which is no text."""
    plain = json.loads("[" + ",".join(strings.to_list()) + "]")
    try:
        return pl.Series(plain, dtype=pl.String)
    except UnicodeEncodeError:
        return pl.Series(
            [None if any("\ud800" <= c <= "\udfff" for c in text) else text for text in plain],
            dtype=pl.String,
        )


def _well_formed(values: pl.Series) -> pl.Series:
    """Which objects and lists are valid JSON. All are tried at once; one by one if some is not."""
    if _loads("[" + ",".join(values.to_list()) + "]"):
        return pl.Series([True]).new_from_index(0, len(values))
    return pl.Series([_loads(value) for value in values.to_list()], dtype=pl.Boolean)


def _loads(text: str) -> bool:
    try:
        json.loads(text, parse_int=str, parse_float=str, parse_constant=_no_constant)
    except (ValueError, RecursionError):
        return False
    return True


def _no_constant(name: str) -> NoReturn:
    raise ValueError(name)
