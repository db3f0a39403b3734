"""The URL of a workspace's ledger: from its settings or the environment, without its secrets."""

from __future__ import annotations

import os
import re
from urllib.parse import quote

from cleanhold.errors import WorkspaceError

#: Environment variable that says where the ledger is; it goes before the setting.
VARIABLE = "CLEANHOLD_LEDGER"

_NAMED = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")


def ledger_url(setting: str, where: str) -> str:
    """The URL; empty if the ledger is the SQLite file in the state folder.

    `${NAME}` stands for an environment variable: the whole URL, or a part of it, which is
    percent-encoded.

    Args:
        setting: `ledger` in `[tool.cleanhold]`, or empty.
        where: the file with it, for messages.

    Raises:
        WorkspaceError: a variable is not set, or it is no URL. No part of it is shown.
    """
    asked = os.environ.get(VARIABLE, "").strip()
    where = f"the environment variable {VARIABLE}" if asked else f"{where}, `ledger`"
    url = asked or setting
    if whole := _NAMED.fullmatch(url):
        url = _value(whole[1], where).strip()
    else:
        url = _NAMED.sub(lambda found: quote(_value(found[1], where), safe=""), url)
    if url and "://" not in url:
        raise WorkspaceError(
            "the ledger must be a URL",
            where=where,
            next='write ledger = "postgresql://user:${LEDGER_PASSWORD}@host/database", or leave '
            "it out: then it is a file in the state folder",
        )
    return url


def tells_password(setting: str) -> bool:
    """Whether a password stands in the setting itself, for everyone to read."""
    return bool(re.search(r"://[^/@]*:(?!\$\{)[^/@]+@", setting))


def _value(name: str, where: str) -> str:
    value = os.environ.get(name, "")
    if not value:
        raise WorkspaceError(
            f"the environment variable {name} is not set", where=where, next=f"export {name}='…'"
        )
    return value
