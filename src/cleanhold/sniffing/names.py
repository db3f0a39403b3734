"""Headers as names of fields, and what a header tells of its column."""

from __future__ import annotations

import builtins
import keyword
import re
from collections.abc import Iterable, Sequence

from cleanhold.core.contract import EXTRA

#: Names that mean something else inside a contract's class, or in its file.
_TAKEN = frozenset(
    {
        EXTRA, "row_id", "record", "raw", "date", "datetime", "field", "check", "col", "contract",
        "dates", "datetimes", "decimal", "integer", "number", "booleans", "codes", "text", "config",
        "validate", "example", "strategy", "to_schema", "to_yaml", "to_structs", "to_json_schema",
        "get_metadata", "pydantic_validate", "empty", "build_schema_", "pa",
    }
)  # fmt: skip

#: Words of a header → how personal its column is likely to be, and the likeliest first.
_PERSONAL = (
    ("sensitive", r"ssn|social security|sin number|passport|iban|bank account|account number|"
     r"card number|credit card|cvv|tax (id|number)|national id|diagnosis|religion|ethnicity|race|"
     r"disability|salary|medical|health"),
    ("direct", r"e ?mail|mail address|phone|mobile|telephone|tel|fax|cell|first name|last name|"
     r"full name|surname|given name|family name|middle name|maiden name|forename|fname|lname|"
     r"(contact|customer|person|patient|owner|holder|member|employee|user|driver) name|"
     r"street|address( line)?( ?[0-9])?|mailing street|ip address|username|licen[cs]e plate"),
    ("indirect", r"birth ?(date|day)?|date of birth|dob|zip( code)?|post ?code|postal( code)?|"
     r"gender|sex|age|latitude|longitude|city|suburb"),
)  # fmt: skip

#: Words of a header whose digits are names, not amounts: nobody adds them up.
_NAMES_THINGS = re.compile(
    r"(^|.* )(id|ids|key|code|zip|postal|post ?code|phone|mobile|fax|tel|telephone|ssn|iban|"
    r"account|isbn|ean|gtin|sku|uuid|guid|number|no|nr|num|ref|reference|fein|vin)( .*)?"
)

#: Words of a header that speak of a date.
_SPEAKS_OF_DATES = re.compile(
    r"(^|.* )(date|day|dt|on|at|dob|birth|born|since|until|from|to|start|end|expiry|time|timestamp|"
    r"created|updated|modified|opened|closed)( .*)?"
)


def words_of(header: str) -> str:
    """A header as lower-case words: `Birth_Date`, `birthDate` → `birth date`."""
    split = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", header)
    return " ".join(re.findall(r"[^\W_]+", split)).lower()


def field_names(headers: Sequence[str]) -> list[str]:
    """A Python name for each header, all different, none of which means something else."""
    found: list[str] = []
    taken: set[str] = set()
    for number, header in enumerate(headers, start=1):
        name = re.sub(r"[^a-z0-9]+", "_", words_of(header).encode("ascii", "ignore").decode())
        name = name.strip("_") or f"column_{number}"
        if name[0].isdigit():
            name = f"n_{name}"
        if keyword.iskeyword(name) or name in _TAKEN or hasattr(builtins, name):
            name += "_"
        wanted, copy = name, 2
        while name in taken:
            name, copy = f"{wanted.rstrip('_')}_{copy}", copy + 1
        taken.add(name)
        found.append(name)
    return found


def privacy_of(header: str) -> str | None:
    """How personal a column is likely to be, by its header: `direct`, …; None if not at all."""
    words = words_of(header)
    for level, pattern in _PERSONAL:
        if re.search(rf"(^| )({pattern})( |$)", words):
            return level
    return None


def names_things(header: str) -> bool:
    """Whether digits under this header are likely to be identifiers."""
    return _NAMES_THINGS.fullmatch(words_of(header)) is not None


def speaks_of_dates(header: str) -> bool:
    """Whether a header has a word for a day or a moment."""
    return _SPEAKS_OF_DATES.fullmatch(words_of(header)) is not None


def common_shape(values: Iterable[str]) -> str | None:
    """A regular expression of texts that all have one shape, like `C-[0-9]{6}`; else None.

    Letters and marks that are the same in all texts stay as they are; digits never do.
    """
    given = list(values)
    if not given or len({len(v) for v in given}) != 1 or not all(v.isascii() for v in given):
        return None
    classes = [_class(set(place)) for place in zip(*given, strict=True)]
    if None in classes:
        return None
    parts: list[tuple[str, int]] = []
    for one in classes:
        assert one is not None
        if parts and parts[-1][0] == one and one.startswith("["):
            parts[-1] = (one, parts[-1][1] + 1)
        else:
            parts.append((one, 1))
    return "".join(f"{what}{{{count}}}" if count > 1 else what for what, count in parts)


def _class(seen: set[str]) -> str | None:
    if all(c.isdigit() for c in seen):
        return "[0-9]"
    if len(seen) == 1:
        return re.sub(r"([\\.^$*+?{}\[\]|()])", r"\\\1", next(iter(seen)))
    if all(c.isupper() for c in seen):
        return "[A-Z]"
    if all(c.isalpha() for c in seen):
        return "[A-Za-z]"
    return "[0-9A-Za-z]" if all(c.isalnum() for c in seen) else None
