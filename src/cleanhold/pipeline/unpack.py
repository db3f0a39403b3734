"""unpack: a file of any kind as the plain file that is in it, for commands without a workspace."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, cast

from cleanhold.core.limits import Terms
from cleanhold.core.reading import Progress
from cleanhold.deliveries.standard_input import StandardInput
from cleanhold.errors import DeliveryError, UsageError
from cleanhold.store.taking import Taken
from cleanhold.store.unpacking import Content, look_into

#: What stands for standard input.
STANDARD_INPUT = Path("-")


@dataclass(frozen=True, slots=True)
class Plain:
    """A file to read.

    Attributes:
        path: where it lies now.
        name: what it is called, for people and to guess its format.
        notes: how it was unpacked.
    """

    path: Path
    name: str
    notes: tuple[str, ...] = ()


@contextmanager
def plain_file(file: Path, terms: Terms, progress: Progress | None = None) -> Iterator[Plain]:
    """The file itself, or what it was compressed from, in a scratch folder for as long as needed.

    Args:
        file: `-` is standard input.
        terms: limits, and which member of an archive.
        progress: called with the number of bytes taken from the file.

    Raises:
        UsageError: there is no such file, nothing comes, or an archive has several members.
        DeliveryError: it cannot be unpacked, or is beyond a limit.
    """
    advance = progress or (lambda _: None)
    with tempfile.TemporaryDirectory(prefix="cleanhold-") as scratch:
        folder = Path(scratch)
        name = file.name
        if file == STANDARD_INPUT:
            file, name = _from_standard_input(folder, terms, advance), "standard input"
        elif not file.is_file():
            raise UsageError(f"there is no file {file}", next="check the path")
        with file.open("rb", buffering=0) as opened:
            size = opened.seek(0, 2)
            try:
                contents = look_into(cast(BinaryIO, _Watched(opened, advance)), name, size, terms)
                content = _only_one(contents.found, name) if contents.found is not None else None
                if content is not None:
                    methods, inner = _unpack(content, folder)
            except DeliveryError as error:
                raise DeliveryError(error.what, where=str(file), next=error.next) from error
        if content is None:
            yield Plain(file, name)
            return
        how = ", ".join(filter(None, (contents.method, *methods)))
        yield Plain(inner, content.name, (f"unpacked from {name} ({how})",))


def _unpack(content: Content, folder: Path) -> tuple[list[str], Path]:
    methods: list[str] = []
    path = folder / "content"
    with path.open("xb") as copy:
        for block in content.blocks(methods.append):
            copy.write(block)
    return methods, path


def _only_one(found: tuple[Content, ...], name: str) -> Content:
    if len(found) == 1:
        return found[0]
    names = ", ".join(content.member for content in found[:10])
    raise UsageError(
        f"{name} has {len(found)} files: {names}",
        next="say which with --member NAME (a shell pattern)",
    )


def _from_standard_input(folder: Path, terms: Terms, advance: Progress) -> Path:
    (delivery, *_) = [*StandardInput().waiting(folder, lambda: iter(())), None]
    if delivery is None:
        raise UsageError(
            "nothing comes from standard input", next="pipe a file into it: … - < FILE"
        )
    path = folder / "standard input"
    with path.open("xb") as copy:
        delivery.fetch(cast(BinaryIO, Taken(copy, terms.limits.delivery)), advance)
    return path


class _Watched:
    """A file that tells how far it was read."""

    def __init__(self, file: BinaryIO, advance: Progress) -> None:
        self._file = file
        self._advance = advance
        self._furthest = 0
        self.seek, self.tell = file.seek, file.tell

    def read(self, size: int = -1, /) -> bytes:
        """Bytes from where it stands."""
        data = self._file.read(size)
        at = self._file.tell()
        if at > self._furthest:
            self._advance(at - self._furthest)
            self._furthest = at
        return data

    def seekable(self) -> bool:
        """It is."""
        return True
