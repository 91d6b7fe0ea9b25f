"""One function per rule. Each reads a criterion and yields what it finds, with a proposal in the rubric's own language."""

from __future__ import annotations

from collections.abc import Iterator

from django.utils.translation import gettext as _

from scenarios.wording import EMOTION

from .findings import Changes, Draft, Finding
from .words import Words, rewrite_for

FEWEST_WORDS = 3  # of a definition that has neither anchors nor signals
MOST_PARTS = 4


def feelings_and_voices(item: Draft, words: Words) -> Iterator[Finding]:
    """What somebody feels, or how a voice sounds, may not be judged (EU AI Act, article 5), and nobody can quote it."""
    for field, text in _texts(item):
        acoustic = words.acoustic.search(text)
        found = acoustic or words.emotional.search(text) or EMOTION.search(text)
        if not found:
            continue
        message = _(
            "“%(name)s” would judge how somebody sounds or feels (“%(words)s”). Describe words or timing instead."
        )
        proposal = rewrite_for(found.group(0), words.feelings_rewrites)
        yield Finding(
            rule="acoustic" if acoustic else "emotional",
            key=item.key,
            field=f"criteria[{item.index}].{field}",
            words=found.group(0),
            message=message % {"name": item.name, "words": found.group(0)},
            proposal=proposal,
            changes={item.key: {"definition": proposal}} if field == "definition" else {},
            blocks=True,
        )
        return  # one is enough to stop it


def compound(item: Draft, words: Words) -> Iterator[Finding]:
    """Two demands in one yes or no: who meets one of them gets nothing, and will argue."""
    if item.kind == "compound" or not (item.is_yes_or_no or (item.kind == "rated" and not item.anchors)):
        return
    pieces = split(item.definition, words)
    if len(pieces) < 2:
        return
    if item.is_yes_or_no:
        message = _("“%(name)s” asks for two things at once; a half-met one will be argued about. Split it.")
    else:
        message = _("“%(name)s” asks for several things at once, and nothing says what one of them alone earns.")
    found = words.joining.search(item.definition)
    yield Finding(
        rule="compound",
        key=item.key,
        field=f"criteria[{item.index}].definition",
        words=found.group(0).strip(" ,;") if found else "",
        message=message % {"name": item.name},
        proposal=" / ".join(pieces),
        changes=_split_up(item, pieces),
    )


def split(text: str, words: Words) -> list[str]:
    """The demands of a definition, each with the subject of the first and as a sentence; one where there is only one."""
    sentences = [piece for piece in words.joining.split(text.strip()) if piece.strip(" .,;")]
    subject = words.subject.match(text)
    lead = subject.group(0).strip() + " " if subject else ""
    pieces = [
        piece if not place or words.subject.match(piece) else lead + piece for place, piece in enumerate(sentences)
    ]
    whole = [piece.strip(" .,;") for piece in pieces]
    return [f"{piece[0].upper()}{piece[1:]}." for piece in whole][:MOST_PARTS]


def _split_up(item: Draft, pieces: list[str]) -> Changes:
    """A yes-or-no or rated criterion becomes one of several parts; a blocker becomes several blockers."""
    if item.kind != "blocker":
        parts = [
            {"key": f"part-{number}", "text": piece, "signals": []} for number, piece in enumerate(pieces, start=1)
        ]
        return {item.key: {"kind": "compound", "parts": parts}}
    rows: dict[str, dict[str, object]] = {item.key: {"definition": pieces[0]}}
    for number, piece in enumerate(pieces[1:], start=2):
        new = {"name": f"{item.name} {number}", "definition": piece, "kind": item.kind, "weight": 0}
        rows[f"{item.key[:55]}-{number}"] = new
    return rows


def undefined(item: Draft, words: Words) -> Iterator[Finding]:
    """Words that everybody takes for something else, or hardly any words at all, and no anchors that say what is meant."""
    if item.has_scale or item.kind in {"compound", "grounded"} or not item.definition.strip():
        return
    field = f"criteria[{item.index}].definition"
    about = f"{item.name} {item.definition}"
    proposal = rewrite_for(about, words.vague_rewrites)
    changes: Changes = {item.key: {"definition": proposal}} if proposal else {}
    advice = proposal or _("Say what a listener could quote: who says what, how often, or by when.")
    if found := words.vague.search(item.definition):
        message = _("In “%(name)s”, “%(words)s” means something else to everybody. Say what can be heard.")
        values = {"name": item.name, "words": found.group(0)}
        yield Finding("undefined", item.key, field, found.group(0), message % values, advice, changes)
    elif len(item.definition.split()) < FEWEST_WORDS and not item.signals:
        message = _("“%(name)s” does not say what counts. Describe it in a sentence, or add anchors.")
        yield Finding(
            "undefined", item.key, field, item.definition.strip(), message % {"name": item.name}, advice, changes
        )


def unobservable(item: Draft, words: Words) -> Iterator[Finding]:
    """What goes on in a head, or outside of the call, leaves no words in it."""
    texts = [
        ("definition", item.definition),
        *((f"parts[{place}].text", text) for place, text in enumerate(item.parts)),
    ]
    for field, text in texts:
        path = f"criteria[{item.index}].{field}"
        if found := words.elsewhere.search(text):
            message = _("“%(words)s” in “%(name)s” does not happen in the call, so it cannot be judged from it.")
            proposal = rewrite_for(found.group(0), words.elsewhere_rewrites)
        elif inner := words.inner.match(text):
            found = inner
            message = _("Nobody can hear whether somebody “%(words)s” (“%(name)s”). Ask for the words that show it.")
            rest = inner["rest"].strip(" .,;") or item.name.lower()
            template = words.summed_up if words.understanding.search(inner["verb"]) else words.named
            proposal = template.format(rest=rest)
        else:
            continue
        said = found["verb"] if "verb" in found.re.groupindex else found.group(0)
        changes: Changes = {item.key: {"definition": proposal}} if field == "definition" else {}
        values = {"words": said, "name": item.name}
        yield Finding("unobservable", item.key, path, said, message % values, proposal, changes)
        return


def _texts(item: Draft) -> list[tuple[str, str]]:
    """Every text of a criterion with the name of its field."""
    return [
        ("definition", item.definition),
        ("name", item.name),
        *(("anchors", text) for text in item.anchors.values()),
        *((f"parts[{place}].text", text) for place, text in enumerate(item.parts)),
    ]
