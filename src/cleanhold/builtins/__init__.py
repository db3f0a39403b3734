"""Parse rules and checks that everyone gets, one family per file."""

from cleanhold.builtins.booleans import booleans
from cleanhold.builtins.codes import codes
from cleanhold.builtins.contacts import emails, phones
from cleanhold.builtins.dates import dates, datetimes
from cleanhold.builtins.defaults import default_rule
from cleanhold.builtins.mojibake import mojibake
from cleanhold.builtins.nested import json, split
from cleanhold.builtins.numbers import decimal, integer, number
from cleanhold.builtins.patterns import EMAIL, PHONE, UUID
from cleanhold.builtins.quantities import quantity
from cleanhold.builtins.serials import excel_dates, julian, unix_times
from cleanhold.builtins.text import text
from cleanhold.builtins.zoned import zoned

__all__ = [
    "EMAIL",
    "PHONE",
    "UUID",
    "booleans",
    "codes",
    "dates",
    "datetimes",
    "decimal",
    "default_rule",
    "emails",
    "excel_dates",
    "integer",
    "json",
    "julian",
    "mojibake",
    "number",
    "phones",
    "quantity",
    "split",
    "text",
    "unix_times",
    "zoned",
]
