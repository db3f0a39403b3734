"""How far apart two samples are, and how likely chance alone puts them so far.

Sizes say whether a difference matters, chances whether it is one at all: of 20 million rows the
least difference is certain, of 200 a large one may be chance.
"""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from cleanhold.audits.tails import chi_square_tail, fisher, kolmogorov_tail

Numbers: TypeAlias = NDArray[np.float64]
Counts: TypeAlias = NDArray[np.int64]

#: Rows that each cell of a table must be expected to have, for its chi-square to be one.
LEAST_EXPECTED = 5

#: Categories that are looked at one by one.
_MOST_MOVED = 20

#: Quantiles that stand for a distribution; what lies beyond the outermost, 0.05 % on each side,
#: counts as if it were there.
_GRID = (np.arange(1_000) + 0.5) / 1_000


def psi(before: Counts, now: Counts) -> float:
    """The population stability index of rows counted in the same parts; 0 if nothing moved.

    Half a row is added to each part, so that an empty one has a logarithm.

    Source: N. Siddiqi, Credit Risk Scorecards (2006), chapter 10; 0.1 to 0.25 is told there as
    some change, more as a shift. It is the sum of both Kullback-Leibler divergences, in nats.
    """
    was, is_ = (_shares(counts + 0.5) for counts in (before, now))
    return float(((is_ - was) * np.log(is_ / was)).sum())


def jensen_shannon(before: Counts, now: Counts) -> float:
    """The distance of two distributions over the same values, 0 (the same) to 1 (nothing shared).

    The square root of the Jensen-Shannon divergence with logarithms of base 2, a metric.

    Source: J. Lin, Divergence measures based on the Shannon entropy, IEEE Transactions on
    Information Theory 37 (1991), 145-151; D. M. Endres and J. E. Schindelin, A new metric for
    probability distributions, IEEE Transactions on Information Theory 49 (2003), 1858-1860.
    """
    shares = [_shares(counts) for counts in (before, now)]
    middle = (shares[0] + shares[1]) / 2
    there = [share > 0 for share in shares]
    bits = [(s[t] * np.log2(s[t] / middle[t])).sum() for s, t in zip(shares, there, strict=True)]
    return float(np.sqrt(max(sum(bits) / 2, 0.0)))


def wasserstein(before: Numbers, now: Numbers) -> float:
    """How far values moved on average, in standard deviations of those before.

    The area between both quantile functions at 1,000 equal steps, so that single wild values
    weigh nothing. Infinite where those before are all the same and others came.

    Args:
        before: sorted, not empty; `now` too.

    Source: L. N. Vaserstein, Markov processes over denumerable products of spaces, Problems of
    Information Transmission 5 (1969), 47-52; of numbers, the mean difference of their quantiles.
    """
    was, is_ = (values[(_GRID * len(values)).astype(np.int64)] for values in (before, now))
    # The largest becomes 1, so that no square of one overflows.
    largest = max(float(np.abs(values).max()) for values in (before, now)) or 1.0
    moved = float(np.abs(is_ / largest - was / largest).mean())
    spread = float((was / largest).std() or (before / largest).std())
    if moved == 0:
        return 0.0
    return moved / spread if spread > 0 else float("inf")


def kolmogorov_smirnov(before: Numbers, now: Numbers) -> tuple[float, float]:
    """The greatest distance of two cumulative distributions, and the chance of such a one.

    Where values are equal the chance told is too large, never too small.

    Args:
        before: sorted, not empty; `now` too.

    Source: N. V. Smirnov, Table for estimating the goodness of fit of empirical distributions,
    Annals of Mathematical Statistics 19 (1948), 279-281.
    """
    every = np.concatenate([before, now])
    below = [values.searchsorted(every, side="right") / len(values) for values in (before, now)]
    distance = float(np.abs(below[0] - below[1]).max())
    both = len(before) * len(now) / (len(before) + len(now))
    return distance, kolmogorov_tail(distance * float(np.sqrt(both)))


def chi_square(before: Counts, now: Counts) -> float:
    """The chance that two samples of one population differ so much, or more.

    Args:
        before: rows in the same cells as `now`; see `pooled`.

    Source: K. Pearson, On the probability that two independent distributions of frequency are
    really samples from the same population, Biometrika 8 (1911), 250-254.
    """
    table = np.stack([before, now]).astype(np.float64)
    table = table[:, table.sum(axis=0) > 0]
    if table.shape[1] < 2 or not table.sum(axis=1).all():
        return 1.0
    expected = np.outer(table.sum(axis=1), table.sum(axis=0)) / table.sum()
    return chi_square_tail(float(((table - expected) ** 2 / expected).sum()), table.shape[1] - 1)


def chance_of(before: Counts, now: Counts) -> float:
    """The chance that rows of one population fall so differently into categories, or more.

    The chi-square of all, which sees many that moved a little, but not that one of the rare ones,
    which it has to take together, is frequent now; and Fisher's exact test of each of those that
    moved most, corrected for the number of all (Bonferroni). Twice the smaller of both chances.
    """
    together = chi_square(*pooled(before, now))
    return min(2 * min(together, _chance_alone(before, now, np.arange(len(before)))), 1.0)


def come_or_gone(before: Counts, now: Counts) -> tuple[float, float]:
    """The share of rows whose category the other sample lacks, and the chance of that.

    The larger share of both samples. Rare categories come and go by chance: the chance is that of
    the one among them that moved most (Fisher's exact test, corrected for the number of all).
    """
    there = np.flatnonzero((before == 0) | (now == 0))
    share = max(now[before == 0].sum() / now.sum(), before[now == 0].sum() / before.sum())
    return float(share), _chance_alone(before, now, there)


def _chance_alone(before: Counts, now: Counts, which: NDArray[np.intp]) -> float:
    """The chance of the category that moved most by itself, though it was chosen among all."""
    rows = int(before.sum()), int(now.sum())
    moved = np.abs(now[which] / rows[1] - before[which] / rows[0])
    most = which[np.argsort(moved)[-_MOST_MOVED:]]
    alone = (fisher(int(before[n]), rows[0], int(now[n]), rows[1]) for n in most)
    return min(len(before) * min(alone, default=1.0), 1.0)


def pooled(before: Counts, now: Counts) -> tuple[Counts, Counts]:
    """The same rows in fewer cells: the rarest together, until chance can be told from change.

    Each cell has `LEAST_EXPECTED` rows if both samples are of one population.

    Source: W. G. Cochran, Some methods for strengthening the common χ² tests, Biometrics 10
    (1954), 417-451.
    """
    both = before + now
    least = min(before.sum(), now.sum()) / max(both.sum(), 1)
    order = np.argsort(both, kind="stable")
    # The fewest of the rarest that make one cell; none if each is enough for itself.
    together = int(np.searchsorted(both[order].cumsum() * least, LEAST_EXPECTED)) + 1
    if not len(both) or both[order[0]] * least >= LEAST_EXPECTED:
        return before, now
    # One that is too rare beside that cell goes into it as well.
    while together < len(both) and both[order[together]] * least < LEAST_EXPECTED:
        together += 1
    rare, others = order[:together], order[together:]
    return (
        np.append(before[others], before[rare].sum()),
        np.append(now[others], now[rare].sum()),
    )


def _shares(counts: NDArray[np.floating | np.integer]) -> Numbers:
    return np.asarray(counts / counts.sum(), dtype=np.float64)
