"""JSON objects → one text column per key, whatever stands between the objects.

The columns are the union of the keys, in the order they appear: a file is read for them first.
"""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl

from cleanhold.errors import DeliveryError
from cleanhold.readers.body import Body
from cleanhold.readers.encoding import text_encoding
from cleanhold.readers.framing import Batch, Records, Split, ahead, batches
from cleanhold.readers.json_flatten import Flatten, names_of
from cleanhold.readers.json_tokens import Members, members
from cleanhold.readers.json_values import has_controls, keys_of, texts_of
from cleanhold.readers.refusals import Refusal
from cleanhold.readers.spans import holding, span_columns, with_faults

#: More distinct keys than this are no table.
MAX_KEYS = 10_000

UTF8 = text_encoding("utf-8")


def keys_in(path: Path, body: Body, split: Split, flatten: Flatten) -> list[str]:
    """The keys of all valid objects. Values are judged only in blocks where a key is new, unless
    they are flattened.

    Raises:
        DeliveryError: there are more than `MAX_KEYS`.
    """
    keys: dict[str, bool] = {}
    with closing(ahead(batches(path, body.start, body.stop, split))) as framed:
        for batch in framed:
            if not flatten.dots:
                key, bad = keys_of(_shaped(batch)[1].keys().unique())
                if set(key.filter(~bad)) <= keys.keys():
                    continue
            found = _judged(batch, flatten)[1]
            told = found.group_by("key", maintain_order=True).agg(
                pl.col("text").is_not_null().any()
            )
            for key_, has_value in told.rows():
                keys[key_] = keys.get(key_, False) or has_value
            if len(keys) > MAX_KEYS:
                raise DeliveryError(
                    f"the objects have more than {MAX_KEYS:,} different keys",
                    where=path.name,
                    next="deliver what varies as a value, not as a key",
                )
    return names_of(keys)


@dataclass(frozen=True, slots=True)
class Objects:
    """Reads batches of framed objects.

    `keys` become columns called `names`; `flatten` says what is taken out of nested values.
    """

    keys: list[str]
    names: list[str]
    flatten: Flatten

    def read(self, batch: Batch, first: int) -> tuple[pl.DataFrame, Batch]:
        """The rows with their spans, and the batch with every verdict."""
        if not self.flatten and (quick := self._alike(batch)):
            everything = np.arange(len(batch.records))
            return pl.DataFrame([*span_columns(batch, first, everything), *quick]), batch
        judged, found = _judged(batch, self.flatten)
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

    def _alike(self, batch: Batch) -> list[pl.Series] | None:
        """The columns of a batch whose records all have the same keys in the same order, as they
        mostly do, and no fault. Nothing needs to be looked up then."""
        records, found = _shaped(batch)
        layout = None if records.faults.any() else found.layout(len(records))
        if layout is None:
            return None
        keys, bad = keys_of(layout)
        if bad.any() or keys.n_unique() < len(keys):
            return None
        raw = found.values()
        controls = _may_hold_controls(batch, raw)
        texts = {}
        for nth, key in enumerate(keys.to_list()):
            two_quotes = pl.Series(found.quotes[nth :: len(keys)] == 2)
            text, bad, _ = texts_of(raw.gather_every(len(keys), nth), two_quotes, controls)
            if bad.any():
                return None
            texts[key] = text
        nothing = pl.repeat(None, len(records), dtype=pl.String, eager=True)
        named = zip(self.keys, self.names, strict=True)
        return [texts.get(key, nothing).alias(name) for key, name in named]


def _shaped(batch: Batch) -> tuple[Records, Members]:
    """The records with a verdict on their encoding, and the members of those that have any."""
    data, records = batch.data[: batch.records.end], batch.records
    records = with_faults(records, holding(records, UTF8.invalid(data)), Refusal.UNDECODABLE)
    return records, members(data, records, np.flatnonzero(records.faults == Refusal.NONE))


def _judged(batch: Batch, flatten: Flatten) -> tuple[Batch, pl.DataFrame]:
    """The batch with every verdict, and the members (record, key, text) of its good records."""
    records, found = _shaped(batch)
    key, key_bad = keys_of(found.keys())
    two_quotes = pl.Series(found.quotes == 2)
    raw = found.values()
    text, text_bad, nested = texts_of(raw, two_quotes, _may_hold_controls(batch, raw))
    frame = pl.DataFrame({"record": found.record, "place": np.arange(len(found.record))})
    frame = frame.with_columns(
        key.alias("key"), text, nested.alias("nested"), (key_bad | text_bad).alias("bad")
    )
    if flatten:
        frame = flatten.apply(frame)
    bad_records = np.union1d(found.misshapen, frame.filter("bad")["record"].to_numpy())
    records = with_faults(records, bad_records, Refusal.BAD_JSON)
    number = frame["key"].cast(pl.Categorical).to_physical().cast(pl.UInt64)
    twice = (frame["record"].cast(pl.UInt64) * 2**32 + number).is_duplicated()
    records = with_faults(
        records, frame.filter(twice)["record"].unique().to_numpy(), Refusal.DUPLICATE_KEY
    )
    good = pl.Series(records.faults == Refusal.NONE)
    frame = frame.filter(good.gather(frame["record"])).select("record", "key", "text")
    return Batch(batch.data, batch.offset, records, batch.read), frame


def _may_hold_controls(batch: Batch, raw: pl.Series) -> bool:
    """Whether strings may hold what must not stand in them as it is: control characters, and the
    ends of lines, where those are not all between the records."""
    data, records = batch.data, batch.records
    between = int((records.bounds[1:] - records.ends).sum())
    if has_controls(data):
        return True
    ends = data.count(b"\n", 0, records.end) + data.count(b"\r", 0, records.end)
    return ends != between and bool(raw.str.contains(r"[\r\n]").any())
