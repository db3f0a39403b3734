"""The flows of a workspace, as its files declare them; nothing of them is imported or run."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

from cleanhold.core.graph import Kind, Node

#: What a flow calls that takes what every source delivers, and builds what depends on it.
_RUNS = "run_workspace"


def flows_in(folder: Path) -> list[Node]:
    """The Prefect flows in a folder's files that run the workspace, by name.

    A file that is no Python is passed over: whoever runs it hears of that.
    """
    return [flow for path in sorted(folder.glob("*.py")) for flow in _flows(path)]


def _flows(path: Path) -> Iterator[Node]:
    try:
        tree = ast.parse(path.read_bytes(), str(path))
    except (SyntaxError, ValueError):
        return
    for one in ast.walk(tree):
        if isinstance(one, ast.FunctionDef | ast.AsyncFunctionDef) and _calls(one, _RUNS):
            for decorator in one.decorator_list:
                if (name := _flow_name(decorator, one.name)) is not None:
                    where = f"{path.parent.name}/{path.name}:{one.lineno}"
                    says = (ast.get_docstring(one) or "").partition("\n")[0]
                    yield Node(
                        f"flow:{name}",
                        Kind.FLOW,
                        name,
                        description=says,
                        details={"where": where},
                    )


def _flow_name(decorator: ast.expr, function: str) -> str | None:
    """The name that `@flow` or `@flow(name=…)` gives; None for another decorator."""
    call = decorator if isinstance(decorator, ast.Call) else None
    if _named(call.func if call else decorator) != "flow":
        return None
    for given in call.keywords if call else ():
        if given.arg == "name" and isinstance(given.value, ast.Constant):
            return str(given.value.value)
    return function.replace("_", "-")


def _calls(inside: ast.AST, name: str) -> bool:
    return any(isinstance(one, ast.Call) and _named(one.func) == name for one in ast.walk(inside))


def _named(one: ast.expr) -> str:
    """`flow` of `flow` and of `prefect.flow`."""
    return one.attr if isinstance(one, ast.Attribute) else getattr(one, "id", "")
