"""cleanhold impact: what a change of a column, a dataset or a check touches."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cleanhold.cli import output
from cleanhold.cli.output import JsonOption, WorkspaceOption
from cleanhold.report.numbers import counted

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    from cleanhold.core.column_lineage import Column
    from cleanhold.core.impact import Impact
    from cleanhold.core.reach import Reached

#: Columns of a pact that are named.
MOST_NAMES = 6


def impact(
    what: Annotated[
        str,
        typer.Argument(metavar="WHAT", help="A dataset or source, DATASET.column, SOURCE.header, "
                       "DATASET:check or check:NAME."),
    ],
    workspace: WorkspaceOption = Path(),
    json: JsonOption = False,
) -> int:  # fmt: skip
    """What lies downstream of something: who is touched if it changes.

    Columns that get its values (*direct*), columns for which it decides which values or rows there
    are (*indirect*), consumers by their pacts, channels and flows. Where it is not known what a
    table's columns come from, the table is listed as unsure.

    **Examples**

    `cleanhold impact crm.contacts.birthdate`

    `cleanhold impact "crm.contacts.Contact ID"`

    `cleanhold impact legacy.policies --json`

    `cleanhold impact check:not_null`
    """
    from cleanhold.plan.lean_import import import_pandera

    import_pandera()
    from cleanhold.pipeline.impact import impact_of
    from cleanhold.workspace.lineage import graph_of
    from cleanhold.workspace.workspace import Workspace

    opened = Workspace.find(workspace)
    with opened.open() as stores:
        found = impact_of(graph_of(opened, stores), stores.contracts, what)
    if json:
        output.emit_json(found.as_dict())
    else:
        for line in told(found):
            output.say(line, hang=4)
    return output.DONE


def told(found: Impact) -> Iterator[str]:
    """An impact in lines."""
    from cleanhold.core.column_lineage import Column

    yield f"{found.what}"
    if found.is_none:
        yield "  nothing is made of it"
    for node in found.tables:
        yield ""
        yield f"{node.id}  {node.owner}".rstrip()
        if Column(node.id, "") in found.starts:
            yield "  which rows it has"
        own = [one for one in found.columns if one.column.table == node.id]
        yield from _columns(own, found.starts)
    for node in found.unsure:
        yield ""
        yield f"{node.id}  {node.owner}".rstrip()
        yield "  unsure: what its columns come from is not known"
    if found.pacts:
        yield ""
        yield "consumers"
    for pact in found.pacts:
        yield f"  {pact.pact.name}  {pact.pact.owner or 'the pact names no owner'}"
        if pact.values:
            yield f"    its pact names {few(pact.values, pact.pact.dataset)}"
        if pact.rows:
            yield f"    decided for it: {few(pact.rows, pact.pact.dataset)}"
        if not (pact.values or pact.rows):
            yield f"    unsure: it reads {pact.pact.dataset}"
    if found.channels:
        yield ""
        yield "channels"
    for channel in found.channels:
        number = channel.details["snapshot"]
        given = f"snapshot {number}" if number else "nothing yet"
        yield f"  {channel.dataset}  {channel.name}, {given}"
    if found.flows:
        yield ""
        yield f"flows: {', '.join(flow.name for flow in found.flows)}"


def _columns(columns: list[Reached], starts: Collection[Column]) -> Iterator[str]:
    """One line a column; those that are touched by the choice of rows share one."""
    from cleanhold.report.graph.words import way

    rows: dict[str, list[str]] = {}
    width = max((len(c.column.name) for c in columns if c.link.after.name), default=0)
    for one in columns:
        before = one.link.before
        via = "" if before in starts else f" (by {before.table}.{before.name})"
        how = way(one.link.origin) + via.replace("(by source:", "(by the header ")
        if one.link.after.name:
            kind = "direct  " if one.direct else "indirect"
            yield f"  {one.column.name:<{width}}  {kind}  {how}"
        else:
            rows.setdefault(how, []).append(one.column.name)
    for how, names in rows.items():
        yield f"  its rows, and so {counted(len(names), 'column')} indirectly: {how}"


def few(names: Sequence[str], table: str) -> str:
    """The first names, how many more there are, and of which table; JSON has all."""
    more = len(names) - MOST_NAMES
    told = ", ".join(names[:MOST_NAMES]) + (f" and {more} more" if more > 0 else "")
    return f"{told} of {table}"
