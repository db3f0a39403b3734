"""Deliveries as they really come, through `cleanhold run`."""

from __future__ import annotations

import gzip
import io
import json
import os
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import fsspec
import pytest

from cleanhold import Workspace
from cleanhold.pipeline.publish import Outcome
from cleanhold.workspace.doctor import examine

Run = Callable[..., Any]
SOURCE = """
from cleanhold import Source, delimited

orders = Source(name="shop.orders", reader=delimited(), {more})
"""


def rows(*lines: str) -> bytes:
    return "".join(f"{line}\n" for line in ("id,amount,note", *lines)).encode()


def declare(small: Any, more: str, load: str = "upsert") -> None:
    small.contract(load=load)
    small.write("flows/sources.py", SOURCE.format(more=more))


def by_name(outcomes: list[Outcome]) -> dict[str, Outcome]:
    return {outcome.what: outcome for outcome in outcomes}


def zipped(**members: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name.replace("__", "."), content)
    return out.getvalue()


def test_every_kind_of_delivery(small: Any, conserved: Callable[[Path], int]) -> None:
    declare(small, "arrives='in'")
    small.write("in/a.csv", rows("a,1,"))
    small.write("in/a again.csv.gz", gzip.compress(rows("a,1,")))
    small.write("in/b.csv.gz", gzip.compress(rows("b,1,")[:9]) + gzip.compress(rows("b,1,")[9:]))
    small.write("in/c.zip", zipped(c__csv=rows("c,1,"), d__csv=rows("d,1,")))
    small.write("in/e.csv.part", rows("e,1,"))
    outcomes = small.run()
    assert [str(o.state) for o in outcomes] == ["published"] * 4
    assert small.ids() == {"a": 1, "b": 1, "c": 1, "d": 1}
    assert set(small.states()) == {"unchanged"}
    assert conserved(small.root) == 4


def test_what_cannot_be_landed_stops_nothing_else(small: Any, cleanhold: Run) -> None:
    declare(small, "arrives='in', dated=r'_(\\d{4}-\\d{2}-\\d{2})'")
    small.deliver("02", "a,1,")
    small.write("in/orders_2026-11-03.csv.gz", gzip.compress(rows("b,1,"))[:-1])
    os.mkfifo(small.root / "in/orders_2026-11-04.csv")
    (small.root / "in/orders_2026-11-05.csv").symlink_to("orders_2026-11-02.csv")
    small.write("in/orders.csv", rows("c,1,"))
    small.deliver("06", "d,1,")
    outcomes = by_name(small.run())
    assert {str(o.state) for o in outcomes.values()} == {"published", "failed"}
    assert small.ids() == {"a": 1, "d": 1}
    failed = {name: o.reasons[0] for name, o in outcomes.items() if o.error}
    assert failed.keys() == {
        "orders_2026-11-03.csv.gz", "orders_2026-11-04.csv", "orders_2026-11-05.csv", "orders.csv",
    }  # fmt: skip
    assert "its end is missing" in failed["orders_2026-11-03.csv.gz"]
    assert "not a regular file" in failed["orders_2026-11-04.csv"]
    assert "symbolic link" in failed["orders_2026-11-05.csv"]
    assert "no business date" in failed["orders.csv"]
    said = cleanhold("run", "-w", small.root, "--json")
    assert said.code == 3
    assert [o["state"] for o in said.json].count("failed") == 4
    symptoms = [s for s in examine(small.root) if s.topic == "deliveries"]
    assert len(symptoms) == 3
    assert "orders_2026-11-03.csv.gz of shop.orders could not be landed" in symptoms[0].says


def test_a_limit_that_is_raised_lets_the_next_run_take_it(small: Any) -> None:
    declare(small, "arrives='in'")
    content = gzip.compress(rows(*(f"a{n},1," for n in range(2000))))
    file = small.write("in/big.csv.gz", content)
    limited = '[tool.cleanhold]\nname = "small"\n[tool.cleanhold.limits]\nunpacked = "10 KB"\n'
    small.write("pyproject.toml", limited)
    assert small.states() == small.states() == ["failed"]
    aside = small.root / ".cleanhold/aside"
    (reason,) = (json.loads(path.read_bytes()) for path in aside.glob("*.json"))
    assert reason["name"] == "big.csv.gz"
    file.unlink()  # what was kept is enough
    assert small.states() == []
    small.write("pyproject.toml", limited.replace("10 KB", "10 MB"))
    assert small.states() == ["published"]
    assert len(small.ids()) == 2000
    assert not list(aside.iterdir())
    assert small.states() == []


def test_nothing_is_copied_twice(small: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from cleanhold.deliveries import local

    declare(small, "arrives='in'")
    small.write("in/a.csv", rows("a,1,"))
    assert small.states() == ["published"]
    with monkeypatch.context() as patched:
        patched.setattr(local, "_open", lambda path: pytest.fail(f"{path} is read again"))
        assert small.states() == ["unchanged"]
    small.write("in/a.csv", rows("a,2,"))
    assert small.states() == ["published"]
    with Workspace.find(small.root).open() as stores:
        (lost, _) = stores.ledger.extracts()
        (kept,) = [e for e in stores.ledger.extracts() if e != lost]
        kept.path.unlink()
    assert small.states() == ["unchanged"]
    assert kept.path.exists()


def test_files_by_name_and_by_url(small: Any, tmp_path: Path) -> None:
    memory = fsspec.filesystem("memory")
    for name, content in {"r.csv": rows("r,1,"), "s.csv.gz": gzip.compress(rows("s,1,"))}.items():
        memory.pipe(f"/crm/{name}", content)
    (tmp_path / "far").mkdir()
    (tmp_path / "far/t.csv").write_bytes(rows("t,1,"))
    small.write("in/a.csv", rows("a,1,"))
    urls = [
        "in/a.csv",
        "in/gone.csv",
        "memory://none/*.csv",
        "memory://crm/*.csv*",
        f"file://{tmp_path}/far/*.csv",
    ]
    declare(small, f"arrives={urls!r}")
    outcomes = by_name(small.run())
    assert "nothing at this" in outcomes.pop("memory://none/*.csv").reasons[0]
    assert "cannot be opened" in outcomes.pop("gone.csv").reasons[0]
    assert {str(o.state) for o in outcomes.values()} == {"published"}
    assert small.ids() == {"a": 1, "r": 1, "s": 1, "t": 1}
    with Workspace.find(small.root).open() as stores:
        wheres = {said["where"] for said in stores.ledger.receipts("shop.orders")}
    assert {"in/a.csv", "memory://crm/r.csv", "memory://crm/s.csv.gz"} < wheres
    memory.rm("/crm", recursive=True)


def test_standard_input(small: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    declare(small, "arrives='-'", load="replace")
    for amount in (1, 2, 1):
        content = gzip.compress(rows(f"a,{amount},"))
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(content)))
        assert small.states() == ["published"]
        assert small.ids() == {"a": amount}
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO()))
    assert small.states() == []


def test_a_full_disk_leaves_nothing_half_done(small: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from cleanhold.store import taking

    declare(small, "arrives='in'")
    small.write("in/a.csv.gz", gzip.compress(rows("a,1,")))
    real = taking.Taken.write
    for after in (0, 1):
        calls: list[int] = []

        def full(self: Any, block: bytes, calls: list[int] = calls, after: int = after) -> int:
            calls.append(1)
            if len(calls) > after:
                raise OSError(28, "No space left on device")
            return real(self, block)

        with monkeypatch.context() as patched:
            patched.setattr(taking.Taken, "write", full)
            (outcome,) = small.run()
        assert "No space left" in outcome.reasons[0]
        assert not [p for p in (small.root / ".cleanhold/extracts").rglob("*") if p.is_file()]
        assert not (small.root / ".cleanhold/aside").exists()
    assert small.states() == ["published"]
