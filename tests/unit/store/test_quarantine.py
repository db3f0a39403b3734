from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import polars as pl
import pytest

from cleanhold.core.extract import row_id
from cleanhold.errors import StateError
from cleanhold.store.files import file_lock
from cleanhold.store.layout import StateFolder
from cleanhold.store.quarantine import Quarantine

from .batches import batch, picture, sha


@pytest.fixture
def filled(quarantine: Quarantine, tmp_path: Path) -> Quarantine:
    quarantine.feed(
        batch(
            tmp_path,
            "r1",
            held=[(record, f"k{record}", "x" if record % 2 else "y") for record in range(1, 13)],
            refused=[20, 21],
            warned=[30],
        )
    )
    quarantine.feed(batch(tmp_path, "r2", extract="e9", dataset="erp.other", held=[(3, "k3", "q")]))
    return quarantine


def test_an_empty_quarantine_answers(quarantine: Quarantine) -> None:
    assert quarantine.summary().height == quarantine.rows().height == 0
    assert quarantine.export().height == quarantine.refused().height == 0
    assert quarantine.row("0" * 16 + "-1") is None
    assert quarantine.fed() == []


def test_the_summary_counts_rows_by_check(filled: Quarantine) -> None:
    summary = filled.summary()
    assert summary.columns == ["dataset", "check", "column", "severity", "rows", "oldest", "newest"]
    assert summary.select("dataset", "check", "column", "severity", "rows").rows() == [
        ("crm.tiny", "number", "value", "error", 12),
        ("crm.tiny", "x", "value", "error", 6),
        ("crm.tiny", "y", "value", "error", 6),
        ("crm.tiny", "refused:open_quote", None, "error", 2),
        ("erp.other", "number", "value", "error", 1),
        ("erp.other", "q", "value", "error", 1),
    ]
    assert filled.summary("erp.other")["rows"].to_list() == [1, 1]


def test_rows_come_in_pages_in_the_order_of_the_extract(filled: Quarantine) -> None:
    seen: list[int] = []
    after = None
    while (page := filled.rows("crm.tiny", limit=5, after=after)).height:
        seen += page["record"].to_list()
        after = page.select("dataset", "row_id").row(-1)
    assert seen == list(range(1, 13))


def test_rows_are_narrowed_and_carry_their_reasons(filled: Quarantine) -> None:
    rows = filled.rows(check="x")
    assert rows["record"].to_list() == [1, 3, 5, 7, 9, 11]
    assert rows["checks"].to_list() == [["number", "x"]] * 6
    assert rows["messages"][0].to_list() == ["fails number", "fails x"]
    assert filled.rows(status="superseded").height == 0
    assert filled.rows("erp.other", status=None)["business_key"].to_list() == ["k3"]


def test_pages_go_from_one_dataset_to_the_next(filled: Quarantine) -> None:
    page = filled.rows(limit=10)
    rest = filled.rows(limit=10, after=page.select("dataset", "row_id").row(-1))
    assert rest.select("dataset", "record").rows() == [
        ("crm.tiny", 11),
        ("crm.tiny", 12),
        ("erp.other", 3),
    ]
    assert filled.rows("erp.other", after=("crm.tiny", row_id(sha("e1"), 5))).height == 1
    assert filled.rows("crm.tiny", after=("erp.other", row_id(sha("e9"), 3))).height == 0
    assert filled.rows(after=("crm.tiny", "never-1")).height == 0


def test_checks_that_only_warn_of_a_held_row_are_told_too(
    quarantine: Quarantine, tmp_path: Path
) -> None:
    one = batch(tmp_path, "r1", held=[(1, "a", "x"), (2, "b", "y")])
    (file,) = one.held
    is_warning = pl.element().struct.field("check") == "y"
    severity = pl.when(is_warning).then(pl.lit("warn")).otherwise(pl.lit("error"))
    softer = pl.element().struct.with_fields(severity=severity)
    held = pl.read_parquet(file, glob=False)
    held.with_columns(pl.col("findings").list.eval(softer)).write_parquet(file)
    quarantine.feed(one)
    assert quarantine.summary().select("check", "severity", "rows").rows() == [
        ("number", "error", 2),
        ("x", "error", 1),
        ("y", "warn", 1),
    ]
    for check, records in {"number": [1, 2], "x": [1], "y": [2], "value.y": []}.items():
        assert quarantine.rows(check=check)["record"].to_list() == records
    assert quarantine.rows()["checks"].to_list() == [["number", "x"], ["number", "y"]]


def test_a_block_of_questions_keeps_the_file_and_lets_it_go_to_write(
    state: StateFolder, quarantine: Quarantine, tmp_path: Path
) -> None:
    hasty = Quarantine(state, patience=0.2)
    with quarantine.reading():
        assert quarantine.rows().height == 0
        with pytest.raises(StateError, match="in use by another program"):
            hasty.feed(batch(tmp_path, "r1", held=[(1, "a", "x")]))
        assert quarantine.feed(batch(tmp_path, "r1", held=[(1, "a", "x")]))
        assert quarantine.rows().height == 1
    assert hasty.feed(batch(tmp_path, "r2", extract="e2", held=[(1, "b", "y")]))


def test_rows_are_found_by_business_key(filled: Quarantine) -> None:
    assert sorted(filled.find("k3")["dataset"]) == ["crm.tiny", "erp.other"]
    assert filled.find("k3", "erp.other")["record"].to_list() == [3]
    assert filled.find("K3").height == 0


def test_refused_records_are_listed(filled: Quarantine) -> None:
    assert filled.refused("crm.tiny")["record"].to_list() == [20, 21]
    assert filled.refused(limit=1).height == 1


def test_an_export_has_a_line_per_finding_and_per_refused_record(filled: Quarantine) -> None:
    export = filled.export("crm.tiny")
    is_refused = pl.col("check").str.starts_with("refused:")
    assert export.filter(is_refused).height == 2
    assert export.filter(~is_refused).height == 24
    assert filled.export(check="q")["row_id"].to_list() == [row_id(sha("e9"), 3)]
    assert export["raw"][0] == '{"content": "x"}'
    assert not [name for name, dtype in export.schema.items() if dtype.is_nested()]


def test_row_ids_tell_what_a_run_kept_back(filled: Quarantine) -> None:
    ids = filled.row_ids("r1")
    assert ids["home"].value_counts().sort("home").rows() == [("held", 12), ("refused", 2)]
    assert ids.filter(home="refused")["row_id"].to_list() == [
        row_id(sha("e1"), record) for record in (20, 21)
    ]


def test_a_question_is_never_part_of_the_statement(filled: Quarantine) -> None:
    assert filled.rows("x' or 1=1 --").height == 0
    assert filled.find("' or true --").height == 0


def test_rebuilding_gives_the_same(quarantine: Quarantine, tmp_path: Path) -> None:
    batches = [
        batch(tmp_path, "r1", held=[(1, "a", "x"), (2, "b", "y")], refused=[3]),
        batch(tmp_path, "r2", extract="e2", day=2, held=[(1, "b", "y")], clean=[(2, "a")]),
    ]
    for item in batches:
        quarantine.feed(item)
    before = picture(quarantine)
    assert quarantine.rebuild(batches) == 2
    assert picture(quarantine) == before


def test_a_damaged_file_is_said_and_can_be_made_again(
    state: StateFolder, quarantine: Quarantine, tmp_path: Path
) -> None:
    one = batch(tmp_path, "r1", held=[(1, "a", "x")])
    quarantine.feed(one)
    before = picture(quarantine)
    state.quarantine.write_bytes(b"this is no database" * 1000)
    with pytest.raises(StateError, match="quarantine database refused") as caught:
        quarantine.counts()
    assert str(state.quarantine) in str(caught.value)
    quarantine.rebuild([one])
    assert picture(quarantine) == before


def test_what_a_killed_writer_left_is_not_replayed_into_a_rebuilt_file(
    state: StateFolder, quarantine: Quarantine, tmp_path: Path
) -> None:
    one = batch(tmp_path, "r1", held=[(1, "a", "x")])
    quarantine.feed(one)
    before = picture(quarantine)
    program = (
        f"import duckdb, os; c = duckdb.connect({str(state.quarantine)!r}); "
        "c.execute('delete from held'); os._exit(0)"
    )
    subprocess.run([sys.executable, "-c", program], check=True)
    log = state.quarantine.with_name("quarantine.duckdb.wal")
    assert log.exists()
    quarantine.rebuild([one])
    assert not log.exists()
    assert picture(quarantine) == before


def test_a_file_without_tables_is_completed(state: StateFolder, quarantine: Quarantine) -> None:
    subprocess.run(
        [sys.executable, "-c", f"import duckdb; duckdb.connect({str(state.quarantine)!r}).close()"],
        check=True,
    )
    assert quarantine.counts()["held"] == 0


@contextmanager
def another_program(state: StateFolder, *, read_only: bool) -> Iterator[None]:
    """A DuckDB shell that has the file open and knows nothing of our lock."""
    program = (
        f"import duckdb; c = duckdb.connect({str(state.quarantine)!r}, read_only={read_only}); "
        "print('open', flush=True); input(); c.close()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "open\n"
        yield
        process.communicate("\n")


def test_other_programs_are_waited_for_and_then_named(
    state: StateFolder, filled: Quarantine, tmp_path: Path
) -> None:
    impatient = Quarantine(state, patience=0.1)
    new = batch(tmp_path, "r3", extract="e3", held=[(1, "a", "x")])
    with another_program(state, read_only=True):
        assert impatient.counts()["batches"] == 2
        with pytest.raises(StateError, match="in use by another program"):
            impatient.feed(new)
    with (
        another_program(state, read_only=False),
        pytest.raises(StateError, match="in use by another program"),
    ):
        impatient.counts()
    assert filled.feed(new)


def test_readers_wait_for_writers(state: StateFolder, filled: Quarantine) -> None:
    impatient = Quarantine(state, patience=0.05)
    with file_lock(state.quarantine_lock, timeout=0), pytest.raises(StateError, match="in use"):
        impatient.summary()
    with file_lock(state.quarantine_lock, shared=True, timeout=0):
        assert isinstance(impatient.summary(), pl.DataFrame)


@pytest.mark.parametrize(
    "statement",
    [
        "select * from read_csv('/etc/hostname')",
        "copy held to '/tmp/stolen.csv'",
        "attach '/tmp/other.duckdb'",
        "set enable_external_access = true",
        "delete from held",
    ],
)
def test_reading_connections_reach_nothing_else(filled: Quarantine, statement: str) -> None:
    with pytest.raises(StateError, match="refused"):
        filled._ask(statement)
