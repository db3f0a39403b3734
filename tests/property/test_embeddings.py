"""Checks of embeddings against numpy, and of what a delivery of them is as a whole."""

from __future__ import annotations

import math
import tempfile
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cleanhold import checks
from cleanhold.builtins.checks.listing import AnyRule
from cleanhold.testing.check_suite import Verdicts, judge

QUICK = settings(max_examples=25, deadline=None)
VECTORS = st.lists(
    st.none()
    | st.lists(st.sampled_from([None, 0.0, -0.0, 0.6, 0.8, 1.0, math.nan, math.inf]), max_size=3),
    min_size=1,
    max_size=20,
)  # fmt: skip
TYPES = [pl.List(pl.Float64), pl.List(pl.Float32)]


def verdicts(rule: AnyRule, vectors: object, dtype: pl.DataType | type = TYPES[0]) -> Verdicts:
    column = "value" if not hasattr(rule, "reads") else "vector"
    with tempfile.TemporaryDirectory() as folder:
        table = pl.DataFrame({column: pl.Series(vectors, dtype=dtype, strict=False)})
        return judge(rule, table, Path(folder))


@QUICK
@given(VECTORS, st.sampled_from(TYPES))
def test_single_vectors(vectors: list[list[float | None] | None], dtype: pl.DataType) -> None:
    def wanted(good: object) -> list[bool]:
        return [v is not None and not good([math.nan if x is None else x for x in v])  # type: ignore[operator]
                for v in vectors]  # fmt: skip

    def held(rule: AnyRule) -> list[bool]:
        return list(verdicts(rule, vectors, dtype).held)

    assert held(checks.has_dimension(2)) == wanted(lambda v: len(v) == 2)
    assert held(checks.finite_vector()) == wanted(lambda v: bool(np.isfinite(v).all()))
    there = [None if v is None else [x for x in v if x is not None] for v in vectors]
    is_zero = [v is not None and not any(x != 0 for x in v) for v in there]
    assert held(checks.not_zero_vector()) == is_zero
    of_unit = [
        v is not None and not (abs(float(np.linalg.norm(v)) - 1) <= 0.01 if v else False)
        for v in there
    ]
    assert held(checks.unit_length()) == of_unit


def test_arrays_are_vectors_too(tmp_path: Path) -> None:
    table = pl.DataFrame(
        {"value": pl.Series([[0.6, 0.8], [0.6, 0.6]], dtype=pl.Array(pl.Float32, 2))}
    )
    assert judge(checks.unit_length(), table, tmp_path).held == (False, True)
    twice = pl.concat([table, table]).rename({"value": "vector"})
    found = judge(checks.no_repeated_vectors("vector"), twice, tmp_path)
    assert found.held == (False, False, True, True)


def test_whole_deliveries() -> None:
    chance = np.random.default_rng(3)
    vectors = chance.normal(size=(500, 8))
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    vectors += chance.normal(scale=1e-4, size=vectors.shape)
    for rule in (
        checks.no_constant_dimensions("vector"),
        checks.no_norm_outliers("vector"),
        checks.no_repeated_vectors("vector"),
    ):
        assert not any(verdicts(rule, vectors.tolist()).held), rule.name
    flat = vectors.copy()
    flat[:, 5] = 0.25
    told = verdicts(checks.no_constant_dimensions("vector"), flat.tolist())
    assert all(told.held)
    assert set(told.messages) == {"vector has 0.25 in dimension 5, as have all rows"}
    long = vectors.copy()
    long[7] *= 3
    long[8] *= 1.005  # less than what rounding may do
    assert np.flatnonzero(verdicts(checks.no_norm_outliers("vector"), long.tolist()).held) == [7]
    twice = vectors.copy()
    twice[[9, 400]] = twice[2]
    found = verdicts(checks.no_repeated_vectors("vector"), twice.tolist())
    assert list(np.flatnonzero(found.held)) == [9, 400]
    assert set(found.messages) == {"vector is the vector that record 3 has, too"}


def test_a_dimension_that_is_missing_somewhere_says_something() -> None:
    vectors = [[0.1 * n, 0.5] for n in range(40)]
    rule = checks.no_constant_dimensions("vector")
    assert all(verdicts(rule, [*vectors[:39], [0.5, math.nan]]).held)
    held = verdicts(rule, [*vectors, [0.5], None, []]).held
    assert held == (*[True] * 40, False, False, False)
    assert not any(verdicts(rule, [None, None]).held)


@pytest.mark.parametrize(
    ("models", "held", "told"),
    [
        (["v3", "v3", None], [], []),
        (["v3", "v2", "v3"], [1], ["most rows have v3 (2 of 3)"]),
        (["v3", "v2", "v1"], [0, 1, 2], ["3 values, none in most rows"]),
    ],
)
def test_one_value(
    models: list[str | None], held: list[int], told: list[str], tmp_path: Path
) -> None:
    found = judge(checks.one_value("model"), pl.DataFrame({"model": models}), tmp_path)
    assert list(np.flatnonzero(found.held)) == held
    assert {m.rpartition(": ")[2] for m in found.messages} == set(told)
