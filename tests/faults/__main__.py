"""The whole fault exam: every scenario, every fault, at every call that can meet it.

python -m tests.faults [--share 0.05] [--seed 1] [--jobs 2] [--scenario replay] [--kind kill]
"""

from __future__ import annotations

import argparse
import os
import sys
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

from tests.conftest import new_workspace

from .exam import Tally, part
from .injector import KINDS, compiled
from .scenarios import SCENARIOS


def main() -> int:
    """Exit code 1 if anything was wrong."""
    ask = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    ask.add_argument("--share", type=float, default=1.0, help="of all trials")
    ask.add_argument("--seed", type=int, default=0, help="which of them")
    ask.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    ask.add_argument("--scenario", nargs="*", choices=SCENARIOS, default=list(SCENARIOS))
    ask.add_argument("--kind", nargs="*", choices=KINDS, default=list(KINDS))
    asked = ask.parse_args()
    if compiled() is None:
        print("the exam needs Linux, the C library of GNU and a C compiler called cc")
        return 2
    with ProcessPoolExecutor(asked.jobs, mp_context=get_context("spawn")) as pool:
        told = (new_workspace, asked.scenario, asked.kind, asked.share, asked.seed)
        parts = [pool.submit(part, *told, number, asked.jobs) for number in range(asked.jobs)]
        total = Tally()
        for one in parts:
            total.add(one.result())
    print(total)
    return 1 if total.problems else 0


if __name__ == "__main__":
    sys.exit(main())
