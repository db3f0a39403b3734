"""gates_page: the scorecard as one HTML file that needs nothing else."""

from __future__ import annotations

from html import escape
from pathlib import Path

from cleanhold.core.audit import Evidence
from cleanhold.core.gate import Answer
from cleanhold.pipeline.gates import Scorecard
from cleanhold.store.files import atomic_write

_STYLE = """
:root{color-scheme:light dark;--ink:#1c2430;--soft:#5d6b7c;--line:#dfe4ea;--page:#f5f7f9;
--card:#fff;--open:#1b7f4b;--closed:#b3261e;--overridden:#a15c00}
@media(prefers-color-scheme:dark){:root{--ink:#e7ebf0;--soft:#9aa7b6;--line:#333d49;
--page:#14181d;--card:#1d232a;--open:#5fce95;--closed:#ff8a80;--overridden:#ffb95c}}
*{box-sizing:border-box}
body{margin:0;background:var(--page);color:var(--ink);font:15px/1.5 system-ui,sans-serif}
main{max-width:56rem;margin:0 auto;padding:2.5rem 1.25rem 4rem}
h1{font-size:1.6rem;margin:0;overflow-wrap:anywhere}
.sum{color:var(--soft);margin:.3rem 0 1.4rem}
.bar{display:flex;gap:4px;margin:0 0 2rem}.bar i{flex:1;height:10px;border-radius:3px}
article{background:var(--card);border:1px solid var(--line);border-left:5px solid;
border-radius:8px;padding:.9rem 1.1rem;margin:0 0 .8rem}
h2{font-size:1.02rem;margin:0;display:flex;gap:.7rem;align-items:baseline}
h2 b{font-size:.76rem;letter-spacing:.05em;text-transform:uppercase}
p{margin:.35rem 0;overflow-wrap:anywhere}
.do{margin:.6rem 0 .2rem;padding:0;list-style:none}
.do li{font:13px/1.5 ui-monospace,monospace;background:var(--page);border-radius:5px;
padding:.35rem .6rem;margin:.25rem 0;overflow-wrap:anywhere}
.note{color:var(--soft);font-size:.9rem}
details{margin-top:.5rem}summary{cursor:pointer;color:var(--soft);font-size:.9rem}
.wide{overflow-x:auto}
table{border-collapse:collapse;font-size:.88rem;margin:.5rem 0 0}
th,td{text-align:left;padding:.22rem 1.2rem .22rem 0;border-bottom:1px solid var(--line);
vertical-align:top}
th{color:var(--soft);font-weight:600}
.open{border-left-color:var(--open)}.open b{color:var(--open)}
.closed{border-left-color:var(--closed)}.closed b{color:var(--closed)}
.overridden{border-left-color:var(--overridden)}.overridden b{color:var(--overridden)}
.bar .open{background:var(--open)}.bar .closed{background:var(--closed)}
.bar .overridden{background:var(--overridden)}
"""


def write_page(card: Scorecard, path: Path) -> None:
    """Write the scorecard as a page; what is there is replaced."""
    atomic_write(path, page(card).encode())


def page(card: Scorecard) -> str:
    """The scorecard as HTML; every text in it is escaped."""
    snapshot = card.snapshot
    opened = len(card.answers) - len(card.closed)
    title = escape(f"Gates of {snapshot.dataset}")
    has = f"snapshot {card.readers_have}" if card.readers_have else "nothing yet"
    bar = "".join(
        f'<i class="{state_of(card, answer)}" title="{escape(answer.gate)}"></i>'
        for answer in card.answers
    )
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{title}</title>'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        f"<style>{_STYLE}</style></head><body><main><h1>{title}</h1>"
        f'<p class="sum">Snapshot {snapshot.number}, {snapshot.rows:,} rows, contract '
        f"{escape(snapshot.contract_version)} · <strong>{opened} of {len(card.answers)} gates are "
        f"open</strong> · readers have {has} · {card.at:%F %H:%M} UTC</p>"
        f'<div class="bar" aria-hidden="true">{bar}</div>'
        + "".join(_article(card, answer) for answer in card.answers)
        + "</main></body></html>\n"
    )


def state_of(card: Scorecard, answer: Answer) -> str:
    """`open`, `overridden` or `closed`."""
    if answer.passed:
        return "open"
    return "overridden" if card.overridden(answer) else "closed"


def _article(card: Scorecard, answer: Answer) -> str:
    state = state_of(card, answer)
    parts = [
        f'<article class="{state}"><h2>{escape(answer.gate)} <b>{state}</b></h2>',
        f"<p>{escape(answer.what)}</p>",
    ]
    if override := card.overridden(answer):
        said = (
            f"Open until {override.until}: asked for by {override.asked_by} ({override.why}), "
            f"confirmed by {override.confirmed_by} ({override.confirmed_why})"
        )
        parts.append(f'<p class="note">{escape(said)}</p>')
    if answer.do:
        lines = "".join(f"<li>{escape(line)}</li>" for line in answer.do)
        parts.append(f'<ul class="do">{lines}</ul>')
    if answer.evidence:
        parts.append(_table(answer.evidence, is_shown=state == "closed"))
    return "".join(parts) + "</article>"


def _table(evidence: Evidence, *, is_shown: bool) -> str:
    head = "".join(f"<th>{escape(str(name))}</th>" for name in evidence.columns)
    rows = "".join(
        "<tr>" + "".join(f"<td>{escape(_cell(value))}</td>" for value in row) + "</tr>"
        for row in evidence.rows
    )
    opened = " open" if is_shown else ""
    return (
        f"<details{opened}><summary>evidence</summary>"
        f'<div class="wide"><table><tr>{head}</tr>{rows}</table></div></details>'
    )


def _cell(value: object) -> str:
    return f"{value:,}" if isinstance(value, int) and not isinstance(value, bool) else str(value)
