"""The share of the records that was lost, snapshot by snapshot."""

from __future__ import annotations

from collections.abc import Sequence

from markupsafe import Markup

from cleanhold.core.snapshot import Channel, Snapshot
from cleanhold.report.charts.svg import Scale, dot, drawing, label, line, tag
from cleanhold.report.numbers import share

_WIDTH, _HEIGHT = 460, 120


def trend(past: Sequence[Snapshot]) -> Markup:
    """Held and refused records as a share of all, of snapshots oldest first; with an axis."""
    across, up = _scales(past, (44, _WIDTH - 12), (_HEIGHT - 26, 12))
    frame = [
        line(44, up(0), _WIDTH - 12, up(0), "axis"),
        line(44, up(up.high), _WIDTH - 12, up(up.high), "grid"),
        label(38, up(0) + 4, "0 %", anchor="end"),
        label(38, up(up.high) + 4, share(up.high, 1), anchor="end"),
        label(44, _HEIGHT - 6, f"snapshot {past[0].number}"),
    ]
    if len(past) > 1:
        frame.append(label(_WIDTH - 12, _HEIGHT - 6, f"snapshot {past[-1].number}", anchor="end"))
    points = [
        dot(across(n), up(s.account.lost_share), 3.5 if n + 1 < len(past) else 5, _class(s), _of(s))
        for n, s in enumerate(past)
    ]
    return drawing(
        _WIDTH,
        _HEIGHT,
        "Share of records held or refused, by snapshot",
        "; ".join(map(_of, past[-5:])),
        [*frame, _path(past, across, up), *points],
    )


def sparkline(past: Sequence[Snapshot]) -> Markup:
    """The same, small enough for a line of a table."""
    across, up = _scales(past, (4, 116), (24, 4))
    last = past[-1]
    end = dot(across(len(past) - 1), up(last.account.lost_share), 3, _class(last), _of(last))
    says = f"of the last {len(past)} snapshots; the newest lost {_lost(last)}"
    parts = [line(4, 26, 116, 26, "grid"), _path(past, across, up), end]
    return drawing(120, 28, "Share of records held or refused", says, parts, "spark")


def _scales(
    past: Sequence[Snapshot], across: tuple[float, float], up: tuple[float, float]
) -> tuple[Scale, Scale]:
    most = max(s.account.lost_share for s in past)
    return Scale(0, max(len(past) - 1, 1), *across), Scale(0, max(most * 1.1, 0.01), *up)


def _path(past: Sequence[Snapshot], across: Scale, up: Scale) -> Markup:
    points = " ".join(f"{across(n):.1f},{up(s.account.lost_share):.1f}" for n, s in enumerate(past))
    return tag("polyline", points=points, class_="line")


def _class(snapshot: Snapshot) -> str:
    return "point stop" if snapshot.channel is Channel.CANDIDATE else "point"


def _lost(snapshot: Snapshot) -> str:
    account = snapshot.account
    return share(account.held + account.refused, account.records)


def _of(snapshot: Snapshot) -> str:
    stopped = ", stopped" if snapshot.channel is Channel.CANDIDATE else ""
    return f"snapshot {snapshot.number}: {_lost(snapshot)}{stopped}"
