"""Code maps: what a legacy code means."""

from __future__ import annotations

import csv
import io
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from cleanhold.builtins.beside import Place, place_of_call, text_beside
from cleanhold.core.parsing import DataType
from cleanhold.errors import ContractError

#: Codes that a finding lists at the most.
_MOST_SAID = 30


@dataclass(frozen=True, slots=True)
class Codes:
    """See `codes`."""

    mapping: tuple[tuple[str, str], ...]
    any_case: bool = False
    other: str | None = None

    @property
    def fallible(self) -> bool:
        return self.other is None

    @property
    def says(self) -> str:
        listed = [code for code, _ in self.mapping]
        more = f" and {len(listed) - _MOST_SAID} more" if len(listed) > _MOST_SAID else ""
        return "one of the codes " + ", ".join(listed[:_MOST_SAID]) + more

    def clean(self, text: pl.Expr) -> pl.Expr:
        return text.str.strip_chars()

    def value(self, text: pl.Expr, dtype: DataType) -> pl.Expr:
        # Not `replace_strict`: Polars 2.1 gathers whole columns for it, however long.
        meanings = dict(self.mapping)
        self._require_fitting([*meanings.values()], dtype)
        key = text.str.to_lowercase() if self.any_case else text
        code = key.cast(pl.Enum(list(meanings)), strict=False).to_physical()
        found = pl.lit(list(meanings.values()), dtype=pl.List(pl.String)).list.get(
            code, null_on_oob=True
        )
        if self.other is not None:
            found = pl.coalesce(found, pl.when(text.is_not_null()).then(pl.lit(self.other)))
        return found if dtype == pl.String else found.cast(dtype, strict=False)

    def _require_fitting(self, meanings: list[str], dtype: DataType) -> None:
        given = [*meanings, self.other] if self.other is not None else meanings
        fitting = pl.Series(given, dtype=pl.String).cast(dtype, strict=False)
        if fitting.has_nulls():
            place = fitting.is_null().arg_max() or 0
            unfit = f"the code {self.mapping[place][0]!r}" if place < len(meanings) else "other"
            raise ContractError(
                f"{unfit} means {given[place]!r}, which is no {dtype}",
                next="annotate the column as str, or mend the meaning",
            )


def codes(
    mapping: Mapping[str | tuple[str, ...], str] | str | Path,
    *,
    any_case: bool = False,
    other: str | None = None,
) -> Codes:
    """The meaning of a code; a code that is not in the map does not parse.

    Codes are compared without the blanks around them. What the map says is part of the contract:
    a run after it was changed, in Python or in a file, is another run.

    Args:
        mapping: code → meaning, or several codes → meaning: `{("A", "AC"): "active"}`. Or the path
            of a file beside the contract: a CSV file of two columns with a header, the code
            and what it means; or a TOML file of `code = "meaning"`.
        any_case: upper and lower case are alike.
        other: what any other code means. Without it nothing is guessed.

    Raises:
        ContractError: there are no codes, one is there twice, or they are no texts; the file
            cannot be read.
    """
    pairs = _from_file(mapping, place_of_call()) if isinstance(mapping, str | Path) else None
    if pairs is None:
        pairs = _listed(mapping)
    if not pairs:
        raise ContractError("a code map needs codes", next="write codes({'A': 'active'})")
    if other is not None and not isinstance(other, str):
        raise ContractError(f"other={other!r} is no text", next="write it in quotes")
    return Codes(_alone(pairs, any_case), any_case, other)


def _listed(mapping: object) -> list[tuple[str, str]]:
    if not isinstance(mapping, Mapping):
        raise ContractError("a code map needs codes", next="write codes({'A': 'active'})")
    pairs = []
    for given, meaning in mapping.items():
        for code in given if isinstance(given, tuple) and given else (given,):
            if not isinstance(code, str) or not isinstance(meaning, str):
                raise ContractError(
                    f"the code map has {code!r}: {meaning!r}, which are not both text",
                    next="write them in quotes: codes({'1': 'active'}); the column's type makes "
                    "numbers of them",
                )
            pairs.append((code, meaning))
    return pairs


def _alone(pairs: Iterable[tuple[str, str]], any_case: bool) -> tuple[tuple[str, str], ...]:
    """Each code once, as it is compared."""
    found: dict[str, str] = {}
    for given, meaning in pairs:
        code = given.strip()
        if any_case:
            code = str(pl.select(pl.lit(code).str.to_lowercase()).item())
        if code in found:
            raise ContractError(
                f"the code {code!r} is in the map twice",
                next="keep one of them; blanks around codes count for nothing",
            )
        found[code] = meaning
    return tuple(found.items())


def _from_file(path: str | Path, place: Place) -> list[tuple[str, str]]:
    text = text_beside(place, path, "code map")
    kind = Path(path).suffix.lower()
    try:
        if kind == ".csv":
            return _of_csv(list(csv.reader(io.StringIO(text, newline=""), strict=True)))
        if kind == ".toml":
            return _listed(tomllib.loads(text))
    except (csv.Error, tomllib.TOMLDecodeError) as error:
        raise ContractError(
            f"the code map {path} cannot be read: {error}", where=str(place), next="mend the file"
        ) from error
    except ContractError as error:
        raise ContractError(f"{path}: {error.what}", where=str(place), next=error.next) from error
    raise ContractError(
        f"the code map {path} is neither CSV nor TOML",
        where=str(place),
        next="name a file that ends in .csv or .toml",
    )


def _of_csv(rows: Sequence[list[str]]) -> list[tuple[str, str]]:
    for number, row in enumerate(rows, 1):
        if len(row) != 2 and row:
            raise ContractError(
                f"line {number} has {len(row)} columns instead of two",
                next="write the code and its meaning, and put quotes around what has a comma",
            )
    return [(code, meaning) for code, meaning in filter(None, rows[1:])]
