"""One scored call by another rubric. The preview and the re-scoring both ask here, so one shows what the other does."""

from __future__ import annotations

from dataclasses import replace

from integrations.embeddings.embedded import default_encoder
from scenarios.briefs import RubricSpec
from scoring import cases
from scoring.criteria import criteria_of
from scoring.grading import was_too_few
from scoring.judges import panel
from scoring.judges.base import Case, Judge
from scoring.judges.carried import CarriedJudge
from scoring.judges.embedded import EmbeddedJudge
from scoring.models import ScoreRun


def case_by(run: ScoreRun, rubric: RubricSpec) -> Case:
    """The run's call, to be judged by `rubric`."""
    return replace(cases.case_of(run.call), rubric=cases.asked_of(run.call, rubric))


def judge_for(run: ScoreRun) -> Judge:
    """The embedded judge anew, which costs nothing; the run of any other judge is carried over."""
    if run.judged_by == panel.EMBEDDED:
        return EmbeddedJudge(default_encoder())
    return CarriedJudge(
        run.judged_by,
        encoder=default_encoder(),
        result=run.result,
        rows=criteria_of(run),
        rubric=run.rubric_version.spec(),
    )


def judged(run: ScoreRun, case: Case) -> panel.Judged:
    judged = panel.judge(case, track="deep", judges=[judge_for(run)])
    # What was read too seldom decides no more for being carried over.
    return replace(judged, steady=judged.steady and not was_too_few(run.manifest))
