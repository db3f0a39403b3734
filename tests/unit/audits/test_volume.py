"""Volume: simulated feeds, of which the quiet ones raise no alarm and damaged ones do."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, timedelta

import numpy as np
import pytest

from cleanhold.audits import volume
from cleanhold.core.account import Account
from cleanhold.core.audit import AuditResult, Candidate, Past, Verdict
from cleanhold.core.contract import Contract
from cleanhold.core.promise import AS_USUAL, Alarm, Volume

MONDAY = date(2026, 1, 5)
WEEK = (1, 1, 1, 1, 1.1, 0.4, 0.3)


def past(number: int, day: date, records: int) -> Past:
    account = Account(records, records, 0, 0)
    return Past(number, datetime(2026, 6, 1, tzinfo=UTC), day, account, records)


def daily(counts: Sequence[int], first: date = MONDAY, step: int = 1) -> tuple[Past, ...]:
    return tuple(past(n, first + timedelta(n * step), count) for n, count in enumerate(counts))


def audited(
    records: int,
    history: tuple[Past, ...],
    promised: Volume = AS_USUAL,
    day: date | None = None,
    step: int = 1,
) -> AuditResult:
    """The audit of what comes one step after the last."""
    contract = Contract("d", (), (), volume=promised)
    after = history[-1].day + timedelta(step) if history else MONDAY
    return volume(
        Candidate(
            contract,
            Account(records, records, 0, 0),
            (),
            history=history,
            business_date=day or after,
            now=datetime(2026, 6, 1, tzinfo=UTC),
        )
    )


def feed(
    seed: int,
    noise: float,
    week: Sequence[float] = (1,) * 7,
    growth: float = 0.0,
    base: float = 2000,
    days: int = 90,
) -> Iterator[tuple[date, int]]:
    """Days and counts; a share of growth by week."""
    draw = np.random.default_rng(seed)
    for n in range(days):
        day = MONDAY + timedelta(n)
        mean = base * week[day.weekday()] * (1 + growth) ** (n / 7)
        yield day, int(draw.poisson(mean * np.exp(draw.normal(0, noise))))


FEEDS = {
    "steady": {"noise": 0.03},
    "noisy": {"noise": 0.1},
    "weekly": {"noise": 0.03, "week": WEEK},
    "weekly and growing": {"noise": 0.05, "week": WEEK, "growth": 0.02},
    "growing": {"noise": 0.03, "growth": 0.02},
    "small": {"noise": 0.0, "base": 30},
    "tiny": {"noise": 0.0, "base": 4},
}


@pytest.mark.parametrize("kind", FEEDS)
def test_quiet_feeds_are_quiet(kind: str) -> None:
    alarms = 0
    for seed in range(4):
        history: tuple[Past, ...] = ()
        for day, count in feed(seed, **FEEDS[kind]):  # type: ignore[arg-type]
            alarms += audited(count, history, day=day).verdict is not Verdict.PASS
            history = (*history, past(len(history), day, count))
    assert alarms <= 4  # of 360


@pytest.mark.parametrize("kind", ["steady", "noisy", "weekly", "weekly and growing", "growing"])
@pytest.mark.parametrize("factor", [0.5, 2.0])
def test_half_and_double_are_told(kind: str, factor: float) -> None:
    told = judged = 0
    for seed in range(3):
        history: tuple[Past, ...] = ()
        for day, count in feed(seed, **FEEDS[kind]):  # type: ignore[arg-type]
            if len(history) >= 35:
                judged += 1
                told += audited(int(count * factor), history, day=day).verdict is Verdict.WARN
            history = (*history, past(len(history), day, count))
    assert told / judged > 0.95


def test_a_fifth_less_is_told_of_a_steady_feed() -> None:
    history: tuple[Past, ...] = ()
    for day, count in feed(1, 0.02, WEEK):
        history = (*history, past(len(history), day, count))
    middle = 2000  # the day after is a Sunday: 90 days from a Monday end on a Saturday
    assert history[-1].day.strftime("%a") == "Sat"
    assert audited(int(0.3 * middle * 0.8), history).verdict is Verdict.WARN
    assert audited(int(0.3 * middle), history).verdict is Verdict.PASS


def test_a_weekday_is_compared_with_its_own_kind() -> None:
    history = daily([1000, 1010, 990, 1005, 995, 400, 300] * 5)
    on_monday = audited(400, history)
    assert on_monday.verdict is Verdict.WARN
    assert on_monday.what == (
        "400 records, far fewer than usual: the 5 Mondays before it had 1,000"
    )
    assert on_monday.evidence
    assert on_monday.evidence.rows[0] == (28, "Mon 2026-02-02", 1000)
    saturday = history[:-2]
    assert audited(400, saturday).verdict is Verdict.PASS
    assert audited(1000, saturday).verdict is Verdict.WARN


def test_the_first_weekends_are_no_alarm() -> None:
    counts = [1000, 1010, 990, 1005, 995, 400, 300] * 4
    days = daily(counts)
    for number in range(len(days)):
        answer = audited(counts[number], days[:number])
        assert answer.verdict is Verdict.PASS, answer.what


def test_a_constant_history_allows_a_record_more_or_less() -> None:
    for constant in (3, 50, 1000):
        history = daily([constant] * 20, step=7)
        for records in (constant - 1, constant, constant + 1):
            assert audited(records, history, step=7).verdict is Verdict.PASS
        assert audited(2 * constant, history, step=7).verdict is Verdict.WARN


def test_few_records_vary_by_themselves() -> None:
    history = daily([3] * 7 + [4], step=7)
    assert audited(6, history, step=7).verdict is Verdict.PASS
    assert audited(12, history, step=7).verdict is Verdict.WARN


def test_where_most_are_equal_the_others_count_too() -> None:
    history = daily([1000] * 9 + [1500, 700, 1300, 800, 1200, 1400, 750], step=7)
    assert audited(1400, history, step=7).verdict is Verdict.PASS
    assert audited(100, history, step=7).verdict is Verdict.WARN


@pytest.mark.parametrize(
    ("records", "before", "verdict"),
    [
        (5, (), Verdict.PASS),
        (0, (), Verdict.PASS),
        (400, (1000,), Verdict.PASS),
        (5000, (1000, 900, 1100, 1000), Verdict.PASS),
        (99, (1000, 900, 1100, 1000), Verdict.WARN),
        (0, (1000,), Verdict.WARN),
        (0, (1,), Verdict.WARN),
        (0, (0, 0), Verdict.PASS),
        (0, (0,) * 9, Verdict.PASS),
        (500, (1000, 990, 1010, 1000, 1000), Verdict.WARN),
    ],
)
def test_little_history(records: int, before: tuple[int, ...], verdict: Verdict) -> None:
    assert audited(records, daily(before, step=7), step=7).verdict is verdict


def test_few_values_that_agree_by_chance_are_no_alarm() -> None:
    alarms = 0
    draw = np.random.default_rng(7)
    for _ in range(500):
        counts = (2000 * np.exp(draw.normal(0, 0.2, 7))).astype(int).tolist()
        alarms += audited(counts[-1], daily(counts[:-1], step=7), step=7).verdict is Verdict.WARN
    assert alarms <= 5


def test_what_the_contract_says() -> None:
    history = daily([1000] * 10, step=7)
    assert audited(100, history, Volume(Alarm.STOP), step=7).verdict is Verdict.STOP
    assert audited(100, history, Volume(Alarm.OFF), step=7).verdict is Verdict.PASS
    limited = Volume(Alarm.OFF, 500, 2000)
    low, high = (audited(n, history, limited, step=7) for n in (499, 2001))
    assert (low.verdict, high.verdict) == (Verdict.STOP, Verdict.STOP)
    assert low.what == "499 records, and the contract's `rows` allows 500 to 2,000"
    assert audited(500, (), limited).verdict is Verdict.PASS
    assert audited(10, (), Volume(least=11)).expected == "at least 11"
    assert audited(12, (), Volume(most=11)).expected == "at most 11"


def test_a_table_without_a_business_date_stands_for_its_day() -> None:
    built = tuple(
        Past(n, datetime(2026, 1, 1, tzinfo=UTC) + timedelta(n), None, Account(9, 9, 0, 0), 9)
        for n in range(20)
    )
    contract = Contract("d", (), ())
    now = datetime(2026, 1, 21, tzinfo=UTC)
    found = Candidate(contract, Account(2, 2, 0, 0), (), history=built, now=now)
    assert volume(found).verdict is Verdict.WARN
