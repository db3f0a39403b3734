"""What is in a delivery: itself, what it was compressed from, or the members of an archive."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from itertools import chain
from pathlib import PurePosixPath
from typing import Any, BinaryIO

from cleanhold.core.limits import Terms
from cleanhold.errors import DeliveryError
from cleanhold.store import archive
from cleanhold.store.compression import CODECS, HEAD, PIECE, Meter, codec_of, unpacked

#: How often over a stream may be compressed.
MOST_LAYERS = 4


@dataclass(frozen=True, slots=True)
class Content:
    """One extract in a delivery.

    Attributes:
        name: what people may call it: the delivery's name without the endings of compression, or
            the member's.
        blocks: unpacks it, from the start each time; raises `DeliveryError` where that fails.
        member: its name in the archive; empty if it is in none.
    """

    name: str
    blocks: Callable[[Callable[[str], None]], Iterator[bytes]]
    member: str = ""


@dataclass(frozen=True, slots=True)
class Contents:
    """All that is in a delivery.

    Attributes:
        found: the extracts; None if the delivery is one as it is.
        method: `zip`, or empty.
        left: members of an archive that are none of them.
    """

    found: tuple[Content, ...] | None
    method: str = ""
    left: tuple[str, ...] = field(default=())


def look_into(file: BinaryIO, name: str, size: int, terms: Terms) -> Contents:
    """Find out what a delivery is, by its bytes.

    Archives in archives are not opened; neither are workbooks, which are ZIP files as well.

    Args:
        file: the delivered bytes, seekable.
        name: of the delivery.
        size: bytes.

    Raises:
        DeliveryError: it is an archive that cannot be taken, or its name promises compression
            that its bytes do not have.
    """
    if terms.compression == "none":
        return Contents(None)
    file.seek(0)
    head = file.read(HEAD)
    if head[:4] in archive.BEGINS:
        return _in_archive(file, name, size, terms)
    if codec_of(head) is None:
        _require_honest(name)
        return Contents(None)
    meter = Meter(terms.limits, size)
    blocks = partial(_peeled, partial(_read, file), meter)
    return Contents((Content(inner_name(name), blocks),))


def _in_archive(file: BinaryIO, name: str, size: int, terms: Terms) -> Contents:
    if archive.is_document(file):
        return Contents(None)
    found = archive.members(file, terms.members, terms.limits)
    taken = [member for member in found if member.taken]
    if not taken:
        names = ", ".join(repr(member.name) for member in found[:10]) or "nothing"
        raise DeliveryError(
            f"no member of the archive is called {terms.members!r}; there is {names}",
            next="say members='*.csv' or the like in its source",
        )
    if len(taken) > 1:
        # Before any of it is kept, all of it is known to be whole and not too much.
        meter = Meter(terms.limits, size)
        for member in taken:
            for _ in _peeled(partial(archive.content, file, member), meter, _ignored, outer=True):
                pass
    meter = Meter(terms.limits, size)
    return Contents(
        tuple(
            Content(
                inner_name(PurePosixPath(member.name).name),
                partial(_peeled, partial(archive.content, file, member), meter, outer=True),
                member.name,
            )
            for member in taken
        ),
        "zip",
        tuple(member.name for member in found if not member.taken),
    )


def inner_name(name: str) -> str:
    """A name without its endings of compression."""
    base, dot, ending = name.rpartition(".")
    endings = {suffix for codec in CODECS for suffix in codec.suffixes}
    return inner_name(base) if base and dot + ending.lower() in endings else name


def _peeled(
    source: Callable[[], Iterator[bytes]],
    meter: Meter,
    told: Callable[[str], None],
    *,
    outer: bool = False,
) -> Iterator[bytes]:
    """The blocks of a source with every layer of compression taken off.

    Args:
        told: called with the name of each layer.
        outer: the source itself is unpacked from something, and counts.
    """
    blocks = _counted(source(), meter) if outer else source()
    for _ in range(MOST_LAYERS):
        head, blocks = _peeked(blocks)
        codec = codec_of(head)
        if codec is None:
            return (yield from blocks)
        told(codec.method(head))
        blocks = unpacked(blocks, codec, meter)
    head, blocks = _peeked(blocks)
    if codec_of(head) is not None:
        raise DeliveryError(
            f"the delivery is compressed more than {MOST_LAYERS} times over",
            next="ask the source to compress it once",
        )
    yield from blocks
    return None


def _peeked(blocks: Iterator[bytes]) -> tuple[bytes, Iterator[bytes]]:
    """The first bytes, and all the blocks."""
    seen: list[bytes] = []
    while sum(map(len, seen)) < HEAD and (block := next(blocks, b"")):
        seen.append(block)
    return b"".join(seen)[:HEAD], chain(seen, blocks)


def _counted(blocks: Iterator[bytes], meter: Meter) -> Iterator[bytes]:
    for block in blocks:
        meter.count(len(block))
        yield block


def _read(file: BinaryIO) -> Iterator[bytes]:
    file.seek(0)
    while block := file.read(PIECE):
        yield block


def _require_honest(name: str) -> None:
    """A name that promises compression, over bytes that have none: something is damaged."""
    ending = PurePosixPath(name.lower()).suffix
    promised = [c.name for c in CODECS if ending in c.suffixes] + ["zip"] * (ending == ".zip")
    if promised:
        raise DeliveryError(
            f"the delivery is named {ending}, but its bytes do not begin as {promised[0]} does",
            next="have it delivered again; if it was unpacked on its way, say compression='none' "
            "in its source",
        )


def _ignored(_: Any) -> None:
    """Who asks only whether it can be unpacked."""
