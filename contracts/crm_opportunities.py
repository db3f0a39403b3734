"""Sales opportunities, as Salesforce exports them."""

from datetime import date
from decimal import Decimal

import pandera.polars as pa

from checks.dates import not_before
from checks.insurance import STAGES, won_means_closed_won
from cleanhold import Expr, booleans, check, contract, dates, decimal, field

DAY = dates("%Y-%m-%d", "%d/%m/%Y")


@contract(
    "crm.opportunities",
    version="1.0.0",
    owner="sales-operations@insurer.example",
    key="opportunity_id",
    load="upsert",
    tolerance="10%",
    freshness="26h",
    nulls=("", "NULL", "N/A", "-"),
    description="One row per chance to sell something to a contact.",
)
class CrmOpportunities(pa.DataFrameModel):
    opportunity_id: str = field(source="Opportunity ID", unique=True, matches=r"O-[0-9]{6}")
    contact_id: str = field(source="Contact ID", references="crm.contacts.contact_id")
    name: str = field()
    stage: str = field(isin=STAGES)
    amount: Decimal = field(nullable=True, parse=decimal(thousands=",", symbols="$"))
    close_date: date = field(parse=DAY)
    created_date: date = field(parse=DAY)
    probability: int = field(source="Probability (%)", in_range=(0, 100), description="percent")
    is_won: bool = field(nullable=True, parse=booleans(true=["Y", "TRUE"], false=["N", "FALSE"]))

    @check(says="closes on {close_date}, before it was created on {created_date}")
    def closes_after_it_opens() -> Expr:
        return not_before("close_date", "created_date")

    @check(says="is marked as won, but its stage is {stage}")
    def won_means_closed_won() -> Expr:
        return won_means_closed_won("is_won", "stage")
