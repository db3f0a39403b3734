"""Every parse rule, one record at a time and in a batch: the same values, the same findings."""

from __future__ import annotations

import random

import polars as pl
import pytest

from cleanhold.builtins.vocabulary import EXAMPLES, Example
from cleanhold.core.contract import Column, Contract
from cleanhold.online.guard import Guard
from cleanhold.plan.checks import parse_check

from .oracle import DATES, NUMBERS, WORDS, batch_plan, frame_of, same

#: What is translated, by the rule's call; the others are left to Polars.
TRANSLATED = {
    "text", "decimal", "integer", "number", "booleans", "dates", "datetimes", "julian", "codes",
    "emails",
}  # fmt: skip
#: Of these, calls that are not.
LEFT = ("exponent=True", "fraction", "zone=", "zones=", "partial='last'")


def contract_of(examples: tuple[Example, ...]) -> Contract:
    columns = tuple(
        Column(f"c{n}", e.dtype, parse=e.rule, nullable=True) for n, e in enumerate(examples)
    )
    return Contract("tried.vocabulary", columns, tuple(map(parse_check, columns)))


def near(texts: tuple[str, ...], dice: random.Random) -> str:
    """One of the texts, often with one character more, less or in another case."""
    text = dice.choice(texts)
    place = dice.randrange(len(text) + 1)
    more = dice.choice("0159-+.,/: %()eE$€'\u00a0\u200bxXaſéK\n\x00;{}[]\"")
    changed = (
        text[:place] + more + text[place:],
        text[:place] + text[place + 1 :],
        text.swapcase(),
    )
    return dice.choice((text, *changed))


def test_a_batch_gets_the_verdicts_of_the_plan() -> None:
    dice, contract = random.Random(3), contract_of(EXAMPLES)
    other = (*NUMBERS, *DATES, *WORDS)
    records = [
        {
            f"c{n}": near(e.texts, dice) if dice.random() < 0.8 else dice.choice(other)
            for n, e in enumerate(EXAMPLES)
        }
        for _ in range(400)
    ]
    expected = batch_plan(contract, frame_of(records), {}, alone=False)
    for record, found, wanted in zip(
        records, Guard(contract).check_batch(records), expected, strict=True
    ):
        assert same(found, wanted), record


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda e: e.call)
def test_one_record_gets_the_verdict_of_the_plan(example: Example) -> None:
    guard, dice = Guard(contract_of((example,))), random.Random(5)
    texts = [*example.texts, *(near(example.texts, dice) for _ in range(12)), "", "\x00"]
    expected = batch_plan(
        guard.contract, pl.DataFrame({"c0": pl.Series(texts, dtype=pl.String)}), {}, alone=True
    )
    for text, wanted in zip(texts, expected, strict=True):
        assert same(guard.check({"c0": text}), wanted), text


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda e: e.call)
def test_what_can_be_translated_is(example: Example) -> None:
    left = [n for n in Guard(contract_of((example,))).notes if "left to Polars" in n]
    is_other = example.make.__name__ not in TRANSLATED or any(o in example.call for o in LEFT)
    assert bool(left) is is_other, left
