"""The memo file of a dBase table: long texts, in blocks that records point to.

dBase III (`.dbt`): blocks of 512 bytes, a text ends with Ctrl-Z. dBase IV (`.dbt`): a block begins
with FF FF 08 00 and the length (little-endian, these 8 bytes included). FoxPro (`.fpt`): with the
kind and the length (big-endian).
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from cleanhold.readers.framing import Mask, Octets, Offsets, positions

#: What is found of a memo that is not whole; also the shape of what `Memos.find` says.
GOOD, MISSING, DAMAGED = 0, 1, 2

#: A longer memo is taken for damage, in bytes.
LONGEST = 64 * 2**20


@dataclass(frozen=True, slots=True)
class Memos:
    """An opened memo file.

    Attributes:
        data: its bytes, mapped and not read.
        block: bytes of a block.
        kind: `dbase3`, `dbase4` or `foxpro`.
        ends: where Ctrl-Z stands (dBase III).
    """

    data: Octets
    block: int
    kind: str
    ends: Offsets

    def find(self, blocks: Offsets) -> tuple[Offsets, Offsets, Octets]:
        """Start and length in bytes of the memos in these blocks, and GOOD or DAMAGED."""
        size = len(self.data)
        head = 0 if self.kind == "dbase3" else 8
        at = np.clip(blocks, 0, size // self.block + 1) * self.block
        inside = (blocks > 0) & (at + max(head, 1) <= size)
        at = np.where(inside, at, 0)
        if self.kind == "dbase3":
            which = np.searchsorted(self.ends, at)
            ends = np.append(self.ends, -1)[which]
            good, length = inside & (ends >= 0), ends - at
        else:
            marks = self._numbers(at, inside, big=self.kind == "foxpro")
            length = self._numbers(at + 4, inside, big=self.kind == "foxpro")
            if self.kind == "dbase4":
                good, length = inside & (marks == 0x0008FFFF) & (length >= 8), length - 8
            else:
                good = inside & (marks <= 2)
        good &= (length <= LONGEST) & (at + head + length <= size)
        return at + head, np.where(good, length, 0), np.where(good, GOOD, DAMAGED).astype(np.uint8)

    def _numbers(self, at: Offsets, inside: Mask, *, big: bool) -> Offsets:
        places = np.where(inside, at, 0)[:, None] + np.arange(4)
        four = np.ascontiguousarray(self.data[np.minimum(places, len(self.data) - 1)])
        return four.view(">u4" if big else "<u4").ravel().astype(np.int64)

    def gather(self, starts: Offsets, lengths: Offsets) -> bytes:
        """The bytes of some memos, one after the other."""
        skipped = starts - np.concatenate(([0], np.cumsum(lengths)[:-1]))
        return self.data[np.repeat(skipped, lengths) + np.arange(lengths.sum())].tobytes()


def open_memos(path: Path | None, *, foxpro: bool, dbase3: bool) -> tuple[Memos | None, str]:
    """The memo file, or None and why it cannot be used."""
    if path is None:
        return None, "there is no memo file"
    try:
        if path.stat().st_size < 512:
            return None, "the memo file is cut off"
        data = np.memmap(path, dtype=np.uint8, mode="r")
    except OSError as error:
        return None, f"the memo file cannot be read: {error.strerror or error}"
    if path.suffix.lower() == ".fpt" or (foxpro and path.suffix.lower() != ".dbt"):
        block, kind = int.from_bytes(data[6:8].tobytes(), "big") or 1, "foxpro"
    elif dbase3:
        block, kind = 512, "dbase3"
    else:
        block, kind = int.from_bytes(data[20:22].tobytes(), "little") or 512, "dbase4"
    ends = positions(data, (0x1A,)) if kind == "dbase3" else np.empty(0, dtype=np.int64)
    return Memos(data, block, kind, ends), ""


def memo_beside(path: Path) -> Path | None:
    """The memo file beside a table: its name with `.fpt` or `.dbt`, in any case of letters."""
    try:
        beside = sorted(path.parent.iterdir())
    except OSError:
        return None
    for other in beside:
        if other.stem.lower() == path.stem.lower() and other.suffix.lower() in (".fpt", ".dbt"):
            return other
    return None
