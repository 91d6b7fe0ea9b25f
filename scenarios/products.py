"""What a scenario sells, as authors write it: "RouteWise, route planning for van fleets" – the seller's name, then the offer.

Pure. People and machines that play a seller introduce themselves with the one and speak of the other.
"""

from __future__ import annotations

import re

_NAME = r"(?P<name>[A-ZÁÉÍÓÚÑ][\w&'’.-]*(?: (?:[A-ZÁÉÍÓÚÑ0-9][\w&'’.-]*|&|de|of|y)){0,4})"
_SELLS = re.compile(
    r"(?:makes?|sells?|offers?|provides?|builds?|vende(?:mos)?|ofrece(?:mos)?|fabrica(?:mos)?|hace(?:mos)?|desarrolla(?:mos)?)"
    r"\s+(?P<offer>.+)$",
    re.DOTALL,
)
_SENTENCE = re.compile(rf"^{_NAME} (?=[a-záéíóúñ]+\b)")
_WE = re.compile(r"^(?:we |nosotros )?", re.IGNORECASE)
MOST_NAME_WORDS = 5
MOST_BARE_WORDS = 3  # of a name that nothing is said about


def product_line(text: str, *, seller: str) -> str:
    """What is sold as "seller, offer". A sentence that says it otherwise ("Lumenroute helps hauliers …") stays as it is."""
    text = text.strip().rstrip(".")
    rest = text[len(seller) :].lstrip(", ") if seller and text.startswith(seller) else _WE.sub("", text, count=1)
    sells = _SELLS.match(rest)
    if seller and sells:
        return f"{seller}, {sells['offer']}"
    is_sentence = text[:1].isupper() and len(text.split()) > MOST_NAME_WORDS
    if not seller or is_sentence or text.startswith(seller):
        return text
    return f"{seller}, {text}"


def seller_and_offer(product: str) -> tuple[str, str]:
    """The two halves; the seller is "" where the text names none ("route planning for van fleets")."""
    text = product.strip().rstrip(".")
    sentence = _SENTENCE.match(text)
    if sentence and (sells := _SELLS.match(text[sentence.end() :])):
        return sentence["name"], sells["offer"]
    name, comma, offer = (part.strip() for part in text.partition(","))
    if name[:1].isupper() and len(name.split()) <= (MOST_NAME_WORDS if comma else MOST_BARE_WORDS):
        return name, offer or name
    return (sentence["name"], sentence["name"]) if sentence else ("", text)
