from __future__ import annotations

import random
import zipfile
from collections.abc import Callable
from datetime import date, datetime, time
from pathlib import Path
from typing import Any

import polars as pl
import pytest
import xlsxwriter

from cleanhold.errors import DeliveryError, UsageError
from cleanhold.readers import excel, excel_workbook, reader_for
from cleanhold.testing.reader_suite import Reading, account_for

pytest.importorskip("python_calamine")
pytest.importorskip("fastexcel")

REAL = Path(__file__).parents[3].parent / "shared" / "data" / "files" / "excel"
REAL = REAL if REAL.exists() else Path("/work/shared/data/files/excel")
real = pytest.mark.skipif(not REAL.exists(), reason="the shared data are not here")

Sheets = dict[str, list[list[Any]]]
Make = Callable[..., Path]


@pytest.fixture
def make(tmp_path: Path) -> Make:
    """Write a workbook: sheet name → rows of cells; a text that begins with = is a formula."""

    def make(sheets: Sheets, **more: Any) -> Path:
        path = tmp_path / "landed"
        with xlsxwriter.Workbook(path, {"default_date_format": "yyyy-mm-dd", **more}) as book:
            for name, rows in sheets.items():
                sheet = book.add_worksheet(name)
                for at, row in enumerate(rows):
                    for column, cell in enumerate(row):
                        if isinstance(cell, str) and cell.startswith("="):
                            sheet.write_formula(at, column, cell, value=cell[1:])
                        else:
                            sheet.write(at, column, cell)
        return path

    return make


def errors(reading: Reading) -> list[tuple[str, str]]:
    return [
        (column, text)
        for column, tells in reading.framing.unreadable.items()
        for text in reading.rows.filter(tells(pl.col(column)))[column]
        if text is not None
    ]


SALES = [["Region", "Amount"], ["North", 1.5], ["South", 2], ["Total", 3.5]]


def test_values_become_plain_text(make: Make) -> None:
    row = [1, 0.1, 1e20, -0.0, True, date(2026, 11, 21), "  two\nlines ", 123456789012.5]
    path = make({"S": [list("abcdefgh"), row]})
    assert account_for(excel(), path).cells == [
        ("1", "0.1", "1e+20", "0", "true", "2026-11-21", "  two\nlines ", "123456789012.5")
    ]


def test_moments_times_and_durations_are_iso(make: Make, tmp_path: Path) -> None:
    path = tmp_path / "x.xlsx"
    for epoch in (False, True):
        with xlsxwriter.Workbook(path, {"date_1904": epoch}) as book:
            sheet = book.add_worksheet()
            for column, (value, form) in enumerate(
                [
                    (datetime(2026, 11, 21, 10, 20, 30), "yyyy-mm-dd hh:mm:ss"),
                    (time(10, 20, 30), "hh:mm:ss"),
                    (1.5, "[hh]:mm:ss"),
                ]
            ):
                sheet.write(0, column, value, book.add_format({"num_format": form}))
        assert account_for(excel(header=False), path).cells == [
            ("2026-11-21T10:20:30", "10:20:30", "PT36H0M0S")
        ]


def test_errors_of_formulas_are_told(make: Make) -> None:
    path = make({"S": [[None, None], [None, "n", "m"], [None, "=#DIV/0!", 1], [None, 2, "=#N/A"]]})
    reading = account_for(excel(), path)
    assert reading.cells == [("#DIV/0!", "1"), ("2", "#N/A")]
    assert errors(reading) == [("n", "#DIV/0!"), ("m", "#N/A")]


def test_the_header_is_found(make: Make) -> None:
    path = make({"S": [["Report"], [], ["made today"], *SALES]})
    for header in (4, ["Amount", "Region"]):
        reading = account_for(excel(header=header), path)
        assert list(reading.framing.columns) == ["Region", "Amount"]
        assert reading.rows.height == 3
        assert "sheet 'S': row 5 is the first that may be a record" in reading.framing.notes
    assert account_for(excel(skip_rows=2), path).framing.columns.keys() == {
        "made today",
        "column_2",
    }
    assert list(account_for(excel(header=False), path).framing.columns) == ["A", "B"]
    for header in (2, 99, ["Nothing"]):
        with pytest.raises(DeliveryError, match="no header row"):
            excel(header=header).open(path)


def test_rows_are_excluded_by_rule_and_kept(make: Make) -> None:
    path = make({"S": SALES})
    reading = account_for(excel(exclude={"Region": "^(Grand )?Total"}), path)
    assert reading.codes == {3: "excluded_row"}
    assert reading.refused["bytes"].to_list() == [b'{"Region":"Total","Amount":"3.5"}']
    assert reading.refused["message"].to_list() == ["the source excludes it: Region is Total"]
    nothing_else = account_for(excel(exclude={"Region": "."}), path)
    assert (nothing_else.rows.height, nothing_else.refused.height) == (0, 3)
    with pytest.raises(DeliveryError, match="no column 'Area'"):
        excel(exclude={"Area": "x"}).open(path)


def test_blank_rows_are_no_records(make: Make) -> None:
    path = make({"S": [["a", "b"], [], [1, None], [], [None, 2]]})
    reading = account_for(excel(row_numbers=True), path)
    assert reading.cells == [("1", None, "3"), (None, "2", "5")]


def test_columns_and_their_names(make: Make) -> None:
    path = make({"S": [["a", "a", None, "d"], [1, 2, 3, 4]]})
    assert account_for(excel(columns="B:C"), path).rows.columns[3:] == ["a", "column_2"]
    assert account_for(excel(), path).rows.columns[3:] == ["a", "a_2", "column_3", "d"]
    with pytest.raises(DeliveryError, match="no cells in these columns"):
        excel(columns="X:Z").open(path)


def test_a_sheet_is_chosen_by_the_source(make: Make) -> None:
    path = make({"Notes": [["x"]], "7": [["a"], [1]], "May": [["a"], [2]], "Empty": []})
    assert account_for(excel(sheet="May"), path).cells == [("2",)]
    assert account_for(excel(sheet=3), path).cells == [("2",)]
    assert account_for(excel(sheet="7"), path).cells == [("1",)]
    reading = account_for(excel(pattern="7|May"), path)
    assert reading.rows.select("a", "sheet").rows() == [("1", "7"), ("2", "May")]
    assert "sheets that are not read: 'Notes', 'Empty'" in reading.framing.notes
    for options, says in (
        ({}, "3 sheets have cells"),
        ({"sheet": "June"}, "no sheet 'June'"),
        ({"sheet": "Empty"}, "has no cells"),
        ({"pattern": "J.*"}, "named like"),
        ({"pattern": "7|Notes"}, "do not have the same columns"),
    ):
        with pytest.raises(DeliveryError, match=says):
            excel(**options).open(path)


def test_empty_and_hidden_sheets_need_no_choice(tmp_path: Path) -> None:
    path = tmp_path / "x.xlsx"
    with xlsxwriter.Workbook(path) as book:
        book.add_worksheet("Seen").write_row(0, 0, ["a", "b"])
        hidden = book.add_worksheet("Hidden")
        hidden.write_row(0, 0, ["c"])
        hidden.hide()
        book.add_worksheet("Empty")
    assert list(account_for(excel(), path).framing.columns) == ["a", "b"]
    assert list(account_for(excel(sheet="Hidden"), path).framing.columns) == ["c"]


def test_merged_cells(tmp_path: Path) -> None:
    path = tmp_path / "x.xlsx"
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 1, ["area", "city", "n"])
        sheet.merge_range(1, 1, 3, 1, "North")
        sheet.merge_range(4, 1, 4, 2, "South")
        for row in range(1, 5):
            sheet.write(row, 3, row)
    top = account_for(excel(), path)
    assert top.rows["area"].to_list() == ["North", None, None, "South"]
    assert any("2 merged ranges" in note for note in top.framing.notes)
    assert account_for(excel(merged="fill"), path).cells == [
        ("North", None, "1"),
        ("North", None, "2"),
        ("North", None, "3"),
        ("South", "South", "4"),
    ]


def test_many_rows_come_in_chunks(make: Make) -> None:
    path = make({"S": [["n"], *([n] for n in range(600))]})
    reading = account_for(excel(), path)
    assert reading.rows["n"].to_list() == [str(n) for n in range(600)]


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"", "not an Excel"),
        (b"<html><table></table></html>", "not an Excel"),
        (b"PK\x03\x04 and no more", "damaged"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "cannot be read"),
        (
            b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le"),
            "protected by a password",
        ),
    ],
)
def test_what_is_no_workbook(tmp_path: Path, data: bytes, says: str) -> None:
    path = tmp_path / "x.xlsx"
    path.write_bytes(data)
    with pytest.raises(DeliveryError, match=says) as caught:
        excel().open(path)
    assert caught.value.where == "x.xlsx"
    assert caught.value.next


def test_an_archive_that_is_no_workbook(tmp_path: Path) -> None:
    path = tmp_path / "x.xlsx"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("readme.txt", "hello")
    with pytest.raises(DeliveryError, match="cannot be read"):
        excel().open(path)


def test_a_workbook_that_would_burst(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(excel_workbook, "_LARGEST", 1000)
    with pytest.raises(DeliveryError, match="when it is unpacked"):
        excel().open(make({"S": SALES}))


def test_one_flipped_bit_is_noticed(make: Make) -> None:
    path = make({"S": [["n"], *([n] for n in range(600))]})
    data = bytearray(path.read_bytes())
    sheet = zipfile.ZipFile(path).getinfo("xl/worksheets/sheet1.xml")
    data[sheet.header_offset + 60 + sheet.compress_size // 2] ^= 1
    path.write_bytes(data)
    with pytest.raises(DeliveryError, match="damaged"):
        excel().open(path)


def test_damaged_workbooks_never_break_the_reader(make: Make) -> None:
    chance = random.Random(1)
    path = make({"S": SALES})
    whole = path.read_bytes()
    for _ in range(12):
        data = bytearray(whole[: chance.randrange(len(whole))] if chance.random() < 0.3 else whole)
        for _ in range(chance.choice([1, 5])):
            data[chance.randrange(len(data))] = chance.randrange(256)
        path.write_bytes(data)
        try:
            assert account_for(excel(), path).records == 3
        except DeliveryError:
            continue


def test_options() -> None:
    reader = reader_for(
        "excel", sheet="2", header="a, b", skip_rows="1", exclude="a:^x", row_numbers="true"
    )
    assert reader.describe() == {
        "format": "excel",
        "sheet": "2",
        "pattern": None,
        "header": ["a", "b"],
        "skip_rows": 1,
        "columns": None,
        "merged": "top",
        "exclude": {"a": "^x"},
        "row_numbers": True,
    }
    assert reader_for("excel", header="3").describe()["header"] == 3
    assert reader_for("excel", header="false").describe()["header"] is False
    for options in (
        {"sheet": "a", "pattern": "b"},
        {"header": 0},
        {"header": []},
        {"skip_rows": -1},
        {"merged": "all"},
        {"columns": "1:2"},
        {"columns": "D:B"},
        {"exclude": "Total"},
        {"exclude": {"a": "("}},
        {"pattern": "["},
    ):
        with pytest.raises(UsageError):
            reader_for("excel", **options)


@real
@pytest.mark.parametrize("name", ["any_sheets", "date", "date_1904"])
def test_the_formats_read_alike(name: str) -> None:
    cells = {
        path.suffix: account_for(excel(sheet=1, header=False), path).cells
        for path in REAL.glob(f"{name}.*")
        if not (name == "date" and path.suffix == ".ods")  # other cells, by its maker
    }
    assert len(cells) >= 3
    assert len(set(map(tuple, cells.values()))) == 1


@real
def test_real_errors() -> None:
    reading = account_for(excel(header=False), REAL / "errors.xlsx")
    found = ["#DIV/0!", "#NAME?", "#VALUE!", "#NULL!", "#REF!", "#NUM!", "#N/A"]
    assert reading.rows["A"].to_list() == found
    assert [text for _, text in errors(reading)] == found
