"""No rubric is changed over the API before somebody has tried the draft on the calls that its version in use scored."""

from __future__ import annotations

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _

from scenarios.briefs import BriefInvalid
from scenarios.contents import rubric_content
from scenarios.gates import Problem, register_rubric_gate
from scenarios.models import Rubric
from scenarios.models.versions import hash_content

from . import candidates, preview


def register() -> None:
    register_rubric_gate("impact", problems)


def problems(rubric: Rubric) -> list[Problem]:
    """Empty where nothing is replaced, where no call was scored yet, and where this very draft was tried to the end."""
    version = rubric.newest_published()
    if version is None:
        return []
    try:
        changed = version.content_hash != hash_content(rubric_content(rubric))
    except BriefInvalid:
        return []  # incomplete: publishing says what is missing
    if not changed or not candidates.scores_of(rubric, most=1).exists():
        return []
    tried = preview.newest_of(rubric)
    if tried is not None and tried.is_finished:
        return []
    return [
        Problem(
            "IMPACT_NOT_SEEN",
            _(
                "nobody has seen what it would change for calls that were scored. Try the draft on them, or say why not."
            ),
            reverse("judging:impact", args=[rubric.pk], urlconf=settings.ORG_URLCONF),
        )
    ]
