"""Any contract, any rows: the plan's verdicts are pandera's own, row by row."""

from __future__ import annotations

import math
import tempfile
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from decimal import Decimal
from pathlib import Path
from typing import Any
from unittest import mock

import pandera.polars as pa
import polars as pl
import polars.selectors as cs
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from pandera.backends.polars.base import PolarsSchemaBackend
from pandera.config import ValidationDepth, config_context
from pandera.errors import FailureCaseMetadata, SchemaErrors

from cleanhold import check_file, field, parquet, text
from cleanhold.core.contract import Contract
from cleanhold.errors import ContractError
from cleanhold.plan.model import read_model

Verdict = tuple[int, str, str | None]  # record, check, column

VALUES: dict[Any, list[Any]] = {
    pl.String: [
        "",
        " ",
        "a",
        "ab",
        "abc",
        "A",
        "a\n",
        "\n",
        " a",
        "é",
        "ñandú",
        "日本",
        "İ",
        "C-1",
        "x" * 300,
    ],
    pl.Int64: [0, 1, -1, 2, 5, 2**63 - 1, -(2**63)],
    pl.Int8: [0, 1, -1, 127, -128],
    pl.Float64: [0.0, -0.0, 1.0, -1.5, 2.0, math.nan, math.inf, -math.inf, 5e-324, 1e308],
    pl.Float32: [0.0, -0.0, 1.0, math.nan, math.inf],
    pl.Decimal(12, 2): [Decimal("0"), Decimal("-0.01"), Decimal("1.00"), Decimal("9999999999.99")],
    pl.Boolean: [True, False],
    pl.Date: [date(1, 1, 1), date(1969, 12, 31), date(2024, 2, 29), date(9999, 12, 31)],
    pl.Datetime("us"): [datetime(1, 1, 1), datetime(1970, 1, 1), datetime(2026, 1, 2, 3, 4, 5, 6)],
    pl.Datetime("ms", "UTC"): [datetime(1, 1, 1, tzinfo=UTC), datetime(2026, 1, 2, 3, tzinfo=UTC)],
    pl.Time: [time(0), time(12, 0, 1), time(23, 59, 59, 999999)],
    pl.UInt64: [0, 1, 2**63, 2**64 - 1],
    pl.Int16: [0, 1, -(2**15), 2**15 - 1],
    pl.Enum(["a", "ab", "é"]): ["a", "ab", "é"],
    pl.List(pl.Int64): [[], [1], [1, 2], [None]],
    # not {x: null, y: null}: Polars holds a null struct for its duplicate
    pl.Struct({"x": pl.Int64, "y": pl.Int64}): [{"x": 1, "y": 1}, {"x": None, "y": 1}],
}
NESTED = (pl.List(pl.Int64), pl.Struct({"x": pl.Int64, "y": pl.Int64}))  # fmt: skip
PATTERNS = ["a", "^a", "a$", "^a$", r"\Aa$", "^(?:a|ab)$", r"\w+", r"\d", "[A-Z]-[0-9]", ".", "é"]


@dataclass(frozen=True)
class Made:
    """A check made twice: as declared, and for the oracle, which tells no rows of a warning."""

    name: str
    make: Callable[[bool], pa.Check]
    warns: bool


def _options(draw: Any) -> tuple[bool, bool]:
    return draw(st.booleans()), draw(st.booleans())


@st.composite
def column_checks(draw: Any, dtype: Any) -> Made:
    ignore_na, warns = _options(draw)
    values = [v for v in VALUES[dtype] if v == v]  # no NaN
    one = st.sampled_from(values)
    text_checks = ["str_matches", "str_contains", "str_startswith", "str_endswith", "str_length"]
    ordered = ["greater_than", "greater_than_or_equal_to", "less_than", "less_than_or_equal_to",
               "in_range"]  # fmt: skip
    kinds = ["apart", "apart_whole"]
    kinds += ["wider"] if dtype != pl.Struct else []  # Polars 2.1 panics: struct == struct.first()
    if dtype not in NESTED:
        kinds += ["equal_to", "not_equal_to", "isin", "notin", "native", "element_wise"]
        kinds += text_checks if dtype == pl.String else []
        kinds += ordered if dtype != pl.Boolean and dtype != pl.Enum else []
    kind = draw(st.sampled_from(kinds))
    arguments: dict[str, Any] = {}
    if kind in ("equal_to", "not_equal_to"):
        arguments = {"value": draw(one)}
    elif kind in ("greater_than", "greater_than_or_equal_to"):
        arguments = {"min_value": draw(one)}
    elif kind in ("less_than", "less_than_or_equal_to"):
        arguments = {"max_value": draw(one)}
    elif kind == "in_range":
        low, high = sorted([draw(one), draw(one)])
        flags = (True, True) if low == high else (draw(st.booleans()), draw(st.booleans()))
        arguments = {"min_value": low, "max_value": high}
        arguments |= {"include_min": flags[0], "include_max": flags[1]}
    elif kind == "isin":
        arguments = {"allowed_values": draw(st.lists(one, min_size=1, max_size=3, unique=True))}
    elif kind == "notin":
        arguments = {"forbidden_values": draw(st.lists(one, min_size=1, max_size=3, unique=True))}
    elif kind in ("str_matches", "str_contains"):
        arguments = {"pattern": draw(st.sampled_from(PATTERNS))}
    elif kind in ("str_startswith", "str_endswith"):
        arguments = {"string": draw(st.sampled_from(["", "a", "A", "é", "\n"]))}
    elif kind == "str_length":
        arguments = draw(
            st.sampled_from(
                [{"min_value": 1}, {"max_value": 2}, {"min_value": 1, "max_value": 2},
                 {"exact_value": 1}, {"exact_value": 0}]
            )
        )  # fmt: skip

    def make(warning: bool) -> pa.Check:
        options = {"ignore_na": ignore_na, "raise_warning": warning}
        if kind == "native":
            return pa.Check(_short, name="short", **options)
        if kind == "wider":
            return pa.Check(_several, name="several", **options)
        if kind == "element_wise":
            return pa.Check(_is_short, name="is_short", element_wise=True, **options)
        if kind == "apart":
            return pa.Check(_often, name="often", **options)
        if kind == "apart_whole":
            return pa.Check(_few, name="few", **options)
        return getattr(pa.Check, kind)(**arguments, **options)

    named = {"native": "short", "wider": "several", "element_wise": "is_short",
             "apart": "often", "apart_whole": "few"}  # fmt: skip
    return Made(named.get(kind, kind), make, warns)


def _short(data: pa.PolarsData) -> pl.LazyFrame:
    return data.lazyframe.select(pl.col(data.key).cast(pl.String).str.len_chars() < 4)


def _several(data: pa.PolarsData) -> pl.LazyFrame:
    key = pl.col(data.key)
    return data.lazyframe.select(a=key.is_not_null(), b=key == key.first())


def _often(data: pa.PolarsData) -> pl.LazyFrame:
    """No expression: it groups, and joins the rows to their groups; null where the value is."""
    rows = data.lazyframe.select(
        value=pl.col(data.key).hash(), given=pl.col(data.key).is_not_null()
    )
    counts = rows.group_by("value").agg(n=pl.len())
    joined = rows.join(counts, on="value", how="left", maintain_order="left")
    return joined.select(pl.when("given").then(pl.col("n") > 1))


def _few(data: pa.PolarsData) -> bool:
    return data.lazyframe.select(data.key).collect().n_unique() < 4


def _is_short(value: Any) -> bool:
    return len(str(value)) < 4


FRAME_CHECKS: dict[str, Callable[[pa.PolarsData], pl.LazyFrame]] = {
    "all_given": lambda data: data.lazyframe.select(pl.all().is_not_null()),
    "first_given": lambda data: data.lazyframe.select(pl.col("c0").is_not_null()),
    "texts_differ": lambda data: data.lazyframe.select(
        pl.struct(pl.all()).is_first_distinct() | cs.first().is_null()
    ),
    "none_is_true": lambda data: data.lazyframe.select(
        pl.all_horizontal(pl.all().cast(pl.String) != "true")
    ),
    "apart": lambda data: data.lazyframe.with_columns(
        n=pl.all_horizontal(pl.all().is_not_null())
    ).select("n"),
    "apart_whole": lambda data: data.lazyframe.select("c0").collect().select(pl.len() < 5).lazy(),
    "like_the_last": lambda data: data.lazyframe.select(
        pl.col("c0").cast(pl.String) == cs.last().cast(pl.String)
    ),
}


@st.composite
def frame_checks(draw: Any, nested: bool) -> Made:
    ignore_na, warns = _options(draw)
    names = [*FRAME_CHECKS, "each_is_short"]
    if nested:  # these read every column as text
        names = [n for n in names if n not in ("none_is_true", "like_the_last")]
    name = draw(st.sampled_from(names))

    def make(warning: bool) -> pa.Check:
        options = {"name": name, "ignore_na": ignore_na, "raise_warning": warning}
        if name == "each_is_short":
            return pa.Check(_is_short, element_wise=True, **options)
        return pa.Check(FRAME_CHECKS[name], **options)

    return Made(name, make, warns)


@dataclass(frozen=True)
class Case:
    dtypes: dict[str, Any]
    nullable: dict[str, bool]
    unique: dict[str, bool]
    checks: dict[str, list[Made]]
    frame_checks: list[Made]
    together: list[str]
    frame: pl.DataFrame
    pattern: bool
    strict: bool | str
    coerce: bool

    def schema(self, *, oracle: bool) -> pa.DataFrameSchema:
        """One column a name; of a pattern, the first stands for it and its kin, `c0`, `c00`, …"""
        columns = {
            "c0+" if self.pattern and name == "c0" else name: pa.Column(
                dtype,
                checks=[c.make(c.warns and not oracle) for c in self.checks[name]],
                nullable=self.nullable[name],
                unique=self.unique[name],
                regex=self.pattern and name == "c0",
                coerce=self.coerce,
                metadata=None
                if dtype in NESTED
                else field(
                    parse=text(trim=False) if dtype == pl.String else None, nulls=()
                ).metadata,
            )
            for name, dtype in self.dtypes.items()
            if not (self.pattern and name == "c00")
        }
        return pa.DataFrameSchema(
            columns,
            strict=self.strict,
            ordered=self.strict is True,
            checks=[c.make(c.warns and not oracle) for c in self.frame_checks],
            unique=self.together or None,
        )

    def warned(self) -> set[tuple[str, str | None]]:
        named = {
            (label, name)
            for name, checks in self.checks.items()
            for label, check in zip(labels(checks), checks, strict=True)
            if check.warns
        }
        frame = zip(labels(self.frame_checks), self.frame_checks, strict=True)
        return named | {(label, None) for label, check in frame if check.warns}


def labels(checks: list[Made]) -> list[str]:
    """Check names as cleanhold tells them apart: name, name_2, …"""
    found: list[str] = []
    for number, made in enumerate(checks):
        count = sum(c.name == made.name for c in checks[: number + 1])
        found.append(made.name if count == 1 else f"{made.name}_{count}")
    return found


@st.composite
def cases(draw: Any) -> Case:
    kinds = draw(st.lists(st.sampled_from(list(VALUES)), min_size=1, max_size=4))
    dtypes = {f"c{i}": kind for i, kind in enumerate(kinds)}
    height = draw(st.integers(0, 9))
    pattern = draw(st.booleans())
    if pattern:  # a second column of the same pattern
        dtypes = {"c0": dtypes["c0"], "c00": dtypes["c0"], **dtypes}
    data = {
        name: draw(
            st.lists(st.none() | st.sampled_from(VALUES[dtype]), min_size=height, max_size=height)
        )
        for name, dtype in dtypes.items()
    }
    nullable = {name: draw(st.booleans()) for name in dtypes}
    unique = {name: draw(st.booleans()) for name in dtypes}
    checks = {n: draw(st.lists(column_checks(d), max_size=3)) for n, d in dtypes.items()}
    if pattern:
        for of in (nullable, unique, checks):
            of["c00"] = of["c0"]  # type: ignore[index]
    named = [name for name in dtypes if not (pattern and name in ("c0", "c00"))]
    return Case(
        dtypes=dtypes,
        nullable=nullable,
        unique=unique,
        checks=checks,
        frame_checks=draw(
            st.lists(frame_checks(any(d in NESTED for d in dtypes.values())), max_size=2)
        ),
        together=draw(st.sampled_from([[], named, named[:2]])),
        frame=pl.DataFrame(data, schema=dtypes),
        pattern=pattern,
        strict=draw(st.sampled_from([False, True, "filter"])),
        coerce=draw(st.booleans()),
    )


#: pandera's report of what failed raises, or makes Polars panic, on some types and answers (see
#: docs/plan.md); its masks are right.
MASKS_ONLY = mock.patch.object(
    PolarsSchemaBackend,
    "failure_cases_metadata",
    return_value=FailureCaseMetadata(pl.DataFrame(), {}, {}),
)


def pandera_says(case: Case) -> set[Verdict]:
    """What pandera finds, by its masks; a null is nobody's duplicate."""
    found: set[Verdict] = set()
    nulls = {n: case.frame[n].is_null() for n in case.dtypes}
    try:
        with MASKS_ONLY, config_context(validation_depth=ValidationDepth.SCHEMA_AND_DATA):
            case.schema(oracle=True).validate(case.frame, lazy=True)
    except SchemaErrors as errors:
        for error in errors.schema_errors:
            output = error.check_output["check_output"]
            column: str | None = error.column_name
            bad = ~output
            if error.check == "not_nullable":
                name = "not_null"
            elif error.check == "field_uniqueness":
                name, bad = "unique", bad & ~nulls[column]
            elif error.check == "multiple_fields_uniqueness":
                for key in case.together:
                    bad &= ~nulls[key]
                only = case.together[0] if len(case.together) == 1 else None
                name, column = "unique_" + "_".join(case.together), None
                if only:
                    name, column = "unique", only
            else:
                made = case.checks[column] if column else case.frame_checks
                name = labels(made)[error.check_index]
                if name.startswith(WHOLE):
                    found.add((0, name, column))
                    continue
            found |= {(int(row) + 1, name, column) for row in bad.arg_true()}
    return found


#: Checks that answer for all rows together; told as of record 0.
WHOLE = ("few", "apart_whole")


def contract_of(schema: Any) -> Contract:
    """The contract of a case; one whose limits cross is none."""
    try:
        return read_model(schema, "a_dataset")
    except ContractError as error:
        assume("can pass both" not in error.what)
        raise


def cleanhold_says(schema: Any, frame: pl.DataFrame) -> dict[str, set[Verdict]]:
    """What cleanhold finds, by severity, read back from the files it writes."""
    contract = contract_of(schema)
    with tempfile.TemporaryDirectory() as folder:
        path, out = Path(folder) / "rows.parquet", Path(folder) / "out"
        frame.write_parquet(path)
        report = check_file(path, contract, parquet(), out=out)
        held = pl.read_parquet(out / "held.parquet", columns=["record", "findings"])
        warned = pl.read_parquet(out / "warned.parquet", columns=["record", "findings"])
        clean = pl.read_parquet(out / "clean.parquet")
    assert report.account.records == frame.height
    records = [*held["record"], *clean["record"]]
    assert sorted(records) == list(range(1, frame.height + 1)), "each row has one home"
    assert set(warned["record"]) <= set(clean["record"])
    findings = pl.concat([held, warned]).explode("findings").unnest("findings")
    by_severity = {
        severity: {
            (f["record"], f["check"], f["column"])
            for f in findings.filter(pl.col("severity") == severity).iter_rows(named=True)
        }
        for severity in ("error", "warn")
    }
    assert {record for record, *_ in by_severity["error"]} == set(held["record"])
    for finding in report.dataset_findings:
        by_severity[finding.severity].add((0, finding.check, finding.column))
    return by_severity


@pytest.mark.filterwarnings("ignore::polars.exceptions.PolarsInefficientMapWarning")
@given(cases())
@settings(max_examples=150, deadline=None)
def test_the_plan_finds_what_pandera_finds(case: Case) -> None:
    expected = pandera_says(case)
    warns = case.warned()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", pa.errors.SchemaWarning)
        found = cleanhold_says(case.schema(oracle=False), case.frame)
    assert found["error"] == {v for v in expected if (v[1], v[2]) not in warns}
    assert found["warn"] == {v for v in expected if (v[1], v[2]) in warns}
