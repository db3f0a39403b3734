"""init: a new workspace, copied from the reference workspace."""

from __future__ import annotations

import re
import shutil
from importlib import resources
from pathlib import Path

from cleanhold.errors import UsageError

#: What a data team writes; also the folders of the template.
FOLDERS = ("contracts", "checks", "flows", "lineage", "data")

#: When the flows run; read by Prefect.
DEPLOYMENTS = "prefect.yaml"

#: Parts of the reference workspace that a new one does not need.
_LEFT_OUT = shutil.ignore_patterns("__pycache__", "*.pyc", "generator", "generate.py")

_PYPROJECT = """\
[project]
name = "{name}"
version = "0.1.0"
requires-python = ">=3.11"
dependencies = ["cleanhold"]  # with Prefect: "cleanhold[flows]"

[tool.cleanhold]
name = "{name}"
"""

_GITIGNORE = """\
# state: ledger, extracts, snapshots, quarantine
.cleanhold/
__pycache__/
"""


def init(folder: Path) -> list[Path]:
    """Make a workspace with the sample sources, contracts and deliveries; gives its files.

    Raises:
        UsageError: the folder exists and is not empty, or cannot be made.
    """
    template = _template()
    try:
        if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
            raise UsageError(
                f"{folder} exists and is not empty",
                next="choose a folder that does not exist yet",
            )
        folder.mkdir(parents=True, exist_ok=True)
        for name in FOLDERS:
            shutil.copytree(template / name, folder / name, ignore=_LEFT_OUT)
        shutil.copy2(template / DEPLOYMENTS, folder / DEPLOYMENTS)
        name = "-".join(re.findall("[a-z0-9]+", folder.resolve().name.lower())) or "workspace"
        _write(folder / "pyproject.toml", _PYPROJECT.format(name=name))
        _write(folder / ".gitignore", _GITIGNORE)
    except OSError as error:
        raise UsageError(
            f"{folder} cannot be made a workspace: {error.strerror}",
            next="choose a folder that you may write to",
        ) from error
    return sorted(path for path in folder.rglob("*") if path.is_file())


def _write(file: Path, text: str) -> None:
    file.write_text(text, encoding="utf-8")


def _template() -> Path:
    """The reference workspace: inside an installed package, or the root of a checkout."""
    package = Path(str(resources.files("cleanhold")))
    for root in (package / "workspace" / "template", *package.parents[1:2]):
        if all((root / name).is_dir() for name in FOLDERS):
            return root
    raise UsageError(
        "this installation lacks the template workspace", next="install cleanhold again"
    )
