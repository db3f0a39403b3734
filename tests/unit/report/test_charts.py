"""Charts of odd numbers: nothing, one, negative ones, very many."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from xml.etree import ElementTree

import pytest
from markupsafe import Markup

from cleanhold.core import chart
from cleanhold.core.account import Account
from cleanhold.core.snapshot import Channel, Snapshot
from cleanhold.report.charts.account import account_bar
from cleanhold.report.charts.distribution import distribution
from cleanhold.report.charts.history import history
from cleanhold.report.charts.interval import axis, interval, scale_of
from cleanhold.report.charts.share import share_bar
from cleanhold.report.charts.svg import ticks
from cleanhold.report.charts.timeline import timeline
from cleanhold.report.charts.total import total_bars
from cleanhold.report.charts.trend import sparkline, trend

SVG = "{http://www.w3.org/2000/svg}"


def drawn(text: Markup) -> ElementTree.Element:
    """A picture as a tree: it is well-formed, told in words, and within its frame."""
    tree = ElementTree.fromstring(text)
    assert tree.find(f"{SVG}title") is not None
    assert tree.find(f"{SVG}desc") is not None
    width, height = map(float, tree.attrib["viewBox"].split()[2:])
    for box in tree.iter(f"{SVG}rect"):
        x, y, w, h = (float(box.attrib[name]) for name in ("x", "y", "width", "height"))
        assert -0.1 <= x <= x + w <= width + 0.1
        assert -0.1 <= y <= y + h <= height + 0.1
    for dot in tree.iter(f"{SVG}circle"):
        assert 0 <= float(dot.attrib["cx"]) <= width
        assert 0 <= float(dot.attrib["cy"]) <= height
    assert not re.search(r"\b(nan|inf)\b", text)
    return tree


def snapshot(number: int, lost: int, of: int = 100, channel: Channel = Channel.PRODUCTION) -> Any:
    account = Account(of, of - lost, lost, 0)
    at = datetime(2026, 1, 1, tzinfo=UTC)
    return Snapshot("d", number, channel, "0", "0", of - lost, "1", at, account)


@pytest.mark.parametrize(
    "account",
    [
        Account(0, 0, 0, 0),
        Account(1, 0, 0, 1),
        Account(10**9, 10**9 - 3, 1, 1, 1),
        Account(4, 1, 1, 1, 1),
    ],
)
def test_the_account(account: Account) -> None:
    boxes = [*drawn(account_bar(account)).iter(f"{SVG}rect")]
    ends = (account.clean, account.held, account.refused, account.superseded)
    assert len(boxes) == max(1, sum(map(bool, ends)))
    assert all(float(box.attrib["width"]) >= 5 for box in boxes)  # however few, they are seen


@pytest.mark.parametrize("lost", [[0], [0, 0, 0], [100], [5, 0, 100], [1] * 30])
def test_the_trend(lost: list[int]) -> None:
    past = [snapshot(n, rows) for n, rows in enumerate(lost, 1)]
    assert len([*drawn(trend(past)).iter(f"{SVG}circle")]) == len(lost)
    assert len([*drawn(sparkline(past)).iter(f"{SVG}circle")]) == 1


def test_a_stopped_snapshot_is_red_in_the_trend() -> None:
    past = [snapshot(1, 1), snapshot(2, 50, channel=Channel.CANDIDATE), snapshot(3, 0, of=0)]
    assert trend(past).count('class="point stop"') == 1
    assert "snapshot 2: 50 %, stopped" in trend(past)


@pytest.mark.parametrize(
    ("points", "now", "low", "high"),
    [
        ([], 5, 0, None),
        ([("2026-01-01", 0)], 0, 0, 0),
        ([("2026-01-01", 10)], 10**12, 9, 11),
        ([(f"2026-01-{n:02}", 100 + n) for n in range(1, 31)], 0, 90, 130),
    ],
)
def test_history(points: list[tuple[str, int]], now: int, low: float, high: float | None) -> None:
    picture = history(chart.history(points, ("2026-02-01", now), low, high))
    drawn(picture)
    inside = low <= now and (high is None or now <= high)
    assert ('class="now stop"' in picture) is not inside


@pytest.mark.parametrize("rows", [(-5.0, -9.0, -1.0), (0.0, 0.0, 0.0), (95.0, 2.0, 99.0)])
def test_intervals(rows: tuple[float, float, float]) -> None:
    across = scale_of([rows, (1.0, -2.0, 3.0)], 2.0)
    drawn(interval("country = BE", *rows, 2.0, across))
    drawn(axis(2.0, across))
    assert across(rows[1]) <= across(rows[0]) <= across(rows[2])


@pytest.mark.parametrize("ordered", [True, False])
@pytest.mark.parametrize(
    ("before", "now"), [([0, 0], [0, 0]), ([1], [1]), ([5, 0, 9], [0, 7, 10**12]), ([3], [0])]
)
def test_distributions(before: list[int], now: list[int], ordered: bool) -> None:
    parts = [f"<{n}> & more, and a name that is much longer than there is room" for n in before]
    shape = chart.distribution(parts, before, now, ordered=ordered)
    drawn(distribution({"column": "kind", **shape}))


@pytest.mark.parametrize("counts", [[0], [1], [0, 0, 5], [10**9] * 181])
def test_timelines(counts: list[int]) -> None:
    gaps = [("2026-01-01T00:00:00", "2026-01-01T03:00:00"), ("2020-01-01T00:00:00",) * 2]
    drawn(timeline(chart.timeline("2026-01-01T00:00:00", 3600, counts, gaps)))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("expected", "found"), [("0", "0"), ("-5", "5"), ("1e30", "1"), ("-3", "-4"), ("0.01", "0")]
)
def test_totals(expected: str, found: str) -> None:
    drawn(total_bars("amount", Decimal(expected), Decimal(found), is_off=True))


def test_a_share_is_never_drawn_as_nothing_if_there_is_something() -> None:
    for rows, whole in ((0, 0), (1, 10**9), (5, 5), (7, 5)):
        widths = [float(b.attrib["width"]) for b in drawn(share_bar(rows, whole, "part", ""))
                  .iter(f"{SVG}rect")]  # fmt: skip
        assert (widths[1] > 0) is bool(rows)


@pytest.mark.parametrize(("low", "high"), [(0, 0), (0, 1), (-7, 95), (0, 1e12), (0.001, 0.002)])
def test_axes_have_few_round_numbers(low: float, high: float) -> None:
    found = ticks(low, high)
    assert 1 <= len(found) <= 6
    assert all(low - 1e-9 <= tick <= high + 1e-9 for tick in found)
