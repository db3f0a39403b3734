"""Where people and things are: telephone, post, coordinates."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from cleanhold.builtins.checks.geography import is_within
from cleanhold.builtins.checks.listing import listed
from cleanhold.builtins.checks.postal import SHAPES as POSTAL_SHAPES
from cleanhold.builtins.checks.shapes import shaped, whole
from cleanhold.core.rule import ColumnRule, RowRule, Takes
from cleanhold.errors import ContractError


@listed(
    passes=["+442071838750", "+14155552671"], fails=["02071838750", "+4420 7183", "+0123456789"]
)
def phone_e164() -> ColumnRule:
    """An international telephone number: a plus, a country and up to 15 digits in all.

    Source: ITU-T E.164, 6.2.1.
    """
    return shaped("phone_e164", "is not a number like +442071838750", r"\+[1-9][0-9]{6,14}")


@listed("DE", passes=["10115", "01067"], fails=["1011", "00115", "D-10115"])
def postal_code(country: str) -> ColumnRule:
    """A postal code as a country writes it. Source: UPU, postal addressing systems;
    libaddressinput.

    Args:
        country: ISO 3166-1 alpha-2.

    Raises:
        ContractError: the shape is not known for this country.
    """
    if country not in POSTAL_SHAPES:
        raise ContractError(
            f"the shape of postal codes is not known for {country!r}",
            next="use matches= with a pattern, or a country code like 'DE'",
        )
    return shaped("postal_code", f"is not a postal code of {country}", POSTAL_SHAPES[country])


@listed(
    "zip",
    country="country",
    passes=[
        {"zip": "10115", "country": "DE"},
        {"zip": "SW1A 1AA", "country": "GB"},
        {"zip": "anything", "country": "ZW"},
        {"zip": "BFPO 61", "country": "GB"},
        {"zip": "10115", "country": None},
    ],
    fails=[{"zip": "SW1A 1AA", "country": "DE"}, {"zip": "1011", "country": "US"}],
)
def postal_code_of(column: str, *, country: str) -> RowRule:
    """A postal code as the country of the row writes it; countries whose shape is not known pass.

    Args:
        column: of the postal code; `country`: of the ISO 3166-1 alpha-2 code.
    """
    code, of = pl.col(column).cast(pl.String), pl.col(country).cast(pl.String)
    shapes = "|".join(f"{country} (?:{shape})" for country, shape in POSTAL_SHAPES.items())
    fits = ~of.is_in(list(POSTAL_SHAPES)) | whole(pl.concat_str(of, code, separator=" "), shapes)
    return RowRule(
        name="postal_code_of",
        says=f"{{column}} is {{value}}, which is not a postal code of {{{country}}}",
        passes=code.is_null() | of.is_null() | fits,
        column=column,
    )


def _between(name: str, low: int, high: int) -> ColumnRule:
    return ColumnRule(
        name=name,
        says=f"{{column}} is {{value}}; a {name} is from {low} to {high} degrees",
        judge=lambda value: value.is_between(low, high),
        takes=Takes.NUMBER,
    )


@listed(passes=[52.5, -90.0, 0.0], fails=[90.1, -91.0, float("nan"), float("inf")])
def latitude() -> ColumnRule:
    """Degrees north of the equator, -90 to 90."""
    return _between("latitude", -90, 90)


@listed(passes=[13.4, -180.0, 180.0], fails=[180.5, -181.0, float("nan")])
def longitude() -> ColumnRule:
    """Degrees east of Greenwich, -180 to 180."""
    return _between("longitude", -180, 180)


@listed(
    "lat",
    "lon",
    passes=[{"lat": 52.5, "lon": 13.4}, {"lat": 0.0, "lon": 13.4}, {"lat": None, "lon": 1.0}],
    fails=[{"lat": 0.0, "lon": 0.0}],
)
def not_null_island(latitude: str, longitude: str) -> RowRule:
    """Coordinates that are not 0, 0: what a place that could not be found is often given."""
    return RowRule(
        name="not_null_island",
        says=f"{latitude} and {longitude} are both 0, which is a place in the sea",
        passes=(pl.col(latitude) != 0) | (pl.col(longitude) != 0),
        needs={latitude: Takes.NUMBER, longitude: Takes.NUMBER},
    )


@listed(
    "lat",
    "lon",
    by="country",
    boxes={"DE": (47.2, 5.8, 55.1, 15.1)},
    passes=[
        {"lat": 52.5, "lon": 13.4, "country": "DE"},
        {"lat": 0.0, "lon": 0.0, "country": "FR"},
        {"lat": None, "lon": 13.4, "country": "DE"},
    ],
    fails=[
        {"lat": 13.4, "lon": 52.5, "country": "DE"},
        {"lat": 48.8, "lon": 2.35, "country": "DE"},
    ],
)
def in_box(
    latitude: str,
    longitude: str,
    *,
    by: str,
    boxes: Mapping[str, tuple[float, float, float, float]],
) -> RowRule:
    """Coordinates inside the box that a table gives for the row's country (or any other area).
    A box is coarse: it finds swapped and foreign coordinates, not those just over a border.

    Args:
        by: column that names the area.
        boxes: area → south, west, north, east, in degrees; one whose west is more than its east
            crosses the date line. Areas without a box pass.

    Raises:
        ContractError: a box has its south above its north, or there are none.
    """
    for area, (south, _, north, _) in boxes.items():
        if south > north:
            raise ContractError(
                f"the box of {area!r} has its south above its north",
                next="write south, west, north, east",
            )
    if not boxes:
        raise ContractError(
            "in_box needs boxes", next="write boxes={'DE': (47.2, 5.8, 55.1, 15.1)}"
        )
    lat, lon, area_of = pl.col(latitude), pl.col(longitude), pl.col(by).cast(pl.String)
    inside: pl.Expr = pl.lit(True)
    for area, (south, west, north, east) in boxes.items():
        across = lon.is_between(west, east) if west <= east else (lon >= west) | (lon <= east)
        within = lat.is_between(south, north) & across
        inside = pl.when(area_of == area).then(within).otherwise(inside)
    return RowRule(
        name="in_box",
        says=f"{{{latitude}}}, {{{longitude}}} is not in {{{by}}}",
        passes=inside,
        needs={latitude: Takes.NUMBER, longitude: Takes.NUMBER},
    )


@listed(
    "lat",
    "lon",
    country="country",
    passes=[
        {"lat": 52.5, "lon": 13.4, "country": "DE"},
        {"lat": 48.57, "lon": 7.75, "country": "FR"},  # Strasbourg, across the Rhine from DE
        {"lat": -16.8, "lon": -179.98, "country": "FJ"},
        {"lat": None, "lon": 13.4, "country": "DE"},
        {"lat": 13.4, "lon": 52.5, "country": None},
        {"lat": 13.4, "lon": 52.5, "country": "ZZ"},
    ],
    fails=[
        {"lat": 13.4, "lon": 52.5, "country": "DE"},
        {"lat": 48.8, "lon": 2.35, "country": "DE"},
        {"lat": 0.0, "lon": 0.0, "country": "GB"},
        {"lat": -52.5, "lon": 13.4, "country": "DE"},
        {"lat": 152.5, "lon": 13.4, "country": "DE"},
        {"lat": float("nan"), "lon": 13.4, "country": "DE"},
    ],
)
def in_country(latitude: str, longitude: str, *, country: str) -> RowRule:
    """Coordinates in the row's country, to half a degree (at most 56 km north or south): finds
    swapped, zeroed and foreign coordinates, not those just over a border or off a coast.

    Source: Natural Earth, 1:10m countries. Borders are those in fact; Crimea, the Golan Heights,
    Kosovo and Western Sahara are in each country that claims them. Territories with a code of
    their own are in that; Overseas France, Svalbard and the Caribbean Netherlands also in their
    state.

    Args:
        country: column of the ISO 3166-1 alpha-2 code. Antarctica, and what is no such code, pass.
    """
    lat, lon, code = pl.col(latitude), pl.col(longitude), pl.col(country).cast(pl.String)
    given = lat.is_not_null() & lon.is_not_null()
    return RowRule(
        name="in_country",
        says=f"{{{latitude}}}, {{{longitude}}} is not in {{{country}}}",
        passes=~given | is_within(lat, lon, code),
        needs={latitude: Takes.NUMBER, longitude: Takes.NUMBER},
    )
