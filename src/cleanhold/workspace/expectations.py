"""The team's own expectations: functions and suites in the folder `checks` of a workspace."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from functools import wraps
from pathlib import Path
from typing import Any

from cleanhold.core.contract import Contract
from cleanhold.core.expected import CHECKS, Expected, expected_of
from cleanhold.errors import ContractError
from cleanhold.plan.load import import_file, importable
from cleanhold.plan.terms import nearest

#: The folder of a workspace that has suites, one for a dataset.
SUITES = f"{CHECKS}/expectations"

#: What Great Expectations writes of an expectation, and how severe it can be.
_KEYS = ("type", "kwargs", "meta", "severity", "notes", "description", "id", "rendered_content")
_SEVERITIES = ("critical", "warning", "info")


def with_expectations(root: Path, contracts: Mapping[str, Contract]) -> dict[str, Contract]:
    """The contracts, each with what the team expects of its dataset as a whole.

    Raises:
        ContractError: a file is mistaken, or is about a dataset that has no contract.
    """
    found: dict[str, list[Expected]] = {}
    for one in (*_functions(root), *_suites(root)):
        if one.dataset not in contracts:
            raise ContractError(
                f"expectations of {one.dataset!r}, which no contract is for",
                where=str(root / one.where),
                next=nearest(one.dataset, contracts) + "use one of " + ", ".join(contracts),
            )
        found.setdefault(one.dataset, []).append(one)
    return {
        dataset: replace(contract, expectations=tuple(found.get(dataset, ())))
        for dataset, contract in contracts.items()
    }


def _functions(root: Path) -> Iterator[Expected]:
    """What functions expect. Files that do not have the word are not run for it."""
    for path in sorted((root / CHECKS).rglob("*.py")):
        if b"expectations" not in path.read_bytes():
            continue
        module = import_file(path, root)
        functions = {id(value): value for value in vars(module).values()}.values()
        for one in (one for function in functions for one in expected_of(function)):
            if one.gives is not None and one.file == str(path.resolve()):  # else it is imported
                line = one.where.rpartition(":")[2]
                where = f"{path.relative_to(root).as_posix()}:{line}"
                yield replace(one, where=where, gives=_within(root, one.gives))


def _within(root: Path, function: Callable[[], object]) -> Callable[[], object]:
    """The function, able to import its neighbours when it is called."""

    @wraps(function)
    def gives() -> object:
        with importable(root):
            return function()

    return gives


def _suites(root: Path) -> Iterator[Expected]:
    for path in sorted((root / SUITES).glob("*.json")):
        data = path.read_bytes()
        try:
            text = data.decode()
            document = json.loads(text)
        except ValueError as error:
            raise ContractError(
                f"the suite is not JSON: {error}", where=str(path), next="mend that line"
            ) from error
        suite = tuple((where, json.dumps(one)) for where, one in _listed(document, text, path))
        yield Expected(path.stem, f"{path}:1", hashlib.sha256(data).hexdigest(), suite=suite)


def _listed(document: Any, text: str, path: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    """File and line of each expectation, and the expectation.

    Raises:
        ContractError: for what can be told without Great Expectations, which is slow to import.
    """
    listed = document.get("expectations") if isinstance(document, dict) else None
    if not isinstance(listed, list):
        raise ContractError(
            'the suite has no list "expectations"',
            where=str(path),
            next=f"`cleanhold audit suite {path.stem}` writes one to start from",
        )
    for number, (one, line) in enumerate(zip(listed, _lines(text, listed), strict=True), 1):
        where = f"{path}:{line}"
        if (wrong := _mistake(one)) is not None:
            what, remedy = wrong
            raise ContractError(f"expectation {number} {what}", where=where, next=remedy)
        yield where, one


def _mistake(one: Any) -> tuple[str, str] | None:
    """What is wrong with an expectation of a suite, and what to do."""
    if isinstance(one, dict) and "expectation_type" in one:
        what = "has no type: it is of a Great Expectations before 1.0"
        return what, 'write "type" for "expectation_type"'
    if not (isinstance(one, dict) and isinstance(one.get("type"), str)):
        return "has no type", 'write {"type": "expect_…", "kwargs": {…}}'
    if unknown := [key for key in one if key not in _KEYS]:
        remedy = nearest(unknown[0], _KEYS) + "what it is asked is in its kwargs"
        return f"({one['type']}) has an unknown key {unknown[0]!r}", remedy
    if not isinstance(one.get("kwargs", {}), dict):
        return f"({one['type']}) has kwargs that are no object", 'write "kwargs": {"column": "…"}'
    if one.get("severity", "critical") not in _SEVERITIES:
        what = f"({one['type']}) has the severity {one['severity']!r}"
        return what, "use one of " + ", ".join(_SEVERITIES)
    return None


def _lines(text: str, listed: list[Any]) -> list[int]:
    """The line of each expectation of a suite: that of its type."""
    lines, after = [], 0
    for one in listed:
        written = json.dumps(one.get("type") if isinstance(one, dict) else None)
        found = re.compile(r'"type"\s*:\s*' + re.escape(written)).search(text, after)
        after = found.end() if found else after
        lines.append(text.count("\n", 0, after) + 1)
    return lines
