"""Which header feeds which column, and what becomes of those that are unknown or missing."""

from __future__ import annotations

import json
from pathlib import Path

import polars as pl
import pytest

from cleanhold import check_file, delimited, load_contract
from cleanhold.errors import ContractError

from .conftest import HEAD, Judge

WIDE = Path("/work/shared/data/crm")


def test_a_header_is_found_by_its_pattern(judge: Judge) -> None:
    body = r"amount: int = field(source_matches=r'Amount \((EUR|USD)\)')"
    assert judge(body, "Amount (USD)\n1\n").clean.row(0) == (1, 1)
    assert judge(body, "Amount (GBP)\n1\n").verdicts == [(1, "present", "amount")]
    assert judge(body, "amount\n1\n").verdicts == [(1, "present", "amount")]


def test_names_come_before_patterns_to_the_letter_before_alike(judge: Judge) -> None:
    body = "a: str = field(source=['X', 'Old'], source_matches='[a-z]+')\nb: str"
    assert judge(body, "b,c,old,X\n1,2,3,4\n").clean["a"].to_list() == ["4"]
    assert judge(body, "b,c,old\n1,2,3\n").clean["a"].to_list() == ["3"]
    assert judge(body, "b,c\n1,2\n").clean["a"].to_list() == ["2"]


def test_a_pattern_does_not_take_what_another_column_is_named(judge: Judge) -> None:
    body = "any: str = field(source_matches='.*')\ncontact_id: str"
    assert judge(body, "Contact ID,x\n1,2\n").clean.row(0) == (1, "2", "1")


def test_headers_that_a_pattern_fits_twice_are_refused(judge: Judge) -> None:
    with pytest.raises(ContractError, match=r"several columns that could be 'a': 'm_1', 'm_2'"):
        judge("a: str = field(source_matches='m_[0-9]')", "m_1,m_2\n1,2\n")
    body = "a: str = field(source_matches='m.*')\nb: str = field(source_matches='.*1')"
    with pytest.raises(ContractError, match="'m_1' could be 'a' or 'b'"):
        judge(body, "m_1\n1\n")


@pytest.mark.parametrize("pattern", ["'('", "''", "5"])
def test_a_pattern_that_is_none_is_refused_at_load(judge: Judge, pattern: str) -> None:
    with pytest.raises(ContractError, match="source_matches="):
        judge(f"a: str = field(source_matches={pattern})", "a\n1\n")


def test_a_personal_column_found_by_pattern_is_masked_as_delivered(judge: Judge) -> None:
    from cleanhold.pipeline.masking import personal

    judge("a: str = field(source_matches='[Mm]ail.*', pii='direct')", "mail 1\nx\n")
    hidden = personal(load_contract(str(_file(judge))))
    assert hidden.has("mail 1")
    assert not hidden.has("other")


def _file(judge: Judge) -> Path:
    """Where the fixture has written the contract."""
    cells = judge.__closure__ or ()  # type: ignore[attr-defined]
    return next(c.cell_contents for c in cells if isinstance(c.cell_contents, Path)) / "c.py"


ROWS = "a,Fax,Note 2\n1,x,\n2,,y\n"


def test_unknown_columns_are_kept_as_json(judge: Judge) -> None:
    found = judge("a: int", ROWS, terms="unknown='keep'")
    assert found.clean.columns == ["record", "a", "extra"]
    assert [json.loads(text) for text in found.clean["extra"]] == [
        {"Fax": "x", "Note 2": None},
        {"Fax": None, "Note 2": "y"},
    ]
    assert found.notes == ("columns kept as JSON in 'extra': Fax, Note 2",)


def test_the_clean_table_has_the_same_columns_when_none_is_unknown(judge: Judge) -> None:
    found = judge("a: int", "a\n1\n", terms="unknown='keep'")
    assert found.clean.schema["extra"] == pl.String
    assert found.clean["extra"].to_list() == [None]


def test_unknown_columns_of_typed_formats_are_kept_as_text(judge: Judge) -> None:
    rows = pl.DataFrame({"a": [1], "b": [2.5], "c": [b"\xff"], "d": [[1, 2]]})
    found = judge("a: int", rows, terms="unknown='keep'")
    assert json.loads(found.clean["extra"][0]) == {"b": "2.5", "c": "ff", "d": "[1,2]"}


def test_unknown_columns_may_be_refused(judge: Judge) -> None:
    found = judge("a: int", ROWS, terms="unknown='refuse'")
    assert found.records == ([], [1, 2])
    assert set(found.messages) == {"the extract has unknown columns: Fax, Note 2"}
    assert judge("a: int", "a\n1\n", terms="unknown='refuse'").records == ([1], [])


@pytest.mark.parametrize(
    ("strict", "unknown"),
    [("True", "keep"), ("True", "ignore"), ("'filter'", "refuse"), ("'filter'", "keep")],
)
def test_policies_that_contradict_pandera_are_refused(
    judge: Judge, strict: str, unknown: str
) -> None:
    body = f"a: int\nclass Config:\n    strict = {strict}"
    with pytest.raises(ContractError, match="contradicts Config"):
        judge(body, ROWS, terms=f"unknown={unknown!r}")


def test_the_name_of_what_is_kept_is_reserved(judge: Judge) -> None:
    with pytest.raises(ContractError, match="'extra' is reserved"):
        judge("extra: int", ROWS, terms="unknown='keep'")
    assert judge("extra: int", "extra\n1\n").records == ([1], [])


def test_missing_columns_may_be_null_and_are_told_once(judge: Judge) -> None:
    body = "a: int\nb: str = field(nullable=True, str_length=2)\nc: int = field(default=7)\nd: str"
    found = judge(body, "a,d\n1,x\n2,y\n", terms="missing='null'")
    assert found.clean.rows() == [(1, 1, None, 7, "x"), (2, 2, None, 7, "y")]
    assert found.notes == (
        "the extract has no column 'b'; it is null in every row",
        "the extract has no column 'c'; it is 7 in every row",
    )
    assert [f.severity for f in found.dataset_findings] == ["warn", "warn"]
    assert not found.held_back
    assert found.counts["present", "b"] == (0, 1, 0)


def test_what_cannot_be_null_is_refused_if_it_is_missing(judge: Judge) -> None:
    found = judge("a: int\nb: str", "a\n1\n", terms="missing='null'")
    assert found.verdicts == [(1, "present", "b")]


def test_what_pandera_says_of_a_missing_column_goes_first(judge: Judge) -> None:
    found = judge("a: int\nb: Optional[str]", "a\n1\n", terms="missing='null'")
    assert (found.records, found.dataset_findings) == (([1], []), ())
    found = judge("a: int\nb: Optional[str]", "a\n1\n")
    assert (found.records, found.dataset_findings) == (([1], []), ())


def test_policies_are_part_of_the_fingerprint(tmp_path: Path) -> None:
    def fingerprint(terms: str, field: str = "") -> str:
        file = tmp_path / "c.py"
        file.write_text(
            HEAD + f"@contract('a.b', version='1', {terms})\nclass A(pa.DataFrameModel):\n"
            f"    a: str = field(nullable=True{field})\n"
        )
        return load_contract(f"{file}:A").fingerprint()

    found = [
        fingerprint(*given)
        for given in [("",), ("unknown='keep'",), ("missing='null'",), ("", ", source_matches='x'")]
    ]
    assert len(set(found)) == 4


CONNECTORS = {
    "hubspot/company_data.csv": "company_id: int = field(source='id', unique=True)\n"
    "is_deleted: bool\n"
    "company: str = field(source='property_name', nullable=True)\n"
    "funky: str = field(source_matches='property_hs_all-funky-.*', nullable=True)\n"
    "fax: str = field(nullable=True)",
    "salesforce_wide/sf_contact_data.csv": "contact_id: str = field(source='id', unique=True)\n"
    "is_deleted: bool = field(nullable=True)\n"
    "email: str = field(nullable=True, pii='direct')\n"
    "last_modified_date: str = field(nullable=True)\n"
    "fax: str = field(nullable=True)",
}


@pytest.mark.skipif(not WIDE.exists(), reason="the shared data is not here")
@pytest.mark.parametrize("name", CONNECTORS)
@pytest.mark.parametrize("unknown", ["keep", "ignore"])
def test_extracts_of_connectors_need_no_editing(tmp_path: Path, name: str, unknown: str) -> None:
    file = tmp_path / "c.py"
    body = "".join(f"    {line}\n" for line in CONNECTORS[name].splitlines())
    file.write_text(
        HEAD + f"@contract('a.b', version='1', unknown={unknown!r}, missing='null')\n"
        f"class A(pa.DataFrameModel):\n{body}"
    )
    contract = load_contract(f"{file}:A")
    report = check_file(WIDE / name, contract, delimited(), out=tmp_path)
    clean = pl.read_parquet(tmp_path / "clean.parquet")
    assert report.account.clean == report.account.records > 0
    if unknown == "keep":
        delivered = pl.read_csv(WIDE / name, infer_schema=False)
        kept = [n for n in delivered.columns if n in json.loads(clean["extra"][0])]
        assert delivered.width - len(kept) in (4, 5)
        found = clean["extra"].str.json_decode(pl.Struct(dict.fromkeys(kept, pl.String)))
        assert found.struct.unnest().equals(delivered.select(kept))
