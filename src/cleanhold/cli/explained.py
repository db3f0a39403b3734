"""What `cleanhold explain` says, in words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import count
from typing import Any

from cleanhold.cli import output
from cleanhold.cli.explained_tables import show_fed, show_sources, show_versions
from cleanhold.cli.history import history_lines
from cleanhold.core.story import Story

#: Rows of one key that are told in full.
_STORIES = 5


def show(stories: Sequence[Story], column: str | None = None) -> None:
    """Tell each row, numbered step by step.

    Args:
        column: only its value, and what that was made of.
    """
    for number, story in enumerate(stories[:_STORIES]):
        if number:
            output.say()
        _show(story, column)
    if left := stories[_STORIES:]:
        output.say()
        output.say(f"and {output.rows(len(left))} more of this key; --json tells them all:")
        for story in left:
            output.say(f"  {story.row_id}  {story.dataset}  {story.ended}")


def _show(story: Story, column: str | None) -> None:
    named = "  ".join(filter(None, (story.row_id, story.dataset, story.ended)))
    output.say(named + (f"  key {story.key}" if story.key else ""), style="bold")
    step = count(1)
    if story.extract is not None:
        _show_delivery(story, step)
    for run in story.runs:
        under = f"under contract version {run.contract_version}: {run.state}"
        output.say(f"{next(step)}. run {run.id[:16]} {under}", hang=3)
    for line in (*_findings(story), *_decided(story)):
        output.say(f"   {line}", hang=3)
    if story.row_id:
        output.say(f"{next(step)}. {story.ended}{_numbers(story)}", hang=3)
        for line in _what_else(story):
            output.say(f"   {line}", hang=3)
    if len(story.versions) > 1:
        show_versions(story, next(step))
    if story.made_from is not None:
        show_sources(story.made_from, story, step, column)
    if story.fed is not None and (story.fed.tables or story.fed.consumers):
        show_fed(story.fed, next(step))
    _show_values(story, column)


def _show_delivery(story: Story, step: Iterator[int]) -> None:
    extract, delivered = story.extract, story.delivered
    assert extract is not None
    dated = f", dated {extract.dated}" if extract.dated else ""
    output.say(
        f"{next(step)}. delivered by {extract.source} in {extract.name}{dated}, "
        f"landed {extract.landed_at:%F %H:%M} UTC",
        hang=3,
    )
    output.say(f"   extract {extract.sha256}")
    if story.extract_expired:
        output.say(f"   its bytes expired on {story.extract_expired:%F}: see `cleanhold expire`")
    where = f"{next(step)}. record {story.record:,}"
    if delivered is not None and delivered.span is not None:
        first, length = delivered.span
        where += f", bytes {first:,} to {first + max(length, 1) - 1:,}"
    output.say(where)
    if delivered is not None and delivered.text is not None:
        output.say(f"   {delivered.text}")


def _findings(story: Story) -> Iterator[str]:
    waits: Mapping[str, Any] = story.quarantine or {}
    if waits.get("kind") == "refused":
        yield f"refused ({waits['code']}): {waits['message']}"
    for finding in story.findings:
        yield f"{finding['severity']}: {finding['message']}"
    if waits.get("superseded_by"):
        yield f"settled by {waits['superseded_by']}"


def _decided(story: Story) -> Iterator[str]:
    yield from history_lines(story.quarantine or {})
    for one in story.corrections:
        for name, (before, after) in one.changes.items():
            yield f"decision {one.decision} corrected {name}: {before!r} → {after!r}"


def _numbers(story: Story) -> str:
    """In which snapshots it is, or was."""
    where = []
    expired = [f"{number} (expired)" for number in story.expired_in]
    if story.published_in or expired:
        of_readers = ", ".join([*expired, *_spans(story.published_in)])
        gone = "" if story.current in story.published_in else "not in the newest, "
        told = f" ({gone}{story.current})" if gone else ""
        where.append(f" in snapshot {of_readers} of {story.dataset}{told}")
    if story.pilot_in:
        pilot = ", ".join(_spans(story.pilot_in))
        also = "; and" if where else ""
        where.append(f"{also} in snapshot {pilot} of the pilot, which was not promoted")
    return "".join(where)


def _spans(numbers: Sequence[int]) -> list[str]:
    """`3 to 7` for numbers that follow each other."""
    spans: list[list[int]] = []
    for number in numbers:
        if spans and spans[-1][-1] == number - 1:
            spans[-1][1:] = [number]
        else:
            spans.append([number])
    return [" to ".join(map(str, span)) for span in spans]


def _what_else(story: Story) -> Iterator[str]:
    back = story.rolled_back
    if back is not None:
        numbers = ", ".join(_spans(story.taken_back_in))
        yield (
            f"snapshot {numbers} was taken back from readers on {back.at:%F} by {back.who}: "
            f"{back.why}; they were given {back.to}"
        )
    if story.waived:
        checks, until = ", ".join(story.waived["checks"]), story.waived["until"]
        end = f"until {until}" if until else "for good"
        by = f"decision {story.waived['decision']}"
        yield f"let through {end} although it fails {checks}, by {by}"


def _show_values(story: Story, column: str | None) -> None:
    delivered = story.delivered
    if delivered is not None and delivered.values:
        output.say()
        output.show_table(["as delivered", ""], list(delivered.values.items()))
    if story.values and column is None:
        output.say()
        is_out = story.published_in or story.pilot_in
        title = "as published" if is_out else "as parsed"
        output.show_table([title, ""], list(story.values.items()))
