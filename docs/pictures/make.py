"""Makes the pictures of the README and the docs from what the commands really print and write.

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
CONTACTS = Path("data", "samples", "crm", "contacts_2026-11-02.csv")
COMMANDS = ("run", "quarantine --dataset crm.contacts", "snapshots")

PAGE = """<!doctype html><meta charset="utf-8"><style>
body {{ margin: 0; background: #0f172a; color: #e2e8f0; padding: 24px 28px; }}
pre {{ margin: 0 0 14px; font: 14px/1.45 "DejaVu Sans Mono", "Liberation Mono", monospace; }}
b {{ color: #7dd3fc; font-weight: normal; }}
</style>{body}"""


def printed(command: str, folder: Path) -> str:
    """What a command prints, after a prompt."""
    said = cleanhold(command, folder).stdout.rstrip()
    prompt = f"<b>$ cleanhold {html.escape(command)}</b>"
    return f"<pre>{prompt}\n{html.escape(said)}</pre>"


def main() -> None:
    """Run the commands and photograph what they print, and the pages they write."""
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        copy_workspace(folder)
        body = "".join(printed(command, folder) for command in COMMANDS)
        page = folder / "page.html"
        page.write_text(PAGE.format(body=body), encoding="utf-8")
        photograph(page, "run.png", 1180, 20 * (body.count("\n") + 2 * len(COMMANDS)) + 40)
        cleanhold(
            "lineage features.customer_churn --column yearly_premium --out lineage.html", folder
        )
        photograph(folder / "lineage.html", "lineage.png", 1280, 720)
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        copy_workspace(folder)
        bend(folder / CONTACTS)
        for command in ("run crm.contacts", "audit show crm.contacts 1 --html page.html"):
            cleanhold(command, folder)
        photograph(folder / "page.html", "report.png", 1000, 1780)


def copy_workspace(folder: Path) -> None:
    """The reference workspace without its state."""
    for name in WORKSPACE:
        source = ROOT / name
        copy = shutil.copytree if source.is_dir() else shutil.copy2
        copy(source, folder / name)


def bend(file: Path) -> None:
    """Damage the e-mails of every fourth line, where it is of one country."""
    lines = file.read_text(encoding="cp1252").splitlines(keepends=True)
    damaged = [
        line.replace("@", " at ") if '"BE"' in line and n % 4 == 0 else line
        for n, line in enumerate(lines)
    ]
    file.write_text("".join(damaged), encoding="cp1252", newline="")


def cleanhold(command: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """Run a command in a folder; it may hold data back."""
    done = subprocess.run(
        [sys.executable, "-m", "cleanhold", *command.split()],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "COLUMNS": "118", "PATH": PATH},
    )
    assert done.returncode in (0, 1), done.stderr
    return done


def photograph(page: Path, name: str, width: int, height: int) -> None:
    """A picture of the top of a page."""
    subprocess.run(
        ["chromium", "--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars",
         "--no-first-run", "--disable-background-networking", f"--window-size={width},{height}",
         f"--screenshot={HERE / name}", page.as_uri()],
        check=True,
        capture_output=True,
    )  # fmt: skip


if __name__ == "__main__":
    main()
