"""What the churn model is trained on and served with."""

import pandera.polars as pa

from cleanhold import Expr, check, col, contract, field


@contract(
    "features.customer_churn",
    version="1.0.0",
    owner="growth-models@insurer.example",
    key="contact_id",
    load="replace",
    tolerance="1%",
    freshness="26h",
    description="One row per contact, as of the newest delivery.",
)
class CustomerChurn(pa.DataFrameModel):
    contact_id: str = field()
    country: str = field(nullable=True)
    tenure_days: int = field(ge=0, description="since the contact was created")
    days_since_last_contact: int = field(nullable=True, ge=0)
    age_years: int = field(nullable=True, in_range=(0, 120), pii="indirect")
    opted_out: bool = field(nullable=True)
    account_balance: float = field(description="0 if none is known")
    open_opportunities: int = field(ge=0)
    won_opportunities: int = field(ge=0)
    lost_opportunities: int = field(ge=0)
    won_amount: float = field()
    active_policies: int = field(ge=0)
    lapsed_policies: int = field(ge=0)
    yearly_premium: float = field(ge=0, description="of active policies, in euro")
    days_since_last_payment: int = field(nullable=True)

    @check(says="has {active_policies} active policies, but a yearly premium of {yearly_premium}")
    def premium_needs_a_policy() -> Expr:
        return (col("active_policies") > 0) | (col("yearly_premium") == 0)
