"""Texts that mean "no value": of a field, else its contract, else the workspace."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

import cleanhold
from cleanhold.errors import WorkspaceError
from cleanhold.readers import delimited

CONTRACT = """
import pandera.polars as pa
from cleanhold import contract, field

@contract("crm.a", version="1"{nulls})
class A(pa.DataFrameModel):
    x: str = field(nullable=True)
    y: str = field(nullable=True, nulls=("?",))
"""


def workspace(folder: Path, setting: str = "", nulls: str = "") -> Path:
    (folder / "pyproject.toml").write_text(f"[tool.cleanhold]\n{setting}\n", encoding="utf-8")
    (folder / "contracts").mkdir()
    path = folder / "contracts" / "a.py"
    path.write_text(CONTRACT.format(nulls=nulls), encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("setting", "nulls", "expected"),
    [
        ("", "", [None, "NULL", "-"]),
        ('nulls = ["", "NULL"]', "", [None, None, "-"]),
        ('nulls = ["NULL"]', ', nulls=("-",)', ["", "NULL", None]),
        ('nulls = ["NULL"]', ', nulls=("",)', [None, "NULL", "-"]),
    ],
)
def test_what_is_said_nearest_holds(
    setting: str, nulls: str, expected: list[str | None], tmp_path: Path
) -> None:
    path = workspace(tmp_path, setting, nulls)
    contract = cleanhold.load_contract(str(path))
    own = cleanhold.Workspace.find(tmp_path).catalogue.contract("crm.a")
    assert own.fingerprint() == contract.fingerprint()
    rows = [f"{x},{y}" for x, y in zip(['""', "NULL", "-"], ["?", "NULL", "-"], strict=True)]
    file = tmp_path / "a.csv"
    file.write_text("\n".join(["x,y", *rows]), encoding="utf-8")
    report = cleanhold.check_file(file, contract, delimited(), out=tmp_path / "out")
    clean = pl.read_parquet(report.files["clean"])
    assert clean["x"].to_list() == expected
    assert clean["y"].to_list() == [None, "NULL", "-"]
    guard = cleanhold.guard(f"{path}")
    assert [guard.check({"x": x, "y": "1"}).values["x"] for x in ("", "NULL", "-")] == expected


def test_a_source_may_say_so_for_contracts_that_do_not(tmp_path: Path) -> None:
    silent = cleanhold.load_contract(str(workspace(tmp_path)))
    assert silent.within(("x",)).nulls == ("x",)
    assert silent.within(None) is silent
    assert silent.within(("x",)).fingerprint() != silent.fingerprint()


@pytest.mark.parametrize("setting", ["nulls = 'NULL'", "nulls = [1]"])
def test_a_setting_that_is_no_list_of_texts(setting: str, tmp_path: Path) -> None:
    path = workspace(tmp_path, setting)
    with pytest.raises(WorkspaceError, match="must be a list of texts"):
        cleanhold.load_contract(str(path))
    with pytest.raises(WorkspaceError, match="must be a list of texts"):
        cleanhold.Workspace.find(tmp_path)
