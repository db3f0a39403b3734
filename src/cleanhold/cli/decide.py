"""cleanhold quarantine correct, waive, release, reject, reopen, assign, comment."""

from __future__ import annotations

import sys
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cleanhold.cli import output
from cleanhold.cli.output import JsonOption, WorkspaceOption

if TYPE_CHECKING:
    from cleanhold.core.correction import Correction
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
ReasonOption = Annotated[str, typer.Option("--reason", help="Why; it is kept in the audit log.")]
YesOption = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")]
PreviewOption = Annotated[bool, typer.Option("--preview", help="Only say what it would do.")]
LabelsOption = Annotated[
    list[str] | None,
    typer.Option("--waives", help="COLUMN.CHECK that may fail (repeatable); else those that do."),
]


def correct(
    dataset: DatasetOption,
    reason: ReasonOption,
    rows: RowsArgument = None,
    check: CheckOption = None,
    case: CaseOption = None,
    put: Annotated[
        list[str] | None, typer.Option("--set", help="COLUMN=VALUE; COLUMN= for no value.")
    ] = None,
    mapped: Annotated[
        list[str] | None, typer.Option("--map", help="COLUMN:OLD=NEW (repeatable).")
    ] = None,
    reread: Annotated[
        list[str] | None,
        typer.Option("--reread", help="COLUMN:LAYOUT=LAYOUT: dates written in the first, such as "
                     "%d.%m.%Y, as the second has them."),
    ] = None,
    suggestion: Annotated[
        int | None, typer.Option("--suggestion", help="One of the case's, by its number.")
    ] = None,
    preview: PreviewOption = False,
    yes: YesOption = False,
    workspace: WorkspaceOption = Path(),
    json: JsonOption = False,
) -> int:  # fmt: skip
    """Give held rows other raw values; a replay judges them again.

    Columns are named as they were delivered. What it would do is shown first.

    **Examples**

    `cleanhold quarantine correct -d crm.contacts -c parse --reread "Birthdate:%d.%m.%Y=%Y-%m-%d"
    --reason "the agency writes dates the German way"`

    `cleanhold quarantine correct 6f0c2a91d3b7e845-17 -d crm.contacts --set "Country=DE"
    --reason "asked the customer"`

    `cleanhold quarantine correct -d crm.contacts --case cb705be0e3bd --suggestion 1 --preview
    --reason "it says what it means"`
    """
    correction = _correction(put, mapped, reread)
    _require_one(case, suggestion, correction)
    intent: dict[str, Any] = {"act": "correct", "correction": correction, "suggestion": suggestion}
    return _decide(workspace, dataset, check, case, rows, intent, reason, preview, yes, json)


def waive(
    dataset: DatasetOption,
    reason: ReasonOption,
    until: Annotated[str, typer.Option("--until", help="Its last day: 2026-12-31.")],
    rows: RowsArgument = None,
    check: CheckOption = None,
    case: CaseOption = None,
    waives: LabelsOption = None,
    preview: PreviewOption = False,
    yes: YesOption = False,
    workspace: WorkspaceOption = Path(),
    json: JsonOption = False,
) -> int:
    """Let held rows through at the next replay although checks fail, until a day.

    **Example**

    `cleanhold quarantine waive -d crm.contacts -c email_matches --until 2026-12-31 --reason "…"`
    """
    intent = {"act": "waive", "checks": tuple(waives or ()), "until": day_of(until)}
    return _decide(workspace, dataset, check, case, rows, intent, reason, preview, yes, json)


def release(
    dataset: DatasetOption,
    reason: ReasonOption,
    rows: RowsArgument = None,
    check: CheckOption = None,
    case: CaseOption = None,
    waives: LabelsOption = None,
    preview: PreviewOption = False,
    yes: YesOption = False,
    workspace: WorkspaceOption = Path(),
    json: JsonOption = False,
) -> int:
    """Say that held rows are right as they are: the next replay lets them through for good.

    **Example**

    `cleanhold quarantine release 6f0c2a91d3b7e845-17 -d crm.contacts --reason "a real name"`
    """
    intent = {"act": "release", "checks": tuple(waives or ())}
    return _decide(workspace, dataset, check, case, rows, intent, reason, preview, yes, json)


def reject(
    dataset: DatasetOption,
    reason: ReasonOption,
    rows: RowsArgument = None,
    check: CheckOption = None,
    case: CaseOption = None,
    preview: PreviewOption = False,
    yes: YesOption = False,
    workspace: WorkspaceOption = Path(),
    json: JsonOption = False,
) -> int:
    """Close held rows that will never be right. They stay in quarantine, with the reason."""
    return _decide(
        workspace, dataset, check, case, rows, {"act": "reject"}, reason, preview, yes, json
    )


def reopen(
    dataset: DatasetOption,
    reason: ReasonOption,
    rows: RowsArgument = None,
    check: CheckOption = None,
    case: CaseOption = None,
    preview: PreviewOption = False,
    yes: YesOption = False,
    workspace: WorkspaceOption = Path(),
    json: JsonOption = False,
) -> int:
    """Take back what was decided about rows and not replayed yet: they wait again."""
    return _decide(
        workspace, dataset, check, case, rows, {"act": "reopen"}, reason, preview, yes, json
    )


def assign(
    dataset: DatasetOption,
    to: Annotated[str, typer.Option("--to", help="Whose task the rows are.")],
    rows: RowsArgument = None,
    check: CheckOption = None,
    case: CaseOption = None,
    reason: Annotated[str, typer.Option("--reason", help="Why.")] = "assigned",
    workspace: WorkspaceOption = Path(),
    json: JsonOption = False,
) -> int:
    """Make held rows somebody's task."""
    intent = {"act": "assign", "to": to}
    return _decide(workspace, dataset, check, case, rows, intent, reason, False, True, json)


def comment(
    dataset: DatasetOption,
    text: Annotated[str, typer.Option("--text", help="What to remember about the rows.")],
    rows: RowsArgument = None,
    check: CheckOption = None,
    case: CaseOption = None,
    workspace: WorkspaceOption = Path(),
    json: JsonOption = False,
) -> int:
    """Keep a remark in the history of held rows."""
    return _decide(
        workspace, dataset, check, case, rows, {"act": "comment"}, text, False, True, json
    )


def _decide(
    workspace: Path,
    dataset: str,
    check: str | None,
    case: str | None,
    rows: list[str] | None,
    intent: dict[str, Any],
    reason: str,
    only_preview: bool,
    yes: bool,
    json: bool,
) -> int:
    from cleanhold.plan.lean_import import import_pandera

    import_pandera()
    from cleanhold.core.decision import Act
    from cleanhold.errors import UsageError
    from cleanhold.pipeline.decide import Intent, Selection, apply
    from cleanhold.pipeline.decide import preview as look
    from cleanhold.pipeline.suggest import suggestion
    from cleanhold.workspace.workspace import Workspace

    chosen = Selection(dataset, check, case, tuple(rows) if rows else None)
    number = intent.pop("suggestion", None)
    with Workspace.find(workspace).open() as stores:
        if case and number is not None:
            intent["correction"] = suggestion(stores, case, number).candidate.correction
        wanted = Intent(**{**intent, "act": Act(intent["act"])})
        seen = look(stores, chosen, wanted)
        if not json and (only_preview or not yes):
            show_preview(seen)
        if only_preview:
            if json:
                output.emit_json(seen.as_dict())
            return output.DONE
        if not yes and not sys.stdin.isatty():
            raise UsageError("nobody is here to be asked", next="add --yes, or --preview to look")
        if not yes and not typer.confirm(f"{wanted.act} {seen.rows:,} rows?"):
            output.say("nothing was changed")
            return output.DONE
        decision = apply(stores, chosen, wanted, reason, token=seen.token)
    if json:
        output.emit_json(decision.as_dict())
        return output.DONE
    output.say(f"decision {decision.id}: {decision.act} {decision.rows:,} rows of {dataset}")
    if seen.released is not None:
        output.say(f"next: cleanhold replay -d {dataset}")
    return output.DONE


def show_preview(seen: Preview) -> None:
    """Say what a decision would do."""
    output.say(f"{seen.intent.act} {seen.rows:,} rows of {seen.selection.dataset}")
    for row, cells in seen.samples.items():
        for column, (before, after) in cells.items():
            output.say(f"  {row}  {column}: {_quoted(before)} → {_quoted(after)}", hang=4)
    if len(seen.samples) < seen.rows and any(seen.samples.values()):
        output.say(f"  … and {seen.rows - len(seen.samples):,} more")
    if seen.released is not None:
        output.say(f"a replay would release {seen.released:,} of them")
    for check, count in seen.still.items():
        output.say(f"  {check} would still hold {count:,}")


def _quoted(text: str | None) -> str:
    return "nothing" if text is None else f"'{text}'"


def day_of(text: str) -> date:
    """The day that a text names."""
    from cleanhold.errors import UsageError

    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise UsageError(f"{text!r} is no day", next="write it as 2026-12-31") from error


def _correction(
    put: list[str] | None, mapped: list[str] | None, reread: list[str] | None
) -> Correction | None:
    from cleanhold.core.correction import Correction

    if not (put or mapped or reread):
        return None
    maps: dict[str, dict[str, str | None]] = {}
    for column, old, new in (_parts(text, "--map", "COLUMN:OLD=NEW") for text in mapped or []):
        maps.setdefault(column, {})[old] = new or None
    return Correction(
        put={
            c: v or None for c, _, v in (_parts(t, "--set", "COLUMN=VALUE", 2) for t in put or [])
        },
        mapped=maps,
        reread={
            c: (old, new)
            for c, old, new in (_parts(t, "--reread", "COLUMN:LAYOUT=LAYOUT") for t in reread or [])
        },
    )


def _require_one(case: str | None, suggestion: int | None, correction: object) -> None:
    from cleanhold.errors import UsageError

    if suggestion is not None and (case is None or correction is not None):
        raise UsageError(
            "--suggestion is one of a case, instead of --set, --map and --reread",
            next="write --case CASE --suggestion 1",
        )


def _parts(text: str, option: str, shape: str, count: int = 3) -> tuple[str, str, str]:
    from cleanhold.errors import UsageError

    left, equals, value = text.partition("=")
    column, colon, old = left.partition(":") if count == 3 else (left, ":", "")
    if not (equals and colon and column):
        raise UsageError(f"{option} {text!r} is not {shape}")
    return column, old, value
