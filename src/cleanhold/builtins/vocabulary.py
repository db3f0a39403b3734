"""Every parse rule, with examples: they are its tests and its documentation."""

from __future__ import annotations

import inspect
import re
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cached_property
from typing import Any

import polars as pl

from cleanhold import builtins as b
from cleanhold.core.parsing import DataType, ParseRule

_MONEY = pl.Decimal(38, 6)
_CENTS = pl.Decimal(12, 2)
_MOMENT = pl.Datetime("us")
_MADRID = pl.Datetime("us", "Europe/Madrid")
_WEST = "America/Los_Angeles"


@dataclass(frozen=True)
class Example:
    """A rule, and texts that it reads or does not.

    Attributes:
        make: the function users call.
        dtype: of the column.
        texts: as delivered, without null tokens.
        arguments: what the function is called with; `options` by name.
    """

    make: Callable[..., ParseRule]
    dtype: DataType
    texts: tuple[str, ...]
    arguments: tuple[Any, ...] = ()
    options: Mapping[str, Any] = field(default_factory=dict)

    @cached_property
    def rule(self) -> ParseRule:
        """What the function makes."""
        return self.make(*self.arguments, **self.options)

    @property
    def call(self) -> str:
        """The call, as Python."""
        given = [_source(a) for a in self.arguments]
        given += [f"{name}={_source(value)}" for name, value in self.options.items()]
        return f"{self.make.__name__}({', '.join(given)})"

    def values(self) -> list[Any]:
        """What the texts are; None for what does not parse."""
        rows = pl.LazyFrame({"text": self.texts}, schema={"text": pl.String})
        value = self.rule.value(self.rule.clean(pl.col("text")), self.dtype)
        return rows.select(value.alias("value")).collect(engine="streaming")["value"].to_list()


def _of(make: Callable[..., Any], dtype: Any, *arguments: Any, **options: Any) -> Any:
    """`_of(rule, dtype, *arguments, **options)(text, …)` is an example."""
    return lambda *texts: Example(make, dtype, texts, arguments, options)


EXAMPLES: tuple[Example, ...] = (
    _of(b.text, pl.String)(" Ada  Lovelace\t"),
    _of(b.text, pl.String, collapse=True, title=True)(" ada   LOVELACE", "o'neil"),
    _of(b.text, pl.String, unicode="NFKC", invisible=False, lower=True)(
        "\ufeffCafe\u0301", "ﬁ\u200bx", "Ｎｏ\u00a0１"
    ),
    _of(b.text, pl.String, prefix="ID:", remove="-", replace={"&": "and"})(
        "ID: 12-34", "R&D", "ID:"
    ),
    _of(b.decimal, _MONEY)("1234.50", "-.5", "1,234.50", "1e3", "0.1234567"),
    _of(b.decimal, _MONEY, thousands=",", symbols="$€", negatives=True)(
        "$1,234.50", "(5.00)", "5-", "-$5", "1,23", "12,34,567"
    ),
    _of(b.decimal, _MONEY, thousands=".", mark=",")("1.234,56", "1.234", "1,234.56"),
    _of(b.decimal, _MONEY, thousands="'’ \u2009\u202f")(
        "1'234.50", "1\u202f234\u202f567", "1'234 567"
    ),
    _of(b.decimal, _MONEY, thousands=",", grouping="indian")("12,34,567.89", "1,234,567"),
    _of(b.decimal, _MONEY, symbols=["EUR", "US$", "€"])("EUR 5", "5 US$", "€5", "5 GBP"),
    _of(b.decimal, _MONEY, credit="negative")("5.00 CR", "5.00 DR", "-5.00 CR"),
    _of(b.decimal, _MONEY, percent="fraction")("40%", "0.25 %", "40"),
    _of(b.decimal, _CENTS, implied=2)("0012345", "-5", "12.5"),
    _of(b.decimal, _CENTS, exponent=True)("1.5e3", "15e-3"),
    _of(b.decimal, _CENTS, rounded=True, units=["oz", "oz."])("12.125 oz", "3oz.", "3 kg"),
    _of(b.integer, pl.Int64)("-5", "007", "1,234"),
    _of(b.integer, pl.Int64, thousands=",")("1,234", "-5", "1.0", "9223372036854775808"),
    _of(b.number, pl.Float64)("1.5e3", ".5", "nan", "1e999"),
    _of(b.booleans, pl.Boolean)("Y", "no", "TRUE", "0", "maybe"),
    _of(b.booleans, pl.Boolean, true=["S", "Sí"], false=["N"])("SÍ", "n", "yes"),
    _of(b.dates, pl.Date, "%Y-%m-%d", "%d/%m/%Y")(
        "2026-12-31", "1/2/2026", "29/02/2026", "2026-1-1", "01/02/26"
    ),
    _of(b.dates, pl.Date, "%d/%m/%Y", "%m/%d/%Y", ambiguous="refuse")(
        "31/12/2026", "12/31/2026", "04/04/2026", "03/04/2026"
    ),
    _of(b.dates, pl.Date, "%d%m%y", pivot=30)("010229", "010230"),
    _of(b.dates, pl.Date, "%Y-%m-%d", "%Y-%m", "%Y", partial="last")(
        "2024-02-03", "2024-02", "2024"
    ),
    _of(b.dates, pl.Date, "%d de %B de %Y", "%d-%b-%y", months="es")(
        "3 de enero de 2026", "31-DIC-26", "31-dec-26"
    ),
    _of(b.dates, pl.Date, "%C%y%m%d")("1260131", "0991231", "991231", "2260131"),
    _of(b.datetimes, _MOMENT)(
        "2026-01-02T03:04:05", "2026-01-02 03:04:05.5+02:00", "2026-01-02", "2026-01-02 24:00:00"
    ),
    _of(b.datetimes, _MOMENT, "%d/%m/%Y %H:%M", zone="Europe/Madrid")(
        "1/7/2026 12:00", "29/03/2026 02:30", "25/10/2026 02:30"
    ),
    _of(b.datetimes, _MADRID, "%d/%m/%Y %H:%M %Z", zones={"CET": "+01:00", "PT": _WEST})(
        "1/7/2026 12:00 CET", "1/7/2026 12:00 PT", "1/7/2026 12:00 UTC", "1/7/2026 12:00 EST"
    ),
    _of(b.zoned, pl.Int64)("0012D", "0012M", "00124", "0012x", "12-4"),
    _of(b.zoned, _CENTS, implied=2, sign="leading", separate=True)("+0124", "-0124", "0124"),
    _of(b.julian, pl.Date)("2026001", "2026366"),
    _of(b.julian, pl.Date, "CYYDDD")("126001", "099365", "99365"),
    _of(b.julian, pl.Date, "YYDDD", pivot=50)("49365", "50001"),
    _of(b.excel_dates, pl.Date)("46387", "1", "60", "46387.5"),
    _of(b.excel_dates, _MOMENT, 1904)("44925.75", "-1"),
    _of(b.unix_times, _MOMENT)("1798761540", "1798761540.25", "-1", "1e9"),
    _of(b.unix_times, pl.Datetime("ms", "Europe/Madrid"), "ms")("1798761540123", "1798761540123.4"),
    _of(b.codes, pl.String, {"A": "active", "L": "lapsed"})("A", " L ", "a", "X"),
    _of(b.codes, pl.String, {("A", "AC"): "active"}, any_case=True, other="unknown")("ac", "X"),
    _of(b.codes, pl.Int64, {"LOW": "1", "HIGH": "3"})("HIGH", "MID"),
    _of(b.quantity, pl.Float64, "kg")("12 oz", "0.5kg", "500 G", "3 mi", "7"),
    _of(b.quantity, pl.Decimal(12, 3), "kg", assume="g", rounded=True, compound=True)(
        "1 lb 3 oz", "1 lb 17 oz", "500", "1.5 t"
    ),
    _of(b.quantity, _CENTS, "°C")("212 °F", "0 K", "100 F"),
    _of(b.json, pl.String)('{"a": 1}', "{a: 1}"),
    _of(b.json, pl.Struct({"a": pl.Int64, "b": pl.List(pl.String)}))(
        '{"a": 1, "b": ["x"]}', '{"a": 1.5}', '{"a": 1, "c": 2}', "{"
    ),
    _of(b.split, pl.List(pl.String), ";")("red; green", "red;;green"),
    _of(b.split, pl.List(pl.Int64), ",", b.integer(), blanks=True)("1, 2", "1,,3", "1,x"),
    _of(b.phones, pl.String, "ES")(
        "612 34 56 78", "+44 (0)20 7946 0958", "0034612345678", "12", "612345678 x5"
    ),
    _of(b.emails, pl.String)("Ada+news@Example.ORG", "ada", "a@b@c"),
)  # fmt: skip


def page() -> str:
    """The vocabulary as Markdown: what each rule reads, its options, and examples."""
    parts, family = [_HEAD], ""
    for make in dict.fromkeys(one.make for one in EXAMPLES):
        module = sys.modules[make.__module__]
        title = (module.__doc__ or "").split("\n", 1)[0].rstrip(".")
        if title != family:
            family = title
            parts.append(f"\n## {title}\n")
        parts += [f"### `{make.__name__}`", _described(make), _table(make)]
    return "\n".join(parts)


def _described(make: Callable[..., Any]) -> str:
    """The docstring, its arguments as a list."""
    text = inspect.cleandoc(make.__doc__ or "")
    text = re.sub(r"\n*^Raises:\n(?:    .*\n?)+", "\n", text, flags=re.MULTILINE)
    told, _, listed = text.partition("Args:\n")
    items = re.sub(r"\n {8}", " ", "\n" + listed.rstrip())
    items = re.sub(r"\n {4}(\w+): ", r"\n- `\1`: ", items)
    return f"{told.rstrip()}\n{items}".rstrip() + "\n"


def _table(make: Callable[..., Any]) -> str:
    lines = ["| rule | column | text | value |", "| --- | --- | --- | --- |"]
    for one in (e for e in EXAMPLES if e.make is make):
        call, dtype = f"`{_cell(one.call)}`", f"`{_cell(_type(one.dtype))}`"
        for written, value in zip(one.texts, one.values(), strict=True):
            shown = "*a finding*" if value is None else f"`{_cell(_value(value))}`"
            lines.append(f"| {call} | {dtype} | `{_cell(_source(written))}` | {shown} |")
            call = dtype = ""
    return "\n".join(lines) + "\n"


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


def _source(value: object) -> str:
    """Python source; a rule as the call of its example."""
    if isinstance(value, ParseRule):
        return next(one.call for one in EXAMPLES if one.rule == value)
    return ascii(value) if isinstance(value, str) and not value.isprintable() else repr(value)


def _type(dtype: DataType) -> str:
    names = {"String": "str", "Int64": "int", "Float64": "float", "Boolean": "bool",
             "Date": "date", "Datetime(time_unit='us', time_zone=None)": "datetime"}  # fmt: skip
    if isinstance(dtype, pl.Decimal):
        return f"Decimal({dtype.precision}, {dtype.scale})"
    return names.get(str(dtype), str(dtype))


def _value(value: object) -> str:
    if isinstance(value, pl.Series):
        return repr(value.to_list())
    if isinstance(value, datetime | date):
        return str(value)
    return _source(value) if isinstance(value, str | dict | list) else str(value)


_HEAD = """# Parse rules
A file has text; a contract says what it means. Each field has one rule, `field(parse=…)`, or the
usual one of its type: `text()`, `integer()`, `number()`, `decimal()`, `booleans()`, `dates()`,
`datetimes()`.

```python
from cleanhold import contract, dates, decimal, field, phones, quantity


@contract("crm.accounts", version="1.0.0", nulls=("", "N/A"))
class Accounts(pa.DataFrameModel):
    opened: date = field(parse=dates("%d/%m/%Y", "%Y-%m-%d"))
    balance: Decimal = field(parse=decimal(thousands=".", mark=",", symbols=["EUR"]))
    weight: float = field(parse=quantity("kg"), nullable=True)
    phone: str = field(parse=phones("ES"), nullable=True, nulls=("", "0"))
```

- **Nothing is guessed.** A rule reads what it was told to read. Any other text is one finding,
  `parse`, with the text as it came and an example of what it should look like; the row is held,
  and checks that need the value are skipped. A rule never drops a digit, a key or a part of a day.
- **A null token is no value**: first a cell is trimmed, then compared with the tokens of its field
  (`field(nulls=…)`), else of its contract (`@contract(nulls=…)`), else of its source
  (`Source(nulls=…)`), else of the workspace (`nulls = ["", "NULL"]` under `[tool.cleanhold]`), else
  with the empty text alone. A list takes the place of the one it comes before. Where the sources
  of one dataset differ, a guard is told whose records it sees:
  `guard("crm.contacts", source="crm.web")`.
- **Where a choice has to be made**, it is made in the contract: whether `1,234` is a thousand or
  one and a bit (`thousands=`, `mark=`), `03/04/2026` March or April (the order of formats, or
  `ambiguous="refuse"`), `30` 1930 or 2030 (`pivot=`), `CR` plus or minus (`credit=`).
- Rules are expressions over whole columns. Telephone numbers, and JSON in columns of a Struct or
  List, go through Python, each distinct text of a batch once.
- One record at a time they give the same ([online.md](online.md)).
- A rule of your own is any frozen dataclass with `says`, `fallible`, `clean` and `value`
  (`cleanhold.core.parsing.ParseRule`).

In the tables, `text` is the cell as it was delivered, and *a finding* is one that does not parse.
This page is made from the rules: `python -m cleanhold.builtins.vocabulary > docs/parsing.md`.
"""


if __name__ == "__main__":
    print(page(), end="")
