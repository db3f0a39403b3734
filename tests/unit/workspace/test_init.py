from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from cleanhold import Workspace
from cleanhold.errors import UsageError
from cleanhold.workspace.init import FOLDERS, init


def test_a_new_workspace_is_the_reference_workspace_and_runs(tmp_path: Path) -> None:
    files = init(tmp_path / "demo")
    root = tmp_path / "demo"
    assert {path.name for path in root.iterdir()} == {
        *FOLDERS,
        "pyproject.toml",
        ".gitignore",
        "prefect.yaml",
    }
    assert all(file.is_file() for file in files)
    assert not [file for file in files if "generator" in file.parts or file.suffix == ".pyc"]
    states = {str(outcome.state) for outcome in Workspace.find(root).run()}
    assert states == {"published"}


@pytest.mark.parametrize(
    ("folder", "name"),
    [
        ("Sales & Co", "sales-co"),
        ("ümlaut", "mlaut"),
        ("日本", "workspace"),
        ('q"uote\n', "q-uote"),
    ],
)
def test_names_with_odd_characters(tmp_path: Path, folder: str, name: str) -> None:
    init(tmp_path / folder)
    document = tomllib.loads((tmp_path / folder / "pyproject.toml").read_text())
    assert document["project"]["name"] == document["tool"]["cleanhold"]["name"] == name
    assert Workspace.find(tmp_path / folder).catalogue.contracts


def test_an_empty_folder_may_become_one(tmp_path: Path) -> None:
    assert init(tmp_path)


def test_a_folder_with_content_may_not(tmp_path: Path) -> None:
    (tmp_path / ".hidden").touch()
    with pytest.raises(UsageError, match="not empty"):
        init(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == [".hidden"]
