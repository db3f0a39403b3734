"""The reference contracts are real pandera models: on the samples, pandera finds the same."""

from __future__ import annotations

import copy
import warnings
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from pandera.config import ValidationDepth, config_context
from pandera.errors import SchemaErrors

from cleanhold import check_file
from cleanhold.core.check import Kind
from cleanhold.core.reading import RECORD
from cleanhold.pipeline.frame import frame
from cleanhold.plan.execute import compile_plan
from cleanhold.plan.load import import_file
from cleanhold.plan.model import read_model
from cleanhold.plan.terms import CHECK_TERMS

ROOT = Path(__file__).parents[3]
SAMPLES = [
    ("contracts/crm_contacts.py", "CrmContacts", "contacts", "crm/contacts_{}.csv"),
    ("contracts/crm_opportunities.py", "CrmOpportunities", "opportunities",
     "crm/opportunities_{}.csv"),
    ("contracts/legacy_policies.py", "LegacyPolicies", "policies", "legacy/policies_{}.txt"),
]  # fmt: skip
KINDS = (Kind.ROW, Kind.NOT_NULL, Kind.UNIQUE)


def pandera_findings(model: Any, values: pl.DataFrame) -> set[tuple[int, str, str | None]]:
    schema = copy.deepcopy(model.to_schema())
    for check in [*schema.checks, *(c for col in schema.columns.values() for c in col.checks)]:
        check.raise_warning = False  # pandera does not tell the rows of a warning
    builtin = {"not_nullable": "not_null", "field_uniqueness": "unique"}
    found: set[tuple[int, str, str | None]] = set()
    try:
        with config_context(validation_depth=ValidationDepth.SCHEMA_AND_DATA):
            schema.validate(values.select(list(schema.columns)), lazy=True)
    except SchemaErrors as errors:
        for error in errors.schema_errors:
            bad = ~error.check_output["check_output"]
            column = error.schema.name if error.schema.name in schema.columns else None
            terms = getattr(error.check, "statistics", {}).get(CHECK_TERMS)
            column = terms.column if terms else column
            name = builtin.get(error.check) or error.check.name
            if name == "unique":
                bad &= values[column].is_not_null()  # nulls are not each other's duplicates
            found |= {(record, name, column) for record in values[RECORD].filter(bad)}
    return found


@pytest.mark.parametrize("day", ["2026-11-02", "2026-11-03"])
@pytest.mark.parametrize(("file", "name", "source", "sample"), SAMPLES)
def test_pandera_agrees_on_rows_that_parse(
    tmp_path: Path, file: str, name: str, source: str, sample: str, day: str
) -> None:
    model = getattr(import_file(ROOT / file, ROOT), name)
    reader = getattr(import_file(ROOT / "flows/sources.py", ROOT), source).reader
    path = ROOT / "data" / "samples" / sample.format(day)
    contract = read_model(model, name)

    framed = frame(reader.open(path), tmp_path, path.name)
    plan = compile_plan(contract, framed.columns)
    judged = plan.values(framed.scan()).collect()

    check_file(path, contract, reader, out=tmp_path / "out")
    found = pl.concat(
        pl.read_parquet(tmp_path / "out" / f"{part}.parquet", columns=["record", "findings"])
        for part in ("held", "warned")
    )
    findings = found.explode("findings").unnest("findings")
    unparsed = set(findings.filter(pl.col("check") == "parse")["record"])
    kinds = {(c.name, c.column): c.kind for c in contract.checks}
    ours = {
        (f["record"], f["check"], f["column"])
        for f in findings.iter_rows(named=True)
        if kinds[f["check"], f["column"]] in KINDS
        and f["record"] not in unparsed
        # a key is unique by its contract; pandera knows of it only if the field says so too
        and not (f["check"] == "unique" and not model.to_schema().columns[f["column"]].unique)
    }
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        theirs = pandera_findings(model, judged)
    assert ours == {v for v in theirs if v[0] not in unparsed}
    assert ours, "the samples have findings beside those of parsing"
