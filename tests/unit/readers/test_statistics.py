from __future__ import annotations

import csv
import random
from pathlib import Path
from typing import Any

import pandas as pd
import polars as pl
import pytest

from cleanhold.errors import DeliveryError, UsageError
from cleanhold.readers import reader_for, statistics
from cleanhold.readers.statistics_times import meaning, time_texts
from cleanhold.testing.reader_suite import Reading, account_for

pyreadstat = pytest.importorskip("pyreadstat")

REAL = Path(__file__).parents[3].parent / "shared" / "data" / "files" / "stats"
REAL = REAL if REAL.exists() else Path("/work/shared/data/files/stats")
real = pytest.mark.skipif(not REAL.exists(), reason="the shared data are not here")

FRAME = {"id": [1.0, 2.0, 3.0], "income": [0.1, -1.0, 2500.0], "city": ["Köln", "x", ""]}


@pytest.fixture
def survey(tmp_path: Path) -> Path:
    """An SPSS file with labels and user-missing values, under a name without an ending."""
    path = tmp_path / "landed"
    pyreadstat.write_sav(
        pd.DataFrame(FRAME),
        str(path),
        variable_value_labels={"income": {-1.0: "refused"}, "id": {1.0: "one"}},
        missing_ranges={"income": [-1, {"lo": 2000, "hi": 3000}], "city": ["x"]},
    )
    return path


def told(reading: Reading) -> dict[str, list[Any]]:
    return {
        name: reading.rows.filter(tells(pl.col(name)))[name].to_list()
        for name, tells in reading.framing.unreadable.items()
    }


def test_user_missing_values_are_kept_as_codes(survey: Path) -> None:
    reading = account_for(statistics(), survey)
    assert reading.cells == [("1", "0.1", "Köln"), ("2", "-1", "x"), ("3", "2500", None)]
    assert told(reading) == {}
    (note,) = reading.framing.notes
    assert note.startswith("user-missing values are kept as codes: income (")


def test_user_missing_values_can_be_findings_or_null(survey: Path) -> None:
    reading = account_for(statistics(missing="finding"), survey)
    assert reading.cells == account_for(statistics(), survey).cells
    assert told(reading) == {"income": ["-1", "2500"], "city": ["x"]}
    labelled = account_for(statistics(missing="finding", labels="text"), survey)
    assert told(labelled) == {"income": ["refused", "2500"], "city": ["x"]}
    nothing = account_for(statistics(missing="null"), survey)
    assert nothing.cells == [("1", "0.1", "Köln"), ("2", None, None), ("3", None, None)]


def test_labels_take_the_place_of_codes(survey: Path) -> None:
    reading = account_for(statistics(labels="text"), survey)
    assert reading.cells[:2] == [("one", "0.1", "Köln"), ("2", "refused", "x")]


def test_missing_values_of_stata_are_tags(tmp_path: Path) -> None:
    path = tmp_path / "x.dta"
    frame = pd.DataFrame({"n": [1.5, "a", None], "m": [1, 2, 3]})
    pyreadstat.write_dta(
        frame,
        str(path),
        missing_user_values={"n": ["a"]},
        variable_value_labels={"n": {"a": "refused"}},
    )
    assert account_for(statistics(), path).rows["n"].to_list() == ["1.5", ".a", None]
    assert account_for(statistics(missing="null"), path).rows["n"].to_list() == ["1.5", None, None]
    for labels, text in (("codes", ".a"), ("text", "refused")):
        reading = account_for(statistics(missing="finding", labels=labels), path)
        assert reading.rows["n"].to_list() == ["1.5", text, None]
        assert told(reading)["n"] == [text]


def test_single_precision_is_not_padded(tmp_path: Path) -> None:
    path = tmp_path / "x.dta"
    pd.DataFrame({"f": pd.Series([0.1, 3], dtype="float32"), "d": [0.1, 1e300]}).to_stata(
        path, write_index=False
    )
    assert account_for(statistics(), path).cells == [("0.1", "0.1"), ("3", "1e+300")]


def test_rows_come_in_runs(tmp_path: Path) -> None:
    path = tmp_path / "x.sav"
    columns = {f"c{n}": [float(row) for row in range(1001)] for n in range(2000)}
    pyreadstat.write_sav(pd.DataFrame(columns), str(path), compress=False)
    chunks = [chunk.rows for chunk in statistics().open(path).chunks]
    assert [chunk.height for chunk in chunks] == [1000, 1]
    whole = pl.concat(chunks)
    assert whole["c1999"].to_list() == [str(row) for row in range(1001)]
    assert whole["__record"].to_list() == list(range(1, 1002))


@pytest.mark.parametrize(
    ("data", "says"),
    [(b"", "not a file of"), (b"a,b\n1,2\n", "not a file of"), (b"$FL2" + bytes(900), "cannot be")],
)
def test_what_is_no_such_file(tmp_path: Path, data: bytes, says: str) -> None:
    path = tmp_path / "x.sav"
    path.write_bytes(data)
    with pytest.raises(DeliveryError, match=says) as caught:
        statistics().open(path)
    assert caught.value.where == "x.sav"


def test_damaged_files_are_errors_of_the_delivery(survey: Path) -> None:
    chance, whole = random.Random(2), survey.read_bytes()
    for _ in range(8):
        survey.write_bytes(whole[: chance.randrange(len(whole))])
        with pytest.raises(DeliveryError):
            account_for(statistics(), survey)
    for _ in range(8):
        data = bytearray(whole)
        for _ in range(4):
            data[chance.randrange(len(data))] = chance.randrange(256)
        survey.write_bytes(data)
        try:
            assert account_for(statistics(), survey).records == 3
        except DeliveryError:
            continue


def test_options() -> None:
    reader = reader_for("statistics", labels="text", missing="null", encoding="cp1252")
    assert reader.describe() == {
        "format": "statistics",
        "labels": "text",
        "missing": "null",
        "encoding": "cp1252",
    }
    for option in ("labels", "missing"):
        with pytest.raises(UsageError):
            reader_for("statistics", **{option: "maybe"})


@pytest.mark.parametrize(
    ("kind", "format", "number", "text"),
    [
        ("spss", "EDATE10", 13744944000.0, "2018-05-06"),
        ("spss", "DATE11", 13744944000.5, "2018-05-06T00:00:00.5"),
        ("spss", "DATETIME20", 13744980610.25, "2018-05-06T10:10:10.25"),
        ("spss", "MTIME8", -5.0, "-PT0H0M5S"),
        ("spss", "DTIME", 100000.5, "PT27H46M40.5S"),
        ("stata", "%td", -137696.0, "1583-01-01"),
        ("stata", "%tcHH:MM:SS", 36610000.0, "10:10:10"),
        ("stata", "%tc", 1841220610000.0, "2018-05-06T10:10:10"),
        ("sas", "YYMMDD10", 21310.0, "2018-05-06"),
        ("sas", "E8601DA", 0.0, "1960-01-01"),
        ("sas", "DATEAMPM", 0.0, "1960-01-01T00:00:00"),
        ("sas", "TIME20.3", 0.25, "00:00:00.25"),
        ("sas", "DATE9", 1e18, None),
        ("sas", "DATE9", float("nan"), None),
        ("sas", "DATE9", -999999999.0, None),
    ],
)
def test_dates_and_times(kind: str, format: str, number: float, text: str | None) -> None:
    meant = meaning(kind, format)
    assert meant
    assert time_texts(pl.Series([number, None]), meant).to_list() == [text, None]


@pytest.mark.parametrize(
    ("kind", "format"), [("spss", "F8.2"), ("stata", "%9.0g"), ("stata", "%tq"), ("sas", "BEST12")]
)
def test_plain_numbers(kind: str, format: str) -> None:
    assert meaning(kind, format) is None


@real
@pytest.mark.parametrize(
    "name",
    [f"sample.{ending}" for ending in ("sav", "zsav", "por", "dta", "sas7bdat", "xpt")]
    + ["sample_missing.sav"],
)
def test_real_files_read_like_the_csv_beside_them(name: str) -> None:
    truth = {"sample_missing.sav": "sample_missing_user.csv"}.get(name, "sample.csv")
    with (REAL / truth).open(encoding="utf-8-sig", newline="") as handle:
        _, *expected = csv.reader(handle)
    cells = account_for(statistics(), REAL / name).cells
    # The CSV writes every fraction out, and 0:00:00.
    assert [[_plain(str(cell or "")) for cell in row] for row in cells] == [
        [_plain(cell) for cell in row] for row in expected
    ]


def _plain(text: str) -> str:
    text = "" if text == "#NULL!" else text.removesuffix(".000000")
    text = "00:00:00" if text == "0:00:00" else text
    try:
        return str(float(text))
    except ValueError:
        return text
