"""Three moods from 0 to 100 and the rules that move them: all numbers of the buyer's temper are in this file.

patience: how long they stay on the line · trust: what they dare tell · interest: whether a next step is worth it.
"""

from __future__ import annotations

from typing import NamedTuple


class Mood(NamedTuple):
    patience: int = 0
    trust: int = 0
    interest: int = 0


MOODS = Mood._fields

AT_FIRST = {
    "skeptical": Mood(58, 28, 30),
    "busy": Mood(46, 40, 32),
    "friendly": Mood(72, 55, 42),
    "technical": Mood(62, 36, 36),
    "hostile": Mood(46, 20, 22),
}
DIFFICULTY = {"easy": Mood(14, 12, 10), "medium": Mood(), "hard": Mood(-6, -6, -6)}
MODE = {"cold_call": Mood(-6, -4, -4), "discovery": Mood(6, 4, 6), "objection_gauntlet": Mood(14, 0, 4)}
HARSHNESS = {"easy": 0.7, "medium": 1.0, "hard": 1.3}  # factor of what goes against the seller

RULES = {
    "introduced": Mood(0, 4, 0),
    "reason_given": Mood(3, 2, 5),
    "asked_permission": Mood(4, 2, 0),
    "open_question": Mood(3, 1, 2),
    "problem_question": Mood(2, 3, 4),
    "impact_question": Mood(2, 3, 5),
    "interrogation": Mood(-5, 0, 0),
    "empathy": Mood(2, 5, 0),
    "reflected": Mood(2, 5, 3),
    "evidence": Mood(0, 5, 3),
    "value_tied": Mood(2, 4, 8),
    "pitch_before_question": Mood(-8, -2, -3),
    "pitch_again": Mood(-12, -4, -4),
    "pitch_without_need": Mood(-3, 0, -2),
    "no_reason_yet": Mood(-10, -2, -2),
    "monologue": Mood(-8, 0, -2),
    "buzzwords": Mood(-2, -5, -2),
    "small_talk": Mood(-2, 0, 0),
    "pushy": Mood(-12, -12, -4),
    "early_discount": Mood(0, -6, -2),
    "dismissed": Mood(-8, -8, -2),
    "rude": Mood(-40, -30, -10),
    "repeated_self": Mood(-8, -2, 0),
    "unclear": Mood(-2, 0, 0),
    "off_topic": Mood(-5, 0, -1),
    "injection": Mood(-6, -4, 0),
    "objection_acknowledged": Mood(2, 3, 0),
    "objection_explored": Mood(4, 6, 1),
    "objection_softened": Mood(3, 4, 4),
    "objection_resolved": Mood(7, 9, 10),
    "objection_preempted": Mood(4, 8, 8),
    "objection_hardened": Mood(-8, -6, -3),
    "objection_ignored": Mood(-7, -3, 0),
    "pain_revealed": Mood(5, 4, 12),
    "close_too_early": Mood(-6, -3, 0),
    "close_refused_again": Mood(-12, -4, -2),
    "answered_question": Mood(2, 4, 4),
    "evaded_question": Mood(-4, -6, -1),
    "silence": Mood(-10, -2, 0),
}

# Where a personality takes something differently from the others.
TEMPERS = {
    "skeptical": {"evidence": Mood(1, 8, 4), "buzzwords": Mood(-4, -8, -2), "early_discount": Mood(0, -10, -2)},
    "busy": {
        "small_talk": Mood(-9, 0, 0),
        "monologue": Mood(-14, 0, -3),
        "asked_permission": Mood(8, 4, 0),
        "interrogation": Mood(-9, 0, 0),
        "reason_given": Mood(6, 3, 6),
    },
    "friendly": {"small_talk": Mood(3, 3, 0), "rude": Mood(-30, -40, -10), "empathy": Mood(3, 6, 1)},
    "technical": {
        "evidence": Mood(2, 8, 6),
        "buzzwords": Mood(-6, -9, -3),
        "small_talk": Mood(-4, 0, 0),
        "evaded_question": Mood(-6, -9, -2),
    },
    "hostile": {
        "empathy": Mood(5, 7, 1),
        "pushy": Mood(-18, -14, -4),
        "pitch_again": Mood(-15, -5, -4),
        "small_talk": Mood(-5, -1, 0),
        "objection_acknowledged": Mood(4, 5, 0),
    },
}

ROOM_TO_RISE = 55  # from 45 upwards a mood rises more and more slowly
WEARS_OFF = {"empathy", "reflected", "open_question", "evidence", "asked_permission", "reason_given", "introduced"}

# What a next step costs: settled objections, told pains, trust and interest (by difficulty).
TO_COMMIT = {
    "easy": {"objections": 1, "pains": 0, "trust": 30, "interest": 35},
    "medium": {"objections": 2, "pains": 1, "trust": 40, "interest": 45},
    "hard": {"objections": 3, "pains": 1, "trust": 45, "interest": 50},
}
TRUST_TO_TELL = {"easy": 0, "medium": 28, "hard": 36}  # a hidden pain is told from here on
NEAR_ENOUGH = {"easy": 0.38, "medium": 0.42, "hard": 0.45}  # how well a question must fit a pain's hints

MINUTES = {"cold_call": 6, "discovery": 14, "objection_gauntlet": 11}
HURRY = {"busy": 0.7, "hostile": 0.85}  # factor of the minutes a buyer has


def at_first(personality: str, difficulty: str, mode: str) -> Mood:
    """How the buyer picks up the phone."""
    parts = (AT_FIRST[personality], DIFFICULTY[difficulty], MODE[mode])
    return Mood(*(min(95, max(5, sum(values))) for values in zip(*parts, strict=True)))


def change(rule: str, *, personality: str, difficulty: str, times_before: int) -> Mood:
    """What a rule does to the moods; kindness that is repeated wears off to half and then to nothing."""
    mood = TEMPERS[personality].get(rule) or RULES.get(rule, Mood())
    moved = (value if value > 0 else round(value * HARSHNESS[difficulty]) for value in mood)
    if rule in WEARS_OFF and times_before >= 2:
        moved = ((value // 2 if times_before < 5 else 0) if value > 0 else value for value in moved)
    return Mood(*moved)


def damped(value: int, old: int) -> int:
    """The nearer a mood is to 100, the less it still rises; it falls at full weight."""
    return value if value <= 0 else round(value * min(1.0, (100 - old) / ROOM_TO_RISE))


def minutes(personality: str, mode: str) -> float:
    """How long this buyer has for the call."""
    return MINUTES[mode] * HURRY.get(personality, 1.0)
