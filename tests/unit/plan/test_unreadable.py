"""What a reader could not read holds its row, whatever the contract makes of the column."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import polars as pl

import cleanhold
from cleanhold.core.reading import Framing, Progress
from cleanhold.pipeline.check import Report
from cleanhold.readers.tables import table_chunks
from cleanhold.testing.reader_suite import account_for


@dataclass(frozen=True)
class Sheet:
    format = "sheet"

    def describe(self) -> dict[str, object]:
        return {"format": "sheet"}

    def open(self, path: Path, progress: Progress | None = None) -> Framing:
        frame = pl.DataFrame({"id": ["1", "2", "3"], "note": [" fine", " #N/A ", "n/a"]})

        def frames() -> Iterator[pl.DataFrame]:
            yield frame[:1]
            yield frame[1:]

        size = path.stat().st_size
        return Framing(
            {"id": pl.String, "note": pl.String},
            table_chunks(frames(), rows=3, size=size, progress=progress),
            None,
            unreadable={"note": lambda text: text.str.strip_chars() == "#N/A"},
        )


CONTRACT = """
import pandera.polars as pa
from cleanhold import contract, field, text

@contract("sheets.notes", version="1.0.0", owner="team@example.org", key="id")
class Notes(pa.DataFrameModel):
    id: str = field()
    note: str = field(parse=text(lower=True){more})
"""


def _check(tmp_path: Path, more: str = "") -> tuple[Report, Path]:
    (tmp_path / "notes.py").write_text(CONTRACT.format(more=more), encoding="utf-8")
    (tmp_path / "notes.sheet").write_bytes(b"whatever")
    contract = cleanhold.load_contract(str(tmp_path / "notes.py"))
    out = tmp_path / "out"
    return cleanhold.check_file(tmp_path / "notes.sheet", contract, Sheet(), out=out), out


def test_the_row_is_held_with_what_was_found(tmp_path: Path) -> None:
    report, out = _check(tmp_path)
    assert (report.account.clean, report.account.held) == (2, 1)
    assert [(c.check, c.column, c.failed) for c in report.checks if c.failed] == [
        ("parse", "note", 1)
    ]
    held = pl.read_parquet(out / "held.parquet")
    assert "#N/A" in str(held["findings"].to_list())


def test_a_declared_null_token_is_no_error(tmp_path: Path) -> None:
    report, _ = _check(tmp_path, ', nullable=True, nulls=["#N/A"]')
    assert report.account.held == 0


def test_frames_that_follow_each_other_are_numbered_through(tmp_path: Path) -> None:
    (tmp_path / "notes.sheet").write_bytes(b"whatever")
    reading = account_for(Sheet(), tmp_path / "notes.sheet")
    assert reading.rows["__record"].to_list() == [1, 2, 3]
