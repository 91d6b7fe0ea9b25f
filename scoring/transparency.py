"""How one score came about, for the person it is about: which judge, from what, for what, who answers for it, how to object.

The record is made from the run that counts, in the reader's language, as JSON; the page prints the same. It holds nothing
that the trainee could not see elsewhere, and no brief of the buyer's.
"""

from __future__ import annotations

from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.people.contacts import contacts_of
from calls.models import Call
from tenants.context import current_organization, org_path
from tenants.errors import DomainError

from .appeals import answer_hours, closes_at, refuse_uncontestable
from .bands import band_label
from .judgement import EMBEDDED, judge_of, name_of
from .models import HUMAN, Score, ScoreRun
from .referees import NotScoredYet
from .sent_outside import receivers_of

RECORD_VERSION = 1


def record_of(call: Call) -> dict[str, Any]:
    """The record of the score that counts now. Raises `NotScoredYet` before there is any."""
    runs = ("quick_run", "deep_run", "human_run__made_by", "human_run__base_run", "human_run__rubric_version")
    score = Score.objects.select_related(*runs, "deep_run__rubric_version", "quick_run__rubric_version")
    found = score.filter(call=call).first()
    run = found.counting_run if found else None
    if found is None or run is None:
        raise NotScoredYet
    machine = run.base_run if run.judged_by == HUMAN and run.base_run else run
    judge = _judge(machine)
    return {
        "record": "transparency",
        "version": RECORD_VERSION,
        "made_at": timezone.now().isoformat(timespec="seconds"),
        "organization": current_organization().name,
        "call": _call(call),
        "score": _score(found, run),
        "judge": judge,
        "sent_to": [{"vendor": slug, "name": name_of(slug)} for slug in receivers_of(call)],
        "person": _person(run),
        "rubric": _rubric(run),
        "purpose": _("Practice and coaching in sales conversations: to show what went well and what to try next time."),
        "data_used": _data_used(call),
        "data_not_used": [
            _("how the voice sounds: pitch, volume, accent, hesitation in the voice"),
            _("moods and feelings: none is inferred, stored or scored, neither from voice, face nor words"),
            _("pictures and video"),
            _("who the trainee is: name, age, sex, origin, health, opinions"),
            _("earlier calls and earlier scores"),
        ],
        "method": _method(several=judge["readings"] > 1),
        "decision": _decision(run),
        "limits": judge_of(machine).explanation,
        "contact": [{"name": person.get_full_name(), "email": person.email} for person in contacts_of(call.trainee)],
        "who_sees_it": _who_sees(call),
        "contest": _contest(call, run),
        "fingerprints": {
            "transcript_sha256": run.transcript_hash,
            "rubric_sha256": run.rubric_version.content_hash,
            "prompt_sha256": (machine.manifest.get("settings") or {}).get("prompt_hash"),
            "inputs_sha256": machine.manifest.get("inputs"),
            "rules_version": machine.manifest.get("code_version"),
        },
    }


def _call(call: Call) -> dict[str, Any]:
    return {
        "id": str(call.pk),
        "title": call.title,
        "held_at": (call.started_at or call.created_at).isoformat(),
        "language": call.language,
        "mode": call.get_mode_display(),
        "trainee": call.trainee.get_full_name(),
    }


def _score(score: Score, run: ScoreRun) -> dict[str, Any]:
    return {
        "state": score.state,
        "state_text": score.get_state_display(),
        "run_id": str(run.pk),
        "at": run.created_at.isoformat(),
        "overall_score": run.overall_score,
        "band": band_label(run.band),
        "interval": run.result.get("interval"),
        "pass_mark": run.result.get("pass_mark"),
        "passed": score.passed,
    }


def _judge(run: ScoreRun) -> dict[str, Any]:
    """The machine that judged, also where a person set the score afterwards."""
    manifest = run.manifest
    readings = list(run.readings.order_by("manifest__reading").values_list("manifest__seed", flat=True))
    embedded = run.judged_by == EMBEDDED
    return {
        "kind": "rules" if embedded else "language_model",
        "name": judge_of(run).name,
        "vendor": None if embedded else run.judged_by,
        "model": run.model,
        "prompt_version": run.prompt_version or None,
        "temperature": (manifest.get("settings") or {}).get("temperature"),
        "readings": len(readings) or 1,
        "seeds": readings or ([manifest["seed"]] if manifest.get("seed") is not None and not embedded else []),
        "stood_in": bool(manifest.get("stand_in")),
        "stood_in_text": judge_of(run).stand_in,
        "leaves_the_installation": not embedded,
    }


def _person(run: ScoreRun) -> dict[str, Any] | None:
    """Who set the score by hand, and why; None where no person did."""
    if run.judged_by != HUMAN:
        return None
    return {
        "name": run.made_by.get_full_name() if run.made_by else "",
        "at": run.created_at.isoformat(),
        "reason": run.reason,
        "judge_overall_score": run.base_run.overall_score if run.base_run else None,
    }


def _rubric(run: ScoreRun) -> dict[str, Any]:
    content = run.rubric_version.content
    return {
        "name": content.get("name", ""),
        "version": run.rubric_version.number,
        "criteria": [{"name": item["name"], "weight": item["weight"]} for item in content.get("criteria", [])],
    }


def _data_used(call: Call) -> list[str]:
    used = [_("the words of both sides of this call, as they stand in its transcript")]
    if call.channel != Call.Channel.TEXT:
        used.append(_("when each turn began and ended: shares of talking, pace, pauses, interruptions"))
    used.append(_("the rubric, and what the buyer was set up to need and to object to"))
    used.append(_("technical faults of the call, so that nobody is marked down for them"))
    return used


def _method(*, several: bool) -> list[str]:
    steps = [
        _("The judge looks for evidence of each criterion in the trainee's own words and rates it from 0 to 100."),
        _("Code looks every quote up in the transcript. What cannot be found there word for word earns nothing."),
        _("Code computes the overall score: the mean of the criteria that applied, by their weights. No model does."),
    ]
    if several:
        steps.insert(
            1, _("The call was read several times, and each criterion has the middle of what the readings gave.")
        )
    return steps


def _decision(run: ScoreRun) -> str:
    if run.judged_by == HUMAN:
        return _("A person decided. The judge's own score is kept beside it.")
    if run.manifest.get("graded"):
        return _(
            "It is passed only where the whole interval reaches the pass mark, and failed only where all of it stays below. "
            "Anything between is decided by a person."
        )
    return _("This score decides nothing: the call counts in no number.")


def _who_sees(call: Call) -> str:
    if call.is_hidden:
        return _("Only the trainee: this call was practised in private.")
    return _("The trainee, the managers of the trainee's teams, and who runs the organisation.")


def _contest(call: Call, run: ScoreRun) -> dict[str, Any]:
    """`until` is None for a score that is in no number and cannot be contested; `path` is the page to do it on."""
    try:
        refuse_uncontestable(call)
    except DomainError as error:
        return {"text": str(error.message), "until": None, "path": None}
    here = current_organization()
    return {
        "text": _(
            "The trainee can contest any criterion once. A second person, who has not judged it, marks it without seeing the "
            "first mark and decides within %(hours)s hours."
        )
        % {"hours": answer_hours(here=here)},
        "until": closes_at(run, here=here).isoformat(),
        "path": org_path(here, "scoring:appeal-new", call.pk),
    }
