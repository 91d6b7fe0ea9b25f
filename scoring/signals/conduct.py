"""Signals measured over the whole call: from words and times only, never from how a voice sounds."""

from __future__ import annotations

from .base import MIN_WORDS, Finding, Reading, falling, share

BALANCE = {"good_low": 30, "good_high": 70, "bad_low": 10, "bad_high": 95}
PACE_SLACK = 60  # words per minute outside of the easy range at which nothing is left
FILLERS_GOOD, FILLERS_BAD = 2.0, 8.0  # per hundred words
MONOLOGUE_GOOD, MONOLOGUE_BAD = 85, 200  # words
COSTS = {"abuse": 60, "pressure": 25, "dismissive": 25}
FREE_INTERRUPTIONS, INTERRUPTION_COST = 2, 10


def _enough(call: Reading, value: int) -> int:
    """Little talk earns little: someone who says three words has no pace to praise."""
    least = MIN_WORDS[call.lexicon.language]
    return value * min(call.words, least) // least


def talk_balance(call: Reading) -> Finding:
    """The trainee's share of the talk: full marks from 30 to 70 percent, nothing below 10 or above 95."""
    percent = call.metrics.talk_percent
    if percent is None:
        return Finding("talk_balance", 0, applicable=False)
    if percent < BALANCE["good_low"]:
        value = falling(percent, good=BALANCE["good_low"], bad=BALANCE["bad_low"])
    else:
        value = falling(percent, good=BALANCE["good_high"], bad=BALANCE["bad_high"])
    return Finding("talk_balance", _enough(call, value), call.sample(), facts={"percent": percent})


def pace(call: Reading) -> Finding:
    """Words per minute within the language's easy range; typed calls have none."""
    wpm = call.metrics.pace_wpm
    if wpm is None:
        return Finding("pace", 0, applicable=False)
    low, high = call.metrics.pace_range
    value = (
        falling(wpm, good=low, bad=low - PACE_SLACK) if wpm < low else falling(wpm, good=high, bad=high + PACE_SLACK)
    )
    return Finding("pace", _enough(call, value), call.sample(), facts={"wpm": wpm, "low": low, "high": high})


def few_fillers(call: Reading) -> Finding:
    """Fillers per hundred words: up to 2 are full marks, 8 are none."""
    rate = call.metrics.fillers_per_100
    if rate is None:
        return Finding("few_fillers", 0, applicable=False)
    value = _enough(call, falling(rate, good=FILLERS_GOOD, bad=FILLERS_BAD))
    worst = next(iter(call.metrics.fillers), "")
    return Finding("few_fillers", value, call.sample(), facts={"rate": str(rate), "worst": worst})


def no_long_monologue(call: Reading) -> Finding:
    """The longest stretch without the buyer: up to 85 words is full marks, 200 is none."""
    stretch = call.metrics.monologue
    if stretch is None:
        return Finding("no_long_monologue", 0, applicable=False)
    value = _enough(call, falling(stretch.words, good=MONOLOGUE_GOOD, bad=MONOLOGUE_BAD))
    at = next(turn for turn in call.turns if turn.id == stretch.turn_id)
    return Finding("no_long_monologue", value, call.sample(), at=at, facts={"words": stretch.words})


def respectful(call: Reading) -> Finding:
    """100, less 60 for each insult, 25 for each push or brush-off, 10 for each interruption after the second.

    Nothing makes up for it: a clear voice and a calm pace do not raise a rude call above what is left here."""
    cost, first = 0, None
    for item in call.sentences:
        here = sum(price for kind, price in COSTS.items() if call.lexicon.has(kind, item.folded))
        if here and first is None:
            first = item
        cost += here
    cost += INTERRUPTION_COST * max(0, call.metrics.interruptions[0] - FREE_INTERRUPTIONS)
    manners = call.having("courtesy", "empathy", "acknowledge")
    value = _enough(call, share(100 - cost, 100))
    return Finding(
        "respectful",
        value,
        tuple(manners) or call.sample(),
        at=first.turn if first else None,
        facts={"quote": first.text if first else ""},
        ceiling=share(100 - cost, 100),
    )
