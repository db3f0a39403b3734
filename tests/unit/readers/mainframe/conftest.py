from __future__ import annotations

from collections.abc import Callable

from cleanhold.testing.reader_suite import Reading

Read = Callable[..., Reading]
