"""How a field says what its drift may be."""

from __future__ import annotations

from math import isfinite

from cleanhold.core.promise import Alarm
from cleanhold.errors import ContractError


def drift_limit(value: str | float | None, where: str) -> Alarm | float | None:
    """`"warn"`, `"stop"`, `"off"`, or a limit of the field's first measure.

    Raises:
        ContractError: it is none of these.
    """
    if value is None or (isinstance(value, str) and value in list(Alarm)):
        return None if value is None else Alarm(value)
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    if not is_number or not isfinite(value) or value <= 0:  # type: ignore[arg-type, operator]
        raise ContractError(
            f"drift={value!r} is no word for it, and no limit",
            where=where,
            next="write 'warn', 'stop' or 'off', or a number above 0: drift=0.3",
        )
    return float(value)
