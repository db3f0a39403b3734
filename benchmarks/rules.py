"""What the extract must be: the values, patterns and formats of contract.py, without any library.

The floor and the peers share these: where a peer runs, cleanhold is not installed, and a peer that
needs no Polars must not pay for importing it.
"""

COLUMNS = [
    *("opp_id", "account_id", "email", "contact_name", "country", "stage"),
    *("amount", "probability", "created_date", "close_date", "is_active", "phone"),
]
NULLS = ["", "NULL", "N/A", "-"]
FORMATS = ["%Y-%m-%d", "%d/%m/%Y", "%b %d, %Y"]
TRUE, FALSE = ["y", "yes", "true", "1"], ["n", "no", "false", "0"]
#: Columns whose text may be unreadable; `<column>_unread` says so once they are parsed.
READ = ["amount", "probability", "created_date", "close_date", "is_active"]
#: Columns that must have a value.
PRESENT = ["opp_id", "account_id", "email", "contact_name", "stage", "created_date"]
#: Patterns of the whole value.
PATTERNS = {
    "opp_id": r"OPP-[0-9]{9}",
    "email": r"[a-z0-9._%+-]+@[a-z0-9-]+(\.[a-z0-9-]+)*\.[a-z]{2,}",
    "phone": r"\+?[0-9(][0-9 ()-]{6,18}",
}
#: Least and greatest; dates as ISO text.
NUMBERS = {"amount": (0, 5_000_000), "probability": (0, 100)}
CREATED = ("2010-01-01", "2026-12-31")
NAME_LENGTH = (2, 80)
KNOWN = {
    "country": [
        *("US", "GB", "DE", "FR", "ES", "IT", "NL", "SE", "NO", "DK", "FI", "PL", "CZ", "AT", "CH"),
        *("BE", "IE", "PT", "JP", "IN", "CN", "BR", "MX", "CA", "AU", "NZ", "SG", "ZA", "AE", "KR"),
    ],
    "stage": [
        *("prospecting", "qualification", "proposal", "negotiation"),
        *("closed won", "closed lost", "on hold"),
    ],
}


def whole(column: str) -> str:
    """The pattern of a column, for engines that look for it anywhere in the value."""
    return f"^(?:{PATTERNS[column]})$"
