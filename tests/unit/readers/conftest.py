from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from cleanhold.core.reading import Reader
from cleanhold.testing.reader_suite import Reading, account_for

Read = Callable[..., Reading]


@pytest.fixture
def read(tmp_path: Path) -> Read:
    """Write bytes to a file, read it, and require what every reader promises."""

    def read(data: bytes, reader: Reader) -> Reading:
        path = tmp_path / "extract"
        path.write_bytes(data)
        return account_for(reader, path)

    return read
