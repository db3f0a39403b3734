"""cleanhold log: who did what, when and why; and that nobody changed it since."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cleanhold.cli import output
from cleanhold.cli.output import JsonOption, WorkspaceOption
from cleanhold.cli.quarantine import require_nothing_before

if TYPE_CHECKING:
    from cleanhold.pipeline.log import Act

app = typer.Typer(invoke_without_command=True, rich_markup_mode="markdown")

#: Where sentences begin.
_INDENT = 26

#: Entries that are shown if nobody says how many.
_LIMIT = 20


@app.callback()
def log(
    context: typer.Context,
    dataset: Annotated[
        str | None, typer.Option("--dataset", "-d", help="About this dataset, or its sources.")
    ] = None,
    who: Annotated[str | None, typer.Option("--who", help="A part of the person's name.")] = None,
    act: Annotated[
        str | None, typer.Option("--act", help="One kind of act: published, decided, revealed, …")
    ] = None,
    since: Annotated[
        str | None, typer.Option("--since", help="From this day or moment on: 2026-11-01 (UTC).")
    ] = None,
    until: Annotated[
        str | None, typer.Option("--until", help="Up to this day or moment, and all of it.")
    ] = None,
    run: Annotated[
        str | None, typer.Option("--run", help="Of one run; the first digits of its key will do.")
    ] = None,
    snapshot: Annotated[
        int | None, typer.Option("--snapshot", help="About snapshots of this number.")
    ] = None,
    limit: Annotated[
        int, typer.Option("--limit", "-n", min=0, help="So many of the newest; 0 for all.")
    ] = _LIMIT,
    oldest_first: Annotated[bool, typer.Option("--oldest-first", help="Turn them round.")] = False,
    workspace: WorkspaceOption = Path(),
    json: JsonOption = False,
) -> int:
    """Who did what, when and why: the audit log, newest first; and whether it is what was written.

    **Examples**

    `cleanhold log -d crm.contacts --since 2026-11-01`

    `cleanhold log --act revealed --who ada`

    `cleanhold log verify`

    `cleanhold log anchor`
    """
    if context.invoked_subcommand is not None:
        require_nothing_before(context)
        return output.DONE
    from cleanhold.plan.lean_import import import_pandera

    import_pandera()
    from cleanhold.pipeline import log as verb
    from cleanhold.workspace.workspace import Workspace

    first, last = verb.moment_of(since, late=False), verb.moment_of(until, late=True)
    wanted = verb.Wanted(dataset, who, act, first, last, run, snapshot)
    with Workspace.find(workspace).open() as stores:
        found = verb.log(stores, wanted, limit=limit or None, oldest_first=oldest_first)
    if json:
        output.emit_json([one.as_dict() for one in found])
        return output.DONE
    for one in found:
        _show(one)
    if not found:
        output.say("no entry of the audit log is about that")
    elif limit and len(found) == limit:
        output.say()
        output.say(f"these are the newest {limit:,}; --limit 0 shows all", hang=4)
    return output.DONE


def _show(one: Act) -> None:
    when = f"{one.at:%F %H:%M}" if one.at else "no time kept"
    hang = _INDENT - 6 + len(str(one.entry))
    output.say(f"{one.entry:>6}  {when:<16}  {one.says}", hang=hang)
    by = f"by {one.who}" if one.who else ""
    because = f"because: {one.why}" if one.why else ""
    if by or because:
        output.say(" " * _INDENT + "; ".join(filter(None, (by, because))), hang=2)


@app.command("verify")
def verify(
    anchor: Annotated[
        str | None,
        typer.Option("--anchor", help="Hash of an entry, as `log anchor` gave it, kept elsewhere."),
    ] = None,
    workspace: WorkspaceOption = Path(),
    json: JsonOption = False,
) -> int:
    """Verify the audit log: that no entry was edited, removed, put in, or all written anew.

    Its chain of hashes, the ledger's tables that it tells of, and all that was noted of its end:
    beside the ledger, in the seals of manifests, in the file of `[tool.cleanhold.anchor]`, and what
    is given with `--anchor`. Signatures, where the workspace names keys. Exits 1 if something is
    not right.

    **Examples**

    `cleanhold log verify`

    `cleanhold log verify --anchor 2f6c…`
    """
    from cleanhold.plan.lean_import import import_pandera

    import_pandera()
    from cleanhold.pipeline.verify_log import verify_log
    from cleanhold.workspace.workspace import Workspace

    with Workspace.find(workspace).open() as stores:
        found = verify_log(stores, anchor)
    if json:
        output.emit_json(found.as_dict())
        return output.HELD_BACK if found.problems else output.DONE
    for problem in found.problems:
        for number, line in enumerate(str(problem).split("\n")):
            output.say(f"✗ {line}" if not number else f"  {line}", hang=9, style="red")
    if found.problems:
        return output.HELD_BACK
    output.say(f"the audit log is whole: {found.entries:,} entries, none changed or missing")
    output.say(f"what was noted of its end {found.anchors:,} times is in it", hang=4)
    if found.signed:
        output.say(f"{found.signed:,} snapshots are signed by keys that this workspace names")
    output.say(f"it ends in {found.head}", hang=4)
    return output.DONE


@app.command("anchor")
def anchor(
    workspace: WorkspaceOption = Path(),
    json: JsonOption = False,
) -> int:
    """The end of the audit log, to be kept elsewhere; it is noted outside, too, if that is set up.

    Whoever has this hash can show later that everything up to it is still as it was:
    `cleanhold log verify --anchor HASH`.

    **Example**

    `cleanhold log anchor --json >> /mnt/elsewhere/anchors.ndjson`
    """
    from cleanhold.plan.lean_import import import_pandera

    import_pandera()
    from cleanhold.pipeline.anchoring import anchored, end_of, last_outside
    from cleanhold.workspace.workspace import Workspace

    with Workspace.find(workspace).open() as stores:
        anchored(stores, again=True)
        end, at = end_of(stores), stores.ledger.now()
        outside, set_up = last_outside(stores), stores.anchoring
    told = {"at": at.isoformat(), "entries": end.entries, "hash": end.hash}
    if json:
        output.emit_json({**told, "outside": list(outside.problems)})
        return output.DONE
    output.say(f"entry {end.entries:,}, at {at:%F %H:%M:%S} UTC")
    output.say(end.hash)
    if set_up.file or set_up.command:
        where = " and ".join(filter(None, (set_up.file, " ".join(set_up.command))))
        problems = "; ".join(outside.problems)
        output.say(f"not noted outside: {problems}" if problems else f"noted by {where}", hang=4)
    else:
        output.say("next: keep this where who can write the ledger cannot (docs/audit_log.md)")
    return output.DONE


@app.command("key")
def key(
    out: Annotated[
        Path | None,
        typer.Option(
            "--out", "-o", help="File of the private key; ~/.config/cleanhold/<workspace>.key if "
            "not given.",
        ),
    ] = None,
    show: Annotated[
        bool, typer.Option("--show", help="Only give the public key of what is there.")
    ] = False,
    workspace: WorkspaceOption = Path(),
    json: JsonOption = False,
) -> int:  # fmt: skip
    """Make a key that runs sign snapshots with, outside the workspace, for its owner alone.

    The public key goes into `pyproject.toml`; from then on readers refuse what it has not signed.

    **Examples**

    `cleanhold log key`

    `cleanhold log key --out /run/secrets/cleanhold.key`
    """
    from cleanhold.store.signing import VARIABLE, make_key, read_key
    from cleanhold.workspace.workspace import Workspace

    found = Workspace.find(workspace)
    file = out or found.key_file
    made = read_key(file) if show else make_key(file)
    if json:
        output.emit_json({"file": str(file), "public_key": made.public})
        return output.DONE
    output.say(f"{'the' if show else 'a new'} private key is in {file}: back it up, tell nobody")
    output.say("next: add to pyproject.toml, for whoever reads and whoever runs")
    output.say()
    output.say("    [tool.cleanhold.signing]")
    output.say(f'    public_keys = ["{made.public}"]')
    output.say()
    output.say(f"      export {VARIABLE}={file}, where runs are, and nowhere else", hang=4)
    output.say("      cleanhold log sign, for what is published already", hang=4)
    return output.DONE


@app.command("sign")
def sign(workspace: WorkspaceOption = Path(), json: JsonOption = False) -> int:
    """Sign what was published before anybody signed, or with a key that is no longer named.

    The audit log and each manifest are verified first: what is signed is what the ledger has now.

    **Example**

    `cleanhold log sign`
    """
    from cleanhold.plan.lean_import import import_pandera

    import_pandera()
    from cleanhold.pipeline.signing import sign_all
    from cleanhold.workspace.workspace import Workspace

    with Workspace.find(workspace).open() as stores:
        done = sign_all(stores)
    if json:
        output.emit_json([{"dataset": one.dataset, "snapshot": one.number} for one in done])
        return output.DONE
    for one in done:
        output.say(f"signed: {one.dataset} {one.number}")
    if not done:
        output.say("every snapshot is signed")
    return output.DONE
