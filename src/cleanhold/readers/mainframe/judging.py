"""Which records become rows, and the rows: segments, lengths, counts of arrays, columns."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
import polars as pl

from cleanhold.core.reading import LENGTH, OFFSET, RECORD
from cleanhold.readers.framing import Batch, Mask, Octets, Offsets, octets
from cleanhold.readers.mainframe.bodies import Bodies
from cleanhold.readers.mainframe.columns import column
from cleanhold.readers.mainframe.layout import Count, CountNeeded, Key, Layout, lay_out
from cleanhold.readers.mainframe.shape import Shape, column_of
from cleanhold.readers.mainframe.single_values import text_of, whole_number
from cleanhold.readers.refusals import Refusal


@dataclass(slots=True)
class Verdicts:
    """What becomes of each record of a batch.

    Attributes:
        faults: a `Refusal` per record.
        counts: what its message quotes.
        skipped: records of declared segments that are not wanted here.
        ids: segment id → how many records were skipped for it.
    """

    faults: Octets
    counts: Offsets
    skipped: Mask
    ids: dict[str, int] = field(default_factory=dict)

    def refuse(self, which: Offsets, fault: Refusal, counts: Offsets | int) -> None:
        self.faults[which], self.counts[which] = fault, counts


def judge(batch: Batch, starts: Offsets, shape: Shape) -> tuple[pl.DataFrame, Verdicts]:
    """Read the records of a batch that can be read.

    Returns:
        The rows with `ROW_SPAN` in front, where a record's number is its position in the batch;
        and what becomes of each record.
    """
    bodies, verdicts = _framed(batch, starts, shape)
    frames: list[pl.DataFrame] = []
    for number, part in _by_segment(bodies, shape, verdicts):
        for layout, some in _by_counts(part, shape, number, verdicts):
            wrong = np.zeros(len(some.lengths), dtype=np.bool_)
            if not shape.pad:
                wrong |= some.lengths < layout.end
            if not shape.surplus:
                wrong |= some.lengths > layout.storage
            verdicts.refuse(some.which[wrong], Refusal.WRONG_LENGTH, some.lengths[wrong])
            frames.append(_rows(batch, some.only(~wrong), layout, shape))
    return _together(frames, shape), verdicts


def sort_out(batch: Batch, starts: Offsets, shape: Shape) -> Verdicts:
    """Say only which records are of other segments; nothing is read."""
    bodies, verdicts = _framed(batch, starts, shape)
    for _ in _by_segment(bodies, shape, verdicts):
        pass
    return verdicts


def _framed(batch: Batch, starts: Offsets, shape: Shape) -> tuple[Bodies, Verdicts]:
    """The records that were framed and have content."""
    records = batch.records
    starts = starts + shape.head
    lengths = records.ends - starts - shape.tail
    verdicts = Verdicts(
        records.faults.copy(), records.counts.copy(), np.zeros(len(records), dtype=np.bool_)
    )
    framed = records.faults == Refusal.NONE
    empty = framed & (lengths <= 0)
    verdicts.refuse(np.flatnonzero(empty), Refusal.WRONG_LENGTH, 0)
    every = Bodies(octets(batch.data), np.arange(len(records)), starts, lengths)
    return every.only(framed & ~empty), verdicts


def _by_segment(bodies: Bodies, shape: Shape, verdicts: Verdicts) -> Iterator[tuple[int, Bodies]]:
    """The records per group (its number), those of other segments left out."""
    if shape.segment_field is None:
        yield 0, bodies
        return
    place = shape.place_of(shape.segment_field)
    kinds, which = bodies.values(place)
    names = [text_of(place.item, kind, shape.coding) or "" for kind in kinds]
    groups = [shape.groups.index(shape.segments[n]) if n in shape.segments else -1 for n in names]
    group = np.array(groups, dtype=np.int64)
    wanted = np.array([not shape.wanted or name in shape.wanted for name in names], dtype=np.bool_)
    verdicts.refuse(bodies.which[group[which] < 0], Refusal.UNKNOWN_SEGMENT, 0)
    for number, name in enumerate(names):
        if group[number] >= 0 and not wanted[number]:
            mine = bodies.which[which == number]
            verdicts.skipped[mine] = True
            verdicts.ids[name] = verdicts.ids.get(name, 0) + len(mine)
    for number in range(len(shape.groups)):
        mine = (group == number) & wanted
        if mine.any():
            yield number, bodies.only(mine[which])


def _by_counts(
    bodies: Bodies, shape: Shape, group: int, verdicts: Verdicts
) -> Iterator[tuple[Layout, Bodies]]:
    """The records that have the same layout, for arrays may take the place of their occurrences."""
    layout = shape.layouts[group]
    if not shape.variable or not layout.counts:
        for count in layout.counts:
            times, fault = _counted(bodies, count, shape)
            for refusal in (Refusal.BAD_COUNT, Refusal.WRONG_LENGTH):
                verdicts.refuse(bodies.which[fault == refusal], refusal, times[fault == refusal])
            bodies = bodies.only(fault == Refusal.NONE)
        yield layout, bodies
        return
    waiting: list[tuple[dict[Key, int], Bodies]] = [({}, bodies)]
    while waiting:
        known, some = waiting.pop()
        try:
            yield lay_out(shape.top, shape.left_out[group], known), some
        except CountNeeded as needed:
            times, fault = _counted(some, needed.count, shape)
            for refusal in (Refusal.BAD_COUNT, Refusal.WRONG_LENGTH):
                verdicts.refuse(some.which[fault == refusal], refusal, times[fault == refusal])
            for found in np.unique(times[fault == Refusal.NONE]):
                more = {**known, needed.count.key: int(found)}
                waiting.append((more, some.only((times == found) & (fault == Refusal.NONE))))


def _counted(bodies: Bodies, count: Count, shape: Shape) -> tuple[Offsets, Octets]:
    """How often an array occurs in each record, and a `Refusal` where that is not known.

    An array within another one that has fewer occurrences is not there, whatever its count says.
    """
    kinds, which = bodies.values(count.by)
    read = [whole_number(count.by.item, kind, shape.coding) for kind in kinds]
    times = np.array([-1 if number is None else number for number in read], dtype=np.int64)[which]
    there = bodies.lengths >= count.by.at + count.by.length
    fault = np.zeros(len(times), dtype=np.uint8)
    if not shape.pad:
        fault[~there] = Refusal.WRONG_LENGTH
    for outer, number in count.by.needs:
        has, _ = _counted(bodies, outer, shape)
        fault[has < number], there = Refusal.NONE, there & (has >= number)
    fault[there & ((times < count.least) | (times > count.most))] = Refusal.BAD_COUNT
    times = np.where(there, times, 0)
    return np.where(fault == Refusal.WRONG_LENGTH, bodies.lengths, times), fault


def _rows(batch: Batch, bodies: Bodies, layout: Layout, shape: Shape) -> pl.DataFrame:
    matrix = bodies.matrix(layout.end, shape.coding.page.blank)
    lengths = bodies.lengths.clip(max=layout.end)
    bounds = batch.records.bounds
    columns = {
        RECORD: pl.Series(bodies.which.astype(np.uint64)),
        OFFSET: pl.Series((bounds[bodies.which] + batch.offset).astype(np.uint64)),
        LENGTH: pl.Series((bounds[bodies.which + 1] - bounds[bodies.which]).astype(np.uint64)),
    }
    times: dict[Key, Offsets] = {}
    for place in layout.places:
        name = shape.columns.get(column_of(place))
        if name is None:
            continue
        present = (lengths - place.at).clip(0, place.length)
        for count, number in () if shape.variable else place.needs:
            if count.key not in times:
                times[count.key], _ = _counted(bodies, count, shape)
            present = np.where(times[count.key] >= number, present, 0)
        cells = np.ascontiguousarray(matrix[:, place.at : place.at + place.length])
        columns[name] = column(place.item, cells, present, shape.coding)
    return pl.DataFrame(columns)


def _together(frames: list[pl.DataFrame], shape: Shape) -> pl.DataFrame:
    raw = dict.fromkeys(shape.columns.values(), pl.String)
    schema = {RECORD: pl.UInt64, OFFSET: pl.UInt64, LENGTH: pl.UInt64, **raw}
    frames = [pl.DataFrame(schema=schema), *(frame for frame in frames if frame.height)]
    whole = pl.concat(frames, how="diagonal")
    return whole if len(frames) < 3 else whole.sort(RECORD)
