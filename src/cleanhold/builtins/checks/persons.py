"""Numbers that states and registers give to persons and firms."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from cleanhold.builtins.checks.listing import listed
from cleanhold.builtins.checks.shapes import (
    luhn_sum,
    number,
    place,
    shaped,
    sum_of,
    text_rule,
    weighted,
    whole,
    without,
)
from cleanhold.core.rule import ColumnRule
from cleanhold.errors import ContractError

_DOES_NOT_FIT = "its check digits do not fit"

#: Country → what follows its code in a VAT number (European Commission, VIES FAQ, Q11).
_VAT = {
    "AT": "U[0-9]{8}",
    "BE": "[01][0-9]{9}",
    "BG": "[0-9]{9,10}",
    "CY": "[0-9]{8}[A-Z]",
    "CZ": "[0-9]{8,10}",
    "DE": "[0-9]{9}",
    "DK": "[0-9]{8}",
    "EE": "[0-9]{9}",
    "EL": "[0-9]{9}",
    "ES": "(?:[A-Z][0-9]{7}[0-9A-Z]|[0-9]{8}[A-Z])",
    "FI": "[0-9]{8}",
    "FR": "[0-9A-HJ-NP-Z]{2}[0-9]{9}",
    "HR": "[0-9]{11}",
    "HU": "[0-9]{8}",
    "IE": "[0-9][0-9A-Z+*][0-9]{5}[A-Z]{1,2}",
    "IT": "[0-9]{11}",
    "LT": "(?:[0-9]{9}|[0-9]{12})",
    "LU": "[0-9]{8}",
    "LV": "[0-9]{11}",
    "MT": "[0-9]{8}",
    "NL": "[0-9A-Z+*]{9}B[0-9]{2}",
    "PL": "[0-9]{10}",
    "PT": "[0-9]{9}",
    "RO": "[0-9]{2,10}",
    "SE": "[0-9]{12}",
    "SI": "[0-9]{8}",
    "SK": "[0-9]{10}",
    "XI": "(?:[0-9]{9}|[0-9]{12}|(?:GD|HA)[0-9]{3})",
    "GB": "(?:[0-9]{9}|[0-9]{12}|(?:GD|HA)[0-9]{3})",
}


@listed(passes=["DE136695976", "ATU13585627", "NL123456789B01"], fails=["DE13669597", "XX1", "de1"])
def vat_number(*countries: str) -> ColumnRule:
    """A value-added tax number: a country of the European Union (or GB, XI) and the shape that it
    gives its numbers. Check digits, which each country makes its own way, are not judged.

    Args:
        countries: which are taken; all if none is named. Greece is EL.

    Raises:
        ContractError: no such country is known.
    """
    for unknown in (c for c in countries if c not in _VAT):
        raise ContractError(
            f"no shape of VAT numbers is known for {unknown!r}",
            next="use one of " + ", ".join(_VAT),
        )
    taken = {c: shape for c, shape in _VAT.items() if not countries or c in countries}
    pattern = "|".join(f"{country}{shape}" for country, shape in taken.items())
    return shaped("vat_number", "is not written like a VAT number of its country", pattern)


def _luhn(name: str, called: str, digits: int) -> ColumnRule:
    def judge(text: pl.Expr) -> pl.Expr:
        plain = without(text, " -")
        ends = luhn_sum(number(plain), digits) % 10 == 0
        return whole(plain, f"[0-9]{{{digits}}}") & ends

    return text_rule(name, f"is not a valid {called}: {_DOES_NOT_FIT}", judge)


def _modulo(
    name: str, called: str, shape: str, weights: Sequence[int], modulus: int, marks: str = ""
) -> ColumnRule:
    """Digits whose weighted sum is a multiple of the modulus."""

    def judge(text: pl.Expr) -> pl.Expr:
        plain = without(text, marks) if marks else text
        return whole(plain, shape) & (weighted(number(plain), weights) % modulus == 0)

    return text_rule(name, f"is not a valid {called}: {_DOES_NOT_FIT}", judge)


@listed(passes=["078-05-1120", "219099999"], fails=["000-12-3456", "666-12-3456", "900-12-3456"])
def us_ssn() -> ColumnRule:
    """A Social Security number of the United States: areas, groups and serials that are given out.
    It has no check digit. Source: Social Security Administration, POMS RM 10201.035.
    """
    areas = "(?:00[1-9]|0[1-9][0-9]|[1-5][0-9]{2}|6[0-57-9][0-9]|66[0-57-9]|[78][0-9]{2})"
    groups, serials = (
        "(?:0[1-9]|[1-9][0-9])",
        "(?:000[1-9]|00[1-9][0-9]|0[1-9][0-9]{2}|[1-9][0-9]{3})",
    )
    pattern = f"{areas}(?:-{groups}-|{groups}){serials}"
    return shaped("us_ssn", "is not a Social Security number that can be given out", pattern)


@listed(passes=["1234567893", "1245319599"], fails=["1234567892", "3234567893", "123456789"])
def us_npi() -> ColumnRule:
    """A National Provider Identifier of health care in the United States.

    Source: 45 CFR 162.406; the check digit is Luhn's over the number after the prefix 80840.
    """

    def judge(text: pl.Expr) -> pl.Expr:
        # The prefix 80840 always adds 24.
        return whole(text, "[12][0-9]{9}") & ((luhn_sum(number(text), 10) + 24) % 10 == 0)

    return text_rule("us_npi", f"is not a valid NPI: {_DOES_NOT_FIT}", judge)


@listed(passes=["943 476 5919", "4505577104"], fails=["9434765918", "943476591"])
def uk_nhs_number() -> ColumnRule:
    """A number of a patient in England. Source: NHS Data Dictionary, NHS NUMBER."""
    weights = (*range(10, 1, -1), 1)
    return _modulo("uk_nhs_number", "NHS number", "[0-9]{10}", weights, 11, " -")


@listed(passes=["046 454 286"], fails=["046454287", "04645428"])
def ca_sin() -> ColumnRule:
    """A Social Insurance Number of Canada, with Luhn's check digit.

    Source: Social Insurance Number Code of Practice, annex 2.
    """
    return _luhn("ca_sin", "Social Insurance Number", 9)


@listed(
    passes=["111.444.777-35", "52998224725"], fails=["11144477734", "11111111111", "1114447773"]
)
def br_cpf() -> ColumnRule:
    """A taxpayer number of a person in Brazil, with both check digits.

    Source: Receita Federal, Instrução Normativa RFB 1548/2015.
    """

    def judge(text: pl.Expr) -> pl.Expr:
        plain = without(text, ".-")
        of = number(plain)
        first = weighted(of // 100, range(10, 1, -1)) * 10 % 11 % 10
        second = weighted(of // 10, range(11, 1, -1)) * 10 % 11 % 10
        same = of == place(of, 0) * 11111111111  # all digits alike fit, and are nobody's
        return (
            whole(plain, "[0-9]{11}") & (first == place(of, 1)) & (second == place(of, 0)) & ~same
        )

    return text_rule("br_cpf", f"is not a valid CPF: {_DOES_NOT_FIT}", judge)


@listed(passes=["11.222.333/0001-81", "11444777000161"], fails=["11222333000182", "1122233300018"])
def br_cnpj() -> ColumnRule:
    """A taxpayer number of a firm in Brazil (digits only), with both check digits.

    Source: Receita Federal, Instrução Normativa RFB 2119/2022.
    """

    def judge(text: pl.Expr) -> pl.Expr:
        plain = without(text, "./-")
        of = number(plain)
        weights = (6, 5, 4, 3, 2, 9, 8, 7, 6, 5, 4, 3, 2)
        first = weighted(of // 100, weights[1:]) * 10 % 11 % 10
        second = weighted(of // 10, weights) * 10 % 11 % 10
        return whole(plain, "[0-9]{14}") & (first == place(of, 1)) & (second == place(of, 0))

    return text_rule("br_cnpj", f"is not a valid CNPJ: {_DOES_NOT_FIT}", judge)


@listed(passes=["12345678Z", "X1234567L"], fails=["12345678A", "1234567Z", "12345678z"])
def es_dni() -> ColumnRule:
    """A DNI or NIE of a person in Spain, with its check letter.

    Source: Real Decreto 1553/2005, Orden INT/2058/2008.
    """

    def judge(text: pl.Expr) -> pl.Expr:
        digits = text.str.slice(0, 8).str.replace_many(list("XYZ"), list("012"))
        letters = pl.lit("TRWAGMYFPDXBNJZSQVHLCKE")
        letter = letters.str.slice(number(digits) % 23, 1)
        return whole(text, "[0-9XYZ][0-9]{7}[A-Z]") & (text.str.slice(8, 1) == letter)

    return text_rule("es_dni", "is not a valid DNI or NIE: its letter does not fit", judge)


@listed(passes=["111222333", "123456782"], fails=["111222334", "000000000", "11122233"])
def nl_bsn() -> ColumnRule:
    """A citizen service number of the Netherlands. Source: Logisch Ontwerp BSN, elfproef."""

    def judge(text: pl.Expr) -> pl.Expr:
        of = number(text)
        rest = weighted(of // 10, range(9, 1, -1))
        return whole(text, "[0-9]{9}") & (of > 0) & (rest % 11 == place(of, 0))

    return text_rule("nl_bsn", f"is not a valid BSN: {_DOES_NOT_FIT}", judge)


@listed(passes=["44051401458", "02070803628"], fails=["44051401459", "4405140145"])
def pl_pesel() -> ColumnRule:
    """A person's PESEL number of Poland. Source: Ustawa o ewidencji ludności, art. 15."""
    weights = (1, 3, 7, 9, 1, 3, 7, 9, 1, 3, 1)
    return _modulo("pl_pesel", "PESEL", "[0-9]{11}", weights, 10)


@listed(passes=["732829320", "732 829 320"], fails=["732829321", "73282932"])
def fr_siren() -> ColumnRule:
    """A firm's SIREN number of France, with Luhn's check digit. Source: INSEE, SIRENE."""
    return _luhn("fr_siren", "SIREN", 9)


@listed(passes=["73282932000074", "732 829 320 00074"], fails=["73282932000075", "732829320"])
def fr_siret() -> ColumnRule:
    """An establishment's SIRET number of France, with Luhn's check digit. Source: INSEE, SIRENE.

    Those of La Poste, which follow another rule, do not pass.
    """
    return _luhn("fr_siret", "SIRET", 14)


@listed(passes=["51 824 753 556", "53004085616"], fails=["51824753557", "5182475355"])
def au_abn() -> ColumnRule:
    """A business number of Australia. Source: Australian Business Register, format of the ABN."""

    def judge(text: pl.Expr) -> pl.Expr:
        plain = without(text, " ")
        total = weighted(number(plain), (10, 1, 3, 5, 7, 9, 11, 13, 15, 17, 19))
        return whole(plain, "[1-9][0-9]{10}") & (total % 89 == 10 % 89)

    return text_rule("au_abn", f"is not a valid ABN: {_DOES_NOT_FIT}", judge)


@listed(
    passes=["0000-0002-1825-0097", "0000-0002-1694-233X"],
    fails=["0000-0002-1825-0098", "0000000218250097"],
)
def orcid() -> ColumnRule:
    """A researcher's ORCID identifier. Source: ISO/IEC 7064 MOD 11-2, as ORCID uses it."""

    def judge(text: pl.Expr) -> pl.Expr:
        body = number(without(text, "-").str.slice(0, 15))
        total = sum_of([place(body, i) * 2 ** (i + 1) for i in range(15)])
        check = (12 - total % 11) % 11
        last = text.str.slice(18, 1)
        given = pl.when(last == "X").then(pl.lit(10, dtype=pl.UInt64)).otherwise(number(last))
        return whole(text, "[0-9]{4}-[0-9]{4}-[0-9]{4}-[0-9]{3}[0-9X]") & (check == given)

    return text_rule("orcid", f"is not a valid ORCID: {_DOES_NOT_FIT}", judge)
