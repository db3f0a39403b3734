"""The contract of the benchmark's extract: 12 columns, 24 checks beside presence."""

from datetime import date

import pandera.polars as pa

from cleanhold import Expr, check, col, contract, dates, decimal, field, text

COUNTRIES = [
    "US",
    "GB",
    "DE",
    "FR",
    "ES",
    "IT",
    "NL",
    "SE",
    "NO",
    "DK",
    "FI",
    "PL",
    "CZ",
    "AT",
    "CH",
    "BE",
    "IE",
    "PT",
    "JP",
    "IN",
    "CN",
    "BR",
    "MX",
    "CA",
    "AU",
    "NZ",
    "SG",
    "ZA",
    "AE",
    "KR",
]
STAGES = [
    *("prospecting", "qualification", "proposal", "negotiation"),
    *("closed won", "closed lost", "on hold"),
]
DAY = dates("%Y-%m-%d", "%d/%m/%Y", "%b %d, %Y")
EMAIL = r"[a-z0-9._%+-]+@[a-z0-9-]+(\.[a-z0-9-]+)*\.[a-z]{2,}"


@contract("bench.opportunities", version="1.0.0", key="opp_id", nulls=("", "NULL", "N/A", "-"))
class Opportunities(pa.DataFrameModel):
    opp_id: str = field(matches=r"OPP-[0-9]{9}", unique=True)
    account_id: str = field(references="bench.accounts.account_id")
    email: str = field(parse=text(lower=True), matches=EMAIL)
    contact_name: str = field(str_length={"min_value": 2, "max_value": 80})
    country: str = field(parse=text(upper=True), isin=COUNTRIES, nullable=True)
    stage: str = field(parse=text(lower=True), isin=STAGES)
    amount: float = field(
        parse=decimal(thousands=",", symbols="$"), in_range=(0, 5_000_000), nullable=True
    )
    probability: float = field(parse=decimal(percent=True), in_range=(0, 100), nullable=True)
    created_date: date = field(parse=DAY, in_range=(date(2010, 1, 1), date(2026, 12, 31)))
    close_date: date = field(parse=DAY, nullable=True)
    is_active: bool = field(nullable=True)
    phone: str = field(nullable=True, matches=r"\+?[0-9(][0-9 ()-]{6,18}")

    @check(says="closes on {close_date}, before it was created on {created_date}")
    def close_after_created() -> Expr:
        return col("close_date") >= col("created_date")

    @check(says="is won, but its probability is {probability}")
    def won_probability() -> Expr:
        return (col("stage") != "closed won") | (col("probability") == 100)
