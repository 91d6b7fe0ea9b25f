"""A branching call: several people, one after the other on the line, and a graph that says who and when.

Each of them is a buyer, or a gatekeeper, with moods of their own. After every turn of the seller whoever speaks has answered
first; then the graph is asked whether that leads on. To whom it leads speaks next, in the same breath.

As deterministic as one buyer: the same graph and the same turns give the same call, and `state()` is all it takes to go on.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from calls.engine.buyer import Buyer
from calls.engine.directive import Directive, Guard, SaidSoFar
from calls.engine.gatekeeper import Gatekeeper
from calls.engine.replies import HangUp, Reply, TraceEntry
from calls.engine.walker import Seen, Walker
from integrations.embeddings.base import Encoder
from scenarios.branching.graph import END, START, Edge, Node
from scenarios.branching.preview import in_order, speaker_in, speakers_of
from scenarios.branching.wording import happened
from scenarios.briefs import PersonaBrief, Script

# Who leaves for one of these reasons may still be kept on the line, or passed on, by an edge; else only an end is reached.
MAY_STAY = frozenset({"patience_ran_out", "next_step_agreed"})
# What a reply is worth saying for, when something else is said right after it.
WEIGHTY = ("objection_", "pain_", "fact_", "committed", "soft_yes", "rude", "injection", "close_", "value_tied")
NEW_ON_THE_TABLE = "objection_raised"
PATIENCE_TO_STAY = 10


@dataclass(slots=True)
class Cast:
    """Who is on the line, and since when everybody has been. `greeted`: who has said a first word."""

    speaker: str
    joined: dict[str, int] = field(default_factory=dict)
    greeted: list[str] = field(default_factory=list)


class Ensemble:
    """Fits wherever a `Buyer` does; its replies may have a `speaker` and something that comes right `then`."""

    def __init__(self, brief: PersonaBrief, *, encoder: Encoder, state: Mapping[str, Any] | None = None) -> None:
        """`state`: what `state()` gave earlier. Raises ValueError for a brief without a script, and for a foreign format."""
        if brief.script is None:
            raise ValueError("this call does not branch")
        self._brief = brief
        self._script: Script = brief.script
        self._encoder = encoder
        self._people: dict[str, Buyer] = {}
        kept: Mapping[str, Any] = (state or {}).get("script") or {}
        self._walker = Walker(self._script.graph, kept.get("place"))
        self._memories: dict[str, Mapping[str, Any]] = dict(kept.get("people", {}))
        self._cast = (
            Cast(kept["speaker"], dict(kept["joined"]), list(kept["greeted"]))
            if kept
            else Cast(self._named(speaker_in(self._walker.node, "")))
        )
        if state:
            self._memories[self._cast.speaker] = {name: value for name, value in state.items() if name != "script"}
        self._unsaid: dict[str, Any] | None = None

    # -- what is remembered ---------------------------------------------------------------------------------------------
    def state(self) -> dict[str, Any]:
        """Everything this call remembers, as JSON: who speaks now as a buyer's memory, the rest under `script`."""
        others = {name: person.state() for name, person in self._people.items() if name != self._cast.speaker}
        unmet = {name: dict(kept) for name, kept in self._memories.items() if name not in self._people}
        unmet.pop(self._cast.speaker, None)
        return {
            **self._person().state(),
            "script": {
                "speaker": self._cast.speaker,
                "joined": dict(self._cast.joined),
                "greeted": list(self._cast.greeted),
                "place": self._walker.to_json(),
                "people": {**unmet, **others},
            },
        }

    def state_before_then(self) -> dict[str, Any]:
        """The memory after the first part of the last reply, when somebody else has been put on the line and has not spoken
        yet. Who goes on from there hears them greet with their first answer."""
        return self._unsaid if self._unsaid is not None else self.state()

    @property
    def node(self) -> Node:
        """The stage that the call is in."""
        return self._walker.node

    # -- the conversation -----------------------------------------------------------------------------------------------
    def open(self) -> Reply:
        """The first words of whoever picks up the phone."""
        greeting = self._greet()
        return replace(greeting, trace=(*greeting.trace, entered_note(self.node)))

    def hear(self, text: str, *, at_ms: int) -> Reply:
        """The answer to one turn of the seller, and what follows from it in the graph."""
        self._unsaid = None
        if self._cast.speaker not in self._cast.greeted:  # they were put on the line, and the call broke off
            greeting = self._greet(at_ms=at_ms)
            answer = self.hear(text, at_ms=at_ms)
            joined = f"{greeting.text} {answer.text}"
            return replace(answer, text=joined, trace=(*greeting.trace, *answer.trace))
        person = self._person()
        over = bool(person.standing.ended_reason)
        reply = person.hear(text, at_ms=max(0, at_ms - self._cast.joined.get(self._cast.speaker, 0)))
        if over:
            return replace(reply, speaker=self._cast.speaker)
        seen = seen_of(person, at_ms)
        self._walker.note(seen)
        leaves = reply.hang_up is not None and reply.hang_up.reason not in MAY_STAY
        edge = self._walker.due(seen, only_ends=leaves)
        return self._follow(edge, reply, at_ms) if edge else replace(reply, speaker=self._cast.speaker)

    def silence(self, *, silent_ms: int) -> Reply | None:
        """What is said into silence; None while that is natural."""
        if self._cast.speaker not in self._cast.greeted:
            return self._greet()
        reply = self._person().silence(silent_ms=silent_ms)
        return None if reply is None else replace(reply, speaker=self._cast.speaker)

    def directive(self, reply: Reply, *, heard: str, before: Sequence[SaidSoFar]) -> Directive | None:
        """As a buyer's, with what the author wrote for the stage. What leads on is said as it stands."""
        if reply.then is not None or any(entry.rule == "branch_taken" for entry in reply.trace):
            return None
        return self._person().directive(reply, heard=heard, before=before, instructions=self.node.instructions)

    def guard(self, directive: Directive) -> Guard:
        return self._person().guard(directive)

    # -- lines to have ready --------------------------------------------------------------------------------------------
    def stock_lines(self) -> tuple[str, ...]:
        """Of whoever is on the line now."""
        return self.lines_by_speaker()[self._cast.speaker]

    def lines_by_speaker(self) -> dict[str, tuple[str, ...]]:
        """What everybody is likely to say, the likeliest first; who is on the line now comes first."""
        lines: dict[str, list[str]] = {self._cast.speaker: []}
        speakers = speakers_of(self._script.graph)
        for node in in_order(self._script.graph):
            for name in sorted(self._named(speaker) for speaker in speakers[node.id]):
                if node.kind != START:
                    lines.setdefault(name, []).extend([node.says] if node.says else [])
        return {name: tuple(dict.fromkeys([*said, *self._made(name).stock_lines()])) for name, said in lines.items()}

    # -- one step -------------------------------------------------------------------------------------------------------
    def _follow(self, edge: Edge, reply: Reply, at_ms: int) -> Reply:
        """Go where the edge leads, and say what that takes."""
        person = self._person()
        target = self._walker.take(edge, at_ms=at_ms)
        notes = self._notes(person, edge, target)
        following = self._named(speaker_in(target, self._cast.speaker))
        if target.kind == END or following != self._cast.speaker:
            reply = without_new(person, reply)
        noted = (*reply.trace, *notes)
        if target.kind == END:
            return self._end(person, target, reply, noted)
        if following == self._cast.speaker:
            parts = [reply.text] if reply.hang_up is None and (not target.says or _is_weighty(reply)) else []
            keep_on_line(person)
            return self._said(person, [*parts, target.says or ("" if parts else person.line("go_on"))], noted)
        return self._hand_over(person, following, reply, noted, at_ms)

    def _end(self, person: Buyer, target: Node, reply: Reply, noted: tuple[TraceEntry, ...]) -> Reply:
        reason = reply.hang_up.reason if reply.hang_up else "goodbye"
        hang_up = HangUp("next_step_agreed" if target.outcome == "won" else reason, target.outcome)
        person.standing.ended_reason, person.standing.ended_outcome = hang_up.reason, hang_up.outcome
        parts = [reply.text] if reply.hang_up or _is_weighty(reply) else []
        if target.says:
            parts = [*([] if reply.hang_up else parts), target.says]
        elif not reply.hang_up:
            parts.append(person.line(f"bye.{target.outcome}"))
        return replace(self._said(person, parts, noted), hang_up=hang_up)

    def _hand_over(
        self, person: Buyer, following: str, reply: Reply, noted: tuple[TraceEntry, ...], at_ms: int
    ) -> Reply:
        keep_on_line(person)
        parts = [reply.text] if reply.hang_up is None and _is_weighty(reply) else []
        pool = "door.through" if isinstance(person, Gatekeeper) else "handover"
        parts.append(person.line(pool, next=self._brief_of(following).name))
        first = self._said(person, parts, noted)
        self._cast.speaker = following
        self._cast.joined.setdefault(following, at_ms)
        if following in self._cast.greeted:
            self._cast.greeted.remove(following)
        self._unsaid = self.state()
        return replace(first, then=self._greet())

    def _greet(self, *, at_ms: int = 0) -> Reply:
        """The words with which somebody comes on the line."""
        person, name, node = self._person(), self._cast.speaker, self.node
        self._cast.greeted.append(name)
        self._cast.joined.setdefault(name, at_ms)
        if person.standing.last_line:  # they were there before
            return self._said(person, [node.says or person.line("back")], ())
        return replace(person.open(node.says), speaker=name)

    def _said(self, person: Buyer, parts: Sequence[str], trace: tuple[TraceEntry, ...]) -> Reply:
        text = " ".join(part for part in parts if part)
        person.standing.last_line = text
        return Reply(text, trace, speaker=self._speaker_of(person))

    def _notes(self, person: Buyer, edge: Edge, target: Node) -> tuple[TraceEntry, TraceEntry]:
        names = {objection.key: objection.text for objection in person.brief.objections}
        names |= {pain.key: pain.pain for pain in person.brief.hidden_pains}
        why = happened(edge.when, language=self._brief.language, names=names)
        detail = person.why("branch_taken", why=why, title=target.title or target.id)
        return TraceEntry("branch_taken", "", detail, edge.id), entered_note(target)

    # -- people ---------------------------------------------------------------------------------------------------------
    def _named(self, name: str) -> str:
        return "" if name == self._script.own else name

    def _speaker_of(self, person: Buyer) -> str:
        return next(name for name, one in self._people.items() if one is person)

    def _brief_of(self, name: str) -> PersonaBrief:
        return self._script.people[name] if name else replace(self._brief, script=None)

    def _person(self) -> Buyer:
        """Who is on the line."""
        name = self._cast.speaker
        if name not in self._people:
            self._people[name] = self._made(name)
        return self._people[name]

    def _made(self, name: str) -> Buyer:
        kind = Gatekeeper if name in self._script.gatekeepers else Buyer
        return kind(self._brief_of(name), encoder=self._encoder, state=self._memories.get(name))


def entered_note(node: Node) -> TraceEntry:
    return TraceEntry("stage_entered", "", "", node.id)


def seen_of(person: Buyer, at_ms: int) -> Seen:
    standing, heard = person.standing, person.heard
    return Seen(
        at_ms=at_ms,
        acts=heard.acts,
        questions=len(heard.questions),
        settled=frozenset(key for key, one in standing.objections.items() if one.status == "resolved"),
        told=frozenset(standing.pains),
        agreed=bool(standing.committed_turn) and not isinstance(person, Gatekeeper),
        patience=standing.patience,
    )


def keep_on_line(person: Buyer) -> None:
    """An edge keeps somebody on the line, or lets them come back to it, who was about to leave."""
    standing = person.standing
    standing.ended_reason = standing.ended_outcome = ""
    standing.patience = max(standing.patience, PATIENCE_TO_STAY)


def without_new(person: Buyer, reply: Reply) -> Reply:
    """A reply of somebody who leaves. What they just brought up nobody will answer: it is not said, and was never raised."""
    raised = [entry.subject for entry in reply.trace if entry.rule == NEW_ON_THE_TABLE]
    if not raised:
        return reply
    for key in raised:
        person.standing.objections[key].status = "waiting"
        person.standing.active = ""
    return replace(reply, text="", trace=tuple(entry for entry in reply.trace if entry.rule != NEW_ON_THE_TABLE))


def _is_weighty(reply: Reply) -> bool:
    return any(entry.rule.startswith(WEIGHTY) for entry in reply.trace)


def player(brief: PersonaBrief, *, encoder: Encoder, state: Mapping[str, Any] | None = None) -> Buyer | Ensemble:
    """Who plays a call: one buyer, or everybody in its script. Raises ValueError for a foreign state."""
    kind = Buyer if brief.script is None else Ensemble
    return kind(brief, encoder=encoder, state=state)
