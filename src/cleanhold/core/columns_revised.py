"""What a new version of a contract changes in its columns."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from cleanhold.core.contract import Column, Contract, Privacy
from cleanhold.core.narrowing import shown
from cleanhold.core.promise import Alarm
from cleanhold.core.weight import Change, Weight


def revised_columns(before: Contract, after: Contract) -> Iterator[Change]:
    """Columns that came, went, or are not what they were."""
    old, new = ({c.name: c for c in contract.columns} for contract in (before, after))
    yield from (_gone(c) for name, c in old.items() if name not in new)
    yield from (_added(c, after) for name, c in new.items() if name not in old)
    for name in old:
        if name in new:
            yield from _of_column(old[name], new[name])
    was, is_ = [n for n in old if n in new], [n for n in new if n in old]
    if was != is_:
        first = next(n for n, (a, b) in enumerate(zip(was, is_, strict=True)) if a != b)
        what = "the columns stand in another order"
        yield Change(Weight.HARMLESS, what, before=shown(was[first:]), after=shown(is_[first:]))


def _gone(column: Column) -> Change:
    what = "the column is gone"
    return Change(Weight.BREAKING, what, column.name, before=str(column.dtype), after="")


def _added(column: Column, contract: Contract) -> Change:
    own = [c for c in contract.checks if c.column == column.name and c.severity == "error"]
    weight = Weight.TIGHTENING if own else Weight.LOOSENING
    held = f", and rows may be held by {', '.join(c.name for c in own)}" if own else ""
    return Change(weight, f"a new column{held}", column.name, before="", after=str(column.dtype))


def _of_column(old: Column, new: Column) -> Iterator[Change]:
    def told(what: str, name: str, weigh: Callable[[Any, Any], Weight]) -> Iterator[Change]:
        was, is_ = getattr(old, name), getattr(new, name)
        if was != is_:
            yield Change(weigh(was, is_), what, new.name, said(name, was), said(name, is_))

    yield from told("another type", "dtype", always(Weight.BREAKING))
    yield from told("its name is a pattern, or not any more", "regex", always(Weight.BREAKING))
    empty = "it may be empty now" if new.nullable else "it may not be empty any more"
    yield from told(empty, "nullable", _nullable)
    yield from told("another value in place of none", "default", lambda o, n: _default(o, n, new))
    lacking = "every extract must have it" if new.required else "extracts may lack it now"
    yield from told(lacking, "required", asks_more)
    yield from told("it is read from other headers", "source", _headers)
    yield from told("it is read from other headers", "source_matches", _pattern)
    yield from told("other texts mean “no value”", "nulls", lambda o, n: of_nulls(o, n, [new]))
    if repr(old.parse) != repr(new.parse) and old.dtype == new.dtype:
        what = "texts are read in another way: rows may be held that passed, or values be others"
        yield Change(Weight.TIGHTENING, what, new.name, *_parsing(old, new))
    yield from told("how personal it is", "privacy", _privacy)
    yield from told("other corrections are made without asking", "automatic", _automatic)
    yield from told("another drift of it is told, or stops a run", "drift", on_drift)
    yield from told("another description", "description", always(Weight.HARMLESS))


def _nullable(_: bool, new: bool) -> Weight:
    return Weight.BREAKING if new else Weight.TIGHTENING


def _automatic(old: tuple[str, ...], new: tuple[str, ...]) -> Weight:
    """More rows are given to those who read, or fewer."""
    return Weight.LOOSENING if set(old) <= set(new) else Weight.TIGHTENING


def _default(old: object, new: object, column: Column) -> Weight:
    """What was filled is empty now, held now, or filled with something else."""
    if old is None:
        return Weight.LOOSENING
    return Weight.TIGHTENING if new is None and not column.nullable else Weight.BREAKING


def _headers(old: tuple[str, ...], new: tuple[str, ...]) -> Weight:
    return Weight.LOOSENING if old and set(old) <= set(new) else Weight.TIGHTENING


def _pattern(old: str | None, _: str | None) -> Weight:
    return Weight.LOOSENING if old is None else Weight.TIGHTENING


def _privacy(old: Privacy, new: Privacy) -> Weight:
    """Less personal: views show what they masked."""
    ranks = list(Privacy)
    return Weight.LOOSENING if ranks.index(new) < ranks.index(old) else Weight.HARMLESS


def _parsing(old: Column, new: Column) -> tuple[str, str]:
    was, is_ = (c.parse.says if c.parse else "as it comes" for c in (old, new))
    return (was, is_) if was != is_ else (repr(old.parse), repr(new.parse))


def always(weight: Weight) -> Callable[[Any, Any], Weight]:
    """The weight of a change that is what it is, whatever the values."""
    return lambda _old, _new: weight


def asks_more(_: bool, new: bool) -> Weight:
    """More is asked than before, or less."""
    return Weight.TIGHTENING if new else Weight.LOOSENING


def on_drift(old: Alarm | float | None, new: Alarm | float | None) -> Weight:
    """More tables may stop at candidate, or not."""
    is_smaller = isinstance(old, float) and isinstance(new, float) and new < old
    return Weight.TIGHTENING if new is Alarm.STOP or is_smaller else Weight.LOOSENING


def of_nulls(
    old: tuple[str, ...] | None, new: tuple[str, ...] | None, columns: Sequence[Column]
) -> Weight:
    """More tokens hold no row where columns may be empty."""
    isasks_more = old is not None and new is not None and set(old) <= set(new)
    may_be_empty = all(c.nullable or c.default is not None for c in columns)
    return Weight.LOOSENING if isasks_more and may_be_empty else Weight.TIGHTENING


def said(name: str, value: Any) -> str:
    """The value of a term, for people."""
    match name, value:
        case "tolerance" | "automatic_limit" | "loss_bias", float():
            return f"{100 * value:g} %"
        case _, bool():
            return "yes" if value else "no"
    return shown(value)
