"""Goes along with a branching call whose buyer somebody else plays: a vendor's agent, or whoever is in a transcript.

The graph is walked by the conditions of an `Ensemble`, in two steps. What the seller does counts at once; what only the
buyer's side can make true, a pain that is told or an agreement, counts when its words are known.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from calls.engine.buyer import Buyer
from calls.engine.ensemble import MAY_STAY, Ensemble, entered_note, keep_on_line, seen_of, without_new
from calls.engine.overheard import Expected, expected_of, sounds_like, take_in
from calls.engine.replies import Reply, TraceEntry
from integrations.embeddings.base import Encoder
from scenarios.branching.graph import END, Edge, Node
from scenarios.branching.preview import speaker_in
from scenarios.briefs import PersonaBrief

# What the buyer's own words decide.
THEIRS = frozenset({"pain_revealed", "agreed"})
AS_THEMSELVES = 0.5  # how near words come to somebody's greeting who was just put on the line …
UNANNOUNCED = 0.7  # … and to that of somebody whom nobody waits for


@dataclass(frozen=True, slots=True)
class Overheard:
    """What a turn of the buyer's side came to. `speaker`: their name; `trace`: why the call went on and where to, for the
    record; `entered`: the stage that these words led to, of which whoever plays the buyer does not know yet."""

    speaker: str
    trace: tuple[TraceEntry, ...] = ()
    entered: Node | None = None


class Follower(Ensemble):
    """`state()` is an `Ensemble`'s, so our own engine can go on where a vendor's agent stopped, and the other way round."""

    def __init__(self, brief: PersonaBrief, *, encoder: Encoder, state: Mapping[str, Any] | None = None) -> None:
        super().__init__(brief, encoder=encoder, state=state)
        # The first stage is on record when the state was kept.
        self._notes_due: list[TraceEntry] = [] if state else [entered_note(self.node)]
        self._expected = Expected()
        self._asked_ms: int | None = None  # a turn of the seller that has led nowhere yet
        self._only_ends = False
        self._handing: Buyer | None = None  # who may still have a word to say before somebody else speaks

    @property
    def outcome(self) -> str:
        """How the call went, where it has come to an end of the graph."""
        return self.node.outcome if self.node.kind == END else ""

    @property
    def speaker(self) -> PersonaBrief:
        """Who is on the line, or about to be."""
        return self._brief_of(self._cast.speaker)

    def heard(self, text: str, *, at_ms: int) -> Node | None:
        """A turn of the seller, which ended at `at_ms`. The stage that it leads to; None where the call stays."""
        self._asked_ms, self._expected, self._handing = None, Expected(), None
        if self.node.kind == END:
            return None
        if self._cast.speaker not in self._cast.greeted:
            self._greet(at_ms=at_ms)
        person = self._person()
        reply = person.hear(text, at_ms=max(0, at_ms - self._cast.joined.get(self._cast.speaker, 0)))
        self._only_ends = reply.hang_up is not None and reply.hang_up.reason not in MAY_STAY
        # Whether they leave is for who plays them to say.
        person.standing.ended_reason = person.standing.ended_outcome = ""
        seen = seen_of(person, at_ms)
        self._walker.note(seen)
        edge = self._walker.due(seen, only_ends=self._only_ends)
        self._expected = expected_of(person)
        if edge is None or (edge.when.kind in THEIRS and self._expected.holds(edge.when)):
            self._asked_ms = at_ms
            return None
        self._go(edge, reply, at_ms)
        return self.node

    def said(self, text: str, *, at_ms: int) -> Overheard:
        """Words of the buyer's side, which began at `at_ms`, after all that was said before them."""
        if self._cast.speaker not in self._cast.greeted:
            if self._handing is not None and not self._greets(text, self._cast.speaker, AS_THEMSELVES):
                last, self._handing = self._handing, None
                return Overheard(last.brief.name, self._noted())
            self._greet(at_ms=at_ms)
        elif not self._notes_due and (ahead := self._went_ahead(text)) is not None:
            self._go(ahead, None, at_ms)
            self._notes_due = [entered_note(self.node)]  # by themselves: no condition of ours held
            self._greet(at_ms=at_ms)
        self._handing = None
        person = self._person()
        take_in(person, text, self._expected)
        entered = self._led_on(person)
        return Overheard(person.brief.name, self._noted(), entered)

    def _led_on(self, person: Buyer) -> Node | None:
        """Now that the answer is known: where the seller's turn leads after all. A turn leads at most one edge on."""
        if self._asked_ms is None:
            return None
        edge = self._walker.due(seen_of(person, self._asked_ms), only_ends=self._only_ends)
        if edge is None:
            return None
        self._go(edge, None, self._asked_ms)
        return self.node

    def _go(self, edge: Edge, reply: Reply | None, at_ms: int) -> None:
        person = self._person()
        target = self._walker.take(edge, at_ms=at_ms)
        self._notes_due += self._notes(person, edge, target)
        self._asked_ms = None
        following = self._named(speaker_in(target, self._cast.speaker))
        if reply is not None and (target.kind == END or following != self._cast.speaker):
            without_new(person, reply)
        if target.kind == END:
            won = target.outcome == "won"
            person.standing.ended_reason = "next_step_agreed" if won else "goodbye"
            person.standing.ended_outcome = target.outcome
        elif following != self._cast.speaker:
            keep_on_line(person)
            self._handing = person
            self._cast.speaker = following
            self._cast.joined.setdefault(following, at_ms)
            if following in self._cast.greeted:
                self._cast.greeted.remove(following)

    def _went_ahead(self, text: str) -> Edge | None:
        """The edge to somebody who greets though the call has not come to them yet, as far as we know: whoever plays the
        buyer reads the graph, too."""
        for edge in self._script.graph.edges_from(self.node.id):
            target = self._script.graph.node(edge.target)
            if target is None or target.kind == END:
                continue
            name = self._named(speaker_in(target, self._cast.speaker))
            if name != self._cast.speaker and self._greets(text, name, UNANNOUNCED, says=target.says):
                return edge
        return None

    def _greets(self, text: str, name: str, least: float, *, says: str | None = None) -> bool:
        """Is this somebody's first word, rather than another's who announces them?"""
        coming = self._brief_of(name)
        says = self.node.says if says is None else says
        greetings = (*filter(None, (says, coming.first_message)), f"{coming.name}.")
        return sounds_like(self._made(name), text, greetings, least=least)

    def _noted(self) -> tuple[TraceEntry, ...]:
        noted, self._notes_due = tuple(self._notes_due), []
        return noted


def followed(brief: PersonaBrief, *, encoder: Encoder, state: Mapping[str, Any] | None = None) -> Follower | None:
    """None for a call that does not branch, and where an earlier code kept a state that this one does not read."""
    if brief.script is None:
        return None
    try:
        return Follower(brief, encoder=encoder, state=state if state and "script" in state else None)
    except ValueError:
        return None


__all__ = ["Follower", "Overheard", "followed"]
