"""cleanhold quarantine cases, case: held rows by likely cause, and what could be done."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from cleanhold.cli import output
from cleanhold.cli.output import JsonOption, WorkspaceOption

#: Days shown of a case.
_DAYS = 14


def cases(
    dataset: Annotated[
        str | None, typer.Option("--dataset", "-d", help="Only this dataset.", show_default=False)
    ] = None,
    limit: Annotated[int, typer.Option("--limit", "-n", min=1, help="Most cases shown.")] = 20,
    workspace: WorkspaceOption = Path(),
    json: JsonOption = False,
) -> int:
    """Held rows grouped by likely cause, the largest groups first.

    **Example**

    `cleanhold quarantine cases -d crm.contacts`
    """
    from cleanhold.plan.lean_import import import_pandera

    import_pandera()
    from cleanhold.pipeline.cases import cases as list_cases
    from cleanhold.workspace.workspace import Workspace

    with Workspace.find(workspace).open() as stores:
        found = list_cases(stores, dataset, limit)
    if json:
        output.emit_json([each.as_dict() for each in found])
        return output.DONE
    if not found:
        output.say("no held rows wait")
        return output.DONE
    output.show_table(
        ["case", "dataset", "rows", "since", "trend", "what"],
        [[c.id, c.dataset, c.rows, f"{c.first_seen:%F}", c.moves, c.title] for c in found],
    )
    output.say()
    output.say("next: cleanhold quarantine case CASE")
    return output.DONE


def case(
    case_id: Annotated[str, typer.Argument(help="The case, as `quarantine cases` lists it.")],
    workspace: WorkspaceOption = Path(),
    json: JsonOption = False,
) -> int:
    """One case: its rows over time, and corrections that would help.

    **Example**

    `cleanhold quarantine case cb705be0e3bd`
    """
    from cleanhold.plan.lean_import import import_pandera

    import_pandera()
    from cleanhold.pipeline.cases import case as look
    from cleanhold.pipeline.suggest import common_values, suggestions
    from cleanhold.workspace.workspace import Workspace

    with Workspace.find(workspace).open() as stores:
        found = look(stores, case_id)
        offered = suggestions(stores, found)
        held = common_values(stores, found)
    if json:
        values = [{"value": value, "rows": rows} for value, rows in held]
        told = {"values": values, "suggestions": [each.as_dict() for each in offered]}
        output.emit_json({**found.as_dict(), **told})
        return output.DONE
    output.say(f"{found.id}  {found.title}", style="bold", hang=4)
    output.say(found.because, hang=4)
    output.say(f"dataset {found.dataset}, from {found.source or '(built)'}, owner {found.owner}")
    output.say(f"held by {', '.join(found.checks)}", hang=4)
    wait = "1 row waits" if found.rows == 1 else f"{found.rows:,} rows wait"
    output.say(
        f"{wait} ({_percent(found.share)} of those of the dataset), the first "
        f"{_since(found.age_days)}; last seen {found.last_seen:%F %H:%M} UTC",
        hang=4,
    )
    output.say("rows: " + ", ".join(f"{n:,} {status}" for status, n in found.statuses.items()))
    output.say()
    output.say(f"first seen by day: {found.moves}")
    for day, rows in list(found.trend.items())[-_DAYS:]:
        output.say(f"  {day:%F}  {rows:,}")
    if len(found.trend) > _DAYS:
        output.say(f"  … and {len(found.trend) - _DAYS:,} days before")
    if held:
        output.say("commonest values")
        for value, rows in held:
            output.say(f"  {rows:>7,}  '{value}'")
    if found.examples:
        output.say("some of them" if found.rows > len(found.examples) else "they are")
        for row in found.examples:
            output.say(f"  {row}")
    if not found.rows:
        return output.DONE
    output.say()
    if found.is_of_doubles:
        output.say(
            "reject those that are wrong, or correct them: the next replay publishes a row that "
            "shares its value with none any more",
            hang=4,
        )
    elif not offered:
        output.say("no correction of this column alone is known that would help", hang=4)
    for each in offered:
        output.say(f"suggestion {each.number}: {each.text}", hang=4)
    output.say(f"next: cleanhold quarantine rows --case {found.id}")
    if offered:
        output.say(
            f"      cleanhold quarantine correct -d {found.dataset} --case {found.id} "
            "--suggestion 1 --reason WHY"
        )
    return output.DONE


def _since(days: int) -> str:
    return "today" if not days else "yesterday" if days == 1 else f"{days:,} days ago"


def _percent(share: float) -> str:
    return output.share(round(share * 1_000_000), 1_000_000)
