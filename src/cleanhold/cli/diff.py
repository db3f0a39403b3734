"""cleanhold diff: what changed between two snapshots."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cleanhold.cli import output
from cleanhold.cli.output import JsonOption, WorkspaceOption

if TYPE_CHECKING:
    from cleanhold.pipeline.diff import ColumnDifference, Difference


def diff(
    dataset: Annotated[str, typer.Argument(help="Whose snapshots.")],
    before: Annotated[
        int | None, typer.Argument(help="Number of one; the published one before if not given.")
    ] = None,
    after: Annotated[
        int | None, typer.Argument(help="Number of the other; what models read if not given.")
    ] = None,
    workspace: WorkspaceOption = Path(),
    json: JsonOption = False,
) -> int:
    """What changed between two snapshots: columns, values, and rows by their key.

    Exits 1 if anything did.

    **Examples**

    `cleanhold diff crm.contacts`

    `cleanhold diff crm.contacts 3 7 --json`
    """
    from cleanhold.plan.lean_import import import_pandera

    import_pandera()
    from cleanhold.pipeline.diff import diff as compare
    from cleanhold.workspace.workspace import Workspace

    with Workspace.find(workspace).open() as stores:
        found = compare(stores, dataset, before, after)
    if json:
        output.emit_json(found.as_dict())
    else:
        _show(found)
    retyped = any(c.before != c.after for c in found.columns)
    differs = found.added or found.removed or found.changed or retyped
    return output.HELD_BACK if differs else output.DONE


def _show(found: Difference) -> None:
    old, new = found.before, found.after
    output.say(
        f"{new.dataset}: snapshot {old.number} ({old.created_at:%F %H:%M} UTC, contract "
        f"{old.contract_version}) and {new.number} ({new.created_at:%F %H:%M} UTC, contract "
        f"{new.contract_version})"
    )
    output.say()
    counts = (found.added, found.removed, found.changed, found.same)
    output.show_table(
        ["rows before", "after", "added", "removed", "changed", "same"],
        [[old.rows, new.rows, *counts]],
    )
    output.say(f"rows are told apart by {', '.join(found.key)}")
    changed = [c for c in found.columns if _is_worth_telling(c)]
    if changed:
        output.say()
        output.show_table(
            ["column", "rows changed", "nulls", "distinct", "least", "greatest", "mean"],
            [_line(c) for c in changed],
        )
    for kind, keys in found.examples.items():
        if keys:
            output.say()
            more = getattr(found, kind) - len(keys)
            tail = f" and {more:,} more" if more > 0 else ""
            output.say(f"{kind}: {', '.join(keys)}{tail}", hang=4)


def _is_worth_telling(column: ColumnDifference) -> bool:
    same_profile = column.profile_before == column.profile_after
    return bool(column.changed) or column.before != column.after or not same_profile


def _line(column: ColumnDifference) -> list[object]:
    name = column.column
    if column.before != column.after:
        name += f" ({column.before or 'new'} → {column.after or 'gone'})"
    facts = [
        _both(getattr(column.profile_before, fact, None), getattr(column.profile_after, fact, None))
        for fact in ("nulls", "distinct", "least", "greatest", "mean")
    ]
    return [name, column.changed, *facts]


def _both(before: object, after: object) -> str:
    old, new = ("" if value is None else _short(value) for value in (before, after))
    return new if old == new else f"{old or '–'} → {new or '–'}"


def _short(value: object) -> str:
    text = f"{value:,}" if isinstance(value, int) else str(value)
    return text if len(text) <= 24 else text[:23] + "…"
