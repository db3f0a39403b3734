from __future__ import annotations

import subprocess
import sys

import pytest

import cleanhold

NAMES = [
    "EMAIL", "Expr", "PHONE", "Source", "UUID", "Workspace", "arrow", "avro", "booleans", "check",
    "check_file", "codes", "col", "contract", "copybook", "dates", "datetimes", "dbase",
    "decimal", "delimited", "dlt", "emails", "excel", "excel_dates", "expectations", "feature",
    "field", "fixed_width", "guard", "integer", "json", "json_document", "julian", "leaks",
    "load_contract", "mojibake", "ndjson", "need", "number", "orc", "overlap", "pact", "parquet",
    "phones", "quantity", "read", "reading", "rebuild", "snapshots", "split", "sql", "statistics",
    "text", "training_set", "unix_times", "waived", "xml", "zoned",
]  # fmt: skip

HEAVY = {"polars", "pandera", "pandas", "prefect", "duckdb", "sqlalchemy", "pyarrow", "numpy"}

COMMAND = """
from cleanhold.cli.main import main
try:
    main({})
except SystemExit:
    pass
"""

COUNT = """
import sys
{statement}
print(*sorted({{name.partition('.')[0] for name in sys.modules}}), file=sys.stderr)
"""


def test_public_names() -> None:
    assert sorted(cleanhold.__all__) == sorted(NAMES)
    assert set(NAMES) <= set(dir(cleanhold))
    for name in NAMES:
        assert getattr(cleanhold, name) is not None


def test_other_names_are_not_there() -> None:
    with pytest.raises(AttributeError, match="nothing_like_that"):
        _ = cleanhold.nothing_like_that


@pytest.mark.parametrize(
    "statement",
    [
        "import cleanhold",
        COMMAND.format(["--help"]),
        COMMAND.format(["check", "--help"]),
        COMMAND.format(["--version"]),
    ],
    ids=["import", "help", "check-help", "version"],
)
def test_little_is_loaded_before_it_is_needed(statement: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", COUNT.format(statement=statement)],
        capture_output=True,
        text=True,
        check=True,
    )
    assert not HEAVY & set(done.stderr.split())


def test_reading_loads_neither_pandera_nor_prefect() -> None:
    """Models read; they need not pay for what checks."""
    statement = "import cleanhold\ncleanhold.read"
    done = subprocess.run(
        [sys.executable, "-c", COUNT.format(statement=statement)],
        capture_output=True,
        text=True,
        check=True,
    )
    assert "prefect" not in done.stderr.split()
