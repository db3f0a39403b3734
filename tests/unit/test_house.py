"""Rules of the house that no linter knows."""

from __future__ import annotations

import ast
import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
FOLDERS = ("src", "tests", "contracts", "checks", "flows", "lineage", "benchmarks", "data")
FILES = sorted(
    path
    for folder in FOLDERS
    for path in (ROOT / folder).rglob("*.py")
    if "__pycache__" not in path.parts
)
SOURCES = [path for path in FILES if path.is_relative_to(ROOT / "src")]
NAMELESS = {"utils", "util", "helpers", "helper", "manager", "managers", "common", "misc"}


def name(path: Path) -> str:
    return str(path.relative_to(ROOT))


def lines(path: Path) -> int:
    return len(path.read_text(encoding="utf-8").splitlines())


def test_there_is_something_to_look_at() -> None:
    assert len(SOURCES) > 80


def test_no_file_is_longer_than_400_lines() -> None:
    assert not {name(path): lines(path) for path in FILES if lines(path) > 400}


def test_names_say_what_is_inside() -> None:
    assert not [name(p) for p in FILES if set(re.split(r"[_.]", p.stem.lower())) & NAMELESS]


def test_modules_and_public_things_are_documented() -> None:
    bare = []
    for path in SOURCES:
        tree = ast.parse(path.read_text(encoding="utf-8"))
        things = (n for n in tree.body if isinstance(n, ast.ClassDef | ast.FunctionDef))
        public = (n for n in things if not n.name.startswith("_"))
        bare += [f"{name(path)}: {n.name}" for n in public if not ast.get_docstring(n)]
        if not ast.get_docstring(tree):
            bare.append(name(path))
    assert not bare


def test_most_files_are_short() -> None:
    lengths = sorted(map(lines, SOURCES))
    assert lengths[len(lengths) // 2] <= 120
    assert lengths[len(lengths) * 9 // 10] <= 250


def test_nothing_is_left_to_do() -> None:
    left = re.compile(r"\b(TODO|FIXME|XXX|NotImplementedError)\b")
    assert not [name(path) for path in SOURCES if left.search(path.read_text(encoding="utf-8"))]
