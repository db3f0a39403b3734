"""Telephone numbers and e-mail addresses, in the one form that makes them comparable."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from importlib.metadata import version

import polars as pl

from cleanhold.core.parsing import DataType, refuse_type
from cleanhold.errors import ContractError

#: What people write numbers with. The library would look for one in any text, make digits of
#: letters, and part an extension from it.
_DIALLED = r"\A\(?\+?[0-9 ().\-/\x{A0}\x{2010}-\x{2013}]{3,40}\z"


@dataclass(frozen=True, slots=True)
class Emails:
    """See `emails`."""

    lower: bool = False

    fallible = True
    says = "an e-mail address like ada@example.org"

    def clean(self, text: pl.Expr) -> pl.Expr:
        return text.str.strip_chars()

    def value(self, text: pl.Expr, dtype: DataType) -> pl.Expr:
        if dtype != pl.String:
            refuse_type("e-mail addresses", dtype, "str")
        meant = pl.when(text.str.contains(r"\A[^\s@]+@[^\s@]+\z")).then(text)
        if self.lower:
            return meant.str.to_lowercase()
        local = meant.str.replace(r"@[^@]*\z", "@")
        domain = meant.str.replace(r"\A[^@]*@", "").str.to_lowercase()
        return pl.concat_str(local, domain)


def emails(*, lower: bool = False) -> Emails:
    """An e-mail address, its domain in lower case. The part before the @ stays, `+tags` too.

    That a text is an address at all is all that is asked here; `matches=EMAIL` asks more.

    Source: RFC 5321, 2.4 (domains are alike in any case, local parts need not be).

    Args:
        lower: make the part before the @ lower case as well, as nearly all systems take it.
    """
    return Emails(lower)


@dataclass(frozen=True, slots=True)
class Phones:
    """See `phones`.

    Attributes:
        plan: version of the numbering plans; another one may read a number in another way.
    """

    region: str | None
    plan: str

    fallible = True

    @property
    def says(self) -> str:
        known = f" or one of {self.region}" if self.region else ""
        return f"a telephone number like +34 612 34 56 78{known}"

    def clean(self, text: pl.Expr) -> pl.Expr:
        return text.str.strip_chars()

    def value(self, text: pl.Expr, dtype: DataType) -> pl.Expr:
        if dtype != pl.String:
            refuse_type("telephone numbers", dtype, "str")
        meant = pl.when(text.str.contains(_DIALLED)).then(text)
        return meant.map_batches(
            partial(_international, region=self.region),
            return_dtype=pl.String,
            is_elementwise=True,
        )


def phones(region: str | None = None) -> Phones:
    """A telephone number as E.164 has it: `+34612345678`.

    A number that the country's plan does not have does not parse, and neither does one with an
    extension or letters, which E.164 would lose. Each distinct text goes through the library
    phonenumbers, in Python: there is no expression for numbering plans.

    Source: ITU-T E.164 (2010); the plans are those of the library.

    Args:
        region: ISO 3166 country, for numbers without a `+`: `ES`. Without it they do not parse.

    Raises:
        ContractError: the region has no numbering plan.
    """
    from phonenumbers import SUPPORTED_REGIONS

    if region is not None and region not in SUPPORTED_REGIONS:
        raise ContractError(
            f"{region!r} is not a country with telephone numbers",
            next="write two capitals of ISO 3166: phones('ES')",
        )
    return Phones(region, version("phonenumbers"))


def _international(texts: pl.Series, *, region: str | None) -> pl.Series:
    """Each distinct text read once; as many at a time as Polars streams."""
    distinct = texts.unique().drop_nulls()
    known = pl.Series([_e164(text, region) for text in distinct], dtype=pl.String)
    there = pl.DataFrame({"text": distinct, "number": known})
    asked = texts.alias("text").to_frame()
    return asked.join(there, on="text", how="left", maintain_order="left")["number"]


def _e164(text: str, region: str | None) -> str | None:
    from phonenumbers import (
        NumberParseException,
        PhoneNumberFormat,
        format_number,
        is_valid_number,
        parse,
    )

    try:
        number = parse(text, region)
    except NumberParseException:
        return None
    valid = is_valid_number(number)
    return str(format_number(number, PhoneNumberFormat.E164)) if valid else None
