"""`cleanhold audit docs`: what Great Expectations shows, and what it must not."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Run = Callable[..., Any]

EXPECTED = """
from cleanhold import expectations


@expectations("shop.orders")
def as_a_whole():
    import great_expectations.expectations as gxe

    return [
        gxe.ExpectColumnValuesToBeInSet(column="note", value_set=["nobody"]),
        gxe.ExpectColumnMostCommonValueToBeInSet(column="note", value_set=["x"]),
        gxe.UnexpectedRowsExpectation(unexpected_rows_query="SELECT * FROM {batch}"),
        gxe.ExpectColumnValuesToBeInSet(column="amount", value_set=[999]),
        gxe.ExpectColumnValuesToBeBetween(column="absent", min_value=1),
    ]


@expectations("shop.orders")
def broken():
    raise RuntimeError("half written")
"""


@pytest.fixture
def asked(small: Any) -> Any:
    small.contract(version="1.2.0").deliver("02", "a1,4711,Ada Lovelace", "b2,12,Bob")
    small.run()
    small.write("checks/as_a_whole.py", EXPECTED)
    return small


def test_data_docs_show_what_came_of_expectations_but_no_personal_value(
    cleanhold: Run, asked: Any, tmp_path: Path
) -> None:
    pytest.importorskip("great_expectations", reason="the extra 'audits' is not installed")
    out = tmp_path / "docs"
    said = cleanhold("audit", "docs", "--out", out, "-w", asked.root)
    assert said.code == 0
    assert f"{out / 'index.html'} tells of 1 dataset" in said.out
    assert "not in it: broken: RuntimeError: half written (checks/as_a_whole.py:" in said.out
    (page,) = (out / "validations").rglob("*.html")
    assert "snapshot 1" in str(page)
    text = page.read_text(encoding="utf-8")
    assert "4711" in text  # nobody's
    assert "nobody" in text  # the team wrote it
    assert "unexpected values found" in text
    for file in (f for f in out.rglob("*") if f.suffix in (".html", ".json")):
        assert not {"Ada", "Lovelace", "Bob"} & set(file.read_text(encoding="utf-8").split())
        assert "Lovelace" not in file.read_text(encoding="utf-8")
    (suite,) = (out / "expectations").rglob("*.html")
    assert "values must be unique" in suite.read_text(encoding="utf-8")
    again = cleanhold("audit", "docs", "shop.orders", "--out", out, "-w", asked.root, "--json")
    assert again.json["snapshots"] == {"shop.orders": 1}
    assert len(again.json["left"]) == 1


def test_a_folder_with_other_files_is_left_alone(
    cleanhold: Run, asked: Any, tmp_path: Path
) -> None:
    (tmp_path / "thesis.txt").write_text("years of work")
    said = cleanhold("audit", "docs", "--out", tmp_path, "-w", asked.root)
    assert said.code == 2
    assert "has other files than Data Docs" in said.err
    said = cleanhold("audit", "docs", "--out", tmp_path / "thesis.txt", "-w", asked.root)
    assert said.code == 2
    assert "cannot be written" in said.err


def test_it_says_what_to_install(
    cleanhold: Run, asked: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in [n for n in sys.modules if n.startswith(("cleanhold.audits.data_docs",
                                                         "cleanhold.audits.gx_"))]:  # fmt: skip
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "great_expectations", None)
    said = cleanhold("audit", "docs", "--out", tmp_path / "docs", "-w", asked.root)
    assert said.code == 2
    assert "Data Docs need great_expectations, which is not installed" in said.err
    assert "pip install 'cleanhold[audits]'" in said.err


def test_there_must_be_something_to_tell_of(cleanhold: Run, small: Any, tmp_path: Path) -> None:
    pytest.importorskip("great_expectations", reason="the extra 'audits' is not installed")
    small.contract()
    said = cleanhold("audit", "docs", "--out", tmp_path / "docs", "-w", small.root)
    assert said.code == 2
    assert "there is no snapshot yet" in said.err
    said = cleanhold("audit", "docs", "shop.none", "--out", tmp_path / "docs", "-w", small.root)
    assert "there is no contract for 'shop.none'" in said.err
