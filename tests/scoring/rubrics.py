"""The default five-criterion rubric, as a trainee would be scored on it."""

from __future__ import annotations

from scenarios.briefs import CriterionSpec, RubricSpec

FIVE = RubricSpec(
    name="Five criteria",
    language="en",
    criteria=(
        CriterionSpec(
            "opening", "Opening", "Hook, introduction, reason", 20, signals=("introduced_clearly", "stated_reason")
        ),
        CriterionSpec(
            "discovery",
            "Discovery",
            "Questions and active listening",
            25,
            signals=("asked_open_questions", "asked_problem_questions", "asked_impact_questions", "listened"),
        ),
        CriterionSpec(
            "objection",
            "Objections",
            "Pushback and reframes",
            25,
            signals=("acknowledged_objection", "explored_objection", "answered_objection"),
        ),
        CriterionSpec(
            "communication",
            "Communication",
            "Clarity and pace",
            15,
            signals=("talk_balance", "pace", "few_fillers", "no_long_monologue", "respectful"),
        ),
        CriterionSpec(
            "closing", "Closing", "Next step", 15, signals=("asked_next_step", "agreed_next_step", "summarised")
        ),
    ),
)
