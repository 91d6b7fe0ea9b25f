"""The words that the rules know, by language."""

from __future__ import annotations

import re
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Words:
    """One language's patterns and rewrites.

    emotional, acoustic: what somebody feels, or how a voice sounds. vague: words that everybody takes for something else.
    inner: what goes on in a head, as the main verb (groups `verb` and `rest`). elsewhere: what happens outside of the call.
    joining: where one demand ends and the next begins; listing: the same at the comma of a list. subject: who acts, at the
    beginning. Rewrites are tried in order; the first whose pattern is found is proposed.
    """

    emotional: re.Pattern[str]
    acoustic: re.Pattern[str]
    vague: re.Pattern[str]
    inner: re.Pattern[str]
    elsewhere: re.Pattern[str]
    joining: re.Pattern[str]
    listing: re.Pattern[str]
    subject: re.Pattern[str]
    feelings_rewrites: tuple[tuple[re.Pattern[str], str], ...]
    vague_rewrites: tuple[tuple[re.Pattern[str], str], ...]
    summed_up: str  # `{rest}`: what is to be understood
    named: str  # `{rest}`: what is to be thought or felt
    understanding: re.Pattern[str]  # verbs that a summary can show
    elsewhere_rewrites: tuple[tuple[re.Pattern[str], str], ...]


def compiled(pairs: tuple[tuple[str, str], ...]) -> tuple[tuple[re.Pattern[str], str], ...]:
    return tuple((re.compile(pattern, re.IGNORECASE), text) for pattern, text in pairs)


def rewrite_for(text: str, rewrites: tuple[tuple[re.Pattern[str], str], ...]) -> str:
    """The first rewrite whose pattern is found in the text; empty where there is none."""
    return next((proposal for pattern, proposal in rewrites if pattern.search(text)), "")
