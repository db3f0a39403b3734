"""What is usual: the number of records that the next extract is expected to have."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from statistics import median

from cleanhold.core.audit import Past

#: Robust standard deviations from the middle beyond which a value is an outlier, and what makes a
#: standard deviation of the median absolute deviation of normal values. Source: B. Iglewicz and
#: D. C. Hoaglin, How to Detect and Handle Outliers, ASQC (1993), modified z-scores.
CUTOFF, TO_DEVIATION = 3.5, 1.4826

#: What is compared at most; of one weekday, and how far back weekdays are looked for.
MOST, MOST_WEEKDAYS, WINDOW = 30, 8, 60

#: With fewer before it, or fewer of its weekday, there is too little to know what is usual.
FEWEST, FEWEST_WEEKDAYS = 5, 4

#: Extracts further apart than so many days, on the average, have no weekdays to speak of.
_SPARSE_DAYS = 4.0

#: Differences below this share of the middle are of no matter, however sure they are.
LEAST_SHARE = 0.1

#: Chi-squared quantiles at 99 %, for 1 to 6 degrees of freedom.
_CHI_SQUARED = (6.635, 9.210, 11.345, 13.277, 15.086, 16.812)


@dataclass(frozen=True, slots=True)
class Usual:
    """What the extracts before one let expect.

    Attributes:
        compared: those it is compared with, oldest first; none if there is too little to know.
        of_weekday: they are all of its weekday.
        middle: the median of their records.
        low, high: records that are within what is usual.
    """

    compared: tuple[Past, ...]
    of_weekday: bool
    middle: float
    low: float
    high: float


def usual(history: Sequence[Past], day: date | None) -> Usual | None:
    """How many records an extract of this day is expected to have; None if nobody can know.

    The logarithms of the counts before it are compared: a half is as far away as the double. The
    middle is their median, the spread their median absolute deviation; of few values, which agree
    by chance now and then, a larger one is needed to be sure.

    Args:
        history: what was published before it, oldest first.
        day: its business date.
    """
    recent = history[-WINDOW:]
    weekdays = _weekdays(recent)
    same = weekdays.get(day.weekday(), []) if day else []
    if day and weekdays and len(same) >= FEWEST_WEEKDAYS and _differ(weekdays):
        full = [found for found in weekdays.values() if len(found) >= FEWEST_WEEKDAYS]
        per_day = sum(map(len, full)) / len(full)
        # A median of few values lies near them, and is itself uncertain.
        few = math.sqrt((per_day + math.pi / 2) / (per_day - math.pi / 2))
        cut = few * _cut([away for found in full for away in _away(found)])
        return _limits(same[-MOST_WEEKDAYS:], (), cut, of_weekday=True)
    if len(recent) < FEWEST or (day and weekdays and not same):
        return None
    compared = recent[-MOST:]
    # Until there are enough of its weekday, those few say what may be usual on it.
    alike = same if len(same) < FEWEST_WEEKDAYS else ()
    return _limits(compared, alike, _cut(_away(compared)), of_weekday=False)


def _limits(
    compared: Sequence[Past], alike: Iterable[Past], cut: float, *, of_weekday: bool
) -> Usual:
    counts = [past.account.records for past in compared]
    middle = median(counts)
    constant = len(set(counts)) == 1
    chance = 0.0 if constant else 2 * math.sqrt(middle)  # few records vary by themselves
    least = max(LEAST_SHARE * middle, chance, 1.0)
    centres = [middle, *(past.account.records for past in alike)]
    low = math.expm1(math.log1p(min(centres)) - cut)
    high = math.expm1(math.log1p(max(centres)) + cut)
    return Usual(
        tuple(compared),
        of_weekday,
        middle,
        max(0.0, min(low, min(centres) - least)),
        max(high, max(centres) + least),
    )


def _cut(away: Sequence[float]) -> float:
    """The distance beyond which a value is an outlier, from the distances of others.

    Of n normal values, one in 200 lies beyond it, whether n is 6 or 30.
    """
    spread = TO_DEVIATION * median(away)
    if not spread:  # more than half are equal
        kept = sorted(away)[: math.ceil(0.9 * len(away))]
        spread = math.sqrt(math.pi / 2) * sum(kept) / len(kept)
    return CUTOFF * len(away) / (len(away) - 4) * spread


def _away(found: Sequence[Past]) -> list[float]:
    """How far each is from the median of all, as logarithms."""
    logs = [math.log1p(past.account.records) for past in found]
    middle = median(logs)
    return [abs(value - middle) for value in logs]


def _weekdays(history: Sequence[Past]) -> Mapping[int, list[Past]]:
    """By weekday, Monday is 0; nothing if they are too far apart for weekdays to matter."""
    found: dict[int, list[Past]] = defaultdict(list)
    if len(history) > 1 and (history[-1].day - history[0].day).days < _SPARSE_DAYS * (
        len(history) - 1
    ):
        for past in history:
            found[past.day.weekday()].append(past)
    return found


def _differ(weekdays: Mapping[int, Sequence[Past]]) -> bool:
    """Whether the counts of weekdays surely differ, at 99 %.

    Source: W. H. Kruskal and W. A. Wallis, Use of ranks in one-criterion variance analysis, JASA
    47 (1952), 583-621; ties get their mean rank, which makes it a little less sure.
    """
    groups = [found for found in weekdays.values() if len(found) >= FEWEST_WEEKDAYS]
    if len(groups) < 2:
        return False
    values = sorted(past.account.records for found in groups for past in found)
    places: dict[int, list[int]] = defaultdict(list)
    for place, value in enumerate(values, 1):
        places[value].append(place)
    rank = {value: sum(found) / len(found) for value, found in places.items()}
    n = len(values)
    sums = (sum(rank[past.account.records] for past in found) ** 2 / len(found) for found in groups)
    statistic = 12 / (n * (n + 1)) * sum(sums) - 3 * (n + 1)
    return statistic > _CHI_SQUARED[len(groups) - 2]
