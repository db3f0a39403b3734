"""The `cleanhold` command."""

from __future__ import annotations

import io
import os
import sys
import traceback
from contextlib import nullcontext
from typing import Annotated

import typer
from typer.exceptions import TyperException

from cleanhold.cli import (
    approve,
    audit,
    audit_pages,
    backtest,
    baseline,
    cases,
    check,
    contract,
    cost,
    datasheet,
    decide,
    diff,
    doctor,
    expire,
    explain,
    freshness,
    gates,
    impact,
    init,
    lineage,
    log,
    pacts,
    pin,
    promote,
    quarantine,
    recover,
    replay,
    rollback,
    run,
    runs,
    sheet,
    skew,
    snapshots,
    sniff,
    stats,
    verify,
    waivers,
)
from cleanhold.cli.interrupts import remembered, requested
from cleanhold.cli.output import DONE, FAILED, USAGE, emit_json, only_json, plain
from cleanhold.errors import CleanholdError, UsageError

#: Exit code of a command stopped with Ctrl-C, as shells have it: 128 + SIGINT.
INTERRUPTED = 130

app = typer.Typer(
    name="cleanhold",
    help="Every row is published, held with its reasons, or refused with its bytes kept.",
    epilog="Exit codes: 0 done · 1 data held back what was asked · 2 usage or configuration · "
    "3 technical failure.",
    invoke_without_command=True,
    rich_markup_mode="markdown",
    pretty_exceptions_enable=False,
)
app.command("run")(run.run)
app.command("sniff")(sniff.sniff)
app.command("check")(check.check)
app.add_typer(contract.app, name="contract")
app.command("backtest")(backtest.backtest)
app.add_typer(quarantine.app, name="quarantine")
for act in (
    decide.correct,
    decide.waive,
    decide.release,
    decide.reject,
    decide.reopen,
    decide.assign,
    decide.comment,
    approve.proposals,
    approve.approve,
    approve.decline,
    waivers.waivers,
    cases.cases,
    cases.case,
):
    quarantine.app.command(act.__name__)(act)
quarantine.app.command("stats")(stats.stats)
quarantine.app.command("import")(sheet.import_file)
app.command("replay")(replay.replay)
app.command("runs")(runs.runs)
app.command("snapshots")(snapshots.snapshots)
app.add_typer(audit.app, name="audit")
app.command("freshness")(freshness.freshness)
app.command("pacts")(pacts.pacts)
app.command("cost")(cost.cost)
app.command("diff")(diff.diff)
app.command("skew")(skew.skew)
app.command("rollback")(rollback.rollback)
app.command("gates")(gates.gates)
app.command("promote")(promote.promote)
app.command("pin")(pin.pin)
app.command("unpin")(pin.unpin)
app.command("baseline")(baseline.baseline)
app.command("expire")(expire.expire)
app.command("explain")(explain.explain)
app.command("doctor")(doctor.doctor)
app.command("verify")(verify.verify)
app.command("recover")(recover.recover)
app.command("init")(init.init)
app.command("lineage")(lineage.lineage)
app.command("impact")(impact.impact)
app.add_typer(log.app, name="log")
app.command("datasheet")(datasheet.datasheet)
audit.app.command("report")(audit_pages.report)
audit.app.command("docs")(audit_pages.docs)


def _print_version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version

        typer.echo(f"cleanhold {version('cleanhold')}")
        raise typer.Exit


@app.callback()
def _root(
    context: typer.Context,
    version: Annotated[
        bool,
        typer.Option(
            "--version", callback=_print_version, is_eager=True, help="Print the version."
        ),
    ] = False,
) -> None:
    """Every row is published, held with its reasons, or refused with its bytes kept."""
    if context.invoked_subcommand is None:
        typer.echo(context.get_help())
        raise typer.Exit(USAGE)


def main(arguments: list[str] | None = None) -> None:
    """Run the command line and exit with its code."""
    arguments = sys.argv[1:] if arguments is None else arguments
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # a file name may be no text at all
            stream.reconfigure(errors="backslashreplace")
    code = _run(arguments)
    try:
        sys.stdout.flush()
    except BrokenPipeError:
        _forget_output()
    sys.exit(code)


def _run(arguments: list[str]) -> int:
    as_json = "--json" in arguments
    with only_json() if as_json else nullcontext(), remembered():
        try:
            result = app(arguments, standalone_mode=False)
            if result == INTERRUPTED:  # what Typer makes of Ctrl-C
                raise KeyboardInterrupt
        except BaseException as error:  # noqa: BLE001 - the last line; engines panic outside Exception
            return _ended(KeyboardInterrupt() if requested() else error, as_json)
    return result if isinstance(result, int) else DONE


def _ended(error: BaseException, as_json: bool) -> int:
    """Say what went wrong, and give the exit code."""
    match error:
        case SystemExit() if isinstance(error.__context__, BrokenPipeError):
            _forget_output()  # the reader of the pipe went away; not our error
            return DONE
        case CleanholdError():
            return _said(error, type(error).__name__, error.exit_code, as_json)
        case TyperException():
            usage = UsageError(error.format_message(), next="add --help to see what there is")
            return _said(usage, "UsageError", USAGE, as_json)
        case KeyboardInterrupt() | typer.Abort():
            stopped = CleanholdError("stopped; nothing is half-done", next="run it again to go on")
            return _said(stopped, "Interrupted", INTERRUPTED, as_json)
    from cleanhold.core.system import refusal, system_error  # Polars with it

    if refused := system_error(error):
        told = refusal(refused, "the workspace, or the folder for temporary files")
        return _said(told, type(refused).__name__, FAILED, as_json)
    traceback.print_exception(error)
    defect = CleanholdError(
        f"{type(error).__name__}: {error}",
        next="this is a defect in cleanhold; please report it with the lines on standard error",
    )
    return _said(defect, type(error).__name__, FAILED, as_json)


def _said(error: CleanholdError, kind: str, code: int, as_json: bool) -> int:
    if as_json:
        told = {"type": kind, "what": error.what, "where": error.where, "next": error.next}
        emit_json({"error": told})
    else:
        typer.secho(f"error: {plain(error)}", err=True, fg="red" if sys.stderr.isatty() else None)
    return code


def _forget_output() -> None:
    """Let the interpreter flush into nothing at its end, instead of complaining."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
