"""Landing, killed at every named point and repeated: the same state, and nothing half-done."""

from __future__ import annotations

import gzip
import io
import os
import signal
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import pytest

from cleanhold.deliveries.local import local_file
from cleanhold.errors import DeliveryError
from cleanhold.store.crashpoints import MORE_LANDING_POINTS, VARIABLE
from cleanhold.store.landing import land
from cleanhold.store.layout import StateFolder
from cleanhold.store.ledger import Ledger
from cleanhold.store.recovery import recover

POINTS = ("extract-copied", "extract-renamed", *MORE_LANDING_POINTS, "draft-written")
PROGRAM = """
import sys
from pathlib import Path
sys.path.insert(0, sys.argv[3])
from test_landing_crash import take
take(Path(sys.argv[1]), Path(sys.argv[2]))
"""


def take(root: Path, inbox: Path) -> None:
    """What a run does with these deliveries, up to their landing."""
    state = StateFolder(root).create()
    with Ledger(state.ledger) as ledger:
        recover(state, ledger)
        for file in sorted(inbox.iterdir()):
            try:
                land(local_file(file, inbox), state, ledger, source="crm")
            except DeliveryError:
                continue


def contents(root: Path) -> Any:
    state = StateFolder(root)
    files = {
        str(path.relative_to(root)): path.read_bytes()
        for folder in (state.extracts, state.deliveries, state.aside)
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.suffix != ".json"
    }
    reasons = sorted(path.name for path in state.aside.glob("*.json"))
    with Ledger(state.ledger) as ledger:
        extracts = [(e.sha256, e.name, e.size) for e in ledger.extracts()]
        aside = [(seen.place, seen.problem) for seen in ledger.aside()]
        receipts = sorted(map(str, ledger.receipts("crm")))
    return files, reasons, sorted(extracts), aside, receipts


@pytest.fixture(scope="module")
def inbox(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("inbox")
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("one.csv", "a,1\n")
        archive.writestr("two.csv", "b,2\n")
    (folder / "a.zip").write_bytes(packed.getvalue())
    (folder / "b.csv.gz").write_bytes(gzip.compress(b"c,3\n")[:-1])
    (folder / "c.csv").write_bytes(b"d,4\n")
    return folder


@pytest.mark.slow
@pytest.mark.parametrize("point", POINTS)
def test_killed_at(point: str, inbox: Path, tmp_path: Path) -> None:
    killed = subprocess.run(
        [sys.executable, "-c", PROGRAM, tmp_path / "killed", inbox, Path(__file__).parent],
        env={**os.environ, VARIABLE: point},
        capture_output=True,
        check=False,
    )
    assert killed.returncode == -signal.SIGKILL, killed.stderr.decode()
    with Ledger(StateFolder(tmp_path / "killed").ledger) as ledger:
        for extract in ledger.extracts():  # whatever a receipt says is there, is there
            assert extract.path.stat().st_size == extract.size
    take(tmp_path / "killed", inbox)
    take(tmp_path / "whole", inbox)
    whole = contents(tmp_path / "whole")
    assert contents(tmp_path / "killed") == whole
    assert len(whole[2]) == 3
