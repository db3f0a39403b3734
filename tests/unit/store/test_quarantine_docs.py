"""The page about the quarantine: its questions run, and its tables are those there are."""

from __future__ import annotations

import re
from pathlib import Path

import duckdb
import pytest

from cleanhold.store.layout import StateFolder
from cleanhold.store.quarantine import Quarantine

from .batches import batch

PAGE = (Path(__file__).parents[3] / "docs" / "quarantine.md").read_text()
QUESTIONS = re.findall(r"```sql\n(.*?)```", PAGE, re.DOTALL)


@pytest.mark.parametrize("question", QUESTIONS, ids=lambda question: question.split("\n")[1][:30])
def test_every_question_on_the_page_runs(
    question: str, state: StateFolder, quarantine: Quarantine, tmp_path: Path
) -> None:
    quarantine.feed(batch(tmp_path, "r1", held=[(1, "a", "x")], refused=[2]))
    quarantine.feed(batch(tmp_path, "r2", extract="e2", day=2, clean=[(1, "a")]))
    with duckdb.connect(str(state.quarantine), read_only=True) as connection:
        connection.execute(question).fetchall()


def test_every_column_is_on_the_page(state: StateFolder, quarantine: Quarantine) -> None:
    quarantine.counts()
    with duckdb.connect(str(state.quarantine), read_only=True) as connection:
        columns = connection.execute(
            "select table_name, column_name from duckdb_columns() where not internal"
        )
        found = columns.fetchall()
    sections = dict(re.findall(r"^## `(\w+)`.*?\n(.*?)(?=^## )", PAGE, re.DOTALL | re.MULTILINE))
    assert set(sections) == {table for table, _ in found}
    for table, column in found:
        assert f"`{column}`" in sections[table], f"{table}.{column} is not documented"
