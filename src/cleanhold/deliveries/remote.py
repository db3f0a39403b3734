"""Deliveries at any URL that fsspec knows: s3, gcs, abfs, sftp, memory and the rest.

Credentials come from the environment or from fsspec's own configuration
(https://filesystem-spec.readthedocs.io, "Configuration"); they are never taken from the URL.
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any, BinaryIO
from urllib.parse import urlsplit

from cleanhold.core.arrival import Delivery, Receipts
from cleanhold.core.reading import Progress
from cleanhold.deliveries.finished import Finished, finished_names
from cleanhold.deliveries.local import BLOCK, shown
from cleanhold.errors import CleanholdError, DeliveryError, DeliveryUnavailable, SourceError

_WILD = re.compile(r"[*?\[]")

#: In these the part before `@` is a container, and no user.
_CONTAINERS = ("abfs", "abfss", "az", "adl", "wasb", "wasbs")

#: What stores call a text that changes with the bytes, and the time of the last change.
_TAGS = ("ETag", "etag", "md5Hash", "generation", "version_id", "content_md5", "checksum")
_TIMES = ("mtime", "LastModified", "last_modified", "updated", "modified", "created")


@dataclass(frozen=True, slots=True)
class Remote:
    """Files at a URL: one, a folder's, or those of a folder whose names match a pattern.

    Attributes:
        url: `s3://bucket/crm/*.csv`; the pattern may only be in the last part.
        finished: when they may be taken.
    """

    url: str
    finished: Finished = field(default_factory=Finished)

    def waiting(self, root: Path, receipts: Receipts) -> Iterator[Delivery]:
        """See `Arrivals.waiting`; by name."""
        fs, path = _opened(self.url)
        with self._asking():
            fs.invalidate_cache()
            folder, pattern = _split(fs, path)
            listed = {_base(entry["name"]): entry for entry in fs.ls(folder, detail=True)}
        for name in finished_names(
            [name for name, entry in listed.items() if entry.get("type") != "directory"],
            self.finished,
        ):
            matches = name == pattern or fnmatchcase(name, pattern)
            if matches and self._has_settled(fs, listed[name]):
                yield self._delivery(fs, name, listed[name])

    def describe(self) -> str:
        """See `Arrivals.describe`."""
        return without_secrets(self.url)

    def _delivery(self, fs: Any, name: str, entry: Mapping[str, Any]) -> Delivery:
        changed = _changed(fs, entry)
        where = f"{_parent(without_secrets(self.url), name)}/{shown(name)}"
        return Delivery(
            name=shown(name),
            where=where,
            fetch=lambda copy, progress: self._fetch(fs, entry, where, copy, progress),
            arrived_at=changed,
            size=entry.get("size"),
            stamp=_stamp(fs, entry),
        )

    def _fetch(
        self, fs: Any, entry: Mapping[str, Any], where: str, copy: BinaryIO, progress: Progress
    ) -> Mapping[str, Any]:
        if entry.get("type", "file") != "file" or entry.get("islink"):
            raise DeliveryError(
                "the delivery is not a regular file", where=where, next="deliver a plain file"
            )
        size = 0
        with self._asking(where):
            handle = fs.open(entry["name"], "rb")
        with handle:
            while True:
                with self._asking(where):
                    block = handle.read(BLOCK)
                if not block:
                    break
                copy.write(block)
                size += len(block)
                progress(len(block))
        with self._asking(where):
            fs.invalidate_cache()
            after = fs.info(entry["name"])
        sizes = {size, entry.get("size", size), after.get("size", size)} - {None}
        if len(sizes) > 1 or _stamp(fs, after) != _stamp(fs, entry):
            raise DeliveryUnavailable(
                "the delivery changed while it was being copied",
                where=where,
                next="let the source finish writing under another name and then rename the file",
            )
        return {}

    def _has_settled(self, fs: Any, entry: Mapping[str, Any]) -> bool:
        if not self.finished.settled:
            return True
        changed = _changed(fs, entry)
        if changed is None:
            raise SourceError(
                "this store does not say when a file changed, so that `settled` means nothing",
                where=self.describe(),
                next="use done='{name}.done' instead",
            )
        return self.finished.is_old_enough(changed.timestamp(), time.time())

    @contextmanager
    def _asking(self, where: str | None = None) -> Iterator[None]:
        """Translate what stores raise; each has errors of its own."""
        try:
            yield
        except CleanholdError:
            raise
        except FileNotFoundError as error:
            raise DeliveryError(
                "there is nothing at this address",
                where=where or self.describe(),
                next="correct `arrives`, or make the folder",
            ) from error
        except Exception as error:  # noqa: BLE001 - vendors' errors have no common ancestor
            raise DeliveryUnavailable(
                f"the store refuses: {type(error).__name__}: {_hushed(str(error), self.url)}",
                where=where or self.describe(),
                next="check the address, the network, and the credentials in the environment",
            ) from None  # the cause may show the address with what is secret in it


def without_secrets(url: str) -> str:
    """A URL without user, password, query and fragment."""
    parts = urlsplit(url)
    host = parts.netloc
    if "@" in host and (parts.scheme not in _CONTAINERS or ":" in host.rpartition("@")[0]):
        host = host.rpartition("@")[2]
    return f"{parts.scheme}://{host}{parts.path}"


def _hushed(text: str, url: str) -> str:
    parts = urlsplit(url)
    for secret in (url, parts.query, parts.netloc.rpartition("@")[0], parts.password):
        if secret and secret not in parts.path:
            text = text.replace(secret, without_secrets(url) if secret == url else "…")
    return " ".join(text.split())[:500]


def _opened(url: str) -> tuple[Any, str]:
    """The file system of a URL, and the path in it."""
    from fsspec.core import url_to_fs

    where = without_secrets(url)
    if urlsplit(url).password:
        raise SourceError(
            "the address of its deliveries holds a password",
            where=where,
            next="leave it out, and give it in the environment or in fsspec's configuration",
        )
    try:
        fs, path = url_to_fs(url)
    except (ImportError, ValueError) as error:
        raise SourceError(
            f"this address cannot be used: {_hushed(str(error), url)}",
            where=where,
            next="install the package of that store (s3fs, gcsfs, adlfs, paramiko, …), or correct "
            "the address",
        ) from None
    except Exception as error:  # noqa: BLE001 - some stores connect at once
        raise DeliveryUnavailable(
            f"the store cannot be reached: {type(error).__name__}: {_hushed(str(error), url)}",
            where=where,
            next="check the address, the network, and the credentials in the environment",
        ) from None
    return fs, str(path)


def _split(fs: Any, path: str) -> tuple[str, str]:
    """The folder that is listed, and the pattern of names in it."""
    folder, _, last = path.rstrip("/").rpartition("/")
    if _WILD.search(folder):
        raise SourceError(
            "a pattern may only be in the last part of an address",
            where=folder,
            next="write one source for each folder",
        )
    if not _WILD.search(last) and fs.isdir(path):
        return path, "*"
    return folder or fs.root_marker or "/", last


def _base(name: str) -> str:
    return name.rstrip("/").rpartition("/")[2]


def _parent(url: str, name: str) -> str:
    """The folder part of a URL that names a file, a pattern, or the folder itself."""
    base = url.rstrip("/")
    last = base.rpartition("/")[2]
    return base.rpartition("/")[0] if _WILD.search(last) or last == name else base


def _changed(fs: Any, entry: Mapping[str, Any]) -> datetime | None:
    found = next((entry[key] for key in _TIMES if entry.get(key) is not None), None)
    if isinstance(found, int | float):
        return datetime.fromtimestamp(found, UTC)
    if isinstance(found, str):
        try:
            found = datetime.fromisoformat(found)
        except ValueError:
            return None
    if isinstance(found, datetime):
        return found if found.tzinfo else found.replace(tzinfo=UTC)
    return None


def _stamp(fs: Any, entry: Mapping[str, Any]) -> str:
    """As `Delivery.stamp`: a tag of the bytes if the store has one, else time and size."""
    tags = [f"{key}={entry[key]}" for key in _TAGS if entry.get(key)]
    changed = _changed(fs, entry)
    if not tags and changed is None:
        return ""
    return " ".join([*tags, f"{entry.get('size')}", changed.isoformat() if changed else ""])
