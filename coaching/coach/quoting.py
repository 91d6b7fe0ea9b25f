"""The coach that needs no language model: it quotes the sentences that answer best, and says so.

Nothing is put into other words, so nothing can be wrong that the documents say right.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from django.utils.translation import gettext as _

from integrations.embeddings.base import Vectors
from integrations.embeddings.embedded import default_encoder
from integrations.speech.sentences import sentences
from scenarios.knowledge.reading.outline import BETWEEN_HEADINGS
from scenarios.knowledge.retrieval import Match
from scoring.injection.detector import hits_in

from .own_calls import OwnCall

MOST_PASSAGES = 3
LONGEST_QUOTE = 280  # characters of one passage
FAR_BEHIND = 0.12  # of evidence, behind the first passage


def quote(question: str, matches: Sequence[Match]) -> Iterator[str]:
    """The answer in pieces: for each passage its best sentences in quotation marks, with the passage's number."""
    yield _("Your documents say:")
    vector = default_encoder().encode([question])[0]
    best = max(match.evidence for match in matches)
    told: set[str] = set()  # the same text may stand in two documents
    for number, match in enumerate(matches[:MOST_PASSAGES], start=1):
        if number > 1 and match.evidence < best - FAR_BEHIND:
            continue
        said = _best_sentences(vector, match)
        if said and said not in told:
            told.add(said)
            yield "\n\n" + _("“%(quote)s” [%(number)d]") % {"quote": said, "number": number}


def _best_sentences(vector: Vectors, match: Match) -> str:
    """The likest sentence with what follows it, as it stands in the passage; the one before it where nothing follows. What is
    addressed to a machine is not passed on, and nothing is quoted across it."""
    every = sentences(match.text)
    hostile = {at for at, one in enumerate(every) if hits_in(one)}
    if len(hostile) == len(every):
        return ""
    about = match.heading.rpartition(BETWEEN_HEADINGS)[2]
    rows = default_encoder().encode([f"{about}. {one}" if about else one for one in every])
    first = last = max(set(range(len(every))) - hostile, key=lambda at: float(rows[at] @ vector))
    while last + 1 < len(every) and last + 1 not in hostile and len(" ".join(every[first : last + 2])) <= LONGEST_QUOTE:
        last += 1
    if first == last and first and first - 1 not in hostile:
        first -= 1
    return " ".join(every[first : last + 1])


def tell_calls(calls: Sequence[OwnCall]) -> Iterator[str]:
    """What the last debriefs say, in fixed words."""
    newest = calls[0]
    yield _("Your last call, “%(title)s”, scored %(score)d.") % {"title": newest.title, "score": newest.overall}
    if newest.strongest:
        yield " " + _("“%(name)s” went best (%(score)d).") % {"name": newest.strongest[0], "score": newest.strongest[1]}
    weakest = [call.weakest[0] for call in calls if call.weakest]
    if newest.weakest:
        yield " " + _("“%(name)s” is where most is to be won (%(score)d).") % {
            "name": newest.weakest[0],
            "score": newest.weakest[1],
        }
    if newest.weakest and len(weakest) > 1 and weakest.count(newest.weakest[0]) == len(weakest):
        yield " " + _("It was the weakest in each of your last %(count)d calls.") % {"count": len(weakest)}
    if newest.improvements:
        yield "\n\n" + _("Try next time:")
        for point, suggestion in newest.improvements:
            yield "\n• " + (f"{point} {suggestion}" if suggestion else point)


def nothing_found() -> str:
    return _(
        "That is not in your playbook: none of your organisation's documents says anything about it, so I would only be "
        "guessing. Ask your manager, or put it in other words."
    )


def no_calls_yet() -> str:
    return _("You have no debrief yet. Practise a call first; then I can tell you what to work on.")
