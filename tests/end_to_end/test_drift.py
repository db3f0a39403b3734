"""Columns that change between deliveries: told once, to the owner, and never guessed away."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from cleanhold import Workspace
from cleanhold.core.drift import drift
from cleanhold.pipeline.report import in_words

ROWS = [f"{letter},{number},note {letter}" for number, letter in enumerate("abcdefgh")]


def told(small: Any, *, header: str, day: str, rows: list[str] | None = None) -> list[str]:
    """What the run after a delivery tells of drift."""
    small.deliver(day, *(rows or ROWS), header=header)
    newest = [outcome for outcome in small.run() if f"-{day}." in outcome.what]
    return list(newest[0].drift.says()) if newest[0].drift else []


def test_a_change_is_told_once(small: Any) -> None:
    small.contract(load="append")
    assert told(small, day="02", header="id,amount,note") == []
    wider = [f"{row},x" for row in ROWS]
    assert told(small, day="03", header="id,amount,note,Fax", rows=wider) == ["new column 'Fax'"]
    assert told(small, day="04", header="id,amount,note,Fax", rows=wider[1:]) == []
    assert told(small, day="05", header="id,amount,note", rows=ROWS[1:]) == ["gone column 'Fax'"]
    swapped = [",".join(row.split(",")[::-1]) for row in ROWS]
    assert told(small, day="06", header="note,amount,id", rows=swapped) == [
        "the columns come in another order"
    ]


def test_it_is_in_the_manifest_and_in_the_words_of_the_run(
    small: Any, cleanhold: Callable[..., Any]
) -> None:
    small.contract(load="replace")
    small.deliver("02", *ROWS)
    small.run()
    small.deliver("03", *(f"{row},x" for row in ROWS), header="id,amount,note,Fax")
    said = cleanhold("run", "-w", small.root)
    assert "schema drift since orders_2026-11-02.csv" in said.out
    assert "drift: new column 'Fax'" in said.out
    assert "owner: owner@example.org" in said.out
    assert "drift" not in cleanhold("run", "-w", small.root).out
    with Workspace.find(small.root).open() as stores:
        details = stores.manifest(stores.ledger.snapshot("shop.orders")).details
    assert details["drift"]["new"] == ["Fax"]


def test_drift_is_in_the_json_of_a_run(small: Any, cleanhold: Callable[..., Any]) -> None:
    small.contract(load="replace")
    small.deliver("02", *ROWS)
    assert json.loads(cleanhold("run", "-w", small.root, "--json").out)[0]["drift"] is None
    small.deliver("03", *ROWS, header="id,amount,Note")
    found = json.loads(cleanhold("run", "-w", small.root, "--json").out)[-1]["drift"]
    assert found["renamed"][0] == {
        "before": "note",
        "now": "Note",
        "because": "100 % of its values are there, the names are alike, "
        "it stands in the same place",
    }


def test_an_extract_without_a_column_stays_candidate_and_names_the_rename(small: Any) -> None:
    small.contract(load="replace")
    small.deliver("02", *ROWS)
    small.run()
    small.deliver("03", *ROWS, header="id,betrag,note")
    outcome = small.run()[-1]
    assert str(outcome.state) == "candidate"
    assert outcome.reasons == ("the extract lacks columns: amount",)
    words = "\n".join(in_words(outcome))
    assert "'amount' seems to be called 'betrag' now: 100 % of its values are there" in words
    assert words.count("owner:") == 1
    assert small.ids() == {letter: number for number, letter in enumerate("abcdefgh")}
    assert small.run()[-1].drift is None  # the candidate is told each night, the drift is not


def test_a_late_delivery_is_compared_with_the_one_before_it(small: Any) -> None:
    small.contract(load="append")
    small.deliver("02", *ROWS)
    small.run()
    small.deliver("05", *(f"{row},x" for row in ROWS), header="id,amount,note,Fax")
    small.run()
    assert told(small, day="03", header="id,amount,note", rows=ROWS[1:]) == []


def test_names_alone_are_no_evidence_against_values() -> None:
    before, now = {"phone_1": "String"}, {"phone_2": "String"}
    assert drift("x", before, now, lambda _, __: 0.0).renamed == ()
    assert drift("x", before, now, lambda _, __: None).renamed[0].now == "phone_2"
    other = {"fax": "String"}
    assert drift("x", before, other, lambda _, __: None).new == ("fax",)
    assert drift("x", before, other, lambda _, __: 0.9).renamed[0].because == (
        "90 % of its values are there, it stands in the same place"
    )


def test_a_column_of_another_type_is_told() -> None:
    found = drift("x", {"a": "Int64", "b": "Int64"}, {"a": "String", "b": "Int64"}, lambda *_: None)
    assert list(found.says()) == ["'a' arrives as String, and was Int64"]


def test_conservation_holds_whatever_drifts(small: Any, conserved: Callable[[Path], int]) -> None:
    small.contract(load="replace")
    for day, header in (("02", "id,amount,note"), ("03", "id,sum,note"), ("04", "x,y,z")):
        small.deliver(day, *ROWS, header=header)
        small.run()
    assert conserved(small.root) == 3
