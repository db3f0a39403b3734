from __future__ import annotations

import errno

import polars as pl
import pytest

from cleanhold.core.system import refusal, system_error

FULL = "No space left on device"


@pytest.mark.parametrize(
    ("error", "file"),
    [
        (OSError(errno.ENOSPC, FULL, "/a/b"), "/a/b"),
        (OSError(f"{FULL} (os error 28): /a/c.parquet"), "/a/c.parquet"),
        (pl.exceptions.ComputeError(f"parquet: underlying IO error: {FULL} (os error 28)"), None),
    ],
)
def test_a_full_disk_is_found_whoever_tells_of_it(error: Exception, file: str | None) -> None:
    found = system_error(error)
    assert found is not None
    assert (found.errno, found.strerror, found.filename) == (errno.ENOSPC, FULL, file)
    told = refusal(found, "shop.orders")
    assert told.what == f"the system refuses: {FULL}"
    assert told.where == (file or "shop.orders")
    assert told.next


@pytest.mark.parametrize(
    "error", [pl.exceptions.ComputeError("conversion failed"), ValueError("os error 28")]
)
def test_other_errors_are_none_of_the_system(error: Exception) -> None:
    assert system_error(error) is None


def test_an_error_of_the_system_without_a_number_is_one_all_the_same() -> None:
    error = OSError("the file is in use")
    assert system_error(error) is error
    assert "in use" in refusal(error, "shop.orders").what
