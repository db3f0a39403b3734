"""A program that has everything imported and forks a child for each task: starts are cheap.

    python server.py        tasks on standard input, one JSON object a line, answers likewise

A task is `{"do": "command" | "look" | "mend", …, "root": the workspace, "out": a file}`.
"""

from __future__ import annotations

import contextlib
import gc
import importlib
import json
import os
import pkgutil
import sys
import tempfile
import traceback
from pathlib import Path
from typing import Any

from injector import Fault, Orders  # beside this program

from cleanhold.cli.main import main
from cleanhold.plan.lean_import import import_pandera
from cleanhold.store.crashpoints import VARIABLE

HEAVY = ("alembic.command", "pandera.polars", "sqlalchemy.dialects.sqlite", "xlsxwriter")


def import_all() -> None:
    import_pandera()
    for name in HEAVY:
        importlib.import_module(name)
    for floor in ("core", "store", "plan", "readers", "pipeline", "tracing", "workspace", "cli"):
        package = importlib.import_module(f"cleanhold.{floor}")
        for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            if ".migrations" not in module.name and ".template" not in module.name:
                importlib.import_module(module.name)
    importlib.import_module("cleanhold.tracing.events")


def command(arguments: list[str]) -> int:
    """The exit code of the command line."""
    try:
        main(arguments)
    except SystemExit as ended:
        return int(ended.code or 0)
    raise AssertionError("a command ends with its exit code")


def work(task: dict[str, Any]) -> int:
    if task["do"] == "command":
        return command(task["arguments"])
    import aftermath  # beside this program

    said = getattr(aftermath, task["do"])(task)
    Path(task["answer"]).write_text(json.dumps(said))
    return 0


def child(task: dict[str, Any], orders: Orders) -> None:
    with open(task["out"], "wb") as out:  # noqa: PTH123 - a descriptor is wanted
        os.dup2(out.fileno(), 1)
        os.dup2(out.fileno(), 2)
    scratch = Path(task["root"]) / "tmp"
    scratch.mkdir(exist_ok=True)
    tempfile.tempdir = str(scratch)
    os.environ["TMPDIR"] = str(scratch)
    if point := task.get("point"):
        os.environ[VARIABLE] = point
    code = 99
    if planned := task.get("fault"):
        log = Path(planned["log"]) if planned["log"] else None
        orders.arm(Fault(Path(task["root"]), planned["kind"], planned["at"], log))
    try:
        code = work(task)
        sys.stdout.flush()
    except BaseException:  # noqa: BLE001 - it is told, and the process ends
        traceback.print_exc()
    with contextlib.suppress(OSError):
        sys.stderr.flush()
    os._exit(code)


def serve() -> None:
    import_all()
    orders = Orders(Path(os.environ["FAULT_ORDER"]))
    gc.freeze()
    print(json.dumps({"ready": os.getpid()}), flush=True)
    for line in sys.stdin:
        task = json.loads(line)
        pid = os.fork()
        if not pid:
            child(task, orders)
        _, status = os.waitpid(pid, 0)
        counted, fired = orders.disarm()
        answer = {"code": os.waitstatus_to_exitcode(status), "calls": counted, "fired": fired}
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    serve()
