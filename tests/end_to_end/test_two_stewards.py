"""Two stewards at once, each in a process of their own; a program that has the quarantine."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from cleanhold import Workspace
from cleanhold.core.correction import Correction
from cleanhold.core.decision import Act
from cleanhold.core.run import Input, InputKind
from cleanhold.errors import Overtaken, RunInProgress, StateError
from cleanhold.pipeline import replay as replaying
from cleanhold.pipeline.decide import Intent, Selection, apply, preview
from cleanhold.pipeline.replay import replay
from cleanhold.pipeline.verify import verify
from cleanhold.store import quarantine_file
from cleanhold.store.quarantine import Quarantine

ORDERS = "shop.orders"
TWO = Intent(Act.CORRECT, Correction({"amount": "2"}, {}, {}))

#: Looks, waits until the other has looked as well, and decides.
STEWARD = """
import sys, time
from pathlib import Path
from cleanhold import Workspace
from cleanhold.core.decision import Act
from cleanhold.errors import CleanholdError
from cleanhold.pipeline.decide import Intent, Selection, apply, preview
from cleanhold.pipeline.person import who_acts

root, me, other = Path(sys.argv[1]), sys.argv[2], sys.argv[3]
with Workspace.find(root).open() as stores:
    chosen, intent = Selection("shop.orders"), Intent(Act.REJECT)
    seen = preview(stores, chosen, intent)
    (root / me).touch()
    deadline = time.monotonic() + 120
    while not (root / other).exists() and time.monotonic() < deadline:
        time.sleep(0.01)
    try:
        apply(stores, chosen, intent, "because", token=seen.token, who=who_acts(me))
    except CleanholdError as error:
        print(type(error).__name__, error.what)
    else:
        print("decided")
"""


@pytest.fixture
def held(small: Any) -> Any:
    small.contract().deliver("02", "a,1,", "b,-2,x", "c,-3,y")
    small.run()
    return small


def status(root: Path) -> list[str]:
    with Workspace.find(root).open() as stores:
        assert verify(stores).problems == []
        return Quarantine(stores.state).rows(status=None)["status"].to_list()


def test_of_two_who_looked_at_the_same_rows_one_decides_and_the_other_is_told(held: Any) -> None:
    pairs = (("Ada", "Bob"), ("Bob", "Ada"))
    both = [
        subprocess.Popen(
            [sys.executable, "-c", STEWARD, str(held.root), *names],
            stdout=subprocess.PIPE,
            text=True,
        )
        for names in pairs
    ]
    said = sorted(process.communicate(timeout=200)[0].strip() for process in both)
    assert said[1] == "decided"
    assert said[0].startswith("Overtaken these rows are no longer what the preview showed: ")
    assert "decision 1 (reject 2 rows, by " in said[0]
    assert status(held.root) == ["rejected", "rejected"]
    with Workspace.find(held.root).open() as stores:
        assert len(stores.ledger.decisions()) == 1


def test_what_comes_between_looking_and_writing_is_noticed(
    held: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Workspace.find(held.root).open() as stores, Workspace.find(held.root).open() as other:
        seen = preview(stores, Selection(ORDERS), TWO)
        decide = stores.ledger.decide

        def late(*given: Any, **named: Any) -> Any:
            """Somebody else decides between the last look and the write."""
            monkeypatch.undo()
            apply(other, Selection(ORDERS), Intent(Act.REJECT), "first")
            return decide(*given, **named)

        monkeypatch.setattr(stores.ledger, "decide", late)
        with pytest.raises(Overtaken, match="decision 1"):
            apply(stores, Selection(ORDERS), TWO, "second", token=seen.token)
    assert status(held.root) == ["rejected", "rejected"]


def test_a_remark_meanwhile_does_not_matter(held: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    with Workspace.find(held.root).open() as stores:
        seen = preview(stores, Selection(ORDERS), TWO)
        apply(stores, Selection(ORDERS), Intent(Act.COMMENT), "look at these")
        apply(stores, Selection(ORDERS), TWO, "done", token=seen.token)
    assert status(held.root) == ["corrected", "corrected"]


def test_a_replay_starts_over_when_somebody_decides_meanwhile(
    held: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Workspace.find(held.root).open() as stores:
        apply(stores, Selection(ORDERS), TWO, "mend")
        claim = stores.ledger.claim

        def late(*given: Any, **named: Any) -> Any:
            """The rows are chosen, and somebody takes one of them back before they are claimed."""
            monkeypatch.undo()
            first = Quarantine(stores.state).find("b")["row_id"][0]
            apply(stores, Selection(ORDERS, rows=(first,)), Intent(Act.REOPEN), "wait")
            return claim(*given, **named)

        monkeypatch.setattr(stores.ledger, "claim", late)
        (done,) = replay(stores)
    assert (done.account.records, done.account.clean) == (1, 1)
    assert held.ids() == {"a": 1, "c": 2}
    assert sorted(status(held.root)) == ["held", "released"]


def test_nothing_is_decided_while_a_replay_is_published(
    held: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Workspace.find(held.root).open() as stores, Workspace.find(held.root).open() as other:
        apply(stores, Selection(ORDERS), TWO, "mend")
        publish, refused = replaying.commit_files, []

        def late(*given: Any, **named: Any) -> Any:
            try:
                apply(other, Selection(ORDERS), Intent(Act.REOPEN), "wait")
            except RunInProgress as error:
                refused.append(error.what)
            return publish(*given, **named)

        monkeypatch.setattr(replaying, "commit_files", late)
        (done,) = replay(stores)
    assert "a replay of shop.orders is in progress" in refused[0]
    assert done.account.clean == 2
    assert status(held.root) == ["released", "released"]


def test_a_run_in_progress_does_not_keep_people_from_deciding(held: Any) -> None:
    with Workspace.find(held.root).open() as stores:
        stores.ledger.claim("1" * 64, ORDERS, inputs=(Input(InputKind.EXTRACT, "x", "2" * 64),))
        apply(stores, Selection(ORDERS), Intent(Act.REJECT), "tests")
        assert Quarantine(stores.state).rows(status=None)["status"].to_list() == ["rejected"] * 2


@pytest.mark.parametrize("read_only", [True, False])
def test_a_decision_while_a_program_has_the_quarantine_open(
    held: Any, monkeypatch: pytest.MonkeyPatch, read_only: bool
) -> None:
    """Nothing is decided that could not be looked at; what was decided stays decided."""
    monkeypatch.setattr(
        quarantine_file.QuarantineFile.__init__, "__kwdefaults__", {"patience": 0.5}
    )
    hold = (
        "import duckdb, sys\n"
        f"c = duckdb.connect(sys.argv[1], read_only={read_only})\n"
        "print('open', flush=True)\nsys.stdin.read()"
    )
    with Workspace.find(held.root).open() as stores:
        seen = preview(stores, Selection(ORDERS), TWO)
        shell = subprocess.Popen(
            [sys.executable, "-c", hold, str(stores.state.quarantine)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert shell.stdout is not None
        assert shell.stdout.readline() == "open\n"
        if read_only:  # it can be looked at, and not be told
            made = apply(stores, Selection(ORDERS), TWO, "mend", token=seen.token)
            assert made.id == 1
        else:
            with pytest.raises(StateError, match="in use by another program"):
                apply(stores, Selection(ORDERS), TWO, "mend", token=seen.token)
        shell.communicate()
        assert len(stores.ledger.decisions()) == (1 if read_only else 0)
        if not read_only:
            apply(stores, Selection(ORDERS), TWO, "mend", token=seen.token)
        assert [done.account.clean for done in replay(stores)] == [2]
    assert status(held.root) == ["released", "released"]
