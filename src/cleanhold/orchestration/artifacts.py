"""The artifacts of a flow run: the account of every extract, and what happened in words."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from prefect.artifacts import create_markdown_artifact, create_table_artifact

from cleanhold.orchestration.pages import links
from cleanhold.pipeline import report
from cleanhold.pipeline.publish import State

Told = Mapping[str, Any]

_COUNTS = ("records", "clean", "held", "refused", "superseded", "warned")


def key(workspace: str, name: str) -> str:
    """An artifact key; Prefect takes lower-case letters, digits and dashes only."""
    words = re.findall(r"[a-z0-9]+", f"{workspace} {name}".lower())
    return "-".join(words)


def create_artifacts(workspace: str, outcomes: Sequence[Told], untold: Sequence[str]) -> None:
    """Leave both artifacts on the flow run that this is called in.

    Args:
        workspace: its name; begins the keys, so that workspaces can share a server.
        untold: projections that did not work, in words.
    """
    create_table_artifact(
        accounts(outcomes),
        key=key(workspace, "accounts"),
        description="records = clean + held + refused + superseded; warned rows passed.",
    )
    create_markdown_artifact(
        what_happened(workspace, outcomes, untold),
        key=key(workspace, "what-happened"),
        description="What happened, and what to do next.",
    )


def create_links(workspace: str, pages: Mapping[str, str]) -> None:
    """Leave an artifact with links to pages on the flow run that this is called in.

    Args:
        pages: what a page tells → its address.
    """
    create_markdown_artifact(
        links(pages), key=key(workspace, "pages"), description="Pages of this workspace."
    )


def accounts(outcomes: Sequence[Told]) -> list[dict[str, Any]]:
    """One row per outcome: dataset, extract, state, snapshot, and its account if it has one."""
    return [
        {
            "dataset": told["dataset"],
            "extract": told["what"] if told["what"] != told["dataset"] else "",
            "state": told["state"],
            "snapshot": told["snapshot"],
            **{name: (told["account"] or {}).get(name) for name in _COUNTS},
        }
        for told in outcomes
    ]


def what_happened(workspace: str, outcomes: Sequence[Told], untold: Sequence[str] = ()) -> str:
    """Markdown: what failed first, then what stopped, then the rest, and what to do about it."""
    lines = [f"# {workspace}: {_verdict(outcomes)}", ""]
    for title, states, next_step in _SECTIONS:
        chosen = [told for told in outcomes if told["state"] in states]
        if not chosen:
            continue
        lines += [f"## {title}", ""]
        for told in chosen:
            lines += _item(told)
        lines += ["", next_step, ""] if next_step else [""]
    if untold:
        lines += ["## Not told yet", "", *(f"- {_plain(line)}" for line in untold), ""]
        lines += ["What was published stays published; the next run tries again.", ""]
    lines += ["## Look at next", ""]
    lines += [f"    {line}" for line in _commands(outcomes)]
    return "\n".join(lines) + "\n"


#: Title, states, and what to do about them.
_SECTIONS: tuple[tuple[str, frozenset[str], str], ...] = (
    ("Failed", frozenset({State.FAILED}), "Nothing of these was published. Run again when mended."),
    (
        "Stopped at candidate",
        frozenset({State.CANDIDATE}),
        "Readers keep the last good snapshot. `cleanhold quarantine --dataset NAME` says why rows "
        "were held back; the owner decides.",
    ),
    (
        "Waiting",
        frozenset({State.WAITING}),
        "They are taken up when what they need has been published.",
    ),
    (
        "Overtaken",
        frozenset({State.OVERTAKEN}),
        "Stopped at candidate earlier; a newer extract is published since.",
    ),
    ("Published", frozenset({State.PUBLISHED}), ""),
    ("Unchanged", frozenset({State.UNCHANGED}), ""),
)


def _verdict(outcomes: Sequence[Told]) -> str:
    if not outcomes:
        return "nothing has arrived"
    return {
        report.DONE: "everything is published",
        report.HELD_BACK: "something was held back from readers",
        report.FAILED: "something failed",
    }[report.exit_code(outcomes)]


def _item(told: Told) -> list[str]:
    name = f"**{_plain(told['dataset'])}**"
    if told["what"] != told["dataset"]:
        name += f" ← {_plain(told['what'])}"
    lines = [f"- {name}{_numbers(told)}"]
    if told["state"] in (State.PUBLISHED, State.UNCHANGED):
        return lines
    lines += [f"    - why: {_plain(reason)}" for reason in told["reasons"]]
    error = told["error"] or {}
    lines += [
        f"    - {part}: {_plain(error[part])}" for part in ("where", "next") if error.get(part)
    ]
    if told["owner"]:
        lines.append(f"    - owner: {_plain(told['owner'])}")
    return lines


def _numbers(told: Told) -> str:
    snapshot = f": snapshot {told['snapshot']}" if told["snapshot"] else ""
    account = told["account"]
    if not account or told["state"] == State.UNCHANGED:
        return snapshot
    counts = [f"{account[n]:,} {n}" for n in _COUNTS[1:5] if account[n] or n != "superseded"]
    return f"{snapshot}, {account['records']:,} records = {' + '.join(counts)}"


def _commands(outcomes: Sequence[Told]) -> list[str]:
    commands = ["cleanhold snapshots"]
    if any(told["account"] and told["account"]["held"] for told in outcomes):
        commands.append("cleanhold quarantine")
    return commands


def _plain(text: str) -> str:
    """Text that Markdown shows as it is: file names and messages are anybody's."""
    return re.sub(r"([\\`*_{}\[\]<>#|!])", r"\\\1", " ".join(text.split()))
