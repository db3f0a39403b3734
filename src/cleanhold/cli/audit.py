"""cleanhold audit: what the audits found in a snapshot, and what a contract expects of one."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cleanhold.cli import output
from cleanhold.cli.deciding import AsOption, PreviewOption, YesOption, agreed
from cleanhold.cli.output import JsonOption, ReasonOption, WorkspaceOption

if TYPE_CHECKING:
    from cleanhold.pipeline.audited import Audited

app = typer.Typer(help="What the audits found in a snapshot before anyone could read it.")

_Dataset = Annotated[str, typer.Argument(help="The dataset.")]
_Number = Annotated[
    int | None, typer.Argument(metavar="[N]", help="Its snapshot N; the newest if not given.")
]
_STYLES = {"pass": "green", "warn": "yellow", "stop": "red"}


@app.command("show")
def show(
    dataset: _Dataset,
    number: _Number = None,
    every: Annotated[
        bool, typer.Option("--all", help="The evidence of audits that pass, too.")
    ] = False,
    html: Annotated[
        Path | None, typer.Option("--html", help="Write it to this file, as a page with pictures.")
    ] = None,
    workspace: WorkspaceOption = Path(),
    json: JsonOption = False,
) -> int:
    """What each audit measured in a snapshot, what was expected, and the evidence.

    The newest snapshot is shown if no number is given, whether it was published or stopped. Exits 1
    if it was stopped.

    **Examples**

    `cleanhold audit show crm.contacts`

    `cleanhold audit show crm.contacts --html contacts.html`

    `cleanhold audit show features.customer_churn 3 --json`
    """
    from cleanhold.plan.lean_import import import_pandera

    import_pandera()
    from cleanhold.pipeline.audited import audited
    from cleanhold.workspace.workspace import Workspace

    with Workspace.find(workspace).open() as stores:
        found = audited(stores, dataset, number)
        if html is not None:
            from cleanhold.pipeline.dossier import dossier
            from cleanhold.report.writing import write_snapshot

            write_snapshot(dossier(stores, dataset, found.snapshot.number), html)
    if html is not None and not json:
        output.say(f"{html} tells of {dataset} snapshot {found.snapshot.number}")
    elif json:
        output.emit_json(found.as_dict())
    else:
        _show(found, every)
    return output.HELD_BACK if found.reasons else output.DONE


@app.command("overrule")
def overrule(
    dataset: _Dataset,
    number: _Number = None,
    reason: ReasonOption = "",
    preview: PreviewOption = False,
    yes: YesOption = False,
    name: AsOption = None,
    workspace: WorkspaceOption = Path(),
    json: JsonOption = False,
) -> int:
    """Publish a snapshot that audits stopped, although they did.

    What stopped it is shown first. It is judged again beside what readers have today: what did not
    stop it then stops it now. What the contract promises, such as its key, nobody overrules. Who
    did it and why is kept in the snapshot's manifest and in the audit log.

    **Examples**

    `cleanhold audit overrule crm.contacts --reason "the branch in Ghent was closed, it is no loss"`
    """
    from cleanhold.plan.lean_import import import_pandera

    import_pandera()
    from cleanhold.pipeline import overrule as overruling
    from cleanhold.pipeline import report
    from cleanhold.pipeline.person import who_acts
    from cleanhold.workspace.workspace import Workspace

    who = who_acts(name)
    found = Workspace.find(workspace)
    with found.open() as stores:
        chosen = overruling.stopped(stores, dataset, number)
        if not preview:
            overruling.require_reason(reason)
        if not json and (preview or not yes):
            output.say(f"{dataset} snapshot {chosen.snapshot.number} was stopped by")
            for stop, said in chosen.stops.items():
                output.say(f"  {stop}: {said}", hang=4)
        if preview:
            if json:
                output.emit_json({"snapshot": chosen.snapshot.number, "stops": dict(chosen.stops)})
            return output.DONE
        if not yes and not agreed("publish it all the same?"):
            return output.DONE
        _, features = found.selected()
        outcome = overruling.overrule(stores, chosen, features, reason, who=who)
    if json:
        output.emit_json(report.as_dict(outcome))
    else:
        for line in report.in_words(outcome):
            output.say(line, hang=11)
        output.say("next: cleanhold run, which builds what depends on it")
    return report.exit_code([outcome])


@app.command("suite")
def suite(
    dataset: _Dataset,
    out: Annotated[
        Path | None, typer.Option("--out", help="A new JSON file for it; else it is printed.")
    ] = None,
    workspace: WorkspaceOption = Path(),
) -> int:
    """What a contract promises, as a suite of Great Expectations in JSON.

    To start from: a suite at `checks/expectations/DATASET.json` is asked of every snapshot before
    anyone can read it.

    **Examples**

    `cleanhold audit suite crm.contacts`

    `cleanhold audit suite crm.contacts --out checks/expectations/crm.contacts.json`
    """
    from cleanhold.plan.lean_import import import_pandera

    import_pandera()
    from cleanhold.pipeline.suite import suite_of, write_suite
    from cleanhold.workspace.workspace import Workspace

    contract = Workspace.find(workspace).catalogue.contract(dataset)
    if out is None:
        output.emit_json(suite_of(contract))
    else:
        count = write_suite(contract, out)
        output.say(f"{count} expectations of {dataset} written to {out}")
    return output.DONE


def _show(found: Audited, every: bool) -> None:
    snapshot = found.snapshot
    state = "stopped: nobody reads it" if found.reasons else "published"
    if snapshot.channel == "pilot":
        state = "in the pilot: it waits to be promoted"
    if overruled := found.overruled:
        state += f", though {', '.join(overruled['stops'])} stopped it"
    output.say(f"{snapshot.dataset} snapshot {snapshot.number}, {snapshot.rows:,} rows, {state}")
    output.say(f"owner: {found.owner or 'the contract names nobody'}")
    if overruled:
        output.say(f"overruled by {overruled['who']}", hang=4)
        output.say(f"because: {overruled['why']}", hang=4)
    if promotion := found.promotion:
        gates = promotion.certificate["gates"]
        passed = sum(gate["passed"] for gate in gates)
        said = f"promoted by {promotion.who}, {promotion.at:%F %H:%M} UTC"
        output.say(f"{said} ({passed} of {len(gates)} gates passed)", hang=4)
        if promotion.overridden:
            output.say(f"overridden: {', '.join(promotion.overridden)}", hang=4)
        output.say(f"certificate: entry {promotion.entry} of the audit log, {promotion.hash[:16]}")
    for answer in found.answers:
        output.say()
        verdict = answer["verdict"]
        output.say(f"{verdict} {answer['audit']}: {answer['what']}", hang=5, style=_STYLES[verdict])
        told = [f"{name} {answer[name]}" for name in ("measured", "expected") if answer[name]]
        if told and verdict != "pass":
            output.say("     " + ", ".join(told))
        if (evidence := answer.get("evidence")) and (every or verdict != "pass"):
            output.say()
            output.show_table(evidence["columns"], evidence["rows"])
    for met in found.pacts:
        output.say()
        who = met.owner or "the pact names no owner"
        style = _STYLES["pass" if met.is_met else "warn"]
        about = f"{'pass' if met.is_met else 'warn'} pact of {met.consumer} ({who})"
        said = "; ".join(met.reasons) or "it is what the consumer needs"
        output.say(f"{about}: {said}", hang=5, style=style)
    others = set(found.reasons) - {answer["what"] for answer in found.answers}
    for reason in sorted(others):
        output.say()
        output.say(f"stop {reason}", hang=5, style="red")
