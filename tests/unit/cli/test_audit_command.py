"""`cleanhold audit`: what stopped a snapshot, and how the run told."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Run = Callable[..., Any]


@pytest.fixture
def bent(fresh: Path) -> Path:
    """The reference workspace, delivered with the e-mails of many people of one country damaged."""
    file = fresh / "data" / "samples" / "crm" / "contacts_2026-11-02.csv"
    lines = file.read_text(encoding="cp1252").splitlines(keepends=True)
    damaged = [
        line.replace("@", " at ") if '"BE"' in line and number % 4 == 0 else line
        for number, line in enumerate(lines)
    ]
    file.write_text("".join(damaged), encoding="cp1252", newline="")
    return fresh


def test_a_table_that_lost_one_country_is_stopped_and_shown(cleanhold: Run, bent: Path) -> None:
    said = cleanhold("run", "crm.contacts", "-w", bent)
    assert said.code == 1
    assert "candidate  crm.contacts" in said.out
    assert "why:   country = BE: " in said.out
    assert "cleanhold audit show crm.contacts" in said.out
    shown = cleanhold("audit", "show", "crm.contacts", "1", "-w", bent)
    assert shown.code == 1
    assert "crm.contacts snapshot 1, " in shown.out
    assert "stopped: nobody reads it" in shown.out
    assert "stop loss_bias: country = BE: " in shown.out
    assert "points more" in shown.out
    told = cleanhold("audit", "show", "crm.contacts", "1", "-w", bent, "--json").json
    answers = {a["audit"]: a for a in told["audits"]}
    assert list(answers)[:4] == ["tolerance", "keys", "not_null", "loss_bias"]
    evidence = answers["loss_bias"]["evidence"]
    assert evidence["rows"][0][:2] == ["country", "BE"]
    assert len(evidence["rows"][0]) == len(evidence["columns"])
    parts = {segment for column, segment, *_ in evidence["rows"] if column == "birthdate"}
    assert all(part.startswith("part ") or part == "(no value)" for part in parts)  # personal


def test_what_was_published_is_shown_too(cleanhold: Run, reference: Path) -> None:
    shown = cleanhold("audit", "show", "crm.contacts", "-w", reference)
    assert shown.code == 0
    assert "published" in shown.out
    assert "pass keys: every row has its own contact_id" in shown.out


def test_the_evidence_of_an_audit_that_passes_is_shown_if_asked(
    cleanhold: Run, reference: Path
) -> None:
    brief = cleanhold("audit", "show", "crm.contacts", "-w", reference)
    whole = cleanhold("audit", "show", "crm.contacts", "--all", "-w", reference)
    assert "segment" not in brief.out.split("loss_bias: no segment", 1)[1]
    assert "part 1 of 10" in whole.out


def test_the_suite_of_a_contract(cleanhold: Run, reference: Path, tmp_path: Path) -> None:
    printed = cleanhold("audit", "suite", "crm.contacts", "-w", reference)
    file = tmp_path / "suites" / "crm.contacts.json"
    assert cleanhold("audit", "suite", "crm.contacts", "--out", file, "-w", reference).code == 0
    assert json.loads(file.read_text(encoding="utf-8")) == printed.json
    again = cleanhold("audit", "suite", "crm.contacts", "--out", file, "-w", reference)
    assert again.code == 2
    assert "exists" in again.err
    asked = {e["meta"]["check"]: (e["type"], e["kwargs"]) for e in printed.json["expectations"]}
    assert asked["contact_id.str_matches"] == (
        "expect_column_values_to_match_regex",
        {"column": "contact_id", "regex": "^(?:C-[0-9]{6})$"},
    )
    assert asked["last_name.not_null"][0] == "expect_column_values_to_not_be_null"
    assert asked["created_date.type"][1]["type_"] == "DATE"
    assert "mojibake" not in str(asked)  # an expression of the contract's own
    assert cleanhold("audit", "suite", "crm.nobody", "-w", reference).code == 2


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (["crm.nobody"], "there is no dataset 'crm.nobody'"),
        (["crm.contacts", "99"], "crm.contacts has no snapshot 99"),
    ],
)
def test_what_is_not_there(cleanhold: Run, reference: Path, arguments: list[str], why: str) -> None:
    said = cleanhold("audit", "show", *arguments, "-w", reference)
    assert said.code == 2
    assert why in said.err
    assert "next:" in said.err
