"""What the operating system refuses: a full disk, a failing one, one that is read-only."""

from __future__ import annotations

import os
import re

import polars as pl

from cleanhold.errors import StateError

#: How Polars tells the error number of the system, and the file if it knows it.
_TOLD = re.compile(r"\(os error (?P<number>\d+)\)(?:: (?P<file>/.*))?")


def system_error(error: BaseException) -> OSError | None:
    """The operating system's refusal that is in an error, if one is.

    Polars wraps it in errors of its own, which speak of Parquet where they mean a full disk.
    """
    if isinstance(error, OSError) and error.errno is not None:
        return error
    if not isinstance(error, OSError | pl.exceptions.PolarsError):
        return None
    found = _TOLD.search(str(error))
    if found is None:
        return error if isinstance(error, OSError) else None
    number = int(found["number"])
    return OSError(number, os.strerror(number), found["file"])


def refusal(error: OSError, where: str) -> StateError:
    """The error to tell.

    Args:
        error: what the system said.
        where: what was at work, if the system names no file.
    """
    return StateError(
        f"the system refuses: {error.strerror or error}",
        where=str(error.filename) if error.filename else where,
        next="make room, or mend the path or its permissions, and do it again; "
        "nothing is half-done",
    )
