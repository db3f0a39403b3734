"""The team's expectations, asked by Great Expectations on DuckDB; its import costs seconds."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from cleanhold.audits import expectations
from cleanhold.audits.contract_suite import promises
from cleanhold.core.account import Account
from cleanhold.core.audit import AuditResult, Candidate, Verdict
from cleanhold.core.check import Check, Kind, Severity
from cleanhold.core.contract import Column, Contract, LoadMode, Privacy
from cleanhold.core.expected import Expected
from cleanhold.errors import UsageError

pytest.importorskip("great_expectations", reason="the extra 'audits' is not installed")

ROWS = 100
TABLE = pl.DataFrame(
    {
        "row_id": [f"r-{i}" for i in range(ROWS)],
        "record": range(1, ROWS + 1),
        "id": [f"C-{i:04d}" for i in range(ROWS)],
        "name": [f"Name {i}" for i in range(ROWS)],
        "kind": [i % 5 for i in range(ROWS)],
        "amount": [Decimal(i) / 2 for i in range(ROWS)],
        "share": [i / ROWS for i in range(ROWS)],
        "day": [date(2026, 1, 1 + i % 28) for i in range(ROWS)],
        "empty": pl.Series([None] * ROWS, dtype=pl.String),
    }
)
COLUMNS = tuple(
    Column(name, dtype, nullable=True, privacy=Privacy.DIRECT if name == "name" else Privacy.NONE)
    for name, dtype in TABLE.schema.items()
    if name not in ("row_id", "record")
)
NAMES = [column.name for column in COLUMNS]


def suite(*listed: dict[str, Any]) -> Expected:
    return Expected(
        "shop.orders",
        "checks/expectations/shop.orders.json:1",
        "0",
        suite=tuple((f"checks/expectations/shop.orders.json:{n}", json.dumps(one))
                    for n, one in enumerate(listed, 1)),
    )  # fmt: skip


def one(name: str, severity: str = "critical", **kwargs: Any) -> dict[str, Any]:
    return {"type": name, "kwargs": kwargs, "severity": severity}


@pytest.fixture
def asked(tmp_path: Path) -> Callable[..., AuditResult]:
    """Asks expectations of TABLE, in two files whose folder has a name full of patterns."""
    folder = tmp_path / "it's [a] *"
    folder.mkdir()
    files = [folder / "1.parquet", folder / "2.parquet"]
    TABLE.head(60).write_parquet(files[0])
    TABLE.tail(40).write_parquet(files[1])

    def ask(
        *listed: dict[str, Any] | Callable[[], object],
        columns: tuple[Column, ...] = COLUMNS,
        checks: tuple[Check, ...] = (),
    ) -> AuditResult:
        functions = [g for g in listed if callable(g)]
        own = [Expected("shop.orders", "checks/own.py:1", "0", g) for g in functions]
        own += [suite(*(d for d in listed if isinstance(d, dict)))]
        contract = Contract("shop.orders", columns, checks, expectations=tuple(own))
        return expectations(Candidate(contract, Account(ROWS, ROWS, 0, 0), files))

    return ask


HOLD = [
    one("expect_column_distinct_values_to_be_in_set", column="kind", value_set=[0, 1, 2, 3, 4, 5]),
    one("expect_column_distinct_values_to_contain_set", column="kind", value_set=[1]),
    one("expect_column_distinct_values_to_equal_set", column="kind", value_set=[0, 1, 2, 3, 4]),
    one("expect_column_kl_divergence_to_be_less_than", column="kind", threshold=0.01,
        partition_object={"values": [0, 1, 2, 3, 4], "weights": [0.2] * 5}),
    one("expect_column_max_to_be_between", column="day", max_value="2026-01-28"),
    one("expect_column_mean_to_be_between", column="share", min_value=0.49, max_value=0.5),
    one("expect_column_median_to_be_between", column="share", min_value=0.4, max_value=0.6),
    one("expect_column_min_to_be_between", column="amount", min_value=0, max_value=0),
    one("expect_column_most_common_value_to_be_in_set", column="kind", ties_okay=True,
        value_set=[0, 1, 2, 3, 4]),
    one("expect_column_pair_values_a_to_be_greater_than_b", column_A="amount", column_B="share",
        or_equal=True),
    one("expect_column_pair_values_to_be_equal", column_A="kind", column_B="kind"),
    one("expect_column_pair_values_to_be_in_set", column_A="kind", column_B="kind",
        value_pairs_set=[[n, n] for n in range(5)]),
    one("expect_column_proportion_of_non_null_values_to_be_between", column="empty", max_value=0),
    one("expect_column_proportion_of_unique_values_to_be_between", column="id", min_value=1),
    one("expect_column_quantile_values_to_be_between", column="share",
        quantile_ranges={"quantiles": [0.1, 0.9], "value_ranges": [[0.05, 0.15], [0.85, 0.95]]}),
    one("expect_column_stdev_to_be_between", column="kind", min_value=1, max_value=2),
    one("expect_column_sum_to_be_between", column="kind", min_value=200, max_value=200),
    one("expect_column_to_exist", column="id"),
    one("expect_column_type_to_be", column="kind", type_="BIGINT"),
    one("expect_column_unique_value_count_to_be_between", column="kind", min_value=5, max_value=5),
    one("expect_column_value_lengths_to_be_between", column="id", min_value=6, max_value=6),
    one("expect_column_value_lengths_to_equal", column="id", value=6),
    one("expect_column_value_z_scores_to_be_less_than", column="share", threshold=3,
        double_sided=True),
    one("expect_column_values_to_be_between", column="day", min_value="2026-01-01"),
    one("expect_column_values_to_be_in_set", column="kind", value_set=[0, 1, 2], mostly=0.6),
    one("expect_column_values_to_be_in_type_list", column="share", type_list=["DOUBLE", "FLOAT"]),
    one("expect_column_values_to_be_null", column="empty"),
    one("expect_column_values_to_be_of_type", column="amount", type_="DECIMAL"),
    one("expect_column_values_to_be_unique", column="id"),
    one("expect_column_values_to_match_like_pattern", column="id", like_pattern="C-%"),
    one("expect_column_values_to_match_like_pattern_list", column="id", like_pattern_list=["C-%"]),
    one("expect_column_values_to_match_regex", column="id", regex="-[0-9]"),  # it is searched for
    one("expect_column_values_to_match_regex_list", column="id", regex_list=["x", "-0"],
        match_on="any"),
    one("expect_column_values_to_not_be_in_set", column="kind", value_set=[9]),
    one("expect_column_values_to_not_be_null", column="id"),
    one("expect_column_values_to_not_match_like_pattern", column="id", like_pattern="D-%"),
    one("expect_column_values_to_not_match_like_pattern_list", column="id",
        like_pattern_list=["D-%"]),
    one("expect_column_values_to_not_match_regex", column="id", regex="x"),
    one("expect_column_values_to_not_match_regex_list", column="id", regex_list=["x", "y"]),
    one("expect_compound_columns_to_be_unique", column_list=["id", "kind"]),
    one("expect_multicolumn_sum_to_equal", column_list=["kind", "share"], sum_total=0, mostly=0.01),
    one("expect_multicolumn_values_to_be_equal", column_list=["kind", "kind"]),
    one("expect_query_results_to_match_comparison", base_query="select count(*) from {batch}",
        comparison_data_source_name="candidate", comparison_query="select 100"),
    one("expect_select_column_values_to_be_unique_within_record", column_list=["id", "name"]),
    one("expect_table_column_count_to_be_between", min_value=7, max_value=7),
    one("expect_table_column_count_to_equal", value=7),
    one("expect_table_columns_to_match_ordered_list", column_list=NAMES),
    one("expect_table_columns_to_match_set", column_set=NAMES),
    one("expect_table_row_count_to_be_between", min_value=ROWS, max_value=ROWS),
    one("expect_table_row_count_to_equal", value=ROWS),
    one("expect_table_row_count_to_equal_other_table", other_table_name="candidate"),
    one("unexpected_rows_expectation", unexpected_rows_query="from {batch} where share >= 1"),
]  # fmt: skip

FAIL = [
    (one("expect_column_values_to_be_in_set", column="kind", value_set=[0, 1]), "60 rows (60 %)"),
    (one("expect_column_values_to_not_match_regex", column="id", regex="-00"), "100 rows (100 %)"),
    (one("expect_column_values_to_match_regex", column="id", regex="9$"), "90 rows (90 %)"),
    (one("expect_column_mean_to_be_between", column="share", min_value=0.9), "observed 0.495"),
    (one("expect_column_pair_values_a_to_be_greater_than_b", column_A="share", column_B="amount"),
     "100 rows"),
    (one("expect_multicolumn_sum_to_equal", column_list=["kind", "share"], sum_total=0), "99 rows"),
    (one("expect_table_row_count_to_equal", value=7), "observed 100"),
    (one("expect_table_columns_to_match_set", column_set=["id", "row_id"]), "observed"),
    (one("unexpected_rows_expectation", unexpected_rows_query="from {batch} where kind = 1"),
     "observed 20"),
]  # fmt: skip


def test_every_family_that_databases_can_be_asked_holds(asked: Callable[..., AuditResult]) -> None:
    answer = asked(*HOLD)
    assert answer.evidence is None, answer.evidence
    assert answer.verdict is Verdict.PASS


def test_every_family_fails_where_it_should(asked: Callable[..., AuditResult]) -> None:
    answer = asked(*(failing for failing, _ in FAIL))
    assert answer.verdict is Verdict.STOP
    assert answer.what.endswith("and 6 more")
    assert answer.evidence is not None
    assert len(answer.evidence.rows) == len(FAIL)
    for failing, told in FAIL:
        assert told in asked(failing).what


def test_severities_are_verdicts(asked: Callable[..., AuditResult]) -> None:
    name, kwargs = "expect_table_row_count_to_equal", {"value": 7}
    assert asked(one(name, "critical", **kwargs)).verdict is Verdict.STOP
    assert asked({"type": name, "kwargs": kwargs}).verdict is Verdict.STOP  # as GX has it
    assert asked(one(name, "warning", **kwargs)).verdict is Verdict.WARN
    noted = asked(one(name, "info", **kwargs))
    assert noted.verdict is Verdict.PASS
    assert "1 noted: expect_table_row_count_to_equal fails: observed 100" in noted.what


WRONG = [
    (one("expect_colum_to_exist", column="id"), "expect_colum_to_exist"),
    (one("expect_column_to_exist", colum="id"), "colum"),
    (one("expect_column_max_to_be_between", column="nobody", max_value=1), "nobody"),
    (one("expect_column_values_to_be_increasing", column="kind"), "has no SQL for it"),
    (one("unexpected_rows_expectation", unexpected_rows_query="select nme from {batch}"), "nme"),
    (one("unexpected_rows_expectation",
         unexpected_rows_query="select * from {batch}, read_csv('/etc/passwd')"), "Permission"),
    (one("expect_column_values_to_match_regex", column="id", regex="("), "missing )"),
]  # fmt: skip


@pytest.mark.parametrize(("wrong", "told"), WRONG, ids=[str(i) for i in range(len(WRONG))])
@pytest.mark.parametrize("severity", ["critical", "info"])
def test_what_cannot_be_asked_stops_whatever_its_severity(
    asked: Callable[..., AuditResult], wrong: dict[str, Any], told: str, severity: str
) -> None:
    answer = asked(HOLD[0], wrong | {"severity": severity}, HOLD[1])
    assert answer.verdict is Verdict.STOP
    assert "could not be asked" in answer.what
    assert told in answer.what
    assert answer.evidence is not None
    assert answer.evidence.rows[0][-1] == "checks/expectations/shop.orders.json:2"
    assert len(answer.evidence.rows) == 1  # the others were asked, and hold


def raises() -> list[object]:
    import great_expectations.expectations as gxe

    return [gxe.ExpectColumnToExist(columm="id")]


def gives_none() -> None: ...


def gives_a_name() -> list[object]:
    return ["expect_column_to_exist"]


@pytest.mark.parametrize(
    ("function", "told"),
    [
        (raises, "columm"),
        (gives_none, "gives NoneType, not a list"),
        (gives_a_name, "which is no expectation"),
    ],
)
def test_functions_that_give_no_expectations_stop(
    asked: Callable[..., AuditResult], function: Callable[[], object], told: str
) -> None:
    answer = asked(function, HOLD[0])
    assert answer.verdict is Verdict.STOP
    assert told in answer.what
    assert function.__name__ in answer.what


def test_personal_values_are_masked(asked: Callable[..., AuditResult]) -> None:
    answer = asked(
        one("expect_column_values_to_match_regex", column="name", regex="x"),
        one("expect_column_max_to_be_between", column="name", max_value="A"),
        one("expect_column_distinct_values_to_be_in_set", column="name", value_set=["A"]),
        one("expect_compound_columns_to_be_unique", column_list=["kind", "name"]),
        one("expect_column_pair_values_to_be_equal", column_A="id", column_B="name"),
        one("unexpected_rows_expectation", unexpected_rows_query="select name x from {batch}"),
        one("unexpected_rows_expectation",
            unexpected_rows_query="select cast(name as int) from {batch}"),
        one("expect_query_results_to_match_comparison", base_query="select name from {batch}",
            comparison_data_source_name="candidate", comparison_query="select 100"),
    )  # fmt: skip
    assert answer.evidence is not None
    assert len(answer.evidence.rows) == 7
    assert "Name " not in str(answer.as_dict())
    assert "•••" in str(answer.as_dict())
    share = one("expect_column_proportion_of_unique_values_to_be_between", column="name",
                max_value=0)  # fmt: skip
    assert "observed 1.0" in asked(share).what  # no value of anybody
    open_columns = tuple(replace(c, privacy=Privacy.NONE) for c in COLUMNS)
    shown = asked(
        one("expect_column_values_to_match_regex", column="name", regex="x"), columns=open_columns
    )
    assert "Name 0, Name 1" in str(shown.as_dict())


def test_an_expectation_is_told_by_its_description(asked: Callable[..., AuditResult]) -> None:
    answer = asked(FAIL[-1][0] | {"description": "nothing is of kind 1"})
    assert answer.what == "nothing is of kind 1: unexpected_rows_expectation fails: observed 20"
    assert answer.evidence is not None
    assert answer.evidence.rows[0][0] == "nothing is of kind 1"


def test_evidence_is_bounded(asked: Callable[..., AuditResult]) -> None:
    long = one("expect_column_values_to_be_in_set", column="id", value_set=["x" * 9_000])
    answer = asked(*(long | {"meta": {"n": n}} for n in range(3)), *[
        one("expect_table_row_count_to_equal", value=n) for n in range(99)
    ])  # fmt: skip
    assert len(json.dumps(answer.as_dict())) < 60_000


def test_what_the_contract_promises_is_asked_too_but_only_noted(
    asked: Callable[..., AuditResult],
) -> None:
    at_most = Check(
        "less_than", Kind.ROW, "", column="kind", reads=("kind",), options={"max_value": 3}
    )
    answer = asked(HOLD[0], checks=(at_most,))
    assert answer.verdict is Verdict.PASS
    assert "1 noted: expect_column_values_to_be_between (kind) fails in 40 rows (40 %)" in (
        answer.what
    )
    assert answer.evidence is not None
    assert answer.evidence.rows[0][-1] == "contract: kind.less_than"


def test_nothing_is_left_in_the_folder(asked: Callable[..., AuditResult], tmp_path: Path) -> None:
    asked(HOLD[0])
    left = sorted(p.name for p in tmp_path.rglob("*") if p.is_file())
    assert left == ["1.parquet", "2.parquet"]


def test_without_own_expectations_nothing_is_asked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "cleanhold.audits.gx_checkpoint", None)
    contract = Contract("shop.orders", COLUMNS, ())
    answer = expectations(Candidate(contract, Account(0, 0, 0, 0), [tmp_path / "none"]))
    assert answer.verdict is Verdict.PASS
    asks = replace(contract, expectations=(suite(HOLD[0]),))
    with pytest.raises(UsageError, match=r"pip install 'cleanhold\[audits\]'"):
        expectations(Candidate(asks, Account(0, 0, 0, 0), [tmp_path / "none"]))


def check(name: str, severity: Severity = Severity.ERROR, **options: Any) -> Check:
    return Check(name, Kind.ROW, "", severity, "c", reads=("c",), options=options)


@pytest.mark.parametrize(
    ("of", "kwargs"),
    [
        (check("isin", allowed_values=[date(2026, 1, 1)]), {"value_set": ["2026-01-01"]}),
        (check("notin", forbidden_values={2, 1}), {"value_set": [1, 2]}),
        (check("equal_to", value=1), {"value_set": [1]}),
        (check("not_equal_to", value=Decimal("1.5")), {"value_set": [1.5]}),
        (check("greater_than", min_value=1), {"min_value": 1, "strict_min": True}),
        (check("greater_than_or_equal_to_2", min_value=1), {"min_value": 1}),
        (check("less_than", max_value=1), {"max_value": 1, "strict_max": True}),
        (check("less_than_or_equal_to", max_value=1), {"max_value": 1}),
        (check("in_range", min_value=1, max_value=2, include_min=False, include_max=True),
         {"min_value": 1, "max_value": 2, "strict_min": True}),
        (check("str_length", exact_value=3), {"value": 3}),
        (check("str_length", min_value=3, max_value=None), {"min_value": 3}),
        (check("str_matches", pattern="a+"), {"regex": "^a+"}),
        (check("str_contains", pattern="a+"), {"regex": "a+"}),
        (check("str_startswith", string="a."), {"regex": r"^a\."}),
        (check("str_endswith", string="a."), {"regex": r"a\.$"}),
    ],
    ids=lambda value: value.name if isinstance(value, Check) else "",
)  # fmt: skip
def test_checks_become_expectations(of: Check, kwargs: dict[str, Any]) -> None:
    found = promises(Contract("d", (Column("c", pl.String),), (of,)))[-1]
    assert found["kwargs"] == {"column": "c"} | kwargs
    assert found["meta"]["check"] == of.label


def test_only_what_is_unique_in_the_whole_table_is_promised() -> None:
    unique = Check("unique", Kind.UNIQUE, "", column="c", reads=("c",))
    contract = Contract("d", (Column("c", pl.String),), (unique,))
    assert "unique" in str(promises(contract))
    assert "unique" not in str(promises(replace(contract, load=LoadMode.APPEND)))
    assert "unique" in str(promises(replace(contract, load=LoadMode.APPEND, key=("c",))))
