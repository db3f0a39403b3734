"""cleanhold.read, cleanhold.snapshots and Workspace: what models see."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import polars as pl
import pytest

import cleanhold
from cleanhold import Workspace
from cleanhold.errors import (
    DamagedFile,
    NeverPublished,
    UnknownDataset,
    UsageError,
    WorkspaceError,
)


def test_read_gives_a_lazy_frame_of_the_contract_s_columns(reference: Path) -> None:
    frame = cleanhold.read("crm.contacts", workspace=reference)
    assert isinstance(frame, pl.LazyFrame)
    contract = Workspace.find(reference).catalogue.contract("crm.contacts")
    assert frame.collect_schema().names() == [column.name for column in contract.columns]
    assert frame.select(pl.len()).collect().item() == 1057


def test_to_pandas_needs_no_extra_step(reference: Path) -> None:
    table = cleanhold.read("features.customer_churn", workspace=reference).collect().to_pandas()
    assert len(table) == 1057


def test_read_a_version_some_columns_and_where_rows_came_from(reference: Path) -> None:
    first = cleanhold.read("crm.contacts", snapshot=1, workspace=reference)
    assert first.select(pl.len()).collect().item() == 865
    two = cleanhold.read("crm.contacts", columns=["country", "contact_id"], workspace=reference)
    assert two.collect_schema().names() == ["country", "contact_id"]
    traced = cleanhold.read(
        "crm.contacts", columns=["country", "record"], provenance=True, workspace=reference
    )
    assert traced.collect_schema().names() == ["row_id", "record", "country"]
    everything = cleanhold.read("crm.contacts", provenance=True, workspace=reference)
    assert everything.collect_schema().names()[:2] == ["row_id", "record"]
    none = cleanhold.read("crm.contacts", columns=[], workspace=reference)
    assert none.collect_schema().names() == []


def test_read_finds_the_workspace_above(reference: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(reference / "contracts")
    assert cleanhold.read("crm.contacts").select(pl.len()).collect().item() == 1057
    assert len(cleanhold.snapshots("crm.contacts")) == 2


def test_candidates_are_read_by_name_only(small: Any) -> None:
    small.contract(tolerance="1%").deliver("02", "a,1,")
    small.run()
    # The newest of the channel, whether it was stopped or not.
    assert small.ids(channel="candidate") == {"a": 1}
    small.deliver("03", "b,1,", "c,-1,")
    small.run()
    assert small.ids() == {"a": 1}
    assert small.ids(channel="candidate") == {"a": 1, "b": 1}
    assert small.ids(channel="candidate", snapshot=1) == {"a": 1}
    with pytest.raises(NeverPublished, match="channel='candidate'"):
        small.read(snapshot=2)


@pytest.mark.parametrize(
    ("dataset", "options", "error", "says"),
    [
        ("crm.contact", {}, UnknownDataset, "did you mean 'crm.contacts'?"),
        ("zzz", {}, UnknownDataset, "use one of crm.contacts"),
        ("", {}, UnknownDataset, "use one of"),
        ("../../etc", {}, UnknownDataset, "use one of"),
        ("crm.contacts", {"snapshot": 9}, NeverPublished, "there are 2 (production)"),
        ("crm.contacts", {"snapshot": 0}, NeverPublished, "has no snapshot 0"),
        ("crm.contacts", {"channel": "pilot"}, NeverPublished, "there are 2 (production)"),
        ("crm.contacts", {"channel": "test"}, UsageError, "candidate or pilot or production"),
        ("crm.contacts", {"columns": ["emial"]}, UsageError, "no column 'emial'"),
        ("crm.contacts", {"columns": ["row_id"]}, UsageError, "provenance=True"),
        ("crm.contacts", {"columns": "email"}, UsageError, "columns=['email']"),
    ],
)
def test_what_cannot_be_read_says_what_can(
    reference: Path, dataset: str, options: dict[str, Any], error: type, says: str
) -> None:
    with pytest.raises(error) as raised:
        cleanhold.read(dataset, workspace=reference, **options)
    assert says in str(raised.value)


def test_never_published(small: Any) -> None:
    small.contract()
    with pytest.raises(NeverPublished, match="run `cleanhold run`"):
        small.read()
    assert cleanhold.snapshots("shop.orders", workspace=small.root) == []
    assert not (small.root / ".cleanhold").exists(), "reading makes nothing"
    with pytest.raises(UnknownDataset):
        cleanhold.snapshots("shop.nothing", workspace=small.root)


def test_reading_needs_no_contract_that_loads(small: Any) -> None:
    small.contract().deliver("02", "a,1,")
    small.run()
    small.write("contracts/shop_orders.py", "syntax error here")
    assert small.ids() == {"a": 1}
    assert len(cleanhold.snapshots("shop.orders", workspace=small.root)) == 1
    with pytest.raises(UnknownDataset):
        small.read("shop.nothing")


@pytest.mark.parametrize("what", ["data-*", "held-*", "manifest"])
def test_a_damaged_file_is_refused(ran: Path, what: str) -> None:
    state = ran / ".cleanhold"
    if what == "manifest":
        snapshot = cleanhold.snapshots("crm.contacts", workspace=ran)[-1]
        file = state / "manifests" / f"{snapshot.manifest}.json"
    else:
        newest = cleanhold.snapshots("crm.contacts", workspace=ran)[-1]
        with Workspace.find(ran).open() as stores:
            names = [f.name for f in stores.manifest(newest).files]
        name = next(n for n in names if n.startswith(what.rstrip("*")))
        file = state / "snapshots" / "crm.contacts" / name
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 1
    file.chmod(0o644)
    file.write_bytes(content)
    with pytest.raises(DamagedFile, match=file.name):
        cleanhold.read("crm.contacts", workspace=ran)
    file.unlink()
    with pytest.raises(DamagedFile, match="missing"):
        cleanhold.read("crm.contacts", workspace=ran)


def test_versions_tell_counts_contract_and_inputs(reference: Path) -> None:
    first, second = cleanhold.snapshots("crm.opportunities", workspace=reference)
    assert (first.number, second.number) == (1, 2)
    assert second.rows == 1597
    assert second.account.records == 466
    assert second.contract_version == "1.0.0"
    assert [(str(i.kind), i.name, i.number) for i in second.inputs] == [
        ("extract", "opportunities_2026-11-03.csv", None),
        ("snapshot", "crm.contacts", 2),
    ]


def test_no_workspace(tmp_path: Path) -> None:
    with pytest.raises(WorkspaceError, match="cleanhold init DIR"):
        cleanhold.read("x", workspace=tmp_path)
    with pytest.raises(WorkspaceError, match="there is no folder"):
        cleanhold.read("x", workspace=tmp_path / "typo")


def test_state_elsewhere(small: Any, tmp_path: Path) -> None:
    small.write("pyproject.toml", f'[tool.cleanhold]\nstate = "{tmp_path / "else where"}"\n')
    small.contract().deliver("02", "a,1,")
    small.run()
    assert small.ids() == {"a": 1}
    assert not (small.root / ".cleanhold").exists()
    shutil.rmtree(tmp_path / "else where")
    with pytest.raises(NeverPublished):
        small.read()
