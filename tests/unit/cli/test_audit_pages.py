"""`cleanhold audit show --html` and `cleanhold audit report`: files that people open."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Run = Callable[..., Any]


def test_a_page_is_written_and_written_anew(
    cleanhold: Run, reference: Path, tmp_path: Path
) -> None:
    page = tmp_path / "new" / "contacts.html"
    show = ("audit", "show", "crm.contacts", "--html", page, "-w", reference)
    said = cleanhold(*show)
    assert said.code == 0
    assert f"{page} tells of crm.contacts snapshot 2" in said.out
    assert "<title>crm.contacts snapshot 2: Published" in page.read_text(encoding="utf-8")
    said = cleanhold(
        "audit", "show", "crm.contacts", "1", "--html", page, "-w", reference, "--json"
    )
    assert said.json["snapshot"] == 1
    assert "<title>crm.contacts snapshot 1: Published" in page.read_text(encoding="utf-8")
    assert [file.name for file in page.parent.iterdir()] == ["contacts.html"]


def test_a_file_of_somebody_else_is_not_overwritten(
    cleanhold: Run, reference: Path, tmp_path: Path
) -> None:
    file = tmp_path / "thesis.html"
    file.write_text("<!doctype html> years of work")
    for target in (file, tmp_path):
        said = cleanhold("audit", "show", "crm.contacts", "--html", target, "-w", reference)
        assert said.code == 2
        assert "is no page of cleanhold's" in said.err
    assert "years of work" in file.read_text()


def test_a_folder_that_cannot_be_written_is_told(
    cleanhold: Run, reference: Path, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("")
    said = cleanhold("audit", "report", "--out", tmp_path / "file" / "x", "-w", reference)
    assert said.code == 2
    assert "cannot be written" in said.err


def test_the_report_tells_of_all_datasets_and_leads_to_each(
    cleanhold: Run, reference: Path, tmp_path: Path
) -> None:
    said = cleanhold("audit", "report", "--out", tmp_path, "-w", reference, "--json")
    assert said.code == 0
    index = (tmp_path / "index.html").read_text(encoding="utf-8")
    for told in said.json["datasets"]:
        page = Path(told["page"])
        assert f'href="{page.name}"' in index
        assert 'href="index.html"' in page.read_text(encoding="utf-8")
    assert len(said.json["datasets"]) == 4
    assert "<script" not in index
    assert "all well" in index


@pytest.fixture
def troubled(small: Any) -> Any:
    """One dataset was stopped, one never delivered, one is well."""
    small.contract("shop.a_fine").contract("shop.stopped", tolerance="10%")
    small.contract("shop.never", freshness="26h")
    small.deliver("02", "a,1,", what="a_fine")
    small.deliver("02", "a,-1,", what="stopped")
    small.run()
    return small


def test_what_needs_somebody_comes_first(cleanhold: Run, troubled: Any, tmp_path: Path) -> None:
    said = cleanhold("audit", "report", "--out", tmp_path / "out", "-w", troubled.root)
    assert said.code == 1
    index = (tmp_path / "out" / "index.html").read_text(encoding="utf-8")
    assert "3 datasets, 1 stopped, 1 late" in index
    assert index.index("shop.stopped<") < index.index("shop.a_fine<")
    assert "no snapshot yet" in index
    assert "never published" in index
    assert not (tmp_path / "out" / "shop.never.html").exists()


def test_a_workspace_without_contracts(cleanhold: Run, small: Any, tmp_path: Path) -> None:
    assert cleanhold("audit", "report", "--out", tmp_path / "o", "-w", small.root).code == 0
    assert "There are no contracts yet" in (tmp_path / "o" / "index.html").read_text()
