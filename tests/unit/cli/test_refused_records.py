"""cleanhold quarantine on records that could not become rows."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from cleanhold import Workspace
from cleanhold.store.quarantine import Quarantine

Run = Callable[..., Any]


def test_show_a_refused_record(reference: Path, cleanhold: Run) -> None:
    with Workspace.find(reference).open() as stores:
        row_id = Quarantine(stores.state).refused("legacy.policies")["row_id"][0]
    said = cleanhold("quarantine", "show", row_id, "-w", reference)
    assert "refused (wrong_length)" in said.out
    assert "bytes: •••" in said.out
    assert cleanhold("quarantine", "show", row_id, "-w", reference, "--json").json["code"]


def test_what_the_summary_counts_as_refused_is_listed(reference: Path, cleanhold: Run) -> None:
    asked = ("quarantine", "rows", "-c", "refused:wrong_length", "-w", reference)
    counts = cleanhold("quarantine", "-w", reference, "--json").json["counts"]
    found = cleanhold(*asked, "--json").json
    assert len(found) == counts["refused"] > 1
    assert all(row["code"] == "wrong_length" and row["bytes"] == "•••" for row in found)
    assert f"· {found[0]['message']}" in cleanhold(*asked).out
    first = cleanhold(*asked, "-n", 1, "--json").json
    rest = cleanhold(*asked, "--after", first[0]["row_id"], "--json").json
    assert [row["row_id"] for row in (*first, *rest)] == [row["row_id"] for row in found]
    assert cleanhold(*asked[:3], "refused:nul_byte", *asked[4:], "--json").json == []
