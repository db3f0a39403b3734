"""Every command that works on a workspace: good, bad and hostile input."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from cleanhold import Workspace

Run = Callable[..., Any]


def row_of(root: Path, dataset: str, status: str = "held") -> str:
    from cleanhold.pipeline.quarantine import review

    with Workspace.find(root).open() as stores:
        return str(review(stores).rows(dataset, status=status, limit=1)[0]["row_id"])


# --- run -------------------------------------------------------------------------------------


def test_run_says_what_happened_and_what_to_look_at(small: Any, cleanhold: Run) -> None:
    small.contract().deliver("02", "a,1,", "b,-1,")
    said = cleanhold("run", "-w", small.root)
    assert said.code == 0
    first = said.out.splitlines()[0]
    assert first.split()[:4] == ["published", "shop.orders", "snapshot", "1"]
    assert "2 records = 1 clean + 1 held + 0 refused" in first
    assert "(orders_2026-11-02.csv)" in first
    assert "cleanhold.read('shop.orders')" in said.out
    again = cleanhold("run", "-w", small.root)
    assert again.code == 0
    assert "unchanged" in again.out
    assert "nothing new" in again.out


def test_run_as_json(small: Any, cleanhold: Run) -> None:
    small.contract(tolerance="1%").deliver("02", "a,1,", "b,-1,")
    said = cleanhold("run", "-w", small.root, "--json")
    assert said.code == 1
    (outcome,) = said.json
    assert outcome["state"] == "candidate"
    assert outcome["owner"] == "owner@example.org"
    assert outcome["account"]["held"] == 1
    assert not said.err


def test_run_at_candidate_names_the_owner_and_exits_1(small: Any, cleanhold: Run) -> None:
    small.contract(tolerance="1%").deliver("02", "a,1,", "b,-1,")
    said = cleanhold("run", "-w", small.root)
    assert said.code == 1
    assert "owner: owner@example.org" in said.out
    assert re.search(r"next:  \S*cleanhold audit show shop.orders", said.out)
    assert "cleanhold quarantine --dataset shop.orders" in said.out


def test_run_failing_exits_3_and_says_where(small: Any, cleanhold: Run) -> None:
    small.contract()
    small.write("in/orders_2026-11-02.csv", "")
    said = cleanhold("run", "-w", small.root)
    assert said.code == 3
    assert said.out.startswith("failed     shop.orders")
    assert "why:" in said.out
    assert "next:" in said.out
    assert cleanhold("run", "-w", small.root, "--json").json[0]["error"]["what"]


def test_run_of_an_empty_workspace(small: Any, cleanhold: Run) -> None:
    said = cleanhold("run", "-w", small.root)
    assert said.code == 0
    assert "nothing has arrived" in said.out


@pytest.mark.parametrize(
    ("file", "content", "where"),
    [
        ("contracts/shop_orders.py", "import nothing_of_that_name", "shop_orders.py:1"),
        ("contracts/shop_orders.py", "x = (", "shop_orders.py:1"),
        ("flows/sources.py", "from cleanhold import Source\n\nSource(1)", "sources.py:3"),
        ("flows/features.py", "raise SystemExit(0)", "features.py:1"),
        ("lineage/naming.py", "naming = 1", "naming.py"),
        ("pyproject.toml", "[tool.cleanhold]\nstat = 'x'", "pyproject.toml"),
        ("pyproject.toml", "[tool.cleanhold", "pyproject.toml"),
    ],
)
def test_mistaken_files_exit_2_with_the_place(
    small: Any, cleanhold: Run, file: str, content: str, where: str
) -> None:
    small.contract().deliver("02", "a,1,")
    small.write(file, content)
    if file == "pyproject.toml":
        assert cleanhold("run", "-w", small.root).code == 2
        return
    said = cleanhold("run", "-w", small.root)
    assert said.code == 2
    assert where in said.err
    assert "next:" in said.err
    error = cleanhold("run", "-w", small.root, "--json").json["error"]
    assert where in (error["where"] or error["what"])


def test_no_workspace_is_said(cleanhold: Run, tmp_path: Path) -> None:
    for command in (["run"], ["quarantine"], ["snapshots"], ["explain", "x"]):
        said = cleanhold(*command, "-w", tmp_path)
        assert said.code == 2
        assert "cleanhold init DIR" in said.err


def test_a_workspace_that_does_not_exist_is_not_looked_for_above(
    small: Any, cleanhold: Run
) -> None:
    small.contract()
    said = cleanhold("run", "-w", small.root / "typo")
    assert said.code == 2
    assert "there is no folder" in said.err


def test_what_features_print_does_not_break_json(small: Any, cleanhold: Run) -> None:
    small.contract().contract("features.totals", load="replace")
    small.write(
        "flows/features.py",
        "import polars as pl\nfrom cleanhold import feature\n"
        "@feature('features.totals', orders='shop.orders')\n"
        "def totals(orders: pl.LazyFrame) -> pl.LazyFrame:\n"
        "    print('building')\n    return orders\n",
    )
    small.deliver("02", "a,1,")
    said = cleanhold("run", "-w", small.root, "--json")
    assert [o["state"] for o in said.json] == ["published", "published"]
    assert "building" in said.err


# --- quarantine ------------------------------------------------------------------------------


def test_quarantine_summary(reference: Path, cleanhold: Run) -> None:
    said = cleanhold("quarantine", "-w", reference)
    assert said.code == 0
    assert "61 rows held, 3 records refused" in said.out
    only = cleanhold("quarantine", "-w", reference, "-d", "legacy.policies", "--json")
    assert {c["dataset"] for c in only.json["checks"]} == {"legacy.policies"}
    assert only.json["counts"]["refused"] == 3


def test_quarantine_rows_page_by_page(reference: Path, cleanhold: Run) -> None:
    seen: list[str] = []
    more: list[str] = []
    while True:
        page = cleanhold("quarantine", "rows", "-w", reference, "-n", "25", "--json", *more).json
        seen += [row["row_id"] for row in page]
        if len(page) < 25:
            break
        more = ["--after", page[-1]["row_id"]]
    assert len(seen) == len(set(seen)) == 61


def test_quarantine_rows_by_check(reference: Path, cleanhold: Run) -> None:
    said = cleanhold("quarantine", "rows", "-w", reference, "-d", "crm.contacts", "-c", "isin")
    assert said.out.count("country is") == 4
    none = cleanhold("quarantine", "rows", "-w", reference, "-c", "nothing of that name")
    assert none.out == "no such row waits in quarantine\n"


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["-d", "crm.contact"], "did you mean 'crm.contacts'?"),
        (["rows", "-d", "nope"], "use one of"),
        (["rows", "--after", "nope"], "no row 'nope'"),
        (["rows", "-n", "0"], "--limit"),
        (["show", "nope"], "no row 'nope'"),
        (["show", "'; drop table held; --"], "no row"),
        (["export", "--to", "docx"], "no export to 'docx'"),
        (["export", "--out", "/"], "not a file"),
        (["export", "--out", "/nowhere/x.csv"], "cannot be written"),
        (["rows", "--reveal", "  "], "for a reason only"),
        (["nonsense"], "nonsense"),
    ],
)
def test_bad_questions_to_the_quarantine(
    ran: Path, cleanhold: Run, arguments: list[str], says: str
) -> None:
    said = cleanhold("quarantine", *arguments, "-w", ran)
    assert said.code == 2
    assert says in said.err
    assert says in json.dumps(cleanhold("quarantine", *arguments, "-w", ran, "--json").json)


def test_options_before_a_quarantine_command_are_not_lost(reference: Path, cleanhold: Run) -> None:
    said = cleanhold("quarantine", "--workspace", reference, "rows")
    assert said.code == 2
    assert "write cleanhold quarantine rows --workspace" in said.err


@pytest.mark.parametrize("command", ["rows", "show", "export", "explain"])
def test_personal_values_are_nowhere_without_reveal(
    ran: Path, cleanhold: Run, tmp_path: Path, command: str
) -> None:
    row_id = row_of(ran, "crm.contacts")
    with Workspace.find(ran).open() as stores:
        from cleanhold.pipeline.quarantine import review

        row = review(stores, "test").row(row_id)
    names = ("First Name", "Last Name", "E-mail", "Phone", "Birthdate", "Legacy Holder No")
    secrets = {str(row["raw"][n]).strip() for n in names if row["raw"][n]} - {
        "",
        "-",
        "N/A",
        "NULL",
    }
    assert secrets
    arguments = {
        "rows": ["quarantine", "rows", "-d", "crm.contacts"],
        "show": ["quarantine", "show", row_id],
        "export": ["quarantine", "export", "-d", "crm.contacts", "--out", tmp_path / "x.csv"],
        "explain": ["explain", row_id],
    }[command]
    for more in ([], ["--json"]):
        said = cleanhold(*arguments, "-w", ran, *more)
        assert said.code == 0
        text = said.out + said.err
        if command == "export":
            text = (tmp_path / "x.csv").read_text(encoding="utf-8-sig")
        assert not [secret for secret in secrets if secret in text]
        assert "•••" in text or (command == "rows" and not more)
    revealed = cleanhold(*arguments, "-w", ran, "--json", "--reveal", "a customer calls")
    text = revealed.out
    if command == "export":
        text = (tmp_path / "x.csv").read_text(encoding="utf-8-sig")
    assert all(secret in text for secret in secrets)
    with Workspace.find(ran).open() as stores:
        (entry,) = [e for e in stores.ledger.audit_log() if e.body["act"] == "revealed"][1:]
        assert entry.body["why"] == "a customer calls"
        assert entry.body["what"]
        assert entry.body["who"]
        assert entry.body["at"]
        stores.ledger.verify_audit()


@pytest.mark.parametrize("to", ["csv", "parquet", "xlsx"])
def test_export(
    reference: Path, cleanhold: Run, tmp_path: Path, to: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    said = cleanhold("quarantine", "export", "--to", to, "-w", reference, "--json")
    assert said.json["file"] == f"quarantine.{to}"
    assert (tmp_path / f"quarantine.{to}").stat().st_size > 1000
    assert [path.name for path in tmp_path.iterdir()] == [f"quarantine.{to}"]
    if to == "parquet":
        frame = pl.read_parquet(tmp_path / "quarantine.parquet")
        assert frame.height == said.json["rows"]


# --- snapshots, explain ----------------------------------------------------------------------


def test_snapshots(reference: Path, cleanhold: Run) -> None:
    said = cleanhold("snapshots", "-w", reference)
    assert [line.split()[:2] for line in said.out.splitlines()[1:]] == [
        ["crm.contacts", "2"],
        ["crm.opportunities", "2"],
        ["features.customer_churn", "1"],
        ["legacy.policies", "2"],
    ]
    versions = cleanhold("snapshots", "crm.contacts", "-w", reference, "--json").json
    assert [v["snapshot"] for v in versions] == [1, 2]
    assert versions[1]["rows"] == 1057
    assert versions[1]["inputs"][0]["name"] == "contacts_2026-11-03.csv"


def test_snapshots_shows_what_is_readable_and_a_newer_candidate(small: Any, cleanhold: Run) -> None:
    small.contract(tolerance="1%").deliver("02", "a,1,")
    small.run()
    small.deliver("03", "b,-1,", "c,1,")
    small.run()
    said = cleanhold("snapshots", "-w", small.root, "--json")
    assert [(s["snapshot"], s["channel"]) for s in said.json] == [
        (1, "production"),
        (2, "candidate"),
    ]
    assert "candidate" in cleanhold("snapshots", "-w", small.root).out


def test_snapshots_of_nothing(small: Any, cleanhold: Run) -> None:
    small.contract()
    assert "no snapshot yet" in cleanhold("snapshots", "-w", small.root).out
    assert cleanhold("snapshots", "shop.orders", "-w", small.root, "--json").json == []
    assert not (small.root / ".cleanhold").exists()
    said = cleanhold("snapshots", "shop.order", "-w", small.root)
    assert said.code == 2
    assert "did you mean 'shop.orders'?" in said.err


def test_explain_in_words(reference: Path, cleanhold: Run) -> None:
    said = cleanhold("explain", "C-000205", "-w", reference)
    assert said.code == 0
    assert "delivered by crm.contacts in contacts_2026-11-03.csv, dated 2026-11-03" in said.out
    assert "4. published in snapshot 2 of crm.contacts" in said.out
    assert "features.customer_churn  published" in said.out


@pytest.mark.parametrize(
    "what", ["nobody", "0123456789abcdef-1", "", "x' or 1=1", "-1", "\x1b[31m"]
)
def test_explain_what_nobody_knows(reference: Path, cleanhold: Run, what: str) -> None:
    said = cleanhold("explain", "-w", reference, "--", what)
    assert said.code == 2
    assert "\x1b" not in said.err
    assert cleanhold("explain", "-w", reference, "--json", "--", what).json["error"]["next"]


# --- doctor, init ----------------------------------------------------------------------------


def test_doctor_of_a_healthy_workspace(reference: Path, cleanhold: Run) -> None:
    said = cleanhold("doctor", "-w", reference)
    assert said.code == 0
    assert "✗" not in said.out
    assert all(s["health"] == "ok" for s in cleanhold("doctor", "-w", reference, "--json").json)


def test_init_and_run(cleanhold: Run, tmp_path: Path) -> None:
    folder = tmp_path / "my [demo] & co"
    said = cleanhold("init", folder)
    assert said.code == 0
    assert f"next: cd '{folder}' && cleanhold run" in said.out
    assert cleanhold("run", "-w", folder, "--json").code == 0


def test_init_leaves_a_folder_with_content_alone(cleanhold: Run, tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("mine")
    for target in (tmp_path, tmp_path / "mine.txt", tmp_path / "mine.txt" / "deeper"):
        said = cleanhold("init", target, "--json")
        assert said.code == 2
        assert said.json["error"]["next"]
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]


# --- the command itself ----------------------------------------------------------------------


def test_help_and_version(cleanhold: Run) -> None:
    assert cleanhold("--version").out.startswith("cleanhold 0.")
    assert cleanhold("--help").code == 0
    assert cleanhold().code == 2
    said = cleanhold("nonsense")
    assert said.code == 2
    assert "nonsense" in said.err


def test_a_reader_of_the_pipe_that_goes_away_is_no_error(reference: Path) -> None:
    command = f"{sys.executable} -m cleanhold quarantine rows -n 100 -w '{reference}' | head -n 1"
    done = subprocess.run(
        ["bash", "-o", "pipefail", "-c", command], capture_output=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert not done.stderr


def test_output_in_a_pipe_has_no_colours_and_is_not_cut(reference: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "cleanhold", "quarantine", "-w", str(reference)],
        capture_output=True,
        check=True,
        env={**os.environ, "COLUMNS": "40"},
    )
    assert b"\x1b" not in done.stdout
    assert b"crm.opportunities  references               12  contact_id is" in done.stdout


def test_an_ascii_terminal_gets_valid_json(reference: Path) -> None:
    command = [sys.executable, "-m", "cleanhold", "quarantine", "rows", "-w", str(reference)]
    env = {**os.environ, "PYTHONIOENCODING": "ascii"}
    for more in ([], ["--json"]):
        done = subprocess.run([*command, *more], capture_output=True, check=True, env=env)
        done.stdout.decode("ascii")
    assert json.loads(done.stdout)
