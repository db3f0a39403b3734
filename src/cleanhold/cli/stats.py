"""cleanhold quarantine stats: how well checks do."""

from __future__ import annotations

from pathlib import Path

from cleanhold.cli import output
from cleanhold.cli.output import JsonOption, WorkspaceOption
from cleanhold.cli.quarantine import DatasetOption, review_of


def stats(
    dataset: DatasetOption = None, workspace: WorkspaceOption = Path(), json: JsonOption = False
) -> int:
    """What each check caught, and what people made of it; checks that never held a row.

    **Example**

    `cleanhold quarantine stats -d crm.contacts`
    """
    with review_of(workspace) as review:
        found = review.stats(dataset).to_dicts()
    if json:
        output.emit_json(found)
        return output.DONE
    fired = [row for row in found if row["caught"]]
    counts = (
        "caught", "only_by_it", "confirmed", "automatic", "unchanged", "waiting", "superseded"
    )  # fmt: skip
    output.show_table(
        ["dataset", "check", "caught", "only it", *counts[2:], "decided after"],
        [[row["dataset"], _label(row), *(row[c] for c in counts), _time(row)] for row in fired],
    )
    output.say()
    for row in found[len(fired) :]:
        output.say(f"never held a row: {row['dataset']}: {_label(row)}", hang=4)
    return output.DONE


def _label(row: dict[str, object]) -> str:
    return f"{row['column']}.{row['check']}" if row["column"] else str(row["check"])


def _time(row: dict[str, float | None]) -> str:
    hours = row["hours_until_decided"]
    if hours is None:
        return ""
    return f"{hours / 24:.1f} days" if hours >= 48 else f"{hours:.1f} hours"
