from __future__ import annotations

import json
import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from cleanhold.core.run import RunState
from cleanhold.errors import StateError
from cleanhold.tracing import Naming, RunTrace, emit, event_id
from cleanhold.tracing.event import EventType
from cleanhold.tracing.events import events_of
from cleanhold.tracing.spool import write

from .conftest import Trace


def files_in(folder: Path) -> dict[str, bytes]:
    return {str(p.relative_to(folder)): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


class Killed(BaseException):
    """Stands for the process being gone: nothing in the code catches it as an error."""


def test_each_event_is_one_file_under_the_day_it_happened(
    ingest: Trace, naming: Naming, tmp_path: Path
) -> None:
    start, ending = emit(ingest(), naming, tmp_path)
    run = "ab" * 32
    assert start == tmp_path / "2026-11-02" / f"{event_id(run, 1, EventType.START)}.json"
    assert ending == tmp_path / "2026-11-03" / f"{event_id(run, 1, EventType.COMPLETE)}.json"
    assert set(files_in(tmp_path)) == {str(p.relative_to(tmp_path)) for p in (start, ending)}
    assert json.loads(ending.read_bytes())["eventType"] == "COMPLETE"
    assert ending.read_bytes().count(b"\n") == 1


def test_writing_twice_changes_nothing(ingest: Trace, naming: Naming, tmp_path: Path) -> None:
    first = emit(ingest(), naming, tmp_path)
    before = files_in(tmp_path)
    times = [p.stat().st_mtime_ns for p in first]
    assert emit(ingest(), naming, tmp_path) == first
    assert files_in(tmp_path) == before
    assert [p.stat().st_mtime_ns for p in first] == times


def test_two_folders_get_identical_bytes(
    runs: dict[str, RunTrace], naming: Naming, tmp_path: Path
) -> None:
    for trace in runs.values():
        emit(trace, naming, tmp_path / "a")
        emit(trace, naming, tmp_path / "b")
    assert files_in(tmp_path / "a") == files_in(tmp_path / "b")


def test_an_event_told_live_is_not_told_again_at_the_end(
    runs: dict[str, RunTrace], naming: Naming, tmp_path: Path
) -> None:
    emit(runs["staging"], naming, tmp_path)
    emit(runs["published"], naming, tmp_path)
    told = [json.loads(content)["eventType"] for content in files_in(tmp_path).values()]
    assert sorted(told) == ["COMPLETE", "START"]


@pytest.mark.parametrize("call", range(8))
def test_killed_at_any_sync_and_repeated_gives_the_same_files(
    call: int, ingest: Trace, naming: Naming, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    emit(ingest(), naming, tmp_path / "whole")
    real, calls = os.fsync, iter(range(100))

    def fsync(handle: int) -> None:
        if next(calls) == call:
            raise Killed
        real(handle)

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", fsync)
        with pytest.raises(Killed):
            emit(ingest(), naming, tmp_path / "cut")
    for path in (tmp_path / "cut").rglob("*.json"):
        json.loads(path.read_bytes())  # whole, or not there
    emit(ingest(), naming, tmp_path / "cut")
    assert files_in(tmp_path / "cut") == files_in(tmp_path / "whole")


def test_the_run_repeated_after_a_crash_completes_once(
    ingest: Trace, naming: Naming, tmp_path: Path
) -> None:
    # Attempt 1 died and was fenced; attempt 2 committed, died before it told, and told again.
    dead = ingest(
        state=RunState.FAILED, reasons=("interrupted",), output=None, account=None, checks=()
    )
    emit(dead, naming, tmp_path)
    for _ in range(2):
        emit(replace(ingest(), attempt=2), naming, tmp_path)
    told = [json.loads(content) for content in files_in(tmp_path).values()]
    assert sorted(b["eventType"] for b in told) == ["COMPLETE", "FAIL", "START", "START"]
    assert len({b["run"]["runId"] for b in told}) == 2


def test_an_unfinished_file_is_never_seen_as_an_event_and_does_no_harm(
    ingest: Trace, naming: Naming, tmp_path: Path
) -> None:
    start = events_of(ingest(), naming)[0]
    left = tmp_path / "2026-11-02" / f".{start.id}-0.tmp"
    left.parent.mkdir()
    left.write_bytes(start.line[:40])
    assert list(tmp_path.rglob("*.json")) == []
    assert write(start, tmp_path).read_bytes() == start.line


def test_many_writers_of_one_event_leave_one_file(
    ingest: Trace, naming: Naming, tmp_path: Path
) -> None:
    start = events_of(ingest(), naming)[0]
    with ThreadPoolExecutor(8) as pool:
        paths = set(pool.map(lambda _: write(start, tmp_path), range(32)))
    assert len(paths) == 1
    assert list(files_in(tmp_path).values()) == [start.line]


def test_a_folder_that_cannot_be_written_is_a_clear_error(
    ingest: Trace, naming: Naming, tmp_path: Path
) -> None:
    blocked = tmp_path / "lineage"
    blocked.write_text("a file where the folder should be")
    with pytest.raises(StateError, match="cannot be written") as raised:
        emit(ingest(), naming, blocked)
    assert str(blocked) in str(raised.value.where)
    assert raised.value.next


def test_others_may_read_the_events(ingest: Trace, naming: Naming, tmp_path: Path) -> None:
    before = os.umask(0o022)
    try:
        paths = emit(ingest(), naming, tmp_path)
    finally:
        os.umask(before)
    assert [p.stat().st_mode & 0o777 for p in paths] == [0o644, 0o644]
