"""pointblank: interrogate, sunder, and find each row's rules in the extracts of the steps.

pointblank_validate.py FILE ACCOUNTS FOLDER
"""

from __future__ import annotations

import sys
from datetime import date

import pointblank as pb
import polars as pl
from rows import CUSTOM, known, scan, write
from rules import CREATED, KNOWN, NAME_LENGTH, NUMBERS, PATTERNS, PRESENT, whole

_, file, accounts, folder = sys.argv
rows = scan(file).collect(engine="streaming")
text = pl.col("opp_id")
length = pl.col("contact_name").str.len_chars().is_between(*NAME_LENGTH).fill_null(True)
custom = {
    **CUSTOM,
    "account_id_known": known(accounts),
    "contact_name_length": length,
    # Its own `rows_distinct` takes two nulls for the same value.
    "opp_id_unique": text.is_null() | text.is_unique(),
    # Its own `col_vals_in_set` fails a null.
    **{f"{c}_known": pl.col(c).is_in(known_).fill_null(True) for c, known_ in KNOWN.items()},
}
validate, names = pb.Validate(rows), []
for column in PRESENT:
    validate = validate.col_vals_not_null(column)
    names.append(f"{column}_present")
for column in PATTERNS:
    validate = validate.col_vals_regex(column, whole(column), na_pass=True)
    names.append(f"{column}_format")
ranges = {**NUMBERS, "created_date": tuple(map(date.fromisoformat, CREATED))}
for column, (low, high) in ranges.items():
    validate = validate.col_vals_between(column, low, high, na_pass=True)
    names.append(f"{column}_range")
for rule, passes in custom.items():
    validate = validate.col_vals_expr(passes)
    names.append(rule)

# By default it keeps 500 failing rows of a step.
validate = validate.interrogate(extract_limit=rows.height)
extracts = validate.get_data_extracts()
failing = pl.concat(
    extracts[step].select("record", rule=pl.lit(rule))
    for step, rule in enumerate(names, 1)
    if step in extracts and len(extracts[step])
)
failing = failing.group_by("record").agg(failed="rule")
held = rows.join(failing, on="record", maintain_order="left")
write(folder, validate.get_sundered_data("pass"), held)
