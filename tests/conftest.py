"""Workspaces to try things on: the reference workspace, run once, and small ones."""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from cleanhold import Workspace
from cleanhold.cli.main import main
from cleanhold.core.snapshot import Role, Snapshot
from cleanhold.pipeline.publish import Outcome
from cleanhold.pipeline.stores import Stores
from cleanhold.store.ledger import Ledger
from cleanhold.store.snapshots import data_paths

from .postgres import postgres_server  # noqa: F401 - a fixture

ROOT = Path(__file__).parents[1]
SAMPLES = ROOT / "data" / "samples"
_PARTS = ("contracts", "checks", "flows", "lineage", "data")
#: Folders whose tests all count as slow: whole stories, generated cases, faults.
_SLOW = tuple(ROOT / "tests" / name for name in ("end_to_end", "property", "faults"))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """`make test` is for each change; what these folders try takes longer than that."""
    for item in items:
        if any(folder in item.path.parents for folder in _SLOW):
            item.add_marker(pytest.mark.slow)


def copy_reference(target: Path) -> Path:
    """The reference workspace without its state."""
    ignored = shutil.ignore_patterns("__pycache__", "generator", "generate.py")
    for part in _PARTS:
        shutil.copytree(ROOT / part, target / part, ignore=ignored)
    (target / "pyproject.toml").write_text('[tool.cleanhold]\nname = "reference"\n')
    return target


@pytest.fixture(scope="session")
def reference(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The reference workspace after a run over both days. Only for reading."""
    root = copy_reference(tmp_path_factory.mktemp("reference"))
    for _ in Workspace.find(root).run():
        pass
    return root


@pytest.fixture
def ran(reference: Path, tmp_path: Path) -> Path:
    """The reference workspace after a run; a copy to do anything with."""
    return Path(shutil.copytree(reference, tmp_path / "ran"))


@pytest.fixture
def fresh(tmp_path: Path) -> Path:
    """The reference workspace before its first run."""
    return copy_reference(tmp_path / "fresh")


@contextmanager
def long_ago() -> Iterator[None]:
    """What lands meanwhile landed a year ago."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Ledger, "now", lambda _: datetime.now(UTC) - timedelta(days=365))
        yield


CONTRACT = """
import pandera.polars as pa
from cleanhold import Expr, check, col, contract, field


@contract("{dataset}", version="{version}", owner="owner@example.org", key="id",
          load="{load}", tolerance={tolerance!r}{terms})
class Contract(pa.DataFrameModel):
    id: str = field(matches=r"[a-z0-9]+", unique=True)
    amount: int = field(nullable=True, ge=0)
    note: str = field(nullable=True, pii="direct")
    {more}
"""

SOURCES = """
from cleanhold import Source, delimited

sources = [
    Source(name=name, arrives="in", pattern=name.split(".")[1] + "_*.csv",
           dated=r"_([0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}})", reader=delimited())
    for name in {names!r}
]
"""

HEADER = "id,amount,note"


@dataclass(frozen=True)
class Small:
    """A small workspace: datasets of the columns id, amount, note; deliveries in `in/`."""

    root: Path

    def contract(
        self,
        dataset: str = "shop.orders",
        *,
        load: str = "upsert",
        version: str = "1.0.0",
        tolerance: str | None = None,
        more: str = "",
        **terms: Any,
    ) -> Small:
        text = CONTRACT.format(
            dataset=dataset,
            load=load,
            version=version,
            tolerance=tolerance,
            more=more,
            terms="".join(f", {name}={value!r}" for name, value in terms.items()),
        )
        self.write(f"contracts/{dataset.replace('.', '_')}.py", text)
        names = [
            path.stem.replace("_", ".", 1)
            for path in sorted((self.root / "contracts").glob("*.py"))
        ]
        fed = [name for name in names if not name.startswith("features")]
        self.write("flows/sources.py", SOURCES.format(names=fed))
        return self

    def write(self, name: str, content: str | bytes) -> Path:
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    def deliver(self, day: str, *rows: str, what: str = "orders", header: str = HEADER) -> Path:
        """A delivery of that day of November 2026."""
        text = "".join(f"{line}\n" for line in (header, *rows))
        return self.write(f"in/{what}_2026-11-{day}.csv", text)

    def run(self, *names: str) -> list[Outcome]:
        return list(Workspace.find(self.root).run(names))

    def states(self, *names: str) -> list[str]:
        return [str(outcome.state) for outcome in self.run(*names)]

    def read(self, dataset: str = "shop.orders", **options: Any) -> pl.DataFrame:
        return Workspace.find(self.root).read(dataset, **options).collect()

    def ids(self, dataset: str = "shop.orders", **options: Any) -> dict[str, int | None]:
        """id → amount, as readers get them."""
        return dict(self.read(dataset, **options).select("id", "amount").iter_rows())


def new_workspace(root: Path) -> Small:
    """A small workspace, empty."""
    (root / "in").mkdir(parents=True)
    found = Small(root)
    found.write("pyproject.toml", '[tool.cleanhold]\nname = "small"\n')
    return found


@pytest.fixture(scope="session")
def new_small() -> Callable[[Path], Small]:
    """Makes a small workspace at a path; opens the one that is there already."""
    return lambda root: Small(root) if root.exists() else new_workspace(root)


@pytest.fixture
def small(tmp_path: Path) -> Small:
    return new_workspace(tmp_path / "small")


@pytest.fixture
def small_in() -> Iterator[Callable[[], Small]]:
    """Makes as many small workspaces as wanted, for property tests."""
    with tempfile.TemporaryDirectory() as folder:
        yield lambda: new_workspace(Path(tempfile.mkdtemp(dir=folder)) / "small")


@dataclass(frozen=True)
class Said:
    """What a command came to."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


@pytest.fixture
def cleanhold(capfd: pytest.CaptureFixture[str]) -> Callable[..., Said]:
    """Runs the command line in this process."""

    def run(*arguments: str | Path) -> Said:
        capfd.readouterr()
        with pytest.raises(SystemExit) as ended:
            main([str(argument) for argument in arguments])
        out, err = capfd.readouterr()
        assert isinstance(ended.value.code, int)
        assert "Traceback" not in out + err, err
        return Said(ended.value.code, out, err)

    return run


def homes(stores: Stores, snapshot: Snapshot, prefix: str) -> dict[str, list[int]]:
    """Where the records of an extract ended, read back from the snapshot's files."""
    manifest = stores.manifest(snapshot)
    found = {}
    for role in (Role.DATA, Role.HELD, Role.REFUSED, Role.SUPERSEDED):
        frames = [
            pl.read_parquet(path).filter(pl.col("row_id").str.starts_with(f"{prefix}-"))
            for path in data_paths(stores.state, manifest, role)
        ]
        rows = [row for frame in frames for row in frame["row_id"].to_list()]
        found[str(role)] = [int(row.partition("-")[2]) for row in rows]
    return found


@pytest.fixture
def conserved() -> Callable[[Path], int]:
    """Asserts, for every snapshot of a workspace, that each record ended in exactly one place."""

    def check(root: Path) -> int:
        count = 0
        with Workspace.find(root).open() as stores:
            for snapshot in stores.ledger.snapshots():
                read = [i.sha256 for i in snapshot.inputs if str(i.kind) == "extract"]
                prefix = (read[0] if read else snapshot.run)[:16]
                ended = homes(stores, snapshot, prefix)
                numbers = [n for role in ended.values() for n in role]
                account = snapshot.account
                assert sorted(numbers) == list(range(1, account.records + 1))
                assert len(ended["data"]) == account.clean
                assert len(ended["held"]) == account.held
                assert len(ended["refused"]) == account.refused
                assert len(ended["superseded"]) == account.superseded
                count += 1
        return count

    return check
