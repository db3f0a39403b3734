"""Every file of the shared data: a draft that checks at once, or words that say why not."""

from __future__ import annotations

from pathlib import Path

import pytest

from cleanhold import check_file, load_contract
from cleanhold.pipeline.sniff import draft, sniff
from cleanhold.workspace.catalogue import load_source

DATA = Path("/work/shared/data")
FILES = sorted(
    path
    for folder in ("crm", "er", "errors", "files", "mainframe", "text")
    for path in (DATA / folder).rglob("*")
    if path.is_file()
)

pytestmark = pytest.mark.skipif(not FILES, reason="the shared data is not here")

#: Records that a first draft may hold or refuse, of these dirty tables.
DIRTY = 0.05


@pytest.mark.slow
@pytest.mark.parametrize("file", FILES, ids=lambda file: str(file.relative_to(DATA)))
def test_sniff_then_draft_then_check(file: Path, tmp_path: Path) -> None:
    found = sniff(file)
    if found.format is None:
        assert found.advice
        assert file.suffix != ".csv"
        return
    written = draft(found, "x.y", tmp_path)
    reader = load_source(str(written.source)).reader
    report = check_file(file, load_contract(str(written.contract)), reader)
    lost = report.account.held + report.account.refused
    assert report.account.records == found.rows + sum(found.refused.values())
    if file.suffix == ".csv":
        assert lost <= DIRTY * report.account.records
