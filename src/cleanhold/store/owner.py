"""Who holds a claim, and whether that process is certainly gone."""

from __future__ import annotations

import os
import socket
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any


def _read(path: str) -> str:
    try:
        return Path(path).read_text()
    except OSError:
        return ""


def _pid_space() -> str:
    try:
        return str(Path("/proc/self/ns/pid").readlink())
    except OSError:
        return ""


def _started(pid: int) -> str | None:
    """When a process started, in ticks since boot; None if it is gone, "" if unknown."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return None
    except PermissionError:
        pass
    # The command name may hold spaces and brackets; the fields follow the last bracket.
    fields = _read(f"/proc/{pid}/stat").rpartition(")")[2].split()
    if not fields:
        return ""
    # A zombie answers signals but will never work again.
    return None if fields[0] in "ZX" else fields[19]


@dataclass(frozen=True, slots=True)
class Owner:
    """A process, told apart from a later one with the same number.

    Attributes:
        host: host name.
        boot: the kernel's boot id ("" where there is none).
        space: the process-number namespace: containers number their processes apart.
        pid: process number.
        started: start time in ticks since boot ("" where unknown).
        machine: the machine's id ("" where it has none, as in most containers).
    """

    host: str
    boot: str
    space: str
    pid: int
    started: str
    machine: str = ""

    @classmethod
    def current(cls) -> Owner:
        """This process."""
        return cls(
            host=socket.gethostname(),
            boot=_read("/proc/sys/kernel/random/boot_id").strip(),
            space=_pid_space(),
            pid=os.getpid(),
            started=_started(os.getpid()) or "",
            machine=_read("/etc/machine-id").strip(),
        )

    @classmethod
    def from_dict(cls, value: Mapping[str, Any]) -> Owner:
        return cls(**value)

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)

    def is_gone(self) -> bool:
        """True only when that is certain from here; a process elsewhere may always live."""
        here = Owner.current()
        if self.host != here.host:
            return False
        if self.boot != here.boot:
            # Two machines may go by one name; only of the same one is this a restart.
            return bool(self.machine) and self.machine == here.machine
        if self.space != here.space:
            return False
        started = _started(self.pid)
        return started is None or (bool(started) and bool(self.started) and started != self.started)

    def __str__(self) -> str:
        return f"process {self.pid} on {self.host}"
