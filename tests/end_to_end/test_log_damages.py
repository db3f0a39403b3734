"""`cleanhold log verify` finds what was done to the audit log, and says which entry."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from cleanhold import Workspace
from cleanhold.core.run import canonical_json
from cleanhold.store.auditlog import GENESIS, chained

from .damages import shell, state

Cleanhold = Callable[..., Any]
OUTSIDE = '\n[tool.cleanhold.anchor]\nfile = "anchors.ndjson"\n'


@pytest.fixture
def root(decided: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(decided, tmp_path / "damaged", symlinks=True))


def written_anew(root: Path, edit: Callable[[list[str]], list[str]]) -> None:
    """The whole log with other bodies, every hash right."""
    previous, statements = GENESIS, ["delete from audit_log"]
    found = [text for (text,) in shell(root, "select body from audit_log order by number")]
    for number, text in enumerate(edit(found), start=1):
        quoted, digest = text.replace("'", "''"), chained(previous, text)
        values = f"({number}, '{previous}', '{quoted}', '{digest}')"
        statements.append(f"insert into audit_log values {values}")
        previous = digest
    shell(root, *statements)


def rewrite(root: Path, edit: Callable[[dict[str, Any]], None]) -> None:
    """The whole log with entries that are edited, every hash right."""

    def edited(text: str) -> str:
        body = json.loads(text)
        edit(body)
        return canonical_json(body).decode()

    written_anew(root, lambda texts: [edited(text) for text in texts])


def problem(root: Path, cleanhold: Cleanhold, *more: str) -> str:
    """What `log verify` says first; its exit code and what to do next are looked at."""
    said = cleanhold("log", "verify", "-w", root, "--json", *more)
    problems = said.json["problems"]
    assert said.code == (1 if problems else 0)
    assert all(one["what"] and one["where"] and one["next"] for one in problems)
    told = cleanhold("log", "verify", "-w", root, *more)
    assert told.code == said.code
    if problems:
        assert "next:" in told.out
    return problems[0]["what"] if problems else ""


def entries(root: Path) -> int:
    return int(shell(root, "select count(*) from audit_log")[0][0])


def test_a_log_that_nobody_touched_is_whole(root: Path, cleanhold: Cleanhold) -> None:
    assert problem(root, cleanhold) == ""
    said = cleanhold("log", "verify", "-w", root, "--json").json
    assert said["entries"] == entries(root)
    snapshots = shell(root, "select count(*) from snapshots")[0][0]
    assert said["anchors"] == snapshots + 1  # a seal each, and the note beside the ledger


@pytest.mark.parametrize(
    ("statements", "says"),
    [
        (["update audit_log set body = replace(body, 'sign', 'sum') where number = {decided}"],
         "its entry {decided} was changed"),
        (["delete from audit_log where number = 3"], "its entry 3 is missing"),
        (["delete from audit_log where number = 1"], "its entry 1 is missing"),
        (["delete from audit_log where number = {last}"],
         "the end of the audit log is gone: it has {before} entries, and {last} were noted"),
        (["update audit_log set number = -1 where number = 2",
          "update audit_log set number = 2 where number = 3",
          "update audit_log set number = 3 where number = -1"],
         "its entry 2 does not follow the one before it"),
        (["delete from audit_log where number = 4",
          "update audit_log set number = number - 1 where number > 4"],
         "its entry 4 does not follow the one before it"),
    ],
)  # fmt: skip
def test_damage_is_found_and_named(
    root: Path, cleanhold: Cleanhold, statements: list[str], says: str
) -> None:
    """Edited, removed, the end cut off, changed places, removed and numbered anew."""
    bodies = shell(root, "select number, body from audit_log order by number")
    last = entries(root)
    decided = next(number for number, body in bodies if '"act":"decided"' in body)
    numbers = {"last": last, "before": last - 1, "decided": decided}
    shell(root, *(one.format(**numbers) for one in statements))
    assert says.format(**numbers) in problem(root, cleanhold)


def test_a_log_written_anew_is_found_and_how_far_it_is_right(
    root: Path, cleanhold: Cleanhold
) -> None:
    def reword(body: dict[str, Any]) -> None:
        if body["act"] == "decided":
            body["why"] = "nobody asked"

    first = next(
        number
        for number, body in shell(root, "select number, body from audit_log order by number")
        if '"act":"decided"' in body
    )
    rewrite(root, reword)
    said = problem(root, cleanhold)
    assert "the audit log was written anew: its entry " in said
    named = int(said.split("its entry ")[1].split()[0].replace(",", ""))
    right = int(said.split("up to entry ")[1].split()[0].replace(",", ""))
    assert right < first <= named


def test_a_hash_kept_elsewhere_finds_what_all_notes_were_rewritten_for(
    root: Path, cleanhold: Cleanhold
) -> None:
    kept = cleanhold("log", "anchor", "-w", root, "--json").json["hash"]

    def rename(body: dict[str, Any]) -> None:
        if body["act"] == "rolled_back":
            body["why"] = "asked for"

    rewrite(root, rename)
    hashes = [h for (h,) in shell(root, "select hash from audit_log order by number")]
    note = {"entries": len(hashes), "hash": hashes[-1]}
    (state(root) / "anchor.json").write_text(json.dumps(note))
    for path in (state(root) / "seals").iterdir():
        told = json.loads(path.read_bytes())
        told["log"]["hash"] = hashes[told["log"]["entries"] - 1]
        path.write_text(json.dumps(told))
    assert problem(root, cleanhold) == ""
    assert "no entry has the hash noted" in problem(root, cleanhold, "--anchor", kept)


def test_seals_that_are_gone_or_changed_are_found(root: Path, cleanhold: Cleanhold) -> None:
    (path, *_) = sorted((state(root) / "seals").iterdir())
    before = path.read_bytes()
    path.unlink()
    assert "the seal of " in problem(root, cleanhold)
    assert "is missing" in problem(root, cleanhold)
    path.write_bytes(before.replace(b'"entries":', b'"entries":1'))
    assert "noted" in problem(root, cleanhold)
    path.write_bytes(b"{}")
    assert "cannot be read" in problem(root, cleanhold)


def test_the_outside_file_finds_what_every_note_inside_was_removed_for(
    small: Any, cleanhold: Cleanhold
) -> None:
    with (small.root / "pyproject.toml").open("a") as file:
        file.write(OUTSIDE)
    small.contract().deliver("01", "a,1,x")
    small.run()
    small.deliver("02", "b,2,x")
    small.run()
    lines = (small.root / "anchors.ndjson").read_text().splitlines()
    noted = [json.loads(line)["entries"] for line in lines]
    assert len(noted) == 2
    assert noted[0] < noted[1] == entries(small.root)
    assert problem(small.root, cleanhold) == ""
    last = "(select max(number) from audit_log)"
    shell(small.root, f"delete from audit_log where number = {last}")
    newest = f"select number, hash from audit_log where number = {last}"
    (number, digest) = shell(small.root, newest)[0]
    note = {"entries": number, "hash": digest}
    (state(small.root) / "anchor.json").write_text(json.dumps(note))
    said = problem(small.root, cleanhold)
    assert "the end of the audit log is gone" in said
    (small.root / "anchors.ndjson").write_text(lines[0] + "\nnot a line\n")
    assert "line 2 of the file of anchors" in problem(small.root, cleanhold)


@pytest.mark.parametrize("command", [["false"], ["sleep-no-such-program"]])
def test_a_place_outside_that_does_not_take_it_fails_no_run(
    small: Any, cleanhold: Cleanhold, command: list[str]
) -> None:
    with (small.root / "pyproject.toml").open("a") as file:
        file.write(f'\n[tool.cleanhold.anchor]\nfile = "no/folder"\ncommand = {command}\n')
    small.contract().deliver("01", "a,1,x")
    assert small.states() == ["published"]
    said = cleanhold("doctor", "-w", small.root, "--json").json
    told = [one for one in said if one["topic"] == "anchors"]
    assert len(told) == 2
    assert all(one["health"] == "warn" and one["mend"] for one in told)
    assert small.root.name in told[0]["says"] or "no/folder" in told[0]["says"]


def test_a_command_that_leaves_a_child_behind_is_not_waited_for(
    small: Any, cleanhold: Cleanhold
) -> None:
    command = ["sh", "-c", "sleep 25 & cat > told.ndjson"]
    with (small.root / "pyproject.toml").open("a") as file:
        file.write(f"\n[tool.cleanhold.anchor]\ncommand = {command}\n")
    small.contract().deliver("01", "a,1,x")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(small.root)
        patch.setattr("cleanhold.pipeline.anchoring.PATIENCE", 10)
        assert small.states() == ["published"]
    assert (small.root / "told.ndjson").read_text()
    said = cleanhold("doctor", "-w", small.root, "--json").json
    assert [one["health"] for one in said if one["topic"] == "anchors"] == ["ok"]


def test_a_command_that_fails_is_asked_once_for_each_end(small: Any, cleanhold: Cleanhold) -> None:
    calls = small.root / "calls"
    command = ["sh", "-c", f"echo called >> {calls}; echo it is shut >&2; exit 3"]
    with (small.root / "pyproject.toml").open("a") as file:
        file.write(f"\n[tool.cleanhold.anchor]\ncommand = {command}\n")
    small.contract().deliver("01", "a,1,x")
    small.run()
    small.run()
    assert cleanhold("recover", "-w", small.root).code == 0
    assert len(calls.read_text().split()) == 1
    said = cleanhold("log", "anchor", "-w", small.root)
    assert "the command ended with 3: it is shut" in said.out
    assert len(calls.read_text().split()) == 2


def test_a_command_gets_the_line_and_is_told_once(small: Any, cleanhold: Cleanhold) -> None:
    out = small.root / "told.ndjson"
    with (small.root / "pyproject.toml").open("a") as file:
        file.write(f'\n[tool.cleanhold.anchor]\ncommand = ["tee", "-a", "{out}"]\n')
    small.contract().deliver("01", "a,1,x")
    small.run()
    small.run()  # nothing new
    (line,) = out.read_text().splitlines()
    with Workspace.find(small.root).open() as stores:
        (newest,) = stores.ledger.audit_log(newest=1)
    assert json.loads(line)["entries"] == newest.number
    assert json.loads(line)["hash"] == newest.hash
    said = cleanhold("doctor", "-w", small.root, "--json").json
    assert [one["health"] for one in said if one["topic"] == "anchors"] == ["ok"]


@pytest.mark.parametrize("text", ["{", "{}", "[]", '{"act":1}', "null"])
def test_an_entry_that_is_no_act_is_named(root: Path, cleanhold: Cleanhold, text: str) -> None:
    count = entries(root)
    written_anew(root, lambda texts: [*texts[:-1], text])
    assert f"its entry {count} is no act" in problem(root, cleanhold)
    said = cleanhold("log", "-w", root)
    assert said.code == 3
    assert f"its entry {count} is no act" in said.err
    assert f"its entry {count} is no act" in cleanhold("doctor", "-w", root).out.replace("\n", " ")


def test_an_entry_without_what_it_tells_is_named(root: Path, cleanhold: Cleanhold) -> None:
    count = entries(root)
    written_anew(root, lambda texts: [*texts, '{"act":"expired","snapshots":[1],"at":7}'])
    assert f"entry {count + 1} (expired) is not as cleanhold writes it" in problem(root, cleanhold)
    assert cleanhold("log", "-w", root).code == 0


def test_commits_that_are_gone_are_told_though_what_they_made_has_expired(
    small: Any, cleanhold: Cleanhold
) -> None:
    settings = "\n[tool.cleanhold.retention]\nsnapshots = 1\ngrace_hours = 0\n"
    small.write("pyproject.toml", f'[tool.cleanhold]\nname = "small"\n{settings}')
    small.contract()
    for day in ("01", "02", "03"):
        small.deliver(day, f"a,{int(day)},")
        small.run()
    assert cleanhold("expire", "-w", small.root).code == 0
    written_anew(small.root, lambda texts: [t for t in texts if '"act":"published"' not in t])
    assert "written anew" in problem(small.root, cleanhold)
    assert cleanhold("doctor", "-w", small.root).code == 3
