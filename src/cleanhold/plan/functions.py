"""The Python function inside a pandera check."""

from __future__ import annotations

import functools
import inspect
import re
from pathlib import Path
from typing import Any

from pandera.api.checks import Check as PanderaCheck
from pandera.api.function_dispatch import Dispatcher


def function_of(check: PanderaCheck) -> Any:
    """What pandera calls."""
    function: Any = check._check_fn
    if isinstance(function, Dispatcher):  # a copy made before the Polars checks were known
        return PanderaCheck.CHECK_FUNCTION_REGISTRY[function.__name__]
    return function


def ordered_options(check: PanderaCheck) -> dict[str, Any]:
    """A check's options, with sets as sorted lists: their order differs between processes."""
    return {name: _ordered(value) for name, value in check._check_kwargs.items()}


def place_of(check: PanderaCheck, where: str) -> str:
    """`file:line` of the function a person wrote; `where` if it is pandera's own."""
    code = getattr(_written(check), "__code__", None)
    if code is None or _written(check).__module__.startswith("pandera."):
        return where
    return f"{code.co_filename}:{code.co_firstlineno}"


def code_of(check: PanderaCheck) -> str:
    """What can change the verdicts of a function, as text that is the same in every process.

    The file it is written in, for its constants and neighbours count too; its name in it; and
    its options.
    """
    function = _written(check)
    code = getattr(function, "__code__", None)
    given: Any = getattr(check._check_fn, "keywords", {})
    options = {**given, **check._check_kwargs, "ignore_na": check.ignore_na}
    told = repr(sorted((name, _ordered(value)) for name, value in options.items()))
    named = getattr(function, "__qualname__", type(function).__qualname__)
    return "\n".join([named, re.sub(r" at 0x[0-9a-fA-F]+", "", told), _text(code)])


def _text(code: Any) -> str:
    if code is None:
        return ""
    try:
        return f"{code.co_firstlineno}\n{Path(code.co_filename).read_text(encoding='utf-8')}"
    except (OSError, ValueError):  # written nowhere: by hand, or by a program
        return f"{code.co_code.hex()} {code.co_names} {code.co_varnames}"


def _written(check: PanderaCheck) -> Any:
    """The function a person wrote, below what pandera wraps around it."""
    function: Any = check._check_fn
    while isinstance(function, functools.partial):
        function = function.func
    if not isinstance(function, Dispatcher) and inspect.isfunction(function):
        info = inspect.getclosurevars(function).nonlocals.get("self")
        function = getattr(info, "check_fn", function)  # a method of a model
    function = getattr(function, "__func__", function)  # a class method
    return inspect.unwrap(function)


def _ordered(value: Any) -> Any:
    return sorted(value, key=str) if isinstance(value, set | frozenset) else value
