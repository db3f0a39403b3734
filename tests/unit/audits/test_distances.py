"""Distances and chances, against values worked by hand and against scipy where it is."""

from __future__ import annotations

from math import log, sqrt
from typing import Any

import numpy as np
import pytest

from cleanhold.audits.distances import (
    chance_of,
    chi_square,
    come_or_gone,
    jensen_shannon,
    kolmogorov_smirnov,
    pooled,
    psi,
    wasserstein,
)
from cleanhold.audits.tails import chi_square_tail, fisher, kolmogorov_tail


def counts(*rows: int) -> Any:
    return np.array(rows, dtype=np.int64)


def test_psi_is_the_sum_of_both_divergences() -> None:
    # Half a row in each part more: shares of 3/4, 1/4 and of 1/4, 3/4.
    assert psi(counts(1, 0), counts(0, 1)) == pytest.approx(2 * 0.5 * log(3))
    assert psi(counts(400, 600), counts(400, 600)) == 0


def test_jensen_shannon_goes_from_nothing_to_one() -> None:
    assert jensen_shannon(counts(5, 5), counts(50, 50)) == 0
    assert jensen_shannon(counts(5, 0), counts(0, 7)) == 1
    # Of (1, 0) and (1/2, 1/2): the entropy of the middle (3/4, 1/4), less half a bit.
    middle = -(0.75 * np.log2(0.75) + 0.25 * np.log2(0.25))
    assert jensen_shannon(counts(8, 0), counts(3, 3)) == pytest.approx(sqrt(middle - 0.5))


def test_wasserstein_is_in_standard_deviations_and_minds_no_single_value() -> None:
    values = np.sort(np.random.default_rng(1).normal(10, 4, 50_000))
    assert wasserstein(values, values + 2) == pytest.approx(0.5, rel=0.02)
    assert wasserstein(values, values) == 0
    wild = np.append(values[:-1], 1e12)
    assert wasserstein(values, wild) < 0.01
    assert wasserstein(np.ones(5), np.full(5, 2.0)) == float("inf")


def test_the_chance_of_a_kolmogorov_smirnov_distance() -> None:
    distance, chance = kolmogorov_smirnov(np.arange(100.0), np.arange(100.0) + 50)
    assert distance == pytest.approx(0.5)
    assert chance < 1e-9
    # The 5 % point of the limit is 1.358 (Smirnov 1948).
    assert kolmogorov_tail(1.3581) == pytest.approx(0.05, abs=0.0001)
    assert kolmogorov_tail(0.1) == 1


def test_tails_at_points_of_tables() -> None:
    for value, freedom, chance in [(3.841, 1, 0.05), (18.307, 10, 0.05), (21.666, 9, 0.01)]:
        assert chi_square_tail(value, freedom) == pytest.approx(chance, rel=0.001)
    assert chi_square_tail(0, 3) == 1
    assert chi_square_tail(1e6, 3) == 0
    # The lady tasting tea: 4 of 4 are guessed; one side is 1/70.
    assert fisher(4, 4, 0, 4) == pytest.approx(2 / 70)
    assert fisher(0, 10, 0, 10) == 1


def test_tails_are_those_of_scipy() -> None:
    stats = pytest.importorskip("scipy.stats")
    for value, freedom in [(0.3, 1), (55.5, 9), (300.0, 49), (180.0, 199)]:
        expected = stats.chi2.sf(value, freedom)
        assert chi_square_tail(value, freedom) == pytest.approx(expected)
    for value in (0.3, 0.9, 2.0):
        assert kolmogorov_tail(value) == pytest.approx(stats.kstwobign.sf(value))
    for part, whole, other, others in [(3, 10, 7, 12), (100, 2_000, 130, 1_500)]:
        table = [[part, whole - part], [other, others - other]]
        sides = (stats.fisher_exact(table, side).pvalue for side in ("less", "greater"))
        assert fisher(part, whole, other, others) == pytest.approx(min(2 * min(sides), 1))
    before, now = counts(30, 50, 20), counts(45, 40, 15)
    expected = stats.chi2_contingency([before, now], correction=False).pvalue
    assert chi_square(before, now) == pytest.approx(expected)


def test_rare_categories_are_taken_together() -> None:
    before, now = pooled(counts(500, 480, 3, 2, 1), counts(510, 470, 2, 0, 4))
    assert (list(before), list(now)) == ([480, 500, 6], [470, 510, 6])
    same = pooled(counts(50, 60), counts(55, 50))
    assert [list(cells) for cells in same] == [[50, 60], [55, 50]]
    assert chi_square(*pooled(counts(1, 1), counts(1, 1))) == 1


def test_one_frequent_newcomer_is_no_chance_though_it_was_rare() -> None:
    before, now = counts(19_900, 60, 40, 0), counts(170, 5, 4, 21)
    assert chance_of(before, now) < 1e-12
    share, chance = come_or_gone(before, now)
    assert share == pytest.approx(21 / 200)
    assert chance < 1e-12
    rare = counts(19_900, *[1] * 100), counts(199, *[0] * 99, 1)
    assert chance_of(*rare) > 0.05
    assert come_or_gone(*rare)[1] > 0.05
