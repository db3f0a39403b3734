from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import fsspec
import pytest

from cleanhold.core.arrival import Delivery
from cleanhold.deliveries.finished import Finished
from cleanhold.deliveries.remote import Remote, without_secrets
from cleanhold.errors import DeliveryError, SourceError

HOSTILE = ["*.csv", "[ab].csv", "..csv", "line\nbreak.csv", "a?b.csv", "-x.csv", "{a}.csv"]


@pytest.fixture
def store() -> Iterator[Any]:
    memory = fsspec.filesystem("memory")
    memory.pipe("/bucket/in/a.csv", b"a")
    memory.pipe("/bucket/in/b.csv", b"b")
    memory.pipe("/bucket/in/c.csv.part", b"c")
    memory.pipe("/bucket/in/deeper/d.csv", b"d")
    yield memory
    memory.rm("/bucket", recursive=True)


def waiting(url: str, **finished: Any) -> list[Delivery]:
    return list(Remote(url, Finished(**finished)).waiting(Path(), lambda: iter(())))


def fetched(delivery: Delivery) -> bytes:
    copy, told = io.BytesIO(), []
    delivery.fetch(copy, told.append)
    assert sum(told) == len(copy.getvalue())
    return copy.getvalue()


@pytest.mark.parametrize(
    ("url", "names"),
    [
        ("memory://bucket/in/*.csv", ["a.csv", "b.csv"]),
        ("memory://bucket/in", ["a.csv", "b.csv"]),
        ("memory://bucket/in/", ["a.csv", "b.csv"]),
        ("memory://bucket/in/b.csv", ["b.csv"]),
        ("memory://bucket/in/none*.csv", []),
    ],
)
def test_a_file_a_folder_a_pattern(store: Any, url: str, names: list[str]) -> None:
    found = waiting(url)
    assert [delivery.name for delivery in found] == names
    assert [fetched(delivery) for delivery in found] == [name[0].encode() for name in names]
    assert [d.where for d in found] == [f"memory://bucket/in/{name}" for name in names]
    assert all(delivery.arrived_at and delivery.stamp for delivery in found)


def test_names_are_no_patterns(store: Any) -> None:
    for name in HOSTILE:
        store.pipe(f"/bucket/odd/{name}", name.encode())
    found = waiting("memory://bucket/odd/*")
    assert {d.name: fetched(d).decode() for d in found} == {
        name: name for name in HOSTILE if not name.startswith(".")
    }


def test_a_stamp_changes_with_the_bytes(store: Any) -> None:
    (before,) = waiting("memory://bucket/in/a.csv")
    assert waiting("memory://bucket/in/a.csv")[0].stamp == before.stamp
    store.pipe("/bucket/in/a.csv", b"z")
    assert waiting("memory://bucket/in/a.csv")[0].stamp != before.stamp
    with pytest.raises(DeliveryError, match="changed while"):
        fetched(before)
    store.rm("/bucket/in/a.csv")
    with pytest.raises(DeliveryError, match="nothing at this address"):
        fetched(before)


def test_markers_and_age(store: Any) -> None:
    assert waiting("memory://bucket/in/*.csv", done="{name}.done") == []
    store.pipe("/bucket/in/b.csv.done", b"")
    assert [d.name for d in waiting("memory://bucket/in/*", done="{name}.done")] == ["b.csv"]
    assert waiting("memory://bucket/in/*.csv", settled=60.0) == []


@pytest.mark.parametrize(
    ("url", "says", "kind"),
    [
        ("sftp://me:hunter2@host/in/*.csv", "holds a password", SourceError),
        ("nope://host/in/*.csv", "cannot be used", SourceError),
        ("memory://bucket/*/a.csv", "only be in the last part", SourceError),
        ("memory://bucket/gone/*.csv", "nothing at this address", DeliveryError),
    ],
)
def test_addresses_that_cannot_be_used(store: Any, url: str, says: str, kind: Any) -> None:
    with pytest.raises(kind, match=says) as caught:
        waiting(url)
    assert "hunter2" not in str(caught.value)
    assert caught.value.next


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("s3://key:secret@bucket/in/*.csv", "s3://bucket/in/*.csv"),
        ("sftp://me@host:22/in", "sftp://host:22/in"),
        ("https://host/in/a.csv?sig=secret#part", "https://host/in/a.csv"),
        ("abfs://container@account.dfs.core.windows.net/in",
         "abfs://container@account.dfs.core.windows.net/in"),
    ],
)  # fmt: skip
def test_addresses_are_shown_without_secrets(url: str, shown: str) -> None:
    assert without_secrets(url) == Remote(url).describe() == shown


def test_what_a_store_says_is_shown_without_secrets(
    store: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = "memory://bucket/in/a.csv"
    (delivery,) = waiting(url)

    def refuses(*_: object, **__: object) -> None:
        raise PermissionError("403 for memory://bucket/in/a.csv?sig=hunter2 (sig=hunter2)")

    monkeypatch.setattr(type(store), "open", refuses)
    place = Remote(url + "?sig=hunter2")
    with pytest.raises(DeliveryError, match="the store refuses") as caught:
        place._fetch(store, {"name": "/bucket/in/a.csv"}, delivery.where, io.BytesIO(), print)
    assert "hunter2" not in str(caught.value)
    assert caught.value.__cause__ is None
