"""A mistake in a contract is refused when it is loaded: which line, what is wrong, what to do.

Each case marks the line at fault with `# !`.
"""
# ruff: noqa: E501 - a table reads better unwrapped

from __future__ import annotations

from pathlib import Path

import pytest

from cleanhold.errors import ContractError
from cleanhold.plan.load import load_contract

HEAD = """from datetime import date
from decimal import Decimal
from typing import List, Optional
import pandera.pandas
import pandera.polars as pa
import polars as pl
from cleanhold import *
from cleanhold import checks
"""


def model(*lines: str, terms: str = 'key="x"', mark: str = "") -> str:
    body = "".join(f"    {line}\n" for line in lines)
    return f'@contract("a.b", version="1", {terms}){mark}\nclass A(pa.DataFrameModel):\n{body}'


def with_terms(terms: str) -> str:
    return f'@contract("a.b", version="1", {terms})  # !\nclass A(pa.DataFrameModel):\n    x: str\n'


def with_field(options: str, kind: str = "str") -> str:
    return model(f"x: {kind} = field({options})  # !", terms="")


def with_check(body: str, decorator: str = "@check(says='bad')", arguments: str = "") -> str:
    return model(
        "x: str = field()",
        "n: int = field(nullable=True)",
        f"{decorator}  # !",
        f"def is_good({arguments}):",
        f"    {body}",
    )


CASES: dict[str, tuple[str, str, str]] = {
    # --- the contract's terms
    "unknown term": (with_terms("kee='x'"), "unknown option 'kee'", "did you mean 'key'?"),
    "no brackets": ("@contract  # !\nclass A(pa.DataFrameModel):\n    x: str\n",
                    "'A' is not a dataset name", "@contract('crm.contacts', version='1.0.0')"),
    "no version": ('@contract("a.b")  # !\nclass A(pa.DataFrameModel):\n    x: str\n',
                   "no version", "@contract('a.b', version='1.0.0')"),
    "dataset name": ('@contract("A b", version="1")  # !\nclass A(pa.DataFrameModel):\n  x: str\n',
                     "'A b' is not a dataset name", "lower-case words joined with dots"),
    "key not a column": (with_terms("key='z'"), "'z', which is not a column", "columns are x"),
    "key misspelt": (model("contact_id: str", terms="key='contactid'", mark="  # !"),
                     "'contactid'", "did you mean 'contact_id'?"),
    "key nullable": (model("x: str = field(nullable=True)", terms="key='x'", mark="  # !"),
                     "the key column 'x' is nullable", "remove nullable=True"),
    "key twice": (with_terms("key=['x', 'x']"), "names something twice", "name it once"),
    "key no text": (with_terms("key=5"), "key=5 is not a text", "key='a'"),
    "upsert without key": (with_terms("load='upsert'"), "load='upsert' needs a key", "key="),
    "load": (with_terms("load='apend'"), "load='apend' is not known", "did you mean 'append'?"),
    "tolerance": (with_terms("tolerance='5'"), "tolerance='5' is not a share", "'5%' or 0.05"),
    "tolerance text": (with_terms("tolerance='few'"), "not a share", "'5%' or 0.05"),
    "tolerance below": (with_terms("tolerance=-0.1"), "not a share", "'5%' or 0.05"),
    "freshness": (with_terms("freshness='26'"), "freshness='26' is not a duration", "'26h'"),
    "freshness number": (with_terms("freshness=26"), "freshness=26 is not a duration", "'26h'"),
    "version blank": ('@contract("a.b", version=" ")  # !\nclass A(pa.DataFrameModel):\n    x: str\n',
                      "no version", "version='1.0.0'"),
    "version a list": ('@contract("a.b", version=[1])  # !\nclass A(pa.DataFrameModel):\n    x: str\n',
                       "version=[1] is not a version", "version='1.0.0'"),
    "no dataset": ('@contract(version="1")  # !\nclass A(pa.DataFrameModel):\n    x: str\n',
                   "missing 1 required positional argument: 'dataset'", "its arguments are dataset, version"),
    "dataset name too long": ('@contract("a" * 200, version="1")  # !\nclass A(pa.DataFrameModel):\n  x: str\n',
                              "is not a dataset name", "lower-case"),
    "owner": (with_terms("owner=['a', 'b']"), "owner=['a', 'b'] is not a text", "owner="),
    "description": (with_terms("description=5"), "description=5 is not a text", "description="),
    "freshness of nothing": (with_terms("freshness='0h'"), "freshness='0h' is not a duration", "'26h'"),
    "freshness of ages": (with_terms("freshness='99999999999999999d'"), "is not a duration", "'26h'"),
    "key blank": (with_terms("key=''"), "key='' has a blank name", "leave it out"),
    "key optional": (model("x: Optional[str] = field()", terms="key='x'", mark="  # !"),
                     "'x' may be missing from the extract", "a key is never missing"),
    "key with a default": (model("x: str = field(default='a')", terms="key='x'", mark="  # !"), "has a default", "never missing"),
    "key warned of": (model("x: str = field(severity='warn')", terms="key='x'", mark="  # !"), "only warned of", "never missing"),
    "key of a pattern": (model("x: str = field(alias='m_.', regex=True)", terms="key='m_1'", mark="  # !"),
                         "'m_1', which is not a column", "no column but patterns"),
    "no model": ('@contract("a.b", version="1")  # !\nclass A:\n    x: str\n',
                 "'A' is not a pandera model for Polars", "pa.DataFrameModel"),
    "pandas model": ('@contract("a.b", version="1")  # !\nclass A(pandera.pandas.DataFrameModel):\n'
                     "    x: str\n", "'A' is not a pandera model for Polars", "pandera.polars"),
    "no columns": ('@contract("a.b", version="1")  # !\nclass A(pa.DataFrameModel):\n    pass\n',
                   "no columns", "one line a column"),
    # --- fields
    "automatic": (with_field("automatic='trimm'"), "'trimm' is not a correction", "did you mean 'trim'?"),
    "automatic dates": (with_field("automatic=('trim', 'dates')"), "'dates' is not a correction", "parse=dates"),
    "nearest of nothing": (with_field("automatic='nearest'"), "no list that a nearest value", "isin="),
    "writing of nothing": (with_field("automatic='writing'"), "refers to no table", "remove 'writing'"),
    "automatic_limit": (with_terms("automatic_limit='few'"), "automatic_limit='few' is not a share", "'5%' or 0.05"),
    "no automatic_limit": (with_terms("automatic_limit=0"), "neither a share nor a number", "leave automatic= out"),
    "unknown option": (with_field("nulable=True"), "'nulable'", "did you mean 'nullable'?"),
    "unknown word": (with_field("frobnicate=1"), "'frobnicate'", "remove it"),
    "pattern": (with_field("matches='[a'"), "'[a' is not a regular expression: unclosed character",
                "look-around"),
    "pattern of pandera": (with_field("str_contains='(?=a)'"), "not a regular expression: look-around",
                           "not supported"),
    "pattern no text": (with_field("matches=5"), "5 is not a regular expression", "raw string"),
    "pattern python refuses": (with_field("str_matches='[a'"), "unterminated character set", "mend"),
    "two patterns": (with_field("matches='a', str_matches='b'"), "both matches and str_matches",
                     "keep"),
    "severity": (with_field("severity='fatal'"), "severity='fatal' is not known", "'warn'"),
    "pii": (with_field("pii='yes'"), "pii='yes' is not known", "'direct'"),
    "reference": (with_field("references='accounts'"), "does not name a column of a dataset",
                  "dataset.column"),
    "reference number": (with_field("references=5"), "does not name a column", "dataset.column"),
    "rule not called": (with_field("parse=dates", "date"), "parse=dates is not a parse rule",
                        "call it: parse=dates(…)"),
    "rule as text": (with_field("parse='%d/%m'", "date"), "is not a parse rule", "parse=dates("),
    "date format": (with_field("parse=dates('%Q')", "date"), "%Q, which is not supported", "use %Y"),
    "marks": (with_field("parse=decimal(thousands='.')", "float"), "thousands and mark are both '.'",
              "mark=','"),
    "no codes": (with_field("parse=codes({})"), "a code map needs codes", "codes({'A': 'active'})"),
    "codes no text": (with_field("parse=codes({1: 'a'})"), "not both text", "in quotes"),
    "word for both": (with_field("parse=booleans(true=['Y'], false=['y'])", "bool"),
                      "'y' means both", "leave it out"),
    "source": (with_field("source=5"), "source=5 is not a text", "source='a'"),
    "isin text": (with_field("isin='abc'"), "one text, not a list", "isin=['abc']"),
    "isin type": (with_field("isin=[1, 2]"), "'isin' of 'x' does not work", "x is String"),
    "range empty": (with_field("in_range=(5, 1)", "int"), "empty interval", "mend it"),
    "range half": (with_field("in_range={'min_value': 1}", "int"), "max_value", "mend it"),
    "limit type": (with_field("ge='a'", "int"), "'greater_than_or_equal_to' of 'x' does not work",
                   "x is Int64"),
    "pattern on number": (with_field("matches='a'", "int"), "'str_matches' of 'x' does not work",
                          "x is Int64"),
    "default type": (with_field("default='a'", "int"), "the default 'a' of 'x' does not fit Int64",
                     "a value of the column's type"),
    "no type": (model("x = field()  # !", terms=""), "the column 'x' has no type", "x: str = field"),
    "value": (model("x: int = 5  # !", terms=""), "'x' is given a value (int)", "field(default=…)"),
    "type": (model("x: set = field()  # !", terms=""), "a column of 'x': cannot parse input <class 'set'>", "a Polars type"),
    "reserved": (with_field("alias='record'"), "'record' is reserved", "source='record'"),
    "reserved id": (model("row_id: str = field()  # !", terms=""), "'row_id' is reserved", "source="),
    "working name": (with_field("alias='raw:x'"), "'raw:x' is reserved", "source="),
    "same source": (model("x: str = field(source='A')", "y: str = field(source='A')  # !"),
                    "two columns read the source column 'A'", "one column"),
    "same alias": (model("x: str = field()", "y: str = field(alias='x')  # !"),
                   "'x' and 'y' are both the column 'x'", "another alias"),
    "column that begins with an underscore": (model("x: str", "_c0: int = field(unique=True)  # !"),
                                              "'_c0' would be no column", "call it c0, with source='_c0'"),
    "underscore and no field": (model("x: str", "_c0: int  # !"), "'_c0' would be no column", "call it c0"),
    "column pattern": (with_field("alias='month_[', regex=True"), "'month_[' is not a regular", "alias="),
    "type of several": (model("x: str | int = field()  # !", terms=""), "'x' has several types: str | int", "give it one"),
    "type for a column": (model("x: dict = field()  # !", terms=""), "a column of 'x'", "annotate each column"),
    "type as a value": (model("x = str  # !", terms=""), "the column 'x' has no type", "x: str = field"),
    "column twice": (model("x: str = field()", "x: int = field()  # !", terms=""), "'x' is written twice", "rename"),
    "alias blank": (with_field("alias=''"), "alias='' is no name", "leave alias out"),
    "alias no text": (with_field("alias=5"), "alias=5 is not a text", "alias='…'"),
    "source blank": (with_field("source=['X', ' ']"), "has a blank name", "source='a'"),
    "pattern with a source": (with_field("alias='m_.*', regex=True, source='X'"), "cannot have a source", "alias="),
    "metadata": (with_field("metadata='pii'"), "metadata='pii' is not a dict", "metadata={"),
    "option of elsewhere": (with_field("pattern='a'"), "unknown option 'pattern'", "did you mean 'matches'?"),
    "option of pandera": (model("x: str = pa.Field(nulable=True)  # !", terms=""), "'nulable'", "unknown option"),
    "option in capitals": (with_field("Nullable=True"), "'Nullable'", "did you mean 'nullable'?"),
    "limits crossed": (with_field("ge=10, le=1", "int"), "no value of 'x' can pass both", "mend one of the limits"),
    "limits open": (with_field("gt=1, lt=1", "int"), "greater_than (1) and less_than (1)", "mend"),
    "limit beside a range": (with_field("ge=10, in_range=(0, 5)", "int"), "in_range (5)", "mend"),
    "enum of nothing": (with_field("", "pl.Enum([])"), "an Enum without categories", "list them"),
    "default cut off": (with_field("default=1.5", "int"), "default 1.5 of 'x' would become 1", "column's type"),
    "reference to itself": (with_field("references='a.b.x'"), "'x' references itself", "name the column"),
    "reference to no column": (with_field("references='a.b.y'"), "references names 'y'", "its columns are x"),
    "parse a function": (with_field("parse=lambda text: text"), "is not a parse rule", "use one"),
    "parse option": (with_field("parse=decimal(thousand=',')", "float"), "keyword argument 'thousand'",
                     "did you mean 'thousands'? its arguments are thousands, mark"),
    "mark no text": (with_field("parse=decimal(mark=5)", "float"), "5 cannot be a mark", "one character"),
    "dates to a number": (with_field("parse=dates()", "int"), "reads dates cannot make Int64", "annotate the column as date"),
    "numbers to a date": (with_field("parse=decimal()", "date"), "reads numbers cannot make Date", "as int"),
    "booleans to a date": (with_field("parse=booleans()", "date"), "reads yes and no cannot make Date", "bool"),
    "codes to a number": (with_field("parse=codes({'A': 'active'})", "int"), "'A' means 'active', which is no Int64", "as str"),
    "text to a date": (with_field("parse=text()", "date"), "parse rule of 'x' cannot make Date", "another rule or type"),
    "format without %": (with_field("parse=dates('yyyy-mm-dd')", "date"), "does not name year, month and day", "%d/%m/%Y"),
    "format without a day": (with_field("parse=dates('%Y-%m')", "date"), "does not name year, month and day", "%"),
    "formats in a list": (with_field("parse=dates(['%Y-%m-%d'])", "date"), "does not name", "%"),
    "rule's option": (with_field("checks=[checks.iban().but(sevrity='warn')]"), "no 'sevrity' to change", "severity"),
    "rule's name": (with_field("checks=[checks.iban().but(name='')]"), "name='', which is no text", "name='…'"),
    "rule's sentence": (with_field("checks=[checks.iban().but(says='{y} bad')]"), "shows 'y', which is not a column", "x, value"),
    "one rule": (with_field("checks=checks.iban()"), "is the check 'iban', which is not a list", "checks=[…]"),
    # --- checks
    "check twice": (
        model("n: int", "@check(says='a')", "def c():", "    return col('n') > 0",
              "@check(says='b')", "def c():  # !", "    return col('n') < 5", terms=""),
        "'c' is written twice", "rename"),
    "check called as a column": (
        "class B(pa.DataFrameModel):\n    n: int\n" + model("@check(says='a')", "def n():  # !", "    return col('n') > 0", terms="").replace("pa.DataFrameModel", "B"),
        "the check 'n' has the name of a column", "another name"),
    "check outside": (
        model("n: int", terms="") + "@check(says='a')  # !\ndef c():\n    return col('n') > 0\n",
        "'c' stands outside of the classes", "indent it"),
    "check compares with None": (with_check("return col('n') == None"), "compares with None", ".is_null()"),
    "check blames a list": (with_check("return col('n') > 1", "@check(says='b', column=['n'])"),
                            "column=['n'] is not a text", "column="),
    "check name": (with_check("return col('n') > 1", "@check(says='b', name=5)"), "name=5 is not a text", "name="),
    "check yields": (with_check("yield col('n') > 1"), "'is_good' is no plain function", "without async and yield"),
    "check gives a series": (with_check("return pl.Series([True])"), "gives shape: (1,) Series", "an expression"),
    "check raises": (with_check("return 1 / 0"), "'is_good' raises ZeroDivisionError", "mend"),
    "check misspelt": (with_check("return cl('n') > 1"), "NameError: name 'cl'", "mend the check"),
    "check not an expression": (with_check("return True"), "gives True (bool)", "col('amount') > 0"),
    "check without return": (with_check("col('n') > 1"), "gives nothing", "return an expression"),
    "check not Boolean": (with_check("return col('n') + 1"), "gives Int64, not true or false",
                          "row by row"),
    "check gives rows of its own": (with_check("return col('n').drop_nulls() > 1"),
                                    "gives 0 values for 2 rows", "one for each row"),
    "check of nothing": (with_check("return pl.lit(True)"), "gives 1 value for 2 rows", "each row"),
    "sentence of all rows": (
        with_check("return col('n').max() > 1", "@check(says='{n} is too small')"),
        "shows 'n', but the check is about all rows", "without a value"),
    "check takes arguments": (with_check("return col('n') > 1", arguments="cls"), "takes arguments",
                              "without arguments"),
    "check of no column": (with_check("return col('nn') > 1"), "names 'nn', which is not a column",
                           "did you mean 'n'? its columns are x, n"),
    "check blames no column": (with_check("return col('n') > 1", "@check(says='b', column='m')"),
                               "names 'm', which is not a column", "x, n"),
    "check types": (with_check("return col('n').str.contains('a')"), "does not work on the types",
                    "n is Int64"),
    "sentence": (with_check("return col('n') > 1", "@check(says='{m} bad')"),
                 "shows 'm', which is not a column", "its columns are x, n"),
    "sentence formats": (with_check("return col('n') > 1", "@check(says='{n:.2f}')"),
                         "formats 'n'", "write {n} alone"),
    "sentence braces": (with_check("return col('n') > 1", "@check(says='{n bad')"),
                        "do not match", "{{ or }}"),
    "sentence value": (with_check("return col('n') > 1", "@check(says='{value} bad')"),
                       "shows 'value'", "x, n"),
    "check no brackets": (with_check("return col('n') > 1", "@check"), "no sentence", "says="),
    "check no sentence": (with_check("return col('n') > 1", "@check()"), "no sentence", "says="),
    "check severity": (with_check("return col('n') > 1", "@check(says='b', severity='bad')"),
                       "severity='bad' is not known", "'error', 'warn'"),
    "check option": (with_check("return col('n') > 1", "@check(says='b', colum='n')"),
                     "unknown option 'colum'", "did you mean 'column'?"),
    "native filters": (
        with_check("return data.lazyframe.filter(pl.col('n') > 1)", "@pa.dataframe_check", "cls, data"),
        "'is_good' gives String, not true or false", "one Boolean for each row"),
    "native gives a number": (
        with_check("return data.lazyframe.collect().height", "@pa.dataframe_check", "cls, data"),
        "'is_good' gives 2 (int), not true or false", "one Boolean for each row"),
    "native collects no column": (
        with_check("return data.lazyframe.collect()['m'] > 1", "@pa.dataframe_check", "cls, data"),
        "names 'm', which is not a column", "x, n"),
    "native misspelt": (
        with_check("return data.lazyframe.colect()", "@pa.dataframe_check", "cls, data"),
        "'LazyFrame' object has no attribute 'colect'", "mend the check"),
    "native collects and raises": (
        with_check("return data.lazyframe.collect().height / 0", "@pa.dataframe_check", "cls, data"),
        "'is_good' raises ZeroDivisionError", "mend the check"),
    "native takes no frame": (
        with_check("return True", "@pa.dataframe_check", "cls"),
        "'is_good' raises TypeError", "mend the check"),
    "native answers": (with_check("return True", "@pa.dataframe_check", "cls, data"),
                       "gives True (bool)", "data.lazyframe.select"),
    "native of no column": (
        with_check("return data.lazyframe.select(pl.col('m') > 1)", "@pa.dataframe_check", "cls, data"),
        "names 'm', which is not a column", "x, n"),
    "native of no field": (
        model("x: str", "@pa.check('m')", "def is_good(cls, data):  # !", "    return data", terms=""),
        "names 'm', which is not a column", "name one of its columns"),
    "no brackets around pandera's check": (
        model("x: str", "@pa.check", "def is_good(cls, data):  # !", "    return data", terms=""),
        "'is_good' names no column", "@pa.check('amount')"),
    "columns for a check of the row": (
        model("x: str", "@pa.dataframe_check('x')  # !", "def is_good(cls, data):", "    return data", terms=""),
        "'classmethod' object is not callable", "takes no columns"),
    "check of columns like none": (
        model("x: str", "@pa.check('^z', regex=True)", "def is_good(cls, data):  # !", "    return data", terms=""),
        "of columns like ^z, and there are none", "its columns are x"),
    "no such part of the data": (
        with_check("return data.frame.select(pl.col('n') > 1)", "@pa.dataframe_check", "cls, data"),
        "'PolarsData' object has no attribute 'frame'", "data.lazyframe is the frame"),
    "frame in brackets": (
        with_check("return data.lazyframe['n'] > 1", "@pa.dataframe_check", "cls, data"),
        "LazyFrame is not subscriptable", "data.lazyframe is the frame"),
    "and between expressions": (
        with_check("return col('n') > 1 and col('n') < 5"), "truth value of an Expr is ambiguous", "with &, |"),
    "chained comparison": (
        with_check("return 1 < col('n') < 5"), "truth value of an Expr is ambiguous", "two comparisons"),
    "field's option without a name": (with_field("'X'"), "field('X') does not say what that is", "source="),
    "isin one value": (with_field("isin=5", "int"), "isin=5 is not a list of values", "isin=[5]"),
    "nullable text": (with_field("nullable='yes'"), "nullable='yes' is neither True nor False", "nullable=True"),
    "type of one's own": (
        model("x: object = field()  # !", terms=""), "has the type Object, which cannot be checked", "parse rule"),
    "type that cannot be": (
        model("x: pl.Decimal(99, 2) = field()  # !", terms=""), "precision must be between", "mend the type"),
    "default of other columns": (
        with_field("default=pl.col('y')"), "the default of 'x' reads other columns", "features"),
    "config in lower case": (
        model("x: str", "class config:  # !", "    strict = True", terms=""),
        "the class 'config' within the model", "a class named Config"),
    "strict": (
        model("x: str", "class Config:", "    strict = 'filtr'  # !", terms=""), "strict parameter must equal",
        "mend the model"),
    "missing columns": (
        model("x: Optional[str] = field(on_missing='warn')", terms="owner='o'", mark="  # !"),
        "on_missing, which pandera does not know", "remove it"),
    "struct with a default": (
        "class Inner(pa.DataFrameModel):\n    y: int = field(default=5)\n"
        + model("x: Inner = field()  # !", terms=""),
        "cannot have the default of 'y'", "struct.field"),
    "unique of no column": (
        model("x: str", "class Config:", "    unique = ['x', 'y']", terms="owner='o'", mark="  # !"),
        "names 'y', which is not a column", "columns are x"),
    "unique of a number": (
        model("x: str", "class Config:", "    unique = 5", terms="owner='o'", mark="  # !"), "unique=5, which names no columns", "['a', 'b']"),
    "config": (
        model("x: str", "class Config:", "    uniqe = ['x']  # !", terms=""),
        "Config has 'uniqe'", "right name"),
    # --- the file
    "syntax": ("def x(:  # !\n", "the file raises SyntaxError", "mend that line"),
    "name": (model("x: str = fild()  # !"), "NameError: name 'fild'", "check the spelling"),
    "module": ("import no_such_thing  # !\n", "No module named 'no_such_thing'", "install"),
    "import": ("from cleanhold import fild  # !\n", "cannot import name 'fild'", "spelling"),
    "odd exception": ("class Odd(BaseException): ...\nraise Odd('why')  # !\n", "the file raises Odd: why", "mend that line"),
    "long exception": ("raise ValueError('x' * 5000 + 'z')  # !\n", "ValueError: xxx", "mend that line"),
    "exit": ("raise SystemExit(3)  # !\n", "SystemExit: 3", "mend that line"),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_a_mistake_says_where_what_and_what_to_do(tmp_path: Path, name: str) -> None:
    body, what, then = CASES[name]
    file = tmp_path / "c.py"
    file.write_text(HEAD + body)
    lines = (HEAD + body).splitlines()
    line = next(
        number for number, text in enumerate(lines, 1) if text.endswith("# !") or "# !)" in text
    )

    with pytest.raises(ContractError) as caught:
        load_contract(str(file))

    assert what in caught.value.what
    assert caught.value.where == f"{file}:{line}"
    assert then in (caught.value.next or "")


def test_the_line_of_a_team_module_is_told(tmp_path: Path) -> None:
    (tmp_path / "contracts").mkdir()
    (tmp_path / "checks").mkdir()
    (tmp_path / "checks" / "__init__.py").write_text("")
    (tmp_path / "checks" / "days.py").write_text(
        "from cleanhold import dates\n\nDAY = dates('%Q')\n"
    )
    file = tmp_path / "contracts" / "c.py"
    file.write_text(HEAD + "from checks.days import DAY\n")
    with pytest.raises(ContractError, match="not supported") as caught:
        load_contract(str(file))
    assert caught.value.where == f"{tmp_path / 'checks' / 'days.py'}:3"


TWO = model("x: str") + model("x: str").replace("class A", "class B")


@pytest.mark.parametrize(
    ("body", "spec", "what", "then"),
    [
        ("x = 1\n", "", "declares no contract", "write a class"),
        (
            "class A(pandera.pandas.DataFrameModel):\n    x: str\n",
            "",
            "'A' is a pandera model for pandas",
            "import pandera.polars",
        ),
        (TWO, ":b", "has no contract 'b'", "did you mean 'B'?"),
        (TWO, ": B", "has no contract ' B'", "use one of A, B"),
        (TWO, "", "has 2 contracts", "c.py:A or"),
        (TWO, ":C", "has no contract 'C'", "use one of A, B"),
    ],
)
def test_which_contract(tmp_path: Path, body: str, spec: str, what: str, then: str) -> None:
    file = tmp_path / "c.py"
    file.write_text(HEAD + body)
    with pytest.raises(ContractError) as caught:
        load_contract(f"{file}{spec}")
    assert what in caught.value.what
    assert caught.value.where == str(file)
    assert then in (caught.value.next or "")


def test_no_such_file(tmp_path: Path) -> None:
    with pytest.raises(ContractError, match="there is no file") as caught:
        load_contract(str(tmp_path / "gone.py"))
    assert "check the path" in str(caught.value.next)


def test_a_failed_file_can_be_mended_and_loaded_again(tmp_path: Path) -> None:
    file = tmp_path / "c.py"
    file.write_text(HEAD + model("x: str = fild()"))
    with pytest.raises(ContractError):
        load_contract(str(file))
    file.write_text(HEAD + model("x: str = field()  # mended"))
    assert [c.name for c in load_contract(str(file)).columns] == ["x"]
