"""What there is to be told of, as data: the words, and how somebody is told who never chose otherwise.

Words hold `%(name)s` for what `notify` is given. A title needs all of them; a line without one of its words is left out, so
that "It is due on …" is said only where there is a date. `moments`, `days` and `amounts` name the words that are times, dates
and sums of money.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.roles import Action

PLACEHOLDER = re.compile(r"%\((\w+)\)s")
NOW, DIGEST, OFF = "now", "digest", "off"

OPEN = _("Open")
TRAINING = _("Your training")
CALLS = _("Your calls")
COACHING = _("People you coach")
AUTHORING = _("What you have made")
ORGANIZATION = _("Your organisation")
# The order on the page of preferences.
GROUPS = (TRAINING, CALLS, COACHING, AUTHORING, ORGANIZATION)


@dataclass(frozen=True, slots=True)
class Kind:
    """`label`: on the page of preferences. `needs`: shown there, and told, only to who may do that."""

    label: str | Promise
    group: str | Promise
    title: str | Promise
    lines: tuple[str | Promise, ...] = ()
    button: str | Promise = OPEN
    in_app: bool = True
    email: str = NOW
    needs: Action = Action.PRACTISE
    moments: tuple[str, ...] = ()
    days: tuple[str, ...] = ()
    amounts: tuple[str, ...] = ()

    @property
    def words(self) -> set[str]:
        """What the title cannot do without."""
        return words_in(self.title)


def words_in(text: Any) -> set[str]:
    return set(PLACEHOLDER.findall(str(text)))


KINDS: dict[str, Kind] = {
    "assigned": Kind(
        label=_("Something is assigned to you"),
        group=TRAINING,
        title=_("New for you: %(title)s"),
        lines=(
            _("This is round %(round)s: it is repeated from time to time."),
            _("%(who)s assigned it to you."),
            _("It is due on %(due)s."),
        ),
        button=_("Start"),
        days=("due",),
    ),
    "due_soon": Kind(
        label=_("Something is due soon"),
        group=TRAINING,
        title=_("Due soon: %(title)s"),
        lines=(_("It is due on %(due)s."),),
        button=_("Go on"),
        days=("due",),
    ),
    "overdue": Kind(
        label=_("Something is overdue"),
        group=TRAINING,
        title=_("Overdue: %(title)s"),
        lines=(_("It was due on %(due)s."),),
        button=_("Go on"),
        days=("due",),
    ),
    "certificate_issued": Kind(
        label=_("You have a new certificate"),
        group=TRAINING,
        title=_("Your certificate: %(title)s"),
        lines=(_("Well done. It is valid until %(until)s."),),
        button=_("See the certificate"),
        days=("until",),
    ),
    "certificate_expiring": Kind(
        label=_("A certificate is about to expire"),
        group=TRAINING,
        title=_("Your certificate “%(title)s” is about to expire"),
        lines=(
            _("It is valid until %(until)s."),
            _("The next round opens on %(opens)s; completing that renews the certificate."),
        ),
        button=_("See the certificate"),
        days=("until", "opens"),
    ),
    "certificate_revoked": Kind(
        label=_("A certificate was withdrawn"),
        group=TRAINING,
        title=_("Your certificate “%(title)s” was withdrawn"),
        lines=(_("The reason: %(reason)s"),),
    ),
    "goal_proposed": Kind(
        label=_("Somebody proposes a goal to you"),
        group=TRAINING,
        title=_("%(who)s proposes a goal: %(title)s"),
        lines=(_("It is to be reached by %(due)s."), _("The reason: %(reason)s")),
        button=pgettext_lazy("a button: say yes or no", "Answer"),
        days=("due",),
    ),
    "score_ready": Kind(
        label=_("A call is scored"),
        group=CALLS,
        title=_("“%(title)s” is scored"),
        lines=(_("The debrief shows what went well and what to try next."),),
        button=_("Open the debrief"),
        email=OFF,
    ),
    "score_changed": Kind(
        label=_("Somebody changed your score"),
        group=CALLS,
        title=_("Your score for “%(title)s” was changed"),
        lines=(_("%(who)s looked at it again and says why."),),
        button=_("Open the debrief"),
    ),
    "call_voided": Kind(
        label=_("A call does not count"),
        group=CALLS,
        title=_("“%(title)s” does not count"),
        lines=(_("Something technical went wrong in it. You can try again."),),
        button=_("See what happened"),
        email=OFF,
    ),
    "call_set_aside": Kind(
        label=_("Somebody takes a call of yours out of the numbers"),
        group=CALLS,
        title=_("“%(title)s” does not count"),
        lines=(_("%(who)s took it out of the numbers. The reason: %(reason)s"),),
        button=_("See what happened"),
    ),
    "comment": Kind(
        label=_("Somebody comments on your call"),
        group=CALLS,
        title=_("%(who)s commented on “%(title)s”"),
        button=_("Read it"),
        email=DIGEST,
    ),
    "mentioned": Kind(
        label=_("Somebody mentions you"),
        group=CALLS,
        title=_("%(who)s mentions you in a comment on “%(title)s”"),
        button=_("Read it"),
    ),
    "appeal_decided": Kind(
        label=_("Your objection to a mark is decided"),
        group=CALLS,
        title=_("Decided: your objection to “%(criterion)s”"),
        lines=(
            _("The mark for “%(criterion)s” in your call “%(changed)s” was changed."),
            _("The mark for “%(criterion)s” in your call “%(stands)s” stands."),
            _("Who decided, and why:"),
        ),
        button=_("Read the decision"),
    ),
    "appeal_opened": Kind(
        label=_("Somebody contests a mark"),
        group=COACHING,
        title=_("%(who)s contests a mark"),
        lines=(
            _("It is the mark for “%(criterion)s” in the call “%(title)s”."),
            _(
                "Somebody other than who marked it first decides; the answer is due on %(due)s. Hear the call and give your "
                "own mark, before you see the contested one."
            ),
        ),
        button=_("Hear the call"),
        needs=Action.SEE_TEAM,
        moments=("due",),
    ),
    "appeal_overdue": Kind(
        label=_("The answer to a contested mark is overdue"),
        group=COACHING,
        title=_("Overdue: %(who)s contests a mark"),
        lines=(
            _("It is the mark for “%(criterion)s” in the call “%(title)s”."),
            _("The answer was due on %(due)s."),
        ),
        button=_("Hear the call"),
        needs=Action.SEE_TEAM,
        moments=("due",),
    ),
    "review_waiting": Kind(
        label=_("A call waits for a person's mark"),
        group=COACHING,
        title=_("A call of %(who)s waits for your mark"),
        lines=(_("“%(title)s”: the judge was not sure enough, so a person decides."),),
        button=_("Review it"),
        email=DIGEST,
        needs=Action.SEE_TEAM,
    ),
    "assignment_completed": Kind(
        label=_("Somebody finishes what was assigned"),
        group=COACHING,
        title=_("%(who)s has finished “%(title)s”"),
        email=DIGEST,
        needs=Action.SEE_TEAM,
    ),
    "work_done": Kind(
        label=_("Something you started is ready"),
        group=AUTHORING,
        title=_("Ready: %(title)s"),
        # Each kind of work names its own word, so that one line is said.
        lines=(
            _("The draft is written. Look at it before you publish it: %(drafted)s"),
            _("The test flight is through. It may be published: %(flown)s"),
            _("The test flight is through. Something has to be mended before it is published: %(grounded)s"),
            _("Calls that were scored again: %(rescored)s"),
            _("The recording is written down. Say who speaks in it: %(heard)s"),
            _("The knowledge base is searched with another encoder, as you chose: that of %(encoder)s."),
            _("The archive can be fetched until %(until)s."),
        ),
        button=_("Look at it"),
        email=OFF,
        days=("until",),
    ),
    "work_failed": Kind(
        label=_("Something you started did not work"),
        group=AUTHORING,
        title=_("It did not work: %(title)s"),
        lines=(_("The reason: %(reason)s"),),
        button=_("See why"),
    ),
    "budget_low": Kind(
        label=_("A budget for vendors runs out"),
        group=ORGANIZATION,
        title=_("%(percent)s percent of this month's budget is spent: %(title)s"),
        lines=(
            _("%(spent)s of %(limit)s US dollars are spent."),
            _("When nothing is left, Parley's own engine takes over until %(embedded)s."),
            _("When nothing is left, no new call begins until %(stopped)s or until somebody raises the budget."),
        ),
        button=_("See the budgets"),
        needs=Action.MANAGE_ORGANIZATION,
        days=("embedded", "stopped"),
        amounts=("spent", "limit"),
    ),
}
