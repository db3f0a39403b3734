"""cleanhold quarantine: what was held back, and why."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cleanhold.cli import output
from cleanhold.cli.history import history_lines
from cleanhold.cli.output import JsonOption, WorkspaceOption

if TYPE_CHECKING:
    from cleanhold.pipeline.quarantine import Review
    from cleanhold.pipeline.stores import Stores

app = typer.Typer(
    help="What was held back, and why. Without a command: a summary by dataset and check.",
    invoke_without_command=True,
    rich_markup_mode="markdown",
)

DatasetOption = Annotated[
    str | None, typer.Option("--dataset", "-d", help="Only this dataset.", show_default=False)
]
CheckOption = Annotated[
    str | None, typer.Option("--check", "-c", help="Only rows that failed this check.")
]
RevealOption = Annotated[
    str | None,
    typer.Option("--reveal", help="Show personal values, for this reason; it is recorded."),
]
_SETTLED = typer.Option("--all", help="Also rows that a later delivery settled.")


@app.callback()
def summary(
    context: typer.Context,
    dataset: DatasetOption = None,
    workspace: WorkspaceOption = Path(),
    json: JsonOption = False,
) -> int:
    """What waits in quarantine, by dataset and check.

    **Examples**

    `cleanhold quarantine`

    `cleanhold quarantine rows -d crm.contacts -c parse`

    `cleanhold quarantine show 0a616f314ad92d44-278`

    `cleanhold quarantine export --to xlsx --out held.xlsx`
    """
    if context.invoked_subcommand is not None:
        require_nothing_before(context)
        return output.DONE
    with review_of(workspace) as review:
        waiting, counts = review.summary(dataset), review.counts(dataset)
    if json:
        output.emit_json({"counts": counts, "checks": waiting.to_dicts()})
        return output.DONE
    if waiting.is_empty():
        output.say("nothing waits in quarantine")
        return output.DONE
    output.say(
        f"{counts['held']:,} rows held, {counts['refused']:,} records refused; "
        f"{counts['superseded']:,} settled by later deliveries"
    )
    output.say()
    output.show_table(
        ["dataset", "check", "rows", "what is wrong"],
        [[r["dataset"], r["check"], r["rows"], _wrong(r)] for r in waiting.to_dicts()],
    )
    output.say()
    output.say("next: cleanhold quarantine cases             the same, by likely cause")
    output.say("      cleanhold quarantine rows -d DATASET -c CHECK")
    output.say("      cleanhold quarantine export --to xlsx  to decide in a spreadsheet")
    return output.DONE


def _wrong(waiting: Mapping[str, Any]) -> str:
    return str(waiting["says"] or waiting["column"] or "")


def require_nothing_before(context: typer.Context) -> None:
    """Options of the summary do not reach the command that follows them."""
    from cleanhold.errors import UsageError

    given = [name for name in context.params if _is_given(context, name)]
    if given:
        raise UsageError(
            f"--{given[0]} stands before {context.invoked_subcommand!r}, where it has no effect",
            next=f"write cleanhold {context.info_name} {context.invoked_subcommand} --{given[0]} …",
        )


def _is_given(context: typer.Context, name: str) -> bool:
    source = context.get_parameter_source(name)
    return source is not None and source.name == "COMMANDLINE"


@app.command("rows")
def rows(
    dataset: DatasetOption = None,
    check: CheckOption = None,
    limit: Annotated[int, typer.Option("--limit", "-n", min=1, help="Rows on a page.")] = 20,
    after: Annotated[
        str | None, typer.Option("--after", help="Row id that ended the page before.")
    ] = None,
    case: Annotated[str | None, typer.Option("--case", help="Only rows of this case.")] = None,
    settled: Annotated[bool, _SETTLED] = False,
    reveal: RevealOption = None,
    workspace: WorkspaceOption = Path(),
    json: JsonOption = False,
) -> int:
    """Held rows, with their reasons in words; refused records, if the check is one of theirs.

    **Examples**

    `cleanhold quarantine rows`

    `cleanhold quarantine rows -c refused:wrong_length`

    `cleanhold quarantine rows -d crm.contacts -c unique -n 50`
    """
    with review_of(workspace, reveal, dataset, "rows", check, case) as review:
        found = review.rows(dataset, check, None if settled else "held", limit, after, case)
    if json:
        output.emit_json(found)
        return output.DONE
    for row in found:
        key = f"  key {row['business_key']}" if row["business_key"] else ""
        status = "" if row["status"] == "held" else f"  ({row['status']})"
        output.say(f"{row['row_id']}  {row['dataset']}{key}{status}", style="bold")
        output.say(f"    {row['extract_name']}, record {row['record']:,}")
        for message in row["messages"] or ():
            output.say(f"    · {message}", hang=2)
    if not found:
        output.say("no such row waits in quarantine")
    elif len(found) == limit:
        output.say()
        output.say(f"next page: add --after {found[-1]['row_id']}")
    return output.DONE


@app.command("show")
def show(
    row_id: Annotated[str, typer.Argument(help="The row, as `quarantine rows` lists it.")],
    reveal: RevealOption = None,
    workspace: WorkspaceOption = Path(),
    json: JsonOption = False,
) -> int:
    """One row: as delivered, as parsed, and what is wrong with it.

    **Example**

    `cleanhold quarantine show 0a616f314ad92d44-278`
    """
    with _opened(workspace) as stores:
        from cleanhold.pipeline.quarantine import review
        from cleanhold.pipeline.reveals import asked_for, shown_with

        what = asked_for("quarantine show", row_id)
        shown = shown_with(stores, row_id) if reveal is not None else ()
        row = review(stores, reveal, what=what, datasets=shown).row(row_id)
    if json:
        output.emit_json(row)
        return output.DONE
    output.say(f"{row['row_id']}  {row['dataset']}  {row['status']}", style="bold")
    output.say(
        f"from {row['extract_name']}, record {row['record']:,}"
        + (f", byte {row['byte_offset']:,}" if row["byte_offset"] is not None else "")
    )
    if row["kind"] == "refused":
        output.say(f"refused ({row['code']}): {row['message']}")
        output.say(f"bytes: {(row['bytes'] or b'').decode('utf-8', errors='backslashreplace')}")
        return output.DONE
    times = "once" if row["times_seen"] == 1 else f"{row['times_seen']:,} times"
    output.say(f"seen {times}, first on {row['first_seen']:%F %H:%M} UTC")
    if row["superseded_by"]:
        output.say(f"settled by {row['superseded_by']}")
    for line in history_lines(row):
        output.say(line, hang=4)
    output.say()
    for finding in row["findings"]:
        output.say(f"  {finding['severity']}: {finding['message']}", hang=2)
    output.say()
    output.show_table(["as delivered", ""], list(row["raw"].items()))
    output.say()
    output.show_table(["as parsed", ""], list((row["parsed"] or {}).items()))
    return output.DONE


@app.command("export")
def export(
    to: Annotated[
        str | None, typer.Option("--to", help="csv (if not given), parquet or xlsx.")
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(
            "--out", "-o", help="The file; quarantine.csv (or parquet, xlsx) if not given."
        ),
    ] = None,
    dataset: DatasetOption = None,
    check: CheckOption = None,
    settled: Annotated[bool, _SETTLED] = False,
    for_correction: Annotated[
        bool,
        typer.Option(
            "--for-correction",
            help="The same as --to xlsx: a workbook to decide in.",
        ),
    ] = False,
    reveal: RevealOption = None,
    workspace: WorkspaceOption = Path(),
    json: JsonOption = False,
) -> int:
    """Held rows and refused records as a file that is safe to open in a spreadsheet.

    CSV and Parquet have one line per finding. xlsx is a workbook to decide in, for `quarantine
    import`; with `--all` it is a list like the others.

    **Examples**

    `cleanhold quarantine export --to xlsx --out held.xlsx`

    `cleanhold quarantine export -d crm.contacts --to parquet --out held.parquet`
    """
    from cleanhold.pipeline.export import require_format, write_export
    from cleanhold.pipeline.exported import tell_export

    to = to or ("xlsx" if for_correction else "csv")
    require_format(to)
    _require_correctable(for_correction, to, settled)
    to_decide = to == "xlsx" and not settled
    file = out or Path(f"quarantine.{to}")
    with _reviewed(workspace, reveal, dataset, "export", check) as (stores, review):
        if to_decide:
            from cleanhold.pipeline.sheet_export import export_book

            count = export_book(stores, review, file, dataset, check)
        else:
            frame = review.export(dataset, check, None if settled else "held")
            write_export(frame, file, to)
            count = frame.height
        tell_export(stores, file, rows=count, dataset=dataset, check=check, why=reveal)
    if json:
        output.emit_json({"file": str(file), "rows": count})
    elif to_decide:
        output.say(f"{count:,} held rows in {file}; its sheet 'read me' says how to fill it in")
        output.say(f"next: fill it in, and cleanhold quarantine import {file} --preview")
    else:
        output.say(f"{count:,} lines in {file}")
    return output.DONE


def _require_correctable(wanted: bool, to: str, settled: bool) -> None:
    from cleanhold.errors import UsageError

    if wanted and (to != "xlsx" or settled):
        raise UsageError(
            "--for-correction makes a workbook of held rows: other files do not keep what was "
            "typed, and rows that are settled cannot be decided",
            next=f"leave {'--all' if settled else f'--to {to}'} away; one sheet of the workbook, "
            "saved as CSV, can be imported all the same",
        )


@contextmanager
def review_of(
    workspace: Path, reveal: str | None = None, dataset: str | None = None, *asked: str | None
) -> Iterator[Review]:
    """The quarantine of a workspace, with what is asked of it, for the record if it is revealed."""
    with _reviewed(workspace, reveal, dataset, *asked) as (_, review):
        yield review


@contextmanager
def _reviewed(
    workspace: Path, reveal: str | None, dataset: str | None, *asked: str | None
) -> Iterator[tuple[Stores, Review]]:
    """The quarantine of a workspace, with what is asked of it, for the record if it is revealed."""
    with _opened(workspace) as stores:
        from cleanhold.pipeline.quarantine import review

        what = " ".join(part for part in ("quarantine", *asked[:1], dataset, *asked[1:]) if part)
        yield stores, review(stores, reveal, what=what, datasets=[dataset] if dataset else ())


@contextmanager
def _opened(workspace: Path) -> Iterator[Stores]:
    from cleanhold.plan.lean_import import import_pandera

    import_pandera()
    from cleanhold.workspace.workspace import Workspace

    with Workspace.find(workspace).open() as stores:
        yield stores
