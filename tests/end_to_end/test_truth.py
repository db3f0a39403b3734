"""The reference workspace against the truth its samples were made with."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import polars as pl
import pytest

from cleanhold import Workspace, check_file, delimited, load_contract
from cleanhold.core.run import RunState
from cleanhold.core.snapshot import Role
from cleanhold.errors import DeliveryError
from cleanhold.pipeline.stores import Stores
from cleanhold.store.snapshots import data_paths

SAMPLES = Path(__file__).parents[2] / "data" / "samples"
Finding = tuple[str, int, str, str, str]  # file, record, outcome, check, column


def rows_of(name: str) -> list[dict[str, str]]:
    with (SAMPLES / name).open(encoding="utf-8", newline="") as handle:
        return list(csv.DictReader(handle))


TRUTH = {
    (row["file"], int(row["record"]), row["outcome"], row["check"], row["column"])
    for row in rows_of("truth.csv")
}
ACCOUNTS = rows_of("accounts.csv")
BAD = rows_of("bad/expected.csv")


@pytest.fixture(scope="module")
def stores(reference: Path) -> Iterator[Stores]:
    with Workspace.find(reference).open() as opened:
        yield opened


def file_of(stores: Stores, run_inputs: Any) -> str:
    extract = next(i for i in run_inputs if str(i.kind) == "extract")
    return f"{'legacy' if extract.name.startswith('policies') else 'crm'}/{extract.name}"


def found_in_files(stores: Stores) -> Iterator[Finding]:
    """From the snapshots' files: what the record says."""
    for snapshot in stores.ledger.snapshots():
        if snapshot.dataset.startswith("features."):
            continue
        name, manifest = file_of(stores, snapshot.inputs), stores.manifest(snapshot)
        for role in (Role.HELD, Role.WARNED):
            for path in data_paths(stores.state, manifest, role):
                for row in pl.read_parquet(path).to_dicts():
                    for f in row["findings"]:
                        outcome = "held" if f["severity"] == "error" else "warned"
                        yield name, row["record"], outcome, f["check"], f["column"] or ""
        for path in data_paths(stores.state, manifest, Role.REFUSED):
            for row in pl.read_parquet(path).to_dicts():
                yield name, row["record"], "refused", row["code"], ""


def test_every_finding_in_the_files_is_true_and_none_is_missing(stores: Stores) -> None:
    found = list(found_in_files(stores))
    assert len(found) == len(set(found))
    assert set(found) == TRUTH


def test_the_quarantine_database_says_the_same(reference: Path) -> None:
    path = str(reference / ".cleanhold" / "quarantine.duckdb")
    with duckdb.connect(path, read_only=True) as connection:
        findings = connection.execute(
            """select coalesce(h.extract_name, e.extract_name), coalesce(h.record,
                      cast(split_part(f.row_id, '-', 2) as ubigint)),
                      if(f.severity = 'error', 'held', 'warned'), f."check",
                      coalesce(f."column", '')
               from findings f left join held h using (dataset, row_id)
               left join (select distinct extract[:16] as prefix, extract_name from held) e
               on e.prefix = f.row_id[:16]"""
        ).fetchall()
        refused = connection.execute(
            "select extract_name, record, 'refused', code, '' from refused"
        ).fetchall()
    truth = {(file.partition("/")[2], *rest) for file, *rest in TRUTH}
    assert {tuple(row) for row in findings + refused} == truth


@pytest.mark.parametrize("expected", ACCOUNTS, ids=lambda row: Path(row["file"]).stem)
def test_accounts_are_as_announced(
    stores: Stores, reference: Path, expected: dict[str, str]
) -> None:
    runs = [r for r in stores.ledger.runs(expected["dataset"]) if r.state is RunState.PUBLISHED]
    run = next(r for r in runs if file_of(stores, r.inputs) == expected["file"])
    snapshot = stores.ledger.snapshot(run.dataset, run.snapshot)
    assert snapshot is not None
    assert run.account is not None
    for name in ("records", "clean", "held", "refused", "warned"):
        assert getattr(run.account, name) == int(expected[name]), name
    assert stores.table(snapshot).select(pl.len()).collect().item() == int(expected["published"])
    prefix = run.inputs[0].sha256[:16]
    delivered = stores.table(snapshot).filter(pl.col("row_id").str.starts_with(prefix)).collect()
    clean = delivered[stores.contracts[run.dataset].key[0]].to_list()
    with duckdb.connect(str(stores.state.quarantine), read_only=True) as connection:
        settled = connection.execute(
            """select count(*) from held where dataset = $dataset and status = 'superseded'
               and extract <> $extract and superseded_by = $run
               and list_contains($clean, business_key)""",
            {
                "dataset": run.dataset,
                "extract": run.inputs[0].sha256,
                "run": run.id,
                "clean": clean,
            },
        ).fetchone()
    assert settled == (int(expected["held_superseded"]),)


def test_the_feature_table_has_a_row_for_each_contact(reference: Path) -> None:
    workspace = Workspace.find(reference)
    churn = workspace.read("features.customer_churn").collect()
    contacts = workspace.read("crm.contacts").collect()
    assert set(churn["contact_id"]) == set(contacts["contact_id"])
    assert churn["contact_id"].is_unique().all()
    sales = workspace.read("crm.opportunities").collect()
    won = sales.filter(pl.col("stage") == "Closed Won")
    assert churn["won_opportunities"].sum() == won.height
    # As of the newest delivery, not of today.
    first = contacts.select(days=(pl.date(2026, 11, 3) - pl.col("created_date")).dt.total_days())
    assert churn["tenure_days"].max() == first["days"].max()


@pytest.mark.parametrize("expected", BAD, ids=lambda row: row["file"])
def test_hostile_files_end_as_announced(
    expected: dict[str, str], reference: Path, tmp_path: Path
) -> None:
    contract = load_contract(str(reference / "contracts" / "crm_contacts.py"))
    file = SAMPLES / "bad" / expected["file"]
    if expected["outcome"] == "delivery_error":
        with pytest.raises(DeliveryError):
            check_file(file, contract, delimited(), out=tmp_path)
        assert not list(tmp_path.iterdir())
        return
    report = check_file(file, contract, delimited(), out=tmp_path)
    if expected["outcome"] == "missing_columns":
        assert report.account.clean == 0
        assert {c.column for c in report.checks if c.check == "present" and c.failed} == {
            column.name for column in contract.columns
        }
        header = file.read_text().splitlines()[0]
        assert any(header in note for note in report.notes)
        return
    counts = {name: int(expected[name]) for name in ("records", "clean", "held", "refused")}
    assert {n: getattr(report.account, n) for n in counts} == counts
    refused = pl.read_parquet(report.files["refused"])
    codes = [f"{row['record']}:{row['code']}" for row in refused.to_dicts()]
    assert " ".join(codes) == expected["codes"]
    held = pl.read_parquet(report.files["held"])
    if expected["file"] == "formula.csv":
        (row,) = held.to_dicts()
        assert row["record"] == 3
        assert [(f["check"], f["column"]) for f in row["findings"]] == [("str_matches", "email")]
        assert row["E-mail"].startswith("=")
