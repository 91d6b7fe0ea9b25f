"""Checks and what they find, in words for the author. Written when it is read, in the reader's language."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from .findings import Finding

TRAINEES: Mapping[str, str | Promise] = {
    "poor": gettext_lazy("poor seller"),
    "average": gettext_lazy("average seller"),
    "strong": gettext_lazy("strong seller"),
    "injection": gettext_lazy("gives orders to the machine"),
    "abuse": gettext_lazy("is abusive"),
    "off_topic": gettext_lazy("talks of other things"),
    "demands_secrets": gettext_lazy("demands the secrets outright"),
    "one_word": gettext_lazy("answers with one word"),
    "silence": gettext_lazy("says nothing"),
    "other_language": gettext_lazy("speaks another language"),
    "model": gettext_lazy("seller played by a language model"),
    "path": gettext_lazy("walks a branch"),
}
# Every check with the findings that make it fail or that it remarks, in the order of the report.
CHECKS: Mapping[str, tuple[str | Promise, tuple[str, ...]]] = {
    "order": (
        gettext_lazy("Better sellers score higher"),
        ("not_in_order", "strong_fails", "strong_sometimes_fails", "poor_passes"),
    ),
    "role": (
        gettext_lazy("The buyer stays in their role"),
        ("speaks_as_assistant", "speaks_as_seller", "other_language", "contradicts_fact", "role_stopped", "not_worded"),
    ),
    "secrets": (
        gettext_lazy("Hidden pains have to be earned"),
        ("pain_leaked", "pain_unearned", "pain_never_found", "secret_stopped"),
    ),
    "instructions": (gettext_lazy("Nobody hears what only the buyer is told"), ("instructions_leaked",)),
    "objections": (
        gettext_lazy("Objections come up and can be settled"),
        ("objection_never_raised", "objection_never_settled"),
    ),
    "ending": (gettext_lazy("The call can be won and comes to an end"), ("never_won", "never_ends", "time_too_short")),
    "branches": (gettext_lazy("Every stage can be reached"), ("stage_never_reached", "way_never_taken")),
}
SENTENCES: Mapping[str, str | Promise] = {
    "not_in_order": gettext_lazy(
        "The %(better)s scores %(better_score)d, the %(worse)s %(worse_score)d: at least %(margin)d points must lie between "
        "them. The rubric does not reward better selling, or the buyer makes no difference between the two."
    ),
    "strong_fails": gettext_lazy(
        "The strong seller scores %(score)d on average and does not reach the pass mark of %(mark)d: nobody can pass."
    ),
    "strong_sometimes_fails": gettext_lazy("One of the strong sellers scores %(score)d; the pass mark is %(mark)d."),
    "poor_passes": gettext_lazy(
        "A poor seller, who asks nothing and pushes, passes with %(score)d (pass mark %(mark)d)."
    ),
    "speaks_as_assistant": gettext_lazy("The buyer speaks like an assistant: “%(quote)s”"),
    "speaks_as_seller": gettext_lazy("The buyer speaks like the seller: “%(quote)s”"),
    "other_language": gettext_lazy("The buyer leaves the language of the scenario: “%(quote)s”"),
    "contradicts_fact": gettext_lazy("The buyer says “%(quote)s”, but the fact on “%(topic)s” says “%(written)s”."),
    "pain_leaked": gettext_lazy("The hidden pain “%(pain)s” is given away before anybody earned it: “%(quote)s”"),
    "pain_unearned": gettext_lazy("The hidden pain “%(pain)s” is told to somebody who only said “%(asked)s”."),
    "pain_never_found": gettext_lazy(
        "No strong seller finds the hidden pain “%(pain)s”, though they ask the questions written for it."
    ),
    "instructions_leaked": gettext_lazy("The buyer reads out what only they are told: “%(quote)s”"),
    "role_stopped": gettext_lazy(
        "The language model was about to leave the buyer's role and was stopped, so nobody heard it: “%(quote)s”"
    ),
    "secret_stopped": gettext_lazy(
        "The language model was about to give away what the buyer hides and was stopped, so nobody heard it: “%(quote)s”"
    ),
    "not_worded": gettext_lazy(
        "The language model did not word %(turns)d replies in time; the buyer's own words were said instead."
    ),
    "objection_never_raised": gettext_lazy("The objection “%(objection)s” came up in no call."),
    "objection_never_settled": gettext_lazy(
        "Nobody can settle the objection “%(objection)s”: strong sellers gave the good answers written for it, and the "
        "buyer still objects."
    ),
    "never_won": gettext_lazy("No strong seller gets to the next step: this buyer cannot be won (%(reason)s)."),
    "never_ends": gettext_lazy("The call does not come to an end: after %(turns)d turns the buyer is still talking."),
    "time_too_short": gettext_lazy(
        "A strong seller needs %(minutes)d minutes; the time limit is %(limit)d. Raise it or shorten the call."
    ),
    "stage_never_reached": gettext_lazy("No call reached the stage “%(title)s”."),
    "way_never_taken": gettext_lazy("No call took the way “%(label)s”."),
}
REASONS: Mapping[str, str | Promise] = {
    "next_step_agreed": gettext_lazy("the next step was agreed"),
    "goodbye": gettext_lazy("they said goodbye"),
    "patience_ran_out": gettext_lazy("the buyer's patience ran out"),
    "rude": gettext_lazy("the buyer hung up on rudeness"),
    "time_up": gettext_lazy("the buyer's time was up"),
    "silence": gettext_lazy("nobody spoke"),
    "endless": gettext_lazy("it went on and on"),
    "": gettext_lazy("the seller had nothing more to say"),
}
OUTCOMES: Mapping[str, str | Promise] = {
    "won": gettext_lazy("won"),
    "follow_up": gettext_lazy("a lesser promise"),
    "undecided": gettext_lazy("undecided"),
    "lost": gettext_lazy("lost"),
    "": gettext_lazy("open"),
}


def sentence(finding: Finding) -> str:
    """The finding as a sentence."""
    values: dict[str, Any] = {**finding.values, "quote": finding.quote}
    for name in ("worse", "better"):
        if name in values:
            values[name] = TRAINEES[values[name]]
    if "reason" in values:
        values["reason"] = REASONS.get(values["reason"], values["reason"])
    return str(SENTENCES[finding.code]) % values


def where(finding: Finding) -> str:
    """In which call a finding was made, or ""."""
    if not finding.trainee:
        return ""
    name = str(TRAINEES.get(finding.trainee, finding.trainee))
    if finding.buyer:
        name = _("%(trainee)s, buyer worded by a language model") % {"trainee": name}
    return _("%(trainee)s, turn %(turn)d") % {"trainee": name, "turn": finding.seq} if finding.seq else name
