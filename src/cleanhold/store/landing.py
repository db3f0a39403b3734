"""Landing: a delivery becomes extracts, its bytes copied once and never changed."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, BinaryIO, cast

from cleanhold.core.arrival import Delivery
from cleanhold.core.extract import Extract
from cleanhold.core.limits import Terms
from cleanhold.errors import DeliveryError
from cleanhold.store.crashpoints import crash_point
from cleanhold.store.files import atomic_write, file_lock, fsync_folder, make_folder, temporary
from cleanhold.store.kept import gone_since
from cleanhold.store.layout import StateFolder
from cleanhold.store.ledger import Ledger
from cleanhold.store.receipts import Seen
from cleanhold.store.taking import Taken, too_large
from cleanhold.store.unpacking import Content, look_into

#: Seconds to wait while bytes that have expired are removed.
PATIENCE = 60.0

#: Names that may carry a business date, the most particular first → the date.
DateOf = Callable[[tuple[str, ...]], date | None]


def land(
    delivery: Delivery,
    state: StateFolder,
    ledger: Ledger,
    *,
    source: str,
    dated: DateOf = lambda names: None,
    terms: Terms | None = None,
    progress: Callable[[int], None] | None = None,
) -> list[Extract]:
    """Copy a delivery into the state, unpack it into `extracts/`, and keep the receipts.

    The delivery stays where it is. A compressed one is kept as it came in `deliveries/` too. The
    same bytes from the same source again are the same extract (see `Ledger.record_landing`). What
    is known not to have changed since it was last seen is not copied again.

    A delivery that cannot be landed is put into `aside/`, with the reason beside it and in the
    ledger; it is tried again when its bytes or the terms change.

    Args:
        source: name of the source that delivered it.
        dated: gives the business date of an extract, by its name.
        terms: how the delivery is to be taken.
        progress: called with the number of bytes copied since the last call.

    Raises:
        DeliveryError: it cannot be had whole, cannot be unpacked, or is beyond a limit.
        SourceError: a name lacks its date.
    """
    make_folder(state.landing_lock.parent)
    # Meanwhile no bytes go that this finds there.
    with file_lock(state.landing_lock, shared=True, timeout=PATIENCE):
        landing = _Landing(state, ledger, source, delivery, terms or Terms())
        return _land(landing, dated, progress or (lambda _: None))


def _land(landing: _Landing, dated: DateOf, progress: Callable[[int], None]) -> list[Extract]:
    state, ledger = landing.state, landing.ledger
    known = ledger.seen(landing.source, landing.delivery.where)
    if known is not None and (extracts := landing.as_before(known)) is not None:
        return extracts
    make_folder(state.extracts)
    with temporary(state.extracts / "delivery") as (draft, copy):
        told, taken = landing.fetch(copy, progress)
        if known is not None and (error := landing.same_problem(known, taken.sha256)):
            raise error
        try:
            landed = landing.extracts(draft, taken, told, dated)
        except DeliveryError as error:
            raise landing.put_aside(error, (draft, taken)) from error
    stamped = landing.seen(taken, [extract.sha256 for extract, _ in landed])
    found = ledger.record_landing(stamped, landed)
    if known is not None and known.problem:
        _settle(state, known)
    return found


@dataclass(frozen=True, slots=True)
class _Landing:
    """One delivery on its way."""

    state: StateFolder
    ledger: Ledger
    source: str
    delivery: Delivery
    terms: Terms

    def as_before(self, known: Seen) -> list[Extract] | None:
        """What the delivery came to when it was last seen, if nothing has changed since.

        Raises:
            DeliveryError: it could not be landed then.
        """
        if not known.stamp or (known.stamp, known.terms) != (
            self.delivery.stamp,
            self.terms.as_dict(),
        ):
            return None
        if error := known.error():
            if known.sha256 is None or self.state.aside_file(known.sha256).exists():
                raise error
            return None
        found = [self.ledger.extract(sha256, self.source) for sha256 in known.extracts]
        kept = [e for e in found if e and (_holds(e.path, e.size) or self._has_expired(e))]
        return kept if len(kept) == len(known.extracts) else None

    def _has_expired(self, extract: Extract) -> bool:
        return gone_since(extract, self.ledger.retention.expired_extracts()) is not None

    def same_problem(self, known: Seen, sha256: str) -> DeliveryError | None:
        """The problem that the same bytes had before, if it stands."""
        if (known.sha256, known.terms) != (sha256, self.terms.as_dict()):
            return None
        return known.error() if self.state.aside_file(sha256).exists() else None

    def fetch(
        self, copy: BinaryIO, progress: Callable[[int], None]
    ) -> tuple[Mapping[str, Any], Taken]:
        """Take the bytes."""
        most = self.terms.limits.delivery
        taken = Taken(copy, most)
        try:
            if self.delivery.size is not None and self.delivery.size > most:
                raise too_large(most)
            told = self.delivery.fetch(cast(BinaryIO, taken), progress)
        except DeliveryError as error:
            raise self.put_aside(error, None) from error
        copy.flush()
        return told, taken

    def extracts(
        self, draft: Path, taken: Taken, told: Mapping[str, Any], dated: DateOf
    ) -> list[tuple[Extract, Mapping[str, Any]]]:
        """Promote what is in the delivery; gives each extract with the details of its receipt."""
        arrived = self.delivery.arrived_at
        details = {
            "where": self.delivery.where,
            **({"arrived_at": arrived.isoformat()} if arrived else {}),
            **self.delivery.details,
            **told,
        }
        with draft.open("rb") as file:
            contents = look_into(file, self.delivery.name, taken.size, self.terms)
            if contents.found is None:
                extract = self._extract(self.delivery.name, taken, dated((self.delivery.name,)))
                _promote(draft, extract.path, taken.size, "extract")
                return [(extract, details)]
            details["delivery"] = {"sha256": taken.sha256, "size": taken.size}
            if contents.left:
                details["left"] = list(contents.left)
            outer = [contents.method] if contents.method else []
            landed: list[tuple[Extract, Mapping[str, Any]]] = []
            for content in contents.found:
                extract, methods = self._unpack(content, dated)
                member = {"member": content.member} if content.member else {}
                landed.append((extract, {**details, "unpacked": [*outer, *methods], **member}))
        _promote(draft, self.state.delivery(taken.sha256), taken.size, "delivery")
        return landed

    def _unpack(self, content: Content, dated: DateOf) -> tuple[Extract, list[str]]:
        methods: list[str] = []
        with temporary(self.state.extracts / "content") as (draft, copy):
            unpacked = Taken(copy)
            for block in content.blocks(methods.append):
                unpacked.write(block)
            copy.flush()
            name = self.delivery.name
            names: tuple[str, ...] = (name,)
            if content.member:
                name, names = f"{name}/{content.member}", (content.member, *names)
            extract = self._extract(name, unpacked, dated(names))
            _promote(draft, extract.path, unpacked.size, "extract")
        return extract, methods

    def _extract(self, name: str, taken: Taken, dated: date | None) -> Extract:
        path = self.state.extract(taken.sha256)
        return Extract(taken.sha256, name, path, taken.size, self.source, self.ledger.now(), dated)

    def put_aside(
        self, error: DeliveryError, bytes_had: tuple[Path, Taken] | None
    ) -> DeliveryError:
        """Keep the delivery and the reason; gives the error with its place."""
        where = error.where or self.delivery.where
        problem = {"what": error.what, "where": where, "next": error.next}
        taken = bytes_had[1] if bytes_had else None
        seen = self.seen(taken, (), problem)
        file = self.state.aside_file(aside_id(seen.source, seen.place, seen.sha256))
        make_folder(file.parent)
        if bytes_had:
            _promote(bytes_had[0], file, bytes_had[1].size, "aside")
        told = {
            "source": self.source,
            "name": self.delivery.name,
            "where": self.delivery.where,
            "sha256": seen.sha256,
            "size": seen.size,
            "seen_at": seen.seen_at.isoformat(),
            **{key: problem[key] for key in ("what", "next")},
        }
        reason = file.with_name(f"{file.name}.json")
        atomic_write(reason, json.dumps(told, indent=2).encode() + b"\n")
        self.ledger.record_aside(seen)
        return type(error)(error.what, where=where, next=error.next)

    def seen(
        self,
        taken: Taken | None,
        extracts: Any = (),
        problem: Mapping[str, str | None] | None = None,
    ) -> Seen:
        """What to remember of this place."""
        return Seen(
            source=self.source,
            place=self.delivery.where,
            name=self.delivery.name,
            # What could not even be fetched may be mended without a change of its bytes.
            stamp=self.delivery.stamp if taken else "",
            terms=self.terms.as_dict(),
            sha256=taken.sha256 if taken else None,
            size=taken.size if taken else self.delivery.size,
            seen_at=self.ledger.now(),
            extracts=tuple(extracts),
            problem=problem,
        )


def aside_id(source: str, place: str, sha256: str | None) -> str:
    """How the files of a delivery that was put aside are called: by its bytes, or its place."""
    named = f"{source}\0{place}".encode(errors="surrogatepass")
    return sha256 or hashlib.sha256(named).hexdigest()


def is_aside(state: StateFolder, seen: Seen) -> bool:
    """Whether the reason why a delivery could not be landed still lies in `aside/`."""
    file = state.aside_file(aside_id(seen.source, seen.place, seen.sha256))
    return file.with_name(f"{file.name}.json").is_file()


def _settle(state: StateFolder, seen: Seen) -> None:
    """Remove from `aside/` what has been landed since."""
    file = state.aside_file(aside_id(seen.source, seen.place, seen.sha256))
    file.with_name(f"{file.name}.json").unlink(missing_ok=True)
    file.unlink(missing_ok=True)


def _promote(draft: Path, target: Path, size: int, what: str) -> None:
    """Move whole bytes to the name that they have from their hash, durably."""
    if _holds(target, size):
        return
    descriptor = os.open(draft, os.O_RDONLY)
    try:
        os.fchmod(descriptor, 0o444)
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
    crash_point(f"{what}-copied")
    make_folder(target.parent)
    draft.replace(target)
    fsync_folder(target.parent)
    crash_point(f"{what}-renamed")


def _holds(target: Path, size: int) -> bool:
    """Whether the bytes are there already; a copy of the wrong length is damaged and replaced."""
    try:
        return target.stat().st_size == size
    except FileNotFoundError:
        return False
