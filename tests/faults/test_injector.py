"""The injector sees every call that changes something below its folder: strace is the witness."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from .injector import Fault, Orders, compiled
from .scenarios import SCENARIOS

#: System calls that change a disk, by what the injector calls them.
CALLS = {
    "write": "write pwrite64 writev pwritev pwritev2 copy_file_range sendfile splice",
    "fsync": "fsync fdatasync sync_file_range syncfs",
    "truncate": "truncate ftruncate",
    "allocate": "fallocate",
    "rename": "rename renameat renameat2",
    "link": "link linkat symlink symlinkat",
    "unlink": "unlink unlinkat",
    "rmdir": "rmdir",
    "mkdir": "mkdir mkdirat",
    "chmod": "chmod fchmod fchmodat",
}
NAMES = {name: what for what, names in CALLS.items() for name in names.split()}

#: Ways around all of those; nothing here uses them.
OTHERS = ("io_uring_setup", "io_submit", "creat", "openat2")

LINE = re.compile(r"^\d+\s+(\w+)\((.*)\)\s+= (-?\d+)")


def seen_by_strace(trace: Path, root: Path) -> Counter[str]:
    """Calls below the folder, by kind. Some do not say that they made a file; those are opens."""
    found: Counter[str] = Counter()
    for line in trace.read_text(errors="replace").splitlines():
        call = LINE.match(line)
        if call is None or str(root) not in call[2] or "-shm" in call[2]:
            continue
        if call[1].startswith("symlink") and str(root) not in call[2].rpartition(", ")[2]:
            continue  # it is elsewhere, and points here
        if call[1] in NAMES:
            found[NAMES[call[1]]] += 1
        elif call[1] in OTHERS:
            found[call[1]] += 1
        elif "MAP_SHARED" in call[2] and "PROT_WRITE" in call[2]:
            found["mmap"] += 1
    return found


@pytest.mark.slow
@pytest.mark.parametrize("name", ["run", "import"])
def test_no_call_escapes(name: str, small: Any, tmp_path: Path) -> None:
    library, strace = compiled(), shutil.which("strace")
    if library is None or strace is None:
        pytest.skip("needs a C compiler called cc, and strace")
    SCENARIOS[name].ready(small, None)  # type: ignore[arg-type]
    root = small.root.resolve()
    order, log, trace = tmp_path / "order", tmp_path / "calls", tmp_path / "trace"
    Orders(Orders.new(order)).arm(Fault(root, log=log))
    names = ",".join((*NAMES, *OTHERS, "mmap"))
    arguments = [str(root / a) if a.endswith(".xlsx") else a for a in SCENARIOS[name].arguments]
    told = [f"-ELD_PRELOAD={library}", f"-EFAULT_ORDER={order}", "-EPYTHONDONTWRITEBYTECODE=1"]
    command = [strace, "-f", "-y", "-qq", "-s0", "-z", f"-etrace={names}", f"-o{trace}", *told]
    program = [sys.executable, "-m", "cleanhold", *arguments, "-w", str(root)]
    ended = subprocess.run(
        [*command, *program], capture_output=True, text=True, env={**os.environ}, check=False
    )
    if "ptrace" in ended.stderr:
        pytest.skip("strace may not trace here")
    assert ended.returncode == 0, ended.stderr
    counted = Counter(line.split("\t")[1] for line in log.read_text().splitlines())
    seen = seen_by_strace(trace, root)
    assert seen["write"] > 10
    del counted["open"]
    # A folder that is there already is not made, a file that is gone not removed.
    for what in seen:
        assert counted[what] >= seen[what], (what, seen, counted)
