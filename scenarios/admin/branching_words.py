"""What the editor of branching scenarios offers and says, in the reader's language."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from scenarios.branching.graph import (
    INTENTS,
    LONGEST_INSTRUCTIONS,
    LONGEST_LINE,
    LONGEST_TITLE,
    MOST_EDGES,
    MOST_NODES,
    MOST_OF,
    OUTCOMES,
)
from scenarios.branching.wording import wording


def kinds() -> list[dict[str, str]]:
    rows = (
        (
            "start",
            pgettext("kind of stage", "Start"),
            _("Where the call begins. One edge leads on, to whoever picks up the phone."),
        ),
        (
            "gatekeeper",
            _("Gatekeeper"),
            _("Somebody with little patience who picks up first and may put the caller through."),
        ),
        (
            "buyer",
            pgettext("kind of stage", "Buyer"),
            _("A person who can decide. Without a persona of its own it is the scenario's."),
        ),
        (
            "stage",
            _("Stage"),
            _("A part of the talk, with whoever is on the line. It can change what the buyer is after."),
        ),
        ("end", _("End"), _("The call ends here, and how it went is kept with it.")),
    )
    return [{"value": value, "label": label, "help": help} for value, label, help in rows]


def outcomes(language: str) -> list[dict[str, str]]:
    words = wording(language).outcomes
    return [{"value": outcome, "label": words[outcome]} for outcome in OUTCOMES]


def limits() -> dict[str, int]:
    return {
        "nodes": MOST_NODES,
        "edges": MOST_EDGES,
        "title": LONGEST_TITLE,
        "line": LONGEST_LINE,
        "text": LONGEST_INSTRUCTIONS,
    }


def conditions(language: str) -> list[dict[str, Any]]:
    """Every kind of condition with the fields it asks for, as static/src/branching/graph.ts calls them."""
    intents = wording(language).intents
    since = [
        {"value": "stage", "label": _("since this stage began")},
        {"value": "call", "label": _("since the call began")},
    ]
    count = _number("count", _("How many"), 3)
    return [
        _condition("always", _("After the next turn"), _("Taken as soon as the trainee has spoken once more.")),
        _condition(
            "intent",
            _("The trainee does this"),
            _("Taken when one turn of the trainee does it."),
            _choice("intent", _("What they do"), options=[{"value": one, "label": intents[one]} for one in INTENTS]),
        ),
        _condition(
            "objection_met",
            _("Objection settled"),
            _("Taken when the objection has been answered well enough."),
            _choice("objection", _("Objection"), source="objections"),
        ),
        _condition(
            "pain_revealed",
            _("Pain revealed"),
            _("Taken when the trainee has found out what hurts."),
            _choice("pain", _("Pain"), source="pains"),
        ),
        _condition("agreed", _("Next step agreed"), _("Taken when the buyer agrees to the next step.")),
        _condition("questions", _("Questions asked"), _("Counted since this stage began."), count),
        _condition("turns", _("Turns spoken"), _("How often the trainee has spoken since this stage began."), count),
        _condition(
            "time",
            _("Time passed"),
            _("Taken at the first turn after it."),
            _number("seconds", _("Seconds"), 60),
            {**_choice("since", _("Counted"), options=since), "default": "stage"},
        ),
        _condition(
            "patience",
            _("Patience used up"),
            _("Taken when no more than this is left of a patience of 100."),
            _number("below", _("Patience left, at most"), 20, least=0),
        ),
    ]


def _condition(value: str, label: str, help: str, *fields: dict[str, Any]) -> dict[str, Any]:
    return {"value": value, "label": label, "help": help, "fields": list(fields)}


def _number(name: str, label: str, default: int, *, least: int = 1) -> dict[str, Any]:
    row = {"name": name, "label": label, "type": "number", "help": "", "default": default}
    return {**row, "least": least, "most": MOST_OF[name]}


def _choice(name: str, label: str, *, options: Any = None, source: str | None = None) -> dict[str, Any]:
    row: dict[str, Any] = {"name": name, "label": label, "type": "choice", "help": "", "default": ""}
    return row | ({"from": source} if source else {"options": options})


def texts() -> dict[str, str]:
    return {
        "untitled": _("(without a title)"),
        "nodeName": _("{title}, {kind}, edges out: {count}"),
        "brokenName": _("(to be put right)"),
        "nothingChosen": _("Choose something in the drawing or in the list, or add something above."),
        "nodeTitle": _("Chosen: {kind}"),
        "title": _("Title"),
        "kind": _("Kind"),
        "persona": _("Who speaks"),
        "ownPersona": _("Whoever spoke before, or {name}"),
        "unknown": _("{key} (not there any more)"),
        "says": _("First words"),
        "saysHelp": _("What is said when the call comes here. Empty: the talk simply goes on."),
        "instructions": _("Instructions"),
        "instructionsHelp": _("How to be in this part of the call. Trainees never see it."),
        "outcome": _("Outcome"),
        "choose": _("Choose …"),
        "deleteNode": _("Delete this"),
        "newWayTo": _("One more edge, to"),
        "addWay": _("Add this edge"),
        "waysOut": _("Edges out, in the order in which they are tried"),
        "noWaysOut": _("None yet: the call could not go on from here."),
        "wayTo": _("to “{title}” – {when}"),
        "edgeTitle": _("Chosen: an edge"),
        "from": _("From"),
        "to": _("To"),
        "when": _("Taken when"),
        "label": _("Label in the drawing (empty: the condition itself)"),
        "tried": _("Tried as number {place} of {count}."),
        "earlier": _("Earlier"),
        "later": _("Later"),
        "onlyWay": _("The only edge out of there."),
        "deleteEdge": _("Delete this edge"),
        "listTitle": _("Title"),
        "listKind": _("Kind"),
        "listWays": _("Edges out"),
        "listCaption": _("Everything in the drawing; choose a line to edit it."),
        "noProblems": _("Nothing is wrong with it."),
        "oneProblem": _("One thing is to be put right before publishing:"),
        "manyProblems": _("{count} things are to be put right before publishing:"),
        "offline": _("The server cannot be reached. Nothing is lost; try again in a moment."),
        "noText": _("Nothing yet. Without stages the scenario is one plain call."),
        "saving": _("Saving …"),
        "unsaved": _("Not saved yet."),
        "notSaved": _("Not saved."),
        "conflictTitle": _("Somebody else saved this while you were editing"),
        "conflict": _("{who} saved a newer one. Nothing of yours was saved yet. What differs:"),
        "keepMine": _("Keep mine"),
        "takeTheirs": _("Drop mine and show theirs"),
        "anotherTitle": _("{kind} {number}"),
        "added": _("{title} added."),
    }
