"""A backtest, for people to read."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cleanhold.cli import output

if TYPE_CHECKING:
    from cleanhold.pipeline.backtest import Tested
    from cleanhold.pipeline.backtested import Backtested
    from cleanhold.pipeline.held_difference import CheckDifference

_MOST_CHECKS = 20


def show(found: Backtested) -> None:
    """Print it: by extract, by check, with examples, and in all."""
    contract = found.what.contract
    output.say(
        f"{contract.dataset}: contract {contract.version} over {len(found.tested)} extracts, "
        f"beside {found.compared_with}"
    )
    output.say()
    output.show_table(
        ["extract", "records", "held before", "after", "newly held", "released", "a run stops"],
        [_line(t) for t in found.tested],
    )
    if checks := found.checks():
        output.say()
        output.show_table(
            ["check", "column", "fails before", "after", "more", "fewer"],
            [[c.check, c.column or "(row)", c.before, c.after, c.more, c.fewer]
             for c in checks[:_MOST_CHECKS]],
        )  # fmt: skip
        for check in checks[:_MOST_CHECKS]:
            _show_examples(check)
    if len(checks) > _MOST_CHECKS:
        output.say(f"{len(checks) - _MOST_CHECKS:,} more checks differ; --json has them all")
    _show_reasons(found)
    output.say()
    output.say(
        f"{found.newly_held:,} rows would be newly held, {found.released:,} released; nothing was "
        "published"
    )


def _line(tested: Tested) -> list[object]:
    before, after, name = tested.before, tested.after, tested.extract.name
    if before is None or after is None:
        return [name, 0, 0, 0, 0, 0, "cannot be read"]
    stopped, stops = bool(before.stops), bool(after.stops)
    said = {(False, True): "now", (True, False): "no longer", (True, True): "as before"}
    counts = (after.account.records, before.account.held, after.account.held)
    changes = (tested.difference.newly_held, tested.difference.released)
    return [name, *counts, *changes, said.get((stopped, stops), "no")]


def _show_examples(check: CheckDifference) -> None:
    output.say()
    label = f"{check.column}.{check.check}" if check.column else check.check
    output.say(f"{label}: " + ("newly fails" if check.more else "no longer fails"))
    for one in check.examples:
        output.say(f"  {one.row_id}  {one.message or one.value or ''}".rstrip(), hang=4)


def _show_reasons(found: Backtested) -> None:
    for one in found.tested:
        for reason in one.after.stops if one.after else ():
            output.say()
            output.say(f"{one.extract.name} would stop at candidate: {reason}", hang=4)
    notes = dict.fromkeys(f"{t.extract.name}: {n}" for t in found.tested for n in t.notes)
    for note in notes:
        output.say(f"note: {note}", hang=6)
