"""Numbers of banks, accounts and cards."""

from __future__ import annotations

import re

import polars as pl

from cleanhold.builtins.checks.listing import listed
from cleanhold.builtins.checks.shapes import (
    luhn_sum,
    number,
    remainder_97,
    spelled,
    text_rule,
    weighted,
    whole,
    without,
)
from cleanhold.builtins.checks.standards import COUNTRIES_2
from cleanhold.core.rule import ColumnRule

#: Country and the structure of what follows its check digits: so many digits (n), letters (a), or
#: either (c). Source: SWIFT IBAN registry, release 101.
_REGISTRY = """
AD8n12c AE19n AL8n16c AT16n AZ4a20c BA16n BE12n BG4a6n8c BH4a14c BI23n BR23n1a1c BY4c4n16c CH5n12c
CR18n CY8n16c CZ20n DE18n DJ23n DK14n DO4c20n EE16n EG25n ES20n FI14n FK2a12n FO14n FR10n11c2n
GB4a14n GE2a16n GI4a15c GL14n GR7n16c GT24c HN4a20n HR17n HU24n IE4a14n IL19n IQ4a15n IS22n
IT1a10n12c JO4a4n18c KW4a22c KZ3n13c LB4n20c LC4a24c LI5n12c LT16n LU3n13c LV4a13c LY21n MC10n11c2n
MD20c ME18n MK3n10c2n MN16n MR23n MT4a5n18c MU4a19n3a NI4a20n NL4a10n NO11n OM3n16c PK4a16c PL24n
PS4a21c PT21n QA4a21c RO4a16c RS18n RU14n15c SA2n18c SC4a20n3a SD14n SE20n SI15n SK20n SM1a10n12c
SO19n ST21n SV4a20n TL19n TN20n TR6n16c UA6n19c VA18n VG4a16n XK16n YE4a4n18c
"""
_CLASSES = {"n": "[0-9]", "a": "[A-Z]", "c": "[A-Z0-9]"}


def _iban_shape() -> str:
    shapes = []
    for entry in _REGISTRY.split():
        parts = re.findall("([0-9]+)([nac])", entry[2:])
        structure = "".join(f"{_CLASSES[kind]}{{{count}}}" for count, kind in parts)
        shapes.append(f"{entry[:2]}[0-9]{{2}}{structure}")
    return "|".join(shapes)


def iban_in_text() -> str:
    """A pattern for what may be an IBAN within a text: a country and as many characters as it
    writes, with a blank before each or without."""
    lengths: dict[int, list[str]] = {}
    for entry in _REGISTRY.split():
        length = sum(int(count) for count in re.findall("[0-9]+", entry[2:]))
        lengths.setdefault(length, []).append(entry[:2])
    ways = (f"(?:{'|'.join(of)})[0-9]{{2}}(?: ?[A-Z0-9]){{{n}}}" for n, of in lengths.items())
    return rf"\b(?:{'|'.join(ways)})\b"


@listed(
    passes=["GB82WEST12345698765432", "DE89 3704 0044 0532 0130 00", "NO9386011117947"],
    fails=[
        "GB82WEST12345698765433",
        "GB82WEST1234569876543",
        "XX82WEST12345698765432",
        "gb82",
        "GB75123456123456781234",
    ],
)
def iban() -> ColumnRule:
    """An International Bank Account Number: the structure that its country gives it, and check
    digits. Blanks may stand between groups.

    Source: ISO 13616-1:2020 and the SWIFT IBAN registry; check digits by ISO/IEC 7064 MOD 97-10.
    """

    def judge(text: pl.Expr) -> pl.Expr:
        plain = without(text, " ")
        digits = spelled(plain)  # the first four characters are six digits, and go last
        rest = remainder_97(digits.str.slice(6), 60) * pow(10, 6, 97)
        fits = (rest + number(digits.str.slice(0, 6))) % 97 == 1
        return whole(plain, _iban_shape()) & fits

    return text_rule("iban", "is not a valid IBAN: its structure or check digits do not fit", judge)


@listed(
    passes=["DEUTDEFF", "NEDSZAJJXXX", "DABADKKK"],
    fails=["DEUTDEF", "DEUTQQFF", "deutdeff", "DEUTDEFF5"],
)
def bic() -> ColumnRule:
    """A Business Identifier Code (SWIFT) of 8 or 11 characters, with a country in it.

    Source: ISO 9362:2022. Kosovo's XK is taken, though it is no ISO country.
    """

    def judge(text: pl.Expr) -> pl.Expr:
        shape = whole(text, "[A-Z0-9]{4}[A-Z]{2}[A-Z0-9]{2}(?:[A-Z0-9]{3})?")
        return shape & text.str.slice(4, 2).is_in([*COUNTRIES_2, "XK"])

    return text_rule("bic", "is not a valid BIC (SWIFT code)", judge)


@listed(
    passes=["79927398713", "18", "4111111111111111"], fails=["79927398710", "12a", "", "1" * 20]
)
def luhn() -> ColumnRule:
    """Digits whose last one is the Luhn check digit; 2 to 19 of them.

    Source: ISO/IEC 7812-1:2017, annex B.
    """

    def judge(text: pl.Expr) -> pl.Expr:
        return whole(text, "[0-9]{2,19}") & (luhn_sum(number(text), 19) % 10 == 0)

    return text_rule("luhn", "has a typing error: its check digit does not fit", judge)


@listed(
    passes=["4111 1111 1111 1111", "378282246310005", "5555-5555-5555-4444"],
    fails=["4111111111111112", "0000000000000000", "411111111111", "4111/1111/1111/1111"],
)
def credit_card() -> ColumnRule:
    """A payment card number: 13 to 19 digits beginning with 2 to 6, and the Luhn check digit.
    Blanks and dashes may stand between digits.

    Source: ISO/IEC 7812-1:2017.
    """

    def judge(text: pl.Expr) -> pl.Expr:
        plain = without(text, " -")
        return whole(plain, "[2-6][0-9]{12,18}") & (luhn_sum(number(plain), 19) % 10 == 0)

    return text_rule("credit_card", "is not a valid card number", judge)


@listed(
    passes=["111000025", "021000021"], fails=["111000026", "000000000", "11100002", "131000025"]
)
def routing_number() -> ColumnRule:
    """A routing number of a bank in the United States: nine digits, the last a check digit.

    Source: American Bankers Association, Routing Number Policy.
    """

    def judge(text: pl.Expr) -> pl.Expr:
        shape = whole(text, "(?:0[1-9]|1[0-2]|2[1-9]|3[0-2]|6[1-9]|7[0-2]|80)[0-9]{7}")
        return shape & (weighted(number(text), (3, 7, 1) * 3) % 10 == 0)

    return text_rule(
        "routing_number", "is not a valid routing number: its check digit does not fit", judge
    )
