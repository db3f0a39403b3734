"""suite: what a contract promises, as a file that Great Expectations and `checks/` read."""

from __future__ import annotations

import json
from pathlib import Path

from cleanhold.audits.contract_suite import suite_of
from cleanhold.core.contract import Contract
from cleanhold.errors import UsageError

__all__ = ["suite_of", "write_suite"]


def write_suite(contract: Contract, path: Path) -> int:
    """Write the suite of a contract to a new file; gives the number of its expectations.

    Raises:
        UsageError: the file exists, for somebody may have edited it, or cannot be written.
    """
    suite = suite_of(contract)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("x", encoding="utf-8") as file:
            json.dump(suite, file, indent=2, ensure_ascii=False)
            file.write("\n")
    except FileExistsError as error:
        raise UsageError(
            f"{path} exists", next="choose another file, or remove it: it is not overwritten"
        ) from error
    except OSError as error:
        raise UsageError(
            f"{path} cannot be written: {error.strerror}", next="choose a folder you may write to"
        ) from error
    return len(suite["expectations"])
