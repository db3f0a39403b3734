"""Who acts, for the audit log."""

from __future__ import annotations

import getpass
import os

#: Who decides again what a person decided before.
ITSELF = "cleanhold"


def who_acts() -> str:
    """The person at this computer, as it knows them."""
    try:
        return f"{getpass.getuser()} (user id {os.getuid()})"
    except (KeyError, OSError):  # a container's user may have no name
        return f"user id {os.getuid()}"
