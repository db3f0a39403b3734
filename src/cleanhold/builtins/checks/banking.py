"""Numbers of banks, accounts and cards."""

from __future__ import annotations

from collections import defaultdict

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

#: Countries, each with the length of its IBANs (SWIFT IBAN registry, release 99).
_REGISTRY = """
AD24 AE23 AL28 AT20 AZ28 BA20 BE16 BG22 BH22 BI27 BR29 BY28 CH21 CR22 CY28 CZ24 DE22 DJ27 DK18
DO28 EE20 EG29 ES24 FI18 FK18 FO18 FR27 GB22 GE22 GI23 GL18 GR27 GT28 HN28 HR21 HU28 IE22 IL23
IQ23 IS26 IT27 JO30 KW30 KZ20 LB28 LC32 LI21 LT20 LU20 LV21 LY25 MC27 MD24 ME22 MK19 MN20 MR27
MT31 MU30 NI28 NL18 NO15 OM23 PK24 PL28 PS29 PT25 QA29 RO24 RS22 RU33 SA24 SC31 SD18 SE24 SI19
SK24 SM27 SO23 ST25 SV28 TL23 TN24 TR26 UA29 VA22 VG24 XK20 YE30
"""
_IBAN_LENGTHS = {code[:2]: int(code[2:]) for code in _REGISTRY.split()}


def _iban_shape() -> str:
    by_length: dict[int, list[str]] = defaultdict(list)
    for country, length in _IBAN_LENGTHS.items():
        by_length[length].append(country)
    return "|".join(
        f"(?:{'|'.join(countries)})[0-9]{{2}}[A-Z0-9]{{{length - 4}}}"
        for length, countries in sorted(by_length.items())
    )


@listed(
    passes=["GB82WEST12345698765432", "DE89 3704 0044 0532 0130 00", "NO9386011117947"],
    fails=["GB82WEST12345698765433", "GB82WEST1234569876543", "XX82WEST12345698765432", "gb82"],
)
def iban() -> ColumnRule:
    """An International Bank Account Number: length of its country, and check digits. Blanks may
    stand between groups.

    Source: ISO 13616-1:2020, check digits by ISO/IEC 7064 MOD 97-10.
    """

    def judge(text: pl.Expr) -> pl.Expr:
        plain = without(text, " ")
        digits = spelled(plain)  # the first four characters are six digits, and go last
        rest = remainder_97(digits.str.slice(6), 60) * pow(10, 6, 97)
        fits = (rest + number(digits.str.slice(0, 6))) % 97 == 1
        return whole(plain, _iban_shape()) & fits

    return text_rule("iban", "is not a valid IBAN: its length or check digits do not fit", judge)


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
