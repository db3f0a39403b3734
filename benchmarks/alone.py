"""Run a command, and write what it took: alone.py REPORT COMMAND ...

A process of its own, because Linux counts what the parent had in memory as its child's peak.
"""

import json
import os
import subprocess
import sys
import time
from pathlib import Path

started = time.monotonic()
process = subprocess.Popen(sys.argv[2:])
_, status, usage = os.wait4(process.pid, 0)
process.returncode = os.waitstatus_to_exitcode(status)
report = {
    "wall": time.monotonic() - started,
    "cpu": usage.ru_utime + usage.ru_stime,
    "peak": usage.ru_maxrss / 1024,
    "code": process.returncode,
}
Path(sys.argv[1]).write_text(json.dumps(report), encoding="utf-8")
