from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from cleanhold import Workspace
from cleanhold.pipeline.configuration import configuration as told_of
from cleanhold.pipeline.log_words import SENTENCES, sentence
from cleanhold.store import configuration

Cleanhold = Callable[..., Any]


@pytest.fixture
def acts(small: Any, cleanhold: Cleanhold) -> Callable[..., list[dict[str, Any]]]:
    """Entries of the log, as the command gives them."""

    def ask(*options: Any) -> list[dict[str, Any]]:
        said = cleanhold("log", "-w", small.root, "--json", *options)
        assert said.code == 0, said.out
        return list(said.json)

    return ask


@pytest.fixture
def ran(small: Any) -> Any:
    small.contract().deliver("01", "a,1,x", "b,-2,y")
    small.run()
    return small


def test_the_newest_come_first_and_each_is_one_sentence(ran: Any, acts: Any) -> None:
    found = acts()
    assert [one["entry"] for one in found] == list(range(len(found), 0, -1))
    assert [one["act"] for one in found] == [
        "published",
        "configuration_changed",
        "seen",
        "landed",
    ]
    told = found[0]
    assert told["says"] == ("snapshot 1 of shop.orders was published: 2 records = 1 clean + 1 held")
    assert told["who"]
    assert datetime.fromisoformat(told["at"]).tzinfo
    assert [one["entry"] for one in acts("--oldest-first", "--limit", 2)] == [3, 4]


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        (["-d", "shop.orders"], ["published", "configuration_changed", "seen", "landed"]),
        (["-d", "shop.other"], []),
        (["--act", "landed"], ["landed"]),
        (["--who", "USER ID"], ["published", "configuration_changed"]),
        (["--who", "nobody at all"], []),
        (["--snapshot", "1"], ["published"]),
        (["--snapshot", "2"], []),
        (["--since", "2000-01-01", "--limit", "1"], ["published"]),
        (["--until", "2000-01-01"], []),
        (["--since", "2999-01-01T06:30"], []),
    ],
)
def test_filters(ran: Any, acts: Any, options: list[str], expected: list[str]) -> None:
    assert [one["act"] for one in acts(*options)] == expected


def test_entries_of_one_run(ran: Any, acts: Any) -> None:
    run = acts("--act", "published")[0]["body"]["run"]
    found = acts("--run", run[:8])
    assert [one["act"] for one in found] == ["published", "configuration_changed"]
    assert acts("--run", "nothing") == []


def test_what_cannot_be_asked(ran: Any, cleanhold: Cleanhold) -> None:
    said = cleanhold("log", "-w", ran.root, "--json", "--act", "publishd")
    assert said.code == 2
    assert "published" in said.json["error"]["next"]
    said = cleanhold("log", "-w", ran.root, "--json", "--since", "yesterday")
    assert said.code == 2
    assert "no day" in said.json["error"]["what"]


def test_an_option_before_a_command_would_have_no_effect(ran: Any, cleanhold: Cleanhold) -> None:
    said = cleanhold("log", "-w", ran.root, "verify")
    assert said.code == 2
    assert "write cleanhold log verify --workspace" in said.err


def test_each_act_of_the_source_has_a_sentence() -> None:
    """Acts are constants beside what appends them, or given to `record_act`."""
    source = Path(sentence.__code__.co_filename).parents[1]
    named = set(SENTENCES)
    for path in (*source.glob("store/*.py"), *source.glob("pipeline/*.py")):
        text = path.read_text(encoding="utf-8")
        named_here = re.findall(r'record_act\(\s*"(\w+)"', text)
        assert set(named_here) <= named, path
    assert configuration.CHANGED in named


def test_an_act_that_nobody_knows_is_told_all_the_same() -> None:
    assert sentence({"act": "moon_landed", "dataset": "crm.contacts"}) == "moon landed crm.contacts"
    assert sentence({"act": "published"}) == "published"  # of another version


def test_a_configuration_is_told_once_and_what_changes_in_it(ran: Any, acts: Any) -> None:
    ran.deliver("02", "c,3,z")
    ran.run()
    (first,) = acts("--act", "configuration_changed")
    assert "was recorded" in first["says"]
    ran.contract(version="1.1.0")
    table = '[tool.cleanhold]\nname = "small"\n[tool.cleanhold.retention]\nsnapshots = 7\n'
    ran.write("pyproject.toml", table)
    ran.run()
    assert len(acts("--act", "configuration_changed")) == 1  # nothing was committed under it
    ran.deliver("03", "d,4,z")
    ran.run()
    changed, _ = acts("--act", "configuration_changed")
    assert "contract shop.orders: 1.0.0 (" in changed["says"]
    assert "→ 1.1.0 (" in changed["says"]
    assert "retention.rule.snapshots is new (7)" in changed["says"]
    published = acts("--act", "published")[0]
    assert changed["body"]["run"] == published["body"]["run"]
    assert changed["entry"] == published["entry"] - 1  # in one transaction
    ran.deliver("04", "e,5,z")
    ran.run()
    assert len(acts("--act", "configuration_changed")) == 2


def test_no_password_is_in_the_configuration(ran: Any, acts: Any) -> None:
    source = (
        "from cleanhold import Source, delimited\n"
        "sources = [Source(name='shop.orders', arrives='s3://me:hush@host/in/?token=psst', "
        "pattern='orders_*.csv', reader=delimited())]\n"
    )
    ran.write("flows/sources.py", source)
    with Workspace.find(ran.root).open() as stores:
        told = json.dumps(told_of(stores))
    assert "s3://host/in/" in told
    assert "hush" not in told
    assert "psst" not in told
    assert "me:" not in told


def test_an_export_is_told_with_its_hash(
    ran: Any, acts: Any, cleanhold: Cleanhold, tmp_path: Path
) -> None:
    file = tmp_path / "held.csv"
    where = ("-w", ran.root, "-d", "shop.orders", "--out", file)
    assert cleanhold("quarantine", "export", *where).code == 0
    assert cleanhold("quarantine", "export", *where, "--reveal", "for the shop").code == 0
    revealed, masked = acts("--act", "exported")
    assert "personal values masked" in masked["says"]
    assert "with personal values" in revealed["says"]
    assert revealed["why"] == "for the shop"
    assert revealed["who"]
    assert revealed["body"]["sha256"] == hashlib.sha256(file.read_bytes()).hexdigest()
    assert str(tmp_path) not in json.dumps(revealed)
    assert acts("--act", "revealed")


def test_an_anchor_is_the_end_of_the_log(ran: Any, acts: Any, cleanhold: Cleanhold) -> None:
    said = cleanhold("log", "anchor", "-w", ran.root, "--json").json
    newest = acts("--limit", 1)[0]
    assert (said["entries"], said["hash"]) == (newest["entry"], newest["hash"])
    assert datetime.fromisoformat(said["at"]).astimezone(UTC)
    kept = cleanhold("log", "verify", "-w", ran.root, "--anchor", said["hash"])
    assert kept.code == 0
    assert cleanhold("log", "verify", "-w", ran.root, "--anchor", "ab" * 32).code == 1


def test_a_key_that_was_asked_for_is_not_in_the_log(
    small: Any, acts: Any, cleanhold: Cleanhold
) -> None:
    small.contract().deliver("01", "anna,1,x", "bob,2,y")
    small.run()
    for row in ("anna", "anna -d shop.orders"):
        assert cleanhold("explain", *row.split(), "-w", small.root, "--reveal", "why").code == 0
    assert cleanhold("quarantine", "show", "anna", "-w", small.root, "--reveal", "why").code == 2
    with Workspace.find(small.root).open() as stores:  # as it was written before
        for what in ("explain bob | 1", "quarantine show bob", "explain 0123456789abcdef-1"):
            told = {"who": "ada", "why": "why", "what": what, "at": "2026-11-01T00:00:00+00:00"}
            stores.ledger.record_act("revealed", told)
    found = acts("--act", "revealed", "--oldest-first")
    assert [one["body"]["what"] for one in found] == [
        "explain a key of every dataset",
        "explain a key of shop.orders",
        "quarantine show a key of every dataset",
        "explain •••",
        "quarantine show •••",
        "explain 0123456789abcdef-1",
    ]
    assert "anna" not in json.dumps(found)
    assert "bob" not in json.dumps(found)
    assert len(acts("--act", "revealed", "-d", "shop.orders")) == len(found)


def test_another_database_or_query_is_another_configuration(small: Any) -> None:
    small.contract()

    def told(**asked: Any) -> str:
        given = ", ".join(f"{name}={value!r}" for name, value in asked.items())
        source = f"sources = [Source(name='shop.orders', arrives=sql({given}))]\n"
        small.write("flows/sources.py", f"from cleanhold import Source, sql\n{source}")
        with Workspace.find(small.root).open() as stores:
            return told_of(stores)["source shop.orders"]

    a, b = ({"url": f"sqlite:///{name}.db"} for name in "ab")
    assert "sqlite:///a.db" in told(**a, table="t")
    asked = [
        {**a, "table": "t"},
        {**b, "table": "t"},
        {**a, "table": "u"},
        {**a, "query": "select id from t"},
        {**a, "query": "select id from u"},
        {**a, "table": "t", "watermark": "id"},
        {"url_env": "A_URL", "table": "t"},
    ]
    found = [told(**one) for one in asked]
    assert len(set(found)) == len(asked)
    assert found == [told(**one) for one in asked]


def test_a_configuration_that_cannot_be_told_leaves_no_claim(
    small: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(_: Any) -> dict[str, str]:
        raise RuntimeError("no configuration")

    small.contract().deliver("01", "a,1,x")
    with monkeypatch.context() as patch:
        patch.setattr("cleanhold.pipeline.claiming.configuration", broken)
        with pytest.raises(RuntimeError):
            small.run()
    with Workspace.find(small.root).open() as stores:
        assert not stores.ledger.runs()
    assert small.states() == ["published"]
