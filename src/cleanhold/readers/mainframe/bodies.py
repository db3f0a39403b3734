"""The contents of records as arrays of bytes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from cleanhold.readers.framing import Mask, Octets, Offsets
from cleanhold.readers.mainframe.layout import Place


@dataclass(frozen=True)
class Bodies:
    """The contents of some records of a batch, as the copybook describes them.

    Attributes:
        data: the batch.
        which: their positions in the batch.
        starts, lengths: their bytes.
    """

    data: Octets
    which: Offsets
    starts: Offsets
    lengths: Offsets

    def only(self, chosen: Mask | Offsets) -> Bodies:
        return Bodies(self.data, self.which[chosen], self.starts[chosen], self.lengths[chosen])

    def bytes_at(self, at: int, length: int, filling: int) -> Octets:
        """A field per record; what a record lacks is filled up."""
        places = self.starts[:, None] + np.arange(at, at + length)
        inside = np.arange(at, at + length) < self.lengths[:, None]
        if inside.all():
            return self.data.take(places)
        found = self.data.take(np.minimum(places, len(self.data) - 1))
        filled: Octets = np.where(inside, found, np.uint8(filling))
        return filled

    def matrix(self, length: int, filling: int) -> Octets:
        """Everything up to a length, one row per record."""
        if len(self.starts) and (self.lengths >= length).all():
            step = int(self.starts[1] - self.starts[0]) if len(self.starts) > 1 else length
            first = int(self.starts[0])
            if step >= length and (np.diff(self.starts) == step).all():
                # Equal distances: a view of the batch, nothing is copied.
                return np.lib.stride_tricks.as_strided(
                    self.data[first:], (len(self.starts), length), (step, 1), writeable=False
                )
        return self.bytes_at(0, length, filling)

    def values(self, place: Place) -> tuple[list[bytes], Offsets]:
        """The different contents of a field, and which of them each record has."""
        found = np.ascontiguousarray(self.bytes_at(place.at, place.length, 0))
        as_one = found.view(np.dtype((np.void, place.length)))[:, 0]
        kinds, which = np.unique(as_one, return_inverse=True)
        return [kind.tobytes() for kind in kinds], which
