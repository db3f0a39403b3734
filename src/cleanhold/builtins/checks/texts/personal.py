"""What a free text says about persons: addresses, telephone numbers, cards, numbers of states."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import polars as pl

from cleanhold.builtins.checks.banking import credit_card, iban, iban_in_text
from cleanhold.builtins.checks.internet import ipv4, ipv6
from cleanhold.builtins.checks.listing import listed
from cleanhold.builtins.checks.persons import (
    br_cpf,
    ca_sin,
    es_dni,
    nl_bsn,
    pl_pesel,
    uk_nhs_number,
    us_ssn,
)
from cleanhold.core.contract import MASK
from cleanhold.core.rule import ColumnRule, Takes
from cleanhold.errors import ContractError


@dataclass(frozen=True, slots=True)
class _Kind:
    """One kind of personal data.

    Attributes:
        called: for the sentence.
        pattern: finds what may be it.
        is_it: what was found → whether it is, by check digits; None if the pattern says it all.
    """

    called: str
    pattern: str
    is_it: Callable[[pl.Expr], pl.Expr] | None = None


def _is_dialled(number: pl.Expr) -> pl.Expr:
    """8 to 15 digits, and no date at their beginning."""
    date = number.str.contains(r"\A[0-9]{2}-[0-9]{2}-[0-9]{4}")
    return number.str.count_matches("[0-9]").is_between(8, 15) & ~date


def _is_public(address: pl.Expr) -> pl.Expr:
    """An address of the internet, not of a network at home, of the machine itself or of nothing."""
    own = r"\A(?:0|10|127|255|192\.168|169\.254|172\.(?:1[6-9]|2[0-9]|3[01]))\."
    return ipv4().judge(address) & ~address.str.contains(own)


_TELEPHONE = "|".join(
    (
        r"\+[1-9](?:[ ().-]{0,2}[0-9]){7,14}\b",
        r"(?:\([2-9][0-9]{2}\) ?|\b[2-9][0-9]{2}[.-])[0-9]{3}[ .-][0-9]{4}\b",
        r"(?:\(0[0-9]{1,4}\)|\b0[0-9]{1,4})[ /-][0-9](?:[ -]?[0-9]){5,9}\b",
    )
)
_KINDS = {
    "email": _Kind(
        "an e-mail address",
        r"[A-Za-z0-9._%+'-]+@(?:[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?\.)+[A-Za-z]{2,}\b",
    ),
    "telephone": _Kind("a telephone number", _TELEPHONE, _is_dialled),
    "iban": _Kind("an IBAN", iban_in_text(), iban().judge),
    "card": _Kind(
        "a card number", r"\b[2-6](?:[ -]?[0-9]){12,18}\b", credit_card().judge
    ),
    "ip_address": _Kind("an IP address", r"\b[0-9]{1,3}(?:\.[0-9]{1,3}){3}\b", _is_public),
    "ipv6_address": _Kind(
        "an IP address", r"\b(?:[0-9A-Fa-f]{1,4}:){3,7}(?::?[0-9A-Fa-f]{1,4}){1,4}\b", ipv6().judge
    ),
    "us_ssn": _Kind(
        "a Social Security number", r"\b[0-9]{3}-[0-9]{2}-[0-9]{4}\b", us_ssn().judge
    ),
    "br_cpf": _Kind("a CPF", r"\b[0-9]{3}\.[0-9]{3}\.[0-9]{3}-[0-9]{2}\b", br_cpf().judge),
    "es_dni": _Kind("a DNI or NIE", r"\b[0-9XYZ][0-9]{7}[A-Z]\b", es_dni().judge),
    "uk_nhs_number": _Kind(
        "an NHS number", r"\b[0-9]{3} [0-9]{3} [0-9]{4}\b", uk_nhs_number().judge
    ),
    "ca_sin": _Kind(
        "a Social Insurance Number", r"\b[0-9]{3}[ -][0-9]{3}[ -][0-9]{3}\b", ca_sin().judge
    ),
    "nl_bsn": _Kind("a BSN", r"\b[0-9]{9}\b", nl_bsn().judge),
    "pl_pesel": _Kind("a PESEL", r"\b[0-9]{11}\b", pl_pesel().judge),
}  # fmt: skip
#: Numbers with one check digit and no shape of their own: every tenth number would be one.
_ASKED_FOR = {"ca_sin", "nl_bsn", "pl_pesel"}


def _has(text: pl.Expr, kind: _Kind) -> pl.Expr:
    if kind.is_it is None:
        return text.str.contains(kind.pattern)
    found = text.str.extract_all(kind.pattern)
    return found.list.eval(kind.is_it(pl.element()).fill_null(False)).list.any()


@listed(
    passes=["Order 123456789 of 2026-11-22, 10.0.0.1, v1.2.3", "Call me", "4111 1111 1111 1112",
            "from 01-02-2020 to 02-02-2020"],
    fails=["write to ada@example.org", "call +34 612 34 56 78", "on my card 4111 1111 1111 1111.",
           "pay DE89 3704 0044 0532 0130 00 please", "from 93.184.216.34", "SSN 078-05-1120",
           "(212) 555-0187", "tel. 030/1234567", "dni 12345678Z", "2001:db8:0:1:2:3:4:5"],
)  # fmt: skip
def no_personal_data(*kinds: str) -> ColumnRule:
    """No personal data in free text that can be told by its shape, and by check digits where it
    has them: e-mail addresses, telephone numbers, IBANs, card numbers, public IP addresses,
    numbers of persons in Brazil, Spain, the United Kingdom and the United States. The finding
    shows `•••` in their place. Names and postal addresses are not found.

    Args:
        kinds: which of `email`, `telephone`, `iban`, `card`, `ip_address`, `ipv6_address`,
            `us_ssn`, `br_cpf`, `es_dni`, `uk_nhs_number`; and of `ca_sin`, `nl_bsn`, `pl_pesel`,
            plain numbers with a check digit, which are looked for only if they are named. All but
            those, if none is named.

    Raises:
        ContractError: there is no such kind.
    """
    for unknown in (kind for kind in kinds if kind not in _KINDS):
        raise ContractError(
            f"{unknown!r} is no kind of personal data that is known",
            next="use some of " + ", ".join(_KINDS),
        )
    chosen = kinds or tuple(kind for kind in _KINDS if kind not in _ASKED_FOR)
    sought = [_KINDS[kind] for kind in chosen]

    def found(value: pl.Expr) -> pl.Expr:
        text = value.cast(pl.String)
        called: dict[str, pl.Expr] = {}
        for kind in sought:
            known = called.get(kind.called, pl.lit(False))
            called[kind.called] = known | _has(text, kind)
        told = [pl.when(there).then(pl.lit(name)) for name, there in called.items()]
        return pl.concat_str(told, separator=", ", ignore_nulls=True)

    anything = "|".join(kind.pattern for kind in sought)
    return ColumnRule(
        name="no_personal_data",
        says="{column} is {value}, which has personal data in it: {found}",
        judge=lambda value: ~pl.any_horizontal([_has(value.cast(pl.String), k) for k in sought]),
        takes=Takes.TEXT,
        found=found,
        shows=lambda value: value.cast(pl.String).str.replace_all(anything, MASK),
    )
