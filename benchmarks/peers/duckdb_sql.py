"""DuckDB: hand-written SQL. Stage the typed rows, judge them once, copy both outcomes out.

duckdb_sql.py FILE ACCOUNTS FOLDER
"""

from __future__ import annotations

import sys
from collections.abc import Iterable

import duckdb
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
)


def quoted(values: Iterable[str]) -> str:
    """Texts as a list of SQL."""
    return ", ".join(f"'{value}'" for value in values)


def trimmed(column: str) -> str:
    """Text without spaces around it, null tokens to null."""
    return f"CASE WHEN trim({column}) NOT IN ({quoted(NULLS)}) THEN trim({column}) END"


def day(column: str) -> str:
    """A date in one of the formats."""
    return f"try_strptime({column}, [{quoted(FORMATS)}])::DATE"


TYPED = {
    **{column: column for column in COLUMNS},
    "email": "lower(email)",
    "country": "upper(country)",
    "stage": "lower(stage)",
    "amount": "TRY_CAST(replace(replace(amount, '$', ''), ',', '') AS DOUBLE)",
    "probability": "TRY_CAST(replace(probability, '%', '') AS DOUBLE)",
    "created_date": day("created_date"),
    "close_date": day("close_date"),
    "is_active": f"CASE WHEN lower(is_active) IN ({quoted(TRUE)}) THEN true"
    f" WHEN lower(is_active) IN ({quoted(FALSE)}) THEN false END",
}
#: True fails, and null does not.
FAILS = {
    **{f"{c}_present": f"{c} IS NULL" for c in PRESENT},
    **{f"{c}_format": f"NOT regexp_full_match({c}, '{p}')" for c, p in PATTERNS.items()},
    **{f"{c}_known": f"{c} NOT IN ({quoted(values)})" for c, values in KNOWN.items()},
    **{f"{c}_range": f"{c} NOT BETWEEN {low} AND {high}" for c, (low, high) in NUMBERS.items()},
    **{f"{c}_read": f"{c} IS NULL AND {c}_given" for c in READ},
    "contact_name_length": "length(contact_name) NOT BETWEEN {} AND {}".format(*NAME_LENGTH),
    "created_date_range": "created_date NOT BETWEEN DATE '{}' AND DATE '{}'".format(*CREATED),
    "close_date_after_created": "close_date < created_date",
    "probability_won": "stage = 'closed won' AND probability <> 100",
    "opp_id_unique": "twice IS NOT NULL",
    "account_id_known": "account_id IS NOT NULL AND known IS NULL",
}


def listed(expressions: dict[str, str]) -> str:
    """Expressions under their names."""
    return ", ".join(f"{expression} AS {name}" for name, expression in expressions.items())


def staged(file: str) -> str:
    """Every row: the text as it came, values, and which text is given."""
    kinds = ", ".join(f"'{column}': 'VARCHAR'" for column in COLUMNS)
    csv = f"read_csv('{file}', header = true, auto_detect = false, delim = ',', quote = '\"',"
    csv = f"SELECT * FROM {csv} escape = '\"', columns = {{{kinds}}})"
    texts = {f"{column}_text": column for column in COLUMNS}
    trims = listed({column: trimmed(column) for column in COLUMNS} | texts)
    given = listed({f"{column}_given": f"{column} IS NOT NULL" for column in READ})
    return f"SELECT {listed(TYPED)}, {given}, {', '.join(texts)} FROM (SELECT {trims} FROM ({csv}))"


def judged(accounts: str) -> str:
    """Staged rows beside what the two rules about other rows need."""
    known = f"(SELECT account_id AS known FROM read_parquet('{accounts}'))"
    return f"staged LEFT JOIN twice ON twice = opp_id LEFT JOIN {known} ON known = account_id"


def main() -> None:
    """Judge the file."""
    _, file, accounts, folder = sys.argv
    found = " OR ".join(f"coalesce({fails}, false)" for fails in FAILS.values())
    names = ", ".join(f"CASE WHEN {fails} THEN '{rule}' END" for rule, fails in FAILS.items())
    texts = listed({column: f"{column}_text" for column in COLUMNS})
    values = ", ".join(COLUMNS)
    database = duckdb.connect()
    for statement in (
        f"CREATE TEMP TABLE staged AS {staged(file)}",
        """CREATE TEMP TABLE twice AS SELECT opp_id AS twice FROM staged
        WHERE opp_id IS NOT NULL GROUP BY opp_id HAVING count(*) > 1""",
        f"""CREATE TEMP TABLE held AS SELECT staged.rowid AS row,
        list_filter([{names}], lambda rule: rule IS NOT NULL) AS failed
        FROM {judged(accounts)} WHERE {found}""",
        f"""COPY (SELECT staged.rowid + 1 AS record, {values} FROM staged ANTI JOIN held
        ON held.row = staged.rowid) TO '{folder}/clean.parquet' (COMPRESSION lz4)""",
        f"""COPY (SELECT staged.rowid + 1 AS record, {texts}, failed FROM staged JOIN held
        ON held.row = staged.rowid) TO '{folder}/held.parquet' (COMPRESSION lz4)""",
    ):
        database.execute(statement)


if __name__ == "__main__":
    main()
