"""Asking for drafts, making them, giving up. Whoever enqueues the work is the caller."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from typing import IO, Any
from uuid import UUID

import structlog
from django.db import OperationalError, transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.functional import lazy
from django.utils.translation import gettext as _

from accounts.notices.services import place
from accounts.notices.work import tell_failed, tell_ready
from accounts.people import audit
from integrations.embeddings.embedded import default_encoder
from integrations.errors import ProviderError
from integrations.llm.purpose import on_behalf_of
from scenarios.from_calls import Line
from scenarios.knowledge.languages import language_of
from scenarios.models import Persona, Rubric, Scenario
from scenarios.models.versions import WorkingCopy
from tenants.context import current_organization
from tenants.errors import Conflict, ExternalServiceError

from .inputs import BusinessWishSerializer, WishSerializer, checked
from .making import make
from .models import Generation
from .reading import Playbook, read_playbook
from .recorded import playbook_of_call
from .remarks import problem_in_words

logger = structlog.get_logger(__name__)

STANDS_STILL = timedelta(minutes=6)
AT_ONCE = 5  # jobs of one organisation
UNEXPECTED = "unexpected"


class GenerationFailed(ExternalServiceError):
    """No language model answered, and templates were not wanted instead."""


def begin(
    *,
    by: Any,
    kind: str,
    source: str,
    wish: Mapping[str, Any],
    playbook: Playbook | None = None,
    document_name: str = "",
    allow_embedded: bool = True,
    target: WorkingCopy | None = None,
) -> Generation:
    """Write down what is asked for. `wish` has been through `inputs.checked`; `target`: what changes are proposed for.

    Raises `Conflict` where the organisation has five jobs under way already.
    """
    if Generation.objects.at_work().filter(updated_at__gte=timezone.now() - STANDS_STILL).count() >= AT_ONCE:
        raise Conflict(_("Five drafts are being made already. Wait until one of them is done."))
    generation = Generation(
        kind=kind,
        source=source,
        language=wish["language"],
        input=dict(wish),
        document_name=document_name[:200],
        playbook=playbook.to_json() if playbook else {},
        allow_embedded=allow_embedded,
        requested_by=by,
        is_proposal=target is not None,
    )
    match target:
        case Persona():
            generation.persona = target
        case Rubric():
            generation.rubric = target
        case Scenario():
            generation.scenario = target
    generation.save(force_insert=True)
    audit.record(by, "generation.asked_for", generation, kind=kind, source=source)
    return generation


def begin_from_file(
    *,
    by: Any,
    kind: str,
    wish: Mapping[str, Any],
    file: IO[bytes],
    name: str,
    detect_language: bool = False,
    **more: Any,
) -> Generation:
    """The same from an uploaded playbook; `detect_language`: in the language of the file, where it shows.

    Raises `InvalidInput` for a file that cannot be read.
    """
    playbook = read_playbook(file, name)
    if detect_language:
        text = "\n".join(passage.text for passage in playbook.passages)
        wish = {**wish, "language": language_of(text, otherwise=wish["language"])}
    return begin(
        by=by, kind=kind, source=Generation.Source.PLAYBOOK, wish=wish, playbook=playbook, document_name=name, **more
    )


def begin_from_call(
    *, by: Any, lines: Sequence[Line], language: str, mode: str, names: Iterable[str] = (), **wish: Any
) -> Generation:
    """A scenario with its buyer from a real call: the customer's objections and pains word for word, the rest filled in.

    `names`: people and firms that are not to be told. Raises `Conflict` like `begin`.
    """
    values = checked(WishSerializer, {**wish, "mode": mode, "language": language}, language=language)
    return begin(
        by=by,
        kind=Generation.Kind.SCENARIO,
        source=Generation.Source.CALL,
        wish=values,
        playbook=playbook_of_call(lines, language=language, names=names),
    )


def work(generation_id: UUID, *, tell: bool = False) -> Generation | None:
    """Make what was asked for, once: whoever comes second finds nothing to do. None where the job is gone. `tell`: whoever
    asked for it does not wait for the answer, and is told when it is there."""
    generation = _claim(generation_id)
    if generation is None:
        found = Generation.objects.filter(pk=generation_id).first()
        if tell and found is not None:
            _tell(found)  # the worker before may have died between the draft and the notice
        return found
    try:
        with on_behalf_of(generation.requested_by_id, reference=f"generation:{generation.pk}"):
            make(generation, encoder=default_encoder())
    except OperationalError:
        Generation.objects.filter(pk=generation.pk, state=Generation.State.RUNNING).update(
            state=Generation.State.WAITING
        )
        raise  # the database is away: the task is tried again, from the start
    except ProviderError as error:
        _fail(generation, error.code)
    except Exception:
        logger.exception("a draft could not be made", generation=str(generation.pk))
        _fail(generation, UNEXPECTED)
    generation.refresh_from_db()
    if tell:
        _tell(generation)
    return generation


def work_now(generation: Generation) -> Generation:
    """Make it while somebody waits. Raises `GenerationFailed` where nobody writes."""
    done = work(generation.pk)
    assert done is not None  # it was written a moment ago
    if done.state == Generation.State.FAILED:
        message = _("No draft was made: %(problem)s. What you typed is kept; try again.")
        raise GenerationFailed(message % {"problem": problem_in_words(done.problem)}, details={"problem": done.problem})
    return done


def draft_for(
    user: Any, *, business: Mapping[str, Any], branding: Mapping[str, Any] | None = None, **wish: Any
) -> Generation:
    """A scenario with its buyer from the business form, made at once: `.scenario` and `.persona` are drafts of this person.

    `wish`: personality, difficulty, language, mode, industry, role, seed. Raises `InvalidInput` naming the field.
    """
    data = {**wish, "business": dict(business), "branding": dict(branding or {})}
    values = checked(BusinessWishSerializer, data, language=current_organization().language)
    generation = begin(by=user, kind=Generation.Kind.SCENARIO, source=Generation.Source.BUSINESS, wish=values)
    return work_now(generation)


def cancel(*, generation: Generation, by: Any) -> None:
    """Stop a job; what it had written so far is thrown away. Raises `Conflict` where it is finished."""
    changed = (
        Generation.objects.at_work()
        .filter(pk=generation.pk)
        .update(state=Generation.State.CANCELLED, finished_at=timezone.now(), updated_at=timezone.now())
    )
    if changed != 1:
        raise Conflict(_("This is finished already."))
    generation.state = Generation.State.CANCELLED
    audit.record(by, "generation.cancelled", generation)


def again(*, generation: Generation, by: Any) -> Generation:
    """The same once more, with another throw of the dice: another draft beside the first."""
    wish = {**generation.input, "seed": int(generation.input.get("seed", 0)) + 1}
    return begin(
        by=by,
        kind=generation.kind,
        source=generation.source,
        wish=wish,
        playbook=Playbook.from_json(generation.playbook) if generation.playbook else None,
        document_name=generation.document_name,
        allow_embedded=generation.allow_embedded,
        target=generation.target,
    )


def _tell(generation: Generation) -> None:
    """Of a job that was given up there is nothing to tell."""
    told: dict[str, Any] = {
        "user": generation.requested_by,
        "url": place("admin:generation_generation_change", generation.pk),
        "key": f"generation:{generation.pk}",
    }
    drafts = [str(item) for item in generation.drafts]
    # What changes are proposed for has a name; so has what was written.
    title = drafts[0] if drafts else generation.document_name or current_organization().name
    if generation.state == Generation.State.DONE:
        tell_ready(title=title, drafted=", ".join(drafts) or title, **told)
    elif generation.state == Generation.State.FAILED:
        tell_failed(title=title, reason=lazy(problem_in_words, str)(generation.problem), **told)


def standing_still() -> list[UUID]:
    """Jobs that nobody works on any more: their message was lost, or their worker died."""
    stale = Generation.objects.at_work().filter(updated_at__lt=timezone.now() - STANDS_STILL)
    return list(stale.values_list("pk", flat=True))


def _claim(generation_id: UUID) -> Generation | None:
    now = timezone.now()
    free = Q(state=Generation.State.WAITING) | Q(state=Generation.State.RUNNING, updated_at__lt=now - STANDS_STILL)
    changed = Generation.objects.filter(free, pk=generation_id).update(
        state=Generation.State.RUNNING, step=Generation.Step.READING, progress=5, updated_at=now
    )
    return Generation.objects.get(pk=generation_id) if changed else None


@transaction.atomic
def _fail(generation: Generation, problem: str) -> None:
    Generation.objects.filter(pk=generation.pk, state=Generation.State.RUNNING).update(
        state=Generation.State.FAILED, problem=problem[:40], finished_at=timezone.now(), updated_at=timezone.now()
    )
