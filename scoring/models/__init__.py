"""What scoring keeps. One file for each thing that changes for reasons of its own."""

from __future__ import annotations

from scoring.models.appeals import Appeal
from scoring.models.calibration import Calibration
from scoring.models.comments import Comment
from scoring.models.impact import ImpactOutcome, Job, RescoredCall, Rescoring, RubricImpact
from scoring.models.quotes import QuoteTally
from scoring.models.reviews import Review, ScoreSeen
from scoring.models.runs import HUMAN, CriterionResult, Evidence, Score, ScoreRun, Track

__all__ = [
    "HUMAN",
    "Appeal",
    "Calibration",
    "Comment",
    "CriterionResult",
    "Evidence",
    "ImpactOutcome",
    "Job",
    "QuoteTally",
    "RescoredCall",
    "Rescoring",
    "Review",
    "RubricImpact",
    "Score",
    "ScoreRun",
    "ScoreSeen",
    "Track",
]
