"""The data dictionary: what each column holds, how it is read, what must be true of it."""

from __future__ import annotations

from typing import NamedTuple

from generator import contacts, legacy, opportunities

EMAIL = r"\A[a-z0-9._%+'-]+@[a-z0-9.-]+\.[a-z]{2,}\z"


class Column(NamedTuple):
    """A column of a clean table; `raw` is its name in the extract."""

    name: str
    raw: str
    type: str
    nullable: bool
    reading: str
    rules: str


class Table(NamedTuple):
    """A dataset: its columns and the rules about several of them."""

    dataset: str
    about: str
    columns: tuple[Column, ...]
    rules: tuple[str, ...]


def _codes(codes: dict[str, str]) -> str:
    return ", ".join(f"{code} = {meaning}" for code, meaning in codes.items())


_TEXT = "text"
_DATE = "`YYYY-MM-DD`, then `DD/MM/YYYY`"
_BOOL = "`Y` `TRUE` are true, `N` `FALSE` are false, anything else fails"
_MONEY = "a `$` may precede, `,` between thousands (in threes), `.` before the decimals"
_CODE = "code map: "
_PRODUCTS = {code: meaning for code, (meaning, *_) in legacy.PRODUCTS.items()}
_COUNTRIES = "`isin` BE BR DE ES FR GB IE NL PT US"

TABLES = (
    Table(
        legacy.DATASET,
        "One row per policy, key `policy_no`, the whole portfolio every day (`replace`).",
        (
            Column("policy_no", "policy_no", "text", False, _TEXT,
                   r"`unique`, `str_matches` `\AP[0-9]{7}\z`"),
            Column("holder_id", "holder_id", "text", True, _TEXT,
                   r"`str_matches` `\AH[0-9]{7}\z`"),
            Column("holder_name", "holder_name", "text", False, _TEXT, ""),
            Column("product", "product", "text", False, _CODE + _codes(_PRODUCTS), ""),
            Column("status", "status", "text", False, _CODE + _codes(legacy.STATUSES), ""),
            Column("start_date", "start_date", "date", False, "`CCYYMMDD`; `00000000` is null", ""),
            Column("end_date", "end_date", "date", True,
                   "`CCYYMMDD`; `00000000` is null (open)", ""),
            Column("last_paid", "last_paid", "date", True,
                   "Julian `CCYYDDD`; `0000000` is null (never)", ""),
            Column("premium", "premium", "decimal", False,
                   "digits only, two implied decimals: `000123450` is 1234.50", ""),
            Column("sum_insured", "sum_insured", "decimal", False,
                   "digits only, two implied decimals", ""),
            Column("region", "region", "text", True, _TEXT, f"`isin` {' '.join(legacy.REGIONS)}"),
            Column("agent", "agent", "text", True, _TEXT, ""),
        ),
        ("`ends_after_it_starts`: `end_date` is not before `start_date`",),
    ),
    Table(
        contacts.DATASET,
        "One row per person, key `contact_id`; the second day brings only what is new or "
        "changed (`upsert`).",
        (
            Column("contact_id", "Contact ID", "text", False, _TEXT,
                   r"`unique`, `str_matches` `\AC-[0-9]{6}\z`"),
            Column("first_name", "First Name", "text", True, _TEXT, "`mojibake` (warns)"),
            Column("last_name", "Last Name", "text", False, _TEXT, "`mojibake` (warns)"),
            Column("email", "E-mail", "text", True, "lowered", f"`str_matches` `{EMAIL}`"),
            Column("phone", "Phone", "text", True, _TEXT, ""),
            Column("birthdate", "Birthdate", "date", True, _DATE, ""),
            Column("country", "Country", "text", True, _TEXT, _COUNTRIES),
            Column("opted_out", "Opted Out", "boolean", True, _BOOL, ""),
            Column("created_date", "Created Date", "date", False, _DATE, ""),
            Column("last_activity_date", "Last Activity Date", "date", True, _DATE, ""),
            Column("account_balance", "Account Balance", "decimal", True,
                   _MONEY + "; may be negative (`-$1,045.10`)", ""),
            Column("legacy_holder_no", "Legacy Holder No", "text", True, _TEXT,
                   r"`str_matches` `\AH[0-9]{7}\z`"),
        ),
        (
            "`born_before_created`: `birthdate` is before `created_date` (not before today: a "
            "verdict must not depend on the day it is given)",
            "`mojibake`: no `Ã` or `Â` followed by a character from U+0080 to U+00BF, no `â€`",
        ),
    ),
    Table(
        opportunities.DATASET,
        "One row per offer made to a contact, key `opportunity_id`; the second day brings only "
        "what is new or changed (`upsert`).",
        (
            Column("opportunity_id", "Opportunity ID", "text", False, _TEXT,
                   r"`unique`, `str_matches` `\AO-[0-9]{6}\z`"),
            Column("contact_id", "Contact ID", "text", False, _TEXT,
                   "`references` `crm.contacts.contact_id`"),
            Column("name", "Name", "text", False, _TEXT, ""),
            Column("stage", "Stage", "text", False, _TEXT,
                   "`isin` " + ", ".join(opportunities.STAGES)),
            Column("amount", "Amount", "decimal", True, _MONEY, ""),
            Column("close_date", "Close Date", "date", False, _DATE, ""),
            Column("created_date", "Created Date", "date", False, _DATE, ""),
            Column("probability", "Probability (%)", "integer", False, "a whole number",
                   "`in_range` 0 to 100"),
            Column("is_won", "Is Won", "boolean", True, _BOOL, ""),
        ),
        (
            "`closes_after_it_opens`: `close_date` is not before `created_date`",
            "`won_means_closed_won`: where `is_won` is true, `stage` is Closed Won",
        ),
    ),
)  # fmt: skip
