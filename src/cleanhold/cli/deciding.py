"""What every command that decides about held rows takes, shows and asks."""

from __future__ import annotations

import functools
import inspect
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cleanhold.cli import output
from cleanhold.cli.output import JsonOption, ReasonOption, WorkspaceOption

if TYPE_CHECKING:
    from cleanhold.core.decision import Decision
    from cleanhold.errors import UsageError
    from cleanhold.pipeline.decide import Preview

DatasetOption = Annotated[str, typer.Option("--dataset", "-d", help="Whose rows.")]
CheckOption = Annotated[
    str | None, typer.Option("--check", "-c", help="Every row that this check holds.")
]
CaseOption = Annotated[
    str | None, typer.Option("--case", help="Every row of this case; see `quarantine cases`.")
]
RowsArgument = Annotated[
    list[str] | None, typer.Argument(help="Ids of rows; else --check, or all that wait.")
]
YesOption = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")]
PreviewOption = Annotated[bool, typer.Option("--preview", help="Only say what it would do.")]
AsOption = Annotated[
    str | None,
    typer.Option("--as", help="Your name, where people share an account; it is kept beside it."),
]


def decides(*without: str) -> Callable[[Callable[..., dict[str, Any]]], Callable[..., int]]:
    """Make a command of a function that gives an intent: the options that all have are added.

    Args:
        without: names of those that this one lacks.
    """

    def declare(intent: Callable[..., dict[str, Any]]) -> Callable[..., int]:
        own = inspect.signature(intent, eval_str=True).parameters
        common = {
            name: option
            for name, option in inspect.signature(_decide, eval_str=True).parameters.items()
            if name not in ("intent", *without)
        }

        @functools.wraps(intent)
        def command(**given: Any) -> int:
            said = {name: given.pop(name) for name in own}
            return _decide(intent(**said), **given)

        options = [*list(common.values())[:2], *own.values(), *list(common.values())[2:]]
        plain = [o.replace(kind=inspect.Parameter.KEYWORD_ONLY) for o in options]
        command.__signature__ = inspect.Signature(plain)  # type: ignore[attr-defined]
        return command

    return declare


def _decide(
    intent: dict[str, Any],
    dataset: DatasetOption,
    reason: ReasonOption = "",
    rows: RowsArgument = None,
    check: CheckOption = None,
    case: CaseOption = None,
    preview: PreviewOption = False,
    yes: YesOption = False,
    name: AsOption = None,
    workspace: WorkspaceOption = Path(),
    json: JsonOption = False,
) -> int:
    from cleanhold.plan.lean_import import import_pandera

    import_pandera()
    from cleanhold.core.decision import LEAVES, Act
    from cleanhold.pipeline.decide import Intent, Selection, apply, require_reason, rows_of
    from cleanhold.pipeline.decide import preview as look
    from cleanhold.pipeline.person import who_acts
    from cleanhold.pipeline.suggest import suggestion
    from cleanhold.workspace.workspace import Workspace

    who = who_acts(name)
    reason = intent.pop("why", reason)
    if not preview:
        require_reason(reason)
    number, decided = intent.pop("suggestion", None), intent.pop("decision", None)
    if number is not None and case is None:
        raise no_suggestion()
    with Workspace.find(workspace).open() as stores:
        if decided is not None:
            rows = list(rows_of(stores, dataset, decided))
        chosen = Selection(dataset, check, case, tuple(rows) if rows else None)
        if case is not None and number is not None:
            intent["correction"] = suggestion(stores, case, number).candidate.correction
        wanted = Intent(**{**intent, "act": Act(intent["act"])})
        seen = look(stores, chosen, wanted, who=who)
        sure = yes or wanted.act not in LEAVES  # a remark or a task is nothing to be asked about
        if not json and (preview or not sure):
            show_preview(seen)
        if preview:
            if json:
                output.emit_json(seen.as_dict())
            return output.DONE
        verb = f"propose to {wanted.act}" if seen.approval else str(wanted.act)
        if not sure and not agreed(f"{verb} {output.rows(seen.rows)}?"):
            return output.DONE
        decision = apply(stores, chosen, wanted, reason, token=seen.token, who=who)
    return told(decision, json, replay=seen.released is not None)


def no_suggestion() -> UsageError:
    """What is wrong with a suggestion that cannot be one."""
    from cleanhold.errors import UsageError

    return UsageError(
        "--suggestion is one of a case, instead of --set, --map and --reread",
        next="write --case CASE --suggestion 1",
    )


def agreed(question: str) -> bool:
    """Ask whoever is at the terminal; what happens if they do not agree is said.

    Raises:
        UsageError: nobody is there.
    """
    from cleanhold.errors import UsageError

    if not sys.stdin.isatty():
        raise UsageError("nobody is here to be asked", next="add --yes, or --preview to look")
    if not typer.confirm(question):
        output.say("nothing was changed")
        return False
    return True


def told(decision: Decision, json: bool, *, replay: bool) -> int:
    """Say what was decided, and what comes next."""
    if json:
        output.emit_json(decision.as_dict())
        return output.DONE
    say_decision(decision)
    if decision.act == "propose":
        output.say(f"next: somebody else looks at it: cleanhold quarantine approve {decision.id}")
    elif replay:
        output.say(f"next: cleanhold replay -d {decision.dataset}")
    elif decision.act == "reopen":
        output.say("next: cleanhold run, which takes those that are published out of the table")
    return output.DONE


def say_decision(decision: Decision) -> None:
    """One line on a decision that was made."""
    rows = f"{output.rows(decision.rows)} of {decision.dataset}"
    if decision.act == "propose":
        output.say(f"proposal {decision.id}: {decision.terms['does']} {rows}; they stay held")
    else:
        output.say(f"decision {decision.id}: {decision.act} {rows}")


def say_who(decision: Decision) -> None:
    """Who decided, when and why, below a line on what was decided."""
    output.say(f"    by {decision.who}, {decision.at:%F %H:%M} UTC", hang=4)
    output.say(f"    because: {decision.why}", hang=4)


def show_preview(seen: Preview) -> None:
    """Say what a decision would do."""
    output.say(f"{seen.intent.act} {output.rows(seen.rows)} of {seen.selection.dataset}")
    for row, cells in seen.samples.items():
        for column, (before, after) in cells.items():
            if column == "status":
                output.say(f"  {row}" + (f"  {before} → {after}" if before != after else ""))
            else:
                output.say(f"  {row}  {column}: {_quoted(before)} → {_quoted(after)}", hang=4)
        for reason in seen.reasons.get(row, ()):
            output.say(f"    · {reason}", hang=2)
    if len(seen.samples) < seen.rows and any(seen.samples.values()):
        output.say(f"  … and {seen.rows - len(seen.samples):,} more")
    if seen.released is not None:
        output.say(f"a replay would release {seen.released:,} of them")
    for check, count in seen.still.items():
        output.say(f"  {check} would still hold {count:,}")
    if seen.approval:
        output.say(f"another person must approve it: {seen.approval}", hang=2)


def _quoted(text: str | None) -> str:
    return "nothing" if text is None else f"'{text}'"
