from __future__ import annotations

import csv
from pathlib import Path

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from python_calamine import CalamineWorkbook

from cleanhold.errors import UsageError
from cleanhold.pipeline.export import FORMATS, write_export

DANGEROUS = ["=1+1", "+cmd|' /C calc'!A0", "-2+3", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "＝1+1"]
HARMLESS = ["a=1", "-5", "+3.25", "12", "", "é", "'=1", " =1"]


def read_csv(file: Path) -> list[list[str]]:
    with file.open(encoding="utf-8-sig", newline="") as handle:
        return list(csv.reader(handle))


@pytest.mark.parametrize("value", DANGEROUS)
def test_csv_defuses_formulas(tmp_path: Path, value: str) -> None:
    write_export(pl.DataFrame({"a": [value], "n": [1]}), tmp_path / "x.csv", "csv")
    assert read_csv(tmp_path / "x.csv") == [["a", "n"], [f"'{value}", "1"]]


@pytest.mark.parametrize("value", HARMLESS)
def test_csv_leaves_other_text_and_numbers_alone(tmp_path: Path, value: str) -> None:
    write_export(pl.DataFrame({"a": [value], "n": [-1.5]}), tmp_path / "x.csv", "csv")
    assert read_csv(tmp_path / "x.csv")[1] == [value, "-1.5"]


def test_names_of_columns_are_defused_too(tmp_path: Path) -> None:
    write_export(pl.DataFrame({"=cmd|' /C calc'!A0": ["a"]}), tmp_path / "x.csv", "csv")
    assert read_csv(tmp_path / "x.csv")[0] == ["'=cmd|' /C calc'!A0"]


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(value=st.text())
def test_no_text_begins_a_formula_in_csv(tmp_path: Path, value: str) -> None:
    write_export(pl.DataFrame({"a": [value]}), tmp_path / "x.csv", "csv")
    text = read_csv(tmp_path / "x.csv")[1:]
    shown = text[0][0] if text and text[0] else ""
    if shown[:1] in ("=", "+", "-", "@", "\t", "\r"):
        float(shown)


@pytest.mark.parametrize("value", [*DANGEROUS[:4], *HARMLESS[:6]])
def test_xlsx_keeps_text_as_text_and_numbers_as_numbers(tmp_path: Path, value: str) -> None:
    frame = pl.DataFrame({"=a": [value], "url": ["http://x.example"], "n": [-7]})
    write_export(frame, tmp_path / "x.xlsx", "xlsx")
    book = CalamineWorkbook.from_path(tmp_path / "x.xlsx")
    rows = book.get_sheet_by_index(0).to_python()
    assert rows == [["=a", "url", "n"], [value, "http://x.example", -7]]


def test_xlsx_says_where_a_long_text_was_cut(tmp_path: Path) -> None:
    write_export(pl.DataFrame({"a": ["x" * 40_000]}), tmp_path / "x.xlsx", "xlsx")
    book = CalamineWorkbook.from_path(tmp_path / "x.xlsx")
    text = str(book.get_sheet_by_index(0).to_python()[1][0])
    assert len(text) == 32_767
    assert text.endswith("…")


def test_xlsx_refuses_what_a_sheet_cannot_hold(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="do not fit into a worksheet"):
        write_export(pl.DataFrame({"n": range(1_048_576)}), tmp_path / "x.xlsx", "xlsx")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("kind", FORMATS)
def test_columns_that_differ_in_case_only(tmp_path: Path, kind: str) -> None:
    write_export(pl.DataFrame({"Name": ["a"], "name": ["b"]}), tmp_path / "x", kind)
    assert (tmp_path / "x").stat().st_size
    if kind == "xlsx":
        book = CalamineWorkbook.from_path(tmp_path / "x")
        assert book.get_sheet_by_index(0).to_python() == [["Name", "name (2)"], ["a", "b"]]


@pytest.mark.parametrize("kind", FORMATS)
def test_nothing_to_export_is_a_file_without_rows(tmp_path: Path, kind: str) -> None:
    write_export(pl.DataFrame(schema={"a": pl.String, "n": pl.Int64}), tmp_path / "x", kind)
    assert (tmp_path / "x").is_file()


@pytest.mark.parametrize("kind", FORMATS)
def test_what_is_there_stays_if_the_export_fails(
    tmp_path: Path, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "x").write_text("before")

    def full(*_: object) -> Path:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(Path, "replace", full)
        with pytest.raises(UsageError, match="No space left"):
            write_export(pl.DataFrame({"a": [1]}), tmp_path / "x", kind)
    assert [path.name for path in tmp_path.iterdir()] == ["x"]
    assert (tmp_path / "x").read_text() == "before"
