"""pandera without what it imports merely because it is installed.

pandera imports pandas and hypothesis wherever it finds them; for contracts over Polars that is two
thirds of its import time, and neither is used. A program that lives as long as one command feels
it. `import_pandera` leaves them out, and brings them in when a name is asked for that needs them
(`from pandera.typing import Series`, `import pandera.pandas`).
"""

from __future__ import annotations

import importlib
import sys
from collections.abc import Sequence
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any

_LEFT_OUT = ("pandas", "hypothesis")


class _Hidden:
    """A finder of modules that says some are not installed."""

    def find_spec(
        self, name: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if name in _LEFT_OUT:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)
        return None


def import_pandera() -> None:
    """Import pandera's Polars part alone. Does nothing where pandera or pandas is in use."""
    if "pandera" in sys.modules or "pandas" in sys.modules:
        return
    hidden = _Hidden()
    sys.meta_path.insert(0, hidden)
    try:
        import cleanhold.plan.declare  # noqa: F401  # registers the Polars checks, too
    finally:
        sys.meta_path.remove(hidden)
    for name in ("pandera", "pandera.typing"):
        _complete_when_asked(sys.modules[name])


def _complete_when_asked(module: ModuleType) -> None:
    """Give a module a `__getattr__` that imports it anew, as it is with pandas in sight."""

    def complete(name: str) -> Any:
        del module.__getattr__
        if name.startswith("__"):
            _complete_when_asked(module)
            raise AttributeError(name)
        importlib.reload(module)
        return getattr(module, name)

    module.__getattr__ = complete  # type: ignore[method-assign]
