"""Who judged a call, in words that claim nothing more than is true."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext as _

from integrations import vendor_names
from integrations.errors import OverBudget

from .judges.carried import PREFIX
from .models import HUMAN, ScoreRun

EMBEDDED = vendor_names.EMBEDDED


@dataclass(frozen=True, slots=True)
class Judge:
    """`name` for a label, `explanation` for who wants to know how it judges, `stand_in` when another one was asked first."""

    name: str
    explanation: str
    stand_in: str
    is_embedded: bool


def judge_of(run: ScoreRun) -> Judge:
    """Read from the run itself, so an old run keeps its judge whatever is set up today."""
    if run.judged_by == HUMAN:
        return Judge(name=_person(run), explanation=_explanation_of_person(), stand_in="", is_embedded=False)
    if run.judged_by.startswith(PREFIX):
        return Judge(name_of(run.judged_by), _explanation_of_carried(), stand_in="", is_embedded=False)
    is_embedded = run.judged_by == EMBEDDED
    name = name_of(run.judged_by)
    return Judge(
        name=name if is_embedded or not run.model else f"{name} ({run.model})",
        explanation=_explanation(is_embedded),
        stand_in=_stand_in(run),
        is_embedded=is_embedded,
    )


def name_of(slug: str) -> str:
    """`groq` → Groq; a judge that is not known is called by its slug."""
    if slug.startswith(PREFIX):
        return _("%(judge)s, carried over") % {"judge": name_of(slug.removeprefix(PREFIX))}
    return _("Parley's embedded judge") if slug == EMBEDDED else vendor_names.name_of(slug)


def _explanation_of_carried() -> str:
    return _(
        "The rubric changed after the call was judged. Criteria that ask for the same as before keep their marks and their "
        "evidence; the others were judged by Parley's embedded judge. The sum was computed by Parley."
    )


def _person(run: ScoreRun) -> str:
    return run.made_by.get_full_name() if run.made_by else _("a person")


def _explanation_of_person() -> str:
    return _(
        "A person set the marks that differ from the judge's, and gave a reason. The others are the judge's, and the sum was "
        "computed by Parley as for every score."
    )


def _explanation(is_embedded: bool) -> str:
    if is_embedded:
        return _(
            "It works by rules and by comparing sentences, not by a language model: it looks for what the rubric asks, and "
            "quotes where it found it. The same call always gets the same score. It can miss what was put in an unusual way."
        )
    return _(
        "A language model read the transcript and judged each criterion. Its quotes were checked against what was said, and "
        "the numbers were computed by Parley. A second reading can differ by a few points."
    )


def _stand_in(run: ScoreRun) -> str:
    asked = run.manifest.get("asked") or []
    if not run.manifest.get("stand_in") or not asked or asked[0] == run.judged_by:
        return ""
    tried = {str(one.get("judge")): str(one.get("code")) for one in run.manifest.get("tried") or []}
    if tried.get(str(asked[0])) == OverBudget.code:
        said = _("It stood in for %(judge)s, which this month's budget did not cover.")
    else:
        said = _("It stood in for %(judge)s, which did not answer.")
    return said % {"judge": name_of(str(asked[0]))}
