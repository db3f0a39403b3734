from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pytest

from cleanhold.core.arrival import Delivery, Receipts
from cleanhold.core.source import Source
from cleanhold.deliveries.places import place_of
from cleanhold.errors import SourceError
from cleanhold.pipeline.ingest import reader_of
from cleanhold.readers import delimited


@dataclass(frozen=True)
class Place:
    def waiting(self, root: Path, receipts: Receipts) -> Iterator[Delivery]:
        yield from ()

    def describe(self) -> str:
        return "nowhere"


@dataclass(frozen=True)
class ParquetPlace(Place):
    format: str = "parquet"


def test_a_place_of_ones_own() -> None:
    place = Place()
    assert place_of(Source("s", place, reader=delimited())) is place


def test_a_place_may_say_the_format() -> None:
    assert reader_of(Source("s", ParquetPlace())).format == "parquet"
    assert reader_of(Source("s", ParquetPlace(), reader=delimited())).format == "csv"
    for arrives in (Place(), "in"):
        with pytest.raises(SourceError, match="in which format"):
            Source("s", arrives)


def test_compression_is_detected_or_none() -> None:
    with pytest.raises(SourceError, match="gzip"):
        Source("s", "in", reader=delimited(), compression="gzip")


def test_the_date_is_in_the_first_name_that_has_one() -> None:
    source = Source("s", "in", reader=delimited(), dated=r"(\d{4}-\d{2}-\d{2})")
    assert source.date_of("a.csv", "b_2026-11-02.zip") == date(2026, 11, 2)
    assert source.date_of("a_2026-11-03.csv", "b_2026-11-02.zip") == date(2026, 11, 3)
    with pytest.raises(SourceError, match=r"file name 'b\.zip'"):
        source.date_of("a.csv", "b.zip")
