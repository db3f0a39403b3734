"""Numbers of products, books, devices and vehicles."""

from __future__ import annotations

import polars as pl

from cleanhold.builtins.checks.listing import listed
from cleanhold.builtins.checks.shapes import (
    luhn_sum,
    number,
    place,
    shaped,
    text_rule,
    weighted,
    whole,
    without,
)
from cleanhold.core.rule import ColumnRule

_DOES_NOT_FIT = "its check digit does not fit"


def _gs1(name: str, called: str, digits: int) -> ColumnRule:
    weights = [3 if i % 2 else 1 for i in reversed(range(digits))]

    def judge(text: pl.Expr) -> pl.Expr:
        return whole(text, f"[0-9]{{{digits}}}") & (weighted(number(text), weights) % 10 == 0)

    return text_rule(name, f"is not a valid {called}: {_DOES_NOT_FIT}", judge)


@listed(passes=["4006381333931", "9780306406157"], fails=["4006381333932", "400638133393", "4oo6"])
def ean13() -> ColumnRule:
    """A 13-digit article number (EAN-13, GTIN-13) with its check digit.

    Source: GS1 General Specifications, 7.9.
    """
    return _gs1("ean13", "EAN-13", 13)


@listed(passes=["73513537", "96385074"], fails=["73513538", "7351353", "7351 3537"])
def ean8() -> ColumnRule:
    """An 8-digit article number (EAN-8, GTIN-8) with its check digit.

    Source: GS1 General Specifications, 7.9.
    """
    return _gs1("ean8", "EAN-8", 8)


@listed(passes=["036000291452", "012345678905"], fails=["036000291453", "36000291452"])
def upc() -> ColumnRule:
    """A 12-digit article number (UPC-A, GTIN-12) with its check digit.

    Source: GS1 General Specifications, 7.9.
    """
    return _gs1("upc", "UPC", 12)


@listed(passes=["10614141543219", "00012345600012"], fails=["10614141543218", "1061414154321"])
def gtin14() -> ColumnRule:
    """A 14-digit trade item number (GTIN-14) with its check digit.

    Source: GS1 General Specifications, 7.9.
    """
    return _gs1("gtin14", "GTIN-14", 14)


@listed(passes=["106141412345678908"], fails=["106141412345678907", "10614141234567890"])
def sscc() -> ColumnRule:
    """An 18-digit number of a logistic unit (SSCC) with its check digit.

    Source: GS1 General Specifications, 7.9.
    """
    return _gs1("sscc", "SSCC", 18)


def _isbn10(plain: pl.Expr) -> pl.Expr:
    body = number(plain.str.slice(0, 9))
    last = plain.str.slice(9, 1)
    check = pl.when(last == "X").then(pl.lit(10, dtype=pl.UInt64)).otherwise(number(last))
    total = weighted(body, range(10, 1, -1)) + check
    return whole(plain, "[0-9]{9}[0-9X]") & (total % 11 == 0)


def _isbn13(plain: pl.Expr) -> pl.Expr:
    total = weighted(number(plain), (1, 3) * 6 + (1,))
    return whole(plain, "97[89][0-9]{10}") & (total % 10 == 0)


@listed(passes=["0306406152", "0-8044-2957-X"], fails=["0306406153", "080442957x", "9780306406157"])
def isbn10() -> ColumnRule:
    """A 10-character book number with its check digit; dashes and blanks may be in it.

    Source: ISO 2108:1992.
    """
    meant = f"is not a valid ISBN-10: {_DOES_NOT_FIT}"
    return text_rule("isbn10", meant, lambda text: _isbn10(without(text, " -")))


@listed(passes=["9780306406157", "978-0-306-40615-7"], fails=["9780306406158", "4006381333931"])
def isbn13() -> ColumnRule:
    """A 13-digit book number with its check digit; dashes and blanks may be in it.

    Source: ISO 2108:2017.
    """
    meant = f"is not a valid ISBN-13: {_DOES_NOT_FIT}"
    return text_rule("isbn13", meant, lambda text: _isbn13(without(text, " -")))


@listed(passes=["0306406152", "978-0-306-40615-7"], fails=["0306406153", "9780306406158", "ISBN"])
def isbn() -> ColumnRule:
    """A book number of 10 or 13 characters with its check digit.

    Source: ISO 2108:2017.
    """

    def judge(text: pl.Expr) -> pl.Expr:
        plain = without(text, " -")
        return _isbn10(plain).fill_null(False) | _isbn13(plain).fill_null(False)

    return text_rule("isbn", f"is not a valid ISBN: {_DOES_NOT_FIT}", judge)


@listed(passes=["0378-5955", "2049-3630", "0000-006X"], fails=["0378-5954", "03785955", "0378-595"])
def issn() -> ColumnRule:
    """A number of a periodical, with its check digit.

    Source: ISO 3297:2022.
    """

    def judge(text: pl.Expr) -> pl.Expr:
        body, last = number(without(text, "-").str.slice(0, 7)), text.str.slice(8, 1)
        check = pl.when(last == "X").then(pl.lit(10, dtype=pl.UInt64)).otherwise(number(last))
        total = weighted(body, range(8, 1, -1)) + check
        return whole(text, "[0-9]{4}-[0-9]{3}[0-9X]") & (total % 11 == 0)

    return text_rule("issn", f"is not a valid ISSN: {_DOES_NOT_FIT}", judge)


@listed(
    passes=["10.1000/182", "10.1038/nphys1170"], fails=["10.1000", "doi:10.1000/182", "10.1/a b"]
)
def doi() -> ColumnRule:
    """A digital object identifier, without any address before it. Source: ISO 26324:2022."""
    return shaped("doi", "is not written like a DOI", r"10\.[0-9]{4,9}(?:\.[0-9]+)*/[!-~]+")


@listed(
    passes=["490154203237518"], fails=["490154203237517", "49015420323751", "49-015420-323751-8"]
)
def imei() -> ColumnRule:
    """A 15-digit number of a mobile device with its check digit.

    Source: 3GPP TS 23.003, annex B.
    """

    def judge(text: pl.Expr) -> pl.Expr:
        return whole(text, "[0-9]{15}") & (luhn_sum(number(text), 15) % 10 == 0)

    return text_rule("imei", f"is not a valid IMEI: {_DOES_NOT_FIT}", judge)


#: Letter → digit; I, O and Q are not used.
_VIN = dict(zip("ABCDEFGHJKLMNPRSTUVWXYZ", "12345678123457923456789", strict=True))


@listed(
    passes=["1M8GDM9AXKP042788", "5GZCZ43D13S812715", "11111111111111111"],
    fails=["1M8GDM9A1KP042788", "1M8GDM9AXKP04278", "IM8GDM9AXKP042788"],
)
def vin() -> ColumnRule:
    """A vehicle identification number with the check digit that North America asks for.

    Source: 49 CFR 565.15, table V.
    """
    weights = (8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2)

    def judge(text: pl.Expr) -> pl.Expr:
        digits = number(text.str.replace_many(list(_VIN), list(_VIN.values())))
        last = text.str.slice(8, 1)
        check = pl.when(last == "X").then(pl.lit(10, dtype=pl.UInt64)).otherwise(number(last))
        shape = whole(text, "[A-HJ-NPR-Z0-9]{8}[0-9X][A-HJ-NPR-Z0-9]{8}")
        return shape & (weighted(digits, weights) % 11 == check)

    return text_rule("vin", f"is not a valid VIN: {_DOES_NOT_FIT}", judge)


@listed(passes=["9074729"], fails=["9074728", "907472", "IMO9074729"])
def imo_number() -> ColumnRule:
    """A ship's IMO number, seven digits with the last a check digit.

    Source: IMO resolution A.1117(30).
    """

    def judge(text: pl.Expr) -> pl.Expr:
        of = number(text)
        return whole(text, "[0-9]{7}") & (weighted(of // 10, range(7, 1, -1)) % 10 == place(of, 0))

    return text_rule("imo_number", f"is not a valid IMO number: {_DOES_NOT_FIT}", judge)
