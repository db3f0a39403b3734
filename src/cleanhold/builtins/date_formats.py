"""The formats that dates are written in: what texts they are meant for, and how to rewrite some.

The parser underneath reads four-digit years, numbers and English names. Other ways to write are
rewritten into those first, only where the whole text has its shape.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace

import polars as pl

from cleanhold.builtins.month_names import Months
from cleanhold.errors import ContractError

#: strftime directive → what its text may look like (ASCII). The parser underneath takes more
#: than it should: `24-01-01` for %Y-%m-%d, blanks and signs before numbers.
_YEAR = "(?:[1-9][0-9]{3}|0[1-9][0-9]{2}|00[1-9][0-9]|000[1-9])"  # there is no year 0
DIRECTIVES = {
    "Y": _YEAR,
    "y": "[0-9]{2}",
    "C": "[01]",
    "m": "[0-9]{2}",
    "d": "[0-9]{2}",
    "j": "[0-9]{3}",
    "H": "[0-9]{2}",
    "I": "[0-9]{2}",
    "M": "[0-5][0-9]",
    "S": "[0-5][0-9]",
    "p": "(?i:[ap]m)",
    "b": "[A-Za-z]{3}",
    "B": "[A-Za-z]+",
    "a": "[A-Za-z]{3}",
    "A": "[A-Za-z]+",
    "T": "[0-9]{2}:[0-5][0-9]:[0-5][0-9]",
    "F": f"{_YEAR}-[0-9]{{2}}-[0-9]{{2}}",
    "z": "(?:Z|[+-][0-9]{2}:?[0-9]{2})",
    "Z": "",  # a name; see `named_zones`
    ".f": r"(?:\.[0-9]{1,9})?",
    "%": "%",
}
_PADDED = re.compile(r"%[CYymdj]%[CYymdj]")
_TOKEN = re.compile(r"%(\.f|.)|([^%])", re.DOTALL)
_OFFSET = re.compile(r"[+-][0-9]{2}:?[0-9]{2}")

#: Names of zones that mean one thing only.
_PLAIN_ZONES = {"UTC": "+0000", "GMT": "+0000"}


@dataclass(frozen=True, slots=True)
class Format:
    """One way to write a date, and the text that is written so.

    Attributes:
        layout: strftime format, of directives that the parser knows.
        text: the text, null where it has not the format's shape.
        zone: the time zone that its name stands for; empty if it says none.
    """

    layout: str
    text: pl.Expr
    zone: str = ""

    def numbered(self, months: Months) -> Format:
        """Names of months as numbers."""
        numbers = {n: f"{i:02}" for i, month in enumerate(months, 1) for n in month}
        if _has_dotted(self.layout):
            numbers |= {f"{name}.": number for name, number in numbers.items()}
        names = sorted(numbers, key=len, reverse=True)  # the first that fits is taken
        text = self.text.str.to_lowercase().str.replace_many(
            names, [numbers[n] for n in names], leftmost=True
        )
        return replace(self, layout=re.sub("%[bB]", "%m", self.layout), text=text)

    def with_century(self, pivot: int) -> Format:
        """Two-digit years as four digits: from `pivot` on they are of the 1900s."""
        before, after = _around(self.layout, "y")
        text = self.text
        for century, years in (("20", _below(pivot)), ("19", _from(pivot))):
            if years:
                shape = rf"\A({before})({years})({after})\z"
                text = text.str.replace(shape, f"${{1}}{century}${{2}}${{3}}")
        return replace(self, layout=self.layout.replace("%y", "%Y"), text=text)

    def with_century_mark(self) -> Format:
        """A year of three digits, the first being 0 for the 1900s and 1 for the 2000s."""
        before, after = _around(self.layout.replace("%C%y", "%y"), "y")
        text = self.text
        first = "?" if self.layout.startswith("%C") else ""
        for mark, century in (("1", "20"), (f"0{first}", "19")):
            shape = rf"\A({before}){mark}([0-9]{{2}})({after})\z"
            text = text.str.replace(shape, f"${{1}}{century}${{2}}${{3}}")
        return replace(self, layout=self.layout.replace("%C%y", "%Y"), text=text)

    def completed(self, *, last: bool) -> Format:
        """A period as its first day, or as its last month's first."""
        if "%m" in self.layout or "%b" in self.layout or "%B" in self.layout:
            layout, more = " %d", " 01"
        else:
            layout, more = " %m %d", " 12 01" if last else " 01 01"
        text = pl.concat_str(self.text, pl.lit(more))
        return replace(self, layout=self.layout + layout, text=text)


def shape(layout: str, places: int = 6, months: Months = ()) -> str:
    """The regular expression of texts that a format is meant for.

    Day and month may lack their leading zero (`1/2/2026`), except after the year and where
    digits touch, as in %Y-%m-%d and %d%m%Y. Seconds have no more than `places` decimals that
    count: the dtype would cut the others off.

    Raises:
        ContractError: a directive is not supported.
    """
    return rf"\A{_shape(layout, places, months)}\z"


def _shape(layout: str, places: int = 6, months: Months = (), padded: bool | None = None) -> str:
    if padded is None:
        padded = layout.startswith("%Y") or _PADDED.search(layout) is not None
    parts = []
    for place, (directive, literal) in enumerate(_TOKEN.findall(layout)):
        if not directive:
            parts.append(re.escape(literal))
        elif directive in "dm" and not padded:
            parts.append("[0-9]{1,2}")
        elif directive == ".f":
            parts.append(rf"(?:\.[0-9]{{1,{places}}}0{{0,{9 - places}}})?")
        elif directive == "C" and not place:  # where numbers are kept, its 0 may be gone
            parts.append("[01]?")
        elif directive in "bB" and months:
            names = sorted((n for m in months for n in m), key=len, reverse=True)
            dot = r"\.?" if _has_dotted(layout) else ""
            parts.append(f"(?i:(?:{'|'.join(names)}){dot})")
        elif directive in DIRECTIVES:
            parts.append(DIRECTIVES[directive])
        else:
            raise ContractError(
                f"the date format {layout!r} uses %{directive}, which is not supported",
                next="use " + " ".join(f"%{d}" for d in DIRECTIVES),
            )
    return "".join(parts)


def _has_dotted(layout: str) -> bool:
    """Whether a point after a month's name is the name's: not where the format has one there."""
    return re.search(r"%[bB]\.", layout) is None


def _around(layout: str, directive: str) -> tuple[str, str]:
    """Shapes of what stands before and after a directive."""
    padded = layout.startswith("%Y") or _PADDED.search(layout) is not None
    before, after = layout.split(f"%{directive}", 1)
    return _shape(before, 9, padded=padded), _shape(after, 9, padded=padded)


def _below(pivot: int) -> str:
    """Two digits that are a number below the pivot; empty if there is none."""
    tens, ones = divmod(pivot, 10)
    ways = [f"[0-{tens - 1}][0-9]"] * (tens > 0) + [f"{tens}[0-{ones - 1}]"] * (ones > 0)
    return "|".join(ways)


def _from(pivot: int) -> str:
    """Two digits that are the pivot or more."""
    if pivot > 99:
        return ""
    tens, ones = divmod(pivot, 10)
    ways = [f"{tens}[{ones}-9]"] + [f"[{tens + 1}-9][0-9]"] * (tens < 9)
    return "|".join(ways)


def formats_of(
    text: pl.Expr, layout: str, places: int, months: Months, zones: Mapping[str, str]
) -> list[Format]:
    """The text in a format: one, or one for each name that its %Z may be.

    What a name stands for is an offset (`+0100`) or a zone (`Europe/Paris`).
    """

    def of(written: str) -> pl.Expr:
        return pl.when(text.str.contains(shape(written, places, months))).then(text)

    if "%Z" not in layout:
        return [Format(layout, of(layout))]
    found = []
    for name, meant in {**_PLAIN_ZONES, **zones}.items():
        written = layout.replace("%Z", name)
        if _OFFSET.fullmatch(meant):
            numbered = of(written).str.replace(name, meant, literal=True)
            found.append(Format(layout.replace("%Z", "%z"), numbered))
        else:
            found.append(Format(written, of(written), meant))
    return found
