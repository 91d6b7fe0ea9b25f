"""The situation around a buyer: what the trainee is told, and, where it is wanted, the way past the front desk."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from scenarios.generation.material import Made, Material, Statement
from scenarios.generation.words import filled, lowered, talk
from scenarios.products import product_line

MINUTES = {"cold_call": 8, "discovery": 12, "objection_gauntlet": 10}
MOST_FACTS = 10
DESK, BUYER = "desk", "buyer"  # who speaks in a graph, until they are rows with ids


def scenario(wish: Mapping[str, Any], material: Material, buyer: Mapping[str, Any]) -> Made:
    """Values in the shape of the API's `scenarios/`, without the ids of persona and rubric. What is hidden stays out."""
    language, mode = wish["language"], wish["mode"]
    words = talk(language)["scenario"]
    step = material.next_step.text if material.next_step else words["next_step"]
    seller = material.company.text if material.company else ""
    product = material.product.text if material.product else words["product"]
    slots = {
        **{name: str(buyer[name]) for name in ("name", "company", "industry", "role")},
        "role_low": lowered(str(buyer["role"])),
        "trait_word": talk(language)["trait_words"][buyer["personality"]],
        "next_step": step,
        "seller": seller,
        "product": product,
    }

    def say(text: str) -> str:
        return filled(text, slots, language=language)

    template = words[mode]
    opening = talk(language)["personalities"][buyer["personality"]]["opening"] if mode == "cold_call" else ""
    made = Made(
        {
            "language": language,
            "title": say(template["title"])[:160],
            "summary": say(template["summary"])[:300],
            "mode": mode,
            "trainee_brief": "",
            "product": product_line(product, seller=seller)[:200],
            "goal": say(template["goal"]),
            "next_step": step[:200],
            "first_message": say(opening)[:300] if opening else "",
            "time_limit_minutes": MINUTES[mode],
        }
    )
    made.values["trainee_brief"] = _told(made, material, say, words)
    if material.next_step:
        made.cite("next_step", [material.next_step])
    if material.product:
        made.cite("product", [material.product])
    return made


def _told(made: Made, material: Material, say: Any, words: Mapping[str, Any]) -> str:
    """What the trainee may know: who is called, what is sold, and what the material lets them claim."""
    lines = [say(words[made.values["mode"]]["brief"])]
    if material.company:
        lines.append(say(words["selling"]))
    if material.product:
        text = material.product.text
        lines.append(text if text.endswith(".") else say(words["selling_product"]))
    facts: list[Statement] = [*material.prices[:4], *material.proofs[:4], *material.process[:2]]
    goal = material.next_step.passage if material.next_step else None  # of this the goal speaks already
    facts = [fact for fact in facts if fact != material.product and (goal is None or fact.passage != goal)][:MOST_FACTS]
    text = " ".join(lines)
    if facts:
        text += f"\n\n{words['know']}:\n" + "\n".join(f"- {fact.text}" for fact in facts)
        for index, fact in enumerate(facts):
            made.cite(f"trainee_brief#{index + 1}", [fact])
    if material.tone:
        text += f"\n\n{say(words['tone'])}: " + " ".join(one.text for one in material.tone[:3])
    return text


def graph(wish: Mapping[str, Any], buyer: Mapping[str, Any]) -> dict[str, Any]:
    """A front desk before the buyer, in the shape of `scenarios.branching`. The gatekeeper's persona is called "desk"."""
    language = wish["language"]
    words = talk(language)["graph"]
    slots = {"name": str(buyer["name"]), "company": str(buyer["company"]), "boss": str(buyer["name"])}

    def say(text: str) -> str:
        return filled(text, slots, language=language)[:400]

    def node(key: str, kind: str, title: str, x: int, y: int, **more: str | None) -> dict[str, Any]:
        plain = {"persona": None, "says": "", "instructions": "", "outcome": ""}
        return {"id": key, "kind": kind, "title": title[:80], **plain, **more, "x": x, "y": y}

    def edge(key: str, source: str, target: str, when: dict[str, Any], label: str = "") -> dict[str, Any]:
        return {"id": key, "from": source, "to": target, "when": when, "label": label[:80]}

    return {
        "nodes": [
            node("start", "start", words["start"], 0, 120),
            node(
                "desk",
                "gatekeeper",
                words["gatekeeper"],
                220,
                120,
                persona=DESK,
                says=say(words["gatekeeper_says"]),
                instructions=say(words["gatekeeper_instructions"]),
            ),
            node("buyer", "buyer", say(words["buyer"]), 480, 40),
            node("agreed", "end", words["won"], 740, 0, outcome="won"),
            node("turned-away", "end", words["lost"], 480, 220, outcome="lost"),
        ],
        "edges": [
            edge("picked-up", "start", "desk", {"kind": "always"}),
            edge("through", "desk", "buyer", {"kind": "intent", "intent": "reason"}, words["through"]),
            edge("asked", "desk", "buyer", {"kind": "intent", "intent": "put_through"}, words["asked"]),
            edge("away", "desk", "turned-away", {"kind": "turns", "count": 5}, words["turned_away"]),
            edge("done", "buyer", "agreed", {"kind": "agreed"}, words["won"]),
        ],
    }
