"""Feature tables: pure functions over clean tables."""

from datetime import date

import polars as pl

from cleanhold import col, feature


@feature(
    "features.customer_churn",
    contacts="crm.contacts",
    opportunities="crm.opportunities",
    policies="legacy.policies",
)
def customer_churn(
    contacts: pl.LazyFrame,
    opportunities: pl.LazyFrame,
    policies: pl.LazyFrame,
    as_of: date,
) -> pl.LazyFrame:
    """One row per contact: how long, how active, what sold, what insured."""
    today = pl.lit(as_of)
    sales = opportunities.group_by("contact_id").agg(
        open_opportunities=(~col("stage").is_in(["Closed Won", "Closed Lost"])).sum(),
        won_opportunities=(col("stage") == "Closed Won").sum(),
        lost_opportunities=(col("stage") == "Closed Lost").sum(),
        won_amount=col("amount").filter(col("stage") == "Closed Won").sum().cast(pl.Float64),
    )
    active = col("status") == "active"
    insured = policies.group_by(legacy_holder_no="holder_id").agg(
        active_policies=active.sum(),
        lapsed_policies=(col("status") == "lapsed").sum(),
        yearly_premium=col("premium").filter(active).sum().cast(pl.Float64),
        last_paid=col("last_paid").max(),
    )
    counts = [
        "open_opportunities",
        "won_opportunities",
        "lost_opportunities",
        "active_policies",
        "lapsed_policies",
    ]
    return (
        contacts.join(sales, on="contact_id", how="left")
        .join(insured, on="legacy_holder_no", how="left")
        .select(
            "contact_id",
            "country",
            tenure_days=(today - col("created_date")).dt.total_days(),
            days_since_last_contact=(today - col("last_activity_date")).dt.total_days(),
            age_years=((today - col("birthdate")).dt.total_days() / 365.25).floor().cast(pl.Int64),
            opted_out="opted_out",
            account_balance=col("account_balance").cast(pl.Float64).fill_null(0),
            won_amount=col("won_amount").fill_null(0),
            yearly_premium=col("yearly_premium").fill_null(0),
            days_since_last_payment=(today - col("last_paid")).dt.total_days(),
            **{name: col(name).fill_null(0).cast(pl.Int64) for name in counts},
        )
    )
