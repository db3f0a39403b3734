"""`cleanhold runs`: what past runs came to."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

Run = Callable[..., Any]
Small = Any


def test_runs_are_listed_newest_first_with_their_accounts(cleanhold: Run, small: Small) -> None:
    small.contract()
    small.deliver("01", "a,1,x", "b,-1,y", "c,3", "d,4,z")
    small.run()
    small.deliver("02", "a,1,x")
    small.run()
    found = cleanhold("runs", "-w", small.root, "--json")
    assert found.code == 0
    newest, first = found.json
    assert (newest["what"], newest["snapshot"]) == ("orders_2026-11-02.csv", 2)
    assert [first["account"][n] for n in ("records", "clean", "held", "refused")] == [4, 2, 1, 1]
    assert first["state"] == "published"
    assert 0 < first["seconds"] < 600
    line = cleanhold("runs", "-w", small.root).out.splitlines()[2]
    assert "published         1  ██████▒▒▒░░░" in line
    assert line.endswith("orders_2026-11-01.csv")


def test_why_a_run_stopped_and_what_drifted(cleanhold: Run, small: Small) -> None:
    small.contract(tolerance="10%").deliver("01", "a,1,x", "b,2,y")
    small.run()
    small.deliver("02", "a,-1,x,1", header="id,amount,note,more")
    small.run()
    newest = cleanhold("runs", "shop.orders", "-n", "1", "-w", small.root, "--json").json
    assert [r["state"] for r in newest] == ["candidate"]
    assert "the contract allows at most 10 %" in newest[0]["reasons"][0]
    assert newest[0]["drift"]["new"] == ["more"]
    out = cleanhold("runs", "-w", small.root).out
    assert "why: 100.00 % (1 of 1) of the records" in out
    assert "drift: " in out
    assert out.count("why: ") == 1


def test_small_shares_are_seen(cleanhold: Run, small: Small) -> None:
    small.contract().deliver("01", *(f"a{n},{n or -1},x" for n in range(500)))
    small.run()
    assert "███████████▒ " in cleanhold("runs", "-w", small.root).out


def test_nothing_has_run_or_there_is_no_such_dataset(cleanhold: Run, small: Small) -> None:
    small.contract()
    assert "nothing has run yet" in cleanhold("runs", "shop.orders", "-w", small.root).out
    lost = cleanhold("runs", "shop.order", "-w", small.root)
    assert lost.code == 2
    assert "shop.orders" in lost.err
