"""Great Expectations: one suite on a pandas frame, the failing rows told by their record number.

great_expectations_pandas.py FILE ACCOUNTS FOLDER
"""

from __future__ import annotations

import os
import sys
from datetime import datetime
from pathlib import Path
from typing import Any

os.environ["GX_ANALYTICS_ENABLED"] = "false"  # read when it is imported

import great_expectations as gx
import great_expectations.expectations as gxe
import pandas as pd
from rules import (
    COLUMNS,
    CREATED,
    FALSE,
    FORMATS,
    KNOWN,
    NAME_LENGTH,
    NULLS,
    NUMBERS,
    PATTERNS,
    PRESENT,
    READ,
    TRUE,
    whole,
)


def typed(raw: pd.DataFrame) -> pd.DataFrame:
    """Values as the floor reads them, and `<column>_read`: is what is given readable?"""
    rows = raw.apply(lambda text: text.str.strip(" "))
    rows = rows.mask(rows.isin(NULLS))
    given = rows[READ].notna()
    rows["email"], rows["stage"] = rows["email"].str.lower(), rows["stage"].str.lower()
    rows["country"] = rows["country"].str.upper()
    rows["amount"] = _number(rows["amount"].str.replace("[$,]", "", regex=True))
    rows["probability"] = _number(rows["probability"].str.replace("%", "", regex=False))
    rows["created_date"], rows["close_date"] = _day(rows["created_date"]), _day(rows["close_date"])
    words = dict.fromkeys(TRUE, True) | dict.fromkeys(FALSE, False)
    rows["is_active"] = rows["is_active"].str.lower().map(words)
    for column in READ:
        rows[f"{column}_read"] = ~given[column] | rows[column].notna()
    return rows


def _number(text: pd.Series) -> pd.Series:
    return pd.to_numeric(text, errors="coerce").astype("float64")


def _day(text: pd.Series) -> pd.Series:
    days = pd.to_datetime(text, format=FORMATS[0], errors="coerce")
    for layout in FORMATS[1:]:
        left = days.isna() & text.notna()
        days[left] = pd.to_datetime(text[left], format=layout, errors="coerce")
    return days


def expectations() -> dict[str, Any]:
    """The rules. `ignore_row_if` and nulls: every expectation here passes a null but `present`."""
    between, true = gxe.ExpectColumnValuesToBeBetween, {"value_set": [True]}
    low, high = map(datetime.fromisoformat, CREATED)
    shortest, longest = NAME_LENGTH
    return {
        **{f"{c}_present": gxe.ExpectColumnValuesToNotBeNull(column=c) for c in PRESENT},
        **{
            f"{c}_format": gxe.ExpectColumnValuesToMatchRegex(column=c, regex=whole(c))
            for c in PATTERNS
        },
        **{
            f"{c}_known": gxe.ExpectColumnValuesToBeInSet(column=c, value_set=values)
            for c, values in KNOWN.items()
        },
        **{
            f"{c}_range": between(column=c, min_value=least, max_value=most)
            for c, (least, most) in NUMBERS.items()
        },
        **{
            name: gxe.ExpectColumnValuesToBeInSet(column=name, **true)
            for name in (*(f"{c}_read" for c in READ), "account_id_known", "probability_won")
        },
        "created_date_range": between(column="created_date", min_value=low, max_value=high),
        "opp_id_unique": gxe.ExpectColumnValuesToBeUnique(column="opp_id"),
        "contact_name_length": gxe.ExpectColumnValueLengthsToBeBetween(
            column="contact_name", min_value=shortest, max_value=longest
        ),
        "close_date_after_created": gxe.ExpectColumnPairValuesAToBeGreaterThanB(
            column_A="close_date",
            column_B="created_date",
            or_equal=True,
            ignore_row_if="either_value_is_missing",
        ),
    }


def failing(rows: pd.DataFrame) -> dict[int, list[str]]:
    """The names of failed rules by record number."""
    context = gx.get_context(mode="ephemeral")
    asset = context.data_sources.add_pandas("peers").add_dataframe_asset("opportunities")
    batch = asset.add_batch_definition_whole_dataframe("all")
    rules = expectations()
    for name, expectation in rules.items():
        expectation.meta = {"rule": name}
    suite = context.suites.add(gx.ExpectationSuite("rules", expectations=list(rules.values())))
    outcome = gx.ValidationDefinition(data=batch, suite=suite, name="check").run(
        batch_parameters={"dataframe": rows},
        result_format={
            "result_format": "COMPLETE",
            "unexpected_index_column_names": ["record"],
            "include_unexpected_rows": False,
        },
    )
    failed: dict[int, list[str]] = {}
    for one in outcome.results:
        if one.exception_info.get("raised_exception"):
            raise SystemExit(str(one.exception_info))
        for at in one.result.get("unexpected_index_list") or []:
            failed.setdefault(at["record"], []).append(one.expectation_config.meta["rule"])
    return failed


def main() -> None:
    """Judge the file."""
    _, file, accounts, folder = sys.argv
    raw = pd.read_csv(file, dtype=str, keep_default_na=False)
    rows = typed(raw)
    known = pd.read_parquet(accounts)["account_id"]
    rows["account_id_known"] = rows["account_id"].isna() | rows["account_id"].isin(known)
    percent = rows["probability"]
    rows["probability_won"] = (rows["stage"] != "closed won") | percent.isna() | (percent == 100)
    rows["record"] = raw["record"] = range(1, len(rows) + 1)
    failed = failing(rows)
    bad = rows["record"].isin(failed)
    held = raw[bad].assign(failed=[failed[record] for record in raw["record"][bad]])
    for frame, name in ((rows.loc[~bad, ["record", *COLUMNS]], "clean"), (held, "held")):
        frame.to_parquet(Path(folder) / f"{name}.parquet", compression="lz4", index=False)


if __name__ == "__main__":
    main()
