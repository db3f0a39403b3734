"""cleanhold gates: what production asks of a dataset, and what it gets."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cleanhold.cli import output
from cleanhold.cli.deciding import AsOption
from cleanhold.cli.output import JsonOption, WorkspaceOption

if TYPE_CHECKING:
    from cleanhold.core.gate import Answer
    from cleanhold.pipeline.gates import Scorecard

_STYLES = {"open": "green", "closed": "red", "overridden": "yellow"}


def gates(
    dataset: Annotated[str, typer.Argument(help="The dataset.")],
    snapshot: Annotated[
        int | None,
        typer.Option("--snapshot", help="Number of the snapshot; that of the pilot if not given."),
    ] = None,
    html: Annotated[
        Path | None, typer.Option("--html", help="Write it as a page of its own, too.")
    ] = None,
    every: Annotated[bool, typer.Option("--all", help="The evidence of open gates, too.")] = False,
    tested: Annotated[
        bool,
        typer.Option(
            "--fallback-tested",
            help="Record that you have tried what consumers do when the dataset is late.",
        ),
    ] = False,
    reason: Annotated[
        str, typer.Option("--reason", help="How it was tried; it is kept in the audit log.")
    ] = "",
    name: AsOption = None,
    workspace: WorkspaceOption = Path(),
    json: JsonOption = False,
) -> int:
    """What production asks of a dataset: each gate, what it found, and what opens it.

    Exits 1 if a gate is closed. Which gates there are and how they are set is in docs/gates.md.

    **Examples**

    `cleanhold gates features.customer_churn`

    `cleanhold gates features.customer_churn --html gates.html`

    `cleanhold gates crm.contacts --fallback-tested --reason "the feed was off for a day"`
    """
    from cleanhold.plan.lean_import import import_pandera

    import_pandera()
    from cleanhold.errors import UsageError
    from cleanhold.pipeline import gates as verbs
    from cleanhold.pipeline.person import who_acts
    from cleanhold.workspace.workspace import Workspace

    who = who_acts(name)
    if reason and not tested:
        raise UsageError("--reason is for --fallback-tested", next="add it, or leave it out")
    with Workspace.find(workspace).open() as stores:
        if tested:
            verbs.fallback_tested(stores, dataset, reason, who=who)
        card = verbs.scorecard(stores, dataset, snapshot)
    if html is not None:
        from cleanhold.report.gates_page import gates_page
        from cleanhold.report.writing import write_page

        write_page(html, gates_page(card))
    if json:
        output.emit_json(card.as_dict())
    else:
        show_card(card, every)
        if html is not None:
            output.say(f"written to {html}")
    return output.HELD_BACK if card.closed else output.DONE


def show_card(card: Scorecard, every: bool = False) -> None:
    """The gates of a snapshot, those that are closed with what opens them."""
    snapshot = card.snapshot
    opened = len(card.answers) - len(card.closed)
    output.say(
        f"{snapshot.dataset} snapshot {snapshot.number}: "
        f"{opened} of {len(card.answers)} gates are open"
    )
    if card.readers_have == snapshot.number:
        output.say("readers have it")
    else:
        output.say(
            f"readers have {f'snapshot {card.readers_have}' if card.readers_have else 'none'}"
        )
    if not card.is_held:
        output.say("no gate holds it: its runs publish at once ([tool.cleanhold.gates] datasets)")
    for answer in card.answers:
        output.say()
        _show(card, answer, every)
    output.say()
    if card.is_held and not card.closed and card.readers_have != snapshot.number:
        output.say(f"next: cleanhold promote {snapshot.dataset}")


def _show(card: Scorecard, answer: Answer, every: bool) -> None:
    override = card.overridden(answer)
    state = card.state_of(answer)
    output.say(f"{state} {answer.gate}: {answer.what}", hang=5, style=_STYLES[state])
    if override:
        output.say(f"     until {override.until}, asked for by {override.asked_by}", hang=5)
        output.say(f"     confirmed by {override.confirmed_by}: {override.why}", hang=5)
    elif not answer.passed and (known := card.overrides.get(answer.gate)):
        over = known.until < card.at.date()
        state = f"ended on {known.until}" if over else "waits for a second person"
        output.say(f"     an override of it {state}", hang=5)
        if not over:
            dataset = card.snapshot.dataset
            output.say(f"     cleanhold promote {dataset} --confirm {answer.gate} --reason …")
    for line in answer.do:
        output.say(f"     do: {line}", hang=9)
    if answer.evidence and (every or not answer.passed):
        output.say()
        output.show_table(answer.evidence.columns, answer.evidence.rows)
