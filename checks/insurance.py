"""What this insurer takes for granted about its business."""

from cleanhold import Expr, col

#: Countries it is licensed in (ISO 3166-1 alpha-2).
COUNTRIES = ["BE", "BR", "DE", "ES", "FR", "GB", "IE", "NL", "PT", "US"]

#: Sales regions of the policy system.
REGIONS = ["NOR", "SOU", "EAS", "WES", "CEN"]

#: Product codes of the policy system, and what they mean.
PRODUCTS = {"AU": "auto", "HO": "home", "LI": "life", "HE": "health", "TR": "travel"}

#: Status codes of the policy system, and what they mean.
STATUSES = {"A": "active", "L": "lapsed", "C": "cancelled", "P": "pending"}

#: Stages of a sales opportunity, first to last.
STAGES = ["Prospecting", "Qualification", "Proposal", "Negotiation", "Closed Won", "Closed Lost"]

#: Number that the policy system gives a holder.
HOLDER = r"H[0-9]{7}"


def won_means_closed_won(won: str, stage: str) -> Expr:
    """A won opportunity is at the stage Closed Won."""
    return ~col(won) | (col(stage) == "Closed Won")
