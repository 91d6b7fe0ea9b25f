"""Saving a scenario's graph from the editor: who may speak in it, what is wrong with it, and no silent overwriting."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from tenants.errors import Conflict, InvalidInput

from . import publishing
from .branching import Graph, GraphInvalid, as_text
from .branching.graph import Node
from .branching.people import people_of
from .branching.validation import malformed
from .models import Persona, Scenario, Status


def on_offer(scenario: Scenario) -> list[Persona]:
    """Whom an author can choose to speak: in use and in the language of the scenario, its own buyer first."""
    usable = Persona.objects.filter(language=scenario.language).exclude(status=Status.ARCHIVED)
    usable |= Persona.objects.filter(pk=scenario.persona_id)
    people = usable.prefetch_related("objections", "hidden_pains").order_by("name", "pk")
    return sorted(people, key=lambda persona: persona.pk != scenario.persona_id)


def read_as_text(scenario: Scenario, graph: Graph) -> str:
    """The graph in plain lines, in the language of the call."""
    people = people_of(scenario, graph)
    names = {key: text for person in people.values() for key, text in {**person.objections, **person.pains}.items()}
    return as_text(graph, scenario.language, people={key: one.name for key, one in people.items()}, names=names)


def read_graph(data: Any) -> Graph:
    """The graph in JSON from a browser. Raises `InvalidInput` naming the value that is none."""
    try:
        return Graph.from_json(data)
    except GraphInvalid as error:
        problem = malformed(error)
        raise InvalidInput(problem.message, details={"field": error.path, "issue": problem.message}) from None


@transaction.atomic
def save_graph(*, scenario: Scenario, graph: Graph, seen_revision: int) -> Scenario:
    """Keep the graph, finished or not; one without nodes is none.

    `seen_revision` is the one the author's page was drawn from. Raises `Conflict` where the scenario was saved since, with
    `details` {revision, differences: [text]}; then nothing was saved.
    """
    now = publishing.locked(scenario)
    if now.revision != seen_revision:
        theirs = Graph.from_json(now.graph) if now.graph else Graph()
        details = {"revision": now.revision, "differences": list(differences(theirs, graph))}
        raise Conflict(_("Somebody else saved this while you were editing."), details=details)
    if now.status == Status.ARCHIVED:
        raise Conflict(_("This scenario is archived. Restore it first."))
    kept = graph.to_json() if graph.nodes else None
    if kept != now.graph:
        now.graph = kept
        now.save(update_fields=["graph", "updated_at"])
        publishing.touch(item=now)
    return now


def differences(theirs: Graph, mine: Graph) -> Iterator[str]:
    """One sentence for each thing that is not the same in both."""
    titles = {node.id: node.title or node.id for graph in (theirs, mine) for node in graph.nodes}
    theirs_by_id, mine_by_id = ({node.id: node for node in graph.nodes} for graph in (theirs, mine))
    for key in theirs_by_id.keys() - mine_by_id.keys():
        yield _("“%(title)s” is there now, and not in yours.") % {"title": titles[key]}
    for key in mine_by_id.keys() - theirs_by_id.keys():
        yield _("“%(title)s” is in yours, and not there now.") % {"title": titles[key]}
    for key in sorted(mine_by_id.keys() & theirs_by_id.keys()):
        fields = list(_changed(theirs_by_id[key], mine_by_id[key]))
        if fields:
            yield _("“%(title)s” differs: %(fields)s.") % {"title": titles[key], "fields": ", ".join(fields)}
    if theirs.edges != mine.edges:
        yield _("The edges between the stages differ.")
    if theirs == mine:
        yield _("The branching is the same; other parts of the scenario were changed.")


def _changed(theirs: Node, mine: Node) -> Iterator[str]:
    """The names of what an author wrote otherwise; where a node is drawn counts as one thing."""
    words: Mapping[str, str] = {
        "kind": _("kind"),
        "title": _("title"),
        "persona": _("persona"),
        "says": _("first words"),
        "instructions": _("instructions"),
        "outcome": _("outcome"),
    }
    for field, word in words.items():
        if getattr(theirs, field) != getattr(mine, field):
            yield word
    if (theirs.x, theirs.y) != (mine.x, mine.y):
        yield _("place in the drawing")
