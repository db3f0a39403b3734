"""A first contract and source, written from what a file seems to be, for a person to edit."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import cleanhold.readers
from cleanhold.plan.headers import plain_name
from cleanhold.sniffing.code import Argument, call, comment, literal, pattern
from cleanhold.sniffing.columns import SniffedColumn
from cleanhold.sniffing.sniffed import Sniffed

#: Annotations that are imported, and from where.
_IMPORTS = {"date": "datetime", "datetime": "datetime", "Decimal": "decimal"}

#: Reader's name → its factory in `cleanhold`, where that is called otherwise.
_FACTORIES = {"csv": "delimited", "tsv": "delimited"}

#: Factories that `cleanhold` itself exports; others come from `cleanhold.readers`.
_AT_THE_TOP = frozenset({"delimited", "fixed_width", "ndjson", "parquet"})

#: Dates in file names.
_DATED = re.compile(
    r"(?<![0-9])(?:19|20)[0-9]{2}-?(?:0[1-9]|1[0-2])-?(?:0[1-9]|[12][0-9]|3[01])(?![0-9])"
)

#: Empty columns that are declared like others; where there are more, none is.
_MOST_EMPTY = 5


def contract_draft(sniffed: Sniffed, dataset: str) -> str:
    """A contract file for the dataset, which loads, checks at once, and says where it guesses."""
    with_empty = _declares_empty(sniffed)
    kept: list[SniffedColumn] = []
    left: list[SniffedColumn] = []
    for column in sniffed.columns:
        told = column.reading is not None and (with_empty or not column.is_empty)
        (kept if told else left).append(column)
    lines = _fields(kept)
    body = "\n".join(lines)
    return "\n".join(
        [
            *_docstring(sniffed, dataset),
            "",
            *_imports(kept, body),
            "",
            "",
            *_terms(sniffed, dataset, left),
            f"class {_class_name(dataset)}(pa.DataFrameModel):",
            *lines,
            "",
        ]
    )


def source_draft(sniffed: Sniffed, dataset: str) -> str:
    """A file that declares the source: how the deliveries arrive, and the reader's options."""
    factory, argument, home = _factory(sniffed)
    system, _, feed = dataset.rpartition(".")
    dated = _dated(sniffed.name)
    here = ["Source", factory] if home == "cleanhold" else ["Source"]
    lines = [
        f'"""The source of {dataset}: a first draft. Edit it, and move it to flows/sources.py."""',
        "",
        f"from cleanhold import {', '.join(here)}",
        *([f"from {home} import {factory}"] if home != "cleanhold" else []),
        "",
        f"{feed} = Source(",
        f"    name={literal(dataset)},",
        f"    arrives={literal(f'data/{system or feed}')},  # the folder that deliveries arrive in",
        f"    pattern={literal(_pattern(sniffed.name))},",
        *([f"    dated={pattern(dated)},"] if dated else []),
        *_reader(sniffed, factory, argument),
        ")",
        "",
    ]
    return "\n".join(lines)


def file_name(dataset: str) -> str:
    """What the files of a dataset's drafts are called."""
    return dataset.replace(".", "_") + ".py"


def _declares_empty(sniffed: Sniffed) -> bool:
    """Empty columns of wide extracts are kept as they come, and not declared one by one."""
    empty = sum(column.is_empty for column in sniffed.columns)
    return not _MOST_EMPTY < empty < len(sniffed.columns)


def _docstring(sniffed: Sniffed, dataset: str) -> Iterator[str]:
    rows = f"{sniffed.rows:,} rows"
    seen = f"all of its {rows}" if sniffed.whole else f"{rows} from its start, middle and end"
    name = sniffed.name.encode("ascii", "backslashreplace").decode()
    says = f"`cleanhold sniff` wrote it from {name} ({seen}). Types and patterns are what these "
    says += "rows have; comments say where that is a guess."
    yield f'"""{dataset}: a first draft, to be edited.'
    yield ""
    for line in comment(says.replace("\\", "/").replace('"', "'")):
        yield line.removeprefix("# ")
    yield '"""'


def _imports(columns: Iterable[SniffedColumn], body: str) -> Iterator[str]:
    used = {c.reading.annotation for c in columns if c.reading}
    for module in ("datetime", "decimal"):
        names = sorted(n for n in used if _IMPORTS.get(n) == module)
        if names:
            yield f"from {module} import {', '.join(names)}"
    if used & _IMPORTS.keys():
        yield ""
    yield "import pandera.polars as pa"
    yield ""
    ours = {"contract"} | set(
        re.findall(
            r"\b(EMAIL|booleans|dates|datetimes|decimal|field|integer|number)(?=[(,)])", body
        )
    )
    yield f"from cleanhold import {', '.join(sorted(ours))}"


def _terms(sniffed: Sniffed, dataset: str, left: list[SniffedColumn]) -> Iterator[str]:
    yield "@contract("
    yield f"    {literal(dataset)},"
    yield '    version="0.1.0",'
    yield '    owner="",  # who answers for it: an address or a team'
    key = sniffed.key
    if key is not None:
        yield f"    key={literal(key.name)},  # unique in {sniffed.rows:,} rows"
        yield '    load="upsert",  # or "replace" (each delivery is the whole table), "append"'
    else:
        yield "    # no column names a row of its own: say key=… if several do together"
        yield '    load="replace",  # each delivery is the whole table; or "append"'
    yield '    tolerance="5%",  # more held or refused: the run stops at candidate'
    if left:
        yield from comment(f"Kept as JSON in the column extra: {_shown(left)}.", 4)
        yield '    unknown="keep",'
    yield ")"


def _shown(columns: list[SniffedColumn]) -> str:
    empty = [c for c in columns if c.is_empty and c.reading is not None]
    odd = [c for c in columns if c not in empty]
    parts = []
    if empty:
        names = ", ".join(c.header for c in empty[:8]) + (", …" if len(empty) > 8 else "")
        parts.append(f"{len(empty)} columns that are empty in the sample ({names})")
    parts += [f"{c.header} ({c.remarks[0]})" for c in odd]
    return "; ".join(parts)


def _fields(columns: list[SniffedColumn]) -> list[str]:
    lines: list[str] = []
    alike = [plain_name(c.header) for c in columns]
    for column in columns:
        assert column.reading is not None
        for remark in _remarks(column):
            lines += comment(remark, 4)
        must_say = alike.count(plain_name(column.header)) > 1
        options = _field_options(column, must_say)
        before = f"{column.name}: {column.reading.annotation}"
        if options:
            lines += call(before + " = ", "field", options, 4)
        else:
            lines.append(f"    {before}")
    return lines or ["    pass"]


def _remarks(column: SniffedColumn) -> Iterator[str]:
    if column.is_empty:
        yield "Empty in the sample."
        return
    for remark in column.remarks:
        yield remark[0].upper() + remark[1:] + "."
    if column.reading and column.reading.says.startswith("digits"):
        yield column.reading.says[0].upper() + column.reading.says[1:] + "."


def _field_options(column: SniffedColumn, must_say: bool) -> list[Argument]:
    reading = column.reading
    assert reading is not None
    options: list[Argument] = []
    if must_say or plain_name(column.name) != plain_name(column.header):
        options.append(f"source={literal(column.header)}")
    if reading.parse is not None:
        options.append(f"parse={reading.parse}")
    if reading.nulls:
        options.append(("nulls=", [literal(text) for text in ("", *reading.nulls)]))
    if column.nullable:
        options.append("nullable=True")
    if column.matches is not None:
        shown = column.matches if column.matches == "EMAIL" else pattern(column.matches)
        options.append(f"matches={shown}")
    if column.privacy is not None:
        options.append(f"pii={literal(column.privacy)}")
    return options


def _class_name(dataset: str) -> str:
    return "".join(part.capitalize() for part in re.split(r"[._]", dataset)) or "Dataset"


def _factory(sniffed: Sniffed) -> tuple[str, list[str], str]:
    """What makes the reader, its first arguments as code, and the module it is imported from."""
    assert sniffed.format is not None
    name = _FACTORIES.get(sniffed.format, sniffed.format.replace("-", "_"))
    if name in _AT_THE_TOP:
        return name, [], "cleanhold"
    if name in cleanhold.readers.__all__:
        return name, [], "cleanhold.readers"
    return "reader_for", [literal(sniffed.format)], "cleanhold.readers"


def _reader(sniffed: Sniffed, factory: str, before: list[str]) -> list[str]:
    options: Mapping[str, Any] = sniffed.options
    if sniffed.format == "tsv":
        options = {"delimiter": "\t", **options}
    given = [_option(name, value) for name, value in options.items()]
    lines = call("reader=", factory, [*before, *given], 4)
    lines[-1] += ","
    return lines


def _option(name: str, value: object) -> Argument:
    if isinstance(value, list):
        return f"{name}=", [_value(item) for item in value]
    return f"{name}={_value(value)}"


def _value(value: object) -> str:
    if isinstance(value, str):
        return literal(value)
    if isinstance(value, tuple):
        return f"({', '.join(map(_value, value))})"
    return repr(value)


def _pattern(name: str) -> str:
    """A shell pattern of the names of later deliveries: dates and numbers vary."""
    plain = re.sub(r"([\[\]*?])", "?", name)
    varied = re.sub(r"[0-9][0-9_.-]*[0-9](?=[^0-9]|$)|[0-9]{2,}", "*", plain)
    return varied if re.search(r"[A-Za-z]", varied.rpartition(".")[0] or varied) else plain


def _dated(name: str) -> str | None:
    """The pattern that finds the business date in a file's name."""
    found = _DATED.search(name)
    if found is None:
        return None
    dashes = "-" if "-" in found[0] else ""
    return rf"([0-9]{{4}}{dashes}[0-9]{{2}}{dashes}[0-9]{{2}})"
