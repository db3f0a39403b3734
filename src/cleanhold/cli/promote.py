"""cleanhold promote: readers get a snapshot of the pilot, if the gates are open."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cleanhold.cli import output
from cleanhold.cli.deciding import AsOption
from cleanhold.cli.gates import show_card
from cleanhold.cli.output import JsonOption, WorkspaceOption

if TYPE_CHECKING:
    from cleanhold.core.gate import Override
    from cleanhold.pipeline.promote import Promoted
    from cleanhold.pipeline.stores import Stores


def promote(
    dataset: Annotated[str, typer.Argument(help="Whose readers.")],
    to: Annotated[str, typer.Option("--to", help="The channel: production.")] = "production",
    snapshot: Annotated[
        int | None,
        typer.Option("--snapshot", help="Number of the snapshot; that of the pilot if not given."),
    ] = None,
    override: Annotated[
        str | None,
        typer.Option("--override", help="Ask that this gate count as open for some days."),
    ] = None,
    until: Annotated[
        datetime | None,
        typer.Option(
            "--until",
            formats=["%Y-%m-%d"],
            help="The last day of the override; as far as the settings allow if not given.",
        ),
    ] = None,
    confirm: Annotated[
        str | None, typer.Option("--confirm", help="Confirm the override another person asked for.")
    ] = None,
    withdraw: Annotated[
        str | None, typer.Option("--withdraw", help="End the override of this gate.")
    ] = None,
    reason: Annotated[str, typer.Option("--reason", help="Why; it is kept in the audit log.")] = "",
    name: AsOption = None,
    workspace: WorkspaceOption = Path(),
    json: JsonOption = False,
) -> int:
    """Give readers a snapshot of the pilot; exits 1 if a gate is closed, and says what opens it.

    What the gates said is kept with it: `cleanhold audit show`. A closed gate can be overridden
    for some days by two people: one asks (`--override`), another confirms.

    **Examples**

    `cleanhold promote features.customer_churn --to production`

    `cleanhold promote features.customer_churn --override rollback --reason "rehearsal on Monday"`

    `cleanhold promote features.customer_churn --confirm rollback --reason "seen, agreed"`
    """
    from cleanhold.plan.lean_import import import_pandera

    import_pandera()
    from cleanhold.errors import UsageError
    from cleanhold.pipeline.gates import scorecard
    from cleanhold.pipeline.person import who_acts
    from cleanhold.pipeline.promote import promote as give
    from cleanhold.workspace.workspace import Workspace

    who = who_acts(name)
    if to != "production":
        raise UsageError(
            f"nothing is promoted to {to!r}", next="runs publish to pilot: --to production"
        )
    acts = [act for act in (override, confirm, withdraw) if act is not None]
    if len(acts) > 1 or (until is not None and override is None):
        raise UsageError(
            "one thing at a time: --override GATE [--until DAY], --confirm GATE, or --withdraw GATE"
        )
    with Workspace.find(workspace).open() as stores:
        if acts:
            done = _overridden(stores, dataset, override, confirm, withdraw, until, reason, who)
            return _told(dataset, done, json, withdrawn=withdraw is not None)
        card = scorecard(stores, dataset, snapshot)
        has_it = card.readers_have == card.snapshot.number
        if card.is_held and card.closed and not has_it:
            if json:
                output.emit_json(card.as_dict())
            else:
                show_card(card)
                output.say(f"nothing was promoted: readers of {dataset} keep what they have")
            return output.HELD_BACK
        promoted = give(stores, dataset, snapshot, why=reason, who=who)
    if json:
        output.emit_json(promoted.as_dict())
    else:
        _say(promoted)
    return output.DONE


def _overridden(
    stores: Stores,
    dataset: str,
    override: str | None,
    confirm: str | None,
    withdraw: str | None,
    until: datetime | None,
    reason: str,
    who: str,
) -> Override:
    from cleanhold.pipeline import override as verbs

    if override is not None:
        last = until.date() if until else None
        return verbs.ask_override(stores, dataset, override, reason, until=last, who=who)
    if confirm is not None:
        return verbs.confirm_override(stores, dataset, confirm, reason, who=who)
    assert withdraw is not None
    return verbs.withdraw_override(stores, dataset, withdraw, reason, who=who)


def _told(dataset: str, done: Override, json: bool, *, withdrawn: bool) -> int:
    """What became of an override; 1 while it waits for a second person."""
    waits = done.confirmed_by is None and not withdrawn
    if json:
        output.emit_json({**done.as_dict(), "withdrawn": withdrawn})
    elif withdrawn:
        output.say(f"{done.gate} of {dataset} is overridden no more")
    elif waits:
        output.say(f"asked: {done.gate} of {dataset} counts as open until {done.until}", hang=4)
        output.say("next: somebody else looks at it, and confirms:")
        output.say(f"      cleanhold promote {dataset} --confirm {done.gate} --reason …")
    else:
        output.say(f"{done.gate} of {dataset} counts as open until {done.until}")
        output.say(f"next: cleanhold promote {dataset}")
    return output.HELD_BACK if waits else output.DONE


def _say(promoted: Promoted) -> None:
    snapshot, made = promoted.snapshot, promoted.promotion
    if not promoted.is_new:
        output.say(f"readers of {snapshot.dataset} have snapshot {snapshot.number} already")
        return
    assert made is not None
    before = f"no longer {made.before}" if made.before else "the first that they have"
    output.say(
        f"readers of {snapshot.dataset} have snapshot {snapshot.number} "
        f"({output.rows(snapshot.rows)}), {before}",
        hang=4,
    )
    if made.overridden:
        output.say(f"overridden: {', '.join(made.overridden)}")
    output.say(f"certificate: entry {made.entry} of the audit log, {made.hash[:16]}")
    if made.before:
        output.say(f"back: cleanhold rollback {snapshot.dataset} --to {made.before} --reason …")
