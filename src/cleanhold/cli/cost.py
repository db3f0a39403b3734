"""cleanhold cost: what datasets cost, run by run."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cleanhold.cli import output
from cleanhold.cli.output import JsonOption, WorkspaceOption

if TYPE_CHECKING:
    from cleanhold.core.cost import DatasetCost, RunCost

#: Runs that are listed, the newest first; JSON has all.
_MOST_RUNS = 20


def cost(
    dataset: Annotated[
        str | None, typer.Argument(help="Its runs, one by one; all datasets if none is named.")
    ] = None,
    workspace: WorkspaceOption = Path(),
    json: JsonOption = False,
) -> int:
    """What runs used and what they cost, in all and per thousand records.

    Prices and budgets are in `[tool.cleanhold.prices]`. Exits 1 if a dataset costs more than its
    budget.

    **Examples**

    `cleanhold cost`

    `cleanhold cost crm.contacts --json`
    """
    from cleanhold.plan.lean_import import import_pandera

    import_pandera()
    from cleanhold.pipeline.costs import costs
    from cleanhold.workspace.workspace import Workspace

    with Workspace.find(workspace).open() as stores:
        found = costs(stores, dataset)
    if json:
        output.emit_json([one.as_dict() for one in found])
    elif not found:
        output.say("there are no contracts yet")
    elif dataset is None:
        columns = ("dataset", "runs", "cpu", "held", "a month", "a thousand", "usual", "budget", "")
        output.show_table(columns, [_line(one) for one in found])
    else:
        _show_runs(found[0])
    return output.HELD_BACK if any(one.is_over_budget for one in found) else output.DONE


def _line(one: DatasetCost) -> list[object]:
    return [
        one.dataset,
        len(one.runs),
        _seconds(sum(run.usage.cpu_seconds for run in one.runs)),
        _size(one.held_bytes),
        one.told(one.month),
        one.told(one.per_thousand),
        _usual(one),
        one.told(one.budget),
        "over budget" if one.is_over_budget else "",
    ]


def _show_runs(one: DatasetCost) -> None:
    columns = ("run", "started (UTC)", "", "records", "cpu", "time", "memory", "read", "written",
               "cost", "a thousand")  # fmt: skip
    output.show_table(columns, [_run(one, run) for run in one.runs[:_MOST_RUNS]])
    output.say(f"kept: {_size(one.held_bytes)}, {one.told(one.month) or '0'} a month")
    if one.trend is not None:
        output.say(f"a thousand records: {one.told(one.per_thousand)}, usual {_usual(one)}")
    if one.warning:
        output.say(f"over budget: {one.warning}")


def _run(one: DatasetCost, run: RunCost) -> list[object]:
    return [
        run.run[:12],
        f"{run.at:%F %H:%M}",
        run.state,
        f"{run.records:,}",
        _seconds(run.usage.cpu_seconds),
        _seconds(run.usage.wall_seconds),
        _size(run.usage.peak_memory),
        _size(run.bytes_read),
        _size(run.bytes_written),
        one.told(run.money),
        one.told(run.per_thousand),
    ]


def _usual(one: DatasetCost) -> str:
    return "" if one.trend is None else f"{one.told(one.usual)} ({100 * one.trend:+.0f} %)"


def _seconds(number: float) -> str:
    return f"{number:,.1f} s"


def _size(number: int) -> str:
    return f"{number / 1e6:,.1f} MB"
