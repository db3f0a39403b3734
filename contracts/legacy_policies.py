"""Policies, as the legacy policy system delivers them every night."""

from datetime import date
from decimal import Decimal

import pandera.polars as pa

from checks.dates import not_before
from checks.insurance import HOLDER, PRODUCTS, REGIONS, STATUSES
from cleanhold import Expr, check, codes, contract, dates, decimal, field, julian

OPEN = ("", "00000000")  # how the system writes "no date"


@contract(
    "legacy.policies",
    version="1.0.0",
    owner="policy-admin@insurer.example",
    key="policy_no",
    load="replace",
    tolerance="10%",
    freshness="26h",
    description="One row per policy; the whole book every night.",
)
class LegacyPolicies(pa.DataFrameModel):
    policy_no: str = field(matches=r"P[0-9]{7}")
    holder_id: str = field(nullable=True, matches=HOLDER, pii="indirect")
    holder_name: str = field(pii="direct")
    product: str = field(parse=codes(PRODUCTS), description="line of business")
    status: str = field(parse=codes(STATUSES))
    start_date: date = field(parse=dates("%Y%m%d"), nulls=OPEN)
    end_date: date = field(parse=dates("%Y%m%d"), nulls=OPEN, nullable=True)
    last_paid: date = field(parse=julian(), nulls=("", "0000000"), nullable=True)
    premium: Decimal = field(parse=decimal(implied=2), description="per year, in euro")
    sum_insured: Decimal = field(parse=decimal(implied=2), description="in euro")
    region: str = field(nullable=True, isin=REGIONS)
    agent: str = field(nullable=True)

    @check(says="ends on {end_date}, before it starts on {start_date}")
    def ends_after_it_starts() -> Expr:
        return not_before("end_date", "start_date")
