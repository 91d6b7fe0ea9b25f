"""What the embedded judge can look for in a call, by the name that a criterion lists and in words for its author."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

SIGNALS: dict[str, str | Promise] = {
    "introduced_clearly": _("said who is calling and from where"),
    "stated_reason": _("gave a reason for the call early"),
    "asked_open_questions": _("asked open questions"),
    "asked_problem_questions": _("asked about problems"),
    "asked_impact_questions": _("asked what a problem costs or causes"),
    "listened": _("took up what the buyer had said"),
    "empathised": _("showed understanding in words"),
    "summarised": _("summed up what was heard"),
    "tied_value_to_need": _("tied the offer to a need that was named"),
    "product_fit": _("spoke of what fits this buyer"),
    "gave_evidence": _("gave figures, references or examples"),
    "acknowledged_objection": _("acknowledged an objection"),
    "explored_objection": _("asked what is behind an objection"),
    "answered_objection": _("answered an objection"),
    "asked_next_step": _("asked for a next step"),
    "agreed_next_step": _("agreed on a next step"),
    "talk_balance": _("left the buyer room to talk"),
    "pace": _("spoke at a pace that can be followed"),
    "few_fillers": _("used few filler words"),
    "no_long_monologue": _("held no long monologue"),
    "respectful": _("stayed respectful"),
}
