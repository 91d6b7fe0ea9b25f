"""A prompt's life: draft → reviewed → active → retired. What is active is what the judges read.

Nothing becomes active that was not reviewed and did not pass its trials with every language model that would use it. Going
back to a version that was active once needs no new trial: that is the way out when something goes wrong.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import structlog
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from integrations.catalogue import served
from integrations.llm.registry import configured
from integrations.vendors import keys_of
from scoring.gates.corpus import corpus_hash
from scoring.gates.report import sentences_of
from scoring.judgement import name_of
from scoring.judges.base import Track
from tenants.errors import Conflict, InvalidInput

from .models import PromptVersion, Trial
from .rendering import NAMES, NEEDED, Prompt, names_in
from .shipped import FIRST, SHIPPED, first

logger = structlog.get_logger(__name__)

State = PromptVersion.State


def active(track: Track) -> Prompt:
    """What the judges of a track read now; what came with the software where no version is active. One query."""
    row = PromptVersion.objects.filter(track=track, state=State.ACTIVE).first()
    return row.prompt() if row else first(track)


def register_shipped() -> int:
    """Give the software's own prompts their rows; returns how many were new. They come reviewed; each track's first one is
    active where no version is."""
    new = 0
    for item in SHIPPED:
        prompt = item.prompt()
        values = {
            "track": item.track,
            "system": prompt.system,
            "user": prompt.user,
            "why": item.why,
            "hash": prompt.hash,
            "state": State.REVIEWED,
            "reviewed_at": timezone.now(),
        }
        row, created = PromptVersion.objects.get_or_create(version=item.version, defaults=values)
        new += created
        idle = not PromptVersion.objects.filter(track=item.track, state=State.ACTIVE).exists()
        if created and idle and FIRST[item.track] == item.version:
            row.state, row.activated_at = State.ACTIVE, row.created_at
            row.save(update_fields=["state", "activated_at"])
    return new


def check_texts(*, system: str, user: str) -> None:
    """Raises `InvalidInput` naming the field whose `$names` are not those that are filled in."""
    found: set[str] = set()
    for field, text in (("system", system), ("user", user)):
        try:
            names = names_in(text)
        except ValueError:
            raise _invalid(field, _("A dollar sign that names nothing is written twice: $$.")) from None
        if unknown := sorted(names - NAMES):
            raise _invalid(field, _("Nothing is filled in for %(names)s.") % {"names": _dollars(unknown)})
        found |= names
    if missing := sorted(NEEDED - found):
        raise _invalid("user", _("These are missing: %(names)s.") % {"names": _dollars(missing)})
    if user.count("$fence") < 2:
        raise _invalid("user", _("The transcript stands between two fences: $fence before it and after it."))


def save_draft(*, row: PromptVersion, writer: User) -> PromptVersion:
    """Keep a new draft, or a change of one. Raises `InvalidInput`, and `Conflict` for a version that is a draft no more."""
    check_texts(system=row.system, user=row.user)
    with transaction.atomic():
        kept = PromptVersion.objects.select_for_update().filter(pk=row.pk).first()
        if kept is not None and kept.state != State.DRAFT:
            raise Conflict(_("This version is a draft no more. Write a new one."))
        row.state = State.DRAFT
        row.hash = row.prompt().hash
        row.written_by = kept.written_by if kept is not None else writer
        row.save()
        # What was tried was another text.
        row.trials.all().delete()
    return row


def review(*, row: PromptVersion, reviewer: User) -> PromptVersion:
    """Somebody else than the writer says that the text is good; where there is one operator only, the same person may.
    From now on the text is as it is. Raises `Conflict`."""
    with transaction.atomic():
        row = PromptVersion.objects.select_for_update().get(pk=row.pk)
        if row.state != State.DRAFT:
            raise Conflict(_("Only a draft is reviewed."))
        if row.written_by_id == reviewer.pk and _other_operators(reviewer):
            raise Conflict(_("Somebody else than the writer reviews a prompt."))
        row.state, row.reviewed_by, row.reviewed_at = State.REVIEWED, reviewer, timezone.now()
        row.save(update_fields=["state", "reviewed_by", "reviewed_at"])
    logger.info("a prompt was reviewed", version=row.version, by=str(reviewer.pk))
    return row


def obstacles(row: PromptVersion) -> list[str]:
    """Why a version cannot become active, in plain sentences; none when it can."""
    if row.state == State.ACTIVE:
        return [_("It is active already.")]
    if row.state == State.DRAFT:
        return [_("It is a draft: have it reviewed first.")]
    if row.activated_at is not None:
        return []  # it was active once: the way back is always open
    return not_shown(row)


def not_shown(row: PromptVersion) -> list[str]:
    """What its trials leave open, in plain sentences. For a version that is active, too: a vendor may have another model now,
    and the software's first prompts are read before anybody has tried them."""
    latest = latest_trials(row)
    needed = {slug: served.models_for(keys_of(slug), task=row.track)[0] for slug in configured()}
    under_way = set(row.trials.filter(state__in=Trial.UNDER_WAY).values_list("judge", flat=True))
    found = []
    for judge, model in needed.items():
        trial = latest.get(judge)
        if trial is None and judge in under_way:
            found.append(_("It is being tried with %(judge)s right now.") % {"judge": name_of(judge)})
        elif trial is None:
            found.append(_("It was not tried with %(judge)s.") % {"judge": name_of(judge)})
        elif trial.model != model:
            found.append(
                _("%(judge)s uses %(model)s now; the version was tried with %(tried)s.")
                % {"judge": name_of(judge), "model": model, "tried": trial.model}
            )
    if not latest and not needed:
        found.append(_("It was not tried: no language model has a key. `manage.py judge_gates` tries it with one."))
    found += [
        _("The trial with %(judge)s was not passed. %(reasons)s")
        % {"judge": name_of(judge), "reasons": " ".join(sentences_of(trial.report) if trial.report else [])}
        for judge, trial in latest.items()
        if not trial.green
    ]
    return found


def latest_trials(row: PromptVersion) -> Mapping[str, Trial]:
    """By judge, the last finished trial of this version on the corpus of today."""
    trials = Trial.objects.filter(prompt=row, state=Trial.State.DONE, corpus_hash=corpus_hash()).order_by("created_at")
    return {trial.judge: trial for trial in trials}


def activate(*, row: PromptVersion, operator: User | None) -> PromptVersion:
    """Let the judges read this version from now on; the one before is retired. Raises `Conflict` with what stands in the
    way. `operator`: None on the command line."""
    with transaction.atomic():
        # All versions of the track, so that two operators cannot both succeed.
        rows = {item.pk: item for item in PromptVersion.objects.select_for_update().filter(track=row.track)}
        row = rows[row.pk]
        if found := obstacles(row):
            raise Conflict(" ".join(found), details={"obstacles": found})
        PromptVersion.objects.filter(track=row.track, state=State.ACTIVE).update(state=State.RETIRED)
        row.state, row.activated_by, row.activated_at = State.ACTIVE, operator, timezone.now()
        row.save(update_fields=["state", "activated_by", "activated_at"])
    logger.info("a prompt is active now", version=row.version, track=row.track)
    return row


def _other_operators(user: User) -> bool:
    return User.objects.filter(is_staff=True, is_active=True).exclude(pk=user.pk).exists()


def _invalid(field: str, issue: str) -> InvalidInput:
    return InvalidInput(issue, details={"field": field, "issue": issue})


def _dollars(names: list[str]) -> str:
    return ", ".join(f"${name}" for name in names)


def by_version(version: str) -> PromptVersion | None:
    return PromptVersion.objects.filter(version=version).first()


def texts(row: PromptVersion) -> dict[str, Any]:
    """What a new version begins with when it is made from another."""
    return {"track": row.track, "system": row.system, "user": row.user}
