"""cleanhold init: a new workspace."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import Annotated

import typer

from cleanhold.cli import output
from cleanhold.cli.output import JsonOption

_FOLDERS = {
    "contracts/": "one dataset a file: what its rows promise",
    "checks/": "your own checks, one theme a file",
    "flows/": "sources, feature tables and the nightly Prefect flow",
    "lineage/": "what lineage calls things",
    "data/": "sample deliveries; data/samples/README.md says which rows are bad",
}


def init(
    folder: Annotated[Path, typer.Argument(help="The folder to make.")],
    json: JsonOption = False,
) -> int:
    """Make a working workspace: sample sources, contracts, checks, a feature table, data.

    **Example**

    `cleanhold init demo && cd demo && cleanhold run`
    """
    from cleanhold.workspace.init import init as make

    files = make(folder)
    if json:
        output.emit_json({"folder": str(folder), "files": [str(f) for f in files]})
        return output.DONE
    output.say(f"made {folder} ({len(files)} files)")
    for name, holds in _FOLDERS.items():
        output.say(f"  {name:<11} {holds}", hang=12)
    output.say()
    output.say(f"next: cd {shlex.quote(str(folder))} && cleanhold run")
    return output.DONE
