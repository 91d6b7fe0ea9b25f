"""Pages around uploaded calls: sending one, watching it get on, saying who speaks, and the organisation's rules."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import get_script_prefix, reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import ensure_csrf_cookie
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.guards import needs, person
from accounts.memberships import may, role_of
from accounts.roles import Action
from calls import private_practice, recordings, tasks
from calls.models import Turn
from calls.playback import seekable
from calls.transcripts import clock
from calls.uploads import drafting, making, receiving, rules, speakers, work
from calls.uploads.errors import UploadNotFound
from calls.uploads.forms import AnnounceForm, RuleForm
from calls.uploads.models import FIRST, OTHER, SECOND, CallUpload, UploadRule
from calls.uploads.payloads import problem_text
from integrations.speech.decoding import CONTENT_TYPES
from scenarios.generation.tasks import make_drafts
from tenants.context import current_organization
from tenants.errors import DomainError, InvalidInput

PER_PAGE = 20
MOST_DIGITS = 9
# What a browser offers to choose from; what a file is, its bytes say.
ACCEPT = ",".join(["audio/*", "video/mp4", "video/webm", *CONTENT_TYPES.values()])


def visible(request: HttpRequest, upload_id: UUID) -> CallUpload:
    try:
        return receiving.get_visible(upload_id, user=request.user, role=role_of(request.user, current_organization()))
    except UploadNotFound:
        raise Http404 from None


def own(request: HttpRequest, upload_id: UUID) -> CallUpload:
    try:
        return receiving.get_own(upload_id, user=request.user)
    except UploadNotFound:
        raise Http404 from None


@never_cache
@ensure_csrf_cookie
@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """The form, and the uploads that one may see."""
    organization = current_organization()
    uploads = (
        receiving.visible_uploads(request.user, role_of(request.user, organization))
        .select_related("owner", "call__score")
        .defer("pieces", "call__brief", "call__metadata", "call__engine_state")
    )
    form = AnnounceForm(language=request.LANGUAGE_CODE, may_be_private=private_practice.allowed())
    context = {
        "form": form,
        "page": Paginator(uploads, PER_PAGE).get_page(request.GET.get("page")),
        "consent_text": receiving.consent_text(),
        "accept": ACCEPT,
        "most_megabytes": settings.UPLOAD_MAX_BYTES // 1_000_000,
        "most_minutes": settings.UPLOAD_MAX_SECONDS // 60,
        "may_set_rules": may(request.user, organization, Action.MANAGE_ORGANIZATION),
        "data": sending_data(),
    }
    return render(request, "calls/uploads/index.html", context)


def sending_data() -> dict[str, Any]:
    """What the script needs to send a file, and the sentences that it may have to say."""
    return {
        "api": f"{get_script_prefix()}api/v1/uploads/",
        "pages": reverse("calls:uploads"),
        "partBytes": settings.UPLOAD_PART_BYTES // 2,
        "mostBytes": settings.UPLOAD_MAX_BYTES,
        "texts": {
            "sending": _("Sending… %(percent)s %%"),
            "waiting": _("The connection is gone. It goes on by itself as soon as it is back."),
            "tooLarge": _("The file is larger than %(megabytes)d MB.")
            % {"megabytes": settings.UPLOAD_MAX_BYTES // 1_000_000},
            "empty": _("The file is empty."),
            "consent": _("Confirm first that everybody agreed."),
            "failed": _("It could not be sent. Try again."),
            "otherFile": _("That is another file. Choose the one that you began with."),
            "heard": _("heard so far"),
        },
    }


def context_of(request: HttpRequest, upload: CallUpload) -> dict[str, Any]:
    is_own = upload.owner_id == person(request).pk
    organization = current_organization()
    segments = list(upload.segments.all()) if upload.status in WITH_WORDS else []
    # A call only has a score in the layer above, which is asked for it by its relation.
    score = getattr(upload.call, "score", None) if upload.call else None
    return {
        "upload": upload,
        "is_own": is_own,
        "problem": problem_text(upload),
        "lines": [{"piece": segment, "at": clock(segment.start_ms)} for segment in segments],
        "names": list(speaker_names().items()),
        "duration": clock(upload.duration_ms) if upload.duration_ms else "",
        "roles": role_choices(),
        "chosen": [(key, speaker_names()[key], upload.speakers.get(key, "")) for key in shown_speakers(segments)],
        "reason": speakers.reason(upload),
        "told_apart": speakers.how_told_apart(upload),
        "score": score,
        "may_withdraw": is_own or may(request.user, organization, Action.MANAGE_ORGANIZATION),
        "may_draft": upload.call is not None and may(request.user, organization, Action.AUTHOR),
        "may_score": upload.call is not None and not upload.call.to_score,
        "accept": ACCEPT,
    }


WITH_WORDS = (CallUpload.Status.TRANSCRIBING, CallUpload.Status.SPEAKERS)


def speaker_names() -> dict[str, str]:
    return {FIRST: _("Speaker A"), SECOND: _("Speaker B"), OTHER: _("Somebody else")}


def role_choices() -> list[tuple[str, str]]:
    return [
        (Turn.Role.USER.value, _("me, the seller")),
        (Turn.Role.ASSISTANT.value, _("the customer")),
        (speakers.LEFT_OUT, _("leave out")),
    ]


def shown_speakers(segments: list[Any]) -> list[str]:
    """Both sides, and whoever else was heard."""
    return [FIRST, SECOND, OTHER] if segments else []


@never_cache
@ensure_csrf_cookie
@require_safe
def detail(request: HttpRequest, upload_id: UUID) -> HttpResponse:
    """One upload, from its way here to the call it became."""
    upload = visible(request, upload_id)
    data = sending_data() | {
        "id": str(upload.pk),
        "status": upload.status,
        "sizeBytes": upload.size_bytes,
        "stream": f"{get_script_prefix()}api/v1/uploads/{upload.pk}/stream/",
        "body": reverse("calls:upload-body", args=[upload.pk]),
        "over": upload.is_over and not (upload.call and upload.call.to_score),
    }
    return render(request, "calls/uploads/detail.html", context_of(request, upload) | {"data": data})


@never_cache
@require_safe
def body(request: HttpRequest, upload_id: UUID) -> HttpResponse:
    """The part that changes."""
    return render(request, "calls/uploads/body.html", context_of(request, visible(request, upload_id)))


@never_cache
@require_safe
def sound(request: HttpRequest, upload_id: UUID) -> HttpResponseBase:
    """What was sent, to hear who is who. Once it is a call, its recording is played there."""
    upload = visible(request, upload_id)
    if not upload.sound:
        raise Http404
    kept = upload.sound
    return seekable(request, name=kept["file_name"], size=kept["size_bytes"], content_type=recordings.CONTENT_TYPE)


@require_POST
def name_speakers(request: HttpRequest, upload_id: UUID) -> HttpResponse:
    """Who is who: `speaker-A` … and, for single pieces, `piece-<position>`."""
    upload = own(request, upload_id)
    try:
        roles = {key: request.POST[f"speaker-{key}"] for key in speaker_names() if f"speaker-{key}" in request.POST}
        changes = {
            position(name): str(value)
            for name, value in request.POST.items()
            if name.startswith("piece-") and name.removeprefix("piece-").isdecimal()
        }
        making.confirm(upload=upload, roles=roles, changes=changes)
    except DomainError as error:
        messages.error(request, str(error.message))
    return redirect("calls:upload", upload_id=upload.pk)


def position(name: str) -> int:
    """Of `piece-<position>`; one that no piece has for a number that is too long to be read."""
    digits = name.removeprefix("piece-")
    return int(digits) if len(digits) <= MOST_DIGITS else -1


@require_POST
def act(request: HttpRequest, upload_id: UUID) -> HttpResponse:
    """`what`: withdraw, no_consent, retry, score, draft or generate."""
    upload = visible(request, upload_id)
    organization = current_organization()
    is_own = upload.owner_id == person(request).pk
    what = request.POST.get("what", "")
    try:
        if what in {"withdraw", "no_consent"} and (
            is_own or may(request.user, organization, Action.MANAGE_ORGANIZATION)
        ):
            making.withdraw(
                upload=upload, actor=request.user, problem="withdrawn" if what == "withdraw" else "no_consent"
            )
        elif what == "retry" and is_own:
            if work.take_up_again(upload):
                tasks.enqueue_upload(upload.pk)
        elif what == "score" and (is_own or may(request.user, organization, Action.SEE_TEAM)):
            making.score_after_all(upload=upload, actor=request.user)
        elif what == "draft" and may(request.user, organization, Action.AUTHOR):
            scenario = drafting.draft_scenario(upload=upload, actor=request.user)
            messages.success(request, _("A draft was made of what the customer said. Finish it here."))
            return redirect("admin:scenarios_scenario_change", scenario.pk)
        elif what == "generate" and may(request.user, organization, Action.AUTHOR):
            begun = drafting.begin_whole_draft(upload=upload, actor=request.user)
            make_drafts.delay(str(begun.pk))
            return redirect("admin:generation_generation_change", begun.pk)
        else:
            raise PermissionDenied
    except DomainError as error:
        messages.error(request, str(error.message))
    return redirect("calls:upload", upload_id=upload.pk)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@needs(Action.MANAGE_ORGANIZATION)
def rules_page(request: HttpRequest) -> HttpResponse:
    """What becomes of uploads here. POST adds a rule."""
    form = RuleForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            rules.add(values=form.cleaned_data, actor=person(request))
            return redirect("calls:upload-rules")
        except InvalidInput as error:
            form.add_error(None, str(error.message))
    context = {"form": form, "rules": UploadRule.objects.select_related("team")}
    return render(request, "calls/uploads/rules.html", context)


@require_POST
@needs(Action.MANAGE_ORGANIZATION)
def rule(request: HttpRequest, rule_id: UUID) -> HttpResponse:
    """`do`: up or delete."""
    found = get_object_or_404(UploadRule, pk=rule_id)
    if request.POST.get("do") == "up":
        rules.move_up(rule=found, actor=person(request))
    elif request.POST.get("do") == "delete":
        rules.remove(rule=found, actor=person(request))
    return redirect("calls:upload-rules")
