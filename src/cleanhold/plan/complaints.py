"""Makes pandera's schema of a model, and says what it complains of in our words."""

from __future__ import annotations

import ast
import inspect
import linecache
import re
from functools import lru_cache
from types import NoneType, UnionType
from typing import Any, Union, get_args, get_origin

import pandera.polars as pa
from pandera.api.dataframe.model_components import CHECK_KEY, FieldInfo
from pandera.errors import SchemaInitError

from cleanhold.errors import ContractError
from cleanhold.plan.sentences import few


def schema_of(model: Any, where: str) -> pa.DataFrameSchema:
    """The pandera schema of a model or schema.

    Raises:
        ContractError: pandera refuses it, or it asks for what Polars cannot do.
    """
    _require_names_once(model, where)
    _require_columns_seen(model, where)
    _require_each_written_once(model, where)
    _require_single_types(model, where)
    try:
        made = model if isinstance(model, pa.DataFrameSchema) else model.to_schema()
    except SchemaInitError as error:
        raise _in_our_words(model, str(error), where) from error
    except (TypeError, NameError, AttributeError, ValueError, KeyError) as error:
        if "keyword argument 'on_missing'" in str(error):
            raise ContractError(
                "a field has on_missing, which pandera does not know for Polars",
                where=where,
                next="remove it; a missing optional column is null",
            ) from error
        if found := re.search(
            r"has no attribute '(\w+)'\. Make sure any custom checks", str(error)
        ):
            raise ContractError(
                f"Config has {found.group(1)!r}, which is no option and no registered check",
                where=_line_of(model, found.group(1), where),
                next="remove it, or look for its right name in pandera's Config",
            ) from error
        name = _untypable(model)
        raise ContractError(
            f"pandera cannot make a {f'column of {name!r}' if name else 'schema of this model'}: "
            f"{error}",
            where=_line_of(model, name, where) if name else where,
            next="annotate each column with a type: str, int, float, bool, Decimal, date, "
            "datetime, or a Polars type",
        ) from error
    schema: pa.DataFrameSchema = made
    _require_no_parsers(schema, where)
    _require_checks_used(model, schema, where)
    return schema


def _in_our_words(model: Any, said: str, where: str) -> ContractError:
    """pandera's complaint about a model, with the line it is about."""
    if found := re.search(r"missing annotations: \['(\w+)'", said):
        name = found.group(1)
        given = getattr(model, name, None)
        if inspect.isclass(given) and given.__qualname__.startswith(f"{model.__qualname__}."):
            return ContractError(
                f"the class {name!r} within the model means nothing",
                where=_line_of(model, f"class {name}", where),
                next="options of the model go into a class named Config",
            )
        return ContractError(
            f"the column {name!r} has no type",
            where=_line_of(model, name, where),
            next=f"annotate it: {name}: str = field(…)",
        )
    if found := re.search(r"'(\w+)' can only be assigned a 'Field', not a '<class 'classm", said):
        name = found.group(1)
        return ContractError(
            f"the check {name!r} has the name of a column",
            where=_line_of(model, f"def {name}", where),
            next="give the check another name",
        )
    if found := re.search(r"'(\w+)' can only be assigned a 'Field', not a '<class '(\w+)'>", said):
        name, kind = found.groups()
        return ContractError(
            f"the column {name!r} is given a value ({kind}) where its field belongs",
            where=_line_of(model, name, where),
            next=f"write {name}: … = field(), or field(default=…) for a value where none arrives",
        )
    if found := re.search(r"Check (\w+) is assigned to a non-existing field '(.+)'", said):
        return ContractError(
            f"the check {found.group(1)!r} names {found.group(2)!r}, which is not a column of the "
            "contract",
            where=_line_of(model, f"def {found.group(1)}", where),
            next="name one of its columns",
        )
    if found := re.match(r"(\w+) parameter must", said):
        where = _line_of(model, found.group(1), where)
    return ContractError(said, where=where, next="mend the model as pandera asks")


def _line_of(model: Any, begins: str, where: str) -> str:
    """`file:line` of the line of a model that begins so."""
    try:
        lines, first = inspect.getsourcelines(model)
        file = inspect.getsourcefile(model)
    except (OSError, TypeError):
        return where
    for number, line in enumerate(lines):
        if re.match(rf"\s*{re.escape(begins)}\b", line):
            return f"{file}:{first + number}"
    return where


def _require_names_once(model: Any, where: str) -> None:
    """Two fields of a model may not have one alias: pandera keeps the last, and says nothing."""
    if not isinstance(model, type):
        return
    seen: dict[object, str] = {}
    for name in dict.fromkeys(
        n for m in reversed(model.__mro__) for n in inspect.get_annotations(m)
    ):
        if name.startswith("_") or name == "Config":
            continue
        column = getattr(model, name, name)
        if isinstance(column, str) and seen.setdefault(column, name) != name:
            raise ContractError(
                f"the fields {seen[column]!r} and {name!r} are both the column {column!r}",
                where=_line_of(model, name, where),
                next="give one of them another alias",
            )


def _require_columns_seen(model: Any, where: str) -> None:
    """pandera takes names that begin with an underscore for no columns, and says nothing."""
    for base in model.__mro__ if isinstance(model, type) else ():
        written = {n for n, v in vars(base).items() if isinstance(v, FieldInfo)}
        if issubclass(base, pa.DataFrameModel) and base is not pa.DataFrameModel:
            hints = inspect.get_annotations(base).items()
            written |= {n for n, hint in hints if "ClassVar" not in str(hint)}
        hidden = sorted(n for n in written if n.startswith("_") and not n.startswith("__"))
        for name in hidden:
            raise ContractError(
                f"{name!r} would be no column: its name begins with an underscore",
                where=_line_of(model, name, where),
                next=f"call it {name.strip('_') or 'x'}, with source={name!r} if it arrives so",
            )


def _require_each_written_once(model: Any, where: str) -> None:
    """Python keeps the last of two columns or checks of one name, and says nothing."""
    try:
        file = inspect.getsourcefile(model) or ""
        linecache.checkcache(file)
        classes = _classes("".join(linecache.getlines(file)))
    except (TypeError, OSError, SyntaxError):  # not written in a file
        return
    seen: set[str] = set()
    for statement in classes.get(model.__qualname__, ()):
        name = getattr(statement, "name", None)
        if isinstance(statement, ast.AnnAssign) and isinstance(statement.target, ast.Name):
            name = statement.target.id
        if name in seen:
            raise ContractError(
                f"{name!r} is written twice: only the last of them would count",
                where=f"{file}:{statement.lineno}",
                next="rename one of them",
            )
        seen.update([name] if name else [])


@lru_cache(maxsize=4)
def _classes(source: str) -> dict[str, list[ast.stmt]]:
    """Qualified name of each class of a file → what is written in it. Of two of one name the last
    counts, as it does in Python."""
    found: dict[str, list[ast.stmt]] = {}

    def look(node: ast.AST, within: str) -> None:
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.ClassDef):
                found[within + child.name] = child.body
                look(child, f"{within}{child.name}.")
            elif isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef):
                look(child, f"{within}{child.name}.<locals>.")
            elif isinstance(child, ast.stmt):
                look(child, within)

    look(ast.parse(source), "")
    return found


def _require_single_types(model: Any, where: str) -> None:
    """`str | int`: pandera takes the first, and says nothing."""
    for name, hint in _annotations(model).items():
        if get_origin(hint) not in (Union, UnionType):
            continue
        kinds = [kind for kind in get_args(hint) if kind is not NoneType]
        if len(kinds) > 1:
            raise ContractError(
                f"the column {name!r} has several types: {few([str(hint)])}",
                where=_line_of(model, name, where),
                next="give it one; what may be text or a number is text",
            )


def _untypable(model: Any) -> str | None:
    """The first column of which pandera cannot make one, if it is one column's fault."""
    for name, hint in _annotations(model).items():
        body = {
            "__annotations__": {name: hint},
            **({name: f} if (f := vars(model).get(name)) else {}),
        }
        try:
            type("One", (pa.DataFrameModel,), body).to_schema()  # type: ignore[attr-defined]
        except Exception:  # noqa: BLE001 - whatever it is, the whole model said it first
            return name
    return None


def _annotations(model: Any) -> dict[str, Any]:
    try:
        return inspect.get_annotations(model, eval_str=True) if isinstance(model, type) else {}
    except Exception:  # noqa: BLE001 - a name that does not exist is told when the schema is made
        return {}


def _require_no_parsers(schema: pa.DataFrameSchema, where: str) -> None:
    """pandera's own parsers: it refuses them for Polars too, but only when rows arrive."""
    owners = [schema, *schema.columns.values()]
    if any(getattr(owner, "parsers", None) for owner in owners):
        raise ContractError(
            "the model has parsers of pandera, which do not work on Polars",
            where=where,
            next="give the field a parse rule: field(parse=…)",
        )


def _require_checks_used(model: Any, schema: pa.DataFrameSchema, where: str) -> None:
    """pandera leaves out checks that are written a little wrong, and says nothing."""
    if not isinstance(model, type):
        return
    for base, name, value in ((b, n, v) for b in model.__mro__ for n, v in vars(b).items()):
        if getattr(value, "__qualname__", "") == "check.<locals>._wrapper":
            raise ContractError(
                f"the check {name!r} names no column: @pa.check stands there without brackets",
                where=_line_of(model, f"def {name}", where),
                next="name its columns: @pa.check('amount'), or use @pa.dataframe_check",
            )
        info = getattr(value, CHECK_KEY, None)
        if info is None or not info.regex or base is not model:
            continue  # an inherited check is for those models that have such columns
        patterns = [str(getattr(of, "name", of)) for of in info.fields]
        if not any(re.match(pattern, column) for pattern in patterns for column in schema.columns):
            raise ContractError(
                f"the check {name!r} is of columns like {', '.join(patterns)}, and there are none",
                where=_line_of(model, f"def {name}", where),
                next=f"its columns are {few(list(schema.columns))}",
            )
