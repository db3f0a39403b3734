"""cleanhold contract diff: what a new version of a contract changes, for whom."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cleanhold.cli import output
from cleanhold.cli.impact import few
from cleanhold.cli.output import JsonOption, WorkspaceOption

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cleanhold.core.impact import Impact
    from cleanhold.core.pact import Pact
    from cleanhold.core.pacts_revised import Affected
    from cleanhold.core.revision import Revision

_STYLES = {"breaking": "red", "tightening": "yellow"}


def diff(
    first: Annotated[
        str,
        typer.Argument(metavar="[OLD[:Name]]", help="The older contract; if it is left out, the "
                       "one that the published snapshot was made with.", show_default=False),
    ],
    second: Annotated[
        str | None,
        typer.Argument(metavar="NEW[:Name]", help="The contract to compare with it.",
                       show_default=False),
    ] = None,
    workspace: WorkspaceOption = Path(),
    json: JsonOption = False,
) -> int:  # fmt: skip
    """What a new version of a contract changes: for models that read, and for rows.

    *Breaking*: something that readers rely on is taken back. *Tightening*: rows may be held that
    passed. *Loosening*: rows may pass that were held. The rest is *harmless*. Says whether the
    version was raised accordingly, and which consumers lose something that their pacts need. Exits
    1 if a change is breaking; then it lists what is made of what is taken back, and whose it is.

    **Examples**

    `cleanhold contract diff old.py contracts/crm_contacts.py`

    `cleanhold contract diff drafts/crm_contacts.py --json`

    `git show main:contracts/orders.py > old.py; cleanhold contract diff old.py contracts/orders.py`
    """
    from cleanhold.plan.lean_import import import_pandera

    import_pandera()
    from cleanhold.core.pacts_revised import affected
    from cleanhold.core.weight import Weight
    from cleanhold.pipeline.contract_diff import compare_files, compare_published
    from cleanhold.plan.load import load_beside
    from cleanhold.workspace.workspace import Workspace

    if second is not None:
        found = compare_files(first, second)
    else:
        opened = Workspace.find(workspace)
        with opened.open() as stores:
            found = compare_published(stores, load_beside(first, opened.root))
    pacts = affected(_pacts(workspace), found.before, found.after)
    broken, unknown = _downstream(workspace, found)
    if json:
        told = {"pacts": [one.as_dict() for one in pacts], "unknown": unknown or None}
        output.emit_json({**found.as_dict(), **told, "impact": [one.as_dict() for one in broken]})
    else:
        _show(found)
        _show_pacts(pacts)
        _show_downstream(broken, unknown)
    return output.HELD_BACK if found.weight is Weight.BREAKING else output.DONE


def _pacts(workspace: Path) -> tuple[Pact, ...]:
    """Those of the workspace; two files can be compared without one."""
    from cleanhold.errors import WorkspaceError
    from cleanhold.workspace.workspace import Workspace

    try:
        return Workspace.find(workspace).pacts.declared
    except WorkspaceError:
        return ()


def _downstream(workspace: Path, found: Revision) -> tuple[list[Impact], str]:
    """What breaking changes touch in the workspace; and why that is not known, if it is not."""
    from cleanhold.core.weight import Weight
    from cleanhold.errors import CleanholdError, WorkspaceError
    from cleanhold.workspace.lineage import broken_by
    from cleanhold.workspace.workspace import Workspace

    if found.weight is not Weight.BREAKING:
        return [], ""
    try:
        opened = Workspace.find(workspace)
    except WorkspaceError:
        return [], ""
    try:
        return broken_by(opened, found), ""
    except CleanholdError as error:
        return [], error.what


def _show_downstream(broken: Sequence[Impact], unknown: str) -> None:
    """What is made of what is taken back, and whose it is."""
    for one in broken:
        output.say()
        output.say(f"made of {one.what}:", hang=2, style="red")
        for node in (*one.tables, *one.unsure):
            own = [c.column.name for c in one.columns if c.column.table == node.id]
            what = few(own, node.id) if own else node.id
            perhaps = "perhaps " if node in one.unsure else ""
            output.say(f"  {perhaps}{what}, owner {node.owner or 'nobody is named'}", hang=2)
        for touched in one.pacts:
            owner = touched.pact.owner or "the pact names no owner"
            output.say(f"  {touched.pact.name} reads it ({owner})", hang=2)
    if unknown:
        output.say()
        output.say(f"what is made of it is not known: {unknown}", hang=2)


def _show_pacts(found: Sequence[Affected]) -> None:
    """The consumers that lose something."""
    for one in found:
        output.say()
        verb, style = ("breaks", "red") if one.breaks else ("may break", "yellow")
        output.say(f"{verb} the pact of {one.pact.said}", hang=2, style=style)
        for what in one.breaks:
            output.say(f"  {what}", hang=2)
        for what in one.may_break:
            output.say(f"  perhaps: {what}", hang=2)


def _show(found: Revision) -> None:
    old, new = found.before, found.after
    output.say(f"{new.dataset}: contract {old.version} → {new.version}")
    output.say()
    for change in found.changes:
        about = f"{change.about}: " if change.about else ""
        values = f": {change.before or '–'} → {change.after or '–'}"
        said = values if change.before or change.after else ""
        style = _STYLES.get(str(change.weight), "")
        output.say(f"{change.weight:<10}  {about}{change.what}{said}", hang=12, style=style)
    if found.changes:
        output.say()
    for line in _conclusion(found):
        output.say(line)


def _conclusion(found: Revision) -> list[str]:
    raised = {"not raised": "was not raised", "unknown": "cannot be compared"}.get(
        str(found.raised), f"was raised ({found.raised})"
    )
    if not found.changes:
        return [f"nothing that decides has changed; the version {raised}"]
    if found.is_raised_enough:
        return [f"the version {raised}, as is right for what is {found.weight}"]
    return [
        f"the version {raised}; what is {found.weight} asks for a new {found.asks} version",
        "next: raise version= in the contract",
    ]
