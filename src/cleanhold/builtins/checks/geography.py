"""Where on the globe countries are, in cells of half a degree."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

import polars as pl

_FILE = Path(__file__).with_name("country_cells.csv")
_ROWS, _COLUMNS = 360, 720


def is_within(latitude: pl.Expr, longitude: pl.Expr, country: pl.Expr) -> pl.Expr:
    """Whether a point is in a cell that a country touches (Boolean; false if it is on no cell,
    null if the cells of the country are not known).

    Made of Natural Earth's country polygons at 1:10 million (public domain), widened by 0.1
    degree: a point in a country is always in one of its cells.

    Args:
        latitude: degrees; `longitude`: degrees, from -180 to 180.
        country: ISO 3166-1 alpha-2 code; all have cells but Antarctica.
    """
    countries, cells = _cells()
    number = country.cast(pl.Enum(countries), strict=False).to_physical().cast(pl.Int32)
    row, column = _cell(latitude, 90, _ROWS), _cell(longitude, 180, _COLUMNS)
    cell = (number * _ROWS + row) * _COLUMNS + column
    known = pl.when(country.is_in(countries))
    return known.then(cell.is_in(cells).fill_null(False))


def _cell(degrees: pl.Expr, most: int, cells: int) -> pl.Expr:
    """The number of a cell in its direction; null if it is none. The last edge is the last's."""
    number = ((degrees.cast(pl.Float64) + most) * 2).floor().cast(pl.Int32, strict=False)
    number = pl.when(number < cells).then(number).when(degrees == most).then(cells - 1)
    return number.cast(pl.Int32)


@lru_cache(maxsize=1)
def _cells() -> tuple[list[str], pl.Series]:
    """Countries, and a list of all their cells, as numbers: of a country, its row and its column.

    In the file a country has runs of cells, from the `first` to the `last` column of a row. Rows
    are counted from the south pole, columns from 180 degrees west.
    """
    runs = pl.read_csv(_FILE)
    countries = runs["country"].unique().sort().to_list()
    number = pl.col("country").cast(pl.Enum(countries)).to_physical().cast(pl.Int32)
    start = (number * _ROWS + pl.col("row")) * _COLUMNS
    cells = runs.select(pl.int_ranges(start + pl.col("first"), start + pl.col("last") + 1))
    return countries, cells.to_series().explode().cast(pl.Int32).implode()
