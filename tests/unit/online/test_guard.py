"""The public door: what a guard compares with, says, and shares between threads."""

from __future__ import annotations

import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pandera.polars as pa
import polars as pl
import pytest

import cleanhold
from cleanhold import check, col, contract, field
from cleanhold.checks import determines, does_not_decrease, luhn
from cleanhold.errors import ContractError, UsageError, WorkspaceError
from cleanhold.online.guard import Guard

ROOT = Path(__file__).parents[3]
BENCH = str(ROOT / "benchmarks" / "contract.py")


@contract("shop.orders", version="1", owner="a@b.example", key="id", load="append")
class Orders(pa.DataFrameModel):
    id: int = field()
    account: str = field(references="shop.accounts.id", nullable=True)
    email: str = field(pii="direct", nullable=True, matches="[a-z]+@[a-z]+", severity="warn")
    total: float = field(nullable=True)
    paid: float = field(nullable=True)

    @check(says="{email} paid {paid} of {total}")
    def paid_in_full() -> pl.Expr:
        return col("paid") >= col("total")

    @check(says="the total is nothing")
    def something_is_sold() -> pl.Expr:
        return col("total").sum() > 0


GOOD = {"id": "1", "account": "A", "email": "a@b", "total": "5", "paid": "5"}


def test_a_good_record_has_its_values_and_no_findings() -> None:
    verdict = cleanhold.guard(Orders).check(GOOD)
    assert verdict.ok
    assert verdict.outcome == "clean"
    assert verdict.findings == ()
    assert verdict.values == {"id": 1, "account": "A", "email": "a@b", "total": 5.0, "paid": 5.0}


def test_a_bad_record_says_why_and_shows_nothing_personal() -> None:
    verdict = cleanhold.guard(Orders).check({**GOOD, "id": "x", "email": "Ann", "paid": "4.5"})
    assert verdict.outcome == "held"
    parse, email, paid = (f.as_dict() for f in verdict.findings)
    assert parse == {
        "check": "parse", "column": "id", "value": "x", "severity": "error",
        "message": "id is x, which is not a number like 1234",
    }  # fmt: skip
    assert (email["severity"], email["value"]) == ("warn", "Ann")
    assert "Ann" not in email["message"]
    assert paid["message"] == "••• paid 4.5 of 5.0"
    assert paid["value"] == "paid=4.5, total=5.0"


def test_a_warning_lets_the_record_pass() -> None:
    verdict = cleanhold.guard(Orders).check({**GOOD, "email": "Ann"})
    assert verdict.ok
    assert [f.severity for f in verdict.findings] == ["warn"]


def test_what_is_not_compared_is_in_the_notes() -> None:
    notes = "\n".join(cleanhold.guard(Orders).notes)
    assert "not checked: account.references, for shop.accounts.id is not at hand" in notes
    assert "id.unique is compared within a batch, not with published rows" in notes
    assert "not checked: something_is_sold, which is about all rows together" in notes


def test_references_are_the_keys_of_the_table_that_is_given() -> None:
    table = pl.DataFrame({"id": ["A", "B"]})
    guard = cleanhold.guard(Orders, references={"shop.accounts": table})
    assert guard.check(GOOD).ok
    (finding,) = guard.check({**GOOD, "account": "C"}).findings
    assert finding.check == "references"
    assert not [n for n in guard.notes if "references" in n]
    with pytest.raises(ContractError, match="no such column"):
        cleanhold.guard(Orders, references={"shop.accounts": table.rename({"id": "key"})})


def test_records_of_a_batch_that_share_a_key_are_held() -> None:
    guard = cleanhold.guard(Orders)
    verdicts = guard.check_batch([GOOD, {**GOOD, "id": " 1"}, {**GOOD, "id": "2"}])
    assert [v.ok for v in verdicts] == [False, False, True]
    assert verdicts[0].findings[0].message == "other rows of this extract have id 1 too"
    assert guard.check_batch([]) == []


def test_a_dataset_of_the_workspace(reference: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(reference)
    known = cleanhold.read("crm.contacts", columns=["contact_id"]).first().collect().item()
    guard = cleanhold.guard("crm.opportunities")
    record = {
        "Opportunity ID": "O-999999", "Contact ID": known, "name": "x", "stage": "Proposal",
        "amount": "$1,000", "close_date": "2026-12-01", "created_date": "2026-01-31",
        "Probability (%)": "40", "is_won": "N",
    }  # fmt: skip
    assert guard.check(record).findings == ()
    (finding,) = guard.check({**record, "Contact ID": "C-000000"}).findings
    assert finding.check == "references"


def test_published_keys_are_compared_when_asked_for(reference: Path) -> None:
    known = cleanhold.read("crm.contacts", workspace=reference).first().collect().to_dicts()[0]
    record = {
        "Contact ID": known["contact_id"], "first_name": "Ann", "last_name": "Li", "E-mail": None,
        "phone": None, "birthdate": None, "country": None, "opted_out": None,
        "created_date": "2026-01-01", "last_activity_date": None, "account_balance": None,
        "legacy_holder_no": None,
    }  # fmt: skip
    assert cleanhold.guard("crm.contacts", workspace=reference).check(record).ok
    guard = cleanhold.guard("crm.contacts", workspace=reference, published=True)
    (finding,) = guard.check(record).findings
    assert finding.check == "unique"
    assert finding.message.endswith("which a published row has too")
    assert guard.check({**record, "Contact ID": "C-999999"}).ok


def test_nothing_is_published_yet(fresh: Path) -> None:
    guard = cleanhold.guard("crm.contacts", workspace=fresh, published=True)
    assert guard.check({"Contact ID": "C-000001"}).findings
    assert not [n for n in guard.notes if "unique" in n]


def test_a_contract_file_and_a_loaded_contract() -> None:
    names = [cleanhold.guard(BENCH), cleanhold.guard(f"{BENCH}:Opportunities")]
    names.append(cleanhold.guard(cleanhold.load_contract(BENCH)))
    assert {g.contract.dataset for g in names} == {"bench.opportunities"}


def test_what_is_no_contract_is_said_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(UsageError, match="no contract"):
        cleanhold.guard(5)
    monkeypatch.chdir(tmp_path)
    with pytest.raises(WorkspaceError):
        cleanhold.guard("crm.contacts")


def test_threads_share_a_guard() -> None:
    """Many threads, many layouts at once, small turns: each gets the verdict it gets alone."""
    guard = cleanhold.guard(Orders)
    records = []
    for number in range(600):
        record = {
            **GOOD,
            "id": str(number % 7),
            "paid": str(number % 11),
            "total": "é" * (number % 2),
        }
        extra = {f"more{number % 13}": "x"} if number % 3 else {}
        records.append({**extra, **record})
    alone = [cleanhold.guard(Orders).check(r) for r in records[:40]]
    expected = [guard.check(r) for r in records]
    assert expected[:40] == alone
    fresh = cleanhold.guard(Orders)
    turns = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        with ThreadPoolExecutor(8) as threads:
            found = list(threads.map(fresh.check, records * 3))
    finally:
        sys.setswitchinterval(turns)
    assert found == expected * 3


def test_layouts_are_forgotten_before_they_fill_the_memory(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("cleanhold.online.guard._MOST_LAYOUTS", 3)
    guard = cleanhold.guard(Orders)
    for number in range(8):
        assert guard.check({**GOOD, f"more{number}": "x"}).ok
    assert len(guard._layouts) == 3


def test_published_keys_are_compared_whatever_else_is_in_the_record() -> None:
    """Also where a record goes through Polars whole: a year that Python does not know."""

    class Visits(pa.DataFrameModel):
        id: int = field(unique=True)
        at: pl.Date = field(parse=cleanhold.dates("%Y-%m-%d"))
        seen: pl.Datetime = field(nullable=True)

    judge = cleanhold.guard(Visits).contract
    guard = Guard(judge, published=pl.LazyFrame({"id": [1, 2]}))
    frame = pl.DataFrame({"id": [1, 3], "at": pl.Series([-800_000, 2_932_897]).cast(pl.Date)})
    nanoseconds = frame.with_columns(seen=pl.lit(1).cast(pl.Datetime("ns")))
    for rows in (frame.with_columns(seen=None), nanoseconds):
        found = [[f.check for f in v.findings] for v in guard.check_batch(rows)]
        assert ["unique" in checks for checks in found] == [True, False]


def test_columns_of_a_pattern_are_judged_like_others() -> None:
    class Months(pa.DataFrameModel):
        month: str = field(alias="m_[0-9]+", regex=True, unique=True, references="shop.accounts.id")

    guard = cleanhold.guard(Months, references={"shop.accounts": pl.DataFrame({"id": ["a", "b"]})})
    first, second, third = guard.check_batch(
        [{"m_1": "a", "m_2": "a"}, {"m_1": "a", "m_2": "b"}, {"m_1": "b", "m_2": "x"}]
    )
    assert [(f.check, f.column) for f in first.findings] == [("unique", "m_1")]
    assert [(f.check, f.column) for f in second.findings] == [("unique", "m_1")]
    assert [(f.check, f.column) for f in third.findings] == [("references", "m_2")]


def test_checks_of_changes_are_named_and_the_others_are_checked() -> None:
    @contract("shop.meters", version="1", key="id", checks=[does_not_decrease("reading")])
    class Meters(pa.DataFrameModel):
        id: str = field(checks=[luhn()])
        reading: int

    was = pl.DataFrame({"id": ["18"], "reading": [5]})
    guard = cleanhold.guard(Meters, references={"shop.meters": was})
    told = "not checked: reading.does_not_decrease, which compares with what was published before"
    assert told in guard.notes
    assert guard.check({"id": "18", "reading": "4"}).ok
    assert [f.check for f in guard.check({"id": "19", "reading": "4"}).findings] == ["luhn"]


def test_checks_that_need_other_rows_are_named_and_the_others_are_checked() -> None:
    @contract("shop.places", version="1", checks=[determines("zip", "city")])
    class Places(pa.DataFrameModel):
        zip: str = field(checks=[luhn()])
        city: str

        @pa.dataframe_check
        @classmethod
        def not_too_many(cls, data: pa.PolarsData) -> pl.LazyFrame:
            counted = data.lazyframe.with_columns(n=pl.len().over("city"))
            return counted.filter(pl.col("n") >= 0).select(pl.col("n") < 3)

    guard = cleanhold.guard(Places)
    notes = "\n".join(guard.notes)
    for label in ("city.determines", "not_too_many"):
        assert f"not checked: {label}, which needs the rows of a whole extract" in notes
    assert guard.check({"zip": "18", "city": "Rome"}).ok
    assert [f.check for f in guard.check({"zip": "19", "city": "Rome"}).findings] == ["luhn"]
