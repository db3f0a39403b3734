"""git: which commit a file of the workspace is of, as far as git knows."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

#: Seconds that git may take; lineage does without what it does not say by then.
_TIMEOUT = 2.0

#: User and password of a URL.
_LOGIN = re.compile(r"://[^/@]*@")


def code_at(where: str) -> dict[str, Any] | None:
    """The commit that is checked out, and the file's path in the repository; JSON values.

    Args:
        where: `file:line`, as declarations have it.

    Returns:
        `commit`, `path`, `repository` (URL of its origin, without user and password) and `changed`
        (it is not what the commit has); None if the file is in no git repository.
    """
    file = Path(where.rpartition(":")[0] or where)
    if not file.is_file():
        return None
    head = _git(file.parent, "rev-parse", "HEAD", "--show-prefix")
    if not head:
        return None
    commit, prefix = (*head.splitlines(), "")[:2]
    changed = _git(file.parent, "status", "--porcelain", "--", file.name)
    origin = _git(file.parent, "config", "--get", "remote.origin.url") or ""
    return {
        "commit": commit,
        "path": f"{prefix}{file.name}",
        "repository": "" if _is_local(origin) else _LOGIN.sub("://", origin),
        "changed": bool(changed),
    }


def kept(where: str) -> Mapping[str, Any]:
    """What a run keeps of the code that makes it; nothing where git knows nothing."""
    found = code_at(where)
    return {"code": found} if found else {}


def _is_local(origin: str) -> bool:
    """A path of this machine is nobody else's business."""
    return not origin or origin.startswith(("/", ".", "file:")) or ":" not in origin


def _git(folder: Path, *arguments: str) -> str | None:
    """What git says; None if it cannot. Nothing is written, not even its index."""
    try:
        done = subprocess.run(
            ["git", "-C", str(folder), *arguments],
            capture_output=True,
            text=True,
            timeout=_TIMEOUT,
            env={**os.environ, "GIT_OPTIONAL_LOCKS": "0"},
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout.strip() if done.returncode == 0 else None
