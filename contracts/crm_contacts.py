"""Contacts, as Salesforce exports them."""

from datetime import date
from decimal import Decimal

import pandera.polars as pa

from checks.dates import before
from checks.insurance import COUNTRIES, HOLDER
from cleanhold import (
    Expr,
    booleans,
    check,
    contract,
    dates,
    decimal,
    field,
    mojibake,
    text,
)

DAY = dates("%Y-%m-%d", "%d/%m/%Y")
EMAIL = r"[a-z0-9._%+'-]+@[a-z0-9.-]+\.[a-z]{2,}"


@contract(
    "crm.contacts",
    version="1.0.0",
    owner="sales-operations@insurer.example",
    key="contact_id",
    load="upsert",
    tolerance="10%",
    segments=("country", "birthdate"),
    freshness="26h",
    nulls=("", "NULL", "N/A", "-"),
    description="One row per person or company we are in touch with.",
)
class CrmContacts(pa.DataFrameModel):
    contact_id: str = field(source="Contact ID", unique=True, matches=r"C-[0-9]{6}")
    first_name: str = field(nullable=True, pii="direct")
    last_name: str = field(pii="direct")
    email: str = field(
        source="E-mail", nullable=True, parse=text(lower=True), matches=EMAIL, pii="direct"
    )
    phone: str = field(nullable=True, pii="direct")
    birthdate: date = field(nullable=True, parse=DAY, pii="indirect")
    country: str = field(nullable=True, isin=COUNTRIES)
    opted_out: bool = field(nullable=True, parse=booleans(true=["Y", "TRUE"], false=["N", "FALSE"]))
    created_date: date = field(parse=DAY)
    last_activity_date: date = field(nullable=True, parse=DAY)
    account_balance: Decimal = field(nullable=True, parse=decimal(thousands=",", symbols="$"))
    legacy_holder_no: str = field(nullable=True, matches=HOLDER, pii="indirect")

    @check(says="was born on {birthdate}, not before the contact was created on {created_date}")
    def born_before_created() -> Expr:
        return before("birthdate", "created_date")

    @check(
        says="the first name arrived damaged", column="first_name", severity="warn", name="mojibake"
    )
    def first_name_is_whole() -> Expr:
        return mojibake("first_name")

    @check(
        says="the last name arrived damaged", column="last_name", severity="warn", name="mojibake"
    )
    def last_name_is_whole() -> Expr:
        return mojibake("last_name")
