"""Simulated trainees: a strong, an average and a poor seller, and callers who try what a trainee should not.

They work with any buyer: what a strong seller says is put together from what the buyer's author wrote down as good
questions and good answers, in proportion to strength. The same plan, trainee and seed always give the same words.
"""

from __future__ import annotations

import functools
import random
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import yaml

from calls.engine import Reply
from scenarios.branching.graph import Edge
from scenarios.briefs import HiddenPain, Objection, PersonaBrief
from scenarios.products import seller_and_offer

from .plans import Plan

PATH = "path"
WAIT_MS = 6_000  # shorter than what makes a buyer ask whether anybody is there
STRENGTHS = ("poor", "average", "strong")
ADVERSARIES = ("injection", "abuse", "off_topic", "demands_secrets", "one_word", "silence", "other_language")
ASKS_FOR_A_PAIN = {"strong": 3, "average": 1, "poor": 0}  # how often before giving up on it
MOST_KNOCKS = 4  # at a gatekeeper
MOST_CLOSES = {"strong": 6, "average": 2, "poor": 2}
MOST_ANSWERS = {"strong": 6, "average": 2, "poor": 1}  # to one objection
WORDS_PER_SECOND = {"strong": 2.4, "average": 2.7, "poor": 3.4}
PAUSE_MS = {"strong": 700, "average": 500, "poor": 150}
SILENT_MS = 8_000
_PLACE = re.compile(r"\{(\w+)\}")


@dataclass(frozen=True, slots=True)
class Says:
    """What a trainee does next: words, or silence for so many ms; with both, words after that silence."""

    text: str = ""
    silent_ms: int = 0


class Trainee(Protocol):
    """`words_per_second` and `pause_ms` set the times of its turns."""

    key: str
    words_per_second: float
    pause_ms: int

    def opening(self) -> Says: ...

    def answer(self, reply: Reply, state: Mapping[str, Any]) -> Says | None:
        """After the buyer's `reply`; `state` is what `Buyer.state` gave. None: nothing more to say."""
        ...


@functools.cache
def lines_in(language: str) -> dict[str, Any]:
    path = Path(__file__).parent / "lines" / f"{language}.yaml"
    return dict(yaml.safe_load(path.read_text("utf-8")))


class Seller:
    """One seller of some strength."""

    def __init__(self, key: str, plan: Plan, seed: int) -> None:
        self.key = key
        self.words_per_second, self.pause_ms = WORDS_PER_SECOND[key], PAUSE_MS[key]
        self._plan = plan
        self._brief = plan.brief
        self._chance = random.Random(f"{key}:{seed}")  # noqa: S311 - a seeded choice of words, nothing secret
        self._lines: dict[str, list[str]] = lines_in(plan.language)[key]
        self._drawn: dict[str, int] = {pool: self._chance.randrange(len(own)) for pool, own in self._lines.items()}
        self._about = _about(plan, plan.brief)
        self._who = ""  # of the people in the plan: who is on the line
        self._asked: dict[tuple[str, str], int] = {}
        self._answered: dict[tuple[str, str], int] = {}
        self._explored: set[tuple[str, str]] = set()
        self._knocks = 0
        self._told: list[str] = []
        self._hints: dict[tuple[str, str], list[str]] = {}
        self._blunders: dict[tuple[str, str], list[str]] = {}
        self._questions: dict[tuple[str, str], list[str]] = {}
        for who, person in plan.people.items():
            for item in person.objections:
                self._hints[who, item.key] = self._shuffled(item.resolve_hints)
                self._blunders[who, item.key] = self._shuffled(item.harden_hints)
            for pain in person.hidden_pains:
                self._questions[who, pain.key] = self._shuffled(pain.reveal_hints)
        self._closes = self._pitches = 0
        self._summed_up = self._first_asked = self._proved = False

    def opening(self) -> Says:
        return self._say("opening")

    def answer(self, reply: Reply, state: Mapping[str, Any]) -> Says | None:
        self._turn_to(str(state.get("script", {}).get("speaker", "")))
        if state["committed_turn"] and self._who not in self._plan.doors:
            return self._say("bye")
        new = [key for key in state["pains"] if key not in self._told]
        self._told += new
        if objection := self._objection(str(state["active"])):
            said = self._meet(objection)
            if said is not None:
                return said
        if self._who in self._plan.doors:
            return self._knock()
        rules = {entry.rule: entry.subject for entry in reply.trace}
        if (kind := rules.get("asked_back", "")) and kind in self._lines:
            return self._say(kind, pain=self._pain_told())
        if new and self.key == "strong" and len(self._told) == 1:
            return self._say("after_pain")
        return self._lead(rules) or self._say("leave")

    def _turn_to(self, who: str) -> None:
        """Somebody may have come on the line; a seller then begins anew with them, knowing what was told."""
        if who == self._who or who not in self._plan.people:
            return
        self._who, self._brief = who, self._plan.people[who]
        self._about = _about(self._plan, self._brief)
        self._closes = 0
        self._first_asked = False

    def _knock(self) -> Says:
        """At the door: say whom one wants and why; a poor seller sells to whoever picks up."""
        self._knocks += 1
        return self._say("door" if self._knocks <= MOST_KNOCKS else "leave", name=_first_name(self._plan.brief))

    def _lead(self, rules: Mapping[str, str]) -> Says | None:
        """Nothing is on the table: ask, offer, or close."""
        if "first_question" in self._lines and not self._first_asked and self._brief.mode != "objection_gauntlet":
            self._first_asked = True
            return self._say("first_question")
        if (question := self._next_question()) is not None:
            return question
        if self.key == "strong":
            if self._told and not self._summed_up:
                self._summed_up = True
                return self._say("summary", pain=self._pain_told())
            if self._closes and not self._proved:
                self._proved = True
                return self._say("evidence")
            if rules.keys() & {"close_too_early", "close_refused_again"}:
                self._proved = False  # what was refused needs something new before it is asked again
        elif self._pitches < len(self._lines["pitch"]):
            self._pitches += 1
            return self._say("pitch")
        if self._closes < MOST_CLOSES[self.key]:
            self._closes += 1
            return self._say("close")
        return None

    def _next_question(self) -> Says | None:
        """The next good question about something that is not told yet, as its author wrote it."""
        most = ASKS_FOR_A_PAIN[self.key]
        for pain in self._brief.hidden_pains:
            asked = self._asked.get((self._who, pain.key), 0)
            hints = self._questions[self._who, pain.key]
            if pain.key in self._told or asked >= min(most, len(hints)):
                continue
            if self.key == "average" and pain is not self._brief.hidden_pains[0]:
                return None  # an average seller asks about one thing
            self._asked[self._who, pain.key] = asked + 1
            return self._say("question", hint=_as_question(hints[asked], self._plan.language))
        return None

    def _meet(self, objection: Objection) -> Says | None:
        about = self._who, objection.key
        if self.key == "strong" and about not in self._explored:
            self._explored.add(about)
            return self._say("explore")
        tried = self._answered.get(about, 0)
        if tried >= MOST_ANSWERS[self.key]:
            return None
        self._answered[about] = tried + 1
        hints = self._blunders[about] if self.key == "poor" else self._hints[about]
        # An average seller finds a good answer now and then only.
        if tried < len(hints) and not (self.key == "average" and self._chance.random() < 0.5):
            return self._say("answer", hint=_as_sentence(hints[tried]))
        return self._say("no_answer")

    def _objection(self, key: str) -> Objection | None:
        return next((item for item in self._brief.objections if item.key == key), None)

    def _pain_told(self) -> str:
        everybody = self._plan.people.values()
        pains: dict[str, HiddenPain] = {item.key: item for person in everybody for item in person.hidden_pains}
        return _as_sentence(next((pains[key].pain for key in self._told if key in pains), self._about["offer"]))

    def _shuffled(self, texts: Sequence[str]) -> list[str]:
        usable = [text.strip() for text in texts if text.strip()]
        return self._chance.sample(usable, len(usable))

    def _say(self, pool: str, **values: str) -> Says:
        lines = self._lines[pool]
        place = self._drawn[pool]
        self._drawn[pool] = place + 1
        return Says(_filled(lines[place % len(lines)], {**self._about, **values}))


class Pathfinder:
    """Walks to one edge of the graph and along it: does at each stage what the next edge on the way waits for."""

    key = PATH
    words_per_second, pause_ms = WORDS_PER_SECOND["strong"], PAUSE_MS["strong"]

    def __init__(self, plan: Plan, edge_number: int) -> None:
        assert plan.brief.script is not None
        self._graph = plan.brief.script.graph
        self._edges = self._way_to(self._graph.edges[edge_number])
        self._strong, self._poor = Seller("strong", plan, edge_number), Seller("poor", plan, edge_number)
        self._lines: dict[str, list[str]] = lines_in(plan.language)["acts"]
        self._said: dict[str, int] = {}

    def opening(self) -> Says:
        return self._strong.opening()

    def answer(self, reply: Reply, state: Mapping[str, Any]) -> Says | None:
        usual = self._strong.answer(reply, state)
        place = str(state.get("script", {}).get("place", {}).get("node", ""))
        edge = next((one for one in self._edges if one.source == place), None)
        if edge is None:
            return usual
        when = edge.when
        if when.kind == "intent" and when.value in self._lines:
            return self._act(when.value)
        if when.kind == "questions":
            return self._act("ask")
        if when.kind == "patience":
            return self._poor.answer(reply, state) or self._act("pushy")
        if when.kind == "time":
            return Says(self._act("wait").text, silent_ms=WAIT_MS)
        if when.kind in {"turns", "always"}:
            return self._act("wait")
        return usual  # an objection settled, a pain found, a next step agreed: what a good seller does

    def _way_to(self, wanted: Edge) -> tuple[Edge, ...]:
        """The edges from the start to the wanted one, over as few stages as can be."""
        start = self._graph.start
        ways: dict[str, tuple[Edge, ...]] = {start.id: ()} if start else {}
        waiting = list(ways)
        while waiting:
            place = waiting.pop(0)
            for edge in self._graph.edges_from(place):
                if edge.target not in ways:
                    ways[edge.target] = (*ways[place], edge)
                    waiting.append(edge.target)
        return (*ways.get(wanted.source, ()), wanted)

    def _act(self, act: str) -> Says:
        lines = self._lines[act]
        said = self._said.get(act, 0)
        self._said[act] = said + 1
        return Says(lines[said % len(lines)])


class Adversary:
    """Says a fixed list of things that no trainee should say, whatever the buyer answers."""

    words_per_second, pause_ms = 2.6, 500

    def __init__(self, key: str, plan: Plan) -> None:
        self.key = key
        self._said = iter(lines_in(plan.language)[key])

    def opening(self) -> Says:
        return Says(next(self._said))

    def answer(self, reply: Reply, state: Mapping[str, Any]) -> Says | None:
        line = next(self._said, None)
        return None if line is None else Says(line)


class Silent:
    """Greets and then says nothing more."""

    key = "silence"
    words_per_second, pause_ms = 2.6, 500

    def __init__(self, plan: Plan) -> None:
        self._greeting = str(lines_in(plan.language)["one_word"][0])

    def opening(self) -> Says:
        return Says(self._greeting)

    def answer(self, reply: Reply, state: Mapping[str, Any]) -> Says | None:
        return Says(silent_ms=(int(state["silences"]) + 1) * SILENT_MS)


def trainee(key: str, plan: Plan, *, seed: int = 0) -> Trainee:
    """The simulated trainee of that name; for "path", who walks the graph's edge number `seed`. Raises KeyError for one that
    is not known."""
    if key == PATH:
        return Pathfinder(plan, seed)
    if key in STRENGTHS:
        return Seller(key, plan, seed)
    if key == "silence":
        return Silent(plan)
    if key not in ADVERSARIES:
        raise KeyError(key)
    return Adversary(key, plan)


def _first_name(brief: PersonaBrief) -> str:
    return brief.name.split(maxsplit=1)[0]


def _about(plan: Plan, brief: PersonaBrief) -> dict[str, str]:
    """What a seller knows beforehand: who is on the line, and what they sell ("Crumb, ordering for bakeries")."""
    seller, offer = seller_and_offer(plan.product)
    return {
        "name": _first_name(brief),
        "company": brief.company,
        "industry": brief.industry,
        "seller": seller or "Parley",
        "offer": offer or str(lines_in(plan.language)["unnamed_offer"][0]),
        "next_step": (plan.brief.next_step or plan.brief.goal).rstrip("."),
    }


def _filled(line: str, values: Mapping[str, str]) -> str:
    """All placeholders in one go: braces in an author's text stay what they are."""
    return _PLACE.sub(lambda found: values.get(found[1], ""), line)


def _as_question(hint: str, language: str) -> str:
    """A hint as a question: most are one already; "asks about overtime" is not."""
    if "?" in hint:
        return hint
    about = hint.rstrip(".! ")
    return (
        f"¿Me puede contar más de esto: {about}?" if language == "es" else f"Can you tell me more about this: {about}?"
    )


def _as_sentence(text: str) -> str:
    text = text.strip()
    return text if text.endswith((".", "?", "!", "…")) else f"{text}."
