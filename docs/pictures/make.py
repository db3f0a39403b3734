"""Makes the pictures of the README from what the commands really print.

    python docs/pictures/make.py          # needs a `chromium` on the PATH

The reference workspace is copied to a temporary folder first, so nothing here is touched.
"""

from __future__ import annotations

import html
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
WORKSPACE = ("contracts", "checks", "flows", "lineage", "data", "pyproject.toml")
#: So that commands are told without the folder they are in.
PATH = os.pathsep.join((str(Path(sys.executable).parent), os.environ["PATH"]))
COMMANDS = ("run", "quarantine --dataset crm.contacts", "snapshots")

PAGE = """<!doctype html><meta charset="utf-8"><style>
body {{ margin: 0; background: #0f172a; color: #e2e8f0; padding: 24px 28px; }}
pre {{ margin: 0 0 14px; font: 14px/1.45 "DejaVu Sans Mono", "Liberation Mono", monospace; }}
b {{ color: #7dd3fc; font-weight: normal; }}
</style>{body}"""


def printed(command: str, folder: Path) -> str:
    """What a command prints, after a prompt."""
    done = subprocess.run(
        [sys.executable, "-m", "cleanhold", *command.split()],
        cwd=folder,
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "COLUMNS": "118", "PATH": PATH},
    )
    prompt = f"<b>$ cleanhold {html.escape(command)}</b>"
    return f"<pre>{prompt}\n{html.escape(done.stdout.rstrip())}</pre>"


def main() -> None:
    """Run the commands and photograph them."""
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        for name in WORKSPACE:
            source = ROOT / name
            copy = shutil.copytree if source.is_dir() else shutil.copy2
            copy(source, folder / name)
        body = "".join(printed(command, folder) for command in COMMANDS)
        page = folder / "page.html"
        page.write_text(PAGE.format(body=body), encoding="utf-8")
        lines = body.count("\n") + 2 * len(COMMANDS)
        height = 20 * lines + 40
        subprocess.run(
            ["chromium", "--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars",
             "--no-first-run", "--disable-background-networking", f"--window-size=1180,{height}",
             f"--screenshot={HERE / 'run.png'}", page.as_uri()],
            check=True,
            capture_output=True,
        )  # fmt: skip


if __name__ == "__main__":
    main()
