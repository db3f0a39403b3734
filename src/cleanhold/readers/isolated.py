"""Native libraries at work in a process of their own, where damage can end them and nothing else.

A library in C or Rust that meets hostile bytes may abort, panic, loop, or ask for more memory than
there is. So the formats that leave no choice but such a library are read by a child process with
limits on memory and time, which sends back facts (JSON) and frames (Arrow) one after the other.
"""

from __future__ import annotations

import errno
import json
import os
import struct
import subprocess
import sys
from collections.abc import Callable, Generator, Iterator, Mapping
from contextlib import suppress
from importlib import import_module
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import IO, Any

import polars as pl

from cleanhold.errors import DeliveryError, UsageError

#: What a child may use: bytes of memory, and seconds of processor time (and more per mebibyte).
MEMORY, SECONDS, SECONDS_PER_MIB = 12 * 2**30, 300, 30

#: What a child sends, one piece after the other; a `CleanholdError` it raises arrives as such.
Piece = dict[str, Any] | pl.DataFrame

_HEAD = struct.Struct(">cQ")
_FACTS, _FRAME, _ERROR, _END = b"J", b"T", b"E", b"Z"
_ERRORS = {error.__name__: error for error in (DeliveryError, UsageError)}


def in_a_child(work: str, path: Path, options: Mapping[str, Any]) -> Generator[Piece, None, None]:
    """Run a generator function in a child process. Closing this generator ends the child.

    Args:
        work: `module:function`; the function takes a path and options, and yields pieces.
        path: of the extract.
        options: JSON values.

    Raises:
        DeliveryError: the library crashed, or used more memory or time than it may.
        CleanholdError: what the function raised.
    """
    seconds = SECONDS + SECONDS_PER_MIB * (path.stat().st_size >> 20)
    asked = {
        "work": work,
        "path": os.fsencode(path).hex(),
        "options": dict(options),
        "memory": MEMORY,
        "seconds": seconds,
    }
    folder = TemporaryDirectory(prefix="cleanhold-")  # the child's, which may not live to clean up
    with (
        folder,
        subprocess.Popen(
            [sys.executable, "-m", __name__],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={
                **os.environ,
                "PYTHONPATH": os.pathsep.join(filter(None, sys.path)),
                "TMPDIR": folder.name,
            },
        ) as child,
    ):
        assert child.stdin is not None
        assert child.stdout is not None
        try:
            # It may end before it reads; what it sends, or that it does not, says why.
            with suppress(OSError), child.stdin:
                child.stdin.write(json.dumps(asked).encode())
            while True:
                kind, data = _received(child.stdout)
                if kind == _END:
                    return
                if kind == _FACTS:
                    yield json.loads(data)
                elif kind == _FRAME:
                    yield pl.read_ipc_stream(data)
                elif kind == _ERROR:
                    told = json.loads(data)
                    if refused := told.get("refused"):
                        raise OSError(refused, os.strerror(refused), told["file"])
                    raise _ERRORS[told["kind"]](told["what"], where=path.name, next=told["next"])
                else:
                    raise _crashed(path, child.wait())
        finally:
            child.kill()


#: Errors of the system that say nothing of the file that is read.
_OF_THE_DISK = (errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EIO)


def _received(pipe: IO[bytes]) -> tuple[bytes, bytes]:
    head = pipe.read(_HEAD.size)
    if len(head) < _HEAD.size:
        return b"", b""
    kind, size = _HEAD.unpack(head)
    data = pipe.read(size)
    return (kind, data) if len(data) == size else (b"", b"")


def _crashed(path: Path, code: int) -> DeliveryError:
    why = f"it ended with signal {-code}" if code < 0 else f"it ended with {code}"
    return DeliveryError(
        f"the library that reads this format gave up on the file ({why}): it is damaged, or needs "
        f"more than {MEMORY >> 30} GiB of memory or too much time",
        where=path.name,
        next="ask the sender to deliver it again, in parts if it is very large",
    )


def library(name: str, extra: str) -> Any:
    """An optional library; to be called in the child.

    Raises:
        UsageError: it is not installed.
    """
    try:
        return import_module(name)
    except ImportError as error:
        raise UsageError(
            f"reading this format needs {name}, which is not installed",
            next=f"pip install 'cleanhold[{extra}]'",
        ) from error


def _limit(memory: int, seconds: int) -> None:
    try:
        import resource
    except ImportError:  # not on Windows
        return
    for what, most in ((resource.RLIMIT_AS, memory), (resource.RLIMIT_CPU, seconds)):
        _soft, hard = resource.getrlimit(what)
        if hard == resource.RLIM_INFINITY or hard > most:
            resource.setrlimit(what, (most, hard))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _main() -> None:
    """The child: read what is asked, and send the pieces."""
    with os.fdopen(os.dup(1), "wb") as out:
        os.dup2(2, 1)  # what a library prints is no piece

        def send(kind: bytes, data: bytes = b"") -> None:
            out.write(_HEAD.pack(kind, len(data)))
            out.write(data)
            out.flush()

        asked = json.loads(sys.stdin.buffer.read())
        path = Path(os.fsdecode(bytes.fromhex(asked["path"])))
        module, _, function = asked["work"].partition(":")
        work: Callable[[Path, dict[str, Any]], Iterator[Piece]]
        try:
            work = getattr(import_module(module), function)
            _limit(asked["memory"], asked["seconds"])
            for piece in work(path, asked["options"]):
                if isinstance(piece, dict):
                    send(_FACTS, json.dumps(piece).encode())
                else:
                    buffer = BytesIO()
                    piece.write_ipc_stream(buffer)
                    send(_FRAME, buffer.getvalue())
        except (DeliveryError, UsageError) as error:
            told = {"kind": type(error).__name__, "what": error.what, "next": error.next}
            send(_ERROR, json.dumps(told).encode())
        except BaseException as error:  # noqa: BLE001 - a panic of Rust is no `Exception`
            if isinstance(error, OSError) and error.errno in _OF_THE_DISK:
                refused = {"refused": error.errno, "file": str(error.filename)}
                send(_ERROR, json.dumps(refused).encode())
                return
            why = f"{type(error).__name__}: {error}"[:500]
            told = {
                "kind": "DeliveryError",
                "what": f"the library that reads this format failed on the file ({why})",
                "next": "the file is probably damaged; ask the sender to deliver it again",
            }
            send(_ERROR, json.dumps(told).encode())
        else:
            send(_END)


if __name__ == "__main__":
    _main()
