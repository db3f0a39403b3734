"""Who acts and why, for the audit log, and whether two people are two.

A person is an account of this computer, or a name that whoever uses the account gives. Nothing here
proves a name: whoever shares an account can give any. The log has the account beside it.
"""

from __future__ import annotations

import os
import pwd
import re

from cleanhold.errors import UsageError

#: Who decides again what a person decided before.
ITSELF = "cleanhold"

_NAME = re.compile(r"[^\s()](?:[^()\x00-\x1f]{0,78}[^\s()])?")


def who_acts(name: str | None = None) -> str:
    """The person at this computer: their account, and before it the name that they give.

    Raises:
        UsageError: the name is none, or cleanhold's own.
    """
    if name is None:
        return _account()
    if not _NAME.fullmatch(name) or name.casefold() == ITSELF:
        raise UsageError(
            f"{name!r} is not the name of a person",
            next="write one of at most 80 characters, without brackets: --as 'Ada Lovelace'",
        )
    return f"{name} (as they say, from the account {_account()})"


def reason_of(what: str, text: str, *, such_as: str) -> str:
    """The reason that a person gives.

    Args:
        what: they do: "a rollback".
        text: as they wrote it.
        such_as: a reason that somebody could have.

    Raises:
        UsageError: there is none.
    """
    if not text.strip():
        raise UsageError(f"{what} needs a reason", next=f"say why: --reason '{such_as}'")
    return text.strip()


def same_person(one: str, other: str) -> bool:
    """Whether two of `who_acts` bear one name."""
    return _name_of(one) == _name_of(other)


def same_account(one: str, other: str) -> bool:
    """Whether two of `who_acts` came from one account."""
    return _account_of(one) == _account_of(other)


def _account() -> str:
    user = os.getuid()
    try:
        # Not from the environment, which anybody can set.
        return f"{pwd.getpwuid(user).pw_name} (user id {user})"
    except KeyError:  # a container's user may have no name
        return f"user id {user}"


def _name_of(who: str) -> str:
    return who.partition(" (")[0].casefold()


def _account_of(who: str) -> str:
    return who.rpartition("user id ")[2].rstrip(")")
