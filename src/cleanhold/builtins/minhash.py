"""Which texts may be alike, without comparing each with each: MinHash in bands.

Sources: Broder, On the resemblance and containment of documents (1997); Leskovec, Rajaraman and
Ullman, Mining of Massive Datasets, 3.3 and 3.4.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from cleanhold.builtins.shingles import Numbers, Places, Shingles

#: Minima that a text is known by, at most.
_MINIMA = 128
#: How often texts just as alike as asked for are to meet in some band.
_MEET = 0.99
#: With how many of those just before it in a bucket, beside the first, a text is compared.
_NEIGHBOURS = 3
#: With how many texts one is compared in all.
MOST_COMPARED = 16

Pairs = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Bands:
    """How minima are put together: texts whose minima all agree in one band meet.

    Attributes:
        count: of bands.
        rows: minima of a band.
    """

    count: int
    rows: int

    @classmethod
    def of(cls, similarity: float) -> Bands:
        """The strictest bands in which texts that are so alike (0 to 1) nearly always meet."""
        for rows in range(_MINIMA, 1, -1):
            count = _MINIMA // rows
            if 1 - (1 - similarity**rows) ** count >= _MEET:
                return cls(count, rows)
        return cls(_MINIMA, 1)

    def keys(self, given: Shingles) -> Numbers:
        """A key for each band and text (one row a band); every text must have a shingle."""
        chance = np.random.Generator(np.random.PCG64(20_211_101))
        factors = chance.integers(2**63, size=(self.count, self.rows), dtype=np.uint64) * 2 + 1
        offsets = chance.integers(2**63, size=(self.count, self.rows), dtype=np.uint64)
        keys = np.zeros((self.count, len(given.sizes)), dtype=np.uint64)
        for band in range(self.count):
            for factor, offset in zip(factors[band], offsets[band], strict=True):
                least = np.minimum.reduceat(given.numbers * factor + offset, given.starts[:-1])
                keys[band] = keys[band] * np.uint64(0x9E3779B97F4A7C15) + least
        return keys


def meeting(keys: Numbers) -> tuple[Places, Places]:
    """Pairs of texts that share a key in some band: the earlier, and the later of each.

    Of a bucket, each text meets the first and a few just before it, so that the number of pairs
    grows with that of texts alone; and no more than `MOST_COMPARED` in all, the earliest.
    """
    count = keys.shape[1]
    pairs: Pairs = np.zeros(0, dtype=np.int64)
    for band in keys:
        order = np.argsort(band, kind="stable")
        same = np.append(False, band[order][1:] == band[order][:-1])
        places = np.arange(count)
        begins = np.maximum.accumulate(np.where(same, 0, places))
        found = [pairs]
        for back in range(1, _NEIGHBOURS + 1):
            later = places[places - begins > back]
            found.append(order[later] * count + order[later - back])
        later = places[same]
        found.append(order[later] * count + order[begins[later]])
        pairs = _fewest(np.unique(np.concatenate(found)), count)
    return pairs % count, pairs // count


def _fewest(pairs: Pairs, count: int) -> Pairs:
    """Of each later text (`pairs` are sorted by it, then by the earlier one) the first pairs."""
    later = pairs // count
    first = np.searchsorted(later, later, side="left")
    return pairs[np.arange(len(pairs)) - first < MOST_COMPARED]
