from __future__ import annotations

import hashlib
import os
from datetime import date
from pathlib import Path

import pytest

from cleanhold.deliveries import local
from cleanhold.deliveries.local import local_file
from cleanhold.errors import DeliveryError
from cleanhold.store.landing import land
from cleanhold.store.layout import StateFolder
from cleanhold.store.ledger import Ledger


@pytest.fixture
def delivery(tmp_path: Path) -> Path:
    file = tmp_path / "inbox" / "contacts 2026-01-05 [final]*.csv"
    file.parent.mkdir()
    file.write_bytes(b"a,1\nb,2\n")
    return file


def test_the_bytes_are_copied_and_never_change(
    delivery: Path, state: StateFolder, ledger: Ledger
) -> None:
    (extract,) = land(
        local_file(delivery), state, ledger, source="crm", dated=lambda _: date(2026, 1, 5)
    )
    assert extract.sha256 == hashlib.sha256(b"a,1\nb,2\n").hexdigest()
    assert (extract.name, extract.size, extract.source) == (delivery.name, 8, "crm")
    assert extract.dated == date(2026, 1, 5)
    delivery.write_bytes(b"overwritten by the source")
    assert extract.path == state.extract(extract.sha256)
    assert extract.path.read_bytes() == b"a,1\nb,2\n"
    assert extract.path.stat().st_mode & 0o777 == 0o444
    assert extract.path.stat().st_nlink == 1
    assert ledger.extracts() == [extract]


def test_the_same_bytes_are_one_extract(delivery: Path, state: StateFolder, ledger: Ledger) -> None:
    (first,) = land(local_file(delivery), state, ledger, source="crm")
    inode = first.path.stat().st_ino
    copy = delivery.with_name("again.csv")
    copy.write_bytes(delivery.read_bytes())
    (again,) = land(local_file(copy), state, ledger, source="crm")
    assert (again.sha256, again.path, again.name) == (first.sha256, first.path, "again.csv")
    assert first.path.stat().st_ino == inode
    assert land(local_file(copy), state, ledger, source="erp")[0].source == "erp"
    assert [path for path in state.extracts.rglob("*") if path.is_file()] == [first.path]


def test_an_interrupted_landing_is_finished_by_the_next(
    delivery: Path, state: StateFolder, ledger: Ledger
) -> None:
    (first,) = land(local_file(delivery), state, ledger, source="crm")
    with Ledger(state.root / "other.db") as fresh:
        assert land(local_file(delivery), state, fresh, source="crm")[0].sha256 == first.sha256
        assert len(fresh.extracts()) == 1


def test_a_truncated_copy_is_replaced_by_the_true_bytes(
    delivery: Path, state: StateFolder, ledger: Ledger
) -> None:
    (extract,) = land(local_file(delivery), state, ledger, source="crm")
    extract.path.chmod(0o644)
    extract.path.write_bytes(b"a,1")
    land(local_file(delivery), state, ledger, source="crm")
    assert extract.path.read_bytes() == delivery.read_bytes()


def test_an_empty_file_is_an_extract(tmp_path: Path, state: StateFolder, ledger: Ledger) -> None:
    (tmp_path / "empty").touch()
    assert land(local_file(tmp_path / "empty"), state, ledger, source="crm")[0].size == 0


def test_progress_adds_up(
    delivery: Path, state: StateFolder, ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(local, "BLOCK", 3)
    seen: list[int] = []
    land(local_file(delivery), state, ledger, source="crm", progress=seen.append)
    assert seen == [3, 3, 2]


@pytest.mark.parametrize("change", ["grow", "rewrite", "truncate"])
def test_a_file_that_changes_while_it_is_copied_is_refused(
    delivery: Path,
    state: StateFolder,
    ledger: Ledger,
    monkeypatch: pytest.MonkeyPatch,
    change: str,
) -> None:
    monkeypatch.setattr(local, "BLOCK", 3)

    def interfere(_: int) -> None:
        if change == "grow":
            with delivery.open("ab") as handle:
                handle.write(b"c,3\n") if delivery.stat().st_size < 20 else None
        elif change == "rewrite":
            delivery.write_bytes(b"x,9\ny,8\n")
            os.utime(delivery, ns=(1, 1))
        else:
            os.truncate(delivery, 3)

    with pytest.raises(DeliveryError, match="changed while"):
        land(local_file(delivery), state, ledger, source="crm", progress=interfere)
    assert ledger.extracts() == []
    assert list(state.extracts.iterdir()) == []


def _link(path: Path) -> None:
    path.symlink_to("/etc/hostname")


def _dangling(path: Path) -> None:
    path.symlink_to("nowhere")


@pytest.mark.parametrize(
    ("make", "says"),
    [
        (_link, "is a symbolic link"),
        (_dangling, "is a symbolic link"),
        (os.mkfifo, "is not a regular file"),
        (Path.mkdir, "is not a regular file"),
        (lambda path: None, "cannot be opened"),
    ],
    ids=["link", "dangling", "pipe", "folder", "missing"],
)
def test_only_plain_files_are_landed(
    tmp_path: Path, state: StateFolder, ledger: Ledger, make: object, says: str
) -> None:
    path = tmp_path / "odd"
    make(path)  # type: ignore[operator]
    with pytest.raises(DeliveryError, match=says) as caught:
        land(local_file(path), state, ledger, source="crm")
    assert str(path) in str(caught.value)
    assert caught.value.next
    assert ledger.extracts() == []
