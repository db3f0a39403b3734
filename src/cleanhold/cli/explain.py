"""cleanhold explain: the whole way of one row."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cleanhold.cli import output
from cleanhold.cli.history import history_lines
from cleanhold.cli.output import JsonOption, WorkspaceOption

if TYPE_CHECKING:
    from cleanhold.pipeline.explain import Story


def explain(
    row: Annotated[str, typer.Argument(help="A row id, or the value of a business key.")],
    reveal: Annotated[
        str | None,
        typer.Option("--reveal", help="Show personal values, for this reason; it is recorded."),
    ] = None,
    workspace: WorkspaceOption = Path(),
    json: JsonOption = False,
) -> int:
    """The whole way of one row: from its extract's bytes to where it ended.

    **Examples**

    `cleanhold explain 6f0c2a91d3b7e845-17`

    `cleanhold explain C-000123`
    """
    from cleanhold.plan.lean_import import import_pandera

    import_pandera()
    from cleanhold.pipeline.explain import explain as tell
    from cleanhold.pipeline.quarantine import review
    from cleanhold.workspace.workspace import Workspace

    opened = Workspace.find(workspace)
    with opened.open() as stores:
        stories = tell(
            stores, opened.catalogue.sources, row, review(stores, reveal, what=f"explain {row}")
        )
    if json:
        output.emit_json([_as_dict(story) for story in stories])
        return output.DONE
    for number, story in enumerate(stories):
        if number:
            output.say()
        _show(story)
    return output.DONE


def _show(story: Story) -> None:
    output.say(f"{story.row_id}  {story.dataset}  {story.ended}", style="bold")
    extract, delivered = story.extract, story.delivered
    if extract is not None:
        dated = f", dated {extract.dated}" if extract.dated else ""
        output.say(
            f"1. delivered by {extract.source} in {extract.name}{dated}, "
            f"landed {extract.landed_at:%F %H:%M} UTC",
            hang=3,
        )
        output.say(f"   extract {extract.sha256}")
        if story.extract_expired:
            output.say(
                f"   its bytes expired on {story.extract_expired:%F}: see `cleanhold expire`"
            )
    where = f"2. record {story.record:,}"
    if delivered is not None and delivered.span is not None:
        first, length = delivered.span
        where += f", bytes {first:,} to {first + max(length, 1) - 1:,}"
    output.say(where)
    if delivered is not None and delivered.text is not None:
        output.say(f"   {delivered.text}")
    for run in story.runs:
        output.say(
            f"3. run {run.id[:16]} under contract version {run.contract_version}: {run.state}",
            hang=3,
        )
    for line in _findings(story.quarantine or {}):
        output.say(f"   {line}", hang=3)
    output.say(f"4. {story.ended}{_numbers(story)}", hang=3)
    if story.waived:
        checks, until = ", ".join(story.waived["checks"]), story.waived["until"]
        end = f"until {until}" if until else "for good"
        by = f"decision {story.waived['decision']}"
        output.say(f"   let through {end} although it fails {checks}, by {by}", hang=3)
    if delivered is not None and delivered.values:
        output.say()
        output.show_table(["as delivered", ""], list(delivered.values.items()))
    if story.values:
        output.say()
        title = "as published" if story.published_in else "as parsed"
        output.show_table([title, ""], list(story.values.items()))


def _findings(quarantine: Mapping[str, Any]) -> Iterator[str]:
    if quarantine.get("kind") == "refused":
        yield f"refused ({quarantine['code']}): {quarantine['message']}"
    for finding in quarantine.get("findings", ()):
        yield f"{finding['severity']}: {finding['message']}"
    if quarantine.get("superseded_by"):
        yield f"settled by {quarantine['superseded_by']}"
    yield from history_lines(quarantine)


def _numbers(story: Story) -> str:
    if not (story.published_in or story.expired_in):
        return ""
    expired = [f"{number} (expired)" for number in story.expired_in]
    numbers = ", ".join([*expired, *map(str, story.published_in)])
    gone = "" if story.current in story.published_in else f" (not in the newest, {story.current})"
    return f" in snapshot {numbers} of {story.dataset}{gone}"


def _as_dict(story: Story) -> dict[str, Any]:
    extract, delivered = story.extract, story.delivered
    offset, length = (delivered and delivered.span) or (None, None)
    return {
        "row_id": story.row_id,
        "dataset": story.dataset,
        "record": story.record,
        "ended": story.ended,
        "extract": {
            "sha256": extract.sha256,
            "name": extract.name,
            "source": extract.source,
            "dated": extract.dated,
            "landed_at": extract.landed_at.isoformat(),
            "expired_at": story.extract_expired.isoformat() if story.extract_expired else None,
        }
        if extract
        else None,
        "offset": offset,
        "length": length,
        "text": delivered.text if delivered else None,
        "delivered": delivered.values if delivered else None,
        "published_in": list(story.published_in),
        "expired_in": list(story.expired_in),
        "current": story.current,
        "values": story.values,
        "waived": {**story.waived, "until": story.waived["until"] and str(story.waived["until"])}
        if story.waived
        else None,
        "findings": (story.quarantine or {}).get("findings", []),
        "history": (story.quarantine or {}).get("history", []),
        "runs": [
            {"run": r.id, "state": str(r.state), "contract_version": r.contract_version}
            for r in story.runs
        ],
    }
