"""A whole workspace whose ledger is on PostgreSQL: run, decide, replay, roll back, mend, look."""

from __future__ import annotations

import os
import secrets
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from cleanhold import Workspace
from cleanhold.cli.main import main
from cleanhold.errors import LedgerError
from cleanhold.store.crashpoints import POINTS, VARIABLE
from tests.postgres import PASSWORD, Server

Cleanhold = Callable[..., Any]


@pytest.fixture
def url(postgres_server: Server) -> Iterator[str]:
    """A new schema that a user with a password may fill, in a database of many."""
    name = f"team_{secrets.token_hex(6)}"
    postgres_server.execute(f"create schema {name} authorization crm")
    with postgres_server.schema(name, postgres_server.url()) as found:
        yield found


@pytest.fixture
def shop(small: Any, url: str, monkeypatch: pytest.MonkeyPatch) -> Any:
    """A small workspace with that ledger; its password is in the environment."""
    monkeypatch.setenv("LEDGER_PASSWORD", PASSWORD)
    hidden = url.replace(url.partition("crm:")[2].partition("@")[0], "${LEDGER_PASSWORD}")
    assert "${LEDGER_PASSWORD}@" in hidden
    small.write("pyproject.toml", f'[tool.cleanhold]\nname = "small"\nledger = "{hidden}"\n')
    small.contract()
    small.deliver("01", "a1,1,x", "a2,-2,y", "a3,3,z")
    return small


def test_a_whole_life(shop: Any, cleanhold: Cleanhold, conserved: Callable[[Path], int]) -> None:
    here = ("--workspace", shop.root)
    assert cleanhold("run", *here).code == 0
    assert shop.ids() == {"a1": 1, "a3": 3}
    assert conserved(shop.root) == 1
    assert not (shop.root / ".cleanhold" / "ledger.db").exists()
    where = ("--dataset", "shop.orders", "--reason", "typo", "-y", *here)
    decided = cleanhold("quarantine", "correct", *where, "--set", "amount=2")
    assert decided.code == 0, decided.err
    assert cleanhold("replay", *here).code == 0
    assert shop.ids() == {"a1": 1, "a2": 2, "a3": 3}
    back = cleanhold("rollback", "shop.orders", "--to", "1", "--reason", "too soon", *here)
    assert back.code == 0, back.err
    assert shop.ids() == {"a1": 1, "a3": 3}
    for command in ("verify", "recover", "doctor"):
        done = cleanhold(command, *here)
        assert done.code == 0, done.out + done.err
        assert PASSWORD not in done.out + done.err
    assert shop.states() == ["unchanged"]


def test_doctor_looks_at_the_server_and_makes_nothing_there(
    shop: Any, cleanhold: Cleanhold, postgres_server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = {s["topic"]: s for s in cleanhold("doctor", "--json", "--workspace", shop.root).json}
    assert found["ledger server"]["health"] == "ok"
    assert "PostgreSQL" in found["ledger server"]["says"]
    assert found["state"]["says"] == "never run yet"
    assert not (shop.root / ".cleanhold").exists()
    monkeypatch.setenv("LEDGER_PASSWORD", "wrong")
    told = cleanhold("doctor", "--workspace", shop.root)
    assert told.code == 3
    assert "does not let this user in" in told.out


def test_two_workspaces_do_not_share_a_schema(
    shop: Any, new_small: Callable[[Path], Any], url: str, tmp_path: Path
) -> None:
    shop.run()
    other = new_small(tmp_path / "other")
    other.write("pyproject.toml", f'[tool.cleanhold]\nledger = "{url}"\n')
    other.contract().deliver("01", "b1,1,x")
    with pytest.raises(LedgerError, match="of another state folder"):
        other.run()
    assert shop.ids() == {"a1": 1, "a3": 3}


@pytest.mark.parametrize("command", ["recover", "run"])
def test_a_forgotten_or_mistaken_url_harms_nothing(
    shop: Any, url: str, cleanhold: Cleanhold, monkeypatch: pytest.MonkeyPatch, command: str
) -> None:
    shop.run()
    files = sorted((shop.root / ".cleanhold").rglob("*.parquet"))
    settings = shop.root / "pyproject.toml"
    text = settings.read_text()
    settings.write_text('[tool.cleanhold]\nname = "small"\n')
    said = cleanhold(command, "--workspace", shop.root)
    assert said.code == 3
    assert "its URL is not set" in said.err
    monkeypatch.setenv("CLEANHOLD_LEDGER", url.replace("schema=team_", "schema=meat_"))
    said = cleanhold(command, "--workspace", shop.root)
    assert said.code == 3, said.out
    assert sorted((shop.root / ".cleanhold").rglob("*.parquet")) == files
    settings.write_text(text)
    monkeypatch.delenv("CLEANHOLD_LEDGER")
    assert shop.states() == ["unchanged"]


def test_the_environment_names_the_ledger(
    small: Any, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CLEANHOLD_LEDGER", url)
    small.contract().deliver("01", "a1,1,x")
    assert small.states() == ["published"]
    assert (small.root / ".cleanhold" / "ledger.json").is_file()
    assert PASSWORD not in (small.root / ".cleanhold" / "ledger.json").read_text()


@pytest.fixture(scope="module")
def before(tmp_path_factory: pytest.TempPathFactory, new_small: Callable[[Path], Any]) -> Path:
    """A workspace with two deliveries, not run yet."""
    made = new_small(tmp_path_factory.mktemp("before") / "small")
    made.contract(more="").deliver("01", "a1,1,x", "a2,-2,y", "a3,3", "a4,4,z")
    made.deliver("02", "a1,5,x", "b1,-1,y", "b2,7,z")
    return Path(made.root)


#: Those that a run of these deliveries meets.
MET = [p for p in POINTS if p not in ("promoted-warned", "promoted-superseded")]


@pytest.mark.slow
@pytest.mark.parametrize("point", MET)
def test_killed_at(
    point: str,
    before: Path,
    url: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    new_small: Callable[[Path], Any],
    conserved: Callable[[Path], int],
) -> None:
    monkeypatch.setenv("CLEANHOLD_LEDGER", url)
    root = tmp_path / "killed"
    shutil.copytree(before, root)
    killed = subprocess.run(
        [sys.executable, "-m", "cleanhold", "run", "--workspace", str(root)],
        env={**os.environ, VARIABLE: point, "POLARS_MAX_THREADS": "1"},
        capture_output=True,
        check=False,
    )
    assert killed.returncode == -signal.SIGKILL, killed.stderr.decode()
    assert "failed" not in new_small(root).states()
    assert new_small(root).ids() == {"a1": 5, "a4": 4, "b2": 7}
    assert conserved(root) == 2
    for command in ("recover", "verify"):
        with pytest.raises(SystemExit) as ended:
            main([command, "--workspace", str(root)])
        assert ended.value.code == 0
    with Workspace.find(root).open() as stores:
        assert not stores.ledger.pending()
        assert not list(stores.state.staging.iterdir())
        assert stores.ledger.verify_audit()
