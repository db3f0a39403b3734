"""Sources: the systems and feeds that deliver extracts."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from cleanhold.core.arrival import Arrivals, Formatted
from cleanhold.core.contract import Contract
from cleanhold.core.control import Control
from cleanhold.core.reading import Reader
from cleanhold.errors import SourceError


@dataclass(frozen=True, slots=True)
class Source:
    """A system and feed that delivers extracts.

    Args:
        name: how people call it: `crm.contacts`.
        arrives: folder the deliveries arrive in, relative to the workspace; or a list of files,
            a URL (`s3://bucket/crm/*.csv`), `-` for standard input, or any `Arrivals`, such as a
            database. See docs/landing.md.
        pattern: shell pattern of their file names, matched against names in that folder.
        reader: the format, from `cleanhold.readers`. May be left out where `arrives` says it.
        contract: the dataset it feeds; the source's name if not given.
        dated: regular expression with one group that finds the business date (YYYY-MM-DD or
            YYYYMMDD) in the file name; in an archive, in the member's name or the archive's.
            Deliveries are taken in the order of that date.
        members: shell pattern of the members of an archive that are extracts.
        compression: `detect`: compressed deliveries and archives are known by their first bytes
            and unpacked; `none`: every delivery is taken as it is.
        settled: how long a file must have stayed as it is before it is taken: `30s`, `5min`.
        done: name of the file that says a delivery is whole: `{name}.done`, `{stem}.ok` (the
            name without its last ending), or one for the whole folder, `_SUCCESS`.
        nulls: texts that mean "no value" in what it delivers, where the contract does not say;
            None takes the workspace's.
        control: function that gives the totals that an extract should come to; see docs/audits.md.
    """

    name: str
    arrives: str | Sequence[str] | Arrivals
    pattern: str = "*"
    reader: Reader | None = None
    contract: str = ""
    dated: str | None = None
    description: str = ""
    members: str = "*"
    compression: str = "detect"
    settled: str = ""
    done: str = ""
    nulls: Sequence[str] | None = None
    control: Control | None = None

    def __post_init__(self) -> None:
        if self.reader is None and not isinstance(self.arrives, Formatted):
            raise SourceError(
                "it does not say in which format its deliveries come",
                where=f"source {self.name}",
                next="give it a reader, such as reader=delimited()",
            )
        if self.compression not in ("detect", "none"):
            raise SourceError(
                f"`compression` is {self.compression!r}",
                where=f"source {self.name}",
                next="write 'detect', or 'none' if deliveries are never to be unpacked",
            )
        self._require_date_pattern()
        self._require_nulls()

    def _require_nulls(self) -> None:
        given = self.nulls
        if given is None:
            return
        if isinstance(given, str) or not all(isinstance(text, str) for text in given):
            raise SourceError(
                f"`nulls` must be a list of texts, not {given!r}",
                where=f"source {self.name}",
                next='write nulls=("", "NULL", "N/A")',
            )
        object.__setattr__(self, "nulls", tuple(dict.fromkeys(given)))

    def _require_date_pattern(self) -> None:
        if self.dated is None:
            return
        try:
            groups = re.compile(self.dated).groups
        except re.error as error:
            raise SourceError(
                f"`dated` is not a regular expression: {error}",
                where=f"source {self.name}",
                next="write it with one group, like r'_(\\d{4}-\\d{2}-\\d{2})'",
            ) from error
        if groups != 1:
            raise SourceError(
                f"`dated` has {groups} groups, and needs exactly one",
                where=f"source {self.name}",
                next="put brackets around the date only, like r'_(\\d{4}-\\d{2}-\\d{2})'",
            )

    @property
    def dataset(self) -> str:
        return self.contract or self.name

    def judged_by(self, contract: Contract) -> Contract:
        """The contract of its dataset, with the texts that mean "no value" in what it delivers."""
        return contract.within(None if self.nulls is None else tuple(self.nulls))

    def date_of(self, *file_names: str) -> date | None:
        """The business date in the first of some names that carries one.

        None if the source does not say where it is.

        Raises:
            SourceError: a name should carry a date and none does.
        """
        if self.dated is None:
            return None
        matches = (re.search(self.dated, name) for name in file_names)
        found = next((match for match in matches if match), None)
        try:
            return date.fromisoformat(found.group(1)) if found else _missing()
        except ValueError as error:
            raise SourceError(
                f"no business date in the file name {file_names[-1]!r}",
                where=f"source {self.name}, dated={self.dated!r}",
                next="rename the file, or change `dated`",
            ) from error


def _missing() -> date:
    raise ValueError("no match")
