"""What is wrong with a graph, in words that name the stage or the edge at fault.

Pure but for the words, which are in the reader's language. Everything found stands in the way of publishing; nothing here
stands in the way of saving, so that authors can leave a graph unfinished.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _

from scenarios.wording import MARKUP

from .graph import BUYER, END, GATEKEEPER, INTENTS, OUTCOMES, START, Edge, Graph, GraphInvalid, Node
from .preview import speakers_of
from .ways import cycles_without_exit, reachable, shadowed_by

LONGEST_QUOTE = 50


@dataclass(frozen=True, slots=True)
class Person:
    """What is to be known of somebody who may speak. `objections` and `pains`: key → text."""

    name: str
    language: str
    archived: bool = False
    objections: Mapping[str, str] = field(default_factory=dict)
    pains: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Problem:
    """`element`: "graph", "node" or "edge"; `id`: which one, "" for the graph. `code` is stable, `message` for people."""

    element: str
    id: str
    code: str
    message: str

    def to_json(self) -> dict[str, str]:
        return {"element": self.element, "id": self.id, "code": self.code, "message": self.message}


def problems_of(data: Any, *, personas: Mapping[str, Person], time_limit_seconds: int | None = None) -> list[Problem]:
    """The problems of a graph as it comes from outside: JSON of any shape. Never raises."""
    try:
        graph = Graph.from_json(data)
    except GraphInvalid as error:
        return [malformed(error)]
    return validate(graph, personas=personas, time_limit_seconds=time_limit_seconds)


def malformed(error: GraphInvalid) -> Problem:
    """JSON that is no graph, in words."""
    texts = {
        "object": _("an object is needed here"),
        "list": _("a list is needed here"),
        "text": _("a text is needed here"),
        "id": _("an id of letters, digits, “-” and “_” is needed here, at most 60 of them"),
        "choice": _("this is none of the words that are possible here"),
        "number": _("this is no number that is possible here"),
        "long": _("at most %(most)s characters are possible here"),
        "many": _("at most %(most)s of these are possible"),
        "unknown": _("nothing of this name belongs here"),
    }
    message = texts[error.problem] % {"most": error.most}
    return Problem("graph", "", "malformed", f"{error.path}: {message}")


def validate(graph: Graph, *, personas: Mapping[str, Person], time_limit_seconds: int | None = None) -> list[Problem]:
    """Everything that stands in the way of a call on this graph; empty where nothing does.

    `personas`: who may speak in this organisation, by the name that nodes use; the scenario's own buyer under "".
    """
    return _Examination(graph, personas, time_limit_seconds).all()


class _Examination:
    def __init__(self, graph: Graph, personas: Mapping[str, Person], time_limit_seconds: int | None) -> None:
        self._graph = graph
        self._personas = personas
        self._limit = time_limit_seconds
        self._nodes = {node.id: node for node in graph.nodes}
        self._found: list[Problem] = []

    def all(self) -> list[Problem]:
        self._ids()
        self._start()
        for node in self._graph.nodes:
            self._node(node)
        for edge in self._graph.edges:
            self._edge(edge)
        self._conditions()
        self._orders()
        self._ways()
        return self._found

    def _say(self, element: str, id: str, code: str, message: str) -> None:
        self._found.append(Problem(element, id, code, message))

    def _name(self, node_id: str) -> str:
        node = self._nodes.get(node_id)
        return (node.title or node.id) if node else node_id

    def _between(self, edge: Edge) -> dict[str, str]:
        return {"from": self._name(edge.source), "to": self._name(edge.target)}

    # -- one by one -----------------------------------------------------------------------------------------------------
    def _ids(self) -> None:
        for element, items in (("node", self._graph.nodes), ("edge", self._graph.edges)):
            ids: Iterable[str] = (item.id for item in items)
            for id, count in Counter(ids).items():
                if count > 1:
                    self._say(element, id, "same_id", _("The id “%(id)s” is there twice.") % {"id": id})

    def _start(self) -> None:
        starts = [node for node in self._graph.nodes if node.kind == START]
        if not starts:
            self._say("graph", "", "no_start", _("There is no start: add one, and lead it to who picks up the phone."))
        for node in starts[1:]:
            message = _("“%(title)s” is a second start; a call has only one.")
            self._say("node", node.id, "several_starts", message % {"title": self._name(node.id)})
        for node in starts:
            ways = self._graph.edges_from(node.id)
            if len(ways) > 1 or any(edge.when.kind != "always" for edge in ways):
                message = _("From “%(title)s” one edge without a condition leads on: nobody has said anything yet.")
                self._say("node", node.id, "start_with_conditions", message % {"title": self._name(node.id)})
            if any((to := self._nodes.get(edge.target)) and to.kind == END for edge in ways):
                message = _("“%(title)s” leads straight to an end; somebody has to pick up the phone first.")
                self._say("node", node.id, "nobody_speaks", message % {"title": self._name(node.id)})

    def _node(self, node: Node) -> None:
        named = {"title": self._name(node.id)}
        if not node.title:
            self._say("node", node.id, "no_title", _("Give the stage “%(title)s” a title.") % named)
        if node.kind == GATEKEEPER and not node.persona:
            message = _("“%(title)s” is a gatekeeper: say which persona picks up the phone.")
            self._say("node", node.id, "no_persona", message % named)
        if node.kind == END and node.outcome not in OUTCOMES:
            message = _("“%(title)s” is an end without an outcome: say how the call went when it ends here.")
            self._say("node", node.id, "no_outcome", message % named)
        if node.persona and node.kind not in {START, END}:
            self._persona(node, node.persona, named)
        if any(MARKUP.search(text) for text in (node.title, node.says, node.instructions)):
            message = _("Take the HTML out of “%(title)s”; its text is read out loud.")
            self._say("node", node.id, "markup", message % named)

    def _persona(self, node: Node, persona: str, named: dict[str, str]) -> None:
        person, own = self._personas.get(persona), self._personas.get("")
        if person is None:
            message = _("“%(title)s” names a persona that is not in this organisation.")
            self._say("node", node.id, "unknown_persona", message % named)
        elif person.archived:
            message = _("The persona %(name)s of “%(title)s” is archived; restore it or choose another one.")
            self._say("node", node.id, "archived_persona", message % {**named, "name": person.name})
        elif own is not None and person.language != own.language:
            message = _("%(name)s in “%(title)s” speaks another language than the scenario.")
            self._say("node", node.id, "other_language", message % {**named, "name": person.name})

    def _edge(self, edge: Edge) -> None:
        for end, code in ((edge.source, "dangling_from"), (edge.target, "dangling_to")):
            if end not in self._nodes:
                message = _("The edge from “%(from)s” to “%(to)s” hangs in the air: there is no “%(end)s”.")
                self._say("edge", edge.id, code, message % {**self._between(edge), "end": end})
        source, target = self._nodes.get(edge.source), self._nodes.get(edge.target)
        if source and source.kind == END:
            message = _("Nothing leads on from “%(from)s”: the call has ended there.")
            self._say("edge", edge.id, "after_end", message % self._between(edge))
        if target and target.kind == START:
            message = _("The edge from “%(from)s” leads back to the start; lead it to a stage instead.")
            self._say("edge", edge.id, "to_start", message % self._between(edge))

    # -- conditions -----------------------------------------------------------------------------------------------------
    def _conditions(self) -> None:
        speakers = speakers_of(self._graph)
        for edge in self._graph.edges:
            when, between = edge.when, self._between(edge)
            if when.kind == "intent" and when.value not in INTENTS:
                message = _("The edge from “%(from)s” to “%(to)s” waits for “%(what)s”, which nobody can tell apart.")
                self._say("edge", edge.id, "unknown_intent", message % {**between, "what": when.value or "…"})
            if when.kind == "objection_met" and not self._have(speakers, edge, "objections"):
                message = _(
                    "The edge from “%(from)s” to “%(to)s” waits for the objection “%(what)s”, which nobody has there."
                )
                self._say("edge", edge.id, "unknown_objection", message % {**between, "what": when.value or "…"})
            if when.kind == "pain_revealed" and not self._have(speakers, edge, "pains"):
                message = _(
                    "The edge from “%(from)s” to “%(to)s” waits for the pain “%(what)s”, which nobody has there."
                )
                self._say("edge", edge.id, "unknown_pain", message % {**between, "what": when.value or "…"})
            if when.kind == "agreed" and (node := self._nodes.get(edge.source)) and node.kind == GATEKEEPER:
                message = _(
                    "The edge from “%(from)s” to “%(to)s” waits for a next step, which no gatekeeper agrees to."
                )
                self._say("edge", edge.id, "gatekeeper_agrees", message % between)
            if when.kind in {"questions", "turns", "time"} and when.count < 1:
                message = _("The edge from “%(from)s” to “%(to)s” needs a number of at least 1.")
                self._say("edge", edge.id, "no_number", message % between)
            if when.kind == "patience" and when.count > 99:
                message = _("The edge from “%(from)s” to “%(to)s” is always taken: patience is never above 99.")
                self._say("edge", edge.id, "no_condition", message % between)
            if when.kind == "time" and self._limit is not None and when.count >= self._limit:
                message = _(
                    "The edge from “%(from)s” to “%(to)s” comes after %(count)d seconds; by then the call is over."
                )
                self._say("edge", edge.id, "too_late", message % {**between, "count": when.count})

    def _have(self, speakers: Mapping[str, set[str]], edge: Edge, what: str) -> bool:
        """Has anybody who may speak there this objection, or pain? Yes where it is not known who speaks."""
        there = speakers.get(edge.source) or set()
        people = [self._personas[one] for one in there if one in self._personas]
        return not people or any(edge.when.value in getattr(person, what) for person in people)

    def _orders(self) -> None:
        for node in self._graph.nodes:
            ways = self._graph.edges_from(node.id)
            for index, edge in enumerate(ways):
                earlier = shadowed_by(edge, ways[:index])
                if earlier is None:
                    continue
                values = {**self._between(edge), "other": self._name(earlier.target)}
                if earlier.when == edge.when:
                    message = _(
                        "Two edges from “%(from)s”, to “%(other)s” and to “%(to)s”, wait for the same: the second is useless."
                    )
                    self._say("edge", edge.id, "same_condition", message % values)
                else:
                    message = _(
                        "The edge from “%(from)s” to “%(to)s” is never taken: the one to “%(other)s” always comes first."
                    )
                    self._say("edge", edge.id, "shadowed", message % values)

    # -- ways -----------------------------------------------------------------------------------------------------------
    def _ways(self) -> None:
        start = self._graph.start
        reached = reachable(self._graph, start.id) if start else set()
        for node in self._graph.nodes:
            named = {"title": self._name(node.id)}
            if start and node.id not in reached and node.kind != START:
                message = _("“%(title)s” can't be reached: no edge leads there.")
                self._say("node", node.id, "unreachable", message % named)
            if node.kind != END and not self._graph.edges_from(node.id):
                message = _("“%(title)s” is a dead end: lead it to another stage or to an end.")
                self._say("node", node.id, "dead_end", message % named)
        for round in cycles_without_exit(self._graph):
            titles = " → ".join(_("“%(name)s”") % {"name": self._name(node_id)} for node_id in (*round, round[0]))
            message = _("The call goes round in circles: no way out of %(titles)s to an end.") % {"titles": titles}
            self._say("node", round[0], "cycle_without_exit", message)
        speaking = {node.kind for node in self._graph.nodes if node.id in reached} & {GATEKEEPER, BUYER}
        if start and not speaking and self._graph.nodes[1:]:
            message = _("Nobody speaks: begin with a gatekeeper or a buyer.")
            self._say("graph", "", "nobody_speaks", message)
