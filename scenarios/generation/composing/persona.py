"""A buyer from templates: what they object, what hurts, what they answer."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from integrations.embeddings.base import Encoder
from scenarios.generation.material import Heard, Made, Material, Statement
from scenarios.generation.phrases import ABOUT_BUYERS, TO_THE_SELLER
from scenarios.generation.words import lowered, talk

from .slots import Setting, setting, voice_of

OBJECTIONS = {"easy": 2, "medium": 3, "hard": 3}
PAINS = {"easy": 2, "medium": 2, "hard": 3}
OWN_PAINS = 2  # of those, so many from the material at most
LEAST_SPOKEN = 4  # words of something a buyer can say as it stands
LEAST_IN_PERSON = 3
IN_PERSON = re.compile(r"\b(?:i|i'm|we|our|us|you|your|ya|no|nos|nuestr[oa]s?|su|sus)\b", re.IGNORECASE)
LEAST_ANSWER = 6
MOST_HINTS = 5
NEAR = 0.3  # cosine from which a question of the playbook is about a pain
SAME_TROUBLE = 0.5  # cosine from which a pain of the industry is the one that the playbook names
_VERBS = {
    "en": re.compile(
        r"\s+(?:cost|costs|cause|causes|lead|leads|lose|loses|take|takes|mean|means|are|is|have|has|plan|do|does)\b"
    ),
    "es": re.compile(r"\s+(?:cuestan?|causan?|llevan?|pierden?|suponen?|son|es|está|están|tienen?|hay|no)\b"),
}


def persona(wish: Mapping[str, Any], material: Material, *, encoder: Encoder) -> Made:
    """Values in the shape of the API's `personas/`, with the sources of what was given."""
    place = setting(wish, material)
    words = talk(place.language)
    made = Made(
        {
            "language": place.language,
            "name": place.slots["name"],
            "role": place.slots["role"],
            "company": place.slots["company"],
            "industry": place.slots["industry"],
            "personality": place.personality,
            "difficulty": place.difficulty,
            "gender": place.gender,
            "backstory": _backstory(place),
            "facts": {topic: place.say(answer) for topic, answer in place.pack["facts"].items()},
            "voice_id": voice_of(place),
            "competitor": material.competitors[0].text if material.competitors else place.pack["today"],
            "objections": [],
            "hidden_pains": [],
        }
    )
    if material.competitors:
        fact = words["competitor_fact"]
        made.values["facts"][fact["topic"]] = place.say(fact["answer"])
        made.cite("competitor", material.competitors)
    if material.role and not wish.get("role", "").strip():
        made.cite("role", [material.role])
    _objections(made, place, material)
    _pains(made, place, material, encoder)
    return made


def gatekeeper(wish: Mapping[str, Any], material: Material, buyer: Mapping[str, Any]) -> Made:
    """Who answers the telephone at the buyer's company: friendly, and not easily impressed."""
    place = setting({**wish, "personality": "friendly", "difficulty": "easy"}, material, part="desk")
    words = talk(place.language)["graph"]
    objection = words["gatekeeper_objection"]
    slots = {"company": buyer["company"], "boss": buyer["name"]}
    return Made(
        {
            "language": place.language,
            "name": place.slots["name"],
            "role": words["gatekeeper"],
            "company": buyer["company"],
            "industry": buyer["industry"],
            "personality": "friendly",
            "difficulty": "easy",
            "gender": place.gender,
            "backstory": place.say(words["gatekeeper_backstory"], **slots),
            "facts": {words["gatekeeper_fact"]["topic"]: place.say(words["gatekeeper_fact"]["answer"], **slots)},
            "voice_id": voice_of(place),
            "first_message": place.say(words["gatekeeper_says"], **slots),
            "objections": [
                {
                    "key": "who-is-calling",
                    "kind": "trust",
                    "text": place.say(objection["text"], **slots),
                    "concern": place.say(objection["concern"], **slots),
                    "resolve_hints": [place.say(hint, **slots) for hint in objection["hints"]],
                }
            ],
            "hidden_pains": [],
        }
    )


def _backstory(place: Setting) -> str:
    words = talk(place.language)
    lines = [
        words["backstory"]["start"],
        place.pick(words["backstory"]["past"], f"past:{place.slots['company']}"),
        words["personalities"][place.personality]["trait"],
        words["backstory"]["wish"],
    ]
    return " ".join(place.say(line) for line in lines)


# -- objections ---------------------------------------------------------------------------------------------------------
def _objections(made: Made, place: Setting, material: Material) -> None:
    wanted = OBJECTIONS[place.difficulty]
    own: dict[str, Heard] = {}
    for heard in sorted(material.objections, key=lambda one: not one.answers):  # a known answer makes it winnable
        own.setdefault(heard.kind, heard)
    kinds = list(own)[:wanted]
    likely = ["competitor"] if material.competitors else []
    rest = [
        kind for kind in ("price", "timing", "trust", "authority", "status_quo", "need", "features") if kind not in own
    ]
    first = place.pick(rest, f"objection:{place.slots['company']}") if rest else ""
    for kind in (*likely, first, *rest):
        if len(kinds) >= wanted:
            break
        if kind and kind not in kinds:
            kinds.append(kind)
    for kind in kinds:
        index = len(made.values["objections"])
        made.values["objections"].append(_objection(place, kind, own.get(kind)))
        if kind in own:
            made.cite(f"objections[{index}].text", [own[kind].objection])
            made.cite(f"objections[{index}].resolve_hints", own[kind].answers)
        elif kind == "competitor":
            made.cite(f"objections[{index}].text", material.competitors)


def _objection(place: Setting, kind: str, heard: Heard | None) -> dict[str, Any]:
    words = talk(place.language)
    every = words["objections"][kind]
    if kind == "competitor" and not place.names_competitor:
        every = every[:1]  # "the same is offered by spreadsheets" is nothing anybody says
    written = place.pick(every, f"words:{kind}:{place.slots['company']}")
    text = place.say(written["text"])
    if heard is not None and _can_be_said(heard.objection.text):
        text = _ended(heard.objection.text)
    lead = place.pick(words["leads"][place.personality], f"lead:{kind}")
    answers = [one.text for one in heard.answers if _answers_a_buyer(one.text)] if heard else []
    hints = [*answers, *(place.say(hint) for hint in words["hints"][kind])][:MOST_HINTS]
    return {
        "key": kind.replace("_", "-"),
        "kind": kind,
        "text": lead + (lowered(text) if lead.endswith(": ") else text),
        "concern": place.say(written["concern"]),
        "resolve_hints": hints,
        "harden_hints": list(words["worse"][kind]),
        "resolved_text": place.say(words["resolved"][kind]),
        "hardened_text": place.say(words["hardened"][kind]),
        "required": 1,
    }


def _can_be_said(text: str) -> bool:
    """Somebody's words, not a label for them: “Price too high” is one, “Ya usamos TrackMaster” is not."""
    least = LEAST_IN_PERSON if IN_PERSON.search(text) else LEAST_SPOKEN
    return len(text.split()) >= least and not ABOUT_BUYERS.match(text)


def _answers_a_buyer(text: str) -> bool:
    return len(text.split()) >= LEAST_ANSWER and not TO_THE_SELLER.search(text)


def _ended(text: str) -> str:
    text = text.strip()
    return text if text[-1:] in ".!?…" else f"{text}."


# -- pains --------------------------------------------------------------------------------------------------------------
def _pains(made: Made, place: Setting, material: Material, encoder: Encoder) -> None:
    written = list(place.pack["pains"])
    turned = place.pick(range(len(written)), f"pain:{place.slots['company']}")
    written = [*written[turned:], *written[:turned]]
    for statement in material.pains[:OWN_PAINS]:
        index = len(made.values["hidden_pains"])
        pain, used = _own_pain(place, statement, material.questions, written, encoder, before=index)
        pain["key"] = f"pain-{index + 1}"
        made.values["hidden_pains"].append(pain)
        made.cite(f"hidden_pains[{index}].pain", [statement])
        if used is not None:
            written.remove(used)
    for pack in written:
        if len(made.values["hidden_pains"]) >= PAINS[place.difficulty]:
            break
        made.values["hidden_pains"].append(
            {
                "key": pack["key"].replace("_", "-"),
                "pain": place.say(pack["pain"]),
                "reveal_hints": [place.say(question) for question in pack["ask"]],
                "reveal_text": place.say(pack["tell"]),
                "weight": 2 if not made.values["hidden_pains"] else 1,
            }
        )


def _own_pain(
    place: Setting,
    statement: Statement,
    questions: Sequence[Statement],
    written: list[Any],
    encoder: Encoder,
    *,
    before: int,
) -> tuple[dict[str, Any], Any]:
    """A pain that the playbook names, and the industry's own pain that is the same one: it lends its words to be told in.

    `before`: how many pains stand before it, so that each is told with other words."""
    words = talk(place.language)["pain"]
    rows = encoder.encode([statement.text, *(one.text for one in questions), *(pack["pain"] for pack in written)])
    near = [round(float(row @ rows[0]), 4) for row in rows[1:]]
    asked = [one.text for one, score in zip(questions, near, strict=False) if score >= NEAR]
    scores = near[len(questions) :]
    best = max(range(len(written)), key=lambda index: scores[index]) if written else -1
    same = written[best] if best >= 0 and scores[best] >= SAME_TROUBLE else None
    topic = _topic(statement.text, place.language)
    hints = asked[:3]
    if same is not None:
        hints += [place.say(question) for question in same["ask"]]
    if topic:
        hints += [place.say(question, topic=topic) for question in words["ask"]]
    if not hints and written:
        hints = [place.say(question) for question in written[0]["ask"]]
    own_words = words["tell"][before % len(words["tell"])]
    told = place.say(same["tell"]) if same is not None else place.say(own_words, pain_low=lowered(statement.text))
    pain = {"pain": statement.text, "reveal_hints": list(dict.fromkeys(hints))[:6], "reveal_text": told, "weight": 2}
    return pain, same


def _topic(text: str, language: str) -> str:
    """What a pain is about: the words before its verb, when they are few."""
    match = _VERBS[language].search(text)
    words = text[: match.start()] if match else ""
    return lowered(words) if 1 <= len(words.split()) <= 6 else ""
