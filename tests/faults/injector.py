"""The injector, compiled once with the machine's own compiler, and the orders it takes."""

from __future__ import annotations

import ctypes
import errno
import hashlib
import mmap
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

SOURCE = Path(__file__).with_name("injector.c")

#: kind → (what the injector does, the error number, whether it does so for ever after).
KINDS = {
    "kill": (1, 0, 0),
    "torn write": (2, 0, 0),
    "no space once": (3, errno.ENOSPC, 0),
    "no space": (3, errno.ENOSPC, 1),
    "I/O error once": (3, errno.EIO, 0),
    "I/O error": (3, errno.EIO, 1),
    "read-only": (3, errno.EROFS, 1),
}

#: Calls that a full disk lets pass; the injector knows them too.
_NEED_NO_SPACE = {"unlink", "rmdir", "fsync", "chmod"}


def can_meet(kind: str, call: str) -> bool:
    """Whether a fault of this kind can befall a call of this kind first."""
    if kind == "torn write":
        return call == "write"
    return not (kind.startswith("no space") and call in _NEED_NO_SPACE)


def compiled() -> Path | None:
    """The injector as a library; None where there is no compiler, or it cannot be preloaded."""
    compiler = shutil.which("cc")
    if compiler is None:
        return None
    version = hashlib.sha256(SOURCE.read_bytes()).hexdigest()[:16]
    target = Path(tempfile.gettempdir()) / f"cleanhold-injector-{version}.so"
    if not target.exists():
        with tempfile.NamedTemporaryFile(dir=target.parent, suffix=".so", delete=False) as draft:
            command = [compiler, "-O1", "-shared", "-fPIC", "-o", draft.name, str(SOURCE), "-ldl"]
        if subprocess.run(command, capture_output=True, check=False).returncode:
            Path(draft.name).unlink(missing_ok=True)
            return None  # not Linux with the C library of GNU
        Path(draft.name).replace(target)
    return target


class _Order(ctypes.Structure):
    """`struct order` of injector.c."""

    _fields_ = (
        ("armed", ctypes.c_int32),
        ("kind", ctypes.c_int32),
        ("error", ctypes.c_int32),
        ("forever", ctypes.c_int32),
        ("at", ctypes.c_int64),
        ("count", ctypes.c_int64),
        ("fired", ctypes.c_int64),
        ("folder", ctypes.c_char * 1024),
        ("log", ctypes.c_char * 1024),
    )


@dataclass(frozen=True)
class Fault:
    """What is to happen to a program.

    Attributes:
        folder: below it calls are counted.
        kind: of `KINDS`; None only counts.
        at: at which call, 1 the first.
        log: file that gets a line `number, call, path` for each.
    """

    folder: Path
    kind: str | None = None
    at: int = 0
    log: Path | None = None


class Orders:
    """The file by which the injector is told what to do, and tells what it counted.

    It must be there before the program starts that is to be disturbed.
    """

    @staticmethod
    def new(path: Path) -> Path:
        path.write_bytes(bytes(ctypes.sizeof(_Order)))
        return path

    def __init__(self, path: Path) -> None:
        with path.open("r+b") as file:
            self._order = _Order.from_buffer(mmap.mmap(file.fileno(), 0))

    def arm(self, fault: Fault) -> None:
        order = self._order
        order.kind, order.error, order.forever = KINDS[fault.kind] if fault.kind else (0, 0, 0)
        order.at, order.count, order.fired = fault.at, 0, 0
        order.folder = str(fault.folder.resolve()).encode()
        order.log = str(fault.log).encode() if fault.log else b""
        order.armed = 1

    def disarm(self) -> tuple[int, int]:
        """How many calls were counted since, and how many met the fault."""
        self._order.armed = 0
        return self._order.count, self._order.fired
