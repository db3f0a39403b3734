"""DuckDB for Great Expectations, which knows no such data source."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any, ClassVar, Literal
from uuid import uuid4

import duckdb_engine
from great_expectations.compatibility import sqlalchemy as compatible
from great_expectations.datasource.fluent.sql_datasource import (
    QueryAsset,
    SQLDatasource,
    TableAsset,
)
from great_expectations.execution_engine.sqlalchemy_execution_engine import (
    SqlAlchemyExecutionEngine,
)

sa: Any = compatible.sqlalchemy  # type: ignore[attr-defined]

#: Name of the view that expectations are about.
VIEW = "candidate"

#: Memory that DuckDB may take before it puts what it works on into files.
_MEMORY = "1GB"

_DRIVER = "cleanhold_candidate"


def _named(name: str, base: Any) -> Any:
    return type(name, (base,), {})


#: DuckDB's type → SQLAlchemy's; in expectations, types have the name of the former.
_TYPES: dict[str, Any] = {
    name: getattr(sa.types, name)
    for name in ("BIGINT", "BLOB", "BOOLEAN", "DATE", "DECIMAL", "DOUBLE", "FLOAT", "INTEGER",
                 "SMALLINT", "TIME", "TIMESTAMP", "VARCHAR")
} | {
    name: _named(name, sa.types.Integer)
    for name in ("HUGEINT", "TINYINT", "UBIGINT", "UINTEGER", "USMALLINT", "UTINYINT")
} | {
    name: _named(name, sa.types.NullType)
    for name in ("INTERVAL", "LIST", "MAP", "STRUCT", "TIME_NS", "TIMESTAMP_MS", "TIMESTAMP_NS",
                 "TIMESTAMP_S", "TIMESTAMPTZ", "UUID")
}  # fmt: skip


class _Compiler(duckdb_engine.Dialect.statement_compiler):  # type: ignore[misc, valid-type]
    """Patterns are searched for, as in other databases; DuckDB's `~` wants a whole match."""

    def visit_custom_op_binary(self, element: Any, operator: Any, **options: Any) -> str:
        if operator.opstring not in ("~", "!~"):
            return str(super().visit_custom_op_binary(element, operator, **options))
        sides = (self.process(side, **options) for side in (element.left, element.right))
        negation = "NOT " if operator.opstring == "!~" else ""
        return f"{negation}regexp_matches({', '.join(sides)})"


class Dialect(duckdb_engine.Dialect):
    """It only reads: without transactions, which one failing statement would end for all."""

    statement_compiler = _Compiler
    supports_statement_cache = False

    def do_begin(self, connection: Any) -> None: ...

    def do_commit(self, connection: Any) -> None: ...

    def do_rollback(self, connection: Any) -> None: ...

    def get_pk_constraint(self, *_: Any, **__: Any) -> Any:
        return {"constrained_columns": [], "name": None}

    def get_columns(self, connection: Any, table_name: str, *_: Any, **__: Any) -> Any:
        """Columns of a table or view; the engine that is inherited finds none in a view."""
        name = self.identifier_preparer.quote_identifier(table_name)
        rows = connection.exec_driver_sql(f"describe {name}").fetchall()
        return [
            {"name": row[0], "type": _type(row[1]), "nullable": True, "default": None}
            for row in rows
        ]


def _type(written: str) -> Any:
    """`DECIMAL(38,2)` and the like as SQLAlchemy has it."""
    if written.endswith("]"):
        return _TYPES["LIST"]()
    name = written.partition("(")[0].strip()
    return _TYPES.get(
        {"TIMESTAMP WITH TIME ZONE": "TIMESTAMPTZ"}.get(name, name), sa.types.NullType
    )()


class _Engine(SqlAlchemyExecutionEngine):
    """Keeps one connection: with it closed, DuckDB has no rows to fetch any more."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.dialect_module = SimpleNamespace(  # type: ignore[assignment]
            **(vars(sa.dialects.postgresql) | _TYPES)
        )
        self._kept: Any = None

    @contextmanager
    def get_connection(self) -> Iterator[Any]:
        if self._kept is None:
            self._kept = self.engine.connect()
        yield self._kept

    def close(self) -> None:
        if self._kept is not None:
            self._kept.close()
        self.engine.dispose()


class CandidateSource(SQLDatasource):
    """A data source of Great Expectations: the candidate's files, in a DuckDB in memory."""

    asset_types: ClassVar[list[Any]] = [TableAsset, QueryAsset]
    type: Literal["cleanhold"] = "cleanhold"  # type: ignore[assignment]

    @property
    def execution_engine_type(self) -> Any:
        return _Engine

    def get_engine(self) -> Any:
        return self.get_execution_engine().engine


@contextmanager
def opened(data: Sequence[Path], without: Sequence[str], spill: Path) -> Iterator[str]:
    """A DuckDB in memory with the files as `VIEW`, and no way to any other file.

    Args:
        without: columns that are left out.
        spill: where DuckDB may put what does not fit into memory.

    Yields:
        The URL to reach it by, while this lasts.
    """
    sa.dialects.registry.register(_DRIVER, __name__, "Dialect")
    url = f"{_DRIVER}:///:memory:{uuid4().hex}"
    engine = sa.create_engine(url)
    patterns = [str(path).translate(_LITERAL) for path in data]
    files = ", ".join(map(_text, patterns))
    named_as = {
        str(p.parent) for p in (*map(Path, patterns), *data)
    }  # both ways of writing a bracket
    folders = ", ".join(map(_text, sorted({*named_as, str(spill)})))
    left_out = ", ".join(f'"{name}"' for name in without)
    try:
        with engine.connect() as connection:  # keeps what is in memory
            for statement in (
                f"create view {VIEW} as select * exclude ({left_out}) "
                f"from read_parquet([{files}], union_by_name = true)",
                "set global timezone = 'UTC'",
                f"set memory_limit = '{_MEMORY}'",
                f"set temp_directory = {_text(str(spill))}",
                f"set allowed_directories = [{folders}]",
                "set enable_external_access = false",
                "set lock_configuration = true",
            ):
                connection.exec_driver_sql(statement)
            yield url
    finally:
        engine.dispose()


#: `read_parquet` would take these as patterns.
_LITERAL = str.maketrans({"[": "[[]", "*": "[*]", "?": "[?]"})


def _text(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
