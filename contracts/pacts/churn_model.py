"""What the churn model reads, and what it cannot do without."""

from cleanhold import need, pact


@pact(
    "churn-model",
    needs="features.customer_churn",
    owner="growth-models@insurer.example",
    rows=500,
    freshness="26h",
    unmet="last_good",
)
class ChurnModel:
    """Scores each contact every night; trained anew when it drifts."""

    contact_id: str
    country: str | None = need(nulls="10%", drift=True)
    tenure_days: int = need(drift=True)
    days_since_last_contact: int | None
    age_years: int | None = need(nulls="60%")
    opted_out: bool | None
    account_balance: float
    open_opportunities: int
    won_amount: float
    active_policies: int
    yearly_premium: float = need(drift=True)
