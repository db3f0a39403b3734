"""Loads contract files: Python modules with pandera models."""

from __future__ import annotations

import importlib.util
import inspect
import re
import sys
import traceback
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType
from typing import Any

from pandera.api.checks import Check
from pandera.api.dataframe.model_components import DATAFRAME_CHECK_KEY

from cleanhold.core.contract import Contract
from cleanhold.errors import CleanholdError, ContractError
from cleanhold.plan.declare import is_model  # registers the Polars checks before user code
from cleanhold.plan.model import has_terms, read_model
from cleanhold.plan.nulls import workspace_nulls
from cleanhold.plan.terms import CHECK_TERMS, nearest

_OURS = Path(__file__).resolve().parents[1]
_MODULE = "cleanhold_workspace"

#: Characters of an error that are shown.
_MOST_SAID = 300

#: What Python says of a call with arguments that a function does not take.
_CALL = re.compile(r"(?:\w+\.)*(\w+)\(\) (?:got an unexpected|missing|takes) .*argument")

#: What pandera says of an option it does not know.
_NO_OPTION = re.compile(r"custom check '(\w+)' is not available")


def load_contract(spec: str, root: Path | None = None) -> Contract:
    """The contract at `PATH` or `PATH:Name`.

    Args:
        spec: a Python file, and the model's name if the file has several.
        root: folder to import neighbours (`checks`, …) from; found above the file if None.

    Raises:
        ContractError: no such file or model, or a mistake in it.
    """
    path_text, name = _split(spec)
    path = Path(path_text)
    models = _models(path, root)
    if name and name not in models:
        raise ContractError(
            f"{path} has no contract {name!r}",
            where=str(path),
            next=nearest(name, models) + "use one of " + ", ".join(models),
        )
    if not name and len(models) > 1:
        raise ContractError(
            f"{path} has {len(models)} contracts",
            where=str(path),
            next="say which: " + " or ".join(f"{path}:{n}" for n in models),
        )
    name = name or next(iter(models))
    return read_model(models[name], name).within(workspace_nulls(root or root_of(path)))


def load_beside(spec: str, root: Path) -> Contract:
    """The contract at `PATH[:Name]`, with the neighbours of its own workspace.

    Args:
        root: the workspace whose neighbours it gets if it lies in none: a draft, or an older
            version that was put aside.
    """
    path = Path(_split(spec)[0])
    return load_contract(spec, workspace_of(path) or root)


def load_all(spec: str, root: Path | None = None) -> list[Contract]:
    """The contract at `PATH:Name`, or every contract at `PATH`."""
    path, name = _split(spec)
    return [load_contract(spec, root)] if name else [*load_contracts(Path(path), root).values()]


def load_contracts(path: Path, root: Path | None = None) -> dict[str, Contract]:
    """Every contract of one file, by the name of its model. At least one."""
    nulls = workspace_nulls(root or root_of(path))
    models = _models(path, root)
    return {name: read_model(model, name).within(nulls) for name, model in models.items()}


def _models(path: Path, root: Path | None) -> dict[str, Any]:
    """What a file declares: those with terms, or, if none has any, all. At least one."""
    module = import_file(path, root or root_of(path))
    models: dict[str, Any] = {}
    for name, value in vars(module).items():
        is_new = not any(value is model for model in models.values())
        if is_model(value) and _is_own(value, module) and is_new:
            models[name] = value
    declared = {n: m for n, m in models.items() if has_terms(m)} or models
    if not declared:
        raise _no_contract(module, path)
    _require_checks_taken(module, path, models)
    return declared


def _no_contract(module: ModuleType, path: Path) -> ContractError:
    """A file without a contract, though perhaps with what was meant as one."""
    for name, value in vars(module).items():
        made_of = type.mro(value) if isinstance(value, type) else type(value).mro()
        if any(base.__module__.startswith("pandera.api.pandas") for base in made_of) and (
            _is_own(value, module)
        ):
            return ContractError(
                f"{name!r} is a pandera model for pandas, not for Polars",
                where=str(path),
                next="import pandera.polars as pa, in the place of pandera or pandera.pandas",
            )
    return ContractError(
        f"{path} declares no contract",
        where=str(path),
        next="write a class that derives from pandera.polars.DataFrameModel",
    )


def _require_checks_taken(module: ModuleType, path: Path, models: Mapping[str, Any]) -> None:
    """A check that stands below its class instead of in it would never run."""
    taken = [value for m in models.values() if isinstance(m, type) for b in m.__mro__
             for value in vars(b).values()]  # fmt: skip
    for name, value in vars(module).items():
        info = getattr(value, DATAFRAME_CHECK_KEY, None)
        terms = getattr(info, "check_kwargs", {}).get("statistics", {}).get(CHECK_TERMS)
        if terms is None or any(value is one for one in taken):
            continue
        if terms.where.rpartition(":")[0] == str(path.resolve()):
            raise ContractError(
                f"the check {name!r} stands outside of the classes, and none of them takes it",
                where=terms.where,
                next=f"indent it into its class, or name it there: {name} = {name}",
            )


def import_file(path: Path, root: Path) -> ModuleType:
    """Run a Python file of a workspace as a module; `root` is importable meanwhile.

    Raises:
        ContractError: the file is missing or raises; says the line.
    """
    path = path.resolve()
    if path.is_dir():
        raise ContractError(f"{path} is a folder, not a file", next="name a Python file in it")
    if not path.is_file():
        raise ContractError(
            f"there is no file {path}",
            next="check the path; it is that of a Python file, like contracts/contacts.py",
        )
    name = "_".join([_MODULE, *re.findall(r"\w+", str(path.with_suffix("")))])
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise ContractError(f"{path} is not a Python file", next="give a file that ends in .py")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    try:
        with importable(root):
            spec.loader.exec_module(module)
    except CleanholdError as error:
        del sys.modules[name]
        if error.where is None:  # a parse rule, say, knows what is wrong but not where it is
            raise type(error)(
                error.what, where=_line_in(path, root, error), next=error.next
            ) from error
        raise
    except BaseException as error:  # anybody's file may raise anything
        del sys.modules[name]
        if isinstance(error, KeyboardInterrupt):
            raise
        raise ContractError(
            f"the file raises {_said(error)}",
            where=_line_in(path, root, error),
            next=_remedy(error),
        ) from error
    return module


@contextmanager
def importable(root: Path) -> Iterator[None]:
    """Let modules be imported from a workspace, and only while this lasts.

    Workspaces all have a `checks` folder: modules of one must not be taken for another's.
    """
    root = root.resolve()
    own = {entry.stem for entry in root.iterdir() if entry.is_dir() or entry.suffix == ".py"}
    set_aside = {
        name: module
        for name, module in sys.modules.items()
        if name.partition(".")[0] in own and not _is_under(module, root)
    }
    for name in set_aside:
        del sys.modules[name]
    before = set(sys.modules)
    _unregister()
    sys.path.insert(0, str(root))
    try:
        yield
    finally:
        sys.path.remove(str(root))
        for name in set(sys.modules) - before:
            if name.partition(".")[0] in own and _is_under(sys.modules[name], root):
                del sys.modules[name]
        sys.modules.update(set_aside)


def _unregister() -> None:
    """Forget the checks that files of workspaces registered with pandera.

    The files will run again, and pandera refuses a name it knows. What an installed package or
    the running script registered stays.
    """
    for name, method in list(Check.REGISTERED_CUSTOM_CHECKS.items()):
        made_by: Any = inspect.unwrap(getattr(method, "func", method))
        function = inspect.getclosurevars(made_by).nonlocals.get("check_fn")
        module = getattr(function, "__module__", "__main__")
        if module.startswith(_MODULE) or module not in sys.modules:
            del Check.REGISTERED_CUSTOM_CHECKS[name]


def _is_under(module: ModuleType, root: Path) -> bool:
    file = getattr(module, "__file__", None)
    return file is not None and Path(file).is_relative_to(root)


def _said(error: BaseException) -> str:
    """An error in one line that is not too long."""
    text = str(error.msg if isinstance(error, SyntaxError) else error)
    first = next(iter(text.strip().splitlines()), "")
    shown = first if len(first) <= _MOST_SAID else first[:_MOST_SAID] + "…"
    return f"{type(error).__name__}: {shown}" if shown else type(error).__name__


def _remedy(error: BaseException) -> str:
    if called := _CALL.match(str(error)):
        return _how_to_call(error, called[1])
    if "circular import" in str(error):
        return "two files import each other: move what both need into a third"
    if option := _NO_OPTION.search(str(error)):
        return f"the field has an unknown option {option[1]!r}: remove it, or mend its name"
    if "null bytes" in str(error):
        return "save the file as text in UTF-8"
    if isinstance(error, ModuleNotFoundError):
        return "install the package, or check the name; folders beside `contracts` can be imported"
    if isinstance(error, ImportError | NameError | AttributeError):
        return "check the spelling, and that the name is imported"
    if "'classmethod' object is not callable" in str(error):
        return "@pa.dataframe_check takes no columns; @pa.check does"
    return "mend that line"


def _how_to_call(error: BaseException, name: str) -> str:
    """The arguments of the function that was called wrongly, and the one that was meant."""
    frames = [frame for frame, _ in traceback.walk_tb(error.__traceback__)]
    known = {**frames[-1].f_globals, **frames[-1].f_locals} if frames else {}
    modules = [vars(value) for value in known.values() if isinstance(value, ModuleType)]
    function = next((space[name] for space in (known, *modules) if name in space), None)
    try:
        parameters = inspect.signature(function).parameters  # type: ignore[arg-type]
    except (TypeError, ValueError):
        return "mend that line"
    wrong = re.search(r"keyword argument '(\w+)'", str(error))
    named = [n for n, p in parameters.items() if p.kind is not p.VAR_KEYWORD]
    meant = nearest(wrong[1], named) if wrong else ""
    return f"{meant}its arguments are {', '.join(named) or 'none'}"


def _line_in(path: Path, root: Path, error: BaseException) -> str:
    """The innermost line of the workspace that was running, or the file itself."""
    if isinstance(error, SyntaxError) and error.filename:
        return f"{error.filename}:{error.lineno}"
    frames = traceback.extract_tb(error.__traceback__)
    own = [f for f in frames if _is_workspace_file(Path(f.filename), root)]
    own = own or [f for f in frames if f.filename == str(path)]
    return f"{own[-1].filename}:{own[-1].lineno}" if own else str(path)


def _is_workspace_file(file: Path, root: Path) -> bool:
    """A file of the team's: not ours, nor of an environment that lies inside the workspace."""
    if not file.is_relative_to(root.resolve()) or file.is_relative_to(_OURS):
        return False
    return "site-packages" not in file.parts


def _is_own(value: Any, module: ModuleType) -> bool:
    """Models that a file imports from another are not its own; schema objects always are."""
    return not isinstance(value, type) or value.__module__ == module.__name__


def root_of(path: Path) -> Path:
    """The folder above that looks like a workspace, else the file's own folder."""
    return workspace_of(path) or path.resolve().parent


def workspace_of(path: Path) -> Path | None:
    """The folder above that looks like a workspace; None if there is none."""
    for folder in path.resolve().parents:
        if (folder / "contracts").is_dir() or (folder / "pyproject.toml").is_file():
            return folder
    return None


def root_of_spec(spec: str) -> Path:
    """`root_of` the file of `PATH[:Name]`."""
    return root_of(Path(_split(spec)[0]))


def _split(spec: str) -> tuple[str, str]:
    path, colon, name = spec.rpartition(":")
    if not colon or not path or (Path(spec).exists() and not name.isidentifier()):
        return spec, ""
    is_name = name.isidentifier() or (path.endswith(".py") and Path(path).is_file())
    return (path, name) if is_name else (spec, "")
