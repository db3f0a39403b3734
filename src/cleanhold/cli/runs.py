"""cleanhold runs: what past runs came to."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cleanhold.cli import output
from cleanhold.cli.output import JsonOption, WorkspaceOption

if TYPE_CHECKING:
    from cleanhold.core.account import Account
    from cleanhold.pipeline.past_runs import PastRun

#: Characters of a bar, and what stands for rows that passed, were held and were refused.
_WIDTH, _MARKS = 12, "█▒░"


def runs(
    dataset: Annotated[
        str | None, typer.Argument(help="Runs of this dataset; of all if none is named.")
    ] = None,
    limit: Annotated[
        int, typer.Option("--limit", "-n", min=1, help="The newest so many.")
    ] = 20,
    workspace: WorkspaceOption = Path(),
    json: JsonOption = False,
) -> int:  # fmt: skip
    """What past runs came to, newest first: where their records ended, and why they stopped.

    A bar shows the shares of records that passed (█), were held (▒) and were refused (░).

    **Examples**

    `cleanhold runs`

    `cleanhold runs crm.contacts --limit 5 --json`
    """
    from cleanhold.plan.lean_import import import_pandera

    import_pandera()
    from cleanhold.pipeline.past_runs import past_runs
    from cleanhold.workspace.workspace import Workspace

    with Workspace.find(workspace).open() as stores:
        found = past_runs(stores, dataset, limit)
    if json:
        output.emit_json([one.as_dict() for one in found])
    elif found:
        _show(found)
    else:
        output.say("nothing has run yet; `cleanhold run` takes what has arrived")
    return output.DONE


def _show(found: list[PastRun]) -> None:
    counts = ("records", "clean", "held", "refused")
    columns = [
        "started (UTC)",
        "dataset",
        "state",
        "snapshot",
        "shares",
        *counts,
        "seconds",
        "what",
    ]
    output.show_table(columns, [_line(one) for one in found])
    for one in found:
        drift = one.drift["says"] if one.drift else ()
        told = [*(f"why: {r}" for r in one.run.reasons), *(f"drift: {d}" for d in drift)]
        if told:
            output.say()
            output.say(f"{one.run.started_at:%F %H:%M}  {one.run.dataset}  {one.what}")
        for line in told:
            output.say(f"  {line}", hang=4)


def _line(past: PastRun) -> list[object]:
    run, account = past.run, past.run.account
    counts = (account.records, account.clean, account.held, account.refused) if account else ()
    seconds = "" if past.seconds is None else f"{past.seconds:.1f}"
    return [
        f"{run.started_at:%F %H:%M}",
        run.dataset,
        str(run.state),
        f"{run.snapshot} (expired)" if past.expired else run.snapshot,
        _bar(account) if account else "",
        *(counts or (None,) * 4),
        seconds,
        past.what,
    ]


def _bar(account: Account) -> str:
    """The shares of an account; what there is at all is at least one mark."""
    if not account.records:
        return ""
    lost = [account.held, account.refused]
    marks = [n and max(1, round(_WIDTH * n / account.records)) for n in lost]
    passed = account.clean + account.superseded
    width = max(_WIDTH - sum(marks), 1 if passed else 0)
    return _MARKS[0] * width + _MARKS[1] * marks[0] + _MARKS[2] * marks[1]
