"""Makes a seeded, messy CRM extract: 12 text columns, about 2.5 % of its rows bad.

python benchmarks/extract.py 1000000 opportunities.csv
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import polars as pl

CHUNK = 1_000_000
ACCOUNTS = 200_000
FIRST = ["Ana", "Bob", "Chloé", "Dmitri", "Elena", "Farid", "Grace", "Hiro", "Ines", "João"]
LAST = ["Smith", "Müller", "García", "Ivanov", "Tanaka", "O'Neil", "Dubois", "Rossi", "Nguyen"]
DOMAINS = ["example.com", "acme.io", "corp.co.uk", "mail.org", "data-works.de"]
COUNTRIES = ["US", "GB", "DE", "FR", "ES", "IT", "NL", "SE", "NO", "DK", "FI", "PL", "CZ", "AT"]
STAGES = ["prospecting", "qualification", "proposal", "negotiation", "closed won", "closed lost"]
NULLS = ["", "NULL", "N/A", "-"]
#: Share of rows that each kind of damage touches.
DAMAGE = 0.0011


def accounts() -> pl.DataFrame:
    """The table that `account_id` refers to."""
    numbers = pl.int_range(ACCOUNTS, eager=True).cast(pl.String).str.zfill(6)
    return pl.DataFrame({"account_id": "ACC-" + numbers})


def write(rows: int, file: Path) -> None:
    """Write `rows` rows as CSV, a chunk at a time."""
    with file.open("wb") as handle:
        for number, first in enumerate(range(0, rows, CHUNK)):
            chunk = _chunk(number, min(CHUNK, rows - first), first)
            chunk.write_csv(handle, include_header=number == 0)


class _Dice:
    """Seeded choices, a column at a time."""

    def __init__(self, seed: list[int], rows: int) -> None:
        self.random, self.rows = np.random.default_rng(seed), rows

    def pick(self, values: list[str]) -> pl.Series:
        return pl.Series(values).gather(self.random.integers(0, len(values), self.rows))

    def numbers(self, low: int, high: int) -> pl.Series:
        return pl.Series(self.random.integers(low, high, self.rows))

    def share(self, part: float) -> pl.Series:
        return pl.Series(self.random.random(self.rows) < part)


def _chunk(number: int, rows: int, first: int) -> pl.DataFrame:
    dice = _Dice([42, number], rows)
    opened, lasts = dice.numbers(16_071, 20_453), dice.numbers(0, 400)
    frame = pl.DataFrame(
        {
            "key": pl.int_range(first, first + rows, eager=True),
            "account": dice.numbers(0, ACCOUNTS),
            "first": dice.pick(FIRST),
            "last": dice.pick(LAST),
            "domain": dice.pick(DOMAINS),
            "country": dice.pick(COUNTRIES),
            "stage": dice.pick(STAGES),
            "cents": (dice.random.lognormal(10, 1.2, rows) * 100)
            .astype(np.int64)
            .clip(0, 4 * 10**8),
            "percent": dice.numbers(0, 101),
            "opened": opened,
            "closes": opened + lasts,
            "active": dice.pick(["Y", "N", "yes", "no", "true", "false", "1", "0"]),
            "phone": dice.numbers(10**9, 10**10),
            "style": dice.numbers(0, 10),
        }
    )
    text = frame.select(
        opp_id="OPP-" + _digits("key", 9),
        account_id="ACC-" + _digits("account", 6),
        email=_email(),
        contact_name=_either(pl.col("style") == 0, "  " + _name() + " ", _name()),
        country=_either(pl.col("style") == 1, pl.col("country").str.to_lowercase(), "country"),
        stage=_either(pl.col("style") < 3, pl.col("stage").str.to_titlecase(), "stage"),
        amount=_amount(),
        probability=_probability(),
        created_date=_date("opened"),
        close_date=_date("closes"),
        is_active="active",
        phone=_phone(),
    )
    return _damaged(text, dice, first)


def _digits(column: str, width: int) -> pl.Expr:
    return pl.col(column).cast(pl.String).str.zfill(width)


def _either(condition: pl.Expr, yes: pl.Expr, no: pl.Expr | str) -> pl.Expr:
    return pl.when(condition).then(yes).otherwise(pl.col(no) if isinstance(no, str) else no)


def _name() -> pl.Expr:
    return pl.col("first") + " " + pl.col("last")


def _email() -> pl.Expr:
    plain = pl.format("contact{}@{}", pl.col("phone") % 9_973, "domain")
    return _either(pl.col("style") == 2, plain.str.to_uppercase(), plain)


def _amount() -> pl.Expr:
    units = (pl.col("cents") // 100).cast(pl.String)
    thousands = units.str.replace(r"([0-9]{3})\z", ",$1")
    millions = units.str.replace(r"([0-9]{3})([0-9]{3})\z", ",$1,$2")
    grouped = _either(pl.col("cents") >= 10**8, millions, thousands)
    grouped = _either(pl.col("cents") >= 10**5, grouped, units)
    decimals = "." + (pl.col("cents") % 100).cast(pl.String).str.zfill(2)
    plain = _either(pl.col("style") < 5, units, grouped) + decimals
    return _either(pl.col("style") == 9, "$" + plain, plain)


def _probability() -> pl.Expr:
    percent = _either(pl.col("stage") == "closed won", pl.lit(100), pl.col("percent"))
    return percent.cast(pl.String) + _either(pl.col("style") < 3, pl.lit("%"), pl.lit(""))


def _date(column: str) -> pl.Expr:
    day = pl.col(column).cast(pl.Int32).cast(pl.Date)
    return (
        pl.when(pl.col("style") < 7)
        .then(day.dt.strftime("%Y-%m-%d"))
        .when(pl.col("style") < 9)
        .then(day.dt.strftime("%d/%m/%Y"))
        .otherwise(day.dt.strftime("%b %d, %Y"))
    )


def _phone() -> pl.Expr:
    digits = pl.col("phone").cast(pl.String)
    spaced = pl.format("+1 {} {}", digits.str.head(3), digits.str.slice(3))
    return _either(pl.col("style") < 4, spaced, digits)


def _damaged(text: pl.DataFrame, dice: _Dice, first: int) -> pl.DataFrame:
    """Blanks that are fine, and values that are not."""

    def put(column: str, share: float, values: list[str]) -> None:
        nonlocal text
        hit, value = dice.share(share), dice.pick(values)
        text = text.with_columns(pl.when(hit).then(value).otherwise(column).alias(column))

    for column, share in (("phone", 0.15), ("close_date", 0.20), ("country", 0.05)):
        put(column, share, NULLS)
    put("opp_id", DAMAGE, ["", "NULL", "OPP-12", "X", "OPP-ABCDEFGHI"])
    earlier = (dice.random.random(dice.rows) * (first + np.arange(dice.rows))).astype(np.int64)
    twice = "OPP-" + pl.Series(earlier).cast(pl.String).str.zfill(9)
    text = text.with_columns(opp_id=pl.when(dice.share(DAMAGE)).then(twice).otherwise("opp_id"))
    put("account_id", 2 * DAMAGE, ["NULL", "ACC-999999", "ACC-", "acct 12"])
    put("email", 2 * DAMAGE, ["-", "foo@", "@bar.com", "no-at-sign.com", "two@@at.com"])
    put("contact_name", 2 * DAMAGE, ["N/A", "A", "x" * 81, "Ñ" * 85])
    put("country", DAMAGE, ["XX", "ZZ", "USA", "Germany"])
    put("stage", 1.5 * DAMAGE, ["", "won", "lost!", "unknown"])
    put("amount", 2 * DAMAGE, ["abc", "12.3.4", "TBD", "-5.00", "99,000,000.00"])
    put("probability", 2 * DAMAGE, ["high", "5 0", "%", "101", "-1", "250%"])
    put("created_date", 2 * DAMAGE, ["NULL", "2023-13-01", "31/02/2020", "1999-01-01", "soon"])
    put("close_date", 2 * DAMAGE, ["2023-02-30", "tomorrow", "99/99/9999", "2010-01-01"])
    put("is_active", DAMAGE, ["maybe", "2", "y n"])
    put("phone", DAMAGE, ["call me", "12", "++44 1", "555-CALL-NOW"])
    return text


if __name__ == "__main__":
    write(int(sys.argv[1]), Path(sys.argv[2]))
