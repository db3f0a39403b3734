"""Signed snapshots: runs sign, readers refuse what is not signed, verify tells."""

from __future__ import annotations

import json
import stat
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from cleanhold import Workspace, training_set
from cleanhold.core.run import canonical_json
from cleanhold.errors import DamagedFile
from cleanhold.store.signing import VARIABLE

pytest.importorskip("cryptography")

Cleanhold = Callable[..., Any]


@pytest.fixture
def key(small: Any, cleanhold: Cleanhold, tmp_path: Path) -> str:
    """A key outside the workspace, which the environment names; gives its public half."""
    small.contract().deliver("01", "a,1,x")
    file = tmp_path / "keys" / "small.key"
    said = cleanhold("log", "key", "-w", small.root, "--out", file, "--json").json
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert cleanhold("log", "key", "-w", small.root, "--out", file).code == 2  # never overwritten
    shown = cleanhold("log", "key", "-w", small.root, "--out", file, "--show", "--json").json
    assert shown == said
    return str(said["public_key"])


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> pytest.MonkeyPatch:
    monkeypatch.setenv(VARIABLE, str(tmp_path / "keys" / "small.key"))
    return monkeypatch


def trust(small: Any, *keys: str) -> None:
    table = (
        f'[tool.cleanhold]\nname = "small"\n[tool.cleanhold.signing]\npublic_keys = {list(keys)}'
    )
    small.write("pyproject.toml", table)


def seals(small: Any) -> list[Path]:
    return sorted((small.root / ".cleanhold" / "seals").iterdir())


def problems(small: Any, cleanhold: Cleanhold) -> list[str]:
    said = cleanhold("log", "verify", "-w", small.root, "--json")
    found = [one["what"] for one in said.json["problems"]]
    assert said.code == (1 if found else 0)
    return found


def test_what_a_run_signs_is_read_and_verified(small: Any, key: str, cleanhold: Cleanhold) -> None:
    trust(small, key)
    assert small.states() == ["published"]
    assert small.ids() == {"a": 1}
    assert problems(small, cleanhold) == []
    assert cleanhold("log", "verify", "-w", small.root, "--json").json["signed"] == 1
    (seal,) = seals(small)
    assert json.loads(seal.read_bytes())["key"] == key
    assert small.states() == ["unchanged"]  # the same inputs give nothing new


@pytest.mark.parametrize(
    ("damage", "says"),
    [
        (lambda seal: seal.unlink(), "is not signed"),
        (lambda seal: seal.write_bytes(_with(seal, key="", signature="")), "is not signed"),
        (lambda seal: seal.write_bytes(_with(seal, signature="AAAA")), "has a wrong signature"),
        (lambda seal: seal.write_bytes(_with(seal, log={"entries": 1, "hash": "0" * 64})),
         "has a wrong signature"),
    ],
)  # fmt: skip
def test_readers_refuse_what_is_not_rightly_signed(
    small: Any, key: str, cleanhold: Cleanhold, damage: Callable[[Path], Any], says: str
) -> None:
    trust(small, key)
    small.run()
    damage(seals(small)[0])
    with pytest.raises(DamagedFile, match=says) as refused:
        small.ids()
    assert refused.value.where
    assert refused.value.next
    with pytest.raises(DamagedFile, match=says):
        Workspace.find(small.root).waived("shop.orders")
    late = datetime(2999, 1, 1, tzinfo=UTC)
    entities = pl.DataFrame({"id": ["a"], "at": [late]})
    with pytest.raises(DamagedFile, match=says):
        training_set(entities, {"shop.orders": ["amount"]}, as_of="at", workspace=small.root)
    assert any(says in problem for problem in problems(small, cleanhold))
    said = cleanhold("verify", "-w", small.root, "--json")
    assert said.code == 3
    assert any(says in problem["what"] for problem in said.json["problems"])


def _with(seal: Path, **changes: Any) -> bytes:
    return canonical_json({**json.loads(seal.read_bytes()), **changes})


def test_a_key_that_is_not_named_is_not_trusted(
    small: Any, key: str, cleanhold: Cleanhold, tmp_path: Path, environment: pytest.MonkeyPatch
) -> None:
    other = tmp_path / "keys" / "other.key"
    said = cleanhold("log", "key", "-w", small.root, "--out", other, "--json").json
    trust(small, said["public_key"])
    assert small.states() == ["failed"]  # nobody could read what it would publish
    environment.delenv(VARIABLE)
    assert small.states() == ["failed"]
    environment.setenv(VARIABLE, other.read_text())  # the PEM itself
    assert small.states() == ["published"]
    trust(small, key)
    with pytest.raises(DamagedFile, match="by a key that this workspace does not name"):
        small.ids()


def test_what_was_published_before_is_signed_later(
    small: Any, key: str, cleanhold: Cleanhold
) -> None:
    small.run()
    assert small.ids() == {"a": 1}
    trust(small, key)
    with pytest.raises(DamagedFile, match="is not signed"):
        small.ids()
    said = cleanhold("log", "sign", "-w", small.root, "--json")
    assert said.json == [{"dataset": "shop.orders", "snapshot": 1}]
    assert small.ids() == {"a": 1}
    assert problems(small, cleanhold) == []
    assert cleanhold("log", "sign", "-w", small.root, "--json").json == []
    (act,) = cleanhold("log", "--act", "signed", "-w", small.root, "--json").json
    assert act["who"]
    assert key in act["says"]


def test_nothing_is_signed_where_the_log_is_not_whole(
    small: Any, key: str, cleanhold: Cleanhold
) -> None:
    small.run()
    trust(small, key)
    (small.root / ".cleanhold" / "anchor.json").write_text('{"entries": 90, "hash": "ab"}')
    said = cleanhold("log", "sign", "-w", small.root, "--json")
    assert said.code == 3
    assert "nothing was signed" in said.json["error"]["what"]
    assert "key" not in json.loads(seals(small)[0].read_bytes())


def test_a_key_that_others_may_read_is_refused(
    small: Any, key: str, cleanhold: Cleanhold, tmp_path: Path
) -> None:
    trust(small, key)
    (tmp_path / "keys" / "small.key").chmod(0o644)
    (outcome,) = small.run()
    assert outcome.error is not None
    assert "others may read the private key" in outcome.error.what


@pytest.mark.parametrize("text", ["ed25519:AAAA", "ssh-ed25519 AAAA", ""])
def test_a_public_key_must_be_one(small: Any, key: str, cleanhold: Cleanhold, text: str) -> None:
    trust(small, text)
    said = cleanhold("log", "-w", small.root, "--json")
    assert said.code == 2
    assert "is no public key" in said.json["error"]["what"]
