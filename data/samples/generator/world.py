"""The insurer's customers, as they really are: what both systems write down, each its way."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

from generator.rows import DAY_1, DAY_2, seeded

_FIRST = (
    "Ana Anna André Beatriz Bruno Carla Clara Daniel David Elena Emma Eva Filipe François Günter "
    "Helena Hugo Ida Inês Jan João José Julia Jürgen Karin Lara Laura Leo Luca Lucy Maria Marta "
    "Max Mia Miguel Nina Nora Olga Oliver Oscar Paul Pedro Renée Rita Rosa Sara Simon Sofia "
    "Tiago Tom Vera Victor Zoë"
)
_LAST = (
    "Adams Alves Andersen Araújo Bauer Becker Böhm Brontë Brown Carvalho Clark Costa Dubois "
    "Evans Fischer Fontaine Garnier Gonçalves González Hansen Hughes Jensen Keller Lambert "
    "Lefèvre Lindström Lopes Martin Meyer Miller Moreau Müller Muñoz Nowak Nunes O'Brien Olsen "
    "Petit Ribeiro Roberts Santos Schmidt Silva Smith Sousa Taylor Teixeira Vega Wagner Walker "
    "Weber Wood"
)
FIRST_NAMES, LAST_NAMES = tuple(_FIRST.split()), tuple(_LAST.split())
COUNTRIES = ("BE", "BR", "DE", "ES", "FR", "GB", "IE", "NL", "PT", "US")

#: People in the CRM on the first day, and those who join on the second.
FIRST_DAY, JOINING = 900, 170


@dataclass(frozen=True)
class Person:
    """A customer. `holder` is the number the legacy system knows them by, or ""."""

    number: int
    first: str
    last: str
    born: date
    country: str
    joined: date
    holder: str

    @property
    def contact_id(self) -> str:
        return f"C-{self.number:06d}"

    @property
    def address(self) -> str:
        """The part of an e-mail address before the @, in ASCII."""
        name = f"{self.first}.{self.last}{self.number}".replace("'", "")
        return unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()


def day_between(rng: Random, first: date, last: date) -> date:
    """A day from `first` to `last`, both possible."""
    return first + timedelta(days=rng.randrange((last - first).days + 1))


def everyone() -> list[Person]:
    """All customers, in the order of their CRM numbers; the joining ones come last."""
    rng = seeded("people")
    return [_person(rng, number) for number in range(1, FIRST_DAY + JOINING + 1)]


def _person(rng: Random, number: int) -> Person:
    new = number > FIRST_DAY
    return Person(
        number=number,
        first=rng.choice(FIRST_NAMES),
        last=rng.choice(LAST_NAMES),
        born=day_between(rng, date(1938, 1, 1), date(2004, 12, 31)),
        country=rng.choice(COUNTRIES),
        joined=DAY_2 if new else day_between(rng, date(2012, 1, 1), DAY_1 - timedelta(days=1)),
        holder=f"H{4_000_000 + 7 * number:07d}" if rng.random() < 0.75 else "",
    )
