"""Whether a check with other options lets through more or less than it did."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

_MOST_LISTED = 12


class Move(StrEnum):
    """Which way an option moved."""

    NARROWER = "narrower"  # some values that passed do not
    WIDER = "wider"  # whatever passed does still
    OTHER = "other"  # nobody can tell: some may not


@dataclass(frozen=True, slots=True)
class Moved:
    """One option of a check that is not what it was; `before` and `after` are for people."""

    option: str
    move: Move
    before: str
    after: str


def moved(before: Mapping[str, object], after: Mapping[str, object]) -> list[Moved]:
    """The options that differ between two checks of one name, in the order of the later one."""
    found = []
    for option in dict.fromkeys((*after, *before)):
        old, new = before.get(option), after.get(option)
        if _plain(old) == _plain(new):
            continue
        if option in _SETS:
            found += _of_set(option, old, new)
        else:
            found.append(Moved(option, _move(option, old, new), shown(old), shown(new)))
    return found


#: Options that are a collection of values → whether more of them let more through.
_SETS = {"allowed_values": True, "forbidden_values": False}

#: Options that are a limit → whether values must be above it; None for no limit.
_LIMITS = {"min_value": True, "max_value": False}


def _move(option: str, old: Any, new: Any) -> Move:
    if option in ("include_min", "include_max"):
        return Move.WIDER if new else Move.NARROWER
    if option not in _LIMITS:
        return Move.WIDER if new is None else Move.NARROWER if old is None else Move.OTHER
    if old is None or new is None:
        return Move.WIDER if new is None else Move.NARROWER
    try:
        is_higher = bool(new > old)
    except TypeError:
        return Move.OTHER
    return Move.NARROWER if is_higher is _LIMITS[option] else Move.WIDER


def _of_set(option: str, old: Any, new: Any) -> list[Moved]:
    """Nothing, if the values are the same in another order."""
    gone = [value for value in old or () if value not in (new or ())]
    more = [value for value in new or () if value not in (old or ())]
    if not gone and not more:
        return []
    is_narrower = bool(gone if _SETS[option] else more)
    without = f"without {shown(gone)}" if gone else ""
    with_more = f"with {shown(more)} too" if more else ""
    move = Move.NARROWER if is_narrower else Move.WIDER
    return [Moved(option, move, shown(old), " and ".join(filter(None, (without, with_more))))]


def shown(value: object) -> str:
    """A value for people; of many, the first dozen."""
    if value is None or value == ():
        return "none"
    value = _plain(value)
    if isinstance(value, str) or not isinstance(value, Collection):
        return str(value)
    named = [str(one) or "''" for one in value]
    more = f", … ({len(named):,} in all)" if len(named) > _MOST_LISTED else ""
    return ", ".join(named[:_MOST_LISTED]) + more


def _plain(value: object) -> Any:
    """A compiled pattern as its text; a collection in one order."""
    value = getattr(value, "pattern", value)
    if isinstance(value, str):
        return value.removeprefix("^(?:").removesuffix(")$") if value.startswith("^(?:") else value
    if isinstance(value, set | frozenset):
        return sorted(value, key=str)
    return list(value) if isinstance(value, list | tuple) else value
