"""What a new version of a contract changes in its checks."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from cleanhold.core.check import Check, Kind, Severity
from cleanhold.core.narrowing import Move, moved
from cleanhold.core.weight import Change, Weight

#: Checks whose being there is told as a fact of their column.
_OF_COLUMNS = (Kind.PRESENT, Kind.NOT_NULL, Kind.PARSE)

#: Checks that are promises to those who read: only while they hold rows.
_PROMISES = {
    Kind.UNIQUE: "values need not be unique any more",
    Kind.NOT_NULL: "rows without a value are only warned of: readers get nulls",
    Kind.PARSE: "values that cannot be read are only warned of: readers get nulls",
}


def revised_checks(before: Sequence[Check], after: Sequence[Check]) -> Iterator[Change]:
    """Checks that came, went, or are not what they were."""
    old, new = ({c.label: c for c in checks} for checks in (before, after))
    gone = [c for label, c in old.items() if label not in new and c.kind not in _OF_COLUMNS]
    came = [c for label, c in new.items() if label not in old and c.kind not in _OF_COLUMNS]
    for check in [*came]:
        if same := next((c for c in gone if _is_renamed(c, check)), None):
            came.remove(check)
            gone.remove(same)
            what = "the check has another name"
            yield Change(Weight.HARMLESS, what, check.label, same.label, check.label)
            yield from _severity(same, check)
    yield from map(_gone, gone)
    yield from map(_came, came)
    for label in old:
        if label in new:
            yield from _changed(old[label], new[label])


def _is_renamed(old: Check, new: Check) -> bool:
    if old.kind is not new.kind or old.column != new.column or old.reference != new.reference:
        return False
    return old.kind is not Kind.REFERENCE and (old.computes, old.keep) == (new.computes, new.keep)


def _gone(check: Check) -> Change:
    if check.severity is Severity.WARN:
        return Change(Weight.HARMLESS, "no longer warned of", check.label, _sentence(check))
    if check.kind is Kind.UNIQUE:
        what = _PROMISES[Kind.UNIQUE]
        return Change(Weight.BREAKING, what, check.label, _sentence(check))
    return Change(Weight.LOOSENING, "the check is gone", check.label, _sentence(check))


def _came(check: Check) -> Change:
    if check.severity is Severity.WARN:
        return Change(Weight.HARMLESS, "a new warning", check.label, after=_sentence(check))
    return Change(Weight.TIGHTENING, "a new check", check.label, after=_sentence(check))


def _changed(old: Check, new: Check) -> Iterator[Change]:
    yield from _severity(old, new)
    changes = [*_meaning(old, new)]
    yield from changes
    if not changes and old.says != new.says and new.kind not in _OF_COLUMNS:
        what = "the sentence is another one"
        yield Change(Weight.HARMLESS, what, new.label, _sentence(old), _sentence(new))


def _severity(old: Check, new: Check) -> Iterator[Change]:
    if old.severity is new.severity:
        return
    said = (new.label, str(old.severity), str(new.severity))
    if new.severity is Severity.ERROR:
        yield Change(Weight.TIGHTENING, "rows are held that were only warned of", *said)
    elif promise := _PROMISES.get(new.kind):
        yield Change(Weight.BREAKING, promise, *said)
    else:
        yield Change(Weight.LOOSENING, "rows are only warned of that were held", *said)


def _meaning(old: Check, new: Check) -> Iterator[Change]:
    """That another thing is checked. A warning holds no row, whatever it says."""
    holds = new.severity is Severity.ERROR
    tighter = Weight.TIGHTENING if holds else Weight.HARMLESS
    looser = Weight.LOOSENING if holds else Weight.HARMLESS
    if old.options and new.options:
        for one in moved(old.options, new.options):
            weight = looser if one.move is Move.WIDER else tighter
            what = f"{_WAYS[one.move]} ({one.option.replace('_', ' ')})"
            yield Change(weight, what, new.label, one.before, one.after)
    elif (old.kind, old.computes) != (new.kind, new.computes) or old.reference != new.reference:
        if new.kind is Kind.UNIQUE:
            return  # the key, which is told
        what = "something else is checked: rows may be held that passed"
        if old.reference and new.reference:
            yield Change(tighter, what, new.label, str(old.reference), str(new.reference))
        else:
            yield Change(tighter, what, new.label, _sentence(old), _sentence(new))
    if old.keep != new.keep:
        weight = looser if old.keep == "none" else tighter
        what = "of rows that share a value, others are good"
        yield Change(weight, what, new.label, old.keep, new.keep)


_WAYS = {
    Move.NARROWER: "fewer values pass",
    Move.WIDER: "more values pass",
    Move.OTHER: "other values pass",
}


def _sentence(check: Check) -> str:
    return check.says.replace("{{", "{").replace("}}", "}")
