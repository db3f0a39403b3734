"""Taking bytes: a file that is only appended to, hashed and counted as it grows."""

from __future__ import annotations

import hashlib
from typing import BinaryIO

from cleanhold.errors import DeliveryError
from cleanhold.store.compression import too_much


class Taken:
    """A file that only grows, and knows its size and hash.

    Args:
        copy: the file.
        most: bytes it may have; more raise `DeliveryError`.
    """

    def __init__(self, copy: BinaryIO, most: int | None = None) -> None:
        self._copy = copy
        self._most = most
        self._digest = hashlib.sha256()
        self.size = 0
        self.closed = False

    @property
    def sha256(self) -> str:
        return self._digest.hexdigest()

    def write(self, block: bytes | memoryview) -> int:
        """Append bytes."""
        size = memoryview(block).nbytes
        self.size += size
        if self._most is not None and self.size > self._most:
            raise too_large(self._most)
        self._digest.update(block)
        self._copy.write(block)
        return size

    def tell(self) -> int:
        """Bytes written so far."""
        return self.size

    def flush(self) -> None:
        """Nothing: what is landed is synced when it is whole."""

    def close(self) -> None:
        """Nothing: the file is closed by whoever opened it."""

    def writable(self) -> bool:
        """It is."""
        return True

    def readable(self) -> bool:
        """It is not."""
        return False

    def seekable(self) -> bool:
        """It is not."""
        return False


def too_large(most: int) -> DeliveryError:
    """The error for a delivery of more bytes than the workspace allows."""
    return too_much(f"the delivery has more than {most:,} bytes", "delivery")
