"""A correction as it is kept: only what changed, beside what was corrected before."""

from __future__ import annotations

import json
from typing import Any

import polars as pl

from cleanhold.core.correction import Correction
from cleanhold.pipeline.correct import corrected, patched


def rows(*told: tuple[dict[str, str | None], dict[str, str | None] | None]) -> pl.DataFrame:
    """Held rows as they stand, and how they were corrected before."""
    return pl.DataFrame(
        {
            "values": [json.dumps(values) for values, _ in told],
            "patch": [patch and json.dumps(patch) for _, patch in told],
            "names": [list(values) for values, _ in told],
            "patched": [patch and list(patch) for _, patch in told],
        },
        schema_overrides={"patch": pl.String, "patched": pl.List(pl.String)},
    )


def kept(found: pl.DataFrame) -> list[tuple[Any, Any]]:
    return [(json.loads(p), json.loads(v)) for p, v in found.select("patch", "values").iter_rows()]


def test_only_rows_and_columns_that_change_are_in_a_patch() -> None:
    found = corrected(
        rows(({"a": "1", "b": "x"}, None), ({"a": "2", "b": "2"}, None)),
        Correction({"a": "2"}, {"b": {"x": None}}, {}),
    )
    assert kept(found) == [({"a": "2", "b": None}, {"a": "2", "b": None})]


def test_an_earlier_patch_stays_under_a_new_one() -> None:
    before = rows(({"a": "1", "b": None}, {"b": None}), ({"a": "1", "b": "9"}, {"a": "1"}))
    (first, second) = kept(corrected(before, Correction({"a": "2"}, {}, {})))
    assert first == ({"a": "2", "b": None}, {"a": "2", "b": None})
    assert second == ({"a": "2"}, {"a": "2", "b": "9"})


def test_each_row_can_have_its_own_patch_in_any_writing() -> None:
    odd = 'a "quoted", {braced} \\ ü\n'
    found = patched(rows(({odd: "1"}, None), ({odd: "2"}, None)), [{odd: odd}, {}])
    assert kept(found) == [({odd: odd}, {odd: odd}), ({}, {odd: "2"})]
