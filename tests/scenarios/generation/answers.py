"""What a careful language model answers when it is asked for a draft, to be bent by tests."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

PERSONA: dict[str, Any] = {
    "name": "Maud Terrell",
    "gender": "f",
    "role": "Operations manager",
    "company": "Fenwick Haulage",
    "industry": "regional freight",
    "backstory": "Maud runs the vans of a firm that supplies shops. She was let down once and reads the small print.",
    "competitor": "TrackMaster",
    "competitor_source": 12,
    "facts": [
        {"topic": "size of the fleet", "answer": "We run fifty vans."},
        {"topic": "who decides", "answer": "I sign up to ten thousand myself."},
    ],
    "objections": [
        {
            "kind": "price",
            "text": "It's too expensive for our margins.",
            "concern": "She has to show that it pays for itself within the year.",
            "resolve_hints": ["It pays for itself in the first quarter with what you save on late deliveries."],
            "harden_hints": ["I can give you a discount."],
            "resolved_text": "If the figures hold, I will look at them.",
            "hardened_text": "I don't buy promises.",
            "source": 8,
        },
        {
            "kind": "timing",
            "text": "We have no time for a project like that.",
            "concern": "The last one cost her people weeks of double work.",
            "resolve_hints": ["We load the data ourselves and nothing changes until after your peak season."],
            "harden_hints": ["There is never a good moment."],
            "resolved_text": "If it costs us no time, fine.",
            "hardened_text": "You have never worked through a peak with us.",
            "source": 9,
        },
    ],
    "hidden_pains": [
        {
            "pain": "Her best dispatcher has given notice, and nobody else knows the northern routes.",
            "reveal_hints": ["What would happen if somebody left?", "Who knows the routes?"],
            "reveal_text": "My best dispatcher has given notice. Nobody else knows the northern routes.",
            "source": 0,
        },
        {
            "pain": "A supermarket has complained in writing about late deliveries twice.",
            "reveal_hints": ["How do customers react to a late delivery?", "What happens when a delivery is late?"],
            "reveal_text": "One of our supermarkets has complained in writing, twice.",
            "source": 3,
        },
    ],
}
RUBRIC: dict[str, Any] = {
    "name": "First calls",
    "description": "What counts in a first call.",
    "criteria": [
        {
            "name": "Opening",
            "definition": "Says who is calling and gives a reason for the call in the first two sentences.",
            "kind": "rated",
            "weight": 40,
            "anchors": [
                {"score": 90, "text": "Name, company and a reason for this buyer."},
                {"score": 30, "text": "Sells at once."},
            ],
            "signals": ["introduced_clearly", "stated_reason"],
            "source_text": "",
            "source": 0,
        },
        {
            "name": "Questions",
            "definition": "Asks at least two open questions about what goes wrong.",
            "kind": "binary",
            "weight": 40,
            "anchors": [],
            "signals": ["asked_problem_questions"],
            "source_text": "",
            "source": 14,
        },
        {
            "name": "Prices are right",
            "definition": "What is said of prices agrees with the playbook.",
            "kind": "grounded",
            "weight": 40,
            "anchors": [],
            "signals": [],
            "source_text": "Lumenroute costs 18 euros per van and month.\nThere is no set-up fee.",
            "source": 5,
        },
    ],
}
SCENARIO: dict[str, Any] = {
    "title": "First call to Fenwick Haulage",
    "summary": "Win a visit from a careful operations manager.",
    "trainee_brief": "You work for Lumenroute and call Maud Terrell at Fenwick Haulage. Lumenroute costs 18 euros per van "
    "and month. A pilot costs nothing.",
    "brief_sources": [1, 5],
    "product": "Route planning for vans",
    "goal": "Find out what goes wrong with deliveries and agree on a visit.",
    "next_step": "a half-hour visit to the depot next week",
    "first_message": "Fenwick Haulage, Maud Terrell speaking.",
}


def persona(**changes: Any) -> dict[str, Any]:
    return {**deepcopy(PERSONA), **changes}


def rubric(**changes: Any) -> dict[str, Any]:
    return {**deepcopy(RUBRIC), **changes}


def scenario(**changes: Any) -> dict[str, Any]:
    return {**deepcopy(SCENARIO), **changes}
