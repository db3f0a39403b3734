"""Parse rules and checks that everyone gets, one family per file."""

from cleanhold.builtins.booleans import booleans
from cleanhold.builtins.codes import codes
from cleanhold.builtins.dates import dates, datetimes, julian
from cleanhold.builtins.defaults import default_rule
from cleanhold.builtins.numbers import decimal, integer, number
from cleanhold.builtins.patterns import EMAIL, PHONE, UUID
from cleanhold.builtins.text import mojibake, text
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
    "integer",
    "julian",
    "mojibake",
    "number",
    "text",
    "zoned",
]
